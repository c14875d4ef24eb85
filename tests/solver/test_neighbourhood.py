"""A neighbourhood: what is solved in the part holds in the whole, and costs the same."""

import random
from dataclasses import replace

import numpy as np
import pytest

from solver.cost import cost_of
from solver.judge import judge_week
from solver.neighbourhood import neighbourhood
from solver.plan import Plan, Reason
from solver.problem import Pin, Published
from solver.solve import solve
from solver.travel import travel_matrix
from solver.week import Week
from tests.solver.given import caregiver, need, placed, plan, problem, visit
from tests.solver.instances import city

ANN, BOB, CAT = caregiver("ann"), caregiver("bob"), caregiver("cat", base="far")
EVE = need(visit("e"), usual={"bob": 1.0}, blocked=frozenset({"cat"}))
SUE = need(visit("s", hands=2), visit("t"), id="sue", place="next", max_carers=2)
WEEK = Week(problem(EVE, SUE, caregivers=(ANN, BOB, CAT)))
PLAN = plan(placed("e", 0, "9:00", "ann"), placed("s", 0, "13:00", "ann", "cat"), placed("t", 1, "13:00", "cat"))


def test_holds_who_serves_the_elder_and_who_is_usual() -> None:
    part = neighbourhood(WEEK, PLAN, {"e"}, caregivers=0)
    assert [each.id for each in part.problem.caregivers] == ["ann", "bob"]
    assert part.free == {"eve"}
    assert part.problem.needs[0].blocked == frozenset()


def test_pins_what_stands_around_with_the_hands_that_are_inside() -> None:
    part = neighbourhood(WEEK, PLAN, {"e"}, caregivers=0)
    assert part.problem.pins == (Pin("s", 0, 780, ("ann",)),)
    assert [each.id for each in part.problem.needs[1].visits] == ["s"]
    assert part.problem.needs[1].visits[0].hands == 1
    assert {each.visit for each in part.plan.visits} == {"e", "s"}


def test_adds_the_nearest_who_could_go() -> None:
    far = neighbourhood(WEEK, PLAN, {"t"}, caregivers=1)
    assert {each.id for each in far.problem.caregivers} == {"ann", "cat", "bob"}
    # Cat is blocked for Eve, so nobody is left to be added.
    assert {each.id for each in neighbourhood(WEEK, PLAN, {"e"}, caregivers=5).problem.caregivers} == {"ann", "bob"}


def test_holds_who_is_pinned_or_published() -> None:
    given = replace(
        WEEK.problem,
        pins=(Pin("t", 1, 780, ("cat",)),),
        published=(Published(visit="e", day=0, start=540, caregivers=("cat",)),),
    )
    part = neighbourhood(Week(given), plan(left=("e", "s", "t")), {"e", "t"}, caregivers=0)
    assert {each.id for each in part.problem.caregivers} == {"bob", "cat"}
    assert part.problem.pins == given.pins
    assert part.problem.published == given.published


def test_refuses_a_part_that_moved_what_stands_around() -> None:
    part = neighbourhood(WEEK, PLAN, {"e"}, caregivers=0)
    with pytest.raises(ValueError, match="around"):
        part.put_back(PLAN, plan(placed("e", 0, "9:00", "ann"), placed("s", 0, "14:00", "ann")))


def test_refuses_an_unknown_visit() -> None:
    with pytest.raises(KeyError):
        neighbourhood(WEEK, PLAN, {"nobody's"})


@pytest.mark.parametrize("seed", range(6))
def test_the_whole_breaks_no_rule_and_changes_by_what_the_part_does(seed: int) -> None:
    chance = random.Random(seed)
    given = city(40, seed=seed, staffing="tight", towns=3, double_handed=0.2, same_day=0.2)
    if seed % 2:
        given = replace(given, travel={mode.id: travel_matrix(mode, given.places) for mode in given.modes})
    week, whole, done = Week(given), solve(given, iterations=0, seed=seed), []
    drawn = [chance.sample(sorted(week.visits), 5) for _ in range(3)]
    for visits in ([each.visit for each in whole.unallocated], *drawn):
        part = neighbourhood(week, whole, visits, caregivers=4)
        assert judge_week(Week(part.problem), part.plan) == ()
        again = solve(part.problem, start=part.plan, iterations=300, seed=seed)
        if any(each.reason is Reason.PIN_CONFLICT for each in again.unallocated):
            with pytest.raises(ValueError, match="around"):
                part.put_back(whole, again)
            continue
        done.append(visits)
        back = part.put_back(whole, again)
        assert judge_week(week, back) == ()
        assert len(back.visits) + len(back.unallocated) == len(week.visits)
        change = cost_of(week, back).total - cost_of(week, whole).total
        assert change == pytest.approx(again.cost.total - part.plan.cost.total)
        assert back.cost.total == pytest.approx(cost_of(week, back).total)
        assert _stands(back) - _stands(whole) <= _stands(again)
        whole = back
    assert done


def _stands(which: Plan) -> set[tuple[str, int, int, frozenset[str]]]:
    return {(each.visit, each.day, each.start, frozenset(each.caregivers)) for each in which.visits}


def test_a_part_of_a_travel_matrix_is_the_part_of_its_places() -> None:
    given = city(30, seed=1, staffing="tight", towns=2)
    matrices = {mode.id: travel_matrix(mode, given.places) for mode in given.modes}
    week = Week(replace(given, travel=matrices))
    part = neighbourhood(week, solve(week.problem, iterations=0), [given.needs[0].visits[0].id], caregivers=3).problem
    assert 0 < len(part.places) < len(given.places)
    for mode in part.modes:
        assert np.array_equal(part.travel[mode.id], travel_matrix(mode, part.places))
