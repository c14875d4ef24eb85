"""Rounds of searches side by side, until the budget is used up; the best plan met is kept."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from solver.plan import Status
from solver.search.anneal import search
from solver.search.arrays import Arrays
from solver.search.chance import mix
from solver.search.clusters import STRIP_VISITS, Strips, strips
from solver.search.state import BEST, COLUMNS_MET, MOST_COLUMNS, NOW, State, new_work

HOT, COLD = 12.0, 0.4  # temperatures, in points: minutes of travel
MOST_OUT = 12  # visits taken out in one iteration
_LEAST_ROUND = 400  # iterations of a round
_ROUND_SECONDS = 0.4
_POOL_FROM = 0.4  # share of the budget after which routes are worth remembering
_MOST_POOLED = 150_000


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How long to search: by iterations (repeatable), by seconds, or whichever ends first."""

    iterations: int | None
    seconds: float | None
    began: float  # on the clock of time.monotonic

    def spent(self, iterations: int) -> float:
        """Return the share of the budget that is used up."""
        shares = [0.0]
        if self.iterations is not None:
            shares.append(iterations / self.iterations if self.iterations else 1.0)
        if self.seconds is not None:
            shares.append((time.monotonic() - self.began) / self.seconds if self.seconds > 0 else 1.0)
        return min(1.0, max(shares))

    def ended(self, iterations: int) -> Status | None:
        """Return how the budget ended, or None while some is left."""
        if self.iterations is not None and iterations >= self.iterations:
            return Status.FINISHED
        if self.seconds is not None and time.monotonic() - self.began >= self.seconds:
            return Status.OUT_OF_TIME
        return None


class Pool:
    """Caregiver-days that the search met in its later part: what the master chooses from.

    The latest of them come last; the oldest are forgotten.
    """

    def __init__(self, most: int = _MOST_POOLED) -> None:
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
    rate: float = field(default=2000.0)  # iterations a second, as last seen
    pool: Pool = field(default_factory=Pool)

    def learn(self, s: State, points: float) -> None:
        """Take over the best routes of a round if they are better."""
        if points < self.points - 1e-6:
            self.points = points
            np.copyto(self.routes, s.best)
            np.copyto(self.n, s.best_n)


def best_of(s: State, points: float) -> Best:
    """Return the plan as it stands as the best one so far."""
    return Best(points, s.stops[:, :, :2].copy(), s.routes["n"].copy())


def run(
    a: Arrays,
    s: State,
    best: Best,
    *,
    seed: int,
    budget: Budget,
    workers: int,
    heat: float,
    after_round: Callable[[Best], bool],
) -> Status:
    """Search until the budget ends or ``after_round`` says so (Status.CANCELLED).

    Strips and random numbers depend on seed and round only, so the plan does not depend on
    ``workers`` (nor on time, unless the budget counts seconds).
    """
    points = best.points
    turn = 0
    number = max(1, round(len(a.visits) / STRIP_VISITS))
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        while True:
            ended = budget.ended(best.iterations)
            if ended is not None:
                return ended
            began = time.monotonic()
            parts = strips(a, number, seed, turn)
            many = _iterations_of_round(a, budget, best)
            hot = _temperature(budget.spent(best.iterations), heat)
            cold = _temperature(budget.spent(best.iterations + many), heat)
            now, least, columns = _round(a, s, parts, pool, workers, seed, turn, many, (hot, cold))
            if budget.spent(best.iterations) >= _POOL_FROM:
                for rows in columns:
                    best.pool.add(rows)
            best.learn(s, points + least)
            points += now
            best.iterations += many
            best.rate = many / max(1e-3, time.monotonic() - began)
            turn += 1
            if not after_round(best):
                return Status.CANCELLED


def _temperature(spent: float, heat: float) -> float:
    return heat * HOT * float((COLD / HOT) ** spent)


def _iterations_of_round(a: Arrays, budget: Budget, best: Best) -> int:
    many = max(_LEAST_ROUND, len(a.visits))
    if budget.seconds is not None:
        left = budget.seconds - (time.monotonic() - budget.began)
        many = max(20, int(best.rate * min(_ROUND_SECONDS, left)))
    if budget.iterations is not None:
        many = min(many, budget.iterations - best.iterations)
    return many


def _round(
    a: Arrays,
    s: State,
    parts: Strips,
    pool: ThreadPoolExecutor,
    workers: int,
    seed: int,
    turn: int,
    many: int,
    temperatures: tuple[float, float],
) -> tuple[float, float, list[NDArray[np.int32]]]:
    """Search every strip once; return the change of points now and at the best of each strip, and columns."""
    np.copyto(s.best, s.stops[:, :, :2])
    np.copyto(s.best_n, s.routes["n"])

    def one(strip: int) -> tuple[float, float, NDArray[np.int32]]:
        elders = parts.elders[strip]
        iterations = round(many * parts.share[strip])
        if len(elders) == 0 or iterations == 0:
            return 0.0, 0.0, np.zeros((0, 2 + 2 * s.stops.shape[1]), dtype=np.int32)
        w = new_work(a, s, mix(seed, turn, strip))
        search(a, s, w, parts.groups, parts.elder_groups, strip, elders, iterations, *temperatures, MOST_OUT)
        met = min(int(w.counts[COLUMNS_MET]), MOST_COLUMNS)
        return float(w.points[NOW]), float(w.points[BEST]), w.columns[:met]

    strips_ = range(len(parts.elders))
    done = list(pool.map(one, strips_)) if workers > 1 and len(strips_) > 1 else [one(strip) for strip in strips_]
    return sum(one[0] for one in done), sum(one[1] for one in done), [one[2] for one in done]
