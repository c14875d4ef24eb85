"""Who can't reach her hours of a month, read from the database: each cause on both sides, by scope, in words."""

from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.centres.models import Town
from app.core.weeks import Month, Week
from app.elders.models import Elder
from app.entitlements.allowance import EntitlementPolicy
from app.entitlements.demand import week_demand
from app.entitlements.models import Booking, BookingState
from app.months.feasibility import Cause, Statement, state_month
from app.months.reading import USUAL_CARE_SHARE, care_share, read_month
from app.months.schemas import show_statement
from solver.month.proof import proven_missing
from solver.month.reach import reach
from tests.app import given
from tests.app.conftest import SignInAs

NOVEMBER = Month(2026, 11)  # begins on a Sunday, ends on a Monday; no holiday in it
FIRST = NOVEMBER.first
FEASIBILITY = "/api/v1/ledger/feasibility"


@pytest.fixture
def town(session: Session) -> Town:
    """A town with two caregivers, Monday to Friday."""
    found = given.town(session)
    for _ in range(2):
        given.caregiver(session, found, skills=("care", "bathing"))
    return found


def served(session: Session, town: Town, minutes: int = 240, **plan: Any) -> Elder:
    elder = given.elder(session, town)
    given.grant(session, elder, monthly_minutes=minutes)
    given.care_plan(session, elder, **({"visit_minutes": 60, "min_days_between": 2} | plan))
    return elder


def stated(session: Session, today: date = FIRST, month: Month = NOVEMBER, **policy: Any) -> Statement:
    session.flush()
    return state_month(read_month(session, month, EntitlementPolicy(**policy), today))


def causes(statement: Statement) -> dict[int, list[tuple[str, int]]]:
    return {
        each.elder_id: [(missing.cause.value, missing.minutes) for missing in each.missing]
        for each in statement.out_of_reach
    }


def booked(session: Session, elder: Elder, day: date, state: BookingState, minutes: int = 60) -> None:
    key = f"{elder.id}-{Week.of(day)}-{day.day}"
    session.add(
        Booking(visit_key=key, elder_id=elder.id, day=day, minutes=minutes, planned_minutes=minutes, state=state)
    )


def test_with_staff_and_days_everybody_is_within_reach(session: Session, town: Town) -> None:
    served(session, town)
    found = stated(session)
    assert found.out_of_reach == ()
    assert show_statement(found, {}, 0, 50).statement.en == "Everybody can reach her hours."


@pytest.mark.parametrize(("today", "missing"), [(25, 0), (26, 0), (27, 60), (29, 120), (30, 120)])
def test_days_that_are_left(session: Session, town: Town, today: int, missing: int) -> None:
    given.caregiver(session, town, weekdays=(5, 6))
    elder = served(session, town)
    booked(session, elder, date(2026, 11, 3), BookingState.DELIVERED)
    # Three visits, every other day: the 26th, 28th and 30th are the last chance.
    found = stated(session, date(2026, 11, today))
    assert causes(found) == ({elder.id: [("own_days", missing)]} if missing else {})


def test_her_days_and_the_caregivers_days_are_told_apart(session: Session, town: Town) -> None:
    elder = served(session, town)
    # Her days hold the 26th, 28th and 30th; on the 28th and 29th nobody is at work.
    found = stated(session, date(2026, 11, 26))
    assert causes(found) == {elder.id: [("own_days", 60), ("no_caregiver", 60)]}


@pytest.mark.parametrize("today", [23, 24, 25, 26, 27, 28])
def test_what_is_planned_may_be_planned_otherwise_and_what_was_planned_is_used_up(
    session: Session, town: Town, today: int
) -> None:
    elder = served(session, town)
    for day in (23, 25, 27):
        booked(session, elder, date(2026, 11, day), BookingState.PLANNED)
    # On the 24th three visits are left for the 25th, 27th and 30th; on the 28th one for the 30th.
    assert causes(stated(session, date(2026, 11, today))) == {}
    booked(session, elder, date(2026, 11, 2), BookingState.MISSED)  # changes nothing: it is due all the same
    assert causes(stated(session, date(2026, 11, today))) == {}


@pytest.mark.parametrize(("skill", "cause"), [("bathing", None), ("nursing", "no_caregiver")])
def test_nobody_with_the_skill(session: Session, town: Town, skill: str, cause: str | None) -> None:
    elder = served(session, town, extra_skills=[skill])
    assert causes(stated(session)) == ({elder.id: [(cause, 240)]} if cause else {})


@pytest.mark.parametrize(("opens", "cause"), [(1019, None), (1080, "no_caregiver")])
def test_nobody_at_work_in_her_windows(session: Session, town: Town, opens: int, cause: str | None) -> None:
    windows = [{"weekday": day, "opens": opens, "closes": opens + 60, "wished": False} for day in range(7)]
    elder = served(session, town, windows=windows)
    assert causes(stated(session)) == ({elder.id: [(cause, 240)]} if cause else {})


def test_a_blocked_caregiver_does_not_count(session: Session) -> None:
    town = given.town(session)
    only = given.caregiver(session, town)
    elder, _ = served(session, town), served(session, town)
    given.pair(session, elder, only, kind="blocked")
    assert causes(stated(session)) == {elder.id: [("no_caregiver", 240)]}


