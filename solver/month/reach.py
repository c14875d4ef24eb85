"""Who cannot reach her hours any more, whatever the plan: counted for each elder, then a flow for all of them.

First each elder by herself: do her days hold the visits; do those days on which somebody who may visit her is at
work? Then together, as a maximum flow in minutes:

    source → elder → her week → (kind of care, day) → (kind of caregivers, day) → (kind of caregivers, week) → sink

A visit may be cut into minutes, travel takes none, and alike caregivers share their limits: whatever plan there is
is a flow, so what the flow leaves is beyond any plan, and a minimum cut says why (``Bottleneck``, which ``proof``
counts again person by person). With ``care_share`` below 1 the caregivers' minutes are what is usually left after
travel: then it is an expectation, and no proof.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from ortools.graph.python import max_flow, min_cost_flow

from solver.month.promise import (
    DAYS_IN_WEEK,
    Bottleneck,
    Carer,
    Obstacle,
    Promise,
    Reach,
    Shortfall,
    possible_minutes,
)
from solver.problem import Minutes

_PLENTY = 1 << 40  # a capacity that nothing fills

_Kind = tuple[frozenset[str], str | None]
"""Skills and required gender: elders of a kind may be visited by the same caregivers, but for blocked pairs."""

_Alike = tuple[int, str, tuple[tuple[str, int], ...]]
"""Week, gender, skill -> last day in this week: caregivers who are alike in a week."""

_WINDOW_OF_ANY_TIME = ((0, 24 * 60),)


def reach(
    promises: Sequence[Promise],
    carers: Sequence[Carer],
    *,
    care_share: float = 1.0,
    counted: "Counted | None" = None,
) -> Reach:
    """Return the minutes that no plan can give, with a reason and a proof for each.

    Parameters
    ----------
    care_share
        Of a caregiver's minutes, how many are left for care; 1 makes the answer a proof.
    counted
        What ``count`` found of the same promises and carers, if it is known already.

    Raises
    ------
    ValueError
        If an id is there twice, or ``care_share`` is not within 0 and 1.
    """
    if not 0 <= care_share <= 1:
        raise ValueError(f"care_share: expected 0 to 1, not {care_share}")
    counted = counted or count(promises, carers)
    together = _Flow(counted.left, carers, care_share)
    if together.missing:
        bottlenecks = together.bottlenecks()
        shortfalls = [*counted.shortfalls, *together.shortfalls(bottlenecks)]
        return Reach(tuple(sorted(shortfalls, key=lambda each: each.promise)), bottlenecks)
    return Reach(counted.shortfalls)


def count(promises: Sequence[Promise], carers: Sequence[Carer]) -> "Counted":
    """Count each elder by herself: what her days can't hold, and what nobody at work on them can give.

    Raises
    ------
    ValueError
        If an id is there twice.
    """
    for what, ids in (("promise", [each.id for each in promises]), ("carer", [each.id for each in carers])):
        if len(set(ids)) < len(ids):
            raise ValueError(f"{what}: expected different ids")
    able = _Able(carers)
    shortfalls: list[Shortfall] = []
    left: list[_Left] = []
    for promise in sorted(promises, key=lambda promise: promise.id):
        staffed = able.days_of(promise)
        own = possible_minutes(promise, promise.days)
        served = own if staffed == promise.days else possible_minutes(promise, staffed)
        for minutes, obstacle in ((promise.minutes - own, Obstacle.OWN_DAYS), (own - served, Obstacle.NO_CAREGIVER)):
            if minutes:
                shortfalls.append(Shortfall(promise.id, minutes, obstacle))
        if served:
            left.append(_Left(promise, staffed, served))
    return Counted(tuple(shortfalls), tuple(left))


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of a promise after counting her own days."""

    promise: Promise
    days: tuple[int, ...]
    minutes: Minutes

    @property
    def kind(self) -> _Kind:
        return self.promise.skills, self.promise.gender


@dataclass(frozen=True, slots=True)
class Counted:
    """What was found of each elder by herself."""

    shortfalls: tuple[Shortfall, ...]
    left: tuple[_Left, ...]

    def without(self, given_up: Iterable[Shortfall]) -> "Counted":
        """Return what is left of the promises when these minutes of a competition are given up."""
        gone = {each.promise: each.minutes for each in given_up if each.obstacle is Obstacle.COMPETITION}
        left = (replace(each, minutes=each.minutes - gone.get(each.promise.id, 0)) for each in self.left)
        return Counted(self.shortfalls, tuple(each for each in left if each.minutes > 0))


