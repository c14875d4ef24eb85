"""From asking for a week to its published visits."""

from sqlalchemy import func, select

from app.core.db import Database
from app.entitlements.models import Booking
from tests.app.schedules.conftest import WEEK, Api, SmallCity


def test_a_week_is_asked_for_computed_and_published(dispatcher: Api, city: SmallCity, database: Database) -> None:
    asked = dispatcher.ask()
    assert asked["status"] == "queued"
    assert asked["town_ids"] == sorted(city.towns)
    assert asked["all_towns"] is True

    draft = dispatcher.computed(asked["id"])
    assert draft["status"] == "draft", draft["run"]
    figures = draft["figures"]
    assert figures["placed_minutes"] == figures["due_minutes"] > 0
    assert figures["unallocated_by_reason"] == {}
    visits = dispatcher.visits(asked["id"])
    assert len(visits) == figures["visits_due"]
    assert all(visit["state"] == "placed" and len(visit["caregiver_ids"]) == 1 for visit in visits)
    assert {visit["day"] for visit in visits} <= {str(day) for day in WEEK.days}

    assert dispatcher.publish(draft).status_code == 200
    published = dispatcher.read(asked["id"])
    assert published["status"] == "published"
    assert published["holds_in"] == sorted(city.towns)
    with database.read() as session:
        booked = session.execute(select(func.count(), func.sum(Booking.minutes))).one()
    assert tuple(booked) == (len(visits), figures["placed_minutes"])
