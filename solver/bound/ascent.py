"""Prices by subgradient steps over knapsack weeks: a quick bound, above all where staff is short.

Source of the step's length: Polyak 1969, towards what a known plan costs.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import fsum

import numpy as np
from numpy.typing import NDArray

from solver.bound.beginning import Beginning
from solver.bound.elders import Elders
from solver.bound.knapsack import fill_weeks, items_of
from solver.bound.pairs import Pairs
from solver.search.arrays import DAYS, Arrays

Floats = NDArray[np.float64]

_ROUNDING = 1e-9  # of the sum of all terms: far more than their additions can lose
_LEAST_ROUNDING = 1e-5
_ROUNDS = 600
_STEP, _LEAST_STEP, _PATIENCE = 1.0, 0.01, 12  # halved after so many rounds without a better bound
_KEEP = 0.6  # of the direction before
_SHARES = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0)  # of the plan's prices
_DEARER = (0.0, *(0.5**k for k in range(7, -1, -1)))  # a minute, of what leaving visits out costs


@dataclass(frozen=True)
class Ascent:
    """The best bound that was met, and the prices of the visits there."""

    points: float
    hands: Floats  # (visits,)
    rounds: int


def added_up(terms: list[float]) -> float:
    """Return the sum of a bound's terms, less than which their rounding can't have made it."""
    return fsum(terms) - _ROUNDING * fsum(abs(term) for term in terms) - _LEAST_ROUNDING


class Knapsacks:
    """The caregivers' side by minutes alone."""

    def __init__(self, a: Arrays, t: Pairs) -> None:
        self._a, self._t, self._items = a, t, items_of(a, t)
        week = np.minimum(self._items.days.sum(axis=1), a.caregivers["weekly"])
        self._best = np.zeros(int(week.max(initial=0)) + 1, dtype=np.float64)
        self._taken = np.zeros((int(np.diff(t.low).max(initial=0)), len(self._best)), dtype=np.uint8)

    def least(self, prices: Floats) -> tuple[Floats, Floats]:
        """Return what no week of each caregiver undercuts, and how often the cheapest weeks make each visit."""
        least = np.zeros(len(self._a.caregivers), dtype=np.float64)
        cover = np.zeros(len(self._a.visits), dtype=np.float64)
        fill_weeks(self._a, self._t, self._items, prices, self._best, self._taken, least, cover)
        return least, cover

    def least_by_day(self, prices: Floats) -> Floats:
        """Return the same where prices differ by day: each visit at its dearest."""
        return self.least(prices.reshape(-1, DAYS).max(axis=1))[0]


def ascend(
    a: Arrays, knapsacks: Knapsacks, elders: Elders, *, start: Floats, target: float, go_on: Callable[[], bool]
) -> Ascent:
    """Raise the bound from the prices ``start`` towards ``target``, what some plan costs."""
    hands = a.visits["hands"].astype(np.float64)
    dearest = elders.out / hands
    prices = np.minimum(start, dearest)
    best, best_prices, direction = -np.inf, prices, np.zeros(len(prices))
    step, waited, rounds = _STEP, 0, 0
    while go_on() and rounds < _ROUNDS and step > _LEAST_STEP:
        rounds += 1
        least, cover = knapsacks.least(prices)
        points = _points(elders, prices, least)
        waited += 1
        if points > best:
            best, best_prices, waited = points, prices, 0
        elif waited >= _PATIENCE:
            step, waited, prices, direction = step / 2, 0, best_prices, 0.0 * direction
            continue
        wanted = hands - cover
        wanted[(prices >= dearest) & (wanted > 0)] = 0.0  # they are as well left out
        direction = _KEEP * direction + (1 - _KEEP) * wanted
        norm = float(direction @ direction)
        if norm <= 0.0:
            break
        prices = np.clip(prices + step * max(target - points, 1.0) / norm * direction, 0.0, dearest)
    return Ascent(best, best_prices, rounds)


def _points(elders: Elders, prices: Floats, least: Floats) -> float:
    return added_up([*elders.least(np.repeat(prices, DAYS)), *least.tolist()])


def where_to_ascend_from(knapsacks: Knapsacks, elders: Elders, start: Beginning) -> tuple[Beginning, Floats, float]:
    """Return the beginning with its minutes as dear as they are scarce, prices to ascend from, and their bound.

    The bound is concave in the prices, so either way they are raised until it falls.
    """

    def climb(tries: Iterable[Beginning]) -> tuple[float, Beginning]:
        best = (-np.inf, start)
        for tried in tries:
            points = _points(elders, tried.hands, knapsacks.least(tried.hands)[0])
            if points < best[0]:
                break
            best = points, tried
        return best

    # The lower the prices, the fewer visits pay, and the quicker is a try.
    points, begun = climb(replace(start, hands=share * start.hands) for share in _SHARES)
    if start.whole:
        return start, begun.hands, points
    dearest = float((start.dearest / start.taken).max())
    dear_points, dear = climb(start.dearer(dearest * share) for share in _DEARER)
    return (dear, dear.hands, dear_points) if dear_points >= points else (dear, begun.hands, points)
