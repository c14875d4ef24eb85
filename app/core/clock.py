"""The one clock: every instant that the service writes comes from here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of all dates and times of day that people see; instants are stored in UTC."""

Clock = Callable[[], datetime]

_held: datetime | None = None


def now() -> datetime:
    """Return this instant, in UTC, to the microsecond."""
    return datetime.now(UTC) if _held is None else _held


def day_of(instant: datetime) -> date:
    """Return the day in China on which an instant falls."""
    return instant.astimezone(ZONE).date()


def today() -> date:
    """Return today's date in China."""
    return day_of(now())


@contextmanager
def fixed(instant: datetime) -> Iterator[None]:
    """Let the clock of this whole process stand at an instant; only for the simulation and for tests.

    Raises
    ------
    ValueError
        If the instant has no zone.
    """
    global _held
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    before, _held = _held, instant.astimezone(UTC)
    try:
        yield
    finally:
        _held = before
