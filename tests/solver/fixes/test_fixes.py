"""Each kind of fix where it is the only one that helps, and where it must not be offered; all of them applied."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as drawn_from
from hypothesis import settings
from hypothesis import strategies as st

from solver.cost import cost
from solver.fixes import AnotherDay, ExtraMinutes, Fix, Lend, Lenders, Limits, Situation, WidenWindow, fixes, with_fix
from solver.judge import judge
from solver.plan import Plan
from solver.problem import Caregiver, MinutesCap, Need, Pin, Place, Problem, Shift, Visit, Window
from solver.solve import solve
from solver.week import Week
from tests.solver import given
from tests.solver.instances import city

LEFT = given.plan(left=["v"])
MONDAY = range(1)


def offered(problem: Problem, plan: Plan = LEFT, *, lends: tuple[Lend, ...] = (), **said: Any) -> dict[str, Fix]:
    """Return the fixes of visit ``v`` by kind, each of them applied and judged."""
    situation = Situation(Week(problem), plan, **said)
    found = fixes(situation, "v", most=6, lenders=Lenders(situation, lends) if lends else None)
    assert [fix.points for fix in found] == sorted(fix.points for fix in found)
    assert len({fix.kind for fix in found}) == len(found)
    for fix in found:
        works(problem, plan, fix)
    return {fix.kind: fix for fix in found}


def works(problem: Problem, plan: Plan, fix: Fix) -> None:
    """Apply a fix from outside: nothing is broken, nothing else left out, and the cost is what was said."""
    changed = problem if fix.change is None else fix.change.apply(problem)
    stands = () if fix.change is None else fix.change.stands()
    after = with_fix(plan, fix)
    assert judge(changed, after) == ()
    assert {each.visit for each in after.unallocated} == {each.visit for each in plan.unallocated} - {fix.visit}
    before = replace(plan, visits=(*plan.visits, *stands))
    assert cost(changed, after).total - cost(changed, before).total == pytest.approx(fix.cost.total)
    moved = {each.visit for each in after.visits} & {each.visit for each in fix.visits if each not in before.visits}
    assert moved == {each.visit for each in fix.visits}


def one_day(minutes: int = 60, opens: str = "9:00", closes: str = "12:00", **said: Any) -> Visit:
    return given.visit("v", minutes, windows=given.windows(opens, closes, MONDAY), **said)


# --- place --------------------------------------------------------------------------------------------


def test_what_fits_is_placed() -> None:
    found = offered(given.problem())
    assert min(found.values(), key=lambda fix: fix.points).kind == "place"
    assert found["place"].change is None
    assert found["place"].price == 0


def test_a_visit_that_has_a_place_has_no_fix() -> None:
    with pytest.raises(ValueError, match="has a place"):
        fixes(Situation(Week(given.problem()), given.plan(given.placed())), "v")


def test_a_pinned_visit_waits_for_its_pin_to_be_lifted() -> None:
    assert offered(given.problem(pins=(Pin("v", None, None, ()),))) == {}


def test_what_the_month_does_not_grant_is_never_offered() -> None:
    assert offered(given.problem(given.need(caps=(MinutesCap(0, 6, 59),)))) == {}


def test_who_may_not_be_asked_is_not() -> None:
    bea = given.caregiver("bea")
    problem = given.problem(caregivers=(given.caregiver(shifts=()), bea))
    assert offered(problem)["place"].visits[0].caregivers == ("bea",)
    assert offered(problem, caregivers={"ann"}) == {}


def test_days_that_are_gone_are_not_offered() -> None:
    found = offered(given.problem(), days={5, 6})
    assert {each.day for fix in found.values() for each in fix.visits} <= {5, 6}
    assert found["place"].visits[0].day in {5, 6}
    assert offered(given.problem(), days=()) == {}


@pytest.mark.parametrize("said", [{"required_gender": "female"}, {"blocked": frozenset({"ann"})}])
def test_gender_and_blocked_pairs_are_kept(said: dict[str, Any]) -> None:
    assert offered(given.problem(given.need(**said), caregivers=(given.caregiver(gender="male"),))) == {}


def test_a_double_handed_visit_gets_two_who_meet() -> None:
    early, late = given.shifts("7:00", "11:00"), given.shifts("8:30", "19:00")
    who = (given.caregiver("ann", shifts=early), given.caregiver("bea", shifts=late), given.caregiver("cai", shifts=()))
    found = offered(given.problem(given.need(given.visit(hands=2)), caregivers=who))
    assert set(found["place"].visits[0].caregivers) == {"ann", "bea"}
    assert found["place"].visits[0].start >= given.time("8:40")


def test_the_meal_is_kept_when_others_make_room() -> None:
    """Ann's noon visit must go earlier, so that the new one and the meal both fit."""
    noon = given.visit("w", windows=given.windows("9:00", "12:00", MONDAY))
    problem = given.problem(
        given.need(one_day(opens="11:30", closes="11:31")),
        given.need(noon, id="mae"),
        given.need(given.visit("x", windows=given.windows("14:00", "14:01", MONDAY)), id="sue"),
    )
    plan = given.plan(given.placed("w", 0, "11:00"), given.placed("x", 0, "14:00"), left=["v"])
    found = offered(problem, plan)
    assert {each.visit for each in found["place"].visits} == {"v", "w"}
    assert found["place"].price == 5
    assert "place" not in offered(problem, plan, held={"w"}), "a visit that is held stays"


