"""The question: whom to visit in one week, who can go, and what may not be broken.

Everything here is an identifier, a number or a set of them: no names, no clock, no dates. Days are
counted from 0 (Monday) to 6 (Sunday); times are whole minutes of a day from midnight; intervals are
half-open.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from solver.invalid import InvalidProblem, check_id, check_number, check_whole

__all__ = [
    "DAYS_IN_WEEK",
    "MINUTES_IN_DAY",
    "Caregiver",
    "Day",
    "InvalidProblem",
    "Metres",
    "Minutes",
    "MinutesCap",
    "Mode",
    "Need",
    "Pin",
    "Place",
    "Policy",
    "Problem",
    "Published",
    "Shift",
    "Visit",
    "Window",
]

Minutes: TypeAlias = int
Metres: TypeAlias = int
Day: TypeAlias = int

DAYS_IN_WEEK = 7
MINUTES_IN_DAY = 1440

_LAST_DAY = DAYS_IN_WEEK - 1
_MINUTES_IN_WEEK = DAYS_IN_WEEK * MINUTES_IN_DAY
# So far from the origin, squared distances are still exact in a float and no trip overflows 32 bits.
_FARTHEST_METRES = 10_000_000
_MOST_POINTS = 1e9


@dataclass(frozen=True, slots=True)
class Place:
    """A point on a plane, in metres east and north of an origin that the caller chose."""

    id: str
    east_metres: Metres
    north_metres: Metres

    def __post_init__(self) -> None:
        check_id("id", self.id)
        check_whole("east_metres", self.east_metres, -_FARTHEST_METRES, _FARTHEST_METRES)
        check_whole("north_metres", self.north_metres, -_FARTHEST_METRES, _FARTHEST_METRES)


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to travel: minutes = access + ceil(detour × straight metres / speed); 0 within a place."""

    id: str
    metres_per_minute: float
    detour: float = 1.3
    access_minutes: Minutes = 0

    def __post_init__(self) -> None:
        check_id("id", self.id)
        check_number("metres_per_minute", self.metres_per_minute, 1, 1e6)
        check_number("detour", self.detour, 1, 10)
        check_whole("access_minutes", self.access_minutes, 0, MINUTES_IN_DAY)


@dataclass(frozen=True, slots=True)
class Shift:
    """The hours of one day within which a caregiver leaves her base and is back again."""

    day: Day
    starts: Minutes
    ends: Minutes

    def __post_init__(self) -> None:
        _check_interval(self.day, ("starts", self.starts), ("ends", self.ends))


@dataclass(frozen=True, slots=True)
class Window:
    """The minutes of one day in which a visit may start: ``opens <= start < closes``."""

    day: Day
    opens: Minutes
    closes: Minutes

    def __post_init__(self) -> None:
        _check_interval(self.day, ("opens", self.opens), ("closes", self.closes))


