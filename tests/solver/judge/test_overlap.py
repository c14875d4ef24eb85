"""The rule *overlap*."""

import pytest

from solver.judge import judge
from tests.solver import given


@pytest.mark.parametrize(("start", "broken"), [("9:59", {"overlap"}), ("10:00", set())])
def test_a_caregiver_is_in_one_place_at_a_time(start: str, broken: set[str]) -> None:
    problem = given.problem(given.need(), given.need(given.visit("w"), id="mae"))
    plan = given.plan(given.placed("v", 0, "9:00"), given.placed("w", 0, start))
    assert given.broken_rules(problem, plan) == broken


@pytest.mark.parametrize(("start", "broken"), [("9:59", {"overlap"}), ("10:00", set())])
def test_an_elder_has_one_visit_at_a_time(start: str, broken: set[str]) -> None:
    need = given.need(given.visit("v"), given.visit("w"), min_days_between=0)
    problem = given.problem(need, caregivers=(given.caregiver("ann"), given.caregiver("bea")))
    plan = given.plan(given.placed("v", 0, "9:00", "ann"), given.placed("w", 0, start, "bea"))
    assert given.broken_rules(problem, plan) == broken


def test_a_long_visit_is_held_against_all_that_begin_while_it_lasts() -> None:
    lengths = (("u", 180), ("v", 30), ("w", 30))
    needs = [given.need(given.visit(name, minutes), id=f"elder {name}") for name, minutes in lengths]
    plan = given.plan(given.placed("u", 0, "9:00"), given.placed("v", 0, "9:10"), given.placed("w", 0, "11:00"))
    found = {each.visit: (each.found, each.expected) for each in judge(given.problem(*needs), plan)}
    assert found == {"v": (550, 720), "w": (660, 720)}
