"""The question: whom to visit in one week, who can go, and what may not be broken.

Everything here is an identifier, a number or a set of them: no names, no clock, no dates. Days are
counted from 0 (Monday) to 6 (Sunday); times are whole minutes of a day from midnight; intervals are
half-open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from numpy.typing import NDArray
import numpy as np

Minutes: TypeAlias = int
Metres: TypeAlias = int
Day: TypeAlias = int

DAYS_IN_WEEK = 7
MINUTES_IN_DAY = 1440


@dataclass(frozen=True, slots=True)
class Place:
    """A point on a plane, in metres east and north of an origin that the caller chose."""

    id: str
    east_metres: Metres
    north_metres: Metres


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to travel: minutes = access + ceil(detour × straight metres / speed); 0 within a place."""

    id: str
    metres_per_minute: float
    detour: float = 1.3
    access_minutes: Minutes = 0


@dataclass(frozen=True, slots=True)
class Shift:
    """The hours of one day within which a caregiver leaves her base and is back again."""

    day: Day
    starts: Minutes
    ends: Minutes


@dataclass(frozen=True, slots=True)
class Window:
    """The minutes of one day in which a visit may start: ``opens <= start < closes``."""

    day: Day
    opens: Minutes
    closes: Minutes


@dataclass(frozen=True, slots=True)
class MinutesCap:
    """At most ``minutes`` of care on the days ``first_day <= day <= last_day`` (rule *hours*)."""

    first_day: Day
    last_day: Day
    minutes: Minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Caregiver:
    """Who can go: at most one shift a day; limits count care and travel, not waiting or meals."""

    id: str
    base: str  # a place
    town: str
    mode: str
    shifts: tuple[Shift, ...]
    weekly_limit_minutes: Minutes
    contract_minutes: Minutes
    daily_limit_minutes: Minutes = 480
    max_days: int = 6
    # skill -> the last day of this week on which its certificate is valid (6 = the whole week)
    skills: Mapping[str, Day] = field(default_factory=dict)
    gender: str | None = None
    dialects: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit that an elder needs this week."""

    id: str
    minutes: Minutes
    windows: tuple[Window, ...]
    wished: tuple[Window, ...] = ()  # empty: no wish
    skills: frozenset[str] = frozenset()
    hands: int = 1  # 2: double-handed, both caregivers for the whole visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What one elder needs this week, and what binds her visits together."""

    id: str
    place: str
    town: str
    visits: tuple[Visit, ...]
    # each pattern gives the day of each visit, in the order of ``visits``; empty: any days
    day_patterns: tuple[tuple[Day, ...], ...] = ()
    min_days_between: int = 1  # 0: same day allowed; 1: different days; 2: a day off in between
    occupied_days: tuple[Day, ...] = ()  # her visits outside this week (< 0 or > 6), for the spacing
    eligible_days: frozenset[Day] = frozenset(range(DAYS_IN_WEEK))
    caps: tuple[MinutesCap, ...] = ()
    required_gender: str | None = None
    wished_gender: str | None = None
    dialects: frozenset[str] = frozenset()  # wished: any one of them; empty: no wish
    blocked: frozenset[str] = frozenset()  # caregivers
    usual: Mapping[str, float] = field(default_factory=dict)  # caregiver -> weight in (0, 1]
    max_carers: int | None = None
    minutes_behind: Minutes = 0  # in the month, before this week
    short_before: bool = False  # ended last month short: must not be short twice running


@dataclass(frozen=True, slots=True)
class Pin:
    """A visit that may not be moved; ``day is None``: it is to be left unallocated."""

    visit: str
    day: Day | None
    start: Minutes | None
    caregivers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Where a visit stands in the published schedule that the plan should stay close to."""

    visit: str
    day: Day
    start: Minutes
    caregivers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What each soft goal costs, in points; one minute of travel is the unit (design.md, 3)."""

    unserved_hour: float = 1000.0
    behind_factor: float = 0.5  # x (1 + factor × share of a 4-h grant behind, at most 2)
    short_before_factor: float = 1.0
    changed_visit: float = 60.0
    not_usual: float = 20.0
    outside_wished_time: float = 10.0
    not_wished_gender: float = 5.0
    not_wished_dialect: float = 4.0
    travel_minute: float = 1.0
    load_from: float = 0.7  # of the weekly limit
    load_minute: float = 0.25
    overload_from: float = 0.9
    overload_minute: float = 0.25  # in addition
    lent_visit: float = 3.0
    meal_minutes: Minutes = 30
    meal_opens: Minutes = 11 * 60
    meal_closes: Minutes = 13 * 60 + 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One week to be planned; valid by construction.

    Raises
    ------
    InvalidProblem
        Naming the field and the value: an unknown reference, a duplicate id, a negative length.
    """

    places: tuple[Place, ...]
    modes: tuple[Mode, ...]
    caregivers: tuple[Caregiver, ...]
    needs: tuple[Need, ...]
    pins: tuple[Pin, ...] = ()
    published: tuple[Published, ...] = ()
    policy: Policy = Policy()
    # mode -> travel[p, q], (n_places, n_places), minutes, not symmetric; instead of the mode's formula
    travel: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)
