"""Whom routes remember: whoever lies between two visits of a route to one elder."""

import numpy as np

from solver.bound.memory import Memory
from solver.problem import Need
from solver.search.arrays import names
from solver.search.build import build
from tests.solver.given import need, problem, visit


def memory(*needs: Need) -> Memory:
    asked = problem(*needs)
    a = build(asked, names(asked))
    return Memory(a, (a.elders["gap"] == 0).astype(np.uint8))


def four() -> Memory:
    """Return the memory of visits 0 to 2 of three elders, and 3 and 4 of one."""
    alone = [need(visit(f"v{k}"), id=f"e{k}") for k in range(3)]
    return memory(*alone, need(visit("v3"), visit("v4"), id="e3"))


def test_those_between_remember_who_was_visited_twice() -> None:
    met = four()
    assert met.again((0, 1, 2, 0))
    assert met.learn(0, (0, 1, 2, 0))
    low, visits = met.remembered()
    assert (low.tolist(), visits.tolist()) == ([0, 2], [[1, 0], [2, 0]])


def test_what_is_known_is_not_learnt_again() -> None:
    met = four()
    assert met.learn(0, (0, 1, 0))
    assert not met.learn(0, (2, 0, 1, 0))
    assert not met.learn(0, (0, 1, 2))


def test_two_visits_of_an_elder_are_the_same_elder() -> None:
    met = four()
    assert met.again((3, 0, 4))
    assert met.learn(0, (3, 0, 4))
    assert met.remembered().visits.tolist() == [[0, 3]]


def test_visits_that_may_share_a_day_are_told_apart() -> None:
    met = memory(need(visit("a"), visit("b"), min_days_between=0), need(visit("c"), id="joe"))
    assert not met.again((0, 2, 1))
    assert met.again((0, 2, 0))
    assert met.learn(0, (0, 2, 0))
    assert met.remembered().visits.tolist() == [[2, 0]]
