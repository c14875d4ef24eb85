"""A city's prices from those of its towns, each solved by itself: where to begin with a problem too large to solve.

Whoever could be lent to another town is worth a little more than that, and the proof of the whole city knows it; but
as prices to begin with, those of the towns are far better than those of the knapsacks.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from solver.bound.memory import Memory
from solver.bound.pricing import Prices
from solver.part import of_towns
from solver.plan import Plan
from solver.problem import Need, Problem
from solver.search.arrays import DAYS, Names, names

Worked = tuple[Prices, Memory]  # of a town
Solve = Callable[[Problem, Plan, float], Worked | None]  # with a share of the time


def towns_of(problem: Problem, plan: Plan) -> Iterator[tuple[Problem, Plan, float]]:
    """Yield each town that has elders and caregivers, the plan's part of it, and its share of the visits left.

    Visits that others come for are left out, since without them the town might look short of staff.
    """
    parts = []
    for town in sorted({need.town for need in problem.needs}):
        part = of_towns(problem, {town})
        who = {caregiver.id for caregiver in part.caregivers}
        visits = tuple(each for each in plan.visits if who.issuperset(each.caregivers))
        lent = {each.visit for each in plan.visits} - {each.visit for each in visits}
        needs = tuple(_without(need, lent) for need in part.needs if any(visit.id not in lent for visit in need.visits))
        here = {visit.id for need in needs for visit in need.visits}
        if here and who:
            planned = tuple(each for each in visits if each.visit in here)
            parts.append((_of(part, needs, here), replace(plan, visits=planned, unallocated=()), len(here)))
    for k, (part, here_planned, size) in enumerate(parts):
        yield part, here_planned, size / sum(left for _, _, left in parts[k:])


def _without(need: Need, lent: set[str]) -> Need:
    kept = tuple(visit for visit in need.visits if visit.id not in lent)
    return need if len(kept) == len(need.visits) else replace(need, visits=kept, day_patterns=())


def _of(part: Problem, needs: tuple[Need, ...], here: set[str]) -> Problem:
    return replace(
        part,
        needs=needs,
        pins=tuple(pin for pin in part.pins if pin.visit in here),
        published=tuple(stand for stand in part.published if stand.visit in here),
    )


def put_together(whole: Prices, known: Names, memory: Memory, part: Problem, worked: Worked) -> Prices:
    """Return a city's prices with those of a town in their place, and let the city's memory know the town's."""
    prices, learnt = worked
    of_part = names(part)
    v = np.array([known.visit_number[visit] for visit in of_part.visits], dtype=np.int64)
    c = np.array([known.caregiver_number[caregiver] for caregiver in of_part.caregivers], dtype=np.int64)
    visits, minutes, hands = whole.visits.copy(), whole.minutes.copy(), whole.hands.copy()
    visits.reshape(-1, DAYS)[v] = prices.visits.reshape(-1, DAYS)
    minutes[c] = prices.minutes
    hands[np.searchsorted(whole.double, v[prices.double])[:, None], :, c[None, :]] = prices.hands.transpose(0, 2, 1)
    memory.take(learnt, v.tolist(), c.tolist())
    return Prices(
        visits, minutes, np.concatenate([whole.triples, v[prices.triples].astype(np.int32).reshape(-1, 3)]),
        np.concatenate([whole.cuts, prices.cuts]), whole.double, hands,
    )  # fmt: skip


def prices_by_town(problem: Problem, plan: Plan, start: Prices, known: Names, memory: Memory, solve: Solve) -> Prices:
    """Return prices put together from those of the towns that could be solved, and elsewhere those to start from."""
    prices = start
    for part, here, share in towns_of(problem, plan):
        worked = solve(part, here, share)
        if worked is not None:
            prices = put_together(prices, known, memory, part, worked)
    return prices
