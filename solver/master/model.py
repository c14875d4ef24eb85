"""The set-partitioning model of one region, for CP-SAT.

Each caregiver-day takes at most one of its columns; each visit stands in one of them or is left out.
Weekly limits, rest days and load couple a caregiver's days; spacing, patterns, caps and the number
of carers couple an elder's visits. Visits with a settled start, and all that stands outside the
region, are constants.
"""

from collections import defaultdict
from dataclasses import dataclass
from math import floor
from typing import Any

from solver.master.columns import Column, Region
from solver.search.arrays import DAYS, Arrays

_SCALE = 100  # CP-SAT counts in whole hundredths of a point
_UNLIMITED = 1 << 19

Literal = Any  # an IntVar of CP-SAT


@dataclass(frozen=True)
class Standing:
    """Where the visits stand that a region does not move: visit -> day and caregivers."""

    day: dict[int, int]
    by: dict[int, frozenset[int]]


class Model:
    """Builds and solves the choice of columns in one region."""

    def __init__(self, a: Arrays, region: Region, standing: Standing) -> None:
        from ortools.sat.python import cp_model  # slow to import, and not needed by whoever only reads plans

        self._cp = cp_model
        self._a = a
        self._region = region
        self._standing = standing
        self._model = cp_model.CpModel()
        self._objective: list[Any] = []
        self._taken: dict[Column, Literal] = {}
        self._left_out: dict[int, Literal] = {}
        # visit -> day -> literals of the columns in which it stands then
        self._on: dict[int, dict[int, list[Literal]]] = defaultdict(lambda: defaultdict(list))
        self._columns()
        self._weeks()
        for e in sorted({int(a.visits["elder"][v]) for v in region.visits}):
            self._elder(e)
        self._model.minimize(sum(self._objective))

    def _columns(self) -> None:
        covered: dict[int, list[Literal]] = defaultdict(list)
        for route, columns in self._region.columns.items():
            literals = []
            for column in columns:
                literal = self._model.new_bool_var("")
                self._taken[column] = literal
                literals.append(literal)
                self._objective.append(round(_SCALE * column.points) * literal)
                for v in column.free:
                    covered[v].append(literal)
                    self._on[v][column.day].append(literal)
            now = self._region.now.get(route)
            if now is not None and now.settled:
                self._model.add_exactly_one(literals)
            else:
                self._model.add_at_most_one(literals)
            for column in columns:
                self._model.add_hint(self._taken[column], column == now)
        placed = {v for column in self._region.now.values() for v in column.free}
        for v in self._region.visits:
            left_out = self._model.new_bool_var("")
            self._left_out[v] = left_out
            self._model.add_exactly_one([*covered[v], left_out])
            self._model.add_hint(left_out, v not in placed)
            self._objective.append(round(_SCALE * float(self._a.visits["absent_cost"][v])) * left_out)

    def _weeks(self) -> None:
        for c in self._region.caregivers:
            columns = [
                column for route in range(c * DAYS, (c + 1) * DAYS) for column in self._region.columns.get(route, ())
            ]
            if not columns:
                continue
            who = self._a.caregivers[c]
            work = sum(column.minutes * self._taken[column] for column in columns)
            self._model.add(work <= int(who["weekly"]))
            self._model.add(sum(self._taken[column] for column in columns) <= int(who["max_days"]))
            most = int(who["weekly"])
            for points, threshold in (
                (self._a.load_minute, who["load_from"]),
                (self._a.overload_minute, who["overload_from"]),
            ):
                if points > 0 and threshold < most:
                    over = self._model.new_int_var(0, most, "")
                    self._model.add(over >= work - floor(threshold))
                    self._objective.append(round(_SCALE * points) * over)

    def _elder(self, e: int) -> None:
        elder = self._a.elders[e]
        visits = range(int(elder["first"]), int(elder["after"]))
        if len(visits) == 1 and int(elder["max_carers"]) >= int(self._a.visits["hands"][visits[0]]):
            self._caps(e, visits)
            return
        self._gaps(e, visits)
        self._patterns(e, visits)
        self._caps(e, visits)
        self._carers(e, visits)

    def _is_free(self, v: int) -> bool:
        return v in self._left_out

    def _gaps(self, e: int, visits: range) -> None:
        gap = int(self._a.elders["gap"][e])
        for i in filter(self._is_free, visits):
            for day, here in self._on[i].items():
                near = range(day - gap + 1, day + gap)
                if any(j != i and self._standing.day.get(j, -99) in near for j in visits):
                    self._model.add(sum(here) == 0)
                for j in filter(self._is_free, visits):
                    others = [literal for other in near for literal in self._on[j].get(other, ())]
                    if j > i and others:
                        self._model.add_at_most_one([*here, *others])

    def _patterns(self, e: int, visits: range) -> None:
        low, high = int(self._a.elders["pattern_low"][e]), int(self._a.elders["pattern_high"][e])
        if low == high:
            return
        patterns = self._a.patterns[low:high].reshape(-1, len(visits)).tolist()
        possible = [
            pattern
            for pattern in patterns
            if all(self._standing.day.get(v, day) == day for v, day in zip(visits, pattern, strict=True))
        ]
        follows = [self._model.new_bool_var("") for _ in possible]
        self._model.add_at_most_one(follows)
        for i, v in enumerate(visits):
            if self._is_free(v):
                for day, here in self._on[v].items():
                    on_day = [chosen for chosen, pattern in zip(follows, possible, strict=True) if pattern[i] == day]
                    self._model.add(sum(here) <= sum(on_day))

    def _caps(self, e: int, visits: range) -> None:
        minutes = self._a.visits["minutes"]
        for cap in self._a.caps[self._a.elders["cap_low"][e] : self._a.elders["cap_high"][e]]:
            days = range(max(0, int(cap["first"])), min(DAYS - 1, int(cap["last"])) + 1)
            used = sum(int(minutes[v]) for v in visits if self._standing.day.get(v, -99) in days)
            terms = [
                int(minutes[v]) * literal
                for v in filter(self._is_free, visits)
                for day in days
                for literal in self._on[v].get(day, ())
            ]
            if terms:
                self._model.add(sum(terms) <= int(cap["minutes"]) - used)

    def _carers(self, e: int, visits: range) -> None:
        most = int(self._a.elders["max_carers"][e])
        if most >= _UNLIMITED or most >= int(self._a.visits["hands"][visits[0] : visits[-1] + 1].sum()):
            return
        have = {c for v in visits for c in self._standing.by.get(v, ())}
        of: dict[int, list[Literal]] = defaultdict(list)
        for column, literal in self._taken.items():
            if column.caregiver not in have and any(v in visits for v in column.free):
                of[column.caregiver].append(literal)
        comes = []
        for literals in of.values():
            come = self._model.new_bool_var("")
            for literal in literals:
                self._model.add_implication(literal, come)
            comes.append(come)
        self._model.add(sum(comes) <= most - len(have))

    def solve(self, effort: float, seed: int, seconds: float | None) -> list[Column] | None:
        """Return the columns chosen, None if the solver found nothing.

        Parameters
        ----------
        effort
            CP-SAT's deterministic time, about a second each; the same choice on every machine.
        seconds
            Stop after so long in any case (then the choice may depend on the machine).
        """
        solver = self._cp.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed % (1 << 31)
        solver.parameters.max_deterministic_time = effort
        solver.parameters.relative_gap_limit = 1e-4
        if seconds is not None:
            solver.parameters.max_time_in_seconds = max(0.05, seconds)
        if solver.solve(self._model) not in (self._cp.OPTIMAL, self._cp.FEASIBLE):
            return None
        return [column for column, literal in self._taken.items() if solver.boolean_value(literal)]
