"""The rule *double_handed*."""

import pytest

from solver.plan import PlannedVisit
from tests.solver import given


@pytest.mark.parametrize(
    ("hands", "caregivers", "broken"),
    [
        (1, ("ann",), set()),
        (1, ("ann", "bea"), {"double_handed"}),
        (1, (), {"double_handed"}),
        (2, ("ann", "bea"), set()),
        (2, ("ann",), {"double_handed"}),
        (2, ("ann", "ann"), {"double_handed"}),
        (2, ("ann", "bea", "ann"), {"double_handed"}),
    ],
)
def test_as_many_caregivers_as_hands(hands: int, caregivers: tuple[str, ...], broken: set[str]) -> None:
    problem = given.problem(
        given.need(given.visit(hands=hands)), caregivers=(given.caregiver("ann"), given.caregiver("bea"))
    )
    assert given.broken_rules(problem, given.plan(PlannedVisit("v", 0, 540, caregivers))) == broken
