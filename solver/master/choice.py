"""Region by region over the city: choose, check the points, and keep what is better."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy as np

from solver.master.columns import Column, Met, Region, plan_rows, priced, region
from solver.master.model import Model, Standing
from solver.search.arrays import Arrays
from solver.search.clusters import strips
from solver.search.rounds import Best
from solver.search.state import Work

REGION_VISITS = 60  # so few that the best choice is mostly found and proved
_MOST_COLUMNS = 40  # of a caregiver-day
_EFFORT, _LEAST_EFFORT = 2.0, 0.05  # of CP-SAT's deterministic time: for all regions, and for each at least
_LEAST_SECONDS = 0.1  # a region that gets less finds nothing; rather leave some regions as they are
_TURN = 1000  # strips of other angles than the last ones of the search


def choose(
    a: Arrays,
    w: Work,
    best: Best,
    *,
    seed: int,
    seconds: float | None,
    go_on: Callable[[], bool] = lambda: True,
) -> float:
    """Replace the best plan by the master's choice wherever that costs less; return the points saved.

    The plan that leaves is the one CP-SAT selected in each region: the search's own where it proved
    or could find nothing better among the columns. ``go_on`` is asked before each region.
    """
    began = time.monotonic()
    now = {column.route: column for column in priced(a, w, plan_rows(best.routes, best.n))}
    placed = _stand(now.values())
    number = max(1, round(len(a.visits) / REGION_VISITS))
    met = Met(a, w, best.pool.rows(2 + 2 * best.routes.shape[1]), _MOST_COLUMNS)
    effort = max(_LEAST_EFFORT, _EFFORT / number)
    parts = strips(a, number, seed, _TURN)
    saved = 0.0
    groups = sorted(set(parts.groups.tolist()))
    for k, group in enumerate(groups):
        left = None if seconds is None else seconds - (time.monotonic() - began)
        if (left is not None and left < _LEAST_SECONDS) or not go_on():
            break
        part = region(a, np.flatnonzero(parts.groups == group), now, placed.by, met)
        if not part.visits:
            continue
        share = None if left is None else min(left, max(_LEAST_SECONDS, 0.7 * left / (len(groups) - k)))
        chosen = Model(a, part, _that_stays(a, placed, part)).solve(effort, seed, share)
        gain = 0.0 if chosen is None else _points(a, part, part.now.values()) - _points(a, part, chosen)
        if chosen is not None and gain > 1e-6:
            saved += gain
            for route in part.now:
                del now[route]
            now.update((column.route, column) for column in chosen)
            for v in part.visits:
                placed.day.pop(v, None)
                placed.by.pop(v, None)
            moved = _stand(chosen)
            placed.day.update(moved.day)
            placed.by.update(moved.by)
    if saved > 0:
        _write(best, now)
        best.points -= saved
    return saved


def _stand(columns: Iterable[Column]) -> Standing:
    """Return where the visits of these columns stand."""
    day: dict[int, int] = {}
    by: dict[int, frozenset[int]] = defaultdict(frozenset)
    for column in columns:
        for v, _ in column.stops:
            day[v] = column.day
            by[v] |= {column.caregiver}
    return Standing(day, by)


def _that_stays(a: Arrays, placed: Standing, part: Region) -> Standing:
    """Return where the other visits of the region's elders stand: those that the region does not move."""
    free = set(part.visits)
    elders = a.elders[np.unique(a.visits["elder"][list(part.visits)])]
    visits = [v for elder in elders for v in range(elder["first"], elder["after"]) if v not in free and v in placed.day]
    return Standing({v: placed.day[v] for v in visits}, {v: placed.by[v] for v in visits})


def _points(a: Arrays, part: Region, columns: Iterable[Column]) -> float:
    """Return what a choice of columns costs, exactly, without what does not depend on it."""
    work = dict.fromkeys(part.caregivers, 0)
    placed: set[int] = set()
    total = 0.0
    for column in columns:
        work[column.caregiver] += column.minutes
        total += column.points
        placed.update(column.free)
    total += sum(float(a.visits["absent_cost"][v]) for v in part.visits if v not in placed)
    for c, minutes in work.items():
        who = a.caregivers[c]
        total += a.load_minute * max(0.0, minutes - float(who["load_from"]))
        total += a.overload_minute * max(0.0, minutes - float(who["overload_from"]))
    return total


def _write(best: Best, now: dict[int, Column]) -> None:
    best.n[:] = 0
    for route, column in now.items():
        best.n[route] = len(column.stops)
        best.routes[route, : len(column.stops)] = np.array(column.stops, dtype=np.int32).reshape(-1, 2)
