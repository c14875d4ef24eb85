"""The bound against an independent model, which must agree with brute force and with the search."""

from dataclasses import replace

import pytest

from solver.bound import prove
from solver.problem import Caregiver, Problem
from solver.solve import solve
from tests.solver.bound.exact import optimum
from tests.solver.instances import city
from tests.solver.test_solve import least_cost, tiny


def without_meals(problem: Problem) -> Problem:
    return replace(problem, policy=replace(problem.policy, meal_minutes=0))


def small(seed: int) -> Problem:
    """Return a problem of a few visits with wide windows, and two caregivers who have little time."""
    base = city(3, seed=seed, towns=1)
    plain = tuple(replace(need, day_patterns=(), caps=()) for need in base.needs)

    def short(caregiver: Caregiver) -> Caregiver:
        skills = {"care": 6, "bath": 6, "medical": 6}
        return replace(caregiver, shifts=caregiver.shifts[:2], skills=skills, weekly_limit_minutes=300)

    return without_meals(replace(base, needs=plain, caregivers=tuple(short(each) for each in base.caregivers[:2])))


@pytest.mark.parametrize("seed", range(5))
def test_the_model_agrees_with_brute_force(seed: int) -> None:
    problem = without_meals(tiny(seed, 3))
    assert optimum(problem) == pytest.approx(least_cost(problem), abs=0.05)


@pytest.mark.parametrize("seed", range(6))
def test_the_bound_is_below_the_optimum_and_the_search_is_not(seed: int) -> None:
    problem = small(seed)
    least = optimum(problem)
    proof, plan = prove(problem, seconds=600.0), solve(problem, iterations=800)
    assert proof.complete
    assert proof.points <= least + 0.05
    assert plan.cost.total >= least - 0.05
