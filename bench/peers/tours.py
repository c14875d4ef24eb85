"""A week as the routing peers can take it: one vehicle for each shift, one job for each hand of a visit.

What no routing library knows is settled beforehand, in the peers' favour where there is a choice: the starts of
double-handed visits, which days each visit of an elder with several may fall on, and who visits an elder with fewer
caregivers allowed than visits. A peer answers with the order of jobs in each vehicle; starts and the meal are settled
here, the same way for all of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, product

import numpy as np
from numpy.typing import NDArray

from solver.plan import PlannedVisit
from solver.problem import DAYS_IN_WEEK, Caregiver, Day, Minutes, Need, Policy, Problem, Shift, Visit, Window
from solver.travel import travel_matrix

SLOT_MINUTES = 30
"""A double-handed visit begins on the half-hour."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A caregiver on one day."""

    caregiver: int  # its number in the problem
    shift: Shift


@dataclass(frozen=True, slots=True)
class Job:
    """One hand of one visit, with the windows that are left of it."""

    need: Need
    visit: Visit
    windows: tuple[Window, ...]
    points: float  # of leaving it out; the hands of a visit share them

    def on(self, day: Day) -> tuple[Window, ...]:
        """Return its windows of one day."""
        return tuple(window for window in self.windows if window.day == day)


@dataclass(frozen=True, slots=True)
class Tours:
    """The week as vehicle routing. Nodes are the jobs, then the caregivers' bases, in their order."""

    problem: Problem
    vehicles: tuple[Vehicle, ...]
    jobs: tuple[Job, ...]
    minutes: Mapping[str, NDArray[np.int32]]  # mode -> travel between nodes
    care_limits: tuple[Minutes, ...]  # of each vehicle; an hour below the daily limit, for the travel
    may: NDArray[np.bool_]  # [job, vehicle]: skill, gender, not blocked, a window within the shift
    not_usual: NDArray[np.float64]  # [job, caregiver]: points

    def caregiver(self, vehicle: int) -> Caregiver:
        """Return whose shift a vehicle is."""
        return self.problem.caregivers[self.vehicles[vehicle].caregiver]

    def base(self, vehicle: int) -> int:
        """Return the node at which a vehicle begins and ends."""
        return len(self.jobs) + self.vehicles[vehicle].caregiver

    def has_meal(self, vehicle: int) -> bool:
        """Tell whether a shift spans the meal time."""
        policy, shift = self.problem.policy, self.vehicles[vehicle].shift
        return bool(policy.meal_minutes) and shift.starts <= policy.meal_opens and shift.ends >= policy.meal_closes


def tours_of(problem: Problem) -> Tours:
    """Lay a week out as vehicle routing."""
    vehicles = tuple(Vehicle(k, shift) for k, caregiver in enumerate(problem.caregivers) for shift in caregiver.shifts)
    jobs = _jobs(problem)
    number = {place.id: i for i, place in enumerate(problem.places)}
    nodes = [number[job.need.place] for job in jobs] + [number[each.base] for each in problem.caregivers]
    minutes = {}
    for mode in problem.modes:
        given = problem.travel.get(mode.id)
        if given is None:
            minutes[mode.id] = travel_matrix(mode, [problem.places[node] for node in nodes])
        else:
            minutes[mode.id] = given[np.ix_(nodes, nodes)].astype(np.int32)
    limits = tuple(max(0, problem.caregivers[v.caregiver].daily_limit_minutes - 60) for v in vehicles)
    may, points = _may(problem, vehicles, jobs), _not_usual(problem, jobs)
    return _with_slots(_with_carers(Tours(problem, vehicles, jobs, minutes, limits, may, points)))


def _jobs(problem: Problem) -> tuple[Job, ...]:
    jobs = []
    for need in problem.needs:
        for visit, days in zip(need.visits, days_of(need), strict=True):
            windows = tuple(window for window in visit.windows if window.day in days)
            points = problem.policy.unserved_hour * visit.minutes / 60 * _weight(problem.policy, need)
            jobs += [Job(need, visit, windows, points / visit.hands)] * visit.hands
    return tuple(jobs)


def _weight(policy: Policy, need: Need) -> float:
    behind = policy.behind_factor * min(2.0, need.minutes_behind / 240)
    return 1 + behind + policy.short_before_factor * need.short_before


