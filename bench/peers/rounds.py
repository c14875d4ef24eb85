"""A weekly limit for peers that know none: plan, cap the days of whoever works too much, plan again.

What is left of such a caregiver's days once the cheapest visits have been taken out becomes the care that each of them
may hold in the next round. The best round counts.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from bench.peers.keeping import as_plan, kept
from bench.peers.tours import Tours, tours_of
from solver.cost import cost
from solver.judge import judge_week
from solver.plan import PlannedVisit
from solver.problem import Problem
from solver.roster import Roster
from solver.week import Week

SHARES = (0.15, 0.15, 0.15, 0.55)
"""Of the time, round by round; the last one is given all that is left."""

Once = Callable[[Tours, float], tuple[PlannedVisit, ...]]


def in_rounds(problem: Problem, seconds: float, once: Once) -> tuple[PlannedVisit, ...]:
    """Return the plan of the round that is cheapest after visits that break a rule have gone."""
    began, week, tours = time.monotonic(), Week(problem), tours_of(problem)
    best: tuple[float, tuple[PlannedVisit, ...]] | None = None
    for i in range(len(SHARES)):
        left = seconds - (time.monotonic() - began)
        if best is not None and left < seconds * SHARES[0] / 2:
            break
        planned = once(tours, left * SHARES[i] / sum(SHARES[i:]))
        good = kept(week, planned)
        points = cost(problem, good).total
        if best is None or points < best[0]:
            best = points, planned
        capped = _capped(tours, _overworked(week, planned), Roster(week, good))
        if capped == tours.care_limits:
            break
        tours = replace(tours, care_limits=capped)
    assert best is not None
    return best[1]


def _overworked(week: Week, planned: tuple[PlannedVisit, ...]) -> frozenset[str | None]:
    broken = judge_week(week, as_plan(week, planned))
    return frozenset(found.caregiver for found in broken if found.rule == "weekly_limit")


def _capped(tours: Tours, overworked: frozenset[str | None], roster: Roster) -> tuple[int, ...]:
    """Limit the care of each day of the overworked to what is left of it."""
    limits = []
    for v, limit in enumerate(tours.care_limits):
        who = tours.caregiver(v).id
        route = roster.route(who, tours.vehicles[v].shift.day) if who in overworked else None
        care = sum(stop.visit.minutes for stop in route.stops) if route else 0
        limits.append(care if who in overworked else limit)
    return tuple(limits)
