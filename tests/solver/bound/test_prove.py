"""`prove`: no plan costs less than its bound, and where every plan can be tried the two meet or nearly so."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from solver.bound import Proof, prove
from solver.cost import cost
from solver.plan import Plan, Status
from solver.problem import Policy, Problem
from solver.solve import solve
from tests.solver.drawn import problems
from tests.solver.given import caregiver, need, shifts, visit, windows
from tests.solver.given import problem as given_problem
from tests.solver.instances import city, with_everything
from tests.solver.test_solve import least_cost, tiny

LONG = 600.0  # seconds that nothing here takes


def unserved_minutes(problem: Problem, plan: Plan) -> int:
    left = {unallocated.visit for unallocated in plan.unallocated}
    return sum(visit.minutes for need in problem.needs for visit in need.visits if visit.id in left)


def assert_below(problem: Problem, proof: Proof, plan: Plan) -> None:
    assert proof.points <= cost(problem, plan).total
    assert proof.unserved_minutes <= unserved_minutes(problem, plan)


@pytest.mark.parametrize("seed", range(10))
def test_the_bound_of_a_tiny_problem_is_below_every_plan(seed: int) -> None:
    problem = tiny(seed, 3)
    proof, least = prove(problem, seconds=LONG), least_cost(problem)
    assert proof.complete
    assert 0 < proof.points <= least


def test_the_bound_of_one_route_is_its_cost() -> None:
    problem = given_problem(need(visit("a"), id="eve"), need(visit("b"), id="joe", place="next"))
    proof = prove(problem, seconds=LONG)
    assert proof.complete
    assert proof.points == pytest.approx(solve(problem, iterations=300).cost.total, abs=0.01)


@pytest.mark.parametrize("staffing", ["slack", "tight", "short"])
@pytest.mark.parametrize("seed", range(2))
def test_every_plan_found_costs_at_least_the_bound(seed: int, staffing: str) -> None:
    problem = city(16, seed=seed, staffing=staffing, towns=1, double_handed=0.1, same_day=0.15)
    plans = [solve(problem, seed=k, iterations=300) for k in range(2)]
    proof = prove(problem, seconds=LONG, rounds=25, plan=plans[0])
    for plan in plans:
        assert_below(problem, proof, plan)


@pytest.mark.parametrize("seed", range(3))
def test_pins_and_a_published_plan_are_bounded_too(seed: int) -> None:
    problem = with_everything(city(16, seed=seed, towns=1, double_handed=0.1, same_day=0.15), seed)
    plan = solve(problem, seed=seed, iterations=300)
    assert_below(problem, prove(problem, seconds=LONG, rounds=25, plan=plan), plan)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems())
def test_whatever_is_asked_gets_a_bound_below_its_plan(problem: Problem) -> None:
    plan = solve(problem, iterations=10)
    if plan.status is not Status.EMPTY:
        assert_below(problem, prove(problem, seconds=LONG, rounds=10, plan=plan), plan)


def test_what_nobody_can_reach_is_unserved_in_every_plan() -> None:
    nobody = caregiver(shifts=())
    problem = given_problem(need(visit(minutes=90)), caregivers=(nobody,))
    proof = prove(problem, seconds=LONG)
    assert proof.unserved_minutes == 90
    assert proof.points == pytest.approx(1500.0, abs=0.01)


def test_an_afternoon_takes_two_of_three_visits() -> None:
    ann = caregiver(shifts=shifts("13:00", "15:40", days=[0]))
    needs = [need(visit(f"v{k}", windows=windows(days=[0])), id=f"e{k}") for k in range(3)]
    proof = prove(given_problem(*needs, caregivers=(ann,)), seconds=LONG)
    assert proof.unserved_minutes == 60
    assert proof.points == pytest.approx(1000.0 + 20.0, abs=0.01)


def test_three_visits_take_two_routes_of_two() -> None:
    ann = caregiver(shifts=shifts("13:00", "15:40", days=[0, 1, 2]))
    needs = [need(visit(f"v{k}"), id=f"e{k}") for k in range(3)]
    # Each two of the three by halves would be one and a half routes of 20 minutes' way.
    assert prove(given_problem(*needs, caregivers=(ann,)), seconds=LONG).points == pytest.approx(40.0, abs=0.01)


def test_two_hands_are_never_one_caregiver_on_two_days_by_halves() -> None:
    ann, bob = caregiver(shifts=shifts(days=[0, 1])), caregiver("bob", base="far", shifts=shifts(days=[0, 1]))
    problem = given_problem(need(visit(hands=2)), caregivers=(ann, bob))
    assert solve(problem, iterations=100).cost.total == pytest.approx(20 + 100)
    assert prove(problem, seconds=LONG).points == pytest.approx(20 + 100, abs=0.01)


def test_two_visits_on_one_day_count_where_they_must_lie_apart() -> None:
    eve = need(visit("a", windows=windows(days=[0])), visit("b", windows=windows(days=[0])))
    assert prove(given_problem(eve), seconds=LONG).unserved_minutes == 60
    assert prove(given_problem(replace(eve, min_days_between=0)), seconds=LONG).unserved_minutes == 0


def test_no_time_proves_what_needs_no_proof() -> None:
    assert prove(given_problem(), seconds=0.0) == Proof(points=0.0, unserved_minutes=0)


def test_nothing_to_plan_costs_nothing() -> None:
    problem = replace(given_problem(), needs=())
    assert prove(problem, seconds=LONG) == Proof(points=0.0, unserved_minutes=0, complete=True)


def test_cancelled_proofs_hold() -> None:
    problem = city(16, seed=1, towns=1)
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 20

    plan = solve(problem, iterations=300)
    proof = prove(problem, seconds=LONG, plan=plan, cancelled=cancelled)
    assert not proof.complete
    assert_below(problem, proof, plan)


@pytest.mark.parametrize("seed", range(2))
def test_a_visit_left_out_does_not_hide_what_the_others_cost(seed: int) -> None:
    problem = city(16, seed=seed, towns=1)
    plan = solve(problem, seed=seed, iterations=300)
    proof = prove(problem, seconds=LONG, rounds=0, plan=replace(plan, visits=plan.visits[1:]))
    assert plan.cost.total / 3 < proof.points <= plan.cost.total


def test_each_bound_told_is_better_than_the_one_before() -> None:
    told: list[float] = []
    problem = city(12, seed=2, towns=1)
    proof = prove(problem, seconds=LONG, rounds=40, on_bound=lambda met: told.append(met.points))
    assert told == sorted(told)
    assert told[-1] == proof.points


def test_the_bound_does_not_depend_on_the_workers() -> None:
    problem = city(12, seed=3, towns=1)
    one, two = (prove(problem, seconds=LONG, workers=workers) for workers in (1, 2))
    assert one.points == pytest.approx(two.points, rel=0.05)


def test_without_any_price_everything_is_free() -> None:
    policy = Policy(
        unserved_hour=0.0, not_usual=0.0, travel_minute=0.0, outside_wished_time=0.0, not_wished_gender=0.0,
        not_wished_dialect=0.0, load_minute=0.0, overload_minute=0.0, lent_visit=0.0,
    )  # fmt: skip
    assert prove(replace(city(10, seed=1, towns=1), policy=policy), seconds=LONG).points == 0.0


def test_a_week_too_short_for_whole_visits_is_not_filled_by_parts_of_them() -> None:
    ann = caregiver(weekly_limit_minutes=170)
    needs = [need(visit(f"v{k}"), id=f"e{k}") for k in range(3)]
    assert prove(given_problem(*needs, caregivers=(ann,)), seconds=LONG).unserved_minutes == 60
