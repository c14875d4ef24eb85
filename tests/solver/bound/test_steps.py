"""Steps over routes: what they prove is below every plan, also when they are cut off, and beats the knapsacks."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from solver.bound.ascent import Knapsacks, ascend
from solver.bound.beginning import begin
from solver.bound.elders import Elders
from solver.bound.generation import Found
from solver.bound.pairs import pairs_of
from solver.bound.pricing import Priced, Prices, Pricing, open_pricing, plain_prices
from solver.bound.steps import Steps, ascend_by_routes
from solver.cost import cost
from solver.plan import Plan
from solver.problem import Problem
from solver.search.arrays import names
from solver.search.build import build
from solver.solve import solve
from tests.solver.instances import city, with_everything
from tests.solver.test_solve import least_cost, tiny


def stepped(
    problem: Problem, plan: Plan, *, rounds: int = 120, go_on: Callable[[], bool] = lambda: True
) -> tuple[Found, float, list[float]]:
    """Return what steps find, the bound of the knapsacks they start from, and each bound told."""
    known = names(problem)
    a = build(problem, known)
    t = pairs_of(problem, known, a)
    elders, knapsacks = Elders(problem, a), Knapsacks(a, t)
    start, target = begin(problem, known, a, t, plan), cost(problem, plan).total
    ascent = ascend(a, knapsacks, elders, start=start.hands, target=target, go_on=lambda: True)
    steps = Steps(a, elders, plain_prices(a, ascent.hands, start.minutes), target)
    found, told = Found(), []
    with open_pricing(a, t, 2) as pricing:
        ascend_by_routes(
            elders, knapsacks, pricing, steps,
            rounds=rounds, go_on=go_on, on_found=lambda met: told.append(met.points), found=found,
        )  # fmt: skip
    return found, ascent.points, told


@pytest.mark.parametrize("seed", range(6))
def test_steps_stay_below_every_plan_of_a_tiny_problem(seed: int) -> None:
    problem = tiny(seed, 3)
    found, _, _ = stepped(problem, solve(problem, seed=seed, iterations=300))
    assert 0 < found.points <= least_cost(problem)


@pytest.mark.parametrize("staffing", ["slack", "tight", "short"])
def test_steps_stay_below_plans_and_above_the_knapsacks(staffing: str) -> None:
    problem = city(24, seed=4, staffing=staffing, towns=2, double_handed=0.1, same_day=0.15)
    plan = solve(problem, seed=1, iterations=600)
    found, knapsack, told = stepped(problem, plan)
    assert found.points <= plan.cost.total
    assert found.points > knapsack
    assert told == sorted(told)
    assert told[-1] == found.points
    assert found.worth is not None
    assert (found.worth.hands >= 0).all()


@pytest.mark.parametrize("seed", range(2))
def test_steps_bound_pins_and_a_published_plan_too(seed: int) -> None:
    problem = with_everything(city(16, seed=seed, towns=1, double_handed=0.1, same_day=0.15), seed)
    plan = solve(problem, seed=seed, iterations=300)
    found, _, _ = stepped(problem, plan)
    assert 0 < found.points <= cost(problem, plan).total


@pytest.mark.parametrize("caregivers", [3, 15, 160, 400])
def test_a_round_that_is_cut_off_proves_what_it_can(caregivers: int) -> None:
    problem = city(24, seed=1, towns=1)
    plan = solve(problem, seed=1, iterations=600)
    asked: list[int] = []

    def go_on() -> bool:
        asked.append(1)
        return len(asked) <= caregivers

    found, _, _ = stepped(problem, plan, go_on=go_on)
    assert found.points <= plan.cost.total
    assert np.isfinite(found.points)


def test_steps_look_roughly_first_and_ever_more_exactly_later(monkeypatch: pytest.MonkeyPatch) -> None:
    slacks: list[Any] = []
    price = Pricing.price

    def spied(pricing: Pricing, prices: Prices, *, slack: Any, **others: Any) -> Priced:
        slacks.append(slack)
        return price(pricing, prices, slack=slack, **others)

    monkeypatch.setattr(Pricing, "price", spied)
    problem = city(24, seed=1, towns=1)
    found, _, told = stepped(problem, solve(problem, seed=1, iterations=600), rounds=200)
    looked = ["roughly" if np.ndim(slack) else slack for slack in slacks]
    assert list(dict.fromkeys(looked)) == [0.0, 1.0, "roughly"]
    first, *others = [slack for slack in slacks if np.ndim(slack)]
    assert (first == 3.0).all()
    assert len({slack for others in others for slack in others.tolist()}) > 3  # each as much as it takes
    assert all((slack >= 0.5).all() and (slack <= 20.0).all() for slack in others)
    assert len(slacks) == found.rounds
    assert len(told) > 2
