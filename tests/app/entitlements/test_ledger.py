"""A line of the ledger: the sums, what is short, and why."""

from dataclasses import replace
from datetime import date

from app.core.weeks import Month
from app.entitlements.allowance import Away, EntitlementPolicy, GrantPeriod, OnRoster
from app.entitlements.facts import Booked, ElderFacts, PlanPeriod
from app.entitlements.ledger import REASONS, LedgerLine, ledger_line, totals, totals_by_town

MONTH = Month(2026, 11)
BEFORE = date(2026, 10, 20)
AFTER = date(2026, 12, 1)
SOMEONE = ElderFacts(
    7,
    1,
    None,
    OnRoster(date(1930, 1, 1), date(2026, 1, 1), None),
    (GrantPeriod(date(2026, 1, 1), None, 240),),
    (),
    (PlanPeriod(date(2026, 1, 1), 60),),
)


def booked(*visits: tuple[int, int, str]) -> ElderFacts:
    found = tuple(Booked(f"7-{day}", date(2026, 11, day), minutes, state) for day, minutes, state in visits)
    return replace(SOMEONE, bookings=found)


def line(elder: ElderFacts, today: date, policy: EntitlementPolicy = EntitlementPolicy()) -> LedgerLine:  # noqa: B008
    found = ledger_line(elder, MONTH, frozenset(), today, policy)
    lost = found.missed if not policy.make_up_undelivered else 0
    assert found.granted == found.planned + found.delivered + found.excused + found.remaining
    assert lost <= found.remaining
    assert found.at_risk == bool(found.reasons)
    assert set(found.reasons) <= set(REASONS)
    return found


def test_nothing_is_at_risk_before_the_month() -> None:
    found = line(SOMEONE, BEFORE)
    assert (found.granted, found.remaining, found.short, found.at_risk) == (240, 240, 0, False)


def test_each_state_has_its_column() -> None:
    found = line(booked((2, 60, "delivered"), (9, 60, "excused"), (16, 60, "planned"), (17, 60, "missed")), BEFORE)
    assert (found.delivered, found.excused, found.planned, found.missed) == (60, 60, 60, 60)
    assert (found.remaining, found.short) == (60, 0)


def test_hours_not_planned_are_at_risk_in_the_last_seven_days() -> None:
    assert line(SOMEONE, date(2026, 11, 23)).reasons == ()
    assert line(SOMEONE, date(2026, 11, 24)).reasons == ("not_planned_yet",)


def test_what_no_longer_fits_is_short() -> None:
    assert line(SOMEONE, date(2026, 11, 27)).short == 0
    found = line(SOMEONE, date(2026, 11, 28))
    assert (found.short, found.reasons) == (60, ("not_planned",))
    assert line(SOMEONE, AFTER).short == 240


def test_a_visit_missed_in_the_last_days_is_the_reason() -> None:
    had = booked((3, 60, "delivered"), (10, 60, "delivered"), (17, 60, "delivered"), (30, 60, "missed"))
    assert line(had, date(2026, 11, 30)).short == 0
    found = line(had, AFTER)
    assert (found.short, found.reasons) == (60, ("missed_too_late",))


def test_by_policy_a_missed_visit_is_short_at_once() -> None:
    policy = EntitlementPolicy(make_up_undelivered=False)
    found = line(booked((3, 60, "missed")), date(2026, 11, 4), policy)
    assert (found.remaining, found.short, found.reasons) == (240, 60, ("missed_not_made_up",))


def test_no_grant_and_no_care_plan() -> None:
    assert line(replace(SOMEONE, grants=()), BEFORE).reasons == ("no_grant",)
    found = line(replace(SOMEONE, plans=()), BEFORE)
    assert (found.short, found.reasons) == (240, ("no_care_plan",))


def test_spacing_hospital_and_too_few_days() -> None:
    spaced = replace(SOMEONE, plans=(PlanPeriod(date(2026, 1, 1), 60, 3),))
    assert line(spaced, date(2026, 11, 21)).short == 0
    found = line(spaced, date(2026, 11, 22))
    assert (found.short, found.reasons) == (60, ("spacing",))
    hospital = replace(SOMEONE, stays=(Away("hospital", date(2026, 11, 18), date(2026, 12, 1)),))
    assert line(hospital, date(2026, 11, 17)).reasons == ("hospital",)
    weekly = replace(
        SOMEONE,
        grants=(GrantPeriod(date(2026, 1, 1), None, 480),),
        plans=(PlanPeriod(date(2026, 1, 1), 60, 1, frozenset({2})),),
    )
    found = line(weekly, BEFORE)  # four Wednesdays for eight visits
    assert (found.short, found.reasons) == (240, ("not_enough_days",))


def test_a_long_hospital_stay_is_excused_not_short() -> None:
    away = replace(SOMEONE, stays=(Away("hospital", date(2026, 11, 1), None),))
    found = line(away, AFTER)
    assert (found.granted, found.excused, found.short, found.at_risk) == (240, 240, 0, False)


def test_sums_count_elders_and_reasons() -> None:
    lines = [line(SOMEONE, AFTER), replace(line(booked((3, 60, "delivered")), AFTER), town_id=2)]
    both = totals(lines)
    assert (both.elders, both.granted, both.delivered, both.short, both.at_risk) == (2, 480, 60, 420, 2)
    assert both.reasons == {"not_planned": 2}
    assert {town: found.short for town, found in totals_by_town(lines).items()} == {1: 240, 2: 180}
    assert totals([]).elders == 0
