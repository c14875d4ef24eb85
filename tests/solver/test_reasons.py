"""The reason of a visit without a place, gate by gate, and held to a search of every possibility."""

from dataclasses import replace
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import assume
from hypothesis import given as drawn_from
from hypothesis import strategies as st

from solver.judge import judge, judge_week
from solver.plan import Plan, PlannedVisit, Reason
from solver.problem import Caregiver, MinutesCap, Need, Pin, Problem, Visit, Window
from solver.reasons import explain, reason
from solver.week import Week
from tests.solver import given

GATES = [
    "caregivers",
    "in_reach",
    "with_skill",
    "gender_and_not_blocked",
    "at_work",
    "within_carers",
    "with_minutes_left",
    "route_fits",
]
ANN, BEA = given.caregiver("ann"), given.caregiver("bea")
LEFT = given.plan(left=["v"])


def why(problem: Problem, plan: Plan = LEFT, visit: str = "v") -> tuple[Reason, list[int]]:
    found = reason(Week(problem), plan, visit)
    assert found.visit == visit
    assert [gate for gate, _ in found.funnel] in ([], GATES)
    return found.reason, [count for _, count in found.funnel]


def one_day(visit: Visit) -> Visit:
    return replace(visit, windows=tuple(window for window in visit.windows if window.day == 0))


def test_what_fits_is_said_to_fit() -> None:
    assert why(given.problem()) == (Reason.COULD_BE_PLACED, [1] * 8)


def test_pins_come_first() -> None:
    assert why(given.problem(pins=(Pin("v", None, None, ()),))) == (Reason.LEFT_BY_PIN, [])
    assert why(given.problem(pins=(Pin("v", 0, 540, ("ann",)),))) == (Reason.PIN_CONFLICT, [])


def test_an_elder_who_may_not_be_visited() -> None:
    assert why(given.problem(given.need(eligible_days=frozenset()))) == (Reason.NOT_ELIGIBLE, [])
    assert why(given.problem(given.need(eligible_days=frozenset({6}))))[0] is Reason.COULD_BE_PLACED


@pytest.mark.parametrize(("minutes", "found"), [(119, Reason.NO_HOURS_LEFT), (120, Reason.COULD_BE_PLACED)])
def test_hours_left(minutes: int, found: Reason) -> None:
    need = given.need(given.visit("v"), given.visit("w"), caps=(MinutesCap(0, 6, minutes),))
    assert why(given.problem(need), given.plan(given.placed("w", 3), left=["v"]))[0] is found


def test_hours_left_on_some_days_only_leave_those() -> None:
    need = given.need(caps=(MinutesCap(0, 3, 0),))
    assert why(given.problem(need, caregivers=(given.caregiver(shifts=given.shifts(days=range(4))),))) == (
        Reason.NOBODY_AT_WORK,
        [1, 1, 1, 1, 0, 0, 0, 0],
    )


def test_no_window() -> None:
    assert why(given.problem(given.need(given.visit(windows=())))) == (Reason.NO_WINDOW, [])
    closed = given.need(given.visit(windows=given.windows(days=[0])), eligible_days=frozenset({1}))
    assert why(given.problem(closed)) == (Reason.NO_WINDOW, [])


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"min_days_between": 1}, Reason.TOO_CLOSE),
        ({"min_days_between": 0}, Reason.COULD_BE_PLACED),
        ({"min_days_between": 0, "day_patterns": ((0, 1),)}, Reason.TOO_CLOSE),
        ({"min_days_between": 0, "day_patterns": ((0, 1), (0, 0))}, Reason.COULD_BE_PLACED),
        ({"min_days_between": 0, "occupied_days": (-1,)}, Reason.COULD_BE_PLACED),
    ],
)
def test_the_elders_other_visits(said: dict[str, Any], found: Reason) -> None:
    problem = given.problem(given.need(one_day(given.visit("v")), given.visit("w"), **said))
    assert why(problem, given.plan(given.placed("w", 0), left=["v"]))[0] is found


def test_two_visits_of_an_elder_do_not_overlap() -> None:
    need = given.need(
        given.visit("v", windows=given.windows("9:00", "9:30", [0])), given.visit("w"), min_days_between=0
    )
    problem = given.problem(need, caregivers=(ANN, BEA))
    assert why(problem, given.plan(given.placed("w", 0, "9:20"), left=["v"])) == (Reason.TOO_CLOSE, [])


@pytest.mark.parametrize(("limit", "found"), [(79, Reason.OUT_OF_REACH), (80, Reason.COULD_BE_PLACED)])
def test_out_of_reach_by_the_daily_limit(limit: int, found: Reason) -> None:
    assert why(given.problem(caregivers=(given.caregiver(daily_limit_minutes=limit),)))[0] is found


@pytest.mark.parametrize(("ends", "found"), [("10:19", Reason.OUT_OF_REACH), ("10:20", Reason.COULD_BE_PLACED)])
def test_out_of_reach_by_the_longest_shift(ends: str, found: Reason) -> None:
    assert why(given.problem(caregivers=(given.caregiver(shifts=given.shifts("9:00", ends)),)))[0] is found