@dataclass(frozen=True, slots=True)
class MinutesCap:
    """At most ``minutes`` of care on the days ``first_day <= day <= last_day`` (rule *hours*)."""

    first_day: Day
    last_day: Day
    minutes: Minutes

    def __post_init__(self) -> None:
        check_whole("first_day", self.first_day, 0, _LAST_DAY)
        check_whole("last_day", self.last_day, self.first_day, _LAST_DAY)
        check_whole("minutes", self.minutes, 0, _MINUTES_IN_WEEK)


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
    # skill -> the last day of this week on which its certificate is valid (6: the whole week, -1: no day)
    skills: Mapping[str, Day] = field(default_factory=dict)
    gender: str | None = None
    dialects: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name in ("id", "base", "town", "mode"):
            check_id(name, getattr(self, name))
        check_whole("weekly_limit_minutes", self.weekly_limit_minutes, 0, _MINUTES_IN_WEEK)
        check_whole("contract_minutes", self.contract_minutes, 0, _MINUTES_IN_WEEK)
        check_whole("daily_limit_minutes", self.daily_limit_minutes, 0, MINUTES_IN_DAY)
        check_whole("max_days", self.max_days, 0, DAYS_IN_WEEK)
        days = [shift.day for shift in self.shifts]
        _check_different("shifts", days, "at most one shift a day")
        for skill, last_day in self.skills.items():
            check_id("skills", skill)
            check_whole(f"skills.{skill}", last_day, -1, _LAST_DAY)
        _check_words(self, "gender", "dialects")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit that an elder needs this week."""

    id: str
    minutes: Minutes
    windows: tuple[Window, ...]
    wished: tuple[Window, ...] = ()  # empty: no wish
    skills: frozenset[str] = frozenset()
    hands: int = 1  # 2: double-handed, both caregivers for the whole visit

    def __post_init__(self) -> None:
        check_id("id", self.id)
        check_whole("minutes", self.minutes, 1, MINUTES_IN_DAY)
        check_whole("hands", self.hands, 1, 2)
        _check_words(self, "skills")


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

    def __post_init__(self) -> None:
        for name in ("id", "place", "town"):
            check_id(name, getattr(self, name))
        self._check_days()
        _check_words(self, "required_gender", "wished_gender", "dialects", "blocked")
        for caregiver, weight in self.usual.items():
            check_number(f"usual.{caregiver}", weight, 0, 1)
            if weight == 0:
                raise InvalidProblem(f"usual.{caregiver}", weight, "a number above 0 and at most 1")
        if self.max_carers is not None:
            check_whole("max_carers", self.max_carers, 1, 1000)
        check_whole("minutes_behind", self.minutes_behind, 0, 1_000_000)
        if type(self.short_before) is not bool:
            raise InvalidProblem("short_before", self.short_before, "true or false")

    def _check_days(self) -> None:
        for i, pattern in enumerate(self.day_patterns):
            if len(pattern) != len(self.visits):
                raise InvalidProblem(f"day_patterns[{i}]", pattern, f"{len(self.visits)} days, one for each visit")
            for day in pattern:
                check_whole(f"day_patterns[{i}]", day, 0, _LAST_DAY)
        check_whole("min_days_between", self.min_days_between, 0, 31)
        for i, day in enumerate(self.occupied_days):
            check_whole(f"occupied_days[{i}]", day, -366, 372)
            if 0 <= day <= _LAST_DAY:
                raise InvalidProblem(f"occupied_days[{i}]", day, "a day outside this week")
        for day in self.eligible_days:
            check_whole("eligible_days", day, 0, _LAST_DAY)


@dataclass(frozen=True, slots=True)
class Pin:
    """A visit that may not be moved; ``day is None``: it is to be left unallocated."""

    visit: str
    day: Day | None
    start: Minutes | None
    caregivers: tuple[str, ...]

    def __post_init__(self) -> None:
        check_id("visit", self.visit)
        if self.day is None:
            if self.start is not None:
                raise InvalidProblem("start", self.start, "no start, since the visit is to be left unallocated")
            if self.caregivers:
                raise InvalidProblem("caregivers", self.caregivers, "nobody, since the visit is to be left unallocated")
            return
        check_whole("day", self.day, 0, _LAST_DAY)
        check_whole("start", self.start, 0, MINUTES_IN_DAY - 1)
        # Not held to the visit's hands here: a care plan may change under a pin, which the judge then tells.
        if not 1 <= len(self.caregivers) <= 2:
            raise InvalidProblem("caregivers", self.caregivers, "one or two caregivers")
        _check_different("caregivers", self.caregivers, "different caregivers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Where a visit stands in the published schedule that the plan should stay close to."""

    visit: str
    day: Day
    start: Minutes
    caregivers: tuple[str, ...]  # those who have left are left out; nobody left: the visit must change

    def __post_init__(self) -> None:
        check_id("visit", self.visit)
        check_whole("day", self.day, 0, _LAST_DAY)
        check_whole("start", self.start, 0, MINUTES_IN_DAY - 1)
        _check_different("caregivers", self.caregivers, "different caregivers")


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
    load_from: float = 0.7  # of the contract minutes
    load_minute: float = 0.25
    overload_from: float = 0.9
    overload_minute: float = 0.25  # in addition
    lent_visit: float = 3.0
    meal_minutes: Minutes = 30  # 0: no meal break is asked for
    meal_opens: Minutes = 11 * 60
    meal_closes: Minutes = 13 * 60 + 30

    def __post_init__(self) -> None:
        for weight in fields(self):
            if not weight.name.startswith("meal_"):
                check_number(weight.name, getattr(self, weight.name), 0, _MOST_POINTS)
        check_whole("meal_opens", self.meal_opens, 0, MINUTES_IN_DAY)
        check_whole("meal_closes", self.meal_closes, self.meal_opens, MINUTES_IN_DAY)
        check_whole("meal_minutes", self.meal_minutes, 0, self.meal_closes - self.meal_opens)


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
    # mode -> travel[p, q], (n_places, n_places), minutes, not symmetric, 0 where p == q; in the order of
    # ``places``; instead of the mode's formula
    travel: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        place_ids = _check_ids("places", [place.id for place in self.places])
        mode_ids = _check_ids("modes", [mode.id for mode in self.modes])
        caregiver_ids = _check_ids("caregivers", [caregiver.id for caregiver in self.caregivers])
        _check_ids("needs", [need.id for need in self.needs])
        self._check_caregivers(place_ids, mode_ids)
        self._check_needs(place_ids, caregiver_ids)
        visit_ids = self._check_visits()
        _check_stands("pins", self.pins, visit_ids, caregiver_ids)
        _check_stands("published", self.published, visit_ids, caregiver_ids)
        self._check_travel(mode_ids)

    def _check_caregivers(self, place_ids: set[str], mode_ids: set[str]) -> None:
        for i, caregiver in enumerate(self.caregivers):
            if caregiver.base not in place_ids:
                raise InvalidProblem(f"caregivers[{i}].base", caregiver.base, "the id of a place")
            if caregiver.mode not in mode_ids:
                raise InvalidProblem(f"caregivers[{i}].mode", caregiver.mode, "the id of a mode")

    def _check_needs(self, place_ids: set[str], caregiver_ids: set[str]) -> None:
        for i, need in enumerate(self.needs):
            if need.place not in place_ids:
                raise InvalidProblem(f"needs[{i}].place", need.place, "the id of a place")
            for name, named in (("usual", need.usual), ("blocked", need.blocked)):
                _check_known(f"needs[{i}].{name}", named, caregiver_ids, "ids of caregivers")

    def _check_visits(self) -> set[str]:
        seen: set[str] = set()
        for i, need in enumerate(self.needs):
            for j, visit in enumerate(need.visits):
                if visit.id in seen:
                    raise InvalidProblem(f"needs[{i}].visits[{j}].id", visit.id, "an id of its own")
                seen.add(visit.id)
        return seen

    def _check_travel(self, mode_ids: set[str]) -> None:
        shape = (len(self.places), len(self.places))
        for mode, matrix in self.travel.items():
            where = f"travel.{mode}"
            if mode not in mode_ids:
                raise InvalidProblem(where, mode, "the id of a mode")
            if matrix.shape != shape:
                raise InvalidProblem(where, matrix.shape, f"the shape {shape}")
            if matrix.dtype.kind not in "iu":
                raise InvalidProblem(where, str(matrix.dtype), "whole minutes")
            if matrix.size == 0:
                continue
            for extreme in (int(matrix.min()), int(matrix.max())):
                check_whole(where, extreme, 0, 1_000_000)
            if matrix.diagonal().any():
                raise InvalidProblem(where, int(matrix.diagonal().max()), "0 from each place to itself")