# --- widen a window -----------------------------------------------------------------------------------


def test_a_window_is_widened_by_quarters_of_an_hour() -> None:
    """Ann comes at 12:10 at the earliest, ten minutes after the window has closed."""
    problem = given.problem(
        given.need(one_day(), eligible_days=frozenset({0})),
        caregivers=(given.caregiver(shifts=given.shifts("12:00", "19:00")),),
    )
    found = offered(problem, limits=Limits(extra_minutes=0))
    assert found.keys() == {"widen_window"}
    change = found["widen_window"].change
    assert change == WidenWindow(visit="v", day=0, opens=540, closes=735, size_minutes=15)
    assert found["widen_window"].price == 15 * 0.25


@pytest.mark.parametrize(("begins", "helps"), [("13:49", True), ("13:50", False)])
def test_a_window_is_widened_by_two_hours_at_most(begins: str, helps: bool) -> None:
    problem = given.problem(
        given.need(one_day(), eligible_days=frozenset({0})),
        caregivers=(given.caregiver(shifts=given.shifts(begins, "19:00")),),
    )
    assert ("widen_window" in offered(problem)) is helps


def test_no_window_is_widened_on_a_closed_day() -> None:
    problem = given.problem(
        given.need(one_day(), eligible_days=frozenset({1})),
        caregivers=(given.caregiver(shifts=given.shifts(days=[0])),),
    )
    assert offered(problem) == {}


def test_a_window_keeps_the_evening_free() -> None:
    late = one_day(opens="17:00", closes="17:30")
    problem = given.problem(
        given.need(late, eligible_days=frozenset({0})),
        caregivers=(given.caregiver(shifts=given.shifts("17:51", "22:00")),),
    )
    assert "widen_window" not in offered(problem), "it would end at 19:01"


# --- another day --------------------------------------------------------------------------------------


def test_a_day_without_a_window_is_opened() -> None:
    problem = given.problem(given.need(one_day()), caregivers=(given.caregiver(shifts=given.shifts(days=[3])),))
    found = offered(problem)
    assert found.keys() == {"another_day"}
    assert found["another_day"].change == AnotherDay(
        visit="v", day=3, windows=(Window(3, 540, 720),), min_days_between=1, day_pattern=None
    )
    assert found["another_day"].price == 20


def test_a_day_on_which_the_elder_cannot_be_visited_stays_closed() -> None:
    problem = given.problem(
        given.need(one_day(), eligible_days=frozenset(range(3))),
        caregivers=(given.caregiver(shifts=given.shifts(days=[3])),),
    )
    assert offered(problem) == {}


def two_visits(**said: Any) -> tuple[Problem, Plan]:
    """Return a problem where Ann works on Monday and Tuesday, and a visit stands on Monday that can't move."""
    held = given.visit("w", windows=given.windows("9:00", "9:01", MONDAY))
    need = given.need(given.visit("v"), held, **said)
    problem = given.problem(need, caregivers=(given.caregiver(shifts=given.shifts(days=[0, 1])),))
    return problem, given.plan(given.placed("w", 0, "9:00"), left=["v"])