class _Able:
    """On which of her days an elder has as many caregivers at work as she needs hands."""

    def __init__(self, carers: Iterable[Carer]) -> None:
        self._at_work: defaultdict[int, list[Carer]] = defaultdict(list)
        for carer in carers:
            for day in carer.shifts:
                self._at_work[day].append(carer)
        self._allowed: dict[tuple[_Kind, int], list[Carer]] = {}
        self._known: dict[tuple[object, ...], frozenset[str]] = {}

    def days_of(self, promise: Promise) -> tuple[int, ...]:
        shortest, hands, blocked = min(promise.visits, default=0), promise.hands, promise.blocked
        kind = (promise.skills, promise.gender)
        return tuple(
            day
            for day in promise.days
            if len(able := self._on(kind, promise.windows.get(day, _WINDOW_OF_ANY_TIME), shortest, day)) >= hands
            if not blocked or len(able - blocked) >= hands
        )

    def _on(
        self, kind: _Kind, windows: tuple[tuple[Minutes, Minutes], ...], minutes: Minutes, day: int
    ) -> frozenset[str]:
        key = (kind, windows, minutes, day)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = frozenset(
                carer.id for carer in self._may(kind, day) if _can_start(windows, carer.shifts[day], minutes)
            )
        return found

    def _may(self, kind: _Kind, day: int) -> list[Carer]:
        found = self._allowed.get((kind, day))
        if found is None:
            anybody = Promise(id="", visits=(), days=(), skills=kind[0], gender=kind[1])
            found = self._allowed[kind, day] = [carer for carer in self._at_work[day] if carer.may(anybody, day)]
        return found


def _can_start(windows: Iterable[tuple[Minutes, Minutes]], shift: tuple[Minutes, Minutes], minutes: Minutes) -> bool:
    """Say whether a visit that starts in a window can lie within a shift."""
    return any(max(opens, shift[0]) <= min(closes - 1, shift[1] - minutes) for opens, closes in windows)


@dataclass(slots=True)
class _Network:
    """Nodes by what they stand for, and arcs as columns."""

    nodes: dict[Any, int] = field(default_factory=dict)
    tails: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    capacities: list[int] = field(default_factory=list)

    def node(self, what: Any) -> int:
        return self.nodes.setdefault(what, len(self.nodes))

    def add(self, tail: Any, head: Any, capacity: int) -> None:
        self.tails.append(self.node(tail))
        self.heads.append(self.node(head))
        self.capacities.append(capacity)


