"""Which days are closed: public holidays of the calendar, unless a special day says otherwise.

Home care runs every day of the week, so the calendar's days off that are only in lieu of a worked weekend
are ordinary days; what stays closed are the days of the holidays themselves.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import chinese_calendar
from chinese_calendar import constants

# The State Council's regulation on public holidays: these dates are off in every year.
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)})

_KNOWN_YEARS = frozenset(day.year for day in constants.holidays)


def calendar_known(year: int) -> bool:
    """Say whether the announced calendar of a year is known; if not, only the fixed dates are."""
    return year in _KNOWN_YEARS


def holiday(day: date) -> bool:
    """Say whether a day is a public holiday."""
    if not calendar_known(day.year):
        return (day.month, day.day) in FIXED_HOLIDAYS
    off, name = chinese_calendar.get_holiday_detail(day)
    return bool(off and name is not None and not chinese_calendar.is_in_lieu(day))


@dataclass(frozen=True, slots=True)
class OpenDays:
    """The special days of a span, by day: ``open`` or ``closed``; all other days are as the calendar says."""

    special: Mapping[date, str] = field(default_factory=dict)

    def closed(self, day: date) -> bool:
        """Say whether no visits are made on a day, except to those who have them on holidays too."""
        kind = self.special.get(day)
        return holiday(day) if kind is None else kind == "closed"


def closed_days(first: date, end: date, special: Mapping[date, str]) -> frozenset[date]:
    """Return the closed days of a half-open span."""
    open_days = OpenDays(special)
    span = (first + timedelta(days=n) for n in range((end - first).days))
    return frozenset(day for day in span if open_days.closed(day))


def years_without_calendar(years: Collection[int]) -> tuple[int, ...]:
    """Return the years, sorted, of which only fixed holidays and special days are known."""
    return tuple(sorted(year for year in set(years) if not calendar_known(year)))