def days_of(need: Need) -> list[frozenset[Day]]:
    """Return the days of each visit, so far apart that any choice among them keeps the spacing."""
    free = [
        day
        for day in sorted(need.eligible_days)
        if all(abs(day - other) >= need.min_days_between for other in need.occupied_days)
    ]
    if len(need.visits) == 1 and not need.day_patterns:
        return [frozenset(free)]
    if need.day_patterns:
        # Of several patterns one is taken: a choice of whole patterns is more than windows can say.
        return [frozenset({day}) for day in need.day_patterns[0]]
    return _apart(free, len(need.visits), need.min_days_between)


def _apart(free: Sequence[Day], parts: int, gap: int) -> list[frozenset[Day]]:
    """Cut the days into parts with a gap between them, the smallest part as large as can be."""
    best: list[frozenset[Day]] = [frozenset()] * parts
    for cuts in combinations(range(DAYS_IN_WEEK), parts - 1):
        edges = [0, *cuts, DAYS_IN_WEEK]
        shares: list[frozenset[Day]] = []
        for low, high in pairwise(edges):
            last = max(shares[-1], default=-gap) if shares else -gap
            shares.append(frozenset(day for day in free if low <= day < high and day - last >= gap))
        if _sizes(shares) > _sizes(best):
            best = shares
    return best


def _sizes(shares: Iterable[frozenset[Day]]) -> tuple[int, int]:
    sizes = [len(share) for share in shares]
    return min(sizes), sum(sizes)


def _may(problem: Problem, vehicles: Sequence[Vehicle], jobs: Sequence[Job]) -> NDArray[np.bool_]:
    may = np.zeros((len(jobs), len(vehicles)), dtype=np.bool_)
    for j, job in enumerate(jobs):
        days = {window.day for window in job.windows}
        for v, vehicle in enumerate(vehicles):
            if vehicle.shift.day in days:
                who = problem.caregivers[vehicle.caregiver]
                may[j, v] = _suits(job, who, vehicle.shift)
    return may


def _suits(job: Job, who: Caregiver, shift: Shift) -> bool:
    return (
        all(who.skills.get(skill, -1) >= shift.day for skill in job.visit.skills)
        and job.need.required_gender in (None, who.gender)
        and who.id not in job.need.blocked
        and any(
            max(w.opens, shift.starts) <= min(w.closes - 1, shift.ends - job.visit.minutes) for w in job.on(shift.day)
        )
    )


def _not_usual(problem: Problem, jobs: Sequence[Job]) -> NDArray[np.float64]:
    number = {caregiver.id: k for k, caregiver in enumerate(problem.caregivers)}
    points = np.zeros((len(jobs), len(problem.caregivers)))
    for j, job in enumerate(jobs):
        if job.need.usual:
            points[j] = problem.policy.not_usual
            for name, weight in job.need.usual.items():
                points[j, number[name]] *= 1 - weight
    return points


def _with_carers(tours: Tours) -> Tours:
    """Choose who visits an elder that may have fewer caregivers than jobs: the usual, then the nearest."""
    may = tours.may.copy()
    jobs_of: dict[str, list[int]] = {}
    for j, job in enumerate(tours.jobs):
        jobs_of.setdefault(job.need.id, []).append(j)
    whose = np.array([vehicle.caregiver for vehicle in tours.vehicles])
    for jobs in jobs_of.values():
        most = tours.jobs[jobs[0]].need.max_carers
        if most is None or most >= len(jobs):
            continue
        able = [len({j for j in jobs if may[j, whose == k].any()}) for k in range(len(tours.problem.caregivers))]
        ranked = sorted(
            range(len(able)), key=lambda k: (-able[k], tours.not_usual[jobs[0], k], _base_minutes(tours, jobs[0], k))
        )
        may[jobs] &= np.isin(whose, ranked[:most])
    return replace(tours, may=may)


def _base_minutes(tours: Tours, j: int, k: int) -> Minutes:
    return int(tours.minutes[tours.problem.caregivers[k].mode][len(tours.jobs) + k, j])


def _with_slots(tours: Tours) -> Tours:
    """Fix day and start of each double-handed visit where most usual caregivers, then most others, are at work."""
    jobs = list(tours.jobs)
    taken: dict[tuple[Day, Minutes], int] = {}
    for j, job in enumerate(jobs):
        if job.visit.hands == 1 or not job.windows:
            continue
        if j and jobs[j - 1].visit is job.visit:
            jobs[j] = jobs[j - 1]
            continue
        slots = [
            (window.day, start) for window in job.windows for start in range(window.opens, window.closes, SLOT_MINUTES)
        ]
        worth = {slot: (*_hands_at(tours, j, *slot), -taken.get(slot, 0)) for slot in slots}
        day, start = max(slots, key=lambda slot: worth[slot])
        taken[day, start] = taken.get((day, start), 0) + 1
        jobs[j] = replace(job, windows=(Window(day, start, start + 1),))
    vehicles = tours.vehicles
    return replace(tours, jobs=tuple(jobs), may=tours.may & _may(tours.problem, vehicles, jobs))


