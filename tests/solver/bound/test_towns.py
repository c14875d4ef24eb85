"""A city's prices from its towns': what they prove is below every plan, and more than from the knapsacks' prices."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from solver.bound import prove
from solver.bound.memory import Memory
from solver.bound.pairs import pairs_of
from solver.bound.pricing import plain_prices
from solver.bound.towns import put_together, towns_of
from solver.part import of_towns
from solver.search.arrays import DAYS, names
from solver.search.build import build
from solver.solve import solve
from tests.solver.instances import city

PROVE = sys.modules["solver.bound.prove"]  # its function has the same name
LONG = 600.0  # seconds that nothing here takes


def test_prices_of_a_town_stand_in_the_city_s_in_their_place() -> None:
    problem = city(24, seed=1, towns=3, double_handed=0.3)
    town = problem.needs[-1].town
    part = of_towns(problem, {town})
    known, of_part = names(problem), names(part)
    a, b = build(problem, known), build(part, of_part)
    memory, learnt = (
        Memory(each, pairs_of(p, n, each).same_day) for p, n, each in ((problem, known, a), (part, of_part, b))
    )
    random = np.random.default_rng(1)
    whole = plain_prices(a, np.full(len(a.visits), 7.0), np.zeros(len(a.caregivers)))
    local = plain_prices(b, random.uniform(1, 9, len(b.visits)), random.uniform(1, 2, len(b.caregivers)))
    local = replace(
        local,
        triples=np.array([[0, 1, 2]], dtype=np.int32),
        cuts=np.array([3.5]),
        hands=random.uniform(1, 9, local.hands.shape),
    )
    assert local.double.size > 0
    learnt.learn(0, (2, 1, 2))

    prices = put_together(whole, known, memory, part, (local, learnt))
    for here, visit in enumerate(of_part.visits):
        there = known.visit_number[visit]
        assert (prices.visits[there * DAYS :][:DAYS] == local.visits[here * DAYS :][:DAYS]).all()
    others = [v for v, visit in enumerate(known.visits) if visit not in of_part.visit_number]
    assert (prices.visits.reshape(-1, DAYS)[others] == 7.0).all()
    caregivers = [known.caregiver_number[each] for each in of_part.caregivers]
    assert prices.minutes[caregivers].tolist() == local.minutes.tolist()
    assert prices.minutes.sum() == pytest.approx(local.minutes.sum())
    assert [known.visits[v] for v in prices.triples[0]] == [of_part.visits[v] for v in (0, 1, 2)]
    assert prices.cuts.tolist() == [3.5]
    for k, v in enumerate(local.double):
        there = prices.double.tolist().index(known.visit_number[of_part.visits[v]])
        assert (prices.hands[there][:, caregivers] == local.hands[k]).all()
    assert prices.hands.sum() == pytest.approx(local.hands.sum())
    assert [known.visits[v] for v in memory.remembered().visits[0]] == [of_part.visits[1], of_part.visits[2]]
    assert memory.remembered().low[caregivers[0] : caregivers[0] + 2].tolist() == [0, 1]


def test_a_town_s_part_is_what_its_own_caregivers_make_and_what_nobody_does() -> None:
    problem = city(24, seed=1, towns=3)
    plan = solve(problem, seed=1, iterations=300)
    town = {caregiver.id: caregiver.town for caregiver in problem.caregivers}
    home = {visit.id: need.town for need in problem.needs for visit in need.visits}
    lent = {each.visit for each in plan.visits if {town[c] for c in each.caregivers} != {home[each.visit]}}
    assert lent
    parts = list(towns_of(problem, plan))
    assert sorted(v for part, _, _ in parts for v in names(part).visits) == sorted(home.keys() - lent)
    assert [share for _, _, share in parts][-1] == 1.0
    for part, here, _ in parts:
        assert {each.visit for each in here.visits} <= set(names(part).visits)
        assert {caregiver for each in here.visits for caregiver in each.caregivers} <= set(names(part).caregivers)


@pytest.mark.parametrize("staffing", ["slack", "short"])
def test_a_city_is_proved_from_its_towns_prices(staffing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = city(36, seed=1, staffing=staffing, towns=3, double_handed=0.1)
    plan = solve(problem, seed=1, iterations=1500)
    monkeypatch.setattr(PROVE, "_MANY_VISITS", 20)
    by_town = prove(problem, seconds=LONG, rounds=60, plan=plan)
    monkeypatch.setattr(PROVE, "prices_by_town", lambda problem, plan, start, *_: start)
    quickly = prove(problem, seconds=LONG, rounds=60, plan=plan)
    assert quickly.points < by_town.points <= plan.cost.total
