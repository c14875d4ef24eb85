"""Repairs of a published week: a draft that changes as little as can be, and that can be published."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.caregivers.models import Caregiver, Leave
from app.centres.models import Town
from app.core import clock
from app.core.db import Database
from app.core.weeks import Month
from app.elders.models import Elder, Stay
from app.entitlements.models import Booking
from app.schedules.models import PlanRun
from app.schedules.planning import to_plan
from app.schedules.repository import problem_of, visits_of
from app.schedules.store import unpack_problem
from solver.judge import judge
from tests.app import given
from tests.app.schedules.conftest import WEEK, Api, ApiAs, SmallCity


@pytest.fixture
def week(dispatcher: Api, city: SmallCity) -> Any:
    return dispatcher.published(town_ids=[city.towns[0]], iterations=200)


def repair(api: Api, schedule: Any, *, at_most: int = 3, dry_run: bool = False, **happened: Any) -> Any:
    body = {"happened": happened, "at_most": at_most}
    return api.call("POST", f"/{schedule['id']}/repairs", json=body, params={"dry_run": dry_run, "lang": "en"})


def placed(api: Api, schedule: Any) -> list[Any]:
    return [visit for visit in api.visits(schedule["id"]) if visit["day"]]


def stand(visit: Any) -> Any:
    return visit["day"], visit["start_minute"], sorted(visit["caregiver_ids"])


def test_a_sick_call_becomes_a_draft_that_can_be_published(dispatcher: Api, week: Any, database: Database) -> None:
    before = placed(dispatcher, week)
    who, day = before[0]["caregiver_ids"][0], before[0]["day"]
    hers = {visit["key"] for visit in before if who in visit["caregiver_ids"] and visit["day"] == day}

    dry = repair(dispatcher, week, dry_run=True, kind="sick", caregiver_id=who, from_day=day)
    assert dry.status_code == 200, dry.text
    assert dry.json()["draft_id"] is None
    with database.read() as session:
        assert len(session.scalars(select(PlanRun)).all()) == 1, "a dry run stores nothing"

    answer = repair(dispatcher, week, kind="sick", caregiver_id=who, from_day=day).json()
    of_the_call = {"draft_id": 0, "leave_ids": [], "seconds": 0}
    assert {**dry.json(), **of_the_call} == {**answer, **of_the_call}
    assert answer["visits_hit"] == len(hers)
    assert answer["minutes_covered"] == answer["minutes_hit"] > 0
    assert (answer["elders_changed"], answer["proved_fewest"]) == (0, True)
    assert {change["visit_key"] for change in answer["changes"]} == hers
    assert all(change["hit"] and change["words"] for change in answer["changes"])

    draft = dispatcher.read(answer["draft_id"])
    assert (draft["status"], draft["parent_id"]) == ("draft", week["id"])
    after = placed(dispatcher, draft)
    assert not [visit for visit in after if who in visit["caregiver_ids"] and visit["day"] == day]
    others = {visit["key"]: stand(visit) for visit in before if visit["key"] not in hers}
    assert {visit["key"]: stand(visit) for visit in after if visit["key"] not in hers} == others
    with database.read() as session:
        run_id = session.scalars(select(PlanRun.id).where(PlanRun.schedule_id == draft["id"])).one()
        problem = unpack_problem(problem_of(session, run_id))
        assert judge(problem, to_plan(problem, visits_of(session, draft["id"]), WEEK)) == ()
        assert session.scalars(select(AuditEntry).where(AuditEntry.entity_id == draft["id"])).one().action == "ask"
    assert dispatcher.publish(draft).status_code == 200
    assert dispatcher.read(week["id"])["status"] == "superseded"


def test_a_cancelled_visit_stays_without_a_place(dispatcher: Api, week: Any) -> None:
    visit = placed(dispatcher, week)[0]
    answer = repair(dispatcher, week, kind="visit_cancelled", visit_id=visit["id"]).json()
    assert [(each["visit_key"], each["after"], each["reason"]) for each in answer["changes"]] == [
        (visit["key"], None, "left_by_pin")
    ]
    [left] = [each for each in dispatcher.visits(answer["draft_id"]) if each["key"] == visit["key"]]
    assert left["pinned"]


def test_an_elder_in_hospital_and_a_late_visit(dispatcher: Api, week: Any) -> None:
    visit = placed(dispatcher, week)[0]
    away = {"kind": "elder_away", "elder_id": visit["elder_id"], "from_day": visit["day"]}
    answer = repair(dispatcher, week, dry_run=True, **away).json()
    assert answer["elders_changed"] == 0
    for change in answer["changes"]:
        assert change["elder_id"] == visit["elder_id"]
        assert change["after"] is None or change["after"]["day"] != visit["day"]

    answer = repair(dispatcher, week, dry_run=True, kind="late", visit_id=visit["id"], minutes=20).json()
    [change] = [each for each in answer["changes"] if each["visit_key"] == visit["key"]]
    there = change["after"]
    assert there["day"] != visit["day"] or there["start_minute"] >= visit["start_minute"] + 20

    answer = repair(dispatcher, week, kind="roster").json()
    assert (answer["draft_id"], answer["changes"], answer["visits_hit"]) == (None, [], 0)


def test_a_hospital_stay_is_written_with_its_draft_or_not_at_all(
    dispatcher: Api, week: Any, database: Database
) -> None:
    visit = placed(dispatcher, week)[0]
    elder, day = visit["elder_id"], date.fromisoformat(visit["day"])
    home = WEEK.end + timedelta(days=10)
    last = str(home - timedelta(days=1))
    away = {"kind": "elder_away", "elder_id": elder, "from_day": str(day), "until_day": last, "stay": "hospital"}

    def known() -> list[Any]:
        with database.read() as session:
            query = select(Stay).where(Stay.elder_id == elder).order_by(Stay.id)
            return [(each.id, each.kind, each.from_on, each.to_on) for each in session.scalars(query)]

    with database.write() as session:
        session.add(Stay(elder_id=elder, kind="hospital", from_on=home - timedelta(days=2), to_on=home))
    before = known()
    clash = repair(dispatcher, week, **away)
    assert clash.status_code == 409, clash.text
    assert "已登记外出" in clash.json()["detail_zh"]
    with database.write() as session:
        assert len(session.scalars(select(PlanRun)).all()) == 1, "no draft without its stay"
        session.delete(session.scalars(select(Stay).where(Stay.elder_id == elder)).one())
    assert len(before) == 1

    assert repair(dispatcher, week, dry_run=True, **away).json()["stay_id"] is None
    assert known() == []
    answer = repair(dispatcher, week, **away).json()
    assert answer["draft_id"] is not None
    assert known() == [(answer["stay_id"], "hospital", day, home)]
    again = repair(dispatcher, week, **away | {"until_day": str(day)}).json()
    assert (again["stay_id"], len(known())) == (None, 1), "what the roster knows is not written again"


def test_leave_in_the_roster_is_read(dispatcher: Api, week: Any, database: Database) -> None:
    visit = placed(dispatcher, week)[0]
    who = visit["caregiver_ids"][0]
    with database.write() as session:
        row = session.get_one(Caregiver, who)
        given.leave(session, row, first_on=WEEK.days[0], last_on=WEEK.days[6])
    answer = repair(dispatcher, week, dry_run=True, kind="leave", caregiver_id=who).json()
    hers = [each for each in placed(dispatcher, week) if who in each["caregiver_ids"]]

    assert answer["visits_hit"] == len(hers)
    assert answer["minutes_unserved"] == 0


def leaves(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as session:
        rows = session.scalars(select(Leave).order_by(Leave.id)).all()
        return [(row.id, row.caregiver_id, row.kind, str(row.first_on), str(row.last_on), row.starts) for row in rows]


def test_a_sick_call_is_written_into_the_roster_once(dispatcher: Api, week: Any, database: Database) -> None:
    before = placed(dispatcher, week)
    who, day = before[0]["caregiver_ids"][0], before[0]["day"]
    until = str(WEEK.end + timedelta(days=9))
    call = {"kind": "sick", "caregiver_id": who, "from_day": day, "until_day": until}
    assert repair(dispatcher, week, dry_run=True, **call).json()["leave_ids"] == []
    assert leaves(database) == []

    (leave_id,) = repair(dispatcher, week, **call).json()["leave_ids"]
    assert leaves(database) == [(leave_id, who, "sick", day, until, None)]
    with database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "leave.create")).one()
        assert entry.entity_id == leave_id
    assert repair(dispatcher, week, **call).json()["leave_ids"] == [], "the roster knows it already"


def test_who_falls_ill_at_work_is_on_leave_from_the_end_of_her_last_visit(
    dispatcher: Api, week: Any, database: Database
) -> None:
    first = min(placed(dispatcher, week), key=lambda each: (each["day"], each["start_minute"]))
    now = datetime.fromisoformat(f"{first['day']}T00:00:00").replace(tzinfo=clock.ZONE).astimezone(UTC)
    with database.write() as session:
        session.execute(update(Booking).where(Booking.visit_key == first["key"]).values(checked_in_at=now))
    who, until = first["caregiver_ids"][0], str(date.fromisoformat(first["day"]) + timedelta(days=1))
    repair(dispatcher, week, kind="sick", caregiver_id=who, from_day=first["day"], until_day=until)
    ends = first["start_minute"] + first["minutes"]
    assert [row[3:] for row in leaves(database)] == [(first["day"], first["day"], ends), (until, until, None)]


def test_what_has_begun_or_begins_soon_is_not_moved(dispatcher: Api, week: Any, database: Database) -> None:
    visits = sorted(placed(dispatcher, week), key=lambda each: (each["day"], each["start_minute"]))
    first = visits[0]
    now = datetime.fromisoformat(f"{first['day']}T00:00:00").replace(tzinfo=clock.ZONE).astimezone(UTC)
    with database.write() as session:
        began = update(Booking).where(Booking.visit_key == first["key"])
        session.execute(began.values(checked_in_at=now))
    answer = repair(
        dispatcher, week, dry_run=True, kind="sick", caregiver_id=first["caregiver_ids"][0], from_day=first["day"]
    ).json()
    assert first["key"] not in {change["visit_key"] for change in answer["changes"]}


def test_only_a_published_week_is_repaired(dispatcher: Api, city: SmallCity) -> None:
    draft = dispatcher.draft(iterations=0)
    answer = repair(dispatcher, draft, kind="roster")
    assert answer.status_code == 409
    assert "only a published one" in answer.json()["detail"]


def test_wrong_days_and_kinds_are_named(dispatcher: Api, week: Any, city: SmallCity) -> None:
    who = {"kind": "sick", "caregiver_id": city.caregivers[0][0]}
    for happened, field in (
        ({**who, "from_day": "2020-01-01"}, "body.happened.from_day"),
        ({**who, "from_day": str(WEEK.monday), "until_day": "2020-01-01"}, "body.happened.until_day"),
        ({"kind": "flood"}, "body.happened.kind"),
        ({}, "body.happened.kind"),
    ):
        answer = repair(dispatcher, week, **happened)
        assert answer.status_code == 422
        assert field in answer.text
    (flood,) = repair(dispatcher, week, kind="flood").json()["errors"]
    assert flood["expected"].startswith("one of 'sick', 'leave', ")
    assert flood["value"] == "flood"


def test_a_towns_dispatcher_repairs_her_own_town_only(api_as: ApiAs, dispatcher: Api, city: SmallCity) -> None:
    week = dispatcher.published(iterations=200)
    hers = api_as(Role.DISPATCHER, [city.towns[0]])
    visits = placed(dispatcher, week)
    other = next(visit for visit in visits if visit["town_id"] == city.towns[1])
    assert repair(hers, week, kind="visit_cancelled", visit_id=other["id"]).status_code == 404
    stranger = {"kind": "sick", "caregiver_id": city.caregivers[1][0], "from_day": other["day"]}
    assert repair(hers, week, **stranger).status_code == 404
    named = {"happened": {"kind": "roster"}, "town_ids": [city.towns[1]]}
    assert hers.call("POST", f"/{week['id']}/repairs", json=named).status_code == 403

    own = next(visit for visit in visits if visit["town_id"] == city.towns[0])
    answer = repair(hers, week, kind="visit_cancelled", visit_id=own["id"]).json()
    assert answer["town_ids"] == [city.towns[0]]
    assert {change["town_id"] for change in answer["changes"]} == {city.towns[0]}
    assert hers.publish(hers.read(answer["draft_id"])).status_code == 200
    assert dispatcher.read(week["id"])["holds_in"] == [city.towns[1]]


def test_candidates_can_be_taken_as_they_are(dispatcher: Api, city: SmallCity) -> None:
    draft = dispatcher.draft(town_ids=[city.towns[0]], iterations=200)
    visit = placed(dispatcher, draft)[0]
    found = dispatcher.call("GET", f"/{draft['id']}/visits/{visit['id']}/candidates", params={"limit": 2})
    assert found.status_code == 200, found.text
    assert 1 <= len(found.json()["candidates"]) <= 2
    for each in found.json()["candidates"]:
        move = {
            "visit_id": visit["id"],
            "day": each["day"],
            "start": each["start_minute"],
            "caregiver_ids": each["caregiver_ids"],
        }
        answer = dispatcher.call(
            "POST",
            f"/{draft['id']}/edits",
            json={"edits": [{"move": move}]},
            headers={"If-Match": draft["etag"]},
            params={"dry_run": True},
        ).json()
        assert answer["allowed"]
        assert answer["cost_change"]["total"] == pytest.approx(each["cost_change"], abs=1e-4)
    assert dispatcher.call("GET", f"/{draft['id']}/visits/999999/candidates").status_code == 404


def test_candidates_come_from_ones_own_towns(api_as: ApiAs, dispatcher: Api, city: SmallCity) -> None:
    draft = dispatcher.draft(iterations=200)
    hers = api_as(Role.DISPATCHER, [city.towns[0]])
    visits = placed(dispatcher, draft)
    own, other = (next(each for each in visits if each["town_id"] == town) for town in city.towns)
    found = hers.call("GET", f"/{draft['id']}/visits/{own['id']}/candidates", params={"limit": 50}).json()
    assert found["candidates"]
    assert all(set(each["caregiver_ids"]) <= set(city.caregivers[0]) for each in found["candidates"])
    assert hers.call("GET", f"/{draft['id']}/visits/{other['id']}/candidates").status_code == 404


def add(api: Api, schedule: Any, elder: int, *days: int, **more: Any) -> Any:
    happened = {"minutes": 60, "days": [str(WEEK.days[day]) for day in days or range(7)], **more}
    return repair(api, schedule, kind="added_visit", elder_id=elder, **happened)


def test_an_added_visit_is_placed_published_and_kept(
    dispatcher: Api, week: Any, city: SmallCity, database: Database
) -> None:
    elder = city.elders[0][1]
    before = placed(dispatcher, week)
    (own,) = [visit for visit in before if visit["elder_id"] == elder]
    day = next(n for n in range(5) if str(WEEK.days[n]) != own["day"])
    answer = add(dispatcher, week, elder, day, window={"opens": 600, "closes": 720}).json()
    (change,) = answer["changes"]
    assert (answer["visits_hit"], answer["minutes_covered"], answer["elders_changed"]) == (1, 60, 0)
    assert (change["elder_id"], change["hit"], change["kinds"]) == (elder, True, ["added"])
    assert change["after"]["day"] == str(WEEK.days[day])
    assert 600 <= change["after"]["start_minute"] < 720

    draft = dispatcher.read(answer["draft_id"])
    again = dispatcher.call("POST", f"/{draft['id']}/replan", json={"iterations": 50})
    assert again.status_code == 202, again.text
    replanned = dispatcher.computed(again.json()["id"])
    (kept,) = [visit for visit in placed(dispatcher, replanned) if visit["key"] == change["visit_key"]]
    assert kept["day"] == str(WEEK.days[day])
    assert 600 <= kept["start_minute"] < 720
    assert {visit["key"] for visit in placed(dispatcher, replanned)} == {
        *(visit["key"] for visit in before),
        change["visit_key"],
    }

    assert dispatcher.publish(replanned).status_code == 200
    with database.read() as session:
        booked = session.scalars(select(Booking).where(Booking.visit_key == change["visit_key"])).one()
        assert (booked.elder_id, booked.minutes, booked.day) == (elder, 60, WEEK.days[day])
    answer = add(dispatcher, replanned, elder).json()
    assert answer["changes"][0]["visit_key"] != change["visit_key"]
    who, on = kept["caregiver_ids"][0], kept["day"]
    sick = repair(dispatcher, replanned, dry_run=True, kind="sick", caregiver_id=who, from_day=on).json()
    (moved,) = [each for each in sick["changes"] if each["visit_key"] == change["visit_key"]]
    assert moved["after"]["day"] == on
    assert 600 <= moved["after"]["start_minute"] < 720


def test_an_added_visit_never_goes_beyond_the_grant(
    dispatcher: Api, week: Any, city: SmallCity, database: Database
) -> None:
    elder = city.elders[0][1]
    with database.write() as session:
        booked = session.scalars(select(Booking).where(Booking.elder_id == elder)).all()
        month = Month.of(booked[0].day)
        other = month.first if WEEK.monday > month.first + timedelta(days=7) else WEEK.end + timedelta(days=7)
        session.add(Booking(visit_key="x", elder_id=elder, day=other, minutes=180, planned_minutes=180))
    days = [n for n, day in enumerate(WEEK.days) if Month.of(day) == month]
    answer = add(dispatcher, week, elder, *days).json()
    assert (answer["minutes_hit"], answer["minutes_unserved"], answer["elders_changed"]) == (60, 60, 0)
    (change,) = answer["changes"]
    assert (change["after"], change["reason"]) == (None, "no_hours_left")
    (left,) = [each for each in dispatcher.visits(answer["draft_id"]) if each["key"] == change["visit_key"]]
    assert (left["day"], left["pinned"]) == (None, False)


def test_an_added_visit_that_cannot_be_is_refused(
    api_as: ApiAs, dispatcher: Api, week: Any, city: SmallCity, database: Database
) -> None:
    elder, gone = city.elders[0][:2]
    with database.write() as session:
        session.get_one(Elder, gone).ended_on = WEEK.monday
    past = {"days": [str(WEEK.end)]}
    refused = add(dispatcher, week, elder, **past).json()["errors"][0]
    assert refused["expected_zh"] == f"{WEEK} 的日期"
    for status, field, of, more in (
        (404, "", 999_999, {}),
        (422, "body.happened.elder_id", city.elders[1][0], {}),
        (422, "body.happened.elder_id", gone, {}),
        (422, "minutes", elder, {"minutes": 70}),
        (422, "days.0", elder, past),
        (422, "window", elder, {"window": {"opens": 700, "closes": 600}}),
        (422, "skill", elder, {"skill": "magic"}),
    ):
        answer = add(dispatcher, week, of, **more)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert field in answer.text
    hers = api_as(Role.DISPATCHER, [city.towns[0]])
    assert add(hers, week, city.elders[1][0]).status_code == 404


def test_in_the_middle_of_a_week_no_day_that_is_gone_is_used(
    dispatcher: Api, week: Any, api_as: ApiAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = max(placed(dispatcher, week), key=lambda visit: visit["day"])
    day, elder = date.fromisoformat(late["day"]), late["elder_id"]
    assert day > WEEK.monday
    one_o_clock = datetime.fromisoformat(f"{day}T01:00:00").replace(tzinfo=clock.ZONE).astimezone(UTC)
    monkeypatch.setattr(clock, "now", lambda: one_o_clock)
    monkeypatch.setattr(clock, "today", lambda: day)
    gone = (day - WEEK.monday).days - 1
    then = api_as()  # a sign-in of today may be over by then
    assert "body.happened.days.0" in add(then, week, elder, gone).text
    too_soon = add(then, week, elder, gone + 1, window={"opens": 60, "closes": 120})
    assert "body.happened.window.closes" in too_soon.text, "the notice ends at two"

    away = {"kind": "elder_away", "elder_id": elder, "from_day": str(day), "until_day": str(WEEK.days[6])}
    (change,) = repair(then, week, dry_run=True, **away).json()["changes"]
    assert (change["visit_key"], change["after"]) == (late["key"], None)


def test_a_visit_is_added_for_an_elder_who_had_none(
    dispatcher: Api, week: Any, city: SmallCity, database: Database
) -> None:
    with database.write() as session:
        elder = given.elder(session, session.get_one(Town, city.towns[0]), home=(29.301, 120.072))
        given.care_plan(session, elder)
        given.grant(session, elder, monthly_minutes=240)
        new = elder.id
    answer = add(dispatcher, week, new).json()
    assert (answer["minutes_hit"], answer["minutes_unserved"]) == (60, 0)
    assert dispatcher.publish(dispatcher.read(answer["draft_id"])).status_code == 200
