"""The rule *travel*."""

from typing import Any

import numpy as np
import pytest

from solver.judge import judge
from solver.problem import Problem
from tests.solver import given


def two_homes(**said: Any) -> Problem:
    return given.problem(given.need(), given.need(given.visit("w"), id="mae", place="next"), **said)


@pytest.mark.parametrize(("start", "broken"), [("10:00", {"travel"}), ("10:04", {"travel"}), ("10:05", set())])
def test_there_is_time_for_the_trip(start: str, broken: set[str]) -> None:
    plan = given.plan(given.placed("v", 0, "9:00"), given.placed("w", 0, start))
    assert given.broken_rules(two_homes(), plan) == broken


def test_the_violation_names_the_later_visit_and_both_lengths() -> None:
    plan = given.plan(given.placed("w", 0, "10:03"), given.placed("v", 0, "9:00"))
    (violation,) = judge(two_homes(), plan)
    assert (violation.visit, violation.caregiver, violation.elder, violation.day) == ("w", "ann", "mae", 0)
    assert (violation.found, violation.expected) == (3, 5)
    assert violation.message == "travel: visit w, caregiver ann, elder mae, day 0: found 3, expected 5"


@pytest.mark.parametrize(("start", "broken"), [("10:06", {"travel"}), ("10:07", set())])
def test_a_matrix_is_read_from_the_earlier_to_the_later(start: str, broken: set[str]) -> None:
    travel = np.zeros((4, 4), dtype=np.int32)
    travel[1, 2], travel[2, 1] = 7, 30
    plan = given.plan(given.placed("v", 0, "9:00"), given.placed("w", 0, start))
    assert given.broken_rules(two_homes(travel={"walk": travel}), plan) == broken
