"""The rule *gender*."""

import pytest

from tests.solver import given


@pytest.mark.parametrize(("gender", "broken"), [("female", set()), ("male", {"gender"}), (None, {"gender"})])
def test_a_required_gender_is_kept(gender: str | None, broken: set[str]) -> None:
    problem = given.problem(given.need(required_gender="female"), caregivers=(given.caregiver(gender=gender),))
    assert given.broken_rules(problem, given.plan(given.placed())) == broken


def test_a_wished_gender_is_no_rule() -> None:
    problem = given.problem(given.need(wished_gender="female"), caregivers=(given.caregiver(gender="male"),))
    assert given.broken_rules(problem, given.plan(given.placed())) == set()
