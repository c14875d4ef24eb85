"""The rule *pinned*."""

import pytest

from solver.plan import Plan
from solver.problem import Pin
from tests.solver import given

PLACED = Pin("v", 0, given.time("9:00"), ("ann",))
LEFT = Pin("v", None, None, ())


@pytest.mark.parametrize(
    ("pin", "plan", "broken"),
    [
        (PLACED, given.plan(given.placed("v", 0, "9:00", "ann")), set()),
        (PLACED, given.plan(given.placed("v", 0, "9:01", "ann")), {"pinned"}),
        (PLACED, given.plan(given.placed("v", 1, "9:00", "ann")), {"pinned"}),
        (PLACED, given.plan(given.placed("v", 0, "9:00", "bea")), {"pinned"}),
        (PLACED, given.plan(left=["v"]), {"pinned"}),
        (LEFT, given.plan(left=["v"]), set()),
        (LEFT, given.plan(given.placed("v", 0, "9:00", "ann")), {"pinned"}),
    ],
)
def test_a_pinned_visit_stands_as_pinned(pin: Pin, plan: Plan, broken: set[str]) -> None:
    problem = given.problem(caregivers=(given.caregiver("ann"), given.caregiver("bea")), pins=(pin,))
    assert given.broken_rules(problem, plan) == broken


def test_two_pinned_caregivers_have_no_order() -> None:
    problem = given.problem(
        given.need(given.visit(hands=2)),
        caregivers=(given.caregiver("ann"), given.caregiver("bea")),
        pins=(Pin("v", 0, given.time("9:00"), ("bea", "ann")),),
    )
    assert given.broken_rules(problem, given.plan(given.placed("v", 0, "9:00", "ann", "bea"))) == set()
