"""The one clock: every instant that the service writes comes from here."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of all dates and times of day that people see; instants are stored in UTC."""

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return this instant, in UTC, to the microsecond."""
    return datetime.now(UTC)


def day_of(instant: datetime) -> date:
    """Return the day in China on which an instant falls."""
    return instant.astimezone(ZONE).date()


def today() -> date:
    """Return today's date in China."""
    return day_of(now())