class _Flow:
    """The flow of all elders' minutes, its cut, and who goes short."""

    def __init__(self, left: Sequence[_Left], carers: Sequence[Carer], care_share: float) -> None:
        self._left = {each.promise.id: each for each in left}
        self._share = care_share
        self._alike: defaultdict[_Alike, list[Carer]] = defaultdict(list)
        days = sorted({day for each in left for day in each.days})
        for carer in carers:
            for week in sorted({day // DAYS_IN_WEEK for day in days}):
                self._alike[_alike(carer, week)].append(carer)
        self._network = network = _Network()
        network.node("source")
        network.node("sink")
        self._kinds: defaultdict[tuple[_Kind, int], None] = defaultdict()
        for each in left:
            self._add_elder(each)
        self._add_caregivers(days)
        flow = max_flow.SimpleMaxFlow()
        flow.add_arcs_with_capacity(
            np.array(network.tails, dtype=np.int32),
            np.array(network.heads, dtype=np.int32),
            np.array(network.capacities, dtype=np.int64),
        )
        status = flow.solve(0, 1) if network.tails else flow.OPTIMAL
        if status != flow.OPTIMAL:
            raise RuntimeError(f"the flow of a month ended with {status}")
        needed = sum(each.minutes * each.promise.hands for each in left)
        self.missing = needed - (flow.optimal_flow() if network.tails else 0)
        self._cut = frozenset(flow.get_source_side_min_cut()) if self.missing else frozenset[int]()

    def _add_elder(self, each: _Left) -> None:
        promise, elder = each.promise, ("elder", each.promise.id)
        self._network.add("source", elder, each.minutes * promise.hands)
        by_week: defaultdict[int, list[int]] = defaultdict(list)
        for day in each.days:
            by_week[day // DAYS_IN_WEEK].append(day)
        for week, days in by_week.items():
            self._network.add(elder, (promise.id, week), possible_minutes(promise, days) * promise.hands)
            for day in days:
                self._network.add((promise.id, week), (each.kind, day), _PLENTY)
                self._kinds[each.kind, day] = None

    def _add_caregivers(self, days: Iterable[int]) -> None:
        by_week: defaultdict[int, list[_Alike]] = defaultdict(list)
        for alike in self._alike:
            by_week[alike[0]].append(alike)
        kinds: defaultdict[int, list[_Kind]] = defaultdict(list)
        for kind, day in self._kinds:
            kinds[day].append(kind)
        for day in days:
            for alike in by_week[day // DAYS_IN_WEEK]:
                minutes = self._shared(sum(carer.minutes_on(day) for carer in self._alike[alike]))
                if not minutes:
                    continue
                self._network.add((alike, day), alike, minutes)
                for kind in kinds[day]:
                    if _may(alike, kind, day):
                        self._network.add((kind, day), (alike, day), _PLENTY)
        for alike, who in self._alike.items():
            self._network.add(alike, "sink", self._shared(sum(carer.minutes_in(alike[0]) for carer in who)))

    def _shared(self, minutes: Minutes) -> Minutes:
        return minutes if self._share == 1 else int(minutes * self._share)

    def bottlenecks(self) -> tuple[Bottleneck, ...]:
        """Return the cut in parts that have nothing to do with each other."""
        return tuple(
            found for part in self._parts() if (found := self._bottleneck(part)) is not None and found.missing > 0
        )

    def _parts(self) -> list[set[int]]:
        """Return the nodes on the source's side of the cut, those that are joined by arcs together."""
        above: dict[int, int] = {node: node for node in self._cut if node > 1}

        def root(node: int) -> int:
            while above[node] != node:
                above[node] = above[above[node]]
                node = above[node]
            return node

        for tail, head in zip(self._network.tails, self._network.heads, strict=True):
            if tail in above and head in above:
                above[root(tail)] = root(head)
        parts: defaultdict[int, set[int]] = defaultdict(set)
        for node in sorted(above):
            parts[root(node)].add(node)
        return list(parts.values())

    def _bottleneck(self, part: set[int]) -> Bottleneck | None:
        promises = frozenset(name for name in self._left if self._network.nodes["elder", name] in part)
        if not promises:
            return None
        counted: dict[str, set[tuple[str, int]]] = {"elsewhere": set(), "day": set(), "week": set()}
        sums = {"own": 0, "staff": 0}
        arcs = zip(self._network.tails, self._network.heads, self._network.capacities, strict=True)
        for tail, head, capacity in arcs:
            if tail not in part or head in part:
                continue
            what, where = self._names[tail], self._names[head]
            if what[0] == "elder":
                sums["own"] += capacity
                counted["elsewhere"].add((what[1], where[1]))
            elif where == "sink":
                sums["staff"] += capacity
                counted["week"] |= {(carer.id, what[0]) for carer in self._alike[what]}
            else:
                alike, day = what
                sums["staff"] += capacity
                counted["day"] |= {(carer.id, day) for carer in self._alike[alike]}
        return Bottleneck(
            promises=promises,
            needed=sum(self._left[name].minutes * self._left[name].promise.hands for name in promises),
            own=sums["own"],
            staff=sums["staff"],
            elsewhere=frozenset(counted["elsewhere"]),
            by_day=frozenset(counted["day"]),
            by_week=frozenset(counted["week"]),
        )

    @cached_property
    def _names(self) -> dict[int, Any]:
        return {node: what for what, node in self._network.nodes.items()}

    def shortfalls(self, bottlenecks: Sequence[Bottleneck]) -> list[Shortfall]:
        """Return who goes short if the heaviest are served first, in whole minutes of hers."""
        network = self._network
        size = len(network.tails)
        flow = min_cost_flow.SimpleMinCostFlow()
        flow.add_arcs_with_capacity_and_unit_cost(
            np.array(network.tails, dtype=np.int32),
            np.array(network.heads, dtype=np.int32),
            np.array(network.capacities, dtype=np.int64),
            np.zeros(size, dtype=np.int64),
        )
        skipped = {}
        for name, each in self._left.items():
            owed, weight = each.minutes * each.promise.hands, max(1, each.promise.weight)
            skipped[name] = flow.add_arc_with_capacity_and_unit_cost(network.nodes["elder", name], 1, owed, weight)
        needed = sum(each.minutes * each.promise.hands for each in self._left.values())
        flow.set_node_supply(0, needed)
        flow.set_node_supply(1, -needed)
        status = flow.solve()
        if status != flow.OPTIMAL:
            raise RuntimeError(f"the flow of a month ended with {status}")
        where = {name: n for n, found in enumerate(bottlenecks) for name in found.promises}
        return [
            Shortfall(name, -(-missing // self._left[name].promise.hands), Obstacle.COMPETITION, where.get(name))
            for name, arc in skipped.items()
            if (missing := int(flow.flow(arc))) > 0
        ]


def _alike(carer: Carer, week: int) -> _Alike:
    monday = DAYS_IN_WEEK * week
    skills = ((skill, min(last, monday + 6)) for skill, last in carer.skills.items() if last >= monday)
    return week, carer.gender, tuple(sorted(skills))


def _may(alike: _Alike, kind: _Kind, day: int) -> bool:
    _, gender, skills = alike
    last: Mapping[str, int] = dict(skills)
    return kind[1] in (None, gender) and all(last.get(skill, -1) >= day for skill in kind[0])
