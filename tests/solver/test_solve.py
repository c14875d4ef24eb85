"""`solve`: every plan is valid, repeatable, and as good as it can be where that can be known."""

import random
from dataclasses import fields, replace
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from solver.cost import cost
from solver.judge import judge
from solver.plan import Cost, Plan, PlannedVisit, Progress, Reason, Status, Unallocated
from solver.problem import Need, Pin, Place, Policy, Problem, Published, Visit, Window
from solver.search.settings import Settings
from solver.solve import default_iterations, solve
from tests.solver import given as toy
from tests.solver.drawn import problems
from tests.solver.given import problem as given_problem
from tests.solver.instances import city, with_everything


def stands(plan: Plan) -> set[tuple[object, ...]]:
    return {(planned.visit, planned.day, planned.start, planned.caregivers) for planned in plan.visits}


def assert_valid(problem: Problem, plan: Plan) -> None:
    conflicts = {left.visit for left in plan.unallocated if left.reason is Reason.PIN_CONFLICT}
    broken = [v for v in judge(problem, plan) if not (v.rule == "pinned" and v.visit in conflicts)]
    assert broken == []
    assert plan.cost == cost(problem, plan)


@pytest.mark.parametrize("staffing", ["slack", "tight", "short"])
@pytest.mark.parametrize("seed", range(3))
def test_plans_are_valid(staffing: str, seed: int) -> None:
    problem = city(40, seed=seed, staffing=staffing, towns=3, double_handed=0.1, same_day=0.15)
    assert_valid(problem, solve(problem, seed=seed, iterations=400))


@pytest.mark.parametrize("seed", range(4))
def test_plans_around_pins_and_a_published_plan_are_valid(seed: int) -> None:
    problem = with_everything(city(40, seed=seed, towns=3, double_handed=0.1, same_day=0.15), seed)
    plan = solve(problem, seed=seed, iterations=400)
    assert_valid(problem, plan)
    conflicts = {left.visit for left in plan.unallocated if left.reason is Reason.PIN_CONFLICT}
    for pin in problem.pins:
        if pin.visit not in conflicts and pin.day is not None:
            assert (pin.visit, pin.day, pin.start, tuple(sorted(pin.caregivers))) in {
                (v, day, start, tuple(sorted(by)))  # type: ignore[call-overload]
                for v, day, start, by in stands(plan)
            }


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems())
def test_whatever_is_asked_gets_a_valid_plan(problem: Problem) -> None:
    plan = solve(problem, iterations=10)
    if plan.status is not Status.EMPTY:
        assert_valid(problem, plan)