@pytest.mark.parametrize(("last_day", "found"), [(2, Reason.NO_SKILL), (3, Reason.COULD_BE_PLACED)])
def test_skill_on_a_day_that_is_open(last_day: int, found: Reason) -> None:
    need = given.need(given.visit(skills=frozenset({"bath"}), windows=given.windows(days=[3])))
    assert why(given.problem(need, caregivers=(given.caregiver(skills={"bath": last_day}), BEA)))[0] is found


@pytest.mark.parametrize("said", [{"required_gender": "female"}, {"blocked": frozenset({"ann"})}])
def test_gender_or_blocked(said: dict[str, Any]) -> None:
    problem = given.problem(given.need(**said), caregivers=(given.caregiver(gender="male"),))
    assert why(problem) == (Reason.GENDER_OR_BLOCKED, [1, 1, 1, 0, 0, 0, 0, 0])


def test_a_town_on_leave_is_not_at_work() -> None:
    assert why(given.problem(caregivers=(given.caregiver(shifts=()),)))[0] is Reason.NOBODY_AT_WORK


@pytest.mark.parametrize(
    ("opens", "closes", "found"),
    [
        ("6:00", "8:10", Reason.NOBODY_AT_WORK),
        ("6:00", "8:11", Reason.COULD_BE_PLACED),
        ("15:50", "18:00", Reason.COULD_BE_PLACED),
        ("15:51", "18:00", Reason.NOBODY_AT_WORK),
    ],
)
def test_at_work_in_a_window(opens: str, closes: str, found: Reason) -> None:
    need = given.need(given.visit(windows=given.windows(opens, closes)))
    caregiver = given.caregiver(shifts=given.shifts("8:00", "17:00"))
    assert why(given.problem(need, caregivers=(caregiver,)))[0] is found


@pytest.mark.parametrize(("limit", "found"), [(1, Reason.TOO_MANY_CARERS), (2, Reason.COULD_BE_PLACED)])
def test_carers(limit: int, found: Reason) -> None:
    need = given.need(given.visit("v", skills=frozenset({"bath"})), given.visit("w"), max_carers=limit)
    problem = given.problem(need, caregivers=(given.caregiver("ann", skills={"bath": 6}), BEA))
    assert why(problem, given.plan(given.placed("w", 0, "9:00", "bea"), left=["v"]))[0] is found


@pytest.mark.parametrize(("limit", "found"), [(1, Reason.TOO_MANY_CARERS), (2, Reason.COULD_BE_PLACED)])
def test_carers_of_a_double_handed_visit(limit: int, found: Reason) -> None:
    problem = given.problem(given.need(given.visit(hands=2), max_carers=limit), caregivers=(ANN, BEA))
    assert why(problem) == (found, [2, 2, 2, 2, 2, 2, 2, 2])


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"weekly_limit_minutes": 139}, Reason.NO_MINUTES_LEFT),
        ({"weekly_limit_minutes": 140}, Reason.COULD_BE_PLACED),
        ({"daily_limit_minutes": 139}, Reason.NO_MINUTES_LEFT),
        ({"daily_limit_minutes": 140}, Reason.COULD_BE_PLACED),
    ],
)
def test_minutes_left_count_the_detour(said: dict[str, Any], found: Reason) -> None:
    """Ann is at home for mae already: the visit costs an hour and no trip."""
    problem = given.problem(
        given.need(one_day(given.visit())),
        given.need(given.visit("w"), id="mae"),
        caregivers=(given.caregiver(**said),),
    )
    assert why(problem, given.plan(given.placed("w", 0), left=["v"]))[0] is found


@pytest.mark.parametrize(("days", "found"), [(1, Reason.NO_MINUTES_LEFT), (2, Reason.COULD_BE_PLACED)])
def test_a_rest_day_is_kept(days: int, found: Reason) -> None:
    caregiver = given.caregiver(max_days=days)
    problem = given.problem(
        given.need(one_day(given.visit())), given.need(given.visit("w"), id="mae"), caregivers=(caregiver,)
    )
    assert why(problem, given.plan(given.placed("w", 1), left=["v"]))[0] is found


def busy(**said: Any) -> Problem:
    """Return a problem where Mae's visit at 9:00 stands in the way of one at 9:30, unless it is moved."""
    fixed = given.visit("v", windows=given.windows("9:30", "9:31", [0]))
    movable = given.visit("w", windows=given.windows("8:00", "9:30", [0]))
    return given.problem(given.need(fixed), given.need(movable, id="mae"), **said)


def test_the_other_visits_may_start_earlier() -> None:
    plan = given.plan(given.placed("w", 0, "9:00"), left=["v"])
    assert why(busy(), plan)[0] is Reason.COULD_BE_PLACED
    assert why(busy(pins=(Pin("w", 0, 540, ("ann",)),)), plan) == (Reason.NO_ROUTE_FITS, [1, 1, 1, 1, 1, 1, 1, 0])


