"""Elders and centres over the API, on the real database."""

from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.assignments.models import Assignment, AssignmentRun
from app.assignments.service import assign_centres
from app.audit.models import AuditEntry
from app.centres.models import CentreKind, Town
from app.core.errors import Conflict
from app.elders.models import Elder
from tests.app import given
from tests.app.conftest import SignInAs

URL = "/api/v1/assignments"
TODAY = date(2026, 11, 23)


@pytest.fixture
def town(session: Session) -> Town:
    """A town."""
    return given.town(session)


def whys(session: Session, run_id: int) -> dict[int, str]:
    rows = session.scalars(select(Assignment).where(Assignment.run_id == run_id))
    return {row.elder_id: row.why for row in rows}


def test_new_elders_and_those_of_villages_without_a_centre(session: Session, town: Town) -> None:
    with_centre, without = given.village(session, town), given.village(session, town, under_redevelopment=True)
    centre = given.centre(session, town, village_id=with_centre.id)
    given.centre(session, town, kind=CentreKind.GUIDANCE)
    given.centre(session, town, opened_on=TODAY + timedelta(days=1), village_id=without.id)
    given.centre(session, town, closed_on=TODAY, village_id=without.id)
    one = given.elder(session, town, village_id=with_centre.id)
    two = given.elder(session, town, village_id=without.id)
    gone = given.elder(session, town, ended_on=TODAY)
    report = assign_centres(session, None, TODAY)
    assert [(change.elder_id, change.centre_id, change.why) for change in report.changes] == [
        (one.id, centre.id, "new"),
        (two.id, centre.id, "no_centre_in_village"),
    ]
    session.expire_all()
    assert (one.centre_id, two.centre_id, gone.centre_id) == (centre.id, centre.id, None)
    assert one.version == 2
    assert report.figures["elders"] == 2
    assert assign_centres(session, None, TODAY).changes == ()
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 2


def test_each_change_says_why(session: Session, town: Town) -> None:
    other = given.town(session, latitude=town.latitude + 0.2)
    closing = given.centre(session, town, closed_on=TODAY)
    far = given.centre(session, other, latitude=town.latitude + 0.2)
    near = given.centre(session, town, monthly_capacity_minutes=960)
    here = {"home": (town.latitude, town.longitude)}
    lost = given.elder(session, town, centre_id=closing.id, **here)
    moved = given.elder(session, town, centre_id=far.id, **here)
    nearer = given.elder(session, town, centre_id=given.centre(session, town, latitude=town.latitude + 0.05).id, **here)
    stays = given.elder(session, town, centre_id=near.id, **here)
    report = assign_centres(session, 7, TODAY)
    assert whys(session, report.run_id) == {lost.id: "centre_closed", moved.id: "moved", nearer.id: "nearest"}
    assert stays.version == 1
    late = given.elder(session, town, **here)
    later = assign_centres(session, 7, TODAY)
    assert "capacity" in whys(session, later.run_id).values()
    assert {change.elder_id for change in later.changes} >= {late.id}


def test_grants_weigh_and_overload_is_reported(session: Session, town: Town) -> None:
    centre = given.centre(session, town, monthly_capacity_minutes=480)
    for minutes in (480, 240):
        given.grant(session, given.elder(session, town), monthly_minutes=minutes)
    figures = assign_centres(session, None, TODAY).figures
    assert figures["demand_minutes"] == 720
    assert figures["overloads"] == [{"centre_id": centre.id, "town_id": town.id, "minutes": 240}]


def test_an_empty_city_is_an_answer_and_a_city_without_centres_a_conflict(session: Session, town: Town) -> None:
    assert assign_centres(session, None, TODAY).figures["elders"] == 0
    given.elder(session, town)
    with pytest.raises(Conflict, match="no care centre is open"):
        assign_centres(session, None, TODAY)


def test_asked_for_and_read_page_by_page(client: TestClient, session: Session, sign_in_as: SignInAs) -> None:
    towns = [given.town(session), given.town(session)]
    for town in towns:
        given.centre(session, town, monthly_capacity_minutes=240)
        for _ in range(2):
            given.elder(session, town)
    session.commit()
    reader = sign_in_as(Role.AUDITOR)
    assert client.get(f"{URL}/latest", headers=reader).status_code == 404
    made = client.post(URL, headers=sign_in_as(Role.DISPATCHER))
    assert made.status_code == 201
    assert made.json()["figures"]["changed"] == 4
    first = client.get(f"{URL}/latest", params={"limit": 3}, headers=reader).json()
    assert first["run_id"] == made.json()["run_id"]
    rest = client.get(f"{URL}/latest", params={"limit": 3, "after": first["next_after"]}, headers=reader).json()
    assert len(first["items"]) == 3
    assert len(rest["items"]) == 1
    assert rest["next_after"] is None
    assert first["items"][0]["zh"]
    mine = client.get(f"{URL}/latest", headers=sign_in_as(Role.DISPATCHER, [towns[0].id])).json()
    assert len(mine["items"]) == 2
    assert {found["town_id"] for found in mine["figures"]["overloads"]} == {towns[0].id}


def test_who_may_not_assign(client: TestClient, session: Session, sign_in_as: SignInAs, town: Town) -> None:
    given.centre(session, town)
    given.elder(session, town)
    caregiver = given.caregiver(session, town)
    session.commit()
    assert client.post(URL).status_code == 401
    assert client.post(URL, headers=sign_in_as(Role.AUDITOR)).status_code == 403
    assert client.post(URL, headers=sign_in_as(Role.DISPATCHER, [town.id])).status_code == 403
    assert client.post(URL, headers=sign_in_as(Role.CAREGIVER, caregiver_id=caregiver.id)).status_code == 403
    assert (
        client.get(
            f"{URL}/latest", headers=sign_in_as(Role.CAREGIVER, caregiver_id=_another(session, town))
        ).status_code
        == 403
    )
    assert session.scalar(select(func.count()).select_from(AssignmentRun)) == 0
    assert session.scalar(select(Elder.centre_id)) is None


def test_a_conflict_stores_nothing(client: TestClient, session: Session, sign_in_as: SignInAs, town: Town) -> None:
    given.elder(session, town)
    session.commit()
    answer = client.post(URL, headers=sign_in_as(Role.ADMINISTRATOR))
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:jiuling:problem:conflict")
    assert session.scalar(select(func.count()).select_from(AssignmentRun)) == 0
    assert session.scalar(select(func.count()).where(AuditEntry.entity == "assignmentrun")) == 0


def _another(session: Session, town: Town) -> int:
    caregiver = given.caregiver(session, town)
    session.commit()
    return caregiver.id
