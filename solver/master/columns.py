"""Columns: caregiver-days with their price, and what of a region may change."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.search.arrays import DAYS, Arrays
from solver.search.given import price
from solver.search.state import Work

Stop = tuple[int, int]  # visit, settled start or -1


@dataclass(frozen=True)
class Column:
    """One way for a caregiver to spend a day."""

    route: int
    stops: tuple[Stop, ...]
    points: float  # travel, start times, days and pairs; nothing for visits whose start is settled
    minutes: int  # of work

    @property
    def caregiver(self) -> int:
        """Who."""
        return self.route // DAYS

    @property
    def day(self) -> int:
        """When."""
        return self.route % DAYS

    @property
    def free(self) -> tuple[int, ...]:
        """The visits that could stand elsewhere."""
        return tuple(v for v, fixed in self.stops if fixed < 0)

    @property
    def settled(self) -> frozenset[Stop]:
        """The visits that stay: pinned, double-handed, or of an elder with several on a day."""
        return frozenset(stop for stop in self.stops if stop[1] >= 0)


@dataclass(frozen=True)
class Region:
    """Caregivers whose days are chosen anew, and the visits that are theirs to share out."""

    caregivers: tuple[int, ...]
    now: dict[int, Column]  # route -> the plan at hand; routes without a visit have none
    columns: dict[int, list[Column]]  # route -> columns to choose from, the one at hand included
    visits: tuple[int, ...]  # free ones


def plan_rows(routes: NDArray[np.int32], n: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the routes of a plan that have visits, as rows like those of the pool."""
    used = np.flatnonzero(n)
    rows = np.zeros((len(used), 2 + 2 * routes.shape[1]), dtype=np.int32)
    rows[:, 0], rows[:, 1] = used, n[used]
    rows[:, 2:] = routes[used].reshape(len(used), 2 * routes.shape[1])
    return rows


def priced(a: Arrays, w: Work, rows: NDArray[np.int32]) -> list[Column]:
    """Return the columns of these rows that can be walked, in their order."""
    points = np.zeros(len(rows), dtype=np.float64)
    minutes = np.zeros(len(rows), dtype=np.int32)
    rows = np.ascontiguousarray(rows)
    price(a, w, rows, points, minutes)
    columns = []
    for row, cost, work in zip(rows.tolist(), points.tolist(), minutes.tolist(), strict=True):
        if work >= 0:
            stops = tuple((row[2 + 2 * i], row[3 + 2 * i]) for i in range(row[1]))
            columns.append(Column(row[0], stops, cost, work))
    return columns


def region(
    a: Arrays, caregivers: NDArray[np.int64], now: dict[int, Column], pool: dict[int, list[Column]], most: int
) -> Region:
    """Return what may change when these caregivers' days are chosen anew, all others' staying.

    Of each caregiver-day the latest ``most`` columns that the search met count, and the one at hand.
    """
    inside = set(caregivers.tolist())
    pinned = a.visits["pinned"]
    here = {route: column for route, column in now.items() if column.caregiver in inside}
    placed_outside = {v for route, column in now.items() if route not in here for v, _ in column.stops}
    columns: dict[int, list[Column]] = defaultdict(list)
    for c in sorted(inside):
        for route in range(c * DAYS, (c + 1) * DAYS):
            at_hand = here.get(route)
            settled = at_hand.settled if at_hand else frozenset()
            latest = [
                column
                for column in pool.get(route, [])[-most:]
                if column.settled == settled and not any(v in placed_outside or pinned[v] for v in column.free)
            ]
            if at_hand is not None and all(column.stops != at_hand.stops for column in latest):
                latest.append(at_hand)
            if latest:
                columns[route] = latest
    visits = sorted({v for several in columns.values() for column in several for v in column.free})
    return Region(tuple(sorted(inside)), here, dict(columns), tuple(visits))
