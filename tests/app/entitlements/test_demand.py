"""The demand of a week: exact months, even load, misses made up."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.weeks import Month, Week
from app.entitlements.allowance import Away, EntitlementPolicy, GrantPeriod, OnRoster, days_of, split
from app.entitlements.demand import elder_demand
from app.entitlements.facts import EVERY_DAY, Booked, ElderFacts, PlanPeriod, Surroundings
from app.entitlements.holidays import closed_days
from app.entitlements.ledger import ledger_line
from app.entitlements.quota import fit
from tests.app.entitlements.deliverer import POLICY, play, weeks_of

LONG_AGO = date(2020, 1, 1)
BORN = date(1930, 1, 1)
ALWAYS = OnRoster(BORN, LONG_AGO, None)


def elder(
    minutes: int = 240,
    visit: int = 60,
    spacing: int = 1,
    *,
    elder_id: int = 7,
    roster: OnRoster = ALWAYS,
    stays: tuple[Away, ...] = (),
    weekdays: frozenset[int] = EVERY_DAY,
) -> ElderFacts:
    return ElderFacts(
        elder_id,
        1,
        None,
        roster,
        (GrantPeriod(LONG_AGO, None, minutes),),
        stays,
        (PlanPeriod(LONG_AGO, visit, spacing, weekdays),),
    )


def delivered(found: ElderFacts, month: Month) -> int:
    return sum(b.minutes for b in found.bookings_in(month) if b.state == "delivered")


KINDS = [(240, 60), (240, 120), (240, 240), (480, 60), (480, 120), (480, 240), (240, 90), (480, 45)]


@settings(max_examples=150)
@given(
    kind=st.sampled_from(KINDS),
    elder_id=st.integers(1, 5000),
    spacing=st.integers(0, 3),
    year=st.integers(2025, 2028),
    start=st.integers(1, 10),
    seed=st.integers(0, 1000),
)
def test_whole_months_are_delivered_to_the_minute(
    kind: tuple[int, int], elder_id: int, spacing: int, year: int, start: int, seed: int
) -> None:
    minutes, visit = kind
    if len(split(minutes, visit)) > 8 // max(1, spacing - 1):
        spacing = 1
    someone = elder(minutes, visit, spacing, elder_id=elder_id)
    months = [Month(year, start), Month(year, start + 1), Month(year, start + 2)]
    found = play(someone, months[0].first, months[-1].end, random.Random(seed))
    assert [delivered(found, month) for month in months] == [minutes] * 3


@settings(max_examples=200)
@given(
    kind=st.sampled_from(KINDS),
    elder_id=st.integers(1, 5000),
    joined=st.integers(0, 61),
    stays_for=st.integers(1, 100),
    away_from=st.integers(0, 90),
    away=st.integers(1, 40),
    at=st.sampled_from(["hospital", "institution"]),
    seed=st.integers(0, 1000),
)
def test_months_that_are_not_whole_are_exact_if_the_days_suffice(
    kind: tuple[int, int], elder_id: int, joined: int, stays_for: int, away_from: int, away: int, at: str, seed: int
) -> None:
    begin = date(2026, 3, 1)
    first = begin + timedelta(days=joined)
    roster = OnRoster(BORN, first, first + timedelta(days=stays_for))
    stay = Away(at, begin + timedelta(days=away_from), begin + timedelta(days=away_from + away))
    someone = elder(*kind, elder_id=elder_id, roster=roster, stays=(stay,))
    end = date(2026, 7, 1)
    found = play(someone, begin, end, random.Random(seed))
    closed = closed_days(begin, end, {})
    for month in (Month(2026, n) for n in (3, 4, 5, 6)):
        due = someone.allowance_in(month, POLICY).due
        days = someone.visitable_days(days_of(month), closed)
        visits = split(due, kind[1])
        assert delivered(found, month) == sum(visits[: len(days)])


@settings(max_examples=150)
@given(kind=st.sampled_from(KINDS), elder_id=st.integers(1, 5000), seed=st.integers(0, 10_000), late=st.booleans())
def test_what_is_missed_is_made_up_unless_it_was_missed_in_the_last_days(
    kind: tuple[int, int], elder_id: int, seed: int, late: bool
) -> None:
    rng = random.Random(seed)
    months = [Month(2026, 8), Month(2026, 9), Month(2026, 11)]

    def missed(day: date) -> bool:
        # The last week of a month can't make up for itself: what is missed there is a listed reason.
        can_be_made_up = Week.of(day) != Week.of(Month.of(day).last)
        return (late or can_be_made_up) and rng.random() < 0.05

    found = play(elder(*kind, elder_id=elder_id), date(2026, 8, 1), date(2026, 12, 1), rng, missed=missed)
    for month in months:
        last_week = Week.of(month.last)
        lost = sum(b.minutes for b in found.bookings_in(month) if b.state == "missed" and Week.of(b.day) == last_week)
        n_missed = sum(b.state == "missed" for b in found.bookings_in(month))
        if n_missed <= 1 or len([day for day in days_of(month) if Week.of(day) == last_week]) > n_missed:
            assert delivered(found, month) == kind[0] - lost


def test_with_one_in_twenty_missed_every_month_is_exact_or_says_why() -> None:
    rng = random.Random(11)
    exact = 0
    for elder_id in range(1, 61):
        minutes, visit = rng.choice(KINDS)
        stays = (Away("hospital", date(2026, 9, 10), date(2026, 9, 10) + timedelta(days=rng.randrange(1, 40))),)
        someone = elder(minutes, visit, rng.randrange(3), elder_id=elder_id, stays=stays if elder_id % 4 == 0 else ())
        found = play(someone, date(2026, 8, 1), date(2026, 11, 1), rng, missed=lambda _day: rng.random() < 0.05)
        for month in (Month(2026, 8), Month(2026, 9), Month(2026, 10)):
            line = ledger_line(found, month, closed_days(month.first, month.end, {}), date(2026, 11, 1), POLICY)
            assert line.delivered + line.excused + line.short >= line.granted
            assert line.delivered <= line.granted
            assert bool(line.short) == bool(line.reasons)
            exact += not line.short
    assert exact >= 160  # of 180


def test_a_visit_missed_in_the_second_last_week_is_made_up_on_the_only_day_left() -> None:
    # November 2026 ends on a Monday.
    for elder_id in range(1, 60):
        found = play(
            elder(480, 60, elder_id=elder_id),
            date(2026, 11, 1),
            date(2026, 12, 1),
            random.Random(1),
            missed=lambda day: day == date(2026, 11, 29),
        )
        assert delivered(found, Month(2026, 11)) == 480


def test_the_demand_never_exceeds_the_allowance_and_an_excused_visit_is_not_put_back() -> None:
    someone = elder()
    excused = Booked("7-2026-W45-1", date(2026, 11, 3), 60, "excused")
    found = play(replace(someone, bookings=(excused,)), date(2026, 11, 9), date(2026, 12, 1), random.Random(3))
    assert delivered(found, Month(2026, 11)) == 180


@pytest.mark.parametrize(("make_up", "expected"), [(True, 240), (False, 180)])
def test_a_missed_visit_is_made_up_or_lost_by_the_policy(make_up: bool, expected: int) -> None:
    policy = EntitlementPolicy(make_up_undelivered=make_up)
    someone = replace(elder(), bookings=(Booked("7-2026-W45-1", date(2026, 11, 3), 60, "missed"),))
    found = play(someone, date(2026, 11, 9), date(2026, 12, 1), random.Random(3), policy=policy)
    assert delivered(found, Month(2026, 11)) == expected


def test_a_visit_cut_short_leaves_its_rest_due() -> None:
    someone = replace(elder(), bookings=(Booked("7-2026-W45-1", date(2026, 11, 3), 20, "delivered"),))
    found = play(someone, date(2026, 11, 9), date(2026, 12, 1), random.Random(3))
    assert sorted(b.minutes for b in found.bookings_in(Month(2026, 11))) == [20, 40, 60, 60, 60]


def test_a_week_across_two_months_binds_each_visit_to_its_month() -> None:
    week = Week.of(date(2026, 9, 30))
    for elder_id in range(1, 40):
        someone = elder(480, 60, elder_id=elder_id)
        demand = elder_demand(someone, week, Surroundings(), POLICY)
        assert [(c.first_day, c.last_day) for c in demand.caps] == [
            (date(2026, 9, 28), date(2026, 9, 30)),
            (date(2026, 10, 1), date(2026, 10, 4)),
        ]
        assert all(len({day.month for day in visit.days}) == 1 for visit in demand.visits)


def test_replanning_keeps_the_keys_of_what_is_planned_and_renames_what_was_missed() -> None:
    week = Week.parse("2026-W46")
    someone = elder(480, 60, elder_id=12)
    before = elder_demand(someone, week, Surroundings(), POLICY)
    assert len(before.visits) == 2
    one, two = (visit.key for visit in before.visits)
    bookings = (Booked(one, date(2026, 11, 9), 60, "missed"), Booked(two, date(2026, 11, 12), 60, "planned"))
    after = elder_demand(replace(someone, bookings=bookings), week, Surroundings(), POLICY, today=date(2026, 11, 10))
    assert [visit.key for visit in after.visits] == [two, "12-2026-W46-3"]
    assert [visit.key for visit in after.done] == [one]
    assert all(day >= date(2026, 11, 10) for visit in after.visits for day in visit.days)
    gone = elder_demand(replace(someone, bookings=bookings), week, Surroundings(), POLICY, today=date(2026, 11, 13))
    assert [(visit.key, visit.state) for visit in gone.done] == [(one, "missed"), (two, "planned")]


def test_days_beside_a_delivered_visit_are_not_eligible() -> None:
    someone = replace(elder(spacing=3), bookings=(Booked("7-2026-W46-1", date(2026, 11, 11), 60, "delivered"),))
    demand = elder_demand(someone, Week.parse("2026-W46"), Surroundings(), POLICY)
    assert demand.eligible_days == {date(2026, 11, 14), date(2026, 11, 15)}


def test_asking_twice_or_in_another_order_changes_nothing() -> None:
    people = [elder(480, 60, elder_id=n) for n in range(1, 30)]
    weeks = weeks_of(date(2026, 11, 1), date(2026, 12, 31))
    forward = {(week, p.elder_id): elder_demand(p, week, Surroundings(), POLICY) for week in weeks for p in people}
    back = {
        (week, p.elder_id): elder_demand(p, week, Surroundings(), POLICY) for p in people for week in reversed(weeks)
    }
    assert forward == back
    for person in people:  # planned ahead, with nothing booked, the weeks add up to the month
        visits = [visit for week in weeks for visit in forward[week, person.elder_id].visits]
        for month in (Month(2026, 11), Month(2026, 12)):
            assert sum(v.minutes for v in visits if Month.of(min(v.days)) == month) == 480


def test_the_city_of_three_thousand_is_asked_evenly() -> None:
    rng = random.Random(5)
    people = [elder(480 if rng.random() < 0.3 else 240, rng.choice([60, 60, 120]), elder_id=n) for n in range(1, 3001)]
    weeks = weeks_of(date(2026, 11, 2), date(2027, 1, 3))  # months without a holiday in them
    load: Counter[Week] = Counter()
    for week in weeks:
        closed = closed_days(week.monday - timedelta(days=70), week.end + timedelta(days=70), {})
        around = Surroundings(closed)
        load[week] = sum(
            visit.minutes for person in people for visit in elder_demand(person, week, around, POLICY).visits
        )
    whole = [
        minutes
        for week, minutes in load.items()
        if not any(d in closed_days(d, d + timedelta(1), {}) for d in week.days)
    ]
    assert len(whole) >= 8
    assert max(whole) <= 1.3 * min(whole)


def test_days_of_a_holiday_week_bear_no_more_than_others() -> None:
    people = [elder(480, 60, elder_id=n) for n in range(1, 500)]
    per_day = []
    for week in weeks_of(date(2026, 9, 7), date(2026, 10, 25)):
        closed = closed_days(date(2026, 8, 1), date(2026, 12, 1), {})
        visits = sum(len(elder_demand(p, week, Surroundings(closed), POLICY).visits) for p in people)
        per_day.append(visits / sum(day not in closed for day in week.days))
    assert max(per_day) <= 1.3 * min(per_day)


def test_a_week_with_less_capacity_is_asked_for_less() -> None:
    weeks = weeks_of(date(2026, 11, 2), date(2026, 11, 29))
    capacity = {day: 250.0 if week == weeks[1] else 1000.0 for week in weeks for day in week.days}
    people = [elder(480, 60, elder_id=n) for n in range(1, 500)]
    load = [
        sum(len(elder_demand(p, week, Surroundings(capacity=capacity), POLICY).visits) for p in people)
        for week in weeks
    ]
    assert load[1] < 0.4 * load[0]
    assert max(load[0], *load[2:]) <= 1.3 * min(load[0], *load[2:])


def test_days_without_staff_are_not_counted_on() -> None:
    # November 2026 begins on a Sunday and ends on a Monday.
    november = [day for day in days_of(Month(2026, 11)) if day.weekday() < 5]
    around = Surroundings(capacity=dict.fromkeys(november, 1000.0))
    for elder_id in range(1, 60):
        demand = elder_demand(elder(480, 60, elder_id=elder_id), Week.parse("2026-W44"), around, POLICY)
        assert not any(date(2026, 11, 1) in visit.days for visit in demand.visits)


def test_who_ended_last_month_short_is_marked_only_where_the_town_was_served() -> None:
    someone = elder()
    week = Week.parse("2026-W46")
    served = Surroundings(live_months={1: frozenset({Month(2026, 10)})})
    assert not elder_demand(someone, week, Surroundings(), POLICY).short_before
    assert elder_demand(someone, week, served, POLICY).short_before
    had = tuple(Booked(f"7-2026-W41-{n}", date(2026, 10, 8 + n), 60, "delivered") for n in range(4))
    assert not elder_demand(replace(someone, bookings=had), week, served, POLICY).short_before
    assert elder_demand(replace(someone, bookings=had[:3]), week, served, POLICY).short_before


def test_minutes_behind_counts_what_settled_weeks_left_over() -> None:
    someone = elder(480, 60)
    week = Week.parse("2026-W47")
    settled = {1: frozenset({Week.parse("2026-W44"), Week.parse("2026-W45"), Week.parse("2026-W46")})}
    assert elder_demand(someone, week, Surroundings(), POLICY).minutes_behind == 0
    behind = elder_demand(someone, week, Surroundings(settled=settled), POLICY)
    assert 180 <= behind.minutes_behind <= 300
    assert len(behind.visits) > len(elder_demand(someone, week, Surroundings(), POLICY).visits)


@pytest.mark.parametrize(("spacing", "expected"), [(0, 21), (1, 7), (2, 4), (3, 3), (6, 2)])
def test_how_many_visits_fit_into_a_week(spacing: int, expected: int) -> None:
    assert len(fit(Week.parse("2026-W46").days, spacing)) == expected


def test_a_day_beside_an_occupied_one_fits_only_with_enough_days_between() -> None:
    days = Week.parse("2026-W46").days
    assert fit(days[:1], 2, [days[0] - timedelta(days=2)]) == days[:1]
    assert fit(days[:1], 3, [days[0] - timedelta(days=2)]) == ()
