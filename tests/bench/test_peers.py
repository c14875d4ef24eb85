"""The peers' side of `bench peers`: the week as routing, and what is left of a plan that breaks rules."""

import sys
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from bench.peers import three_goals
from bench.peers.keeping import kept
from bench.peers.tours import days_of, plan_of, starts_of, tours_of
from solver.judge import judge
from solver.plan import PlannedVisit
from solver.problem import Caregiver, Mode, Need, Place, Policy, Problem, Shift, Visit, Window
from solver.week import Week

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the lock has VROOM and PyVRP for Linux only")

DAY = tuple(Window(day, 480, 1020) for day in range(5))


def caregiver(name: str, *, weekly: int = 2400, care_until: int = 2) -> Caregiver:
    return Caregiver(
        id=name,
        base="base",
        town="town",
        mode="ebike",
        shifts=tuple(Shift(day, 480, 1080) for day in range(5)),
        weekly_limit_minutes=weekly,
        contract_minutes=weekly,
        skills={"care": care_until},  # Wednesday, if not said otherwise
    )


def elder(name: str, visits: int = 1, hands: int = 1, **more: object) -> Need:
    each = tuple(
        Visit(id=f"{name}-{i}", minutes=60, windows=DAY, wished=DAY[:1], hands=hands, skills=frozenset({"care"}))
        for i in range(visits)
    )
    need = Need(id=name, place=name, town="town", visits=each, usual={"ann": 1.0}, min_days_between=2)
    return replace(need, **more)  # type: ignore[arg-type]


def week(*needs: Need, caregivers: tuple[Caregiver, ...] = (caregiver("ann"), caregiver("bea"))) -> Problem:
    homes = tuple(Place(need.id, 1000 * i, 500) for i, need in enumerate(needs, 1))
    return Problem(
        places=(Place("base", 0, 0), *homes), modes=(Mode("ebike", 250.0),), caregivers=caregivers, needs=needs
    )


def test_any_days_of_an_elders_visits_keep_their_distance() -> None:
    first, second = days_of(elder("e", visits=2, occupied_days=(-1,)))
    assert first == {1, 2}
    assert second == {4, 5, 6}


def test_a_vehicle_may_only_do_what_its_caregiver_may() -> None:
    tours = tours_of(week(elder("e"), elder("f", blocked=frozenset({"ann"}))))
    may = {
        job.need.id: {(tours.caregiver(v).id, tours.vehicles[v].shift.day) for v in tours.may[j].nonzero()[0]}
        for j, job in enumerate(tours.jobs)
    }
    assert may["e"] == {(name, day) for name in ("ann", "bea") for day in range(3)}
    assert may["f"] == {("bea", day) for day in range(3)}


def test_both_hands_of_a_visit_have_the_same_minute() -> None:
    tours = tours_of(week(elder("e", hands=2)))
    one, other = tours.jobs
    assert one.windows == other.windows
    assert [window.closes - window.opens for window in one.windows] == [1]
    ((ann, bea),) = [[v for v in (0, 5) if tours.may[0, v]]]
    (planned,) = plan_of(tours, {ann: [0], bea: [1]})
    assert planned.caregivers == ("ann", "bea")
    assert plan_of(tours, {ann: [0]}) == ()  # a hand is missing


def test_who_may_have_few_caregivers_has_them_chosen() -> None:
    tours = tours_of(week(elder("e", visits=2, max_carers=1)))
    assert {tours.caregiver(int(v)).id for v in np.flatnonzero(tours.may.any(axis=0))} == {"ann"}  # her usual one


def test_a_day_over_noon_has_a_meal() -> None:
    problem = week(*(elder(f"e{i}") for i in range(6)))
    tours = tours_of(problem)
    planned = plan_of(tours, {0: range(6)})
    assert len(planned) == 6
    assert kept(Week(problem), planned).visits == planned
    without = tours_of(replace(problem, policy=Policy(meal_minutes=0)))
    assert sum(starts_of(tours, 0, range(6))) > sum(starts_of(without, 0, range(6)))


def test_the_cheapest_visits_go_until_no_rule_is_broken() -> None:
    long = elder("long", visits=1)
    long = replace(long, visits=(replace(long.visits[0], minutes=120),))
    problem = week(elder("e"), long, caregivers=(caregiver("ann", weekly=150),))
    planned = (PlannedVisit("e-0", 0, 500, ("ann",)), PlannedVisit("long-0", 1, 500, ("ann",)))
    plan = kept(Week(problem), planned)
    assert [each.visit for each in plan.visits] == ["long-0"]
    assert [each.visit for each in plan.unallocated] == ["e-0"]
    assert judge(problem, plan) == ()


@pytest.mark.parametrize("name", ["or_tools", "cp_sat"])
def test_peers_of_or_tools_plan_a_week(name: str) -> None:
    _is_planned(name)


@on_linux
@pytest.mark.parametrize("name", ["vroom", "pyvrp"])
def test_other_peers_plan_a_week(name: str) -> None:
    _is_planned(name)


def _is_planned(name: str) -> None:
    """All six visits stand, and Ann, who has the time for all of them, is there."""
    needs = elder("e", visits=2), elder("f", hands=2), *(elder(f"g{i}") for i in range(3))
    staff = caregiver("ann", care_until=6), caregiver("bea", care_until=6)
    problem = three_goals(week(*needs, caregivers=staff))
    planned = import_module(f"bench.peers.{name}").plan(problem, seconds=0.4, seed=1, workers=1)
    plan = kept(Week(problem), planned)
    assert len(plan.visits) == 6
    assert all("ann" in each.caregivers for each in plan.visits)
    assert judge(problem, plan) == ()
