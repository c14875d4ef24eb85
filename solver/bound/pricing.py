"""Every caregiver's cheapest week at given prices, on several threads."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, Semaphore

import numpy as np
from numpy.typing import NDArray

from solver.bound.groups import most_groups
from solver.bound.memory import Memory
from solver.bound.pairs import Pairs
from solver.bound.room import BITS, LABEL, NODE, WIDEST, Cuts, Room
from solver.bound.weeks import COUNT, CUT, FAILED, FIRST, MINUTES, least_without_labels, price_weeks
from solver.problem import MINUTES_IN_DAY
from solver.search.arrays import DAYS, Arrays, Ints

Floats = NDArray[np.float64]

_LABELS = 1_500_000  # of one caregiver's week, 64 bytes each
_CHEAP = 1e-4  # points; cuts that cost less are not looked at
_MOST_STOPS = 64  # of a column
_MOST_HANDS = 5_000_000  # prices of second hands
ALL = 1 << 20
_ASK_SECONDS = 0.1  # after so long at most it is asked whether to go on, in the midst of a caregiver's week too


@dataclass(frozen=True)
class Route:
    """A column: a caregiver's visits of a day, and what they cost without her load."""

    caregiver: int
    day: int
    minutes: int
    visits: tuple[int, ...]  # in order
    points: float


@dataclass(frozen=True)
class Priced:
    """What pricing found."""

    least: Floats  # (caregivers,) what no week of hers undercuts, prices taken off
    routes: list[Route]
    above: Floats  # (caregivers,) how far that is above what paid minutes would say
    cut: NDArray[np.bool_]  # (caregivers,) whether it might be more with more slack or room
    whole: bool  # nobody was left out or cut off, for want of time


@dataclass(frozen=True)
class Prices:
    """What the other side pays for each visit, and what a caregiver's side pays for minutes, cuts and second hands.

    Both hands of a visit are never one caregiver's, not on two days by halves either: for one pair of hands each pays
    ``hands`` to whoever else is there. What the elders pay is not touched by it.
    """

    visits: Floats  # (visits × 7,) for one pair of hands on that day
    minutes: Floats  # (caregivers,)
    triples: Ints  # (cuts, 3) visits, see `cuts`
    cuts: Floats  # (cuts,) at least 0
    double: Ints  # (double-handed visits,) in order
    hands: Floats  # (double-handed visits, 7, caregivers) at least 0

    @property
    def stops(self) -> Ints:
        """Where the double-handed visits stand in ``visits``: (double-handed visits, 7)."""
        return np.asarray(self.double[:, None] * DAYS + np.arange(DAYS), dtype=np.int32)

    def at_most(self) -> Floats:
        """Return what anybody receives at most, as ``visits``."""
        received = self.visits.copy()
        received[self.stops] += self.hands.sum(axis=2)
        return received

    def received(self, route: "Route") -> float:
        """Return what the caregiver of a route receives for its visits."""
        points = sum(self.visits[v * DAYS + route.day] for v in route.visits)
        for v in route.visits:
            k = int(np.searchsorted(self.double, v))
            if k < len(self.double) and self.double[k] == v:
                hands = self.hands[k, route.day]
                points += hands.sum() - 2 * hands[route.caregiver]
        return float(points)


def plain_prices(a: Arrays, hands: Floats, minutes: Floats) -> Prices:
    """Return prices that are the same on all days, with no cuts and nothing for second hands (ever, if too many)."""
    double = np.flatnonzero(a.visits["hands"] > 1).astype(np.int32)
    if len(double) * DAYS * len(a.caregivers) > _MOST_HANDS:
        double = double[:0]
    return Prices(
        np.repeat(hands, DAYS), minutes, np.zeros((0, 3), dtype=np.int32), np.zeros(0),
        double, np.zeros((len(double), DAYS, len(a.caregivers))),
    )  # fmt: skip


