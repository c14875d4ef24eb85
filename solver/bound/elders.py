"""The cheapest week of each elder for given prices: on which days her visits stand, or that they are left out.

Spacing, day patterns, hours and eligible days are exact here: all of an elder's ways are tried.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from solver.problem import Need, Problem
from solver.search.arrays import DAYS, Arrays

_MOST_WAYS = 20_000  # of one elder; beyond, her visits count as if nothing bound them together
_OUT = DAYS  # instead of a day

Prices = NDArray[np.float64]  # (visits × 7,) points for one pair of hands


@dataclass(frozen=True)
class _Bound:
    """An elder whose visits depend on each other."""

    first: int
    ways: NDArray[np.int64]  # (ways, visits) days


class Elders:
    """What the elders' side of the bound asks of a problem."""

    def __init__(self, problem: Problem, a: Arrays) -> None:
        self.out = np.array(a.visits["absent_cost"], dtype=np.float64)
        self._hands = a.visits["hands"].astype(np.float64)
        days = a.visits["days"].astype(np.int64)
        self._open = (days[:, None] >> np.arange(DAYS)) & 1 > 0
        self._alone = np.ones(len(days), dtype=np.bool_)
        self.bound: list[_Bound] = []
        first = 0
        for need in problem.needs:
            n = len(need.visits)
            if n > 1 or need.day_patterns or need.caps:
                ways = _ways(need, [[*np.flatnonzero(each).tolist(), _OUT] for each in self._open[first : first + n]])
                if ways is not None:
                    self.bound.append(_Bound(first, ways))
                    self._alone[first : first + n] = False
            first += n

    def least(self, prices: Prices) -> list[float]:
        """Return the least points of each elder (or visit): prices paid for her visits, or left out."""
        dear = np.where(self._open, prices.reshape(-1, DAYS) * self._hands[:, None], np.inf)
        table = np.column_stack([dear, self.out])
        sums = [float(each) for each in table[self._alone].min(axis=1)]
        for elder in self.bound:
            visits = np.arange(elder.first, elder.first + elder.ways.shape[1])
            sums.append(float(table[visits, elder.ways].sum(axis=1).min()))
        return sums


def _ways(need: Need, options: list[list[int]]) -> NDArray[np.int64] | None:
    """Return the days that the visits of an elder may have together; None if they are too many."""
    if np.prod([len(each) for each in options], dtype=np.float64) > _MOST_WAYS:
        return None
    return np.array([way for way in product(*options) if _allowed(need, way)], dtype=np.int64)


def _allowed(need: Need, way: tuple[int, ...]) -> bool:
    placed = [(i, day) for i, day in enumerate(way) if day != _OUT]
    for k, (_, day) in enumerate(placed):
        if any(abs(day - other) < need.min_days_between for _, other in placed[:k]):
            return False
    for cap in need.caps:
        if sum(need.visits[i].minutes for i, day in placed if cap.first_day <= day <= cap.last_day) > cap.minutes:
            return False
    return not need.day_patterns or any(all(pattern[i] == day for i, day in placed) for pattern in need.day_patterns)
