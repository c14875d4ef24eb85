"""The whole problem as one CP-SAT model: another witness for tiny problems, which shares no line with the solver.

One circuit for each caregiver-day, whole minutes for the starts, thousandths of a point in the objective.
Without meal breaks, pins, published plans, patterns and caps.
"""

from collections import defaultdict
from itertools import combinations
from typing import Any

from ortools.sat.python import cp_model

from solver.cost import unserved_points
from solver.problem import DAYS_IN_WEEK, MINUTES_IN_DAY, Caregiver, Need, Problem, Visit
from solver.week import Week

_SCALE = 1000


class _Model:
    def __init__(self, problem: Problem) -> None:
        assert problem.policy.meal_minutes == 0
        self.week, self.problem, self.cp = Week(problem), problem, cp_model.CpModel()
        self.visits = [(need, visit) for need in problem.needs for visit in need.visits]
        self.start = [self.cp.new_int_var(0, MINUTES_IN_DAY - 1, "") for _ in self.visits]
        self.made: dict[tuple[int, str, int], Any] = {}
        self.on = [[self.cp.new_bool_var("") for _ in range(DAYS_IN_WEEK)] for _ in self.visits]
        self.points: list[Any] = []
        for k, (need, visit) in enumerate(self.visits):
            self._visit(k, need, visit)
        for caregiver in problem.caregivers:
            self._caregiver(caregiver)
        for need in problem.needs:
            self._elder(need)
        self.cp.minimize(sum(self.points))

    def cost(self, points: float, literal: Any) -> None:
        self.points.append(round(_SCALE * points) * literal)

    def _visit(self, k: int, need: Need, visit: Visit) -> None:
        policy = self.problem.policy
        self.cp.add_at_most_one(self.on[k])
        self.points.append(round(_SCALE * unserved_points(self.week, need, visit)) * (1 - sum(self.on[k])))
        missed = self.cp.new_bool_var("")
        self.cost(policy.outside_wished_time if visit.wished else 0.0, missed)
        for day in range(DAYS_IN_WEEK):
            self._starts_in(k, day, visit.windows, self.on[k][day], None)
            self._starts_in(k, day, visit.wished, self.on[k][day], missed)
            if day not in need.eligible_days:
                self.cp.add(self.on[k][day] == 0)
            makers = []
            for caregiver in self.problem.caregivers:
                made = self.made[k, caregiver.id, day] = self.cp.new_bool_var("")
                makers.append(made)
                if not self._may(caregiver, need, visit, day):
                    self.cp.add(made == 0)
                self.cost(self._pair_points(caregiver, need), made)
            self.cp.add(sum(makers) == visit.hands * self.on[k][day])

    def _starts_in(self, k: int, day: int, windows: Any, on: Any, unless: Any) -> None:
        inside = []
        for window in windows:
            if window.day == day:
                chosen = self.cp.new_bool_var("")
                self.cp.add(self.start[k] >= window.opens).only_enforce_if(chosen)
                self.cp.add(self.start[k] < window.closes).only_enforce_if(chosen)
                inside.append(chosen)
        self.cp.add_bool_or([*inside, ~on, *([] if unless is None else [unless])])

    def _may(self, caregiver: Caregiver, need: Need, visit: Visit, day: int) -> bool:
        skilled = all(caregiver.skills.get(skill, -1) >= day for skill in visit.skills)
        right = need.required_gender in (None, caregiver.gender)
        return skilled and right and caregiver.id not in need.blocked and (caregiver.id, day) in self.week.shifts

    def _pair_points(self, caregiver: Caregiver, need: Need) -> float:
        policy = self.problem.policy
        points = policy.not_usual * (1 - need.usual.get(caregiver.id, 0.0)) if need.usual else 0.0
        points += policy.not_wished_gender * (need.wished_gender not in (None, caregiver.gender))
        points += policy.not_wished_dialect * bool(need.dialects and need.dialects.isdisjoint(caregiver.dialects))
        return points + policy.lent_visit * (caregiver.town != need.town)

    def _caregiver(self, who: Caregiver) -> None:
        policy, week = self.problem.policy, []
        days = []
        for shift in who.shifts:
            arcs, work = [], []
            rest = self.cp.new_bool_var("")
            arcs.append((0, 0, rest))
            days.append(~rest)
            for i, (need, visit) in enumerate(self.visits):
                made = self.made[i, who.id, shift.day]
                arcs.append((i + 1, i + 1, ~made))
                self.cp.add_implication(rest, ~made)
                work.append(visit.minutes * made)
                out, back = (self.week.trip(who, *pair) for pair in ((who.base, need.place), (need.place, who.base)))
                first, last = self.cp.new_bool_var(""), self.cp.new_bool_var("")
                arcs += [(0, i + 1, first), (i + 1, 0, last)]
                self.cp.add(self.start[i] - out >= shift.starts).only_enforce_if(first)
                self.cp.add(self.start[i] + visit.minutes + back <= shift.ends).only_enforce_if(last)
                work += [out * first, back * last]
                self.cost(policy.travel_minute * out, first)
                self.cost(policy.travel_minute * back, last)
                for j, (other, _) in enumerate(self.visits):
                    if i != j:
                        leg, then = self.week.trip(who, need.place, other.place), self.cp.new_bool_var("")
                        arcs.append((i + 1, j + 1, then))
                        self.cp.add(self.start[j] >= self.start[i] + visit.minutes + leg).only_enforce_if(then)
                        work.append(leg * then)
                        self.cost(policy.travel_minute * leg, then)
            self.cp.add_circuit(arcs)
            self.cp.add(sum(work) <= who.daily_limit_minutes)
            week += work
        self.cp.add(sum(days) <= who.max_days)
        self.cp.add(sum(week) <= who.weekly_limit_minutes)
        for points, share in (
            (policy.load_minute, policy.load_from),
            (policy.overload_minute, policy.overload_from),
        ):
            over = self.cp.new_int_var(0, 10 * _SCALE * MINUTES_IN_DAY, "")
            self.cp.add(over >= _SCALE * sum(week) - round(_SCALE * share * who.contract_minutes))
            self.points.append(points * over)

    def _elder(self, need: Need) -> None:
        assert not need.day_patterns
        mine = [k for k, (other, _) in enumerate(self.visits) if other.id == need.id]
        for k in mine:
            for day in range(DAYS_IN_WEEK):
                if any(abs(day - other) < need.min_days_between for other in need.occupied_days):
                    self.cp.add(self.on[k][day] == 0)
        for i, j in combinations(mine, 2):
            for day in range(DAYS_IN_WEEK):
                for other in range(DAYS_IN_WEEK):
                    if abs(day - other) < need.min_days_between:
                        self.cp.add_at_most_one([self.on[i][day], self.on[j][other]])
                    elif day == other:
                        self._apart(i, j, day)
        if need.max_carers is not None:
            self._carers(mine, need.max_carers)

    def _carers(self, mine: list[int], most: int) -> None:
        comes: dict[str, Any] = defaultdict(lambda: self.cp.new_bool_var(""))
        for (k, caregiver, _), made in self.made.items():
            if k in mine:
                self.cp.add_implication(made, comes[caregiver])
        self.cp.add(sum(comes.values()) <= most)

    def _apart(self, i: int, j: int, day: int) -> None:
        """Keep one elder's visits of a day from overlapping, whoever makes them."""
        before = self.cp.new_bool_var("")
        both = [self.on[i][day], self.on[j][day]]
        self.cp.add(self.start[i] + self.visits[i][1].minutes <= self.start[j]).only_enforce_if([*both, before])
        self.cp.add(self.start[j] + self.visits[j][1].minutes <= self.start[i]).only_enforce_if([*both, ~before])


def optimum(problem: Problem) -> float:
    """Return what the cheapest plan of a tiny problem costs."""
    model, solver = _Model(problem), cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model.cp)
    assert status == cp_model.OPTIMAL
    return solver.objective_value / _SCALE
