"""The rule *skill*."""

import pytest

from solver.judge import judge
from tests.solver import given


@pytest.mark.parametrize(("day", "broken"), [(2, set()), (3, {"skill"})])
def test_a_certificate_is_valid_on_its_last_day(day: int, broken: set[str]) -> None:
    problem = given.problem(
        given.need(given.visit(skills=frozenset({"bath"}))), caregivers=(given.caregiver(skills={"bath": 2}),)
    )
    assert given.broken_rules(problem, given.plan(given.placed("v", day))) == broken


def test_every_skill_is_held_by_every_caregiver() -> None:
    need = given.need(given.visit(skills=frozenset({"bath", "lift"}), hands=2))
    able, half = given.caregiver("ann", skills={"bath": 6, "lift": 6}), given.caregiver("bea", skills={"bath": 6})
    problem = given.problem(need, caregivers=(able, half))
    (violation,) = judge(problem, given.plan(given.placed("v", 0, "9:00", "ann", "bea")))
    assert (violation.rule, violation.caregiver, violation.expected) == ("skill", "bea", "lift")
