"""The rule *weekly_limit*."""

import pytest

from solver.judge import judge
from tests.solver import given


@pytest.mark.parametrize(("limit", "broken"), [(159, {"weekly_limit"}), (160, set())])
def test_the_days_add_up(limit: int, broken: set[str]) -> None:
    problem = given.problem(
        given.need(given.visit("v"), given.visit("w")), caregivers=(given.caregiver(weekly_limit_minutes=limit),)
    )
    plan = given.plan(given.placed("v", 0), given.placed("w", 1))
    assert given.broken_rules(problem, plan) == broken


def test_a_double_handed_visit_counts_for_both() -> None:
    caregivers = (given.caregiver("ann", weekly_limit_minutes=79), given.caregiver("bea", weekly_limit_minutes=80))
    problem = given.problem(given.need(given.visit(hands=2)), caregivers=caregivers)
    (violation,) = judge(problem, given.plan(given.placed("v", 0, "9:00", "ann", "bea")))
    assert (violation.rule, violation.caregiver, violation.found) == ("weekly_limit", "ann", 80)
