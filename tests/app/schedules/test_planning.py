"""Rows to the problem and back, without a database."""

from dataclasses import replace
from datetime import date
from typing import Any

from app.core.weeks import Week
from app.entitlements.demand import DemandVisit, DoneVisit, ElderDemand, MonthCap
from app.schedules.planning import context_visits, to_plan, to_problem, to_visits
from app.schedules.projection import to_metres
from app.schedules.rows import ElderRow, PairRow, VisitRow, WeekRows
from solver.judge import judge
from solver.plan import Cost, Plan, PlannedVisit, Reason, Unallocated
from solver.problem import MinutesCap, Pin
from tests.app.schedules.test_shifts import caregiver

WEEK = Week(date(2026, 11, 30))  # its Monday is in November, the rest in December
DAYS = frozenset(WEEK.days)


def elder(number: int = 1, **changes: Any) -> ElderRow:
    return replace(
        ElderRow(
            id=number,
            town_id=1,
            centre_id=None,
            home=(29.31, 120.08),
            dialects=("yiwu",),
            hands=1,
            min_days_between=1,
            max_carers=None,
            required_gender=None,
            wished_gender=None,
            items=("bathing",),
            extra_skills=("dementia",),
            windows=(),
        ),
        **changes,
    )


def demand(number: int = 1, **changes: Any) -> ElderDemand:
    return replace(
        ElderDemand(
            elder_id=number,
            town_id=1,
            centre_id=None,
            visits=(DemandVisit(f"{number}-{WEEK}-1", 60, DAYS),),
            eligible_days=DAYS,
            caps=(MonthCap(date(2026, 11, 30), date(2026, 11, 30), 60), MonthCap(WEEK.days[1], WEEK.days[6], 240)),
            occupied_days=(date(2026, 11, 28),),
            minutes_behind=60,
            short_before=True,
        ),
        **changes,
    )


def visit(key: str, **changes: Any) -> VisitRow:
    return replace(
        VisitRow(
            id=1,
            key=key,
            elder_id=1,
            town_id=1,
            day=WEEK.days[1],
            start_minute=540,
            minutes=60,
            hands=1,
            pinned=False,
            caregivers=(1,),
        ),
        **changes,
    )


def rows(**changes: Any) -> WeekRows:
    return replace(
        WeekRows(week=WEEK, demands=(demand(),), elders=(elder(),), caregivers=(caregiver(),), pairs=()), **changes
    )


def test_a_need_says_what_binds_the_elder() -> None:
    pairs = (PairRow(1, 1, "usual", 0.5), PairRow(1, 99, "blocked", 1.0))
    [need] = to_problem(rows(pairs=pairs)).needs
    assert need.caps == (MinutesCap(0, 0, 60), MinutesCap(1, 6, 240))
    assert need.occupied_days == (-2,)
    assert need.visits[0].skills == {"care", "bathing", "dementia"}
    assert need.usual == {"1": 0.5}
    assert need.blocked == frozenset(), "who isn't in the problem can't come anyway"
    assert (need.minutes_behind, need.short_before) == (60, True)


def test_a_visit_is_only_made_on_its_own_days() -> None:
    narrow = demand(
        visits=(DemandVisit("k", 60, frozenset({WEEK.days[2], WEEK.days[3]})),), eligible_days=frozenset({WEEK.days[3]})
    )
    [need] = to_problem(rows(demands=(narrow,))).needs
    assert [window.day for window in need.visits[0].windows] == [3]


def test_metres_around_the_origin() -> None:
    assert to_metres(29.3, 120.07) == (0, 0)
    east, north = to_metres(29.31, 120.08)
    assert abs(north - 1112) <= 1
    assert abs(east - 970) <= 1
    assert max(map(abs, to_metres(-90.0, -180.0))) == 10_000_000


def test_a_pin_whose_caregiver_left_is_lifted() -> None:
    key = f"1-{WEEK}-1"
    kept = to_problem(rows(pins=(visit(key, pinned=True),)))
    assert kept.pins == (Pin(key, 1, 540, ("1",)),)
    assert to_problem(rows(pins=(visit(key, pinned=True, caregivers=(2,)),))).pins == ()


def test_a_visit_that_began_is_pinned_where_it_is_published() -> None:
    key = f"1-{WEEK}-1"
    problem = to_problem(rows(published=(visit(key),), started=frozenset({key})))
    assert problem.pins == (Pin(key, 1, 540, ("1",)),)
    assert problem.published[0].caregivers == ("1",)


def test_what_is_done_and_what_is_made_elsewhere_takes_time_but_is_not_planned() -> None:
    done = demand(done=(DoneVisit("d", WEEK.days[1], 60, "delivered"), DoneVisit("m", WEEK.days[1], 60, "missed")))
    published = (visit("d"), visit("m", start_minute=800))
    elsewhere = (visit("x", elder_id=7, town_id=2, start_minute=660, caregivers=(1, 9), hands=2),)
    problem = to_problem(rows(demands=(done,), published=published, elsewhere=elsewhere, homes={7: (29.32, 120.09)}))
    assert context_visits(problem) == {"d", "x"}
    assert {pin.visit for pin in problem.pins} == {"d", "x"}
    own = f"1-{WEEK}-1"
    plan = Plan(
        visits=(*(PlannedVisit(pin.visit, pin.day or 0, pin.start or 0, pin.caregivers) for pin in problem.pins),),
        unallocated=(Unallocated(own, Reason.NO_SKILL),),
        cost=Cost(),
    )
    assert judge(problem, plan) == ()
    [filed] = to_visits(problem, plan, WEEK, {})
    assert (filed.key, filed.day, filed.reason) == (own, None, "no_skill")


def test_rows_become_the_plan_that_they_were_made_of() -> None:
    problem = to_problem(rows())
    key = problem.needs[0].visits[0].id
    plan = Plan(visits=(PlannedVisit(key, 1, 600, ("1",)),), unallocated=(), cost=Cost())
    [filed] = to_visits(problem, plan, WEEK, {(key, "1"): 12})
    assert (filed.day, filed.start_minute, filed.travel_minutes) == (WEEK.days[1], 600, (12,))
    stored = visit(key, day=filed.day, start_minute=filed.start_minute, caregivers=filed.caregivers)
    assert to_plan(problem, [stored], WEEK) == plan