class Pricing:
    """Holds the rooms of the threads; use `open_pricing`."""

    def __init__(self, a: Arrays, t: Pairs, threads: ThreadPoolExecutor, workers: int) -> None:
        self._a, self._t, self._threads = a, t, threads
        self.memory = Memory(a, t.same_day)
        hours = np.where(a.shifts["starts"] >= 0, a.shifts["ends"] - a.shifts["starts"], 0).reshape(-1, DAYS)
        days = np.minimum(hours, np.minimum(a.caregivers["daily"], a.caregivers["weekly"])[:, None])
        weeks = np.minimum(days.sum(axis=1), a.caregivers["weekly"])
        longest, week = int(days.max(initial=0)), int(weeks.max(initial=0))
        nodes = int(np.diff(t.low).max(initial=0))
        self._stop = np.zeros(1, dtype=np.int32)
        self._rooms = [
            _room(self._stop, len(a.visits), nodes, int(hours.max(initial=0)), longest, week) for _ in range(workers)
        ]
        # Long weeks first, so that the threads end together.
        order = np.argsort(-hours.sum(axis=1) * (np.diff(t.low) > 0), kind="stable").astype(np.int32)
        self._order = [order[k : k + 1] for k in range(len(order))]  # one at a time: some take a second

    def price(
        self,
        prices: Prices,
        *,
        slack: float | Floats,
        wide: int,
        few: int = ALL,
        beam: int = ALL,
        most: int = 3,
        go_on: Callable[[], bool] = lambda: True,
    ) -> Priced:
        """Find each caregiver's cheapest week.

        Parameters
        ----------
        slack
            Of each caregiver, or of all. 0: minutes are paid for, not counted, the quick way. Above: weeks are exact as
            long as they cost at most so many points more than paid minutes would say.
        wide
            Near elders whom a route remembers, so as not to visit them twice, besides those of ``memory``; at most
            `WIDEST`.
        most
            Routes of each day that are told, at most.
        few
            Only so many visits of each caregiver, those that pay most: quick, but what is left out may
            be cheaper, so that ``least`` proves nothing.
        beam
            Only so many partial routes that end at the same visit, likewise.
        go_on
            Asked often, in this thread; once it says no, a rough bound stands in for what was not priced.
        """
        least = np.zeros(len(self._a.caregivers), dtype=np.float64)
        above, slacks = np.zeros_like(least), np.zeros_like(least) + slack
        status = np.full(len(self._a.caregivers), FAILED, dtype=np.int32)
        order = iter(self._order)
        cuts, memory = _dearest_first(prices), self.memory.remembered()
        most_received, stops = prices.at_most(), prices.stops
        lock, turn = Lock(), Semaphore(0)
        self._stop[0] = 0

        def received(mine: Floats, c: int) -> Floats:
            mine[stops] = most_received[stops] - 2 * prices.hands[:, :, c]
            return mine

        def work(room: Room) -> list[Route]:
            rows = np.zeros(((most + 1) * DAYS, FIRST + _MOST_STOPS), dtype=np.int32)
            points = np.zeros(len(rows), dtype=np.float64)
            routes: list[Route] = []
            mine = most_received.copy()
            while not self._stop[0]:
                with lock:
                    who = next(order, None)
                if who is None:
                    break
                found = price_weeks(
                    self._a, self._t, room, received(mine, int(who[0])), prices.minutes, cuts, memory, slacks,
                    who, wide, few, beam, most, least, above, status, rows, points,
                )  # fmt: skip
                routes.extend(_routes(rows[:found], points))
                turn.release()
            return routes

        # This thread asks: whoever is asked may depend on the thread. The others work.
        working = [self._threads.submit(work, room) for room in self._rooms] if go_on() else []
        for each in working:
            each.add_done_callback(lambda _: turn.release())
        while not all(each.done() for each in working):
            if not go_on():
                self.stop()
                break
            turn.acquire(timeout=_ASK_SECONDS)
        routes = [route for each in working for route in each.result()]
        failed = np.flatnonzero(status == FAILED)
        for c in failed:
            least[c] = least_without_labels(self._a, self._t, received(most_received.copy(), int(c)), int(c))
        return Priced(least, routes, above, status == CUT, not len(failed) and not self._stop[0])

    def stop(self) -> None:
        """Have the threads leave what they are at, in the midst of a caregiver's week too."""
        self._stop[0] = 1


@contextmanager
def open_pricing(a: Arrays, t: Pairs, workers: int) -> Iterator[Pricing]:
    """Start the threads, and end them, at once if an error ends the pricing."""
    with ThreadPoolExecutor(workers) as threads:
        pricing = Pricing(a, t, threads, workers)
        try:
            yield pricing
        finally:
            pricing.stop()


def _dearest_first(prices: Prices) -> Cuts:
    order = np.argsort(-prices.cuts, kind="stable")[: int((prices.cuts > _CHEAP).sum())]
    return Cuts(np.ascontiguousarray(prices.triples[order]), np.ascontiguousarray(prices.cuts[order]))


def _routes(rows: Ints, points: Floats) -> Iterator[Route]:
    for row, cost in zip(rows.tolist(), points.tolist(), strict=False):
        # The row's first numbers: caregiver, day, minutes.
        yield Route(row[0], row[1], row[MINUTES], tuple(row[FIRST : FIRST + row[COUNT]][::-1]), cost)


def _room(stop: Ints, visits: int, nodes: int, shift: int, day: int, week: int) -> Room:
    groups = most_groups(nodes)
    return Room(
        stop=stop,
        nodes=np.zeros(nodes + 1, dtype=NODE),
        order=np.zeros((nodes + 1, nodes + 1), dtype=np.int32),
        farther=np.zeros(MINUTES_IN_DAY + 2, dtype=np.int32),
        node_of=np.zeros(visits, dtype=np.int32),
        near=np.zeros((nodes + 1, WIDEST), dtype=np.int32),
        cuts=np.zeros(nodes + 1, dtype=np.int64),
        cut_points=np.zeros(BITS, dtype=np.float64),
        legs=np.zeros((nodes + 1, nodes + 1), dtype=np.int32),
        labels=np.empty(_LABELS, dtype=LABEL),
        heads=np.zeros(nodes + 1, dtype=np.int32),
        queues=np.zeros(MINUTES_IN_DAY + 1, dtype=np.int32),
        group=np.zeros(nodes + 1, dtype=np.int32),
        members=np.zeros(nodes + 1, dtype=np.int32),
        group_low=np.zeros(groups + 1, dtype=np.int32),
        group_legs=np.zeros((nodes + 1, groups), dtype=np.int32),
        group_order=np.zeros((nodes + 1, groups + 1), dtype=np.int32),
        group_soonest=np.zeros((groups, shift + 1), dtype=np.float64),
        ends=np.zeros((nodes + 1, 2), dtype=np.int32),
        reached=np.zeros((shift + 1, nodes + 1), dtype=np.float64),
        soonest=np.zeros(shift + 1, dtype=np.float64),
        left=np.zeros((nodes + 1, shift + 1), dtype=np.float64),
        last=np.zeros((DAYS, nodes + 1), dtype=np.float64),
        last_label=np.zeros((DAYS, nodes + 1), dtype=np.int32),
        front=np.zeros((DAYS, day + 1), dtype=np.float64),
        front_label=np.zeros((DAYS, day + 1), dtype=np.int32),
        best=np.zeros((DAYS + 1, DAYS + 1, week + 1), dtype=np.float64),
        choice=np.zeros((DAYS + 1, DAYS + 1, week + 1), dtype=np.int32),
    )