def test_a_double_handed_visit_needs_two_at_the_same_minute() -> None:
    morning, evening = given.shifts("7:00", "12:00"), given.shifts("12:00", "19:00")
    need = given.need(given.visit(hands=2))
    apart = (given.caregiver("ann", shifts=morning), given.caregiver("bea", shifts=evening))
    assert why(given.problem(need, caregivers=apart)) == (Reason.NO_ROUTE_FITS, [2] * 8)
    assert why(given.problem(need, caregivers=(ANN, BEA)))[0] is Reason.COULD_BE_PLACED
    assert why(given.problem(need))[0] is Reason.OUT_OF_REACH


def test_a_placed_visit_is_judged_as_if_it_had_no_place() -> None:
    problem = given.problem(given.need(caps=(MinutesCap(0, 6, 60),)))
    assert why(problem, given.plan(given.placed()))[0] is Reason.COULD_BE_PLACED


def test_a_whole_plan_is_explained() -> None:
    problem = given.problem(given.need(), given.need(given.visit("w", windows=()), id="mae"))
    plan = given.plan(left=["w", "ghost", "v"])
    explained = explain(problem, plan)
    assert [(each.visit, each.reason) for each in explained.unallocated] == [
        ("w", Reason.NO_WINDOW),
        ("ghost", Reason.NO_ROUTE_FITS),
        ("v", Reason.COULD_BE_PLACED),
    ]
    assert replace(explained, unallocated=plan.unallocated) == plan


# The property: a visit could be placed if and only if some way of placing it breaks no rule.

PLACES = st.sampled_from(["home", "next", "far", "base"])


def minutes_of(starts: tuple[int, ...]) -> tuple[Window, ...]:
    """Return windows that open at these minutes of Monday only, each for a minute."""
    return tuple(Window(0, start, start + 1) for start in starts)


@st.composite
def days(draw: st.DrawFn) -> tuple[Problem, Plan]:
    """Draw a Monday with a visit left over, and few enough starts to try them all."""
    needs: list[Need] = []
    planned: list[PlannedVisit] = []
    caregivers: list[Caregiver] = []
    for who in ("ann", "bea")[: draw(st.integers(1, 2))]:
        now = draw(st.sampled_from([480, 570, 630, 650]))
        for i in range(draw(st.integers(0, 2))):
            length, place = draw(st.sampled_from([30, 60, 90, 120])), draw(PLACES)
            now += draw(st.sampled_from([10, 50, 60, 65]))
            shifted = draw(st.sets(st.sampled_from([-30, -10, 10, 30, 60]), max_size=2))
            starts = minutes_of((now, *(now + shift for shift in sorted(shifted))))
            needs.append(given.need(given.visit(f"{who}{i}", length, windows=starts), id=f"{who}{i}", place=place))
            planned.append(PlannedVisit(f"{who}{i}", 0, now, (who,)))
            now += length
        caregivers.append(
            given.caregiver(
                who,
                shifts=given.shifts(draw(st.sampled_from(["7:00", "9:30", "10:30"])), "19:00", [0]),
                daily_limit_minutes=draw(st.sampled_from([200, 260, 320, 480])),
            )
        )
    new_starts = draw(st.sets(st.sampled_from(range(540, 960, 15)), min_size=1, max_size=5))
    visit = given.visit(
        "v",
        draw(st.sampled_from([30, 60])),
        windows=minutes_of(tuple(sorted(new_starts))),
        hands=draw(st.integers(1, 2)),
    )
    needs.append(given.need(visit, place=draw(PLACES)))
    problem = given.problem(*needs, caregivers=tuple(caregivers))
    plan = given.plan(*planned, left=["v"])
    assume(not judge(problem, plan))
    return problem, plan


def can_be_placed(problem: Problem, plan: Plan) -> bool:
    """Try every start of every visit, and every caregiver for the one without a place."""
    week = Week(problem)
    order = {who: [p.visit for p in plan.visits if p.caregivers == (who,)] for who in week.caregivers}
    choices = [[replace(p, start=w.opens) for w in week.visits[p.visit].windows] for p in plan.visits]
    visit = week.visits["v"]
    for others in product(*choices):
        at = {planned.visit: planned.start for planned in others}
        if any(sorted(ids, key=at.__getitem__) != ids for ids in order.values()):
            continue
        for window in visit.windows:
            for who in permutations(week.caregivers, visit.hands):
                whole = given.plan(*others, PlannedVisit("v", 0, window.opens, who))
                if not judge_week(week, whole):
                    return True
    return False


@drawn_from(days())
def test_a_visit_could_be_placed_if_a_search_of_everything_places_it(day: tuple[Problem, Plan]) -> None:
    problem, plan = day
    found = reason(Week(problem), plan, "v").reason
    assert (found is Reason.COULD_BE_PLACED) == can_be_placed(problem, plan)