def tiny(seed: int, visits: int) -> Problem:
    """Return a problem small enough to try every plan: few minutes at which a visit may start."""
    rng = random.Random(f"tiny {seed}")
    base = city(6, seed=seed, towns=1)
    caregivers = tuple(
        replace(one, skills={"care": 6, "bath": 6, "medical": 6}, weekly_limit_minutes=rng.choice([200, 600]))
        for one in base.caregivers[:2]
    )
    places = tuple(Place(place.id, place.east_metres // 3, place.north_metres // 3) for place in base.places)
    left, needs = visits, []
    for k, need in enumerate(base.needs):
        n = min(left, rng.choice([1, 2]))
        left -= n
        own = tuple(
            Visit(
                id=f"v{k}.{i}",
                minutes=rng.choice([60, 90]),
                windows=tuple(
                    Window(day, at, at + 1)
                    for day in (0, 2)
                    for at in sorted(rng.sample([560, 600, 640, 700, 760, 830], 2))
                ),
                wished=(Window(0, 480, 620), Window(2, 480, 620)) if rng.random() < 0.5 else (),
                hands=2 if rng.random() < 0.15 else 1,
            )
            for i in range(n)
        )
        if n:
            usual = {rng.choice(caregivers).id: 1.0}
            needs.append(
                Need(id=need.id, place=need.place, town=need.town, visits=own, min_days_between=rng.choice([0, 1, 2]),
                     usual=usual, max_carers=rng.choice([None, 1]), minutes_behind=rng.choice([0, 240]))
            )  # fmt: skip
    return Problem(
        places=places, modes=base.modes, caregivers=caregivers, needs=tuple(needs), policy=Policy(load_from=0.02)
    )


def options(problem: Problem, visit: Visit) -> list[PlannedVisit | None]:
    both = tuple(caregiver.id for caregiver in problem.caregivers)
    sets = [both] if visit.hands == 2 else [(one,) for one in both]
    return [None, *(PlannedVisit(visit.id, w.day, w.opens, by) for w in visit.windows for by in sets)]


def least_cost(problem: Problem) -> float:
    """Return the cost of the best of all plans, as judge and cost see them."""
    visits = [visit for need in problem.needs for visit in need.visits]
    least = float("inf")
    for choice in product(*(options(problem, visit) for visit in visits)):
        plan = Plan(
            visits=tuple(planned for planned in choice if planned is not None),
            unallocated=tuple(
                Unallocated(visit.id, Reason.NO_ROUTE_FITS)
                for visit, planned in zip(visits, choice, strict=True)
                if planned is None
            ),
            cost=Cost(),
        )
        total = cost(problem, plan).total
        if total < least and not judge(problem, plan):
            least = total
    return least


@pytest.mark.parametrize("seed", range(10))
def test_the_optimum_of_a_tiny_problem_is_found(seed: int) -> None:
    problem = tiny(seed, 3)
    assert solve(problem, iterations=600).cost.total == pytest.approx(least_cost(problem))


def test_same_problem_seed_and_iterations_give_the_same_plan() -> None:
    problem = city(60, seed=1, towns=4, double_handed=0.05)
    one, other = (solve(problem, seed=7, iterations=1500) for _ in range(2))
    assert one.visits == other.visits
    assert one.cost == other.cost


def test_the_plan_does_not_depend_on_the_workers() -> None:
    several = Settings(strip_visits=40)
    problem = city(150, seed=2)
    one = solve(problem, seed=3, iterations=1500, workers=1, settings=several)
    two = solve(problem, seed=3, iterations=1500, workers=2, settings=several)
    assert one.visits == two.visits


def test_the_plan_of_a_town_searched_in_halves_does_not_depend_on_the_workers() -> None:
    town = city(150, seed=2)
    assert sum(len(need.visits) for need in town.needs) > 200  # enough to be halved
    one, two = (solve(town, seed=3, iterations=1500, workers=workers) for workers in (1, 2))
    whole = solve(town, seed=3, iterations=1500, workers=2, settings=Settings(halves=False))
    assert one.visits == two.visits
    assert one.visits != whole.visits


def test_another_seed_searches_elsewhere() -> None:
    problem = city(60, seed=1, towns=4)
    assert solve(problem, seed=1, iterations=300).visits != solve(problem, seed=2, iterations=300).visits


def test_more_iterations_cost_no_more_than_construction() -> None:
    problem = city(60, seed=4, towns=3, staffing="short")
    assert solve(problem, iterations=1500).cost.total < solve(problem, iterations=0).cost.total


def test_an_empty_city_is_empty() -> None:
    plan = solve(replace(city(4), needs=()))
    assert plan.status is Status.EMPTY
    assert plan.visits == ()
    assert plan.unallocated == ()


def test_elders_without_visits_are_empty_too() -> None:
    problem = city(3)
    plan = solve(replace(problem, needs=tuple(replace(need, visits=(), day_patterns=()) for need in problem.needs)))
    assert plan.status is Status.EMPTY


def test_without_caregivers_every_visit_is_unallocated() -> None:
    problem = city(5)
    bare = tuple(replace(need, usual={}, blocked=frozenset()) for need in problem.needs)
    problem = replace(problem, caregivers=(), needs=bare)
    plan = solve(problem, iterations=50)
    assert plan.visits == ()
    assert len(plan.unallocated) == sum(len(need.visits) for need in problem.needs)
    assert_valid(problem, plan)


def test_a_shift_shorter_than_any_visit_takes_none() -> None:
    problem = city(5)
    short = tuple(
        replace(one, shifts=tuple(replace(shift, ends=shift.starts + 30) for shift in one.shifts))
        for one in problem.caregivers
    )
    problem = replace(problem, caregivers=short)
    plan = solve(problem, iterations=50)
    assert plan.visits == ()
    assert_valid(problem, plan)


def test_nobody_at_work_leaves_all_unallocated() -> None:
    problem = city(5)
    problem = replace(problem, caregivers=tuple(replace(one, shifts=()) for one in problem.caregivers))
    assert solve(problem, iterations=50).visits == ()


def test_no_seconds_still_give_a_valid_plan() -> None:
    problem = city(40, towns=3)
    plan = solve(problem, seconds=0)
    assert plan.status is Status.OUT_OF_TIME
    assert plan.visits
    assert_valid(problem, plan)


def test_no_iterations_give_what_construction_gives() -> None:
    problem = city(40, towns=3)
    plan = solve(problem, iterations=0)
    assert plan.status is Status.FINISHED
    assert plan.iterations == 0
    assert_valid(problem, plan)


def test_cancelled_at_once_gives_a_valid_plan() -> None:
    problem = city(40, towns=3)
    plan = solve(problem, cancelled=lambda: True)
    assert plan.status is Status.CANCELLED
    assert_valid(problem, plan)


def test_cancelled_half_way_gives_the_best_so_far() -> None:
    problem = city(40, towns=3)
    met: list[Progress] = []
    plan = solve(problem, iterations=10_000, on_progress=met.append, cancelled=lambda: len(met) >= 4)
    assert plan.status is Status.CANCELLED
    assert 0 < plan.iterations < 10_000
    assert plan.cost.total <= met[-1].cost + 1e-6
    assert_valid(problem, plan)


def test_progress_gets_better_and_ends_at_the_plan() -> None:
    problem = city(40, towns=3)
    met: list[Progress] = []
    plan = solve(problem, iterations=2000, on_progress=met.append)
    costs = [progress.cost for progress in met]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == pytest.approx(plan.cost.total)
    placed = {planned.visit for planned in plan.visits}
    minutes = {visit.id: visit.minutes for need in problem.needs for visit in need.visits}
    assert met[-1].placed_minutes == sum(minutes[visit] for visit in placed)
    assert met[-1].due_minutes == sum(minutes.values())
    assert met[-1].iterations == plan.iterations == 2000
    assert {"build", "construct", "search", "master", "judge"} <= plan.took.keys()


def test_pins_in_contradiction_are_kept_in_their_order() -> None:
    problem = city(30, seed=2, towns=1, double_handed=0.0)
    plan = solve(problem, iterations=500)
    first, second = sorted(plan.visits, key=lambda planned: planned.visit)[:2]
    pins = (
        Pin(first.visit, first.day, first.start, first.caregivers),
        Pin(second.visit, first.day, first.start, first.caregivers),  # the same caregiver at the same time
    )
    problem = replace(problem, pins=pins)
    again = solve(problem, iterations=200)
    assert_valid(problem, again)
    assert (first.visit, first.day, first.start, first.caregivers) in stands(again)
    assert {left.visit: left.reason for left in again.unallocated}[second.visit] is Reason.PIN_CONFLICT


def test_a_visit_pinned_as_left_out_stays_out() -> None:
    problem = city(10, towns=1)
    visit = problem.needs[0].visits[0].id
    plan = solve(replace(problem, pins=(Pin(visit, None, None, ()),)), iterations=200)
    assert {left.visit: left.reason for left in plan.unallocated}[visit] is Reason.LEFT_BY_PIN


def publish(problem: Problem, plan: Plan) -> Problem:
    published = tuple(
        Published(visit=planned.visit, day=planned.day, start=planned.start, caregivers=planned.caregivers)
        for planned in plan.visits
    )
    return replace(problem, published=published)


def test_a_published_plan_is_kept_where_nothing_changed() -> None:
    problem = city(40, seed=6, towns=2)
    before = solve(problem, iterations=4000)
    problem = replace(publish(problem, before), policy=replace(problem.policy, changed_visit=1e5))
    after = solve(problem, iterations=500)
    assert stands(after) >= stands(before)
    assert after.cost.changed == 0


def test_a_caregiver_who_is_ill_changes_little() -> None:
    problem = city(40, seed=6, towns=2)
    before = solve(problem, iterations=3000)
    ill = before.visits[0].caregivers[0]
    problem = publish(problem, before)
    problem = replace(
        problem,
        caregivers=tuple(replace(one, shifts=()) if one.id == ill else one for one in problem.caregivers),
    )
    after = solve(problem, iterations=1500)
    assert_valid(problem, after)
    hers = sum(ill in planned.caregivers for planned in before.visits)
    assert len(stands(before) - stands(after)) <= 3 * hers


def test_a_start_is_never_made_worse() -> None:
    problem = city(60, seed=8, towns=3)
    start = solve(problem, iterations=3000)
    again = solve(problem, iterations=0, start=start)
    assert again.cost.total == pytest.approx(start.cost.total)
    assert solve(problem, iterations=600, start=start).cost.total <= start.cost.total + 1e-6


def test_a_start_that_no_longer_fits_is_taken_as_far_as_it_goes() -> None:
    problem = city(60, seed=8, towns=3)
    start = solve(problem, iterations=1000)
    fewer = replace(problem, caregivers=problem.caregivers[1:], needs=tuple(
        replace(need, usual={}, blocked=frozenset()) for need in problem.needs
    ))  # fmt: skip
    assert_valid(fewer, solve(fewer, iterations=200, start=start))


def test_the_smallest_problem_is_solved() -> None:
    problem = given_problem()
    assert_valid(problem, solve(problem, iterations=50))


def test_the_default_budget_grows_with_the_problem() -> None:
    assert default_iterations(3000) > default_iterations(10) > 0


def far_away(problem: Problem) -> Problem:
    """Return the problem with its first elder's home where no shift suffices to go there and back."""
    home = problem.needs[0].place
    places = tuple(replace(place, east_metres=9_000_000) if place.id == home else place for place in problem.places)
    return replace(problem, places=places)


def test_an_elder_whom_nobody_can_reach_is_left_out_alone() -> None:
    problem = far_away(city(20, seed=3, towns=1))
    plan = solve(problem, iterations=200)
    assert_valid(problem, plan)
    out = {visit.id for visit in problem.needs[0].visits}
    reasons = {left.visit: left.reason for left in plan.unallocated}
    assert out <= reasons.keys()
    assert {reasons[visit] for visit in out} == {Reason.OUT_OF_REACH}
    assert plan.visits


def test_a_pin_on_an_elder_whom_nobody_can_reach_is_a_conflict() -> None:
    problem = far_away(city(20, seed=3, towns=1))
    visit, caregiver = problem.needs[0].visits[0], problem.caregivers[0]
    window = visit.windows[0]
    pin = Pin(visit.id, window.day, window.opens, (caregiver.id,))
    plan = solve(replace(problem, pins=(pin,)), iterations=50)
    assert {left.visit: left.reason for left in plan.unallocated}[visit.id] is Reason.PIN_CONFLICT


def test_windows_after_all_shifts_leave_their_visits_out() -> None:
    problem = city(10, seed=3, towns=1)
    night = tuple(Window(day, 23 * 60, 24 * 60) for day in range(7))
    needs = tuple(
        replace(need, visits=tuple(replace(visit, windows=night) for visit in need.visits)) for need in problem.needs
    )
    problem = replace(problem, needs=needs)
    plan = solve(problem, iterations=50)
    assert plan.visits == ()
    assert_valid(problem, plan)


def test_no_windows_at_all_leave_every_visit_out() -> None:
    problem = city(10, seed=3, towns=1)
    needs = tuple(
        replace(need, visits=tuple(replace(visit, windows=()) for visit in need.visits)) for need in problem.needs
    )
    problem = replace(problem, needs=needs)
    plan = solve(problem, iterations=50)
    assert {left.reason for left in plan.unallocated} == {Reason.NO_WINDOW}
    assert_valid(problem, plan)


@pytest.mark.parametrize("budget", [{"seconds": -1.0}, {"iterations": -5}])
def test_a_budget_below_nothing_is_nothing(budget: dict[str, Any]) -> None:
    problem = city(20, towns=1)
    plan = solve(problem, **budget)
    assert plan.iterations == 0
    assert plan.visits
    assert_valid(problem, plan)


@pytest.mark.parametrize("away", ["strings", "elders", "day_strings", "week", "usual", "anywhere"])
def test_each_move_can_be_switched_off(away: str) -> None:
    problem = city(30, seed=1, towns=2)
    plan = solve(problem, iterations=200, settings=Settings().without(away))
    assert_valid(problem, plan)
    assert plan.visits != solve(problem, iterations=200).visits


def test_the_master_can_be_switched_off() -> None:
    problem = city(30, seed=1, towns=2)
    plan = solve(problem, iterations=200, settings=Settings(master=False))
    assert "master" not in plan.took
    assert_valid(problem, plan)


@pytest.mark.parametrize("goal", [weight.name for weight in fields(Policy) if not weight.name.startswith("meal_")])
def test_each_goal_may_cost_nothing(goal: str) -> None:
    problem = with_everything(city(30, seed=5, towns=2, double_handed=0.1, same_day=0.15), 5)
    nothing: dict[str, Any] = {goal: 0.0}
    free = replace(problem, policy=replace(problem.policy, **nothing))
    assert_valid(free, solve(free, iterations=200))


def _meal_before_the_later_visit() -> tuple[Problem, Plan]:
    """Ann's first visit ends before the meal time is over and far from home: she eats there, before the second one."""
    there = {"place": "far"}
    given = given_problem(
        toy.need(toy.visit("early", minutes=165), **there),
        toy.need(toy.visit("late"), id="sue", **there),
        policy=Policy(),
    )
    return given, toy.plan(toy.placed("early", 0, "10:00"), toy.placed("late", 0, "13:20"))


def test_pins_whose_meal_break_lies_before_a_later_pin_all_stand() -> None:
    given, stands = _meal_before_the_later_visit()
    assert judge(given, stands) == ()
    pins = tuple(Pin(each.visit, each.day, each.start, each.caregivers) for each in stands.visits)
    kept = solve(replace(given, pins=pins), iterations=0)
    assert kept.unallocated == ()
    assert {each.visit: each.start for each in kept.visits} == {"early": 600, "late": 800}


def test_a_valid_plan_is_taken_over_whatever_the_order_of_its_visits() -> None:
    given, stands = _meal_before_the_later_visit()
    early, late = given.needs
    # Bob would be cheaper: whoever loses the place in between doesn't get it back.
    given = replace(
        given,
        needs=(replace(early, usual={"bob": 1.0}), late),
        caregivers=(*given.caregivers, toy.caregiver("bob", base="far")),
    )
    assert judge(given, stands) == ()
    kept = solve(given, start=stands, iterations=0)
    assert {each.visit: (each.day, each.caregivers) for each in kept.visits} == {
        "early": (0, ("ann",)),
        "late": (0, ("ann",)),
    }