def test_visits_come_nearer_to_each_other_but_never_on_one_day() -> None:
    found = offered(*two_visits(min_days_between=3))
    assert found.keys() == {"another_day"}
    change = found["another_day"].change
    assert isinstance(change, AnotherDay)
    assert (change.day, change.min_days_between, change.windows) == (1, 1, ())
    assert found["another_day"].price == 40
    problem, plan = two_visits(min_days_between=1)
    only_monday = replace(problem, caregivers=(given.caregiver(shifts=given.shifts(days=[0])),))
    assert offered(only_monday, plan) == {}


def test_a_pattern_is_added() -> None:
    found = offered(*two_visits(day_patterns=((3, 0), (4, 0))))
    assert found.keys() == {"another_day"}
    change = found["another_day"].change
    assert isinstance(change, AnotherDay)
    assert change.day_pattern == (1, 0)


# --- extra minutes ------------------------------------------------------------------------------------


def late_ann(**said: Any) -> Caregiver:
    return given.caregiver(shifts=given.shifts("7:00", "10:00", MONDAY), **said)


def test_a_caregivers_day_is_stretched() -> None:
    problem = given.problem(
        given.need(one_day(opens="9:45", closes="9:46"), eligible_days=frozenset({0})), caregivers=(late_ann(),)
    )
    found = offered(problem, limits=Limits(window_minutes=0))
    assert found.keys() == {"extra_minutes"}
    assert found["extra_minutes"].change == ExtraMinutes(
        caregiver="ann", day=0, starts=420, ends=660, weekly_limit_minutes=2400, size_minutes=60
    )
    assert found["extra_minutes"].price == 30
    on_leave = Limits(window_minutes=0, firm_shifts=frozenset({("ann", 0)}))
    assert offered(problem, limits=on_leave) == {}, "the rest of her day is not hers to give"


@pytest.mark.parametrize(("limit", "most", "helps"), [(60, 20, True), (60, 19, False), (2400, 120, False)])
def test_a_week_is_stretched_up_to_the_law(limit: int, most: int, helps: bool) -> None:
    """A day with the visit takes Ann 80 minutes; a week of 2,400 is full after her five days of 480."""
    used = tuple(
        given.need(given.visit(f"w{day}", 460, windows=given.windows("8:00", "8:30", [day])), id=f"mae{day}")
        for day in range(1, 6)
    )
    busy = limit == 2400
    problem = given.problem(
        given.need(one_day(), eligible_days=frozenset({0})),
        *(used if busy else ()),
        caregivers=(given.caregiver(weekly_limit_minutes=limit, contract_minutes=limit),),
    )
    plan = given.plan(*(given.placed(f"w{day}", day, "8:10") for day in range(1, 6) if busy), left=["v"])
    found = offered(problem, plan, limits=Limits(extra_week_minutes=most))
    assert ("extra_minutes" in found) is helps
    if helps:
        change = found["extra_minutes"].change
        assert isinstance(change, ExtraMinutes)
        assert (change.weekly_limit_minutes, change.size_minutes) == (80, 20)


def test_a_day_is_never_longer_than_the_law_allows() -> None:
    problem = given.problem(
        given.need(one_day(), eligible_days=frozenset({0})), caregivers=(given.caregiver(daily_limit_minutes=79),)
    )
    assert offered(problem) == {}


def test_a_rest_day_is_kept() -> None:
    problem = given.problem(
        given.need(one_day(), eligible_days=frozenset({0})),
        given.need(given.visit("w"), id="mae"),
        caregivers=(given.caregiver(max_days=1),),
    )
    other_day = given.plan(given.placed("w", 1), left=["v"])
    assert offered(replace(problem, pins=(Pin("w", 1, 540, ("ann",)),)), other_day) == {}
    assert offered(replace(problem, caregivers=(given.caregiver(max_days=2),)), other_day).keys() >= {"place"}


# --- lend ---------------------------------------------------------------------------------------------


def lent(**said: Any) -> Lend:
    """Return Bea from the east, who bathes, and has a visit of her own town at nine."""
    bea = given.caregiver("bea", base="east", town="east", skills={"bath": 6}, **said)
    there = Need(
        id="elsewhere", place="east", town="east", visits=(Visit(id="x", minutes=60, windows=(Window(0, 540, 541),)),)
    )
    return Lend(caregiver=bea, places=(given.place("east", 20),), needs=(there,), pins=(Pin("x", 0, 540, ("bea",)),))


