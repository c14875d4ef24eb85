"""Pricing: no week of any plan is cheaper than what it calls the cheapest, counted or only paid for."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from solver.bound.beginning import begin
from solver.bound.pairs import pairs_of
from solver.bound.pricing import Prices, Route, open_pricing
from solver.search.arrays import DAYS, Arrays, names
from solver.search.build import build
from solver.solve import solve
from tests.solver.instances import city

WIDE = 30.0  # points of slack


def cost_of_week(a: Arrays, routes: list[Route], prices: Prices) -> float:
    who, minutes = a.caregivers[routes[0].caregiver], sum(route.minutes for route in routes)
    points = sum(route.points - sum(prices.visits[v * DAYS + route.day] for v in route.visits) for route in routes)
    load = a.load_minute * max(0.0, minutes - who["load_from"])
    return float(points + load + a.overload_minute * max(0.0, minutes - who["overload_from"]))


@pytest.mark.parametrize("staffing", ["slack", "short"])
@pytest.mark.parametrize("seed", range(4))
def test_no_week_of_a_plan_is_cheaper_than_the_cheapest(seed: int, staffing: str) -> None:
    problem = city(24, seed=seed, staffing=staffing, towns=2, double_handed=0.1, same_day=0.15)
    known = names(problem)
    a = build(problem, known)
    t = pairs_of(problem, known, a)
    random = np.random.default_rng(seed)
    start = begin(problem, known, a, t, solve(problem, seed=seed, iterations=300))
    weeks = defaultdict(list)
    for k in range(3):
        for route in begin(problem, known, a, t, solve(problem, seed=k, iterations=100)).routes:
            weeks[k, route.caregiver].append(route)
    with open_pricing(a, t, 1) as pricing:
        for most in (2.0, 6.0):
            prices = Prices(
                np.repeat(start.hands * random.uniform(0.5, most, len(start.hands)), DAYS),
                random.uniform(0.0, 0.5, len(a.caregivers)),
                np.zeros((0, 3), dtype=np.int32),
                np.zeros(0),
            )
            paid, near, exact = (pricing.price(prices, slack=slack, wide=8) for slack in (0.0, 1.0, WIDE))
            assert paid.least.sum() < 0
            for (_, c), routes in weeks.items():
                points = cost_of_week(a, routes, prices)
                for priced in (paid, near, exact):
                    assert priced.least[c] <= points + 1e-6


def test_remembering_more_elders_never_makes_a_week_cheaper() -> None:
    problem = city(24, seed=1, towns=1)
    known = names(problem)
    a = build(problem, known)
    t = pairs_of(problem, known, a)
    start = begin(problem, known, a, t, solve(problem, seed=1, iterations=300))
    prices = Prices(np.repeat(4 * start.hands, DAYS), start.minutes, np.zeros((0, 3), dtype=np.int32), np.zeros(0))
    with open_pricing(a, t, 1) as pricing:
        least = [pricing.price(prices, slack=0.0, wide=wide).least for wide in (1, 3, 6, 12)]
    for fewer, more in pairwise(least):
        assert (fewer <= more + 1e-6).all()
    assert least[-1].sum() > least[0].sum()


def test_no_week_of_a_plan_is_cheaper_where_hundreds_of_visits_pay() -> None:
    problem = city(260, seed=1, towns=1)
    known = names(problem)
    a = build(problem, known)
    t = pairs_of(problem, known, a)
    assert np.diff(t.low).max() >= 250  # so that the steps of `ahead` are long
    start = begin(problem, known, a, t, solve(problem, seed=1, iterations=600))
    weeks = defaultdict(list)
    for route in start.routes:
        weeks[route.caregiver].append(route)
    dear = Prices(np.repeat(3 * start.hands, DAYS), start.minutes, np.zeros((0, 3), dtype=np.int32), np.zeros(0))
    with open_pricing(a, t, 2) as pricing:
        paid = pricing.price(dear, slack=0.0, wide=8)
        fewer = pricing.price(dear, slack=0.0, wide=8, few=60, beam=20)
    # Whatever is found by looking at less is a route too: nothing that proves may miss it.
    assert (paid.least <= fewer.least + 1e-6).all()
    for c, routes in weeks.items():
        assert paid.least[c] <= cost_of_week(a, routes, dear) + 1e-6
