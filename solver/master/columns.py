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


class Met:
    """The columns that the search met: kept as rows, made into columns route by route when asked for."""

    def __init__(self, a: Arrays, w: Work, rows: NDArray[np.int32], most: int) -> None:
        self._a, self._w, self._most = a, w, most
        # Stable: of each route the latest ones come last.
        self._rows = rows[np.argsort(rows[:, 0], kind="stable")]
        self._low = np.searchsorted(self._rows[:, 0], np.arange(len(a.shifts) + 1))

    def of(self, caregiver: int) -> dict[int, list[Column]]:
        """Return the latest columns of each of a caregiver's days."""
        routes = range(caregiver * DAYS, (caregiver + 1) * DAYS)
        parts = [self._rows[max(self._low[r], self._low[r + 1] - self._most) : self._low[r + 1]] for r in routes]
        columns: dict[int, list[Column]] = defaultdict(list)
        for column in priced(self._a, self._w, np.concatenate(parts)):
            columns[column.route].append(column)
        return columns


def region(
    a: Arrays, caregivers: NDArray[np.int64], now: dict[int, Column], by: dict[int, frozenset[int]], met: Met
) -> Region:
    """Return what may change when these caregivers' days are chosen anew, all others' staying.

    Of each caregiver-day the latest columns that the search met count, and the one at hand.

    Parameters
    ----------
    by
        The caregivers of each visit that is placed.
    """
    inside = set(caregivers.tolist())
    pinned = a.visits["pinned"]
    routes = [c * DAYS + day for c in sorted(inside) for day in range(DAYS)]
    here = {route: now[route] for route in routes if route in now}
    columns: dict[int, list[Column]] = defaultdict(list)
    for c in sorted(inside):
        of_hers = met.of(c)
        for route in range(c * DAYS, (c + 1) * DAYS):
            at_hand = here.get(route)
            settled = at_hand.settled if at_hand else frozenset()
            latest = [
                column
                for column in of_hers.get(route, ())
                if column.settled == settled
                and not any(pinned[v] or not by.get(v, inside) <= inside for v in column.free)
            ]
            if at_hand is not None and all(column.stops != at_hand.stops for column in latest):
                latest.append(at_hand)
            if latest:
                columns[route] = latest
    visits = sorted({v for several in columns.values() for column in several for v in column.free})
    return Region(tuple(sorted(inside)), here, dict(columns), tuple(visits))
