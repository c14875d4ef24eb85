"""The rule *blocked*."""

import pytest

from tests.solver import given


@pytest.mark.parametrize(("who", "broken"), [("ann", set()), ("bea", {"blocked"})])
def test_a_blocked_caregiver_stays_away(who: str, broken: set[str]) -> None:
    problem = given.problem(
        given.need(blocked=frozenset({"bea"})), caregivers=(given.caregiver("ann"), given.caregiver("bea"))
    )
    assert given.broken_rules(problem, given.plan(given.placed("v", 0, "9:00", who))) == broken
