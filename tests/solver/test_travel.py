"""Minutes of travel: the formula, and its two forms that must agree."""

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from solver.problem import Mode, Place
from solver.travel import Travel, travel_matrix, travel_minutes
from tests.solver import given

METRES = st.integers(-10_000_000, 10_000_000) | st.integers(-3_000, 3_000)
PLACES = st.builds(Place, st.sampled_from("abcdef"), METRES, METRES)
MODES = st.builds(
    Mode,
    st.just("m"),
    st.floats(1, 1e6) | st.sampled_from([80.0, 200.0, 250.0]),
    st.floats(1, 10) | st.sampled_from([1.0, 1.3]),
    st.integers(0, 1440),
)


@pytest.mark.parametrize(("metres", "minutes"), [(0, 5), (1, 6), (100, 6), (101, 7), (1000, 15)])
def test_every_minute_begun_counts_on_top_of_the_access(metres: int, minutes: int) -> None:
    mode = Mode("m", 100, detour=1.0, access_minutes=5)
    assert travel_minutes(mode, Place("p", 0, 0), Place("q", metres, 0)) == minutes


def test_the_way_is_longer_than_the_straight_line() -> None:
    assert travel_minutes(Mode("m", 100, detour=2.0), Place("p", 0, 0), Place("q", 300, 400)) == 10


def test_a_trip_within_a_place_takes_no_time() -> None:
    assert travel_minutes(Mode("m", 100, access_minutes=5), Place("p", 0, 0), Place("p", 0, 0)) == 0


@drawn(MODES, st.lists(PLACES, max_size=6))
def test_the_matrix_agrees_with_each_pair(mode: Mode, places: list[Place]) -> None:
    matrix = travel_matrix(mode, places)
    assert matrix.dtype == np.int32
    assert matrix.tolist() == [[travel_minutes(mode, p, q) for q in places] for p in places]


def test_a_given_matrix_stands_instead_of_the_formula() -> None:
    matrix = np.zeros((4, 4), dtype=np.int32)
    matrix[0, 3] = 99
    formula, own = Travel(given.problem()), Travel(given.problem(travel={"walk": matrix}))
    assert (formula.minutes("walk", "base", "far"), formula.minutes("walk", "far", "base")) == (60, 60)
    assert (own.minutes("walk", "base", "far"), own.minutes("walk", "far", "base")) == (99, 0)
