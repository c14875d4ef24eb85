"""The rule *rest_day*."""

import pytest

from tests.solver import given


@pytest.mark.parametrize(("days", "broken"), [(6, set()), (7, {"rest_day"})])
def test_one_day_of_the_week_is_free(days: int, broken: set[str]) -> None:
    visits = [given.visit(f"v{day}") for day in range(days)]
    plan = given.plan(*(given.placed(f"v{day}", day) for day in range(days)))
    assert given.broken_rules(given.problem(given.need(*visits)), plan) == broken
