"""Where a visit could stand beside all others."""

from dataclasses import replace

import pytest

from solver.repair.insertion import Insertion
from solver.repair.pool import Pooling
from solver.repair.standing import what_stands
from solver.solve import solve
from solver.week import Week
from tests.solver.instances import city
from tests.solver.repair.test_repair import published


@pytest.mark.parametrize("staffing", ["slack", "tight"])
@pytest.mark.parametrize("seed", range(3))
def test_the_two_cheapest_are_the_first_two_of_all_ways(seed: int, staffing: str) -> None:
    given = city(50, seed=seed, staffing=staffing, towns=2, double_handed=0.2)
    plan = solve(given, iterations=300, seed=seed)
    left = replace(plan, visits=tuple(each for i, each in enumerate(plan.visits) if i % 5))
    standing = what_stands(Week(published(given, plan)), left, ())
    insertion, pooling = Insertion(standing), Pooling(standing)
    able = {visit: pooling.able(visit) for visit in standing.hit}
    for _ in range(2):  # as everything stands, then with the visits placed
        for visit in standing.hit:
            if visit not in insertion.placed:
                ways = insertion.ways(visit, able[visit])
                points = sorted(way.points for way in ways)
                found = insertion.cheapest(visit, able[visit])
                assert [way.points for way in found] == pytest.approx(points[:2])
                assert all(way in ways for way in found)
        insertion.place_all(standing.hit[::2], able)
