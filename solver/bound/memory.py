"""Whom a caregiver's routes do not forget, so as not to visit them again: the near, and whoever was visited twice.

A route remembers few elders, those near each of its visits, which keeps labels few. Where the cheapest routes visit
somebody again all the same, the visits between remember her from then on (Roberti and Mingozzi 2014).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.search.arrays import Arrays, Ints


class Remembered(NamedTuple):
    """The memory as kernels read it, caregiver by caregiver."""

    low: NDArray[np.int64]  # (caregivers + 1,) first row of each
    visits: Ints  # (rows, 2) at the first visit the elder of the second is remembered


class Memory:
    """Grows by the routes that visit somebody twice."""

    def __init__(self, a: Arrays, same_day: NDArray[np.uint8]) -> None:
        # Where several of one elder's visits may share a day, each is remembered by itself.
        elder = a.visits["elder"].astype(np.int64)
        self._whom = np.where(same_day[elder] > 0, np.arange(len(elder)), a.elders["first"][elder]).tolist()
        self._known: list[set[tuple[int, int]]] = [set() for _ in a.caregivers]

    def again(self, visits: tuple[int, ...]) -> bool:
        """Return whether a route visits somebody twice."""
        return len({self._whom[v] for v in visits}) < len(visits)

    def learn(self, caregiver: int, visits: tuple[int, ...]) -> bool:
        """Remember whom a route, its visits in order, visits twice; return whether that is new."""
        known = self._known[caregiver]
        before = len(known)
        known.update(self._forgotten(visits))
        return len(known) > before

    def _forgotten(self, visits: tuple[int, ...]) -> Iterator[tuple[int, int]]:
        last: dict[int, int] = {}
        for i, v in enumerate(visits):
            whom = self._whom[v]
            for between in visits[last.get(whom, i) + 1 : i]:
                yield between, visits[last[whom]]
            last[whom] = i

    def remembered(self) -> Remembered:
        """Return it as kernels read it."""
        sizes = [len(known) for known in self._known]
        rows = [pair for known in self._known for pair in sorted(known)]
        low = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        return Remembered(low, np.array(rows, dtype=np.int32).reshape(-1, 2))
