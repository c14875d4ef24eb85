"""When an elder may have one more visit, held to the judge."""

from dataclasses import replace

from hypothesis import assume, settings
from hypothesis import given as drawn_from
from hypothesis import strategies as st

from solver.judge import judge_week
from solver.plan import Plan, PlannedVisit, Reason
from solver.problem import MinutesCap, Need, Window
from solver.reasons.days import openings
from solver.roster import Roster
from solver.week import Week
from tests.solver import given

ELDERS_RULES = {"eligibility", "hours", "window", "spacing", "overlap"}
DAYS = st.integers(0, 6)
CAREGIVERS = tuple(given.caregiver(who) for who in ("ann", "bea", "cai"))


@st.composite
def needs(draw: st.DrawFn) -> tuple[Need, list[PlannedVisit]]:
    """Draw an elder with a visit to be placed, and up to two that stand already."""
    windows = [
        Window(day, opens, opens + draw(st.integers(1, 40)))
        for day, opens in draw(st.lists(st.tuples(DAYS, st.sampled_from([500, 530, 560])), max_size=5))
    ]
    others = draw(st.lists(st.tuples(DAYS, st.integers(490, 600), st.sampled_from([10, 30])), max_size=2))
    visits = [given.visit("v", draw(st.sampled_from([10, 30])), windows=tuple(windows))]
    visits += [given.visit(f"w{i}", minutes) for i, (_, _, minutes) in enumerate(others)]
    pattern = st.tuples(*(DAYS for _ in visits))
    follows = [(draw(DAYS), *(day for day, _, _ in others)) for _ in range(draw(st.integers(0, 3)))]
    caps = [
        MinutesCap(min(days), max(days), draw(st.sampled_from([20, 40, 60])))
        for days in draw(st.lists(st.tuples(DAYS, DAYS), max_size=2))
    ]
    need = given.need(
        *visits,
        eligible_days=draw(st.just(frozenset(range(7))) | st.frozensets(DAYS)),
        min_days_between=draw(st.integers(0, 3)),
        occupied_days=tuple(draw(st.lists(st.sampled_from([-2, -1, 7, 8]), max_size=2))),
        day_patterns=(*follows, draw(pattern)) if follows else (),
        caps=tuple(caps),
    )
    who = ("ann", "bea")
    return need, [PlannedVisit(f"w{i}", day, start, (who[i],)) for i, (day, start, _) in enumerate(others)]


def breaks(week: Week, plan: Plan) -> set[str]:
    return {each.rule for each in judge_week(week, plan)} & ELDERS_RULES


@settings(max_examples=300)
@drawn_from(needs())
def test_every_start_that_the_elders_rules_allow_is_open_and_no_other(drawn: tuple[Need, list[PlannedVisit]]) -> None:
    need, others = drawn
    week = Week(given.problem(need, caregivers=CAREGIVERS))
    assume(not breaks(week, given.plan(*others, left=["v"])))
    found = openings(need, need.visits[0], Roster(week, given.plan(*others)).stops_of_need(need.id))
    starts = {(day, minute) for day in range(7) for minute in range(495, 605)}
    candidate = PlannedVisit("v", 0, 0, ("cai",))
    good = {
        (day, start)
        for day, start in starts
        if any(w.day == day and w.opens <= start < w.closes for w in need.visits[0].windows)
        and not breaks(week, given.plan(*others, replace(candidate, day=day, start=start)))
    }
    if isinstance(found, Reason):
        assert good == set()
    else:
        assert good == {(day, s) for day, windows in found.items() for a, b in windows for s in range(a, b)} != set()
