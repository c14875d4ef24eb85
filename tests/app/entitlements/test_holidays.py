"""Closed days: the calendar, fixed dates beyond it, and special days above both."""

from datetime import date

import pytest

from app.entitlements.holidays import OpenDays, calendar_known, closed_days, holiday, years_without_calendar


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 9, 30), False),
        (date(2026, 10, 1), True),
        (date(2026, 10, 5), True),
        (date(2026, 10, 6), False),  # off only in lieu of a worked weekend
        (date(2026, 10, 10), False),  # a worked Saturday
        (date(2026, 11, 22), False),  # a plain Sunday
        (date(2026, 2, 17), True),  # Spring Festival
    ],
)
def test_the_announced_calendar(day: date, expected: bool) -> None:
    assert holiday(day) is expected


def test_beyond_the_announced_calendar_only_fixed_dates_are_closed() -> None:
    assert calendar_known(2026)
    assert not calendar_known(2199)
    assert years_without_calendar([2199, 2026, 2003]) == (2003, 2199)
    assert closed_days(date(2199, 1, 1), date(2200, 1, 1), {}) == {
        date(2199, 1, 1),
        date(2199, 5, 1),
        date(2199, 10, 1),
        date(2199, 10, 2),
        date(2199, 10, 3),
    }


def test_a_special_day_stands_above_the_calendar() -> None:
    days = OpenDays({date(2026, 10, 1): "open", date(2026, 11, 23): "closed", date(2199, 2, 1): "closed"})
    assert not days.closed(date(2026, 10, 1))
    assert days.closed(date(2026, 11, 23))
    assert days.closed(date(2199, 2, 1))
    assert days.closed(date(2026, 10, 2))