def _check_interval(day: Day, begins: tuple[str, Minutes], ends: tuple[str, Minutes]) -> None:
    check_whole("day", day, 0, _LAST_DAY)
    check_whole(*begins, 0, MINUTES_IN_DAY - 1)
    check_whole(*ends, begins[1] + 1, MINUTES_IN_DAY)


def _check_different(where: str, values: Sequence[object], expected: str) -> None:
    if len(set(values)) != len(values):
        raise InvalidProblem(where, values, expected)


def _check_words(thing: object, *names: str) -> None:
    """Check texts: one or none of them under a name, or a set of them."""
    for name in names:
        value = getattr(thing, name)
        for word in value if isinstance(value, frozenset) else () if value is None else (value,):
            check_id(name, word)


def _check_ids(where: str, ids: Sequence[str]) -> set[str]:
    """Return the ids as a set, or name the first that stands there twice."""
    seen: set[str] = set()
    for i, each in enumerate(ids):
        if each in seen:
            raise InvalidProblem(f"{where}[{i}].id", each, "an id of its own")
        seen.add(each)
    return seen


def _check_known(where: str, named: Collection[str], known: set[str], expected: str) -> None:
    if not known.issuperset(named):
        raise InvalidProblem(where, next(each for each in named if each not in known), expected)


def _check_stands(where: str, stands: Sequence[Pin | Published], visit_ids: set[str], caregiver_ids: set[str]) -> None:
    """Check that pins or published visits name visits, each at most once, and caregivers."""
    seen: set[str] = set()
    for i, stand in enumerate(stands):
        if stand.visit not in visit_ids:
            raise InvalidProblem(f"{where}[{i}].visit", stand.visit, "the id of a visit")
        if stand.visit in seen:
            raise InvalidProblem(f"{where}[{i}].visit", stand.visit, "each visit at most once")
        seen.add(stand.visit)
        _check_known(f"{where}[{i}].caregivers", stand.caregivers, caregiver_ids, "ids of caregivers")
