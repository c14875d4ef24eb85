"""The month's model in the demand: a town's load follows its own caregivers, and every month stays exact."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from app.core.weeks import Month, Week
from app.entitlements.allowance import EntitlementPolicy, GrantPeriod, OnRoster, days_of
from app.entitlements.demand import demands_of, elder_demand, own_months, week_demand
from app.entitlements.facts import Booked, ElderFacts, PlanPeriod, Surroundings
from app.entitlements.spreading import month_laid
from tests.app import given
from tests.app.entitlements.deliverer import POLICY, choose_days, weeks_of

LONG_AGO = date(2020, 1, 1)
NOVEMBER = Month(2026, 11)  # no holiday in it
WEEKS = weeks_of(NOVEMBER.first, NOVEMBER.end)
KINDS = [(240, 60, 2, 1), (240, 120, 3, 1), (480, 60, 1, 1), (480, 120, 2, 2)]


def people(n: int, town_id: int = 1, first_id: int = 1, seed: int = 1) -> list[ElderFacts]:
    rng = random.Random(seed)
    found = []
    for elder_id in range(first_id, first_id + n):
        minutes, visit, spacing, hands = rng.choice(KINDS)
        found.append(
            ElderFacts(
                elder_id,
                town_id,
                None,
                OnRoster(date(1930, 1, 1), LONG_AGO, None),
                (GrantPeriod(LONG_AGO, None, minutes),),
                (),
                (PlanPeriod(LONG_AGO, visit, spacing, hands=hands),),
            )
        )
    return found


def capacity(of_week: dict[Week, float], otherwise: float = 1000.0) -> dict[date, float]:
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(92)]
    return {day: of_week.get(Week.of(day), otherwise) for day in days}


def load(elders: Sequence[ElderFacts], week: Week, around: Surroundings) -> int:
    hands = {elder.elder_id: elder.plans[0].hands for elder in elders}
    found = demands_of(elders, week, around, POLICY)
    return sum(visit.minutes * hands[each.elder_id] for each in found for visit in each.visits)


@pytest.mark.parametrize("given_there", [0.3, 0.6])
def test_the_week_in_which_a_towns_caregivers_are_on_leave_is_asked_for_less(given_there: float) -> None:
    elders = people(150)
    away = WEEKS[2]
    around = Surroundings(town_capacity={1: capacity({away: 1000 * given_there})})
    # whole weeks only: November begins on a Sunday and ends on a Monday
    by_model = {week: load(elders, week, around) for week in WEEKS[1:5]}
    others = [minutes for week, minutes in by_model.items() if week != away]
    assert by_model[away] == pytest.approx(given_there * sum(others) / len(others), rel=0.1)
    # Later weeks are filled a little less: what is missed before is made up in them.
    assert others == sorted(others, reverse=True)
    assert max(others) <= 1.12 * min(others)
    by_rhythm = [sum(v.minutes for v in elder_demand(elder, away, around, POLICY).visits) for elder in elders]
    assert sum(by_rhythm) > by_model[away]


def test_weeks_asked_in_any_order_add_up_to_every_month() -> None:
    elders = people(60)
    around = Surroundings(town_capacity={1: capacity({WEEKS[1]: 100.0, WEEKS[4]: 1500.0})})
    forward = {week: demands_of(elders, week, around, POLICY) for week in WEEKS}
    assert forward == {week: demands_of(elders, week, around, POLICY) for week in reversed(WEEKS)}
    got: Counter[int] = Counter()
    for demands in forward.values():
        for each in demands:
            got[each.elder_id] += sum(v.minutes for v in each.visits if Month.of(min(v.days)) == NOVEMBER)
    assert got == {elder.elder_id: elder.allowance_in(NOVEMBER, POLICY).due for elder in elders}


def test_a_town_is_asked_for_the_same_whoever_else_is_asked_for() -> None:
    ours, theirs = people(40), people(40, town_id=2, first_id=1000, seed=2)
    around = Surroundings(town_capacity={1: capacity({WEEKS[1]: 300.0}), 2: capacity({WEEKS[3]: 300.0})})
    together = demands_of([*ours, *theirs], WEEKS[1], around, POLICY)
    assert together == (*demands_of(ours, WEEKS[1], around, POLICY), *demands_of(theirs, WEEKS[1], around, POLICY))


@pytest.mark.parametrize("seed", range(3))
def test_week_after_week_with_visits_missed_every_month_is_exact_but_for_the_last_days(seed: int) -> None:
    rng = random.Random(seed)
    elders = {elder.elder_id: elder for elder in people(40, seed=seed)}
    by_town = {1: capacity({WEEKS[2]: 200.0, WEEKS[3]: 1400.0})}
    missed_late: Counter[int] = Counter()
    for week in WEEKS:
        settled = {1: frozenset(weeks_of(date(2026, 9, 1), week.monday))}
        around = Surroundings(settled=settled, town_capacity=by_town)
        for demand in demands_of(list(elders.values()), week, around, POLICY):
            elder = elders[demand.elder_id]
            days = choose_days(demand.visits, elder.plans[0].min_days_between, demand.occupied_days, rng)
            outcomes = ["missed" if rng.random() < 0.05 else "delivered" for _ in days]
            booked = tuple(
                Booked(visit.key, day, visit.minutes, outcome)
                for visit, day, outcome in zip(demand.visits, days, outcomes, strict=True)
            )
            missed_late[elder.elder_id] += week >= WEEKS[4] and "missed" in outcomes
            bookings = sorted((*elder.bookings, *booked), key=lambda b: (b.day, b.key))
            elders[demand.elder_id] = replace(elder, bookings=tuple(bookings))
    for elder in elders.values():
        had = sum(b.minutes for b in elder.bookings_in(NOVEMBER) if b.state == "delivered")
        due = elder.allowance_in(NOVEMBER, POLICY).due
        assert had <= due
        assert had == due or missed_late[elder.elder_id]


def test_the_days_that_are_gone_hold_nothing_more() -> None:
    elders = people(30)
    week, today = WEEKS[2], WEEKS[2].days[4]
    around = Surroundings(town_capacity={1: capacity({})})
    demands = demands_of(elders, week, around, POLICY, today)
    assert all(min(visit.days) >= today for each in demands for visit in each.visits)
    owed = own_months(elders, week, NOVEMBER, around, POLICY, today)
    laid = month_laid(owed, around, week, today)
    here = WEEKS.index(week)
    assert {each.elder_id: len(each.visits) for each in demands if each.visits} == {
        elder: visits[here] for elder, visits in laid.items() if visits[here]
    }
    assert all(sum(visits) == len(own.visits) for own in owed for visits in [laid[own.elder_id]])


@pytest.mark.parametrize("given_there", [0.6, 1.0])
def test_a_published_week_keeps_its_visits_when_a_caregiver_falls_ill(given_there: float) -> None:
    elders, week, rng = people(80), WEEKS[2], random.Random(1)
    settled = {1: frozenset([week])}
    around = Surroundings(settled=settled, town_capacity={1: capacity({WEEKS[1]: 600.0})})
    published = {demand.elder_id: demand for demand in demands_of(elders, week, around, POLICY)}
    by_rhythm = {elder.elder_id: len(elder_demand(elder, week, around, POLICY).visits) for elder in elders}
    left_out = next(each for each in published.values() if len(each.visits) == by_rhythm[each.elder_id])
    booked = []
    for elder in elders:
        demand = published.get(elder.elder_id)
        if demand is not None and demand is not left_out:
            days = choose_days(demand.visits, elder.plans[0].min_days_between, demand.occupied_days, rng)
            pairs = zip(demand.visits, days, strict=True)
            elder = replace(elder, bookings=tuple(Booked(v.key, day, v.minutes, "planned") for v, day in pairs))
        booked.append(elder)
    ill = Surroundings(settled=settled, town_capacity={1: capacity({WEEKS[1]: 600.0, week: 1000 * given_there})})
    assert load(elders, week, ill) < load(elders, week, around) or given_there == 1.0
    again = {demand.elder_id: demand for demand in demands_of(booked, week, ill, POLICY)}
    del published[left_out.elder_id]
    assert {key: each.visits for key, each in again.items() if key != left_out.elder_id} == {
        key: each.visits for key, each in published.items()
    }
    assert (left_out.elder_id in again) or given_there < 1.0, "whoever was left out is asked for again"


def test_read_from_the_database_a_town_follows_its_caregivers_leave(session: Session) -> None:
    town, other = given.town(session), given.town(session)
    for n in range(12):
        elder = given.elder(session, town if n < 8 else other)
        given.grant(session, elder, monthly_minutes=240)
        given.care_plan(session, elder, visit_minutes=60, min_days_between=1)
    caregivers = [given.caregiver(session, town), given.caregiver(session, town)]
    given.caregiver(session, other)
    away = Week.parse("2026-W47")
    for each in caregivers:
        given.leave(session, each, first_on=away.monday, last_on=away.days[-1])
    found = {week: week_demand(session, week, policy=EntitlementPolicy()) for week in WEEKS}
    visits = {
        week: Counter(
            {town_id: sum(len(d.visits) for d in demands if d.town_id == town_id) for town_id in (town.id, other.id)}
        )
        for week, demands in found.items()
    }
    assert visits[away][town.id] == 0
    assert visits[away][other.id] > 0
    assert sum(count[town.id] for week, count in visits.items()) >= 8 * 4  # December's first days are in the last week
    assert week_demand(session, WEEKS[1], [town.id]) == tuple(d for d in found[WEEKS[1]] if d.town_id == town.id)


def test_days_of_the_month_are_cut_into_its_weeks() -> None:
    assert [day for week in WEEKS for day in week.days if Month.of(day) == NOVEMBER] == list(days_of(NOVEMBER))
