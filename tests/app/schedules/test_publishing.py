"""Draft to published: once, on the roster as it is, one version holding in each town."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import Role
from app.caregivers.models import Caregiver
from app.core import clock
from app.core.db import Database
from app.elders.models import CarePlan, Elder
from app.entitlements.models import Booking, BookingState
from app.schedules.models import ScheduleTown
from tests.app import given
from tests.app.schedules.conftest import WEEK, Api, ApiAs, SmallCity


def bookings(database: Database) -> dict[str, Any]:
    with database.read() as session:
        return {booking.visit_key: (booking.day, booking.minutes) for booking in session.scalars(select(Booking))}


def holding(database: Database) -> dict[int, int]:
    """Return town → the schedule that holds there."""
    with database.read() as session:
        query = select(ScheduleTown.town_id, ScheduleTown.schedule_id).where(
            ScheduleTown.published_monday == WEEK.monday
        )
        return {row.town_id: row.schedule_id for row in session.execute(query)}


def test_publishing_twice_changes_nothing(dispatcher: Api, city: SmallCity, database: Database) -> None:
    draft = dispatcher.draft()
    assert dispatcher.publish(draft).status_code == 200
    booked = bookings(database)
    assert dispatcher.publish(draft).status_code == 412
    again = dispatcher.publish(dispatcher.read(draft["id"]))
    assert again.status_code == 409
    assert bookings(database) == booked
    assert holding(database) == dict.fromkeys(city.towns, draft["id"])


def test_of_two_who_publish_one_draft_at_once_one_wins(dispatcher: Api, city: SmallCity, database: Database) -> None:
    draft = dispatcher.draft()
    with ThreadPoolExecutor(2) as pool:
        codes = sorted(answer.status_code for answer in pool.map(lambda _: dispatcher.publish(draft), range(2)))
    assert codes[0] == 200
    assert codes[1] in (409, 412)
    assert len(bookings(database)) == len(dispatcher.visits(draft["id"]))


def test_of_two_drafts_published_at_once_one_wins(dispatcher: Api, city: SmallCity, database: Database) -> None:
    drafts = [dispatcher.draft(seed=seed) for seed in (1, 2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(dispatcher.publish, drafts))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    winner = drafts[0 if answers[0].status_code == 200 else 1]["id"]
    assert holding(database) == dict.fromkeys(city.towns, winner)
    assert set(bookings(database)) == {visit["key"] for visit in dispatcher.visits(winner)}


def test_the_next_version_supersedes_the_one_before(dispatcher: Api, city: SmallCity, database: Database) -> None:
    first = dispatcher.published()
    second = dispatcher.published(parent_id=first["id"])
    old = dispatcher.read(first["id"])
    assert (old["status"], old["superseded_by_id"], old["holds_in"]) == ("superseded", second["id"], [])
    assert holding(database) == dict.fromkeys(city.towns, second["id"])
    assert set(bookings(database)) == {visit["key"] for visit in dispatcher.visits(second["id"])}


def test_a_town_of_its_own_takes_over_and_the_city_holds_in_the_others(
    dispatcher: Api, api_as: ApiAs, city: SmallCity, database: Database
) -> None:
    whole = dispatcher.published()
    one, other = city.towns
    her = api_as(Role.DISPATCHER, [one])
    draft = her.draft()
    assert (draft["town_ids"], draft["all_towns"]) == ([one], False)
    assert her.publish(draft).status_code == 200
    assert holding(database) == {one: draft["id"], other: whole["id"]}
    city_now = dispatcher.read(whole["id"])
    assert (city_now["status"], city_now["holds_in"]) == ("published", [other])
    assert city_now["etag"] != whole["etag"]
    kept = {visit["key"] for visit in dispatcher.visits(whole["id"], town_id=other)}
    assert set(bookings(database)) == kept | {visit["key"] for visit in her.visits(draft["id"])}


def test_a_draft_asked_for_before_another_was_published_is_refused(dispatcher: Api, city: SmallCity) -> None:
    early = dispatcher.draft(seed=1)
    newer = dispatcher.published(seed=2)
    refused = dispatcher.publish(early)
    assert refused.status_code == 409
    assert refused.json()["newer_schedule_id"] == newer["id"]


@pytest.mark.parametrize("change", ["ended", "hospital", "leave", "blocked", "gone", "no plan"])
def test_a_visit_that_the_roster_made_impossible_is_listed(
    dispatcher: Api, city: SmallCity, database: Database, change: str
) -> None:
    draft = dispatcher.draft()
    visit = dispatcher.visits(draft["id"])[0]
    with database.write() as session:
        elder = session.get_one(Elder, visit["elder_id"])
        caregiver = session.get_one(Caregiver, visit["caregiver_ids"][0])
        if change == "ended":
            elder.ended_on, elder.end_reason = WEEK.monday, "died"
        elif change == "hospital":
            given.stay(session, elder, from_on=WEEK.monday, to_on=WEEK.end)
        elif change == "leave":
            given.leave(session, caregiver, first_on=WEEK.monday, last_on=WEEK.days[6])
        elif change == "blocked":
            given.pair(session, elder, caregiver, kind="blocked")
        elif change == "no plan":
            session.execute(update(CarePlan).where(CarePlan.elder_id == elder.id).values(valid_from=WEEK.end))
        else:
            caregiver.ended_on, caregiver.end_reason = WEEK.monday, "left_work"
    refused = dispatcher.publish(draft)
    assert refused.status_code == 409, refused.text
    rules = {broken["rule"] for broken in refused.json()["violations"] if broken["visit_id"] == visit["id"]} | {
        broken["rule"] for broken in refused.json()["violations"] if broken["caregiver_id"] in visit["caregiver_ids"]
    }
    expected = {
        "ended": {"eligibility", "window"},
        "hospital": {"eligibility", "window"},
        "leave": {"availability"},
        "blocked": {"blocked"},
        "gone": {"known"},
        "no plan": {"known"},
    }[change]
    assert rules & expected, refused.json()["violations"][:3]
    assert bookings(database) == {}
    assert dispatcher.read(draft["id"])["status"] == "draft"


def test_what_was_recorded_since_the_draft_stays_as_it_was(
    dispatcher: Api, city: SmallCity, database: Database
) -> None:
    first = dispatcher.published()
    visit = dispatcher.visits(first["id"])[0]
    with database.write() as session:
        booking = session.scalars(select(Booking).where(Booking.visit_key == visit["key"])).one()
        booking.state, booking.recorded_at = BookingState.DELIVERED, clock.now()
    second = dispatcher.draft(parent_id=first["id"])
    [kept] = [each for each in dispatcher.visits(second["id"]) if each["key"] == visit["key"]]
    for name in ("day", "start_minute", "caregiver_ids", "minutes"):
        assert kept[name] == visit[name]
    assert kept["pinned"] is True
    assert dispatcher.publish(second).status_code == 200
    with database.read() as session:
        stored = session.scalars(select(Booking).where(Booking.visit_key == visit["key"])).one()
        assert stored.state == BookingState.DELIVERED
        assert session.scalar(select(func.count()).select_from(Booking)) == len(dispatcher.visits(second["id"]))


def test_a_visit_that_has_begun_is_pinned_and_stays_checked_in(
    dispatcher: Api, city: SmallCity, database: Database
) -> None:
    first = dispatcher.published()
    visit = dispatcher.visits(first["id"])[0]
    began_at = clock.now()
    with database.write() as session:
        booking = session.scalars(select(Booking).where(Booking.visit_key == visit["key"])).one()
        booking.checked_in_at = began_at
    second = dispatcher.draft(parent_id=first["id"], seed=4)
    [kept] = [each for each in dispatcher.visits(second["id"]) if each["key"] == visit["key"]]
    assert (kept["day"], kept["start_minute"], kept["pinned"]) == (visit["day"], visit["start_minute"], True)
    assert dispatcher.publish(second).status_code == 200
    with database.read() as session:
        stored = session.scalars(select(Booking).where(Booking.visit_key == visit["key"])).one()
        assert stored.checked_in_at == began_at


def test_only_somebody_with_all_its_towns_may_publish(dispatcher: Api, api_as: ApiAs, city: SmallCity) -> None:
    draft = dispatcher.draft()
    assert api_as(Role.DISPATCHER, [city.towns[0]]).publish(draft).status_code == 403
    assert api_as(Role.AUDITOR).publish(draft).status_code == 403
    missing = dispatcher.call("POST", f"/{draft['id']}/publish")
    assert missing.status_code == 428
    assert dispatcher.read(draft["id"])["status"] == "draft"


def test_a_booked_month_is_never_exceeded(dispatcher: Api, city: SmallCity, database: Database) -> None:
    draft = dispatcher.draft()
    visit = dispatcher.visits(draft["id"])[0]
    with database.write() as session:
        elder = session.get_one(Elder, visit["elder_id"])
        for n in range(4):
            day = WEEK.monday - timedelta(days=1) if n == 0 else WEEK.end + timedelta(days=n)
            session.add(
                Booking(
                    visit_key=f"t-{n}",
                    elder_id=elder.id,
                    day=day,
                    minutes=480,
                    planned_minutes=480,
                    state=BookingState.DELIVERED,
                )
            )
    refused = dispatcher.publish(draft)
    assert refused.status_code == 409
    assert refused.json().get("elder_ids") == [visit["elder_id"]] or refused.json().get("violations")
