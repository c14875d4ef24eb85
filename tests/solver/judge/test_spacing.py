"""The rule *spacing*."""

from typing import Any

import pytest

from solver.plan import Plan
from solver.problem import Problem
from tests.solver import given


def week(first: int, second: int, **said: Any) -> tuple[Problem, Plan]:
    problem = given.problem(given.need(given.visit("v"), given.visit("w"), **said))
    return problem, given.plan(given.placed("v", first, "9:00"), given.placed("w", second, "14:00"))


@pytest.mark.parametrize(
    ("between", "first", "second", "broken"),
    [
        (0, 2, 2, set()),
        (1, 2, 2, {"spacing"}),
        (1, 2, 3, set()),
        (2, 2, 3, {"spacing"}),
        (2, 3, 2, {"spacing"}),
        (2, 2, 4, set()),
    ],
)
def test_so_many_days_lie_between(between: int, first: int, second: int, broken: set[str]) -> None:
    assert given.broken_rules(*week(first, second, min_days_between=between)) == broken


@pytest.mark.parametrize(("occupied", "broken"), [(-1, {"spacing"}), (-2, set()), (7, {"spacing"}), (8, set())])
def test_the_weeks_around_it_count(occupied: int, broken: set[str]) -> None:
    assert given.broken_rules(*week(0, 6, min_days_between=2, occupied_days=(occupied,))) == broken


@pytest.mark.parametrize(
    ("first", "second", "broken"), [(0, 2, set()), (1, 3, set()), (0, 3, {"spacing"}), (2, 0, {"spacing"})]
)
def test_the_days_follow_one_pattern(first: int, second: int, broken: set[str]) -> None:
    assert given.broken_rules(*week(first, second, day_patterns=((0, 2), (1, 3)))) == broken


@pytest.mark.parametrize(("day", "broken"), [(3, set()), (2, {"spacing"})])
def test_an_unallocated_visit_follows_any_pattern(day: int, broken: set[str]) -> None:
    problem, _ = week(0, 0, day_patterns=((0, 1), (2, 3)))
    assert given.broken_rules(problem, given.plan(given.placed("w", day), left=["v"])) == broken
