"""Pricing: no week of any plan is cheaper than what it calls the cheapest, counted or only paid for."""

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from threading import Event, Timer
from typing import Any

import numpy as np
import pytest

from solver.bound import pricing as pricing_module
from solver.bound.beginning import begin
from solver.bound.pairs import Pairs, pairs_of
from solver.bound.pricing import Prices, Route, open_pricing, plain_prices
from solver.bound.room import Room
from solver.bound.weeks import price_weeks
from solver.problem import Problem
from solver.search.arrays import Arrays, Names, names
from solver.search.build import build
from solver.solve import solve
from tests.solver.instances import city

WIDE = 30.0  # points of slack


def laid_out(problem: Problem) -> tuple[Names, Arrays, Pairs]:
    known = names(problem)
    a = build(problem, known)
    return known, a, pairs_of(problem, known, a)


def cost_of_week(a: Arrays, routes: list[Route], prices: Prices) -> float:
    who, minutes = a.caregivers[routes[0].caregiver], sum(route.minutes for route in routes)
    points = sum(route.points - prices.received(route) for route in routes)
    load = a.load_minute * max(0.0, minutes - who["load_from"])
    return float(points + load + a.overload_minute * max(0.0, minutes - who["overload_from"]))


@pytest.mark.parametrize("staffing", ["slack", "short"])
@pytest.mark.parametrize("seed", range(4))
def test_no_week_of_a_plan_is_cheaper_than_the_cheapest(seed: int, staffing: str) -> None:
    problem = city(24, seed=seed, staffing=staffing, towns=2, double_handed=0.1, same_day=0.15)
    known, a, t = laid_out(problem)
    random = np.random.default_rng(seed)
    start = begin(problem, known, a, t, solve(problem, seed=seed, iterations=300))
    weeks = defaultdict(list)
    for k in range(3):
        for route in begin(problem, known, a, t, solve(problem, seed=k, iterations=100)).routes:
            weeks[k, route.caregiver].append(route)
    with open_pricing(a, t, 1) as pricing:
        for most in (2.0, 6.0):
            hands = start.hands * random.uniform(0.5, most, len(start.hands))
            prices = plain_prices(a, hands, random.uniform(0.0, 0.5, len(a.caregivers)))
            assert len(prices.double) > 0
            second = random.uniform(0.0, 9.0, prices.hands.shape) * (random.uniform(size=prices.hands.shape) < 0.2)
            prices = replace(prices, hands=second)
            for _ in range(20):  # whoever is remembered, nothing that could be is missed
                c, *visits = random.integers([len(a.caregivers)] + 4 * [len(a.visits)])
                pricing.memory.learn(int(c), (*map(int, visits), int(visits[0])))
            paid, near, exact = (pricing.price(prices, slack=slack, wide=8) for slack in (0.0, 1.0, WIDE))
            assert paid.least.sum() < 0
            for (_, c), routes in weeks.items():
                points = cost_of_week(a, routes, prices)
                for priced in (paid, near, exact):
                    assert priced.least[c] <= points + 1e-6


def test_remembering_more_elders_never_makes_a_week_cheaper() -> None:
    problem = city(24, seed=1, towns=1)
    known, a, t = laid_out(problem)
    start = begin(problem, known, a, t, solve(problem, seed=1, iterations=300))
    prices = plain_prices(a, 4 * start.hands, start.minutes)
    with open_pricing(a, t, 1) as pricing:
        least = [pricing.price(prices, slack=0.0, wide=wide).least for wide in (1, 3, 6, 12)]
    for fewer, more in pairwise(least):
        assert (fewer <= more + 1e-6).all()
    assert least[-1].sum() > least[0].sum()


def test_who_was_visited_twice_is_remembered_until_no_route_visits_anybody_twice() -> None:
    problem = city(14, seed=1, towns=1, same_day=0.15)
    known, a, t = laid_out(problem)
    start = begin(problem, known, a, t, solve(problem, seed=1, iterations=300))
    prices = plain_prices(a, 4 * start.hands, start.minutes)
    with open_pricing(a, t, 1) as pricing:
        before = first = pricing.price(prices, slack=0.0, wide=1)
        assert any(pricing.memory.again(route.visits) for route in first.routes)
        for _ in range(60):
            new = [pricing.memory.learn(route.caregiver, route.visits) for route in before.routes]
            if not any(new):
                break
            priced = pricing.price(prices, slack=0.0, wide=1)
            assert (priced.least >= before.least - 1e-6).all()
            before = priced
    assert not any(pricing.memory.again(route.visits) for route in before.routes)
    assert before.least.sum() > first.least.sum()


