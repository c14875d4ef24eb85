"""What a caregiver pulls, reports, and subscribes to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import icalendar
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event, select

from app.accounts.models import Role
from app.caregivers.models import Caregiver
from app.centres.models import Town
from app.core import clock
from app.core.db import Database
from app.core.weeks import Week
from app.elders.models import Elder
from app.entitlements.models import Booking
from app.schedules.models import Schedule, ScheduleStatus
from tests.app import given, published
from tests.app.conftest import SignInAs

# One instant for all of this file, so that no test sees midnight go by; a day ahead, so that no token ends.
NOW = clock.now() + timedelta(days=1)
TODAY = clock.day_of(NOW)
WEEK = Week.of(TODAY)


@pytest.fixture(autouse=True)
def stand_still() -> Iterator[None]:
    with clock.fixed(NOW):
        yield


@dataclass
class Mine:
    headers: dict[str, str]
    caregiver_id: int
    other_id: int
    town_id: int
    key: str


@pytest.fixture
def mine(database: Database, sign_in_as: SignInAs) -> Mine:
    with database.write() as session:
        town = given.town(session)
        caregiver, other = given.caregiver(session, town), given.caregiver(session, town, name="周敏")
        given.care_plan(session, elder := given.elder(session, town, name="陈兰香"), note="轻声说话")
        schedule = published.schedule(session, WEEK, [town], clock.now() - timedelta(hours=2))
        visit = published.visit(session, schedule, elder, [caregiver, other], TODAY, 600)
        published.visit(session, schedule, given.elder(session, town), [other], TODAY, 600)
        found = Mine({}, caregiver.id, other.id, town.id, visit.visit_key)
    found.headers = sign_in_as(Role.CAREGIVER, caregiver_id=found.caregiver_id)
    return found


def _get(client: TestClient, mine: Mine, **params: str) -> dict[str, Any]:
    answer = client.get("/api/v1/me/visits", params=params, headers=mine.headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_only_her_own_published_visits_with_all_she_needs(client: TestClient, mine: Mine, database: Database) -> None:
    with database.write() as session:
        draft = Schedule(monday=WEEK.monday, all_towns=False, status=ScheduleStatus.DRAFT)
        session.add(draft)
        session.flush()
        caregiver = session.get_one(Caregiver, mine.caregiver_id)
        town = session.get_one(Town, mine.town_id)
        published.visit(session, draft, given.elder(session, town), [caregiver], TODAY, 900)
    (visit,) = _get(client, mine)["visits"]
    assert visit["elder_name"] == "陈兰香"
    assert visit["note"] == "轻声说话"
    assert [other["name"] for other in visit["companions"]] == ["周敏"]
    assert visit["starts_at"] == f"{TODAY}T10:00:00+08:00"
    assert visit["order"] == 1
    assert visit["address"]
    assert visit["way_in"]


def test_etag_spares_the_second_pull(client: TestClient, mine: Mine, database: Database) -> None:
    first = client.get("/api/v1/me/visits", headers=mine.headers)
    again = client.get("/api/v1/me/visits", headers=mine.headers | {"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    with database.write() as session:
        session.scalars(select(Elder).where(Elder.name.is_not(None))).first().address = "新地址1号"  # type: ignore[union-attr]
        for elder in session.scalars(select(Elder)):
            elder.way_in = "换锁了"
    changed = client.get("/api/v1/me/visits", headers=mine.headers | {"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


def test_what_changed_since_she_last_looked(client: TestClient, mine: Mine, database: Database) -> None:
    looked = clock.now() - timedelta(hours=1)
    assert _get(client, mine, since=looked.isoformat())["changes"] == []
    with database.write() as session:
        caregiver, town = session.get_one(Caregiver, mine.caregiver_id), session.get_one(Town, mine.town_id)
        elder = session.scalars(select(Elder).where(Elder.id == int(mine.key.split("-")[0]))).one()
        newer = published.schedule(session, WEEK, [town], clock.now())
        published.visit(session, newer, elder, [caregiver], TODAY, 660)
        published.visit(session, newer, given.elder(session, town), [caregiver], TODAY, 800)
        published.visit(session, newer, given.elder(session, town), [caregiver], TODAY, 480)
    body = _get(client, mine, since=looked.isoformat())
    kinds = {change["visit_key"] == mine.key: change["kind"] for change in body["changes"]}
    assert kinds == {True: "changed", False: "added"}
    assert [change["after"]["start"] for change in body["changes"]] == ["08:00", "11:00", "13:20"]
    (moved,) = [change for change in body["changes"] if change["kind"] == "changed"]
    assert (moved["before"]["start"], moved["after"]["start"]) == ("10:00", "11:00")
    assert [visit["order"] for visit in body["visits"]] == [1, 2, 3]


def test_a_visit_given_to_another_is_removed(client: TestClient, mine: Mine, database: Database) -> None:
    looked = clock.now() - timedelta(hours=1)
    with database.write() as session:
        town = session.get_one(Town, mine.town_id)
        newer = published.schedule(session, WEEK, [town], clock.now())
        elder = session.get_one(Elder, int(mine.key.split("-")[0]))
        published.visit(session, newer, elder, [session.get_one(Caregiver, mine.other_id)], TODAY, 600)
    body = _get(client, mine, since=looked.isoformat())
    assert body["visits"] == []
    assert [change["kind"] for change in body["changes"]] == ["removed"]


@pytest.mark.parametrize(
    ("first", "last", "status"),
    [(0, 61, 200), (0, 62, 422), (1, 0, 422)],
)
def test_at_most_62_days(client: TestClient, mine: Mine, first: int, last: int, status: int) -> None:
    params = {"from": str(TODAY + timedelta(days=first)), "to": str(TODAY + timedelta(days=last))}
    assert client.get("/api/v1/me/visits", params=params, headers=mine.headers).status_code == status


def test_bad_days_and_instants_are_named(client: TestClient, mine: Mine) -> None:
    for params in (
        {"from": "9999-12-31"},
        {"since": "yesterday"},
        {"since": "2026-11-01T10:00:00"},
        {"from": "2026-02-30"},
    ):
        answer = client.get("/api/v1/me/visits", params=params, headers=mine.headers)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"].startswith("query.")


def test_others_have_no_visits_of_their_own(client: TestClient, sign_in_as: SignInAs) -> None:
    for role in (Role.DISPATCHER, Role.AUDITOR, Role.ADMINISTRATOR):
        assert client.get("/api/v1/me/visits", headers=sign_in_as(role)).status_code == 403


def test_the_number_of_queries_does_not_grow_with_the_visits(
    client: TestClient, mine: Mine, database: Database
) -> None:
    def count() -> int:
        seen: list[str] = []
        app_database: Database = cast(FastAPI, client.app).state.database
        listen = lambda *arguments: seen.append(arguments[2])  # noqa: E731
        event.listen(app_database.engine, "before_cursor_execute", listen)
        _get(client, mine)
        event.remove(app_database.engine, "before_cursor_execute", listen)
        return len(seen)

    few = count()
    with database.write() as session:
        caregiver, town = session.get_one(Caregiver, mine.caregiver_id), session.get_one(Town, mine.town_id)
        schedule = session.scalars(select(Schedule).where(Schedule.status == "published")).first()
        assert schedule is not None
        for n in range(8):
            published.visit(session, schedule, given.elder(session, town), [caregiver], TODAY, 700 + n)
    assert count() == few


def test_check_in_and_out_deliver_the_visit(client: TestClient, mine: Mine, database: Database) -> None:
    base = f"/api/v1/me/visits/{mine.key}"
    assert client.post(f"{base}/check-out", json={}, headers=mine.headers).status_code == 409
    assert client.post(f"{base}/check-in", headers=mine.headers).status_code == 200
    too_long = client.post(f"{base}/check-out", json={"minutes": 61}, headers=mine.headers)
    assert too_long.status_code == 422
    assert client.post(f"{base}/check-out", json={"minutes": 60}, headers=mine.headers).json()["state"] == "delivered"
    assert client.post(f"{base}/check-out", json={"minutes": 10}, headers=mine.headers).json()["minutes"] == 60
    with database.read() as session:
        booking = session.scalars(select(Booking).where(Booking.visit_key == mine.key)).one()
        assert (booking.state, booking.minutes) == ("delivered", 60)
        assert booking.checked_in_at is not None


def test_a_phone_without_a_network_sends_its_checks_later(client: TestClient, mine: Mine, database: Database) -> None:
    base, now = f"/api/v1/me/visits/{mine.key}", clock.now()
    for wrong in (now + timedelta(minutes=6), now - timedelta(days=3, minutes=1)):
        refused = client.post(f"{base}/check-in", json={"at": wrong.isoformat()}, headers=mine.headers)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.at")
    with database.write() as session:
        session.scalars(select(Booking).where(Booking.visit_key == mine.key)).one().day = TODAY - timedelta(days=1)
    came, left = (now - timedelta(days=1, minutes=minutes) for minutes in (1, 0))
    assert client.post(f"{base}/check-in", json={"at": came.isoformat()}, headers=mine.headers).status_code == 200
    early = client.post(f"{base}/check-out", json={"at": (came - timedelta(1e-4)).isoformat()}, headers=mine.headers)
    assert early.status_code == 409
    done = client.post(f"{base}/check-out", json={"at": left.isoformat()}, headers=mine.headers).json()
    assert done["state"] == "delivered"
    assert datetime.fromisoformat(done["checked_in_at"]) == came
    assert datetime.fromisoformat(done["checked_out_at"]) == left


def test_nobody_checks_in_at_anothers_visit_or_another_day(
    client: TestClient, mine: Mine, database: Database, sign_in_as: SignInAs
) -> None:
    with database.write() as session:
        stranger = given.caregiver(session, session.get_one(Town, mine.town_id)).id
        session.scalars(select(Booking).where(Booking.visit_key == mine.key)).one().day = TODAY + timedelta(days=1)
    headers = sign_in_as(Role.CAREGIVER, caregiver_id=stranger)
    assert client.post(f"/api/v1/me/visits/{mine.key}/check-in", headers=headers).status_code == 404
    assert client.post(f"/api/v1/me/visits/{mine.key}/check-in", headers=mine.headers).status_code == 409


def test_a_dispatcher_records_outcomes_in_her_towns_only(
    client: TestClient, mine: Mine, sign_in_as: SignInAs, database: Database
) -> None:
    with database.write() as session:
        elsewhere = given.town(session).id
    address = f"/api/v1/visits/{mine.key}/outcome"
    body = {"state": "missed", "reason": "护理员生病"}
    foreign = sign_in_as(Role.DISPATCHER, towns=[elsewhere])
    assert client.post(address, json=body, headers=foreign).status_code == 404
    assert client.post(address, json=body, headers=sign_in_as(Role.AUDITOR)).status_code == 403
    own = sign_in_as(Role.DISPATCHER, towns=[mine.town_id])
    assert client.post(address, json=body | {"state": "planned"}, headers=own).status_code == 422
    assert client.post(address, json=body, headers=own).json()["state"] == "missed"


def test_the_calendar_feed_names_nobody_and_ends_when_revoked(client: TestClient, mine: Mine) -> None:
    address = client.post("/api/v1/me/calendar", headers=mine.headers).json()["url"]
    feed = client.get(address)
    assert feed.headers["content-type"] == "text/calendar; charset=utf-8"
    found: list[Any] = list(icalendar.Calendar.from_ical(feed.content).walk("VEVENT"))
    assert len(found) == 1
    assert "陈**" in found[0]["SUMMARY"]
    assert found[0]["DTSTART"].dt == datetime.combine(TODAY, datetime.min.time(), clock.ZONE).replace(hour=10)
    assert b"TZID" not in feed.content  # in UTC: no time zone of ours has to be described
    for personal in ("陈兰香", "13800001234", "测试路"):
        assert personal not in feed.text
    newer = client.post("/api/v1/me/calendar", headers=mine.headers).json()["url"]
    assert client.get(address).status_code == 404
    assert client.get(newer).status_code == 200
    assert client.delete("/api/v1/me/calendar", headers=mine.headers).status_code == 204
    assert client.get(newer).status_code == 404
    assert client.get(f"/api/v1/calendar/{'x' * 43}.ics").status_code == 404
