"""The rule *meal_break*: 30 minutes between 11:00 and 13:30, when the day spans them."""

from typing import Any

import pytest

from solver.problem import Policy, Problem
from tests.solver import given


def day(*visits: tuple[str, int], **said: Any) -> Problem:
    """Return a problem with visits v0, v1 … of so many minutes at such places, one elder each."""
    needs = [given.need(given.visit(f"v{i}", m), id=f"e{i}", place=place) for i, (place, m) in enumerate(visits)]
    return given.problem(*needs, **said)


def broken_by(problem: Problem, *starts: str) -> set[str]:
    return given.broken_rules(problem, given.plan(*(given.placed(f"v{i}", 0, s) for i, s in enumerate(starts))))


@pytest.mark.parametrize(("second", "broken"), [("12:29", {"meal_break"}), ("12:30", set())])
def test_the_meal_takes_half_an_hour(second: str, broken: set[str]) -> None:
    assert broken_by(day(("home", 120), ("home", 120)), "10:00", second) == broken


@pytest.mark.parametrize(("second", "broken"), [("12:34", {"meal_break"}), ("12:35", set())])
def test_travel_is_no_meal(second: str, broken: set[str]) -> None:
    assert broken_by(day(("home", 120), ("next", 120)), "10:00", second) == broken


@pytest.mark.parametrize(("first", "broken"), [("9:30", set()), ("9:29", set())])
def test_the_meal_may_begin_at_eleven(first: str, broken: set[str]) -> None:
    assert broken_by(day(("home", 90), ("home", 150)), first, "11:30") == broken


@pytest.mark.parametrize(("second", "broken"), [("11:29", {"meal_break"}), ("11:30", set())])
def test_minutes_before_eleven_are_no_meal(second: str, broken: set[str]) -> None:
    assert broken_by(day(("home", 60), ("home", 180)), "9:30", second) == broken


@pytest.mark.parametrize(("minutes", "broken"), [(180, set()), (181, {"meal_break"})])
def test_minutes_after_half_past_one_are_no_meal(minutes: int, broken: set[str]) -> None:
    assert broken_by(day(("home", minutes), ("home", 60)), "10:00", "15:00") == broken


@pytest.mark.parametrize(("second", "broken"), [("13:30", set()), ("13:29", {"meal_break"})])
def test_the_meal_may_be_taken_on_arrival(second: str, broken: set[str]) -> None:
    # Back to back with a trip of 50 minutes: on arrival at 13:00 there is half an hour left.
    assert broken_by(day(("home", 130), ("far", 60)), "10:00", second) == broken


def test_the_two_halves_around_a_trip_do_not_add_up() -> None:
    # 21 minutes after eleven before a trip of 150, or 29 before half past one on arrival.
    places = (*given.PLACES, given.place("distant", 160))
    assert broken_by(day(("home", 60), ("distant", 60), places=places), "9:31", "13:51") == {"meal_break"}


@pytest.mark.parametrize(("first", "broken"), [("11:10", {"meal_break"}), ("11:11", set())])
def test_a_day_that_begins_after_eleven_needs_none(first: str, broken: set[str]) -> None:
    assert broken_by(day(("home", 180)), first) == broken


@pytest.mark.parametrize(("minutes", "broken"), [(199, set()), (200, {"meal_break"})])
def test_a_day_that_ends_before_half_past_one_needs_none(minutes: int, broken: set[str]) -> None:
    assert broken_by(day(("home", minutes)), "10:00") == broken


def test_a_policy_without_a_meal_asks_for_none() -> None:
    assert broken_by(day(("home", 300), policy=Policy(meal_minutes=0)), "10:00") == set()