BATH = given.need(one_day(skills=frozenset({"bath"})), eligible_days=frozenset({0}))


def test_a_certificate_holder_is_lent_between_her_own_visits() -> None:
    found = offered(given.problem(BATH), lends=(lent(),))
    assert found.keys() == {"lend"}
    [planned] = found["lend"].visits
    assert planned.caregivers == ("bea",)
    assert planned.start >= given.time("10:10")
    assert found["lend"].cost.lending > 0


def test_nobody_is_lent_who_lacks_the_certificate_or_the_time() -> None:
    assert offered(given.problem(BATH), lends=(lent(shifts=given.shifts("7:00", "10:00")),)) == {}
    unskilled = lent()
    unskilled = replace(unskilled, caregiver=replace(unskilled.caregiver, skills={}))
    assert offered(given.problem(BATH), lends=(unskilled,)) == {}


# --- move another -------------------------------------------------------------------------------------


def crowded(other: Need, **said: Any) -> tuple[Problem, Plan]:
    """Return a problem where somebody else has Ann's only minutes of Monday at nine."""
    problem = given.problem(
        given.need(one_day(opens="9:00", closes="9:01"), eligible_days=frozenset({0})),
        other,
        caregivers=(given.caregiver(shifts=given.shifts(days=[0, 1])),),
        **said,
    )
    return problem, given.plan(given.placed("w", 0, "9:00"), left=["v"])


def test_another_elders_visit_is_moved_to_another_day() -> None:
    mae = given.need(given.visit("w", windows=given.windows("9:00", "9:01", [0, 1])), id="mae")
    found = offered(*crowded(mae), limits=Limits(window_minutes=0))
    assert found.keys() == {"move_other"}
    assert {(each.visit, each.day) for each in found["move_other"].visits} == {("v", 0), ("w", 1)}
    assert found["move_other"].price == 5
    problem, plan = crowded(mae)
    limits = Limits(window_minutes=0)
    assert offered(problem, plan, limits=limits, held={"w"}) == {}
    assert offered(replace(problem, pins=(Pin("w", 0, 540, ("ann",)),)), plan, limits=limits) == {}


def test_a_visit_that_fits_nowhere_else_is_not_moved() -> None:
    mae = given.need(given.visit("w", windows=given.windows("9:00", "9:01", [0])), id="mae")
    assert offered(*crowded(mae), limits=Limits(window_minutes=0)) == {}


def test_another_visit_of_the_elder_makes_room() -> None:
    """Eve's Tuesday visit stands too near to Monday, and can go to Thursday."""
    need = given.need(given.visit("v", windows=given.windows(days=[0])), given.visit("w"), min_days_between=3)
    plan = given.plan(given.placed("w", 1), left=["v"])
    found = offered(given.problem(need), plan)
    assert {each.visit for each in found["move_other"].visits} == {"v", "w"}


# --- all of it ----------------------------------------------------------------------------------------


@settings(max_examples=12)
@drawn_from(st.integers(0, 10_000), st.sampled_from(["short", "tight"]))
def test_every_offered_fix_of_a_short_city_works(seed: int, staffing: str) -> None:
    problem = city(30, seed=seed, staffing=staffing, towns=2, double_handed=0.1, same_day=0.1)
    guest = Lend(
        caregiver=Caregiver(
            id="guest",
            base="guest",
            town="elsewhere",
            mode="ebike",
            shifts=(Shift(seed % 7, 480, 1020),),
            weekly_limit_minutes=2400,
            contract_minutes=2400,
            skills={"care": 6, "bath": 6, "medical": 6},
            gender="f",
        ),
        places=(Place("guest", problem.places[0].east_metres, problem.places[0].north_metres),),
    )
    plan = solve(problem, seed=seed, iterations=200)
    situation = Situation(Week(problem), plan)
    lenders = Lenders(situation, (guest,))
    for left in plan.unallocated[:6]:
        found = fixes(situation, left.visit, most=6, lenders=lenders)
        assert found == fixes(Situation(Week(problem), plan), left.visit, most=6, lenders=lenders)
        for fix in found:
            works(problem, plan, fix)
