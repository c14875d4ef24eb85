"""The linear programme over the routes found so far: it says what the visits and the minutes are worth.

Rows: each visit is made or left out; each caregiver-day has one route; each caregiver's minutes are
paid for as her load asks; an elder's visits keep their days apart. Prices are held in a box around
those that gave the best bound, since far from them pricing is slow and its routes are useless. The
programme's own value is never trusted: a bound is computed anew from the prices alone.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.bound.cuts import BROKEN, broken_triples
from solver.bound.elders import Elders
from solver.bound.pricing import Prices, Route
from solver.search.arrays import DAYS, Arrays

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """What the programme's rows are worth."""

    prices: Prices
    hands: Floats  # (visits,) points for one pair of hands on any day
    days: dict[tuple[int, int], float]  # (caregiver, day) -> points, at most 0
    outside: NDArray[np.bool_]  # (visits,) whether the box holds the visit's price back
    value: float


class Master:
    """Grows by the routes that pricing finds; solved again and again from where it stood."""

    def __init__(self, a: Arrays, elders: Elders) -> None:
        from ortools.math_opt.python import mathopt  # slow to import

        self._a, self._elders = a, elders
        self._model: Any = mathopt.Model()
        self._hands = a.visits["hands"].astype(np.float64)
        self._visits = [self._model.add_linear_constraint(lb=float(hands)) for hands in self._hands]
        self._minutes = [self._model.add_linear_constraint(ub=0.0) for _ in a.caregivers]
        self._days: dict[tuple[int, int], Any] = {}
        self._apart: list[Any] = []
        self._apart_of: dict[int, list[int]] = defaultdict(list)  # visit × 7 + day -> rows
        self._columns: dict[tuple[int, int, tuple[int, ...]], Any] = {}
        self._double = {int(v): k for k, v in enumerate(np.flatnonzero(self._hands > 1))}
        self._hand_rows: dict[tuple[int, int], dict[int, Any]] = defaultdict(dict)  # (visit, day) -> caregiver -> row
        self._triples: list[tuple[int, int, int]] = []
        self._cuts: list[Any] = []
        self._cuts_of: dict[int, list[int]] = defaultdict(list)  # visit -> cuts
        # Of the last solution: by the routes' visits; and double-handed (visit, day) -> caregiver.
        self._shares: dict[tuple[int, ...], float] = {}
        self._made: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
        self._load()
        self._spacing()
        self._under = [self._slack(row, 1.0) for row in self._visits]
        self._over = [self._slack(row, -1.0) for row in self._visits]
        # The dual simplex cannot go on from where it stood once columns have been added; the primal can.
        self._solver = mathopt.IncrementalSolver(self._model, mathopt.SolverType.GLOP)

    @property
    def columns(self) -> int:
        """How many routes it holds."""
        return len(self._columns)

    def add(self, route: Route) -> bool:
        """Add a route unless it is there already; say whether it was added."""
        key = (route.caregiver, route.day, tuple(sorted(route.visits)))
        if key in self._columns:
            return False
        column = self._columns[key] = self._model.add_variable(lb=0.0)
        self._model.objective.set_linear_coefficient(column, route.points)
        self._minutes[route.caregiver].set_coefficient(column, float(route.minutes))
        if key[:2] not in self._days:
            self._days[key[:2]] = self._model.add_linear_constraint(ub=1.0)
        self._days[key[:2]].set_coefficient(column, 1.0)
        apart: Counter[int] = Counter()
        for v, times in Counter(route.visits).items():
            self._visits[v].set_coefficient(column, float(times))
            for row in self._apart_of.get(v * DAYS + route.day, ()):
                apart[row] += times / self._hands[v]
            for caregiver, hand_row in self._hand_rows.get((v, route.day), {}).items():
                hand_row.set_coefficient(column, 1.0 if caregiver == route.caregiver else -1.0)
        for row, share in apart.items():
            self._apart[row].set_coefficient(column, share)
        for cut, times in self._cut_counts(route.visits).items():
            self._cuts[cut].set_coefficient(column, float(times))
        return True

    def cut(self, most: int) -> int:
        """Add the cuts that the last solution breaks most, up to so many; return how many."""
        broken = broken_triples(self._shares, self._hands, set(self._triples))[:most]
        for triple in broken:
            row = self._model.add_linear_constraint(ub=1.0)
            number = len(self._cuts)
            self._cuts.append(row)
            self._triples.append(triple)
            for v in triple:
                self._cuts_of[v].append(number)
            inside = set(triple)
            for (_, _, visits), column in self._columns.items():
                times = sum(v in inside for v in visits) // 2
                if times:
                    row.set_coefficient(column, float(times))
        return len(broken)

    def part_hands(self) -> int:
        """Add what the last solution breaks of: who makes a double-handed visit on a day makes one of two hands."""
        added = 0
        for (v, day), made in self._made.items():
            whole = sum(made.values())
            for caregiver, share in made.items():
                if 2 * share - whole > BROKEN and caregiver not in self._hand_rows[v, day]:
                    row = self._hand_rows[v, day][caregiver] = self._model.add_linear_constraint(ub=0.0)
                    for (other, on, visits), column in self._columns.items():
                        if on == day and v in visits:
                            row.set_coefficient(column, 1.0 if other == caregiver else -1.0)
                    added += 1
        return added

    def forget(self, again: Callable[[tuple[int, ...]], bool]) -> None:
        """Take out the routes of which this is true."""
        for key in [key for key in self._columns if again(key[2])]:
            self._model.delete_variable(self._columns.pop(key))

    def reduced(self, route: Route, worth: Worth) -> float:
        """Return what a route costs beyond what its rows are worth; below 0 it pays to add it."""
        points = route.points + worth.prices.minutes[route.caregiver] * route.minutes
        points -= worth.prices.received(route)
        points += sum(times * worth.prices.cuts[cut] for cut, times in self._cut_counts(route.visits).items())
        return float(points - worth.days.get((route.caregiver, route.day), 0.0))

    def _cut_counts(self, visits: tuple[int, ...]) -> dict[int, int]:
        met = Counter(cut for v in visits for cut in self._cuts_of.get(v, ()))
        return {cut: times // 2 for cut, times in met.items() if times > 1}

    def hold(self, centre: Floats, width: Floats) -> None:
        """Hold each visit's price to ``centre ± width``, and to what leaving it out costs."""
        most = np.minimum(self._elders.out / self._hands, centre + width)
        least = np.minimum(most, np.maximum(0.0, centre - width))
        for v, (high, low) in enumerate(zip(most.tolist(), least.tolist(), strict=True)):
            self._model.objective.set_linear_coefficient(self._under[v], high)
            self._model.objective.set_linear_coefficient(self._over[v], -low)

    def solve(self) -> Worth | None:
        """Return what everything is worth, given the routes so far; None if the numbers were too hard for it."""
        result = self._solver.solve()
        if not result.has_dual_feasible_solution() or not result.has_primal_feasible_solution():
            return None
        hands = np.array(result.dual_values(self._visits))
        prices = np.repeat(hands, DAYS)
        apart = result.dual_values(self._apart)
        for stop, rows in self._apart_of.items():
            prices[stop] += sum(apart[row] for row in rows) / self._hands[stop // DAYS]
        used = result.variable_values(list(self._columns.values()))
        self._shares.clear()
        self._made.clear()
        for (caregiver, day, visits), share in zip(self._columns, used, strict=True):
            if share <= 1e-6:
                continue
            if len(visits) > 1:
                self._shares[visits] = self._shares.get(visits, 0.0) + share
            for v in self._double.keys() & set(visits):
                self._made[v, day][caregiver] += share
        paid = np.zeros((len(self._double), DAYS, len(self._a.caregivers)))
        for (v, day), hand_rows in self._hand_rows.items():
            for caregiver, row in hand_rows.items():
                paid[self._double[v], day, caregiver] = max(0.0, -result.dual_values(row))
        under, over = result.variable_values(self._under), result.variable_values(self._over)
        return Worth(
            prices=Prices(
                prices,
                np.maximum(0.0, -np.array(result.dual_values(self._minutes))),
                np.array(self._triples, dtype=np.int32).reshape(-1, 3),
                np.maximum(0.0, -np.array(result.dual_values(self._cuts), dtype=np.float64)),
                np.array(list(self._double), dtype=np.int32),
                paid,
            ),
            hands=hands,
            days=dict(zip(self._days, result.dual_values(list(self._days.values())), strict=True)),
            outside=((np.array(under) > 1e-7) & (hands < self._elders.out / self._hands - 1e-6))
            | (np.array(over) > 1e-7),
            value=result.objective_value(),
        )

    def _slack(self, row: Any, sign: float) -> Any:
        slack = self._model.add_variable(lb=0.0)
        row.set_coefficient(slack, sign)
        return slack

    def _load(self) -> None:
        """Let each caregiver's minutes be paid for piece by piece: free, then load, then overload."""
        for row, who in zip(self._minutes, self._a.caregivers, strict=True):
            weekly = float(who["weekly"])
            steps = [0.0, *sorted((float(who["load_from"]), float(who["overload_from"]))), weekly]
            for low, high in pairwise(steps):
                size = min(high, weekly) - min(low, weekly)
                points = self._a.load_minute * (low >= who["load_from"])
                points += self._a.overload_minute * (low >= who["overload_from"])
                if size > 0:
                    piece = self._model.add_variable(lb=0.0, ub=size)
                    row.set_coefficient(piece, -1.0)
                    self._model.objective.set_linear_coefficient(piece, float(points))

    def _spacing(self) -> None:
        """Of one elder's visits at most one may stand within as many days as must lie between them."""
        for elder in self._a.elders:
            first, after, gap = int(elder["first"]), int(elder["after"]), int(elder["gap"])
            if after - first < 2 or gap < 1:
                continue
            for begin in range(max(1, DAYS - gap + 1)):
                for v in range(first, after):
                    for day in range(begin, min(DAYS, begin + gap)):
                        self._apart_of[v * DAYS + day].append(len(self._apart))
                self._apart.append(self._model.add_linear_constraint(ub=1.0))
