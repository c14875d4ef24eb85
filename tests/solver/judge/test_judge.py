"""The judge as a whole: one broken plan for each rule, parts of a plan, and plans that make no sense."""

from dataclasses import replace

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from solver.judge import RULES, judge, judge_week
from solver.plan import Plan, PlannedVisit
from solver.problem import MinutesCap, Pin, Problem
from solver.week import Week
from tests.solver import given

BOTH = (given.caregiver("ann"), given.caregiver("bea"))
TWO_ELDERS = (given.need(), given.need(given.visit("w"), id="mae"))
TWO_VISITS = given.need(given.visit("v"), given.visit("w"))
ONE = given.plan(given.placed())

# Each plan keeps every rule but the one that it stands under.
BROKEN: dict[str, tuple[Problem, Plan]] = {
    "known": (given.problem(), given.plan()),
    "overlap": (given.problem(*TWO_ELDERS), given.plan(given.placed("v", 0, "9:00"), given.placed("w", 0, "9:30"))),
    "travel": (
        given.problem(given.need(), given.need(given.visit("w"), id="mae", place="far")),
        given.plan(given.placed("v", 0, "9:00"), given.placed("w", 0, "10:30")),
    ),
    "window": (given.problem(), given.plan(given.placed("v", 0, "7:30"))),
    "skill": (given.problem(given.need(given.visit(skills=frozenset({"bath"})))), ONE),
    "gender": (given.problem(given.need(required_gender="female")), ONE),
    "blocked": (given.problem(given.need(blocked=frozenset({"ann"}))), ONE),
    "availability": (given.problem(caregivers=(given.caregiver(shifts=given.shifts(days=[1])),)), ONE),
    "daily_limit": (given.problem(caregivers=(given.caregiver(daily_limit_minutes=79),)), ONE),
    "weekly_limit": (given.problem(caregivers=(given.caregiver(weekly_limit_minutes=79),)), ONE),
    "rest_day": (given.problem(caregivers=(given.caregiver(max_days=0),)), ONE),
    "meal_break": (given.problem(given.need(given.visit(minutes=240))), given.plan(given.placed("v", 0, "10:00"))),
    "double_handed": (given.problem(given.need(given.visit(hands=2))), ONE),
    "spacing": (given.problem(TWO_VISITS), given.plan(given.placed("v", 0, "9:00"), given.placed("w", 0, "14:00"))),
    "hours": (given.problem(given.need(caps=(MinutesCap(0, 6, 59),))), ONE),
    "eligibility": (given.problem(given.need(eligible_days=frozenset({1}))), ONE),
    "carers": (
        given.problem(replace(TWO_VISITS, max_carers=1), caregivers=BOTH),
        given.plan(given.placed("v", 0, "9:00", "ann"), given.placed("w", 1, "9:00", "bea")),
    ),
    "pinned": (given.problem(pins=(Pin("v", 0, given.time("9:30"), ("ann",)),)), ONE),
}


def test_every_rule_has_its_broken_plan() -> None:
    assert BROKEN.keys() == RULES.keys()


@pytest.mark.parametrize("rule", BROKEN)
def test_a_plan_broken_in_one_way_is_refused_by_its_own_check_alone(rule: str) -> None:
    problem, plan = BROKEN[rule]
    assert given.broken_rules(problem, plan) == {rule}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_visit_of_the_broken_plan_is_enough_to_find_it(rule: str) -> None:
    problem, plan = BROKEN[rule]
    assert judge(problem, plan, only={"v", "w"} & Week(problem).visits.keys()) == judge(problem, plan)


def test_a_good_plan_breaks_nothing() -> None:
    assert judge(given.problem(), ONE) == ()


def test_what_the_visits_do_not_touch_is_not_judged() -> None:
    problem = given.problem(*TWO_ELDERS, caregivers=BOTH)
    plan = given.plan(given.placed("v", 0, "7:30", "ann"), given.placed("w", 0, "7:30", "bea"))
    assert {violation.visit for violation in judge(problem, plan)} == {"v", "w"}
    assert {violation.visit for violation in judge(problem, plan, only={"w"})} == {"w"}


def test_whoever_made_the_visit_before_the_edit_is_judged_too() -> None:
    """Without the visit that she waited for at lunch, Ann comes home after half past one unfed."""
    needs = (given.need(place="far"), given.need(given.visit("w"), id="mae", place="far"))
    before = given.plan(given.placed("v", 0, "11:50", "ann"), given.placed("w", 0, "13:20", "ann"))
    after = given.plan(given.placed("v", 0, "11:50", "ann"), given.placed("w", 0, "13:20", "bea"))
    bea = given.caregiver("bea", base="far")
    week = Week(given.problem(*needs, caregivers=(given.caregiver("ann"), bea)))
    assert judge_week(week, before) == ()
    assert judge_week(week, after, only={"w"}) == ()
    (found,) = judge_week(week, after, only={"w"}, before=before)
    assert (found.rule, found.caregiver) == ("meal_break", "ann")
    assert judge_week(week, after) == (found,)


IDS = st.sampled_from(["v", "w", "ann", "ghost", ""])
NUMBERS = st.integers() | st.sampled_from([0, 1, 6, 7, 540, 600, 1439, 1440])
PLANNED = st.builds(PlannedVisit, IDS, NUMBERS, NUMBERS, st.lists(IDS, max_size=3).map(tuple))


@drawn(st.lists(PLANNED, max_size=5), st.lists(IDS, max_size=3), st.none() | st.sets(IDS))
def test_no_plan_makes_it_raise(visits: list[PlannedVisit], left: list[str], only: set[str] | None) -> None:
    problem = given.problem(replace(TWO_VISITS, max_carers=1), pins=(Pin("v", 0, 540, ("ann",)),))
    for violation in judge(problem, given.plan(*visits, left=left), only=only):
        assert violation.rule in RULES
        assert violation.message.startswith(violation.rule)
