"""Rounds of searches side by side, until the budget is used up; the best plan met is kept."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray

from solver.plan import Status
from solver.search.anneal import search
from solver.search.arrays import Arrays
from solver.search.chance import mix
from solver.search.clusters import Strips, strips
from solver.search.settings import Settings
from solver.search.state import BEST, COLUMNS_MET, MOST_COLUMNS, NOW, State, Work, fresh, new_work

_LEAST_ROUND = 400  # iterations of a round
_FIRST_RATE = 2000.0  # iterations a second
_POOL_FROM = 0.8  # share of the budget after which routes are worth remembering
_POOLED_PER_ROUTE = 40
_WORTH_HALVING = 200  # visits of a problem that is searched as a whole and in halves, in turn
_HALVES = 3  # times the iterations: halves run side by side, and ask half of the caregivers
_STRIPS_PER_ROUND = 8  # a round of more strips takes longer in proportion


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How long to search: by iterations (repeatable), by seconds, or whichever ends first."""

    iterations: int | None
    seconds: float | None
    began: float  # on the clock
    clock: Callable[[], float] = time.monotonic

    def spent(self, iterations: int) -> float:
        """Return the share of the budget that is used up."""
        shares = [0.0]
        if self.iterations is not None:
            shares.append(iterations / self.iterations if self.iterations else 1.0)
        if self.seconds is not None:
            shares.append((self.clock() - self.began) / self.seconds if self.seconds > 0 else 1.0)
        return min(1.0, max(shares))

    def ended(self, iterations: int) -> Status | None:
        """Return how the budget ended, or None while some is left."""
        if self.iterations is not None and iterations >= self.iterations:
            return Status.FINISHED
        if self.seconds is not None and self.clock() - self.began >= self.seconds:
            return Status.OUT_OF_TIME
        return None


class Pool:
    """Caregiver-days that the search met in its later part: what the master chooses from.

    The latest of them come last; the oldest are forgotten.
    """

    def __init__(self, most: int = 150_000) -> None:
        self._met: dict[bytes, None] = {}
        self._most = most

    def add(self, rows: NDArray[np.int32]) -> None:
        """Add rows (route, n, then visit and fixed start of each stop)."""
        if len(rows) == 0:
            return
        stop = np.arange(rows.shape[1] - 2) // 2
        rows = np.ascontiguousarray(rows)
        rows[:, 2:][stop[None, :] >= rows[:, 1:2]] = 0
        whole: list[bytes] = rows.view(np.dtype((np.void, rows.shape[1] * 4))).ravel().tolist()  # type: ignore[assignment]
        for row in whole:
            self._met.pop(row, None)
            self._met[row] = None
        for row in list(self._met)[: max(0, len(self._met) - self._most)]:
            del self._met[row]

    def rows(self, width: int) -> NDArray[np.int32]:
        """Return all rows, oldest first; ``width`` of a row in numbers."""
        return np.frombuffer(b"".join(self._met), dtype=np.int32).reshape(-1, width)


@dataclass
class Best:
    """The best plan met so far."""

    points: float
    routes: NDArray[np.int32]
    n: NDArray[np.int32]
    iterations: int = 0
    rates: dict[int, float] = field(default_factory=dict)  # iterations a second, as last seen, by number of strips
    pool: Pool = field(default_factory=Pool)

    def learn(self, s: State, points: float) -> None:
        """Take over the best routes of a round if they are better."""
        if points < self.points - 1e-6:
            self.points = points
            np.copyto(self.routes, s.best)
            np.copyto(self.n, s.best_n)


def best_of(s: State, points: float) -> Best:
    """Return the plan as it stands as the best one so far."""
    pool = Pool(max(1000, _POOLED_PER_ROUTE * len(s.routes)))
    return Best(points, s.stops[:, :, :2].copy(), s.routes["n"].copy(), pool=pool)


def run(
    a: Arrays,
    s: State,
    best: Best,
    *,
    seed: int,
    budget: Budget,
    workers: int,
    heat: float,
    settings: Settings,
    after_round: Callable[[Best], bool],
) -> Status:
    """Search until the budget ends or ``after_round`` says so (Status.CANCELLED).

    Strips and random numbers depend on seed and round only, so the plan does not depend on
    ``workers`` (nor on time, unless the budget counts seconds).
    """
    points = best.points
    turn = 0
    works: SimpleQueue[Work] = SimpleQueue()
    for _ in range(max(1, workers)):
        works.put(new_work(a, s, 1, settings))
    number = max(1, round(len(a.visits) / settings.strip_visits)) if settings.strip_visits else 1
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        while True:
            ended = budget.ended(best.iterations)
            if ended is not None:
                return ended
            began = budget.clock()
            halved = settings.halves and number == 1 and turn % 2 == 1 and len(a.visits) >= _WORTH_HALVING
            parts = strips(a, 2 if halved else number, seed, turn if settings.turning else 0)
            seconds = settings.round_seconds * max(1.0, number / _STRIPS_PER_ROUND)
            many = _iterations_of_round(a, budget, best, seconds, len(parts.share), _HALVES if halved else 1)
            hot = _temperature(settings, budget.spent(best.iterations), heat)
            cold = _temperature(settings, budget.spent(best.iterations + many), heat)
            now, least, columns = _round(a, s, parts, pool, works, mix(seed, turn), many, (hot, cold))
            if budget.spent(best.iterations) >= _POOL_FROM:
                for rows in columns:
                    best.pool.add(rows)
            best.learn(s, points + least)
            points += now
            best.iterations += many
            best.rates[len(parts.share)] = many / max(1e-3, budget.clock() - began)
            turn += 1
            if not after_round(best):
                return Status.CANCELLED


def _temperature(settings: Settings, spent: float, heat: float) -> float:
    return heat * settings.hot * float((settings.cold / settings.hot) ** spent)


def _iterations_of_round(a: Arrays, budget: Budget, best: Best, seconds: float, strips: int, times: int) -> int:
    many = times * max(_LEAST_ROUND, len(a.visits))
    if budget.seconds is not None:
        left = budget.seconds - (budget.clock() - budget.began)
        many = max(20, int(best.rates.get(strips, _FIRST_RATE) * min(seconds, left)))
    if budget.iterations is not None:
        many = min(many, budget.iterations - best.iterations)
    return many


def _round(
    a: Arrays,
    s: State,
    parts: Strips,
    pool: ThreadPoolExecutor,
    works: "SimpleQueue[Work]",
    seed: int,
    many: int,
    temperatures: tuple[float, float],
) -> tuple[float, float, list[NDArray[np.int32]]]:
    """Search every strip once; return the change of points now and at the best of each strip, and columns."""
    np.copyto(s.best, s.stops[:, :, :2])
    np.copyto(s.best_n, s.routes["n"])

    def one(strip: int) -> tuple[float, float, NDArray[np.int32]]:
        elders = parts.elders[strip]
        iterations = round(many * parts.share[strip])
        w = fresh(works.get(), mix(seed, strip))
        try:
            if len(elders) and iterations:
                search(a, s, w, parts.groups, parts.elder_groups, strip, elders, iterations, *temperatures)
            met = min(int(w.counts[COLUMNS_MET]), MOST_COLUMNS)
            return float(w.points[NOW]), float(w.points[BEST]), w.columns[:met].copy()
        finally:
            works.put(w)

    done = list(pool.map(one, range(len(parts.elders))))
    return sum(one[0] for one in done), sum(one[1] for one in done), [one[2] for one in done]
