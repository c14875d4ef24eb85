"""The master chooses well among what it is given, and only what keeps every rule."""

import numpy as np
import pytest

from solver.cost import cost
from solver.judge import judge
from solver.master import choose
from solver.master.columns import plan_rows
from solver.plan import Cost, Plan, PlannedVisit, Reason, Unallocated
from solver.problem import Problem
from solver.search.anneal import construct
from solver.search.arrays import Arrays, Names, names
from solver.search.beginning import put_plan
from solver.search.build import build
from solver.search.clusters import one_strip
from solver.search.given import whole_points
from solver.search.outcome import planned_visits
from solver.search.rounds import Best, best_of
from solver.search.state import Work, empty_state, new_work
from solver.solve import solve
from tests.solver.instances import city


class Choice:
    """A problem, a plan at hand, and columns from other plans."""

    def __init__(self, problem: Problem, others: list[Plan]) -> None:
        self.problem = problem
        self.names: Names = names(problem)
        self.others = others
        also = [(planned.visit, c) for plan in others for planned in plan.visits for c in planned.caregivers]
        self.arrays: Arrays = build(problem, self.names, also)

    def state_of(self, visits: tuple[PlannedVisit, ...], *, rest: bool) -> tuple[Work, Best]:
        a = self.arrays
        s = empty_state(a)
        w = new_work(a, s, 1)
        put_plan(a, s, w, self.names, visits)
        if rest:
            construct(a, s, w, np.arange(len(self.names.visits), dtype=np.int32), one_strip(a).groups)
        return w, best_of(s, float(whole_points(a, s)))

    def chosen(self, at_hand: Plan | None, *, seed: int = 0) -> tuple[Best, Plan]:
        w, best = self.state_of(at_hand.visits if at_hand else (), rest=True)
        for plan in self.others:
            other = self.state_of(plan.visits, rest=False)[1]
            best.pool.add(plan_rows(other.routes, other.n))
        choose(self.arrays, w, best, seed=seed, seconds=None)
        visits = planned_visits(self.arrays, w, self.names, best.routes, best.n)
        placed = {planned.visit for planned in visits}
        left = tuple(Unallocated(v, Reason.NO_ROUTE_FITS) for v in self.names.visits if v not in placed)
        return best, Plan(visits=visits, unallocated=left, cost=Cost())


def test_a_better_plan_among_the_columns_is_found() -> None:
    problem = city(40, seed=1, towns=2, double_handed=0.0)
    good = solve(problem, iterations=4000)
    choice = Choice(problem, [good])
    best, plan = choice.chosen(None)
    assert best.points <= good.cost.total + 1e-6
    assert cost(problem, plan).total == pytest.approx(best.points)
    assert judge(problem, plan) == ()


@pytest.mark.parametrize("staffing", ["slack", "short"])
@pytest.mark.parametrize("seed", range(4))
def test_columns_of_many_plans_are_put_together_by_the_rules(seed: int, staffing: str) -> None:
    problem = city(40, seed=seed, staffing=staffing, towns=2, double_handed=0.05, same_day=0.1)
    plans = [solve(problem, seed=k, iterations=400) for k in range(6)]
    choice = Choice(problem, plans[1:])
    best, plan = choice.chosen(plans[0])
    assert judge(problem, plan) == ()
    assert cost(problem, plan).total == pytest.approx(best.points)
    assert best.points <= plans[0].cost.total + 1e-6


def test_the_choice_is_the_same_each_time() -> None:
    problem = city(40, seed=5, towns=2)
    plans = [solve(problem, seed=k, iterations=300) for k in range(4)]
    choice = Choice(problem, plans[1:])
    assert choice.chosen(plans[0])[1].visits == choice.chosen(plans[0])[1].visits


def test_nothing_in_the_pool_leaves_the_plan_as_it_is() -> None:
    problem = city(30, seed=5, towns=2)
    plan = solve(problem, iterations=500)
    best, again = Choice(problem, []).chosen(plan)
    assert cost(problem, again).total == pytest.approx(plan.cost.total)
    assert best.points == pytest.approx(plan.cost.total)
