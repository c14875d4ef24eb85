"""The price of a goal: what the others gain without it, in kilometres and minutes."""

import pytest

from solver.prices import GOALS, figures, goal_prices, prices_as_found
from solver.problem import Policy
from solver.solve import solve
from solver.week import Week
from tests.solver import given
from tests.solver.instances import city


def test_continuity_has_its_price_in_kilometres() -> None:
    """Eve's usual caregiver lives 50 minutes further away than Ann, and comes all the same."""
    need = given.need(usual={"far": 1.0})
    policy = Policy(not_usual=200)
    problem = given.problem(need, caregivers=(given.caregiver(), given.caregiver("far", base="far")), policy=policy)
    plan = solve(problem, iterations=50)
    assert plan.visits[0].caregivers == ("far",)
    found = goal_prices(problem, plan, goals=["continuity"], iterations=50)
    assert (found.whole.travel_minutes, found.whole.usual_share) == (100, 1.0)
    assert (found.without["continuity"].travel_minutes, found.without["continuity"].usual_share) == (20, 0.0)
    assert found.travel_minutes("continuity") == 80
    assert found.kilometres("continuity") == pytest.approx(8.0)
    assert found.unserved_minutes("continuity") == 0
    assert found.without["continuity"].cost.continuity == 200, "the price is told by the policy as it is"


def test_only_goals_that_are_asked_for_have_a_price() -> None:
    problem = given.problem(policy=Policy(lent_visit=0))
    found = goal_prices(problem, solve(problem, iterations=10), iterations=10)
    assert found.without.keys() == GOALS.keys() - {"lending", "changed"}


def test_the_same_budget_has_the_same_prices() -> None:
    problem = city(20, staffing="tight", towns=2)
    plan = solve(problem, iterations=50)
    asked = {"goals": ["continuity", "load"], "iterations": 50}
    found = goal_prices(problem, plan, **asked)  # type: ignore[arg-type]
    assert found == goal_prices(problem, plan, **asked)  # type: ignore[arg-type]
    assert found.whole.cost.total <= figures(Week(problem), plan).cost.total + 1e-6


def test_a_pricing_that_is_cancelled_keeps_the_goals_that_it_has() -> None:
    problem = city(20, staffing="tight", towns=2)
    plan = solve(problem, iterations=50)
    asked = {"goals": ["continuity", "load"], "iterations": 50}
    stop = False
    found = prices_as_found(problem, plan, cancelled=lambda: stop, **asked)  # type: ignore[arg-type]
    assert next(found).without == {}
    assert next(found).without.keys() == {"continuity"}
    stop = True
    assert list(found) == []
