"""When and how much a caregiver can work: both sides of every boundary."""

from datetime import date, timedelta

import pytest

from app.caregivers.limits import weekly_limit
from app.core.weeks import Week
from app.schedules.rows import CaregiverRow, LeaveRow
from app.schedules.shifts import last_valid_days, shifts, without_leave
from solver.problem import Shift

WEEK = Week(date(2026, 11, 23))
MONDAY, TUESDAY = WEEK.days[0], WEEK.days[1]


def caregiver(
    hours: dict[int, tuple[int, int]] | None = None,
    leaves: tuple[LeaveRow, ...] = (),
    hired_on: date = date(2020, 1, 1),
    ended_on: date | None = None,
    certificates: tuple[tuple[str, date, date], ...] = (),
) -> CaregiverRow:
    return CaregiverRow(
        id=1,
        town_id=1,
        base=(29.3, 120.07),
        base_of_centre=None,
        gender="female",
        dialects=(),
        mode="ebike",
        contract_minutes=2400,
        overtime_allowed=False,
        hired_on=hired_on,
        ended_on=ended_on,
        hours=hours or {0: (450, 1080), 1: (450, 1080)},
        certificates=certificates,
        leaves=leaves,
    )


@pytest.mark.parametrize(
    ("contract", "overtime", "expected"),
    [
        (2399, False, 2399),
        (2400, False, 2400),
        (2401, False, 2400),
        (2400, True, 2640),
        (1200, False, 1200),
        (1200, True, 1440),
    ],
)
def test_the_weekly_limit(contract: int, overtime: bool, expected: int) -> None:
    assert weekly_limit(contract, overtime) == expected


@pytest.mark.parametrize(
    ("leave", "left"),
    [
        ((0, 450), (450, 1080)),
        ((0, 451), (451, 1080)),
        ((450, 720), (720, 1080)),
        ((720, 1080), (450, 720)),
        ((600, 700), (700, 1080)),
        ((700, 900), (450, 700)),
        ((630, 900), (450, 630)),  # both parts are 180 minutes: the earlier
        ((450, 1080), None),
        ((0, 1440), None),
    ],
)
def test_leave_of_some_minutes_keeps_the_longer_part(leave: tuple[int, int], left: tuple[int, int] | None) -> None:
    assert without_leave((450, 1080), [LeaveRow(MONDAY, MONDAY, *leave)]) == left


def test_a_day_of_leave_leaves_nothing() -> None:
    assert without_leave((450, 1080), [LeaveRow(MONDAY, MONDAY, None, None)]) is None


def test_leave_counts_on_its_first_and_its_last_day_only() -> None:
    away = caregiver(leaves=(LeaveRow(MONDAY, MONDAY, None, None),))
    assert shifts(away, WEEK, frozenset()) == (Shift(1, 450, 1080),)
    before = caregiver(leaves=(LeaveRow(MONDAY - timedelta(days=3), MONDAY - timedelta(days=1), None, None),))
    assert len(shifts(before, WEEK, frozenset())) == 2


def test_nobody_works_before_the_first_day_or_from_the_last() -> None:
    assert [each.day for each in shifts(caregiver(hired_on=TUESDAY), WEEK, frozenset())] == [1]
    assert [each.day for each in shifts(caregiver(ended_on=TUESDAY), WEEK, frozenset())] == [0]
    assert shifts(caregiver(ended_on=MONDAY), WEEK, frozenset()) == ()


def test_nobody_works_on_a_closed_day() -> None:
    assert [each.day for each in shifts(caregiver(), WEEK, frozenset({0}))] == [1]


@pytest.mark.parametrize(
    ("issued", "expires", "last"),
    [
        (date(2020, 1, 1), MONDAY - timedelta(days=1), None),
        (date(2020, 1, 1), MONDAY, 0),
        (date(2020, 1, 1), WEEK.days[5], 5),
        (date(2020, 1, 1), WEEK.days[6], 6),
        (date(2020, 1, 1), date(2030, 1, 1), 6),
        (MONDAY, date(2030, 1, 1), 6),
        (TUESDAY, date(2030, 1, 1), None),
    ],
)
def test_the_last_valid_day_of_a_certificate(issued: date, expires: date, last: int | None) -> None:
    found = last_valid_days(caregiver(certificates=(("care", issued, expires),)), WEEK)
    assert found == ({} if last is None else {"care": last})
