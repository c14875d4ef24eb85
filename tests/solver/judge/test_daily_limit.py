"""The rule *daily_limit*."""

import pytest

from tests.solver import given


@pytest.mark.parametrize(("limit", "broken"), [(139, {"daily_limit"}), (140, set())])
def test_care_and_travel_count_and_waiting_does_not(limit: int, broken: set[str]) -> None:
    problem = given.problem(
        given.need(), given.need(given.visit("w"), id="mae"), caregivers=(given.caregiver(daily_limit_minutes=limit),)
    )
    plan = given.plan(given.placed("v", 0, "9:00"), given.placed("w", 0, "16:00"))
    assert given.broken_rules(problem, plan) == broken
