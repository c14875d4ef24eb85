"""The rule *hours*."""

import pytest

from solver.problem import MinutesCap
from tests.solver import given


@pytest.mark.parametrize(("minutes", "broken"), [(120, set()), (119, {"hours"})])
def test_care_stays_within_the_cap(minutes: int, broken: set[str]) -> None:
    problem = given.problem(given.need(given.visit("v"), given.visit("w"), caps=(MinutesCap(0, 6, minutes),)))
    assert given.broken_rules(problem, given.plan(given.placed("v", 0), given.placed("w", 1))) == broken


@pytest.mark.parametrize(("day", "broken"), [(1, set()), (2, {"hours"}), (4, {"hours"}), (5, set())])
def test_a_cap_holds_from_its_first_to_its_last_day(day: int, broken: set[str]) -> None:
    problem = given.problem(given.need(caps=(MinutesCap(2, 4, 59),)))
    assert given.broken_rules(problem, given.plan(given.placed("v", day))) == broken


def test_two_caregivers_at_once_count_once() -> None:
    need = given.need(given.visit(hands=2), caps=(MinutesCap(0, 6, 60),))
    problem = given.problem(need, caregivers=(given.caregiver("ann"), given.caregiver("bea")))
    assert given.broken_rules(problem, given.plan(given.placed("v", 0, "9:00", "ann", "bea"))) == set()
