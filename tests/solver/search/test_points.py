"""Every difference of points that the search books equals a recomputation from the plan alone."""

from dataclasses import replace

import numpy as np
import pytest

from solver.cost import cost
from solver.judge import judge
from solver.plan import Cost, Plan, Reason, Unallocated
from solver.problem import Pin, Problem, Published
from solver.search.anneal import construct, search
from solver.search.arrays import names
from solver.search.beginning import put_pins, put_plan
from solver.search.build import build
from solver.search.chance import mix
from solver.search.clusters import one_strip
from solver.search.given import whole_points
from solver.search.outcome import planned_visits
from solver.search.state import NOW, State, empty_state, new_work
from tests.solver.instances import city, with_everything

ACCEPT_ALL = 1e12  # a temperature at which nothing is taken back


class Search:
    """A search that is stopped after each iteration."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self.problem = problem
        self.names = names(problem)
        also = [(pin.visit, caregiver) for pin in problem.pins for caregiver in pin.caregivers]
        also += [(before.visit, caregiver) for before in problem.published for caregiver in before.caregivers]
        self.arrays = build(problem, self.names, also)
        self.state: State = empty_state(self.arrays)
        self.work = new_work(self.arrays, self.state, mix(seed))
        self.refused = put_pins(self.arrays, self.state, self.work, self.names, problem.pins)
        put_plan(self.arrays, self.state, self.work, self.names, problem.published)
        self.whole = one_strip(self.arrays)
        construct(
            self.arrays, self.state, self.work, np.arange(len(self.names.visits), dtype=np.int32), self.whole.groups
        )
        self.work.points[NOW] = 0.0
        self.before = float(whole_points(self.arrays, self.state))

    def step(self, temperature: float) -> None:
        search(
            self.arrays,
            self.state,
            self.work,
            self.whole.groups,
            self.whole.elder_groups,
            0,
            self.whole.elders[0],
            1,
            temperature,
            temperature,
        )

    @property
    def points(self) -> float:
        return self.before + float(self.work.points[NOW])

    def plan(self) -> Plan:
        s = self.state
        visits = planned_visits(self.arrays, self.work, self.names, s.stops, s.routes["n"])
        placed = {planned.visit for planned in visits}
        left = tuple(Unallocated(visit, Reason.NO_ROUTE_FITS) for visit in self.names.visits if visit not in placed)
        return Plan(visits=visits, unallocated=left, cost=Cost())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("staffing", ["slack", "short"])
@pytest.mark.parametrize("temperature", [ACCEPT_ALL, 30.0])
def test_points_after_each_move_equal_the_cost_recomputed(seed: int, staffing: str, temperature: float) -> None:
    problem = with_everything(city(24, seed=seed, staffing=staffing, towns=2, double_handed=0.15, same_day=0.2), seed)
    searching = Search(problem, seed)
    for move in range(120):
        searching.step(temperature)
        plan = searching.plan()
        assert searching.points == pytest.approx(cost(problem, plan).total, abs=1e-6), move
        if move % 10 == 0:
            broken = [v for v in judge(problem, plan) if not (v.rule == "pinned" and v.visit in searching.refused)]
            assert broken == []


def test_whole_points_equal_the_cost_of_the_constructed_plan() -> None:
    problem = with_everything(city(40, seed=9, double_handed=0.1), 9)
    searching = Search(problem, 9)
    assert searching.before == pytest.approx(cost(problem, searching.plan()).total, abs=1e-6)


def test_a_move_taken_back_leaves_no_trace() -> None:
    problem = with_everything(city(24, seed=3, towns=2, double_handed=0.15, same_day=0.2), 3)
    searching = Search(problem, 3)
    for _ in range(60):
        searching.step(30.0)
    before, points = searching.plan(), searching.points
    kept = 0
    for _ in range(200):
        searching.step(1e-9)  # cold: only what is better stays
        kept += searching.points < points - 1e-9
        if searching.points >= points - 1e-9:
            assert searching.points == pytest.approx(points)
        points = searching.points
    assert cost(problem, before).total >= points - 1e-6
    assert kept > 0


def test_pins_and_published_visits_of_the_instances_are_what_they_say() -> None:
    problem = with_everything(city(40, seed=5), 5)
    assert problem.pins
    assert problem.published
    assert any(pin.day is None for pin in problem.pins)
    assert isinstance(problem.pins[0], Pin)
    assert isinstance(problem.published[0], Published)
    assert replace(problem) == problem


@pytest.mark.parametrize("staffing", ["slack", "short"])
def test_remembered_spots_are_those_that_would_be_found_again(staffing: str) -> None:
    problem = with_everything(city(60, seed=3, staffing=staffing, towns=2, double_handed=0.1, same_day=0.1), 3)
    remembering, forgetful = Search(problem, 3), Search(problem, 3)
    remembered = 0
    for _ in range(300):
        remembering.step(10.0)
        forgetful.state.known["stamp"] = -1
        forgetful.step(10.0)
        remembered += int((remembering.state.known["stamp"] >= 0).sum())
        assert remembering.points == forgetful.points
    assert remembered > 0
    assert (remembering.state.stands == forgetful.state.stands).all()
