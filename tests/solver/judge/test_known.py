"""The rule *known*."""

import pytest

from solver.judge import judge
from solver.plan import Plan, PlannedVisit
from tests.solver import given

GOOD = given.placed("v", 0, "9:00")


@pytest.mark.parametrize(
    ("plan", "broken"),
    [
        (given.plan(GOOD), set()),
        (given.plan(left=["v"]), set()),
        (given.plan(), {"known"}),
        (given.plan(GOOD, left=["v"]), {"known"}),
        (given.plan(left=["v", "v"]), {"known"}),
        (given.plan(GOOD, given.placed("ghost")), {"known"}),
        (given.plan(GOOD, left=["ghost"]), {"known"}),
        (given.plan(given.placed("v", 0, "9:00", "ghost")), {"known"}),
        (given.plan(PlannedVisit("v", 7, 540, ("ann",))), {"known"}),
        (given.plan(PlannedVisit("v", -1, 540, ("ann",))), {"known"}),
        (given.plan(PlannedVisit("v", 0, 1440, ("ann",))), {"known"}),
        (given.plan(PlannedVisit("v", 0, 10**30, ("ann",))), {"known"}),
    ],
)
def test_each_visit_stands_once_and_by_known_hands(plan: Plan, broken: set[str]) -> None:
    assert given.broken_rules(given.problem(), plan) == broken


def test_a_visit_placed_twice_is_told_with_both_counts() -> None:
    found = judge(given.problem(), given.plan(GOOD, given.placed("v", 2, "9:00")))
    assert [(v.rule, v.visit, v.found) for v in found if v.rule == "known"] == [("known", "v", (2, 0))]


def test_strange_hands_and_times_are_told_of_the_visits_that_are_judged() -> None:
    problem = given.problem(given.need(), given.need(given.visit("w"), id="mae"))
    plan = given.plan(given.placed("v", 0, "9:00", "ghost"), PlannedVisit("w", 7, 540, ("ann",)))
    assert [(each.visit, each.found) for each in judge(problem, plan, only={"v"})] == [("v", "ghost")]
    assert [(each.visit, each.found) for each in judge(problem, plan, only={"w"})] == [("w", (7, 540))]
