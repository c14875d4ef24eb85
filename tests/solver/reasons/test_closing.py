"""Which rules close a visit, and what no plan at all could place."""

from typing import Any

import pytest
from hypothesis import given as drawn_from
from hypothesis import settings
from hypothesis import strategies as st

from solver.judge import RULES
from solver.plan import Reason
from solver.problem import MinutesCap, Pin, Problem
from solver.reasons import closed_by, never, reason
from solver.solve import solve
from solver.week import Week
from tests.solver import given
from tests.solver.instances import city

LEFT = given.plan(left=["v"])


def closing(problem: Problem) -> dict[str, int]:
    return dict(closed_by(Week(problem), LEFT, "v"))


def test_each_caregiver_is_counted_by_the_rule_that_turns_her_away() -> None:
    people = (
        given.caregiver("blocked"),
        given.caregiver("far", base="far", daily_limit_minutes=150),
        given.caregiver("free"),
        given.caregiver("full", weekly_limit_minutes=79),
        given.caregiver("he", gender="male"),
        given.caregiver("off", shifts=()),
        given.caregiver("short", shifts=given.shifts("9:00", "10:19")),
        given.caregiver("unskilled", skills={}),
    )
    care = {"skills": {"care": 6}}
    who = tuple(each if each.id == "unskilled" else given.caregiver(**{**_said(each), **care}) for each in people)
    need = given.need(given.visit(skills=frozenset({"care"})), required_gender="female", blocked=frozenset({"blocked"}))
    assert closing(given.problem(need, caregivers=who)) == {
        "daily_limit": 1,
        "availability": 2,
        "skill": 1,
        "gender": 1,
        "blocked": 1,
        "weekly_limit": 1,
    }


def _said(caregiver: Any) -> dict[str, Any]:
    names = ("id", "base", "shifts", "weekly_limit_minutes", "daily_limit_minutes")
    return {**{name: getattr(caregiver, name) for name in names}, "gender": caregiver.gender or "female"}


def test_a_rule_of_the_elder_turns_everybody_away() -> None:
    assert closing(given.problem(given.need(caps=(MinutesCap(0, 6, 0),)))) == {"hours": 1}
    assert closing(given.problem(pins=(Pin("v", None, None, ()),))) == {"pinned": 1}


def test_a_full_day_is_told_from_a_full_week() -> None:
    def of(**said: Any) -> dict[str, int]:
        other = given.need(given.visit("w"), id="mae")
        monday = given.need(given.visit(windows=given.windows(days=[0])))
        problem = given.problem(monday, other, caregivers=(given.caregiver(**said),))
        return dict(closed_by(Week(problem), given.plan(given.placed("w", 0), left=["v"]), "v"))

    assert of(daily_limit_minutes=139) == {"daily_limit": 1}
    assert of(weekly_limit_minutes=139) == {"weekly_limit": 1}
    assert of(max_days=0, shifts=given.shifts()) == {}, "she works on that day already"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, None),
        ({"caregivers": (given.caregiver(shifts=()),)}, Reason.NOBODY_AT_WORK),
        ({"caregivers": (given.caregiver(weekly_limit_minutes=10),)}, None),
        ({"caregivers": ()}, Reason.OUT_OF_REACH),
    ],
)
def test_what_no_plan_could_place(said: dict[str, Any], found: Reason | None) -> None:
    assert never(Week(given.problem(**said)), "v") is found


@settings(max_examples=8)
@drawn_from(st.integers(0, 10_000))
def test_what_a_plan_places_was_never_impossible(seed: int) -> None:
    problem = city(25, seed=seed, staffing="short", towns=2)
    plan = solve(problem, seed=seed, iterations=100)
    week = Week(problem)
    assert all(never(week, planned.visit) is None for planned in plan.visits)
    for left in plan.unallocated:
        rules = closed_by(week, plan, left.visit)
        fits = dict(reason(week, plan, left.visit).funnel).get("route_fits", 0)
        assert rules.keys() <= RULES.keys()
        assert sum(rules.values()) + fits == len(week.caregivers)