@pytest.mark.parametrize(("n_elders", "proved", "expected"), [(1, 0, 36), (2, 240, 36)])
def test_together_they_need_more_than_there_is(session: Session, n_elders: int, proved: int, expected: int) -> None:
    # One hour on each Tuesday, and November has four; less 15 % for travel.
    town = given.town(session)
    given.caregiver(session, town, weekdays=(1,), contract_minutes=60)
    for _ in range(n_elders):
        served(session, town)
    found = stated(session)
    needed = 240 * n_elders
    contests = [(each.proved, each.needed, each.possible) for each in found.contests]
    assert contests == [(True, needed, 240)] * (proved > 0) + [(False, 240, 204)]
    minutes = {cause: minutes for cause, (_, minutes) in found.by_cause().items()}
    assert minutes == ({Cause.HOURS_SHORT: proved} if proved else {}) | {Cause.HOURS_LIKELY_SHORT: expected}
    names = {each.elder_id: ("E1", "王秀英") for each in found.out_of_reach}
    shown = show_statement(found, names, 0, 50)
    assert (shown.out_of_reach > 0) == (proved > 0)
    assert shown.out_of_reach + shown.likely_short == n_elders
    assert "need 4 h of caregivers, who have at most 3.4 h (2026-W45, " in shown.contests[-1].words.en


def test_the_certificate_holds_person_by_person(session: Session) -> None:
    town = given.town(session)
    given.caregiver(session, town, weekdays=(0, 1), contract_minutes=100)
    for _ in range(3):
        served(session, town)
    session.flush()
    read = read_month(session, NOVEMBER, EntitlementPolicy(), FIRST)
    found = reach(read.promises, read.carers)
    assert found.bottlenecks
    for bottleneck in found.bottlenecks:
        assert proven_missing(bottleneck, read.promises, read.carers) == bottleneck.missing > 0


def test_without_a_care_plan_and_missed_for_good(session: Session, town: Town) -> None:
    elder = given.elder(session, town)
    given.grant(session, elder)
    missed = served(session, town)
    booked(session, missed, date(2026, 11, 3), BookingState.MISSED)
    today = date(2026, 11, 4)
    assert causes(stated(session, today)) == {elder.id: [("no_care_plan", 240)]}
    assert causes(stated(session, today, make_up_undelivered=False)) == {
        elder.id: [("no_care_plan", 240)],
        missed.id: [("missed_not_made_up", 60)],
    }


def test_a_month_that_is_over_or_far_away(session: Session, town: Town) -> None:
    elder = served(session, town)
    assert causes(stated(session, date(2026, 12, 1))) == {elder.id: [("own_days", 240)]}
    assert causes(stated(session, FIRST, Month(2098, 12))) == {}


def test_week_loads_are_what_is_booked_and_what_is_still_laid_out(session: Session, town: Town) -> None:
    elder = served(session, town, 480, hands=2)
    found = stated(session).weeks[town.id]
    assert sum(week.load for week in found) == 960
    (demand,) = [
        each for each in week_demand(session, Week.parse("2026-W46"), today=FIRST) if each.elder_id == elder.id
    ]
    assert found[2].load == 2 * sum(visit.minutes for visit in demand.visits)
    assert found[2].capacity == int(2 * 2400 * USUAL_CARE_SHARE)
    assert found[0].capacity == 0  # a Sunday
    booked(session, elder, date(2026, 11, 3), BookingState.DELIVERED)
    later = stated(session, date(2026, 11, 10)).weeks[town.id]
    assert later[1].load == 120
    assert sum(week.load for week in later) == 960


def test_the_share_of_care_is_measured(session: Session) -> None:
    assert care_share(session) == USUAL_CARE_SHARE


def test_each_sees_her_towns(client: TestClient, session: Session, sign_in_as: SignInAs) -> None:
    towns = given.town(session), given.town(session)
    for each in towns:
        served(session, each, extra_skills=["nursing"])
        given.caregiver(session, each)
    session.commit()
    params: dict[str, str | int] = {"month": "2098-12"}
    city = sign_in_as(Role.AUDITOR)
    whole = client.get(FEASIBILITY, params=params, headers=city).json()
    assert (whole["elders"], whole["out_of_reach"], whole["within_reach"]) == (2, 2, 0)
    assert whole["statement"]["en"].startswith("2 elders cannot reach their hours (on her days nobody")
    assert "2 人" in whole["statement"]["zh"]
    page = client.get(FEASIBILITY, params={**params, "limit": 1}, headers=city).json()
    assert page["next_after"] == page["items"][0]["elder_id"]
    rest = client.get(FEASIBILITY, params={**params, "after": page["next_after"]}, headers=city).json()
    assert [len(rest["items"]), rest["next_after"]] == [1, None]
    headers = sign_in_as(Role.DISPATCHER, [towns[0].id])
    ours = client.get(FEASIBILITY, params=params, headers=headers).json()
    assert [item["town_id"] for item in ours["items"]] == [towns[0].id]
    assert [town["town_id"] for town in ours["towns"]] == [towns[0].id]
    (because,) = ours["items"][0]["because"]
    assert (because["code"], because["proved"]) == ("no_caregiver", True)
    assert because["would_help"]["en"] == "Put caregivers certified for nursing on duty in her windows."
    refused = client.get(FEASIBILITY, params={**params, "town_id": towns[1].id}, headers=headers)
    assert refused.status_code == 403
    for wrong in ("2026-13", "1999-12", "november", ""):
        answer = client.get(FEASIBILITY, params={"month": wrong}, headers=city)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "query.month"
