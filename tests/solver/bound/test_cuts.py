"""Triples that a mix of routes breaks."""

import numpy as np

from solver.bound.cuts import broken_triples

ONE_EACH = np.ones(5)


def test_each_two_of_three_by_halves_break_the_triple() -> None:
    shares: dict[tuple[int, ...], float] = {(0, 1): 0.5, (1, 2): 0.5, (0, 2): 0.5, (3, 4): 1.0}
    assert broken_triples(shares, ONE_EACH, ()) == [(0, 1, 2)]


def test_a_route_with_all_three_counts_once() -> None:
    assert broken_triples({(0, 1, 2): 0.9, (0, 1): 0.1}, ONE_EACH, ()) == []


def test_what_is_cut_already_is_not_told_again() -> None:
    shares: dict[tuple[int, ...], float] = {(0, 1): 0.5, (1, 2): 0.5, (0, 2): 0.5}
    assert broken_triples(shares, ONE_EACH, {(0, 1, 2)}) == []


def test_double_handed_visits_may_be_on_two_routes() -> None:
    shares: dict[tuple[int, ...], float] = {(0, 1): 0.5, (1, 2): 0.5, (0, 2): 0.5}
    assert broken_triples(shares, np.array([1.0, 2.0, 1.0]), ()) == []


def test_the_most_broken_comes_first() -> None:
    shares: dict[tuple[int, ...], float] = {
        (0, 1): 0.4,
        (1, 2): 0.4,
        (0, 2): 0.4,
        (2, 3): 0.5,
        (3, 4): 0.5,
        (2, 4): 0.5,
    }
    assert broken_triples(shares, ONE_EACH, ()) == [(2, 3, 4), (0, 1, 2)]
