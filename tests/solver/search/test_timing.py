"""Whether a route can be walked, and what its start times cost: exact, against every choice of starts."""

import random
from itertools import permutations, product

import numpy as np
import pytest

from solver.cost import cost
from solver.judge import judge
from solver.plan import Cost, Plan, PlannedVisit
from solver.problem import Caregiver, Minutes, Mode, Need, Place, Policy, Problem, Published, Shift, Visit, Window
from solver.search.arrays import names
from solver.search.build import build, trips
from solver.search.given import price
from solver.search.state import empty_state, new_work
from solver.travel import Travel
from tests.solver.instances import city

N = 3


def around_the_meal(seed: int) -> Problem:
    """Return one caregiver's day with three visits that may start at few minutes around the meal hours."""
    rng = random.Random(f"meal {seed}")
    home = [Place(f"p{k}", rng.randrange(-1500, 1500), rng.randrange(-1500, 1500)) for k in range(N + 1)]
    needs, published = [], []
    for k in range(N):
        opens = sorted(rng.sample(range(490, 900, 5), 2))
        windows = tuple(Window(0, at, at + 3) for at in opens)
        wished = (Window(0, rng.randrange(500, 700), 760),) if rng.random() < 0.6 else ()
        visit = Visit(id=f"v{k}", minutes=rng.choice([30, 45, 60]), windows=windows, wished=wished)
        needs.append(Need(id=f"e{k}", place=f"p{k}", town="t", visits=(visit,)))
        if rng.random() < 0.4:
            start = rng.choice(windows).opens + rng.randrange(4)  # now and then outside
            published.append(Published(visit=visit.id, day=0, start=start, caregivers=("c",)))
    caregiver = Caregiver(
        id="c", base=f"p{N}", town="t", mode="m",
        shifts=(Shift(0, rng.choice([480, 480, 560]), rng.choice([850, 1000])),),
        weekly_limit_minutes=2000, contract_minutes=2000, daily_limit_minutes=rng.choice([480, 200]),
    )  # fmt: skip
    policy = Policy(
        meal_minutes=rng.choice([0, 30, 60, 90]), changed_visit=rng.choice([7.0, 60.0]), outside_wished_time=10.0
    )
    return Problem(
        places=tuple(home),
        modes=(Mode("m", 150.0),),
        caregivers=(caregiver,),
        needs=tuple(needs),
        published=tuple(published),
        policy=policy,
    )


def starts(problem: Problem) -> list[list[Minutes]]:
    return [
        [start for window in need.visits[0].windows for start in range(window.opens, window.closes)]
        for need in problem.needs
    ]


def cheapest_by_order(problem: Problem) -> dict[tuple[int, ...], float]:
    """Return the least cost of each order of all visits that breaks no rule, by trying every start."""
    least: dict[tuple[int, ...], float] = {}
    for chosen in product(*starts(problem)):
        plan = Plan(
            visits=tuple(PlannedVisit(f"v{k}", 0, start, ("c",)) for k, start in enumerate(chosen)),
            unallocated=(),
            cost=Cost(),
        )
        if len(set(chosen)) == N and not judge(problem, plan):
            order = tuple(sorted(range(N), key=chosen.__getitem__))
            least[order] = min(least.get(order, float("inf")), cost(problem, plan).total)
    return least


@pytest.mark.parametrize("seed", range(40))
def test_a_route_is_walkable_and_costs_what_the_best_of_all_starts_does(seed: int) -> None:
    problem = around_the_meal(seed)
    known = names(problem)
    a = build(problem, known)
    w = new_work(a, empty_state(a), 1)
    orders = list(permutations(range(N)))
    rows = np.zeros((len(orders), 2 + 2 * w.row.shape[0] - 2), dtype=np.int32)
    for row, order in zip(rows, orders, strict=True):
        row[1] = N
        row[2 : 2 + 2 * N : 2] = order
        row[3 : 3 + 2 * N : 2] = -1
    points = np.zeros(len(orders), dtype=np.float64)
    minutes = np.zeros(len(orders), dtype=np.int32)
    price(a, w, rows, points, minutes)
    least = cheapest_by_order(problem)
    for order, cost_, work in zip(orders, points, minutes, strict=True):
        assert (work >= 0) == (order in least), order
        if order in least:
            assert cost_ == pytest.approx(least[order]), order


def test_the_days_around_the_meal_are_of_all_kinds() -> None:
    walkable = [bool(cheapest_by_order(around_the_meal(seed))) for seed in range(40)]
    assert 5 < sum(walkable) < 35


def test_trips_are_those_of_the_problem() -> None:
    problem = city(40, seed=3)
    known = names(problem)
    a = build(problem, known)
    travel = Travel(problem)
    for m, mode in enumerate(problem.modes):
        for p, place in enumerate(problem.places[::7]):
            there = trips(
                a.roads,
                m,
                np.full(len(problem.places), 7 * p, np.int32),
                np.arange(len(problem.places), dtype=np.int32),
            )
            assert there.tolist() == [travel.minutes(mode.id, place.id, other.id) for other in problem.places]