def test_too_many_second_hands_are_not_priced(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = city(24, seed=1, towns=1, double_handed=0.3)
    a = build(problem, names(problem))
    hands, minutes = np.ones(len(a.visits)), np.zeros(len(a.caregivers))
    assert plain_prices(a, hands, minutes).hands.shape == (int((a.visits["hands"] == 2).sum()), 7, len(a.caregivers))
    monkeypatch.setattr(pricing_module, "_MOST_HANDS", 10)
    few = plain_prices(a, hands, minutes)
    assert few.hands.size == 0
    assert (few.at_most() == few.visits).all()


def test_weeks_tell_how_far_they_are_above_what_paid_minutes_say() -> None:
    problem = city(24, seed=3, staffing="tight", towns=1)
    known, a, t = laid_out(problem)
    start = begin(problem, known, a, t, solve(problem, seed=1, iterations=0))
    prices = plain_prices(a, 1.2 * start.hands, start.minutes + 0.2)
    with open_pricing(a, t, 1) as pricing:
        paid, exact = (pricing.price(prices, slack=slack, wide=8) for slack in (0.0, WIDE))
        some = float(np.median(exact.above))
        near = pricing.price(prices, slack=some, wide=8)
        each = pricing.price(prices, slack=np.where(near.cut, WIDE, some), wide=8)
    assert not exact.cut.any()
    assert near.cut.tolist() == (exact.above > some).tolist()
    assert 0 < near.cut.sum() < len(near.cut)
    assert near.above[near.cut] == pytest.approx(some)
    assert near.least == pytest.approx(exact.least - exact.above + np.minimum(some, exact.above))
    assert (exact.least >= paid.least + exact.above - 1e-6).all()  # which count no day's minutes either
    assert each.least == pytest.approx(exact.least, abs=1e-6)  # more slack where it was too little is enough


def test_no_week_of_a_plan_is_cheaper_than_one_that_was_cut_off_in_its_midst(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = city(24, seed=1, towns=1)
    known, a, t = laid_out(problem)
    start = begin(problem, known, a, t, solve(problem, seed=1, iterations=300))
    prices = plain_prices(a, 4 * start.hands, start.minutes)

    def told_to_stop(a: Arrays, t: Pairs, room: Room, *others: Any) -> int:
        room.stop[0] = 1
        return int(price_weeks(a, t, room, *others))

    with open_pricing(a, t, 1) as pricing:
        exact = pricing.price(prices, slack=WIDE, wide=8)
        monkeypatch.setattr(pricing_module, "price_weeks", told_to_stop)
        cut_off = pricing.price(prices, slack=WIDE, wide=8)
        monkeypatch.undo()
        again = pricing.price(prices, slack=WIDE, wide=8)
    assert cut_off.cut.sum() == 1  # who was being looked at; nobody after her was
    assert not cut_off.whole
    assert not cut_off.routes
    assert exact.whole
    for c in range(len(a.caregivers)):
        routes = [route for route in start.routes if route.caregiver == c]
        assert cut_off.least[c] <= cost_of_week(a, routes, prices) + 1e-6
    assert again.whole
    assert again.least == pytest.approx(exact.least)


def test_threads_end_with_an_error_instead_of_looking_at_the_other_caregivers(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = city(60, seed=1, towns=1)
    _, a, t = laid_out(problem)
    prices = plain_prices(a, np.full(len(a.visits), 100.0), np.zeros(len(a.caregivers)))
    began, may_end, looked_at = Event(), Event(), []

    def waits(a: Arrays, t: Pairs, room: Room, *others: Any) -> int:
        looked_at.append(others)
        began.set()
        may_end.wait(60)
        return 0

    def falls() -> bool:
        if began.is_set():
            raise KeyboardInterrupt
        return True

    def caught() -> None:
        with open_pricing(a, t, 1) as pricing:
            try:
                pricing.price(prices, slack=0.0, wide=8, go_on=falls)
            finally:
                Timer(0.5, may_end.set).start()  # once the pricing has been left

    monkeypatch.setattr(pricing_module, "price_weeks", waits)
    with pytest.raises(KeyboardInterrupt):
        caught()
    assert len(looked_at) == 1


def test_no_week_of_a_plan_is_cheaper_where_hundreds_of_visits_pay() -> None:
    problem = city(260, seed=1, towns=1)
    known, a, t = laid_out(problem)
    assert np.diff(t.low).max() >= 250  # so that the steps of `ahead` are long
    start = begin(problem, known, a, t, solve(problem, seed=1, iterations=600))
    weeks = defaultdict(list)
    for route in start.routes:
        weeks[route.caregiver].append(route)
    dear = plain_prices(a, 3 * start.hands, start.minutes)
    with open_pricing(a, t, 2) as pricing:
        paid = pricing.price(dear, slack=0.0, wide=8)
        fewer = pricing.price(dear, slack=0.0, wide=8, few=60, beam=20)
    # Whatever is found by looking at less is a route too: nothing that proves may miss it.
    assert (paid.least <= fewer.least + 1e-6).all()
    for c, routes in weeks.items():
        assert paid.least[c] <= cost_of_week(a, routes, dear) + 1e-6
