"""What is read of the roster to plan one week: ids, numbers and codes; no name, phone number or address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.core.weeks import Week
from app.entitlements.demand import ElderDemand

Degrees = tuple[float, float]  # latitude, longitude, WGS-84


@dataclass(frozen=True, slots=True, kw_only=True)
class ElderRow:
    """An elder who is due something this week, with the care plan that holds."""

    id: int
    town_id: int
    centre_id: int | None
    home: Degrees
    dialects: tuple[str, ...]
    hands: int
    min_days_between: int
    max_carers: int | None
    required_gender: str | None
    wished_gender: str | None
    items: tuple[str, ...]
    extra_skills: tuple[str, ...]
    windows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class LeaveRow:
    """Days on which a caregiver does not work, or minutes of each of these days; days inclusive."""

    first_on: date
    last_on: date
    starts: int | None
    ends: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaregiverRow:
    """A caregiver with what binds her this week."""

    id: int
    town_id: int
    base: Degrees  # her own, else her centre's
    base_of_centre: int | None  # the centre, if it is the base
    gender: str
    dialects: tuple[str, ...]
    mode: str
    contract_minutes: int
    overtime_allowed: bool
    hired_on: date
    ended_on: date | None
    hours: Mapping[int, tuple[int, int]]  # weekday -> minutes of the day
    certificates: tuple[tuple[str, date, date], ...]  # skill, issued, last day
    leaves: tuple[LeaveRow, ...]


@dataclass(frozen=True, slots=True)
class PairRow:
    """One elder and one caregiver, ``usual`` or ``blocked``."""

    elder_id: int
    caregiver_id: int
    kind: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """Where a visit stands in a stored version of the week (``day is None``: unallocated)."""

    id: int
    key: str
    elder_id: int
    town_id: int
    day: date | None
    start_minute: int | None
    minutes: int
    hands: int
    pinned: bool
    caregivers: tuple[int, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekRows:
    """All that one problem is made of."""

    week: Week
    demands: tuple[ElderDemand, ...]
    elders: tuple[ElderRow, ...]  # those with a demand
    caregivers: tuple[CaregiverRow, ...]
    pairs: tuple[PairRow, ...]
    published: tuple[VisitRow, ...] = ()  # what holds in these towns now
    elsewhere: tuple[VisitRow, ...] = ()  # what holds in other towns and is made by these caregivers
    homes: Mapping[int, Degrees] = field(default_factory=dict)  # of the elders visited elsewhere
    pins: tuple[VisitRow, ...] = ()  # pinned in the version that is re-planned
    started: frozenset[str] = frozenset()  # keys of published visits whose caregiver has checked in
    closed_days: frozenset[int] = frozenset()  # days of the week on which caregivers do not work
    policy: Mapping[str, float] = field(default_factory=dict)
