"""The visits that one ISO week owes each elder, so that every month ends with exactly her allowance."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.core.weeks import Week
from app.entitlements.allowance import EntitlementPolicy


@dataclass(frozen=True, slots=True)
class DemandVisit:
    """One visit due this week; ``key`` is ``<elder>-<week>-<n>``, the same each time the week is asked for."""

    key: str
    minutes: int
    days: frozenset[date]  # she may be visited on these, and the visit belongs to their month


@dataclass(frozen=True, slots=True)
class DoneVisit:
    """A visit of this week that is settled: recorded, or planned on a day that is gone; not due again."""

    key: str
    day: date
    minutes: int
    state: str  # delivered, missed, excused; planned: its day is gone and nobody recorded it


@dataclass(frozen=True, slots=True)
class MonthCap:
    """At most ``minutes`` of visits still due may lie on the days from first to last, both inclusive."""

    first_day: date
    last_day: date
    minutes: int  # what was done this week is already taken off


@dataclass(frozen=True, slots=True)
class ElderDemand:
    """What one elder is due in one week."""

    elder_id: int
    town_id: int
    centre_id: int | None
    visits: tuple[DemandVisit, ...]
    eligible_days: frozenset[date]  # at home, entitled, open, in her windows, far enough from what was done
    caps: tuple[MonthCap, ...]  # one for each month that the week touches
    occupied_days: tuple[date, ...]  # of her visits at most 7 days before or after the week
    minutes_behind: int
    short_before: bool  # the month before ended short
    done: tuple[DoneVisit, ...] = ()


def week_demand(
    session: Session,
    week: Week,
    town_ids: Collection[int] | None = None,
    *,
    policy: EntitlementPolicy | None = None,
    capacity: Mapping[Week, float] | None = None,
    today: date | None = None,
) -> tuple[ElderDemand, ...]:
    """Return what every elder (of some towns) is due in a week, in order of elder id.

    Parameters
    ----------
    capacity
        Minutes that the caregivers can give in each week; weeks left out are taken as average. None: as
        many each open day.
    today
        Days before it take no more visits. None: the whole week may be used.
    """
    raise NotImplementedError
