"""The rule *availability*."""

import pytest

from tests.solver import given


@pytest.mark.parametrize(("start", "broken"), [("9:09", {"availability"}), ("9:10", set())])
def test_she_leaves_her_base_after_the_shift_starts(start: str, broken: set[str]) -> None:
    problem = given.problem(caregivers=(given.caregiver(shifts=given.shifts("9:00", "17:00")),))
    assert given.broken_rules(problem, given.plan(given.placed("v", 0, start))) == broken


@pytest.mark.parametrize(("start", "broken"), [("15:50", set()), ("15:51", {"availability"})])
def test_she_is_back_before_the_shift_ends(start: str, broken: set[str]) -> None:
    problem = given.problem(caregivers=(given.caregiver(shifts=given.shifts("9:00", "17:00")),))
    assert given.broken_rules(problem, given.plan(given.placed("v", 0, start))) == broken


@pytest.mark.parametrize(("day", "broken"), [(1, set()), (2, {"availability"})])
def test_a_day_without_a_shift_is_free(day: int, broken: set[str]) -> None:
    problem = given.problem(caregivers=(given.caregiver(shifts=given.shifts(days=[0, 1])),))
    assert given.broken_rules(problem, given.plan(given.placed("v", day))) == broken
