"""Who else could make a visit: every candidate holds, and costs what is said."""

from dataclasses import replace

import pytest

from solver.cost import cost_of
from solver.judge import judge_week
from solver.plan import PlannedVisit
from solver.repair import ranked
from solver.solve import solve
from solver.week import Week
from tests.solver.given import caregiver, need, placed, plan, problem, visit
from tests.solver.instances import city
from tests.solver.repair.test_repair import published


def test_the_usual_caregiver_comes_first_and_who_goes_already_not_at_all() -> None:
    eve = need(visit(), usual={"bob": 1.0}, blocked=frozenset({"dan"}))
    who = tuple(caregiver(name) for name in ("ann", "bob", "cat", "dan"))
    found = ranked(Week(problem(eve, caregivers=who)), plan(placed("v", 0, "9:00", "ann")), "v")
    assert [each.caregivers for each in found] == [("bob",), ("cat",)]
    assert found[0].cost_change == -20


def test_an_unknown_visit() -> None:
    with pytest.raises(KeyError):
        ranked(Week(problem()), plan(), "nobody's")


@pytest.mark.parametrize("seed", range(3))
def test_every_candidate_holds_and_costs_what_is_said(seed: int) -> None:
    given = city(50, seed=seed, staffing="slack", towns=2, double_handed=0.2)
    before = solve(given, iterations=300, seed=seed)
    week = Week(published(given, before))
    chosen = [*(each.visit for each in before.unallocated), *(each.visit for each in before.visits[::8])]
    offered = 0
    for one in chosen:
        stands = {each.visit: each.caregivers for each in before.visits}
        for candidate in ranked(week, before, one, most=4):
            offered += 1
            there = PlannedVisit(one, candidate.day, candidate.start, candidate.caregivers)
            after = replace(
                before,
                visits=(*(each for each in before.visits if each.visit != one), there),
                unallocated=tuple(each for each in before.unallocated if each.visit != one),
            )
            assert judge_week(week, after) == ()
            price = cost_of(week, after).total - cost_of(week, before).total
            assert candidate.cost_change == pytest.approx(price)
            if one in stands:
                assert len(set(candidate.caregivers) - set(stands[one])) == 1
    assert offered > len(chosen) / 2
