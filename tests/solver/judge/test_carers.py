"""The rule *carers*."""

import pytest

from tests.solver import given


@pytest.mark.parametrize(("limit", "broken"), [(1, {"carers"}), (2, set()), (None, set())])
def test_at_most_so_many_caregivers_an_elder(limit: int | None, broken: set[str]) -> None:
    need = given.need(given.visit("v"), given.visit("w"), max_carers=limit)
    problem = given.problem(need, caregivers=(given.caregiver("ann"), given.caregiver("bea")))
    plan = given.plan(given.placed("v", 0, "9:00", "ann"), given.placed("w", 1, "9:00", "bea"))
    assert given.broken_rules(problem, plan) == broken


def test_the_same_caregiver_counts_once() -> None:
    problem = given.problem(given.need(given.visit("v"), given.visit("w"), max_carers=1))
    assert given.broken_rules(problem, given.plan(given.placed("v", 0), given.placed("w", 1))) == set()
