"""The rule *eligibility*."""

import pytest

from tests.solver import given


@pytest.mark.parametrize(("day", "broken"), [(2, {"eligibility"}), (3, set())])
def test_nobody_is_visited_before_she_is_entitled(day: int, broken: set[str]) -> None:
    problem = given.problem(given.need(eligible_days=frozenset({3, 4, 5, 6})))
    assert given.broken_rules(problem, given.plan(given.placed("v", day))) == broken
