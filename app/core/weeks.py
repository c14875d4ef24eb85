"""ISO weeks and months: Monday first, half-open, each day in exactly one of each."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_ISO_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")

FIRST_YEAR = 2000
LAST_YEAR = 2199


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """One ISO week, written ``2026-W48``."""

    monday: date

    def __post_init__(self) -> None:
        if self.monday.weekday() != 0:
            raise ValueError(f"a week begins on a Monday, not on {self.monday}")

    @classmethod
    def parse(cls, text: str) -> "Week":
        """Read ``2026-W48``.

        Raises
        ------
        ValueError
            If it is no ISO week of the years 2000 to 2199.
        """
        match = _ISO_WEEK.fullmatch(text)
        if match is None:
            raise ValueError(f"expected an ISO week such as 2026-W48, not {text!r}")
        year, number = int(match[1]), int(match[2])
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError(f"expected a year from {FIRST_YEAR} to {LAST_YEAR}, not {year}")
        try:
            return cls(date.fromisocalendar(year, number, 1))
        except ValueError:
            raise ValueError(f"expected a week that the year has, and {year} has no week {number}") from None

    @classmethod
    def of(cls, day: date) -> "Week":
        """Return the week that holds a day."""
        return cls(day - timedelta(days=day.weekday()))

    @property
    def days(self) -> tuple[date, ...]:
        """Monday to Sunday."""
        return tuple(self.monday + timedelta(days=n) for n in range(7))

    @property
    def end(self) -> date:
        """The Monday after (half-open)."""
        return self.monday + timedelta(days=7)

    def next(self) -> "Week":
        """Return the week after."""
        return Week(self.end)

    def __str__(self) -> str:
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02d}"


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One calendar month, written ``2026-11``."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read ``2026-11``.

        Raises
        ------
        ValueError
            If it is no month of the years 2000 to 2199.
        """
        match = _MONTH.fullmatch(text)
        if match is None or not 1 <= int(match[2]) <= 12 or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
            raise ValueError(f"expected a month such as 2026-11, not {text!r}")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> "Month":
        """Return the month that holds a day."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def end(self) -> date:
        """The first day of the month after (half-open)."""
        return self.last + timedelta(days=1)

    def next(self) -> "Month":
        """Return the month after."""
        return Month.of(self.end)

    def previous(self) -> "Month":
        """Return the month before."""
        return Month.of(self.first - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
