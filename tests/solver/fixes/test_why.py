"""Why this caregiver: the next ones' cost is the cost of the plan with them, to the point."""

from dataclasses import replace

import pytest
from hypothesis import given as drawn_from
from hypothesis import settings
from hypothesis import strategies as st

from solver.cost import cost
from solver.fixes import Situation, Why, why
from solver.judge import judge
from solver.plan import Plan, Reason
from solver.problem import Pin, Problem
from solver.solve import solve
from solver.week import Week
from tests.solver import given
from tests.solver.instances import city

ANN, BEA, CAI = given.caregiver("ann"), given.caregiver("bea", base="next"), given.caregiver("cai", base="far")
PLAN = given.plan(given.placed())


def asked(problem: Problem, plan: Plan = PLAN, visit: str = "v") -> Why:
    """Return why, with each alternative applied, judged and priced from outside."""
    found = why(Situation(Week(problem), plan), visit)
    for each in found.others:
        there = {stand.visit: stand for stand in (each.planned, *each.moved)}
        after = replace(plan, visits=tuple(there.get(stand.visit, stand) for stand in plan.visits))
        assert judge(problem, after) == ()
        assert cost(problem, after).total - cost(problem, plan).total == pytest.approx(each.cost.total)
    assert [each.cost.total for each in found.others] == sorted(each.cost.total for each in found.others)
    return found


def test_the_next_two_are_told_with_what_they_would_cost() -> None:
    found = asked(given.problem(given.need(usual={"ann": 1.0}), caregivers=(ANN, BEA, CAI)))
    assert [each.planned.caregivers for each in found.others] == [("bea",), ("cai",)]
    assert [each.cost.total for each in found.others] == [20 - 10, 20 + 80]
    assert found.could == 2
    assert found.cost.travel == 20
    assert found.cost.unserved == -1000
    assert found.kept_away == {}


def test_what_keeps_the_usual_caregiver_away() -> None:
    need = given.need(usual={"bea": 1.0, "cai": 1.0}, blocked=frozenset({"cai"}))
    who = (ANN, given.caregiver("bea", shifts=()), CAI)
    found = asked(given.problem(need, caregivers=who))
    assert found.kept_away == {"bea": Reason.NOBODY_AT_WORK, "cai": Reason.GENDER_OR_BLOCKED}
    assert (found.could, found.others) == (0, ())


def test_one_hand_of_two_is_replaced_at_the_same_minute() -> None:
    problem = given.problem(given.need(given.visit(hands=2)), caregivers=(ANN, BEA, CAI))
    found = asked(problem, given.plan(given.placed("v", 0, "9:00", "ann", "cai")))
    assert [set(each.planned.caregivers) for each in found.others] == [{"ann", "bea"}]
    assert found.others[0].planned.start == given.time("9:00")


def test_a_pinned_visit_has_no_alternative() -> None:
    problem = given.problem(caregivers=(ANN, BEA), pins=(Pin("v", 0, 540, ("ann",)),))
    found = asked(problem)
    assert (found.could, found.others) == (0, ())


def test_a_visit_without_a_place_has_no_caregiver() -> None:
    with pytest.raises(ValueError, match="has no place"):
        asked(given.problem(), given.plan(left=["v"]))


@settings(max_examples=6)
@drawn_from(st.integers(0, 10_000))
def test_alternatives_in_a_city(seed: int) -> None:
    problem = city(25, seed=seed, staffing="tight", towns=2, double_handed=0.1)
    plan = solve(problem, seed=seed, iterations=200)
    for planned in plan.visits[:8]:
        found = asked(problem, plan, planned.visit)
        assert len(found.others) <= found.could