def _hands_at(tours: Tours, j: int, day: Day, start: Minutes) -> tuple[int, int]:
    """Count the usual caregivers (at most two), and all, who could come at that time from their bases."""
    usual = able = 0
    for v in np.flatnonzero(tours.may[j]):
        vehicle, who = tours.vehicles[v], tours.caregiver(int(v))
        minutes, base = tours.minutes[who.mode], tours.base(int(v))
        comes = vehicle.shift.starts + minutes[base, j] <= start
        if (
            vehicle.shift.day == day
            and comes
            and start + tours.jobs[j].visit.minutes + minutes[j, base] <= vehicle.shift.ends
        ):
            able += 1
            usual += who.id in tours.jobs[j].need.usual
    return min(usual, 2), able


def plan_of(tours: Tours, orders: Mapping[int, Sequence[int]]) -> tuple[PlannedVisit, ...]:
    """Return the plan in which each vehicle does its jobs in this order; a visit that lacks a hand is left out."""
    places: dict[str, list[tuple[int, Minutes]]] = {}
    for v, order in orders.items():
        for j, start in zip(order, starts_of(tours, v, order), strict=True):
            places.setdefault(tours.jobs[j].visit.id, []).append((v, start))
    planned = []
    for visit in (visit for need in tours.problem.needs for visit in need.visits):
        stands = places.get(visit.id, [])
        days = {(tours.vehicles[v].shift.day, start) for v, start in stands}
        if len(stands) == visit.hands and len(days) == 1:
            ((day, start),) = days
            planned.append(PlannedVisit(visit.id, day, start, tuple(tours.caregiver(v).id for v, _ in stands)))
    return tuple(planned)


def starts_of(tours: Tours, v: int, order: Sequence[int]) -> list[Minutes]:
    """Return the earliest starts of a vehicle's jobs, with a meal in the first gap that can hold it if one is due."""
    plain = _earliest(tours, v, order, None)
    policy = tours.problem.policy
    if tours.has_meal(v) and plain and not _off_meal(tours, v, order, plain):
        for gap in product(range(1, len(order)), (False, True)):
            with_meal = _earliest(tours, v, order, gap)
            if with_meal and with_meal[-1] <= plain[-1] + policy.meal_closes - policy.meal_opens:
                return with_meal
    return plain or [tours.jobs[j].windows[0].opens for j in order]


def _off_meal(tours: Tours, v: int, order: Sequence[int], starts: Sequence[Minutes]) -> bool:
    """Tell whether she leaves after the meal time began, or is back before it ends."""
    policy, base = tours.problem.policy, tours.base(v)
    minutes = tours.minutes[tours.caregiver(v).mode]
    leaves = starts[0] - minutes[base, order[0]]
    returns = starts[-1] + tours.jobs[order[-1]].visit.minutes + minutes[order[-1], base]
    return bool(leaves > policy.meal_opens or returns < policy.meal_closes)


def _earliest(tours: Tours, v: int, order: Sequence[int], meal: tuple[int, bool] | None) -> list[Minutes]:
    """Return the earliest starts, a meal before job ``meal[0]`` (on arrival if ``meal[1]``); empty if none fit."""
    policy, shift = tours.problem.policy, tours.vehicles[v].shift
    minutes, base = tours.minutes[tours.caregiver(v).mode], tours.base(v)
    now, at, starts = shift.starts, base, []
    for i, j in enumerate(order):
        for step in _steps(i, meal):
            if step == "trip":
                now += int(minutes[at, j])
            else:
                now = max(now, policy.meal_opens) + policy.meal_minutes
                if now > policy.meal_closes:
                    return []
        start = next(
            (max(now, w.opens) for w in sorted(tours.jobs[j].on(shift.day), key=_opens) if now < w.closes), None
        )
        if start is None:
            return []
        starts.append(start)
        now, at = start + tours.jobs[j].visit.minutes, j
    return starts if now + minutes[at, base] <= shift.ends else []


def _opens(window: Window) -> Minutes:
    return window.opens


def _steps(i: int, meal: tuple[int, bool] | None) -> Iterator[str]:
    if meal == (i, False):
        yield "meal"
    yield "trip"
    if meal == (i, True):
        yield "meal"
