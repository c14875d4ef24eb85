"""Which options to take: CP-SAT, exactly, unserved minutes first, then elders changed, then points."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import floor
from typing import Any

from solver.cost import unserved_points
from solver.problem import Day, Minutes
from solver.repair.days import Option
from solver.repair.pool import Pool

_SCALE = 100  # CP-SAT counts in whole hundredths of a point
_EFFORT, _EFFORT_FOR_POINTS = 1.0, 0.3  # deterministic seconds for each goal
_PROVED = 2  # goals whose optimum is to be proved: unserved minutes and elders changed

Literal = Any  # an IntVar of CP-SAT, or an expression of them


@dataclass(frozen=True, slots=True)
class Choice:
    """The options that were chosen, and whether none is better."""

    taken: tuple[Option, ...]
    unserved: tuple[str, ...]
    elders_changed: int
    proved: bool


class _Model:
    """One pool as a model; every field of it is the name of a rule or a goal."""

    def __init__(self, pool: Pool, changes: int) -> None:
        from ortools.sat.python import cp_model  # slow to import, and not needed where nothing is repaired

        self._cp, self._model = cp_model, cp_model.CpModel()
        self._pool, self._week, self._roster = pool, pool.standing.week, pool.standing.roster
        self._taken: dict[int, Literal] = {i: self._model.new_bool_var("") for i in range(len(pool.options))}
        self._on: dict[str, dict[Day, list[Literal]]] = defaultdict(lambda: defaultdict(list))
        self._moved: dict[str, Literal] = {}
        self._unserved: dict[str, Literal] = {}
        self._points: list[Any] = []
        self._days()
        self._visits()
        self._weeks()
        for need in sorted({self._week.need_of[visit].id for visit in (*pool.hit, *pool.others)}):
            self._elder(need)
        self._changed = self._elders_changed(changes)

    def _days(self) -> None:
        """One option a day at most; none: the day stays as it is."""
        by_day: dict[tuple[str, Day], list[int]] = defaultdict(list)
        for i, option in enumerate(self._pool.options):
            by_day[option.caregiver, option.day].append(i)
        for chosen in by_day.values():
            self._model.add_at_most_one([self._taken[i] for i in chosen])
            points = [round(_SCALE * self._pool.options[i].points) for i in chosen]
            self._points += [each * self._taken[i] for each, i in zip(points, chosen, strict=True) if each]

    def _visits(self) -> None:
        """A visit that was hit gets its hands or stays unserved; another that leaves its place gets a new one."""
        gone: dict[tuple[str, str], list[Literal]] = defaultdict(list)
        at: dict[tuple[str, Day, Minutes], list[Literal]] = defaultdict(list)
        for i, option in enumerate(self._pool.options):
            for visit in option.gone:
                gone[visit, option.caregiver].append(self._taken[i])
            for visit, start in option.new:
                if self._week.visits[visit].hands == 1:
                    self._on[visit][option.day].append(self._taken[i])
                else:
                    at[visit, option.day, start].append(self._taken[i])
        for (visit, day, _), literals in at.items():
            meets = self._model.new_bool_var("")
            self._model.add(sum(literals) == self._week.visits[visit].hands * meets)
            self._on[visit][day].append(meets)
        for visit in self._pool.hit:
            unserved = self._unserved[visit] = self._model.new_bool_var("")
            self._model.add_exactly_one([unserved, *self._anywhere(visit)])
            points = round(_SCALE * unserved_points(self._week, self._week.need_of[visit], self._week.visits[visit]))
            self._points.append(points * unserved)
        for visit in self._pool.others:
            first, *others = self._makers(visit)
            moved = self._moved[visit] = sum(gone[visit, first])
            for who in others:
                self._model.add(sum(gone[visit, who]) == moved)
            self._model.add(sum(self._anywhere(visit)) == moved)

    def _makers(self, visit: str) -> tuple[str, ...]:
        """Return who makes a visit that stands."""
        return self._roster.stops_of_visit(visit)[0].planned.caregivers

    def _anywhere(self, visit: str) -> list[Literal]:
        return [literal for literals in self._on[visit].values() for literal in literals]

    def _weeks(self) -> None:
        by_caregiver: dict[str, list[int]] = defaultdict(list)
        for i, option in enumerate(self._pool.options):
            by_caregiver[option.caregiver].append(i)
        policy = self._week.policy
        for who, chosen in by_caregiver.items():
            caregiver, now = self._week.caregivers[who], self._roster.working_minutes(who)
            most = max(now, caregiver.weekly_limit_minutes)
            work = now + sum(self._pool.options[i].minutes * self._taken[i] for i in chosen)
            self._model.add(work <= most)
            days = len(self._roster.routes(who))
            begun = [
                self._pool.options[i].starts_day * self._taken[i] for i in chosen if self._pool.options[i].starts_day
            ]
            if begun:
                self._model.add(days + sum(begun) <= max(days, caregiver.max_days))
            for points, share in (
                (policy.load_minute, policy.load_from),
                (policy.overload_minute, policy.overload_from),
            ):
                threshold = floor(share * caregiver.contract_minutes)
                if points > 0 and threshold < most:
                    over = self._model.new_int_var(0, most, "")
                    self._model.add(over >= work - threshold)
                    self._points.append(round(_SCALE * points) * over)

    def _elder(self, need_id: str) -> None:
        need = self._week.needs[need_id]
        free = [visit.id for visit in need.visits if visit.id in self._unserved or visit.id in self._moved]
        fixed = {
            stop.visit.id: stop for stop in self._roster.stops_of_need(need_id) if stop.visit.id not in self._moved
        }
        on = {visit: self._stands_on(visit) for visit in free}
        gap = max(1, need.min_days_between)
        for i, visit in enumerate(free):
            for other in free[:i]:
                for day, here in on[visit].items():
                    for near, there in on[other].items():
                        if abs(day - near) < gap:
                            self._model.add(here + there <= 1)
        for cap in need.caps:
            used = sum(
                stop.visit.minutes for stop in fixed.values() if cap.first_day <= stop.planned.day <= cap.last_day
            )
            more = [
                self._week.visits[visit].minutes * stands
                for visit in free
                for day, stands in on[visit].items()
                if cap.first_day <= day <= cap.last_day
            ]
            if more:
                self._model.add(used + sum(more) <= max(used, cap.minutes))
        if need.day_patterns:
            self._patterns(need_id, on, {visit: stop.planned.day for visit, stop in fixed.items()})
        if need.max_carers is not None:
            self._carers(free, {who for stop in fixed.values() for who in stop.planned.caregivers}, need.max_carers)

    def _stands_on(self, visit: str) -> dict[Day, Literal]:
        """Return for each day whether the visit stands on it."""
        found: dict[Day, Literal] = {day: sum(literals) for day, literals in self._on[visit].items()}
        if visit in self._moved:
            day = self._roster.stops_of_visit(visit)[0].planned.day
            found[day] = found.get(day, 0) + 1 - self._moved[visit]
        return found

    def _patterns(self, need_id: str, on: Mapping[str, Mapping[Day, Literal]], fixed: Mapping[str, Day]) -> None:
        need = self._week.needs[need_id]
        number = {visit.id: i for i, visit in enumerate(need.visits)}
        possible = [
            pattern for pattern in need.day_patterns if all(pattern[number[v]] == day for v, day in fixed.items())
        ]
        follows = [self._model.new_bool_var("") for _ in possible]
        self._model.add_at_most_one(follows)
        for visit, days in on.items():
            for day, stands in days.items():
                fits = [one for one, pattern in zip(follows, possible, strict=True) if pattern[number[visit]] == day]
                self._model.add(stands <= sum(fits))

    def _carers(self, free: Iterable[str], have: set[str], most: int) -> None:
        own, comes = set(free), dict[str, Literal]()
        for i, option in enumerate(self._pool.options):
            if option.caregiver not in have and any(visit in own for visit, _ in option.new):
                come = comes.setdefault(option.caregiver, self._model.new_bool_var(""))
                self._model.add_implication(self._taken[i], come)
        for visit in own & self._moved.keys():
            for who in self._makers(visit):
                if who not in have:
                    come = comes.setdefault(who, self._model.new_bool_var(""))
                    self._model.add(come + self._moved[visit] >= 1)
        if comes:
            self._model.add(sum(comes.values()) <= max(0, most - len(have)))

    def _elders_changed(self, most: int) -> dict[str, Literal]:
        changed: dict[str, Literal] = {}
        for visit, moved in self._moved.items():
            elder = changed.setdefault(self._week.need_of[visit].id, self._model.new_bool_var(""))
            self._model.add(elder >= moved)
        self._model.add(sum(changed.values()) <= most)
        return changed

    def solve(self, ends: float) -> Choice | None:
        """Return the best choice, one goal after the other: each is held before the next is looked at."""
        week = self._week
        unserved = sum(week.visits[visit].minutes * literal for visit, literal in self._unserved.items())
        goals = (unserved, sum(self._changed.values()), sum(self._points))
        proved, found = True, None
        for n, goal in enumerate(goals):
            if isinstance(goal, int):
                continue
            if found is not None:
                self._hint(found)
            self._model.minimize(goal)
            solver = self._solver(_EFFORT if n < _PROVED else _EFFORT_FOR_POINTS, ends)
            status = solver.solve(self._model)
            if status not in (self._cp.OPTIMAL, self._cp.FEASIBLE):
                proved = proved and n >= _PROVED
                break
            found = solver
            if n < _PROVED:
                proved = proved and status == self._cp.OPTIMAL
                self._model.add(goal <= round(solver.objective_value))
        return None if found is None else self._choice(found, proved)

    def _solver(self, effort: float, ends: float) -> Any:
        solver = self._cp.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.linearization_level = 2
        # Small models: presolving them to the end takes longer than solving them.
        solver.parameters.max_presolve_iterations = 1
        solver.parameters.cp_model_probing_level = 0
        solver.parameters.symmetry_level = 0
        solver.parameters.max_deterministic_time = effort
        solver.parameters.max_time_in_seconds = max(0.05, ends - time.monotonic())
        return solver

    def _hint(self, found: Any) -> None:
        self._model.clear_hints()  # type: ignore[no-untyped-call]
        for literal in (*self._taken.values(), *self._unserved.values()):
            self._model.add_hint(literal, found.boolean_value(literal))

    def _choice(self, found: Any, proved: bool) -> Choice:
        return Choice(
            taken=tuple(option for i, option in enumerate(self._pool.options) if found.boolean_value(self._taken[i])),
            unserved=tuple(visit for visit, literal in self._unserved.items() if found.boolean_value(literal)),
            elders_changed=sum(found.boolean_value(literal) for literal in self._changed.values()),
            proved=proved and self._pool.exact,
        )


def choose(pool: Pool, changes: int, seconds: float) -> Choice | None:
    """Return the best choice that changes at most so many elders whom nothing hit; None: none was found in time.

    Nobody who has a place loses it: a repair takes no hour from one elder for another.
    """
    if not pool.options:
        return Choice((), pool.hit, 0, proved=pool.exact)
    return _Model(pool, changes).solve(time.monotonic() + seconds)
