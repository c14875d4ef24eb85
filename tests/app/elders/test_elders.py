"""Elders over the API: joining, finding, changing, leaving, coming back."""

from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.centres.models import Town, Village
from app.core.db import Database
from app.elders.age import may_join_on
from app.elders.models import Elder
from tests.app import given
from tests.app.conftest import SignInAs

URL = "/api/v1/elders"
BORN = date(1936, 11, 23)


@pytest.fixture
def town(session: Session) -> Town:
    town = given.town(session)
    given.village(session, town)
    session.commit()
    return town


@pytest.fixture
def village(session: Session, town: Town) -> Village:
    found = session.scalars(select(Village).where(Village.town_id == town.id)).one()
    session.commit()  # or the session keeps the only place of a writer
    return found


@pytest.fixture
def dispatcher(sign_in_as: SignInAs, town: Town) -> dict[str, str]:
    return sign_in_as(Role.DISPATCHER, [town.id])


def body(town: Town, village: Village, **fields: Any) -> dict[str, Any]:
    """Return what is sent to put somebody on the roster who turns 90 on 23 November 2026."""
    birth_date = fields.pop("born", BORN)
    gender = fields.get("gender", "female")
    return {
        "number": "E1",
        "name": "单秀英",
        "id_number": given.id_number(birth_date, gender, 7),
        "birth_date": birth_date.isoformat(),
        "gender": gender,
        "phone": "13800001234",
        "address": "江滨路1号",
        "latitude": village.latitude,
        "longitude": village.longitude,
        "disability_grade": "mild",
        "health_note": "高血压",
        "town_id": town.id,
        "village_id": village.id,
        "joined_on": "2026-11-23",
    } | fields


def stored(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Elder)) or 0


def actions(database: Database) -> list[str]:
    with database.read() as session:
        found = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
        return [action for action in found if action.startswith("elder.")]


def test_create_and_read(
    client: TestClient, database: Database, town: Town, village: Village, dispatcher: dict[str, str]
) -> None:
    sent = body(town, village)
    made = client.post(URL, json=sent, headers=dispatcher)
    assert made.status_code == 201, made.text
    assert made.headers["etag"] == '"1"'
    shown = client.get(f"{URL}/{made.json()['id']}", headers=dispatcher).json()
    assert shown == made.json()
    assert shown["id_number"] == "*" * 14 + sent["id_number"][-4:]
    assert (shown["latitude"], shown["longitude"]) == pytest.approx((village.latitude, village.longitude))
    assert actions(database) == ["elder.create"]
    with database.read() as session:
        raw = session.connection().exec_driver_sql("SELECT name, id_number, address FROM elders").one()
        assert "单秀英".encode() not in bytes(raw[0])
        changes = session.scalars(select(AuditEntry.changes).where(AuditEntry.entity == "elder")).one()
    assert changes == {"joined_on": "2026-11-23"}


def test_ninety_on_the_day_may_join_and_the_day_before_not(
    client: TestClient, database: Database, town: Town, village: Village, dispatcher: dict[str, str]
) -> None:
    young = client.post(URL, json=body(town, village, joined_on="2026-11-22"), headers=dispatcher)
    assert young.status_code == 422
    assert young.json()["type"] == "urn:jiuling:problem:too-young"
    assert young.json()["may_join_on"] == "2026-11-23"
    assert young.json()["errors"][0]["field"] == "body.joined_on"
    assert stored(database) == 0
    assert client.post(URL, json=body(town, village, joined_on="2026-11-23"), headers=dispatcher).status_code == 201


@pytest.mark.parametrize(
    ("born", "ninety"),
    [
        (date(1936, 2, 29), date(2026, 3, 1)),
        (date(1938, 2, 28), date(2028, 2, 28)),
        (date(1930, 12, 31), date(2020, 12, 31)),
    ],
)
def test_ninetieth_birthday(born: date, ninety: date) -> None:
    assert may_join_on(born) == ninety


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"gender": "male", "id_number": given.id_number(BORN, "female", 7)}, "body.gender"),
        ({"birth_date": "1936-11-22"}, "body.birth_date"),
        ({"id_number": "33078219361123014"}, "body.id_number"),
        ({"village_id": 999}, "body.village_id"),
        ({"latitude": 0.0, "longitude": 0.0}, "body.latitude"),
        ({"longitude": None}, "body"),
        ({"name": " "}, "body.name"),
        ({"name": "王\u0000英"}, "body.name"),
        ({"phone": "12"}, "body.phone"),
        ({"birth_date": "1836-11-23"}, "body.birth_date"),
        ({"dialects": ["yiwu", "yiwu"]}, "body.dialects"),
        ({"centre_id": 999}, "body.centre_id"),
        ({"town_id": 2**63}, "body.town_id"),
        ({"nickname": "阿婆"}, "body.nickname"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_stored(
    client: TestClient,
    database: Database,
    town: Town,
    village: Village,
    dispatcher: dict[str, str],
    fields: dict[str, Any],
    named: str,
) -> None:
    answer = client.post(URL, json=body(town, village) | fields, headers=dispatcher)
    assert answer.status_code == 422, answer.text
    assert named in [error["field"] for error in answer.json()["errors"]]
    assert stored(database) == 0
    assert actions(database) == []


def test_a_village_of_another_town_is_refused(
    client: TestClient, session: Session, town: Town, village: Village, dispatcher: dict[str, str]
) -> None:
    elsewhere = given.village(session, given.town(session))
    session.commit()
    answer = client.post(URL, json=body(town, village, village_id=elsewhere.id), headers=dispatcher)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.village_id")


def test_a_home_without_coordinates_is_where_its_village_is(
    client: TestClient, town: Town, village: Village, dispatcher: dict[str, str]
) -> None:
    sent = body(town, village, latitude=None, longitude=None)
    shown = client.post(URL, json=sent, headers=dispatcher).json()
    assert shown["latitude"] == pytest.approx(village.latitude, abs=1e-6)


def test_number_and_identity_are_unique(
    client: TestClient, database: Database, town: Town, village: Village, dispatcher: dict[str, str]
) -> None:
    assert client.post(URL, json=body(town, village), headers=dispatcher).status_code == 201
    same_identity = body(town, village, number="E2", id_number=f" {given.id_number(BORN, 'female', 7).lower()} ")
    answer = client.post(URL, json=same_identity, headers=dispatcher)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (409, "body.id_number")
    assert answer.json()["errors"][0]["value"] is None
    same_number = body(town, village, id_number=given.id_number(BORN, "female", 8))
    answer = client.post(URL, json=same_number, headers=dispatcher)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (409, "body.number")
    assert stored(database) == 1


def test_who_may_do_what(
    client: TestClient, session: Session, town: Town, village: Village, sign_in_as: SignInAs
) -> None:
    elder = given.elder(session, town)
    elsewhere = given.town(session)
    caregiver = given.caregiver(session, town)
    session.commit()
    other = sign_in_as(Role.DISPATCHER, [elsewhere.id])
    auditor = sign_in_as(Role.AUDITOR)
    herself = sign_in_as(Role.CAREGIVER, caregiver_id=caregiver.id)
    if_match = {"If-Match": '"1"'}
    assert client.get(f"{URL}/{elder.id}", headers=other).status_code == 404
    assert client.patch(f"{URL}/{elder.id}", json={"name": "李"}, headers=other | if_match).status_code == 404
    assert client.post(URL, json=body(town, village), headers=other).status_code == 403
    assert client.get(URL, headers=other).json()["items"] == []
    assert client.get(f"{URL}?town_id={town.id}", headers=other).status_code == 403
    assert client.get(URL, headers=herself).status_code == 403
    assert client.post(URL, json=body(town, village), headers=auditor).status_code == 403
    assert client.get(f"{URL}/{elder.id}?reveal=true", headers=auditor).status_code == 403
    assert client.get(f"{URL}?disability_grade=mild", headers=auditor).status_code == 403
    assert client.get(URL).status_code == 401


def test_an_auditor_sees_masks(client: TestClient, session: Session, town: Town, sign_in_as: SignInAs) -> None:
    elder = given.elder(session, town, health_note="糖尿病")
    session.commit()
    shown = client.get(f"{URL}/{elder.id}", headers=sign_in_as(Role.AUDITOR)).json()
    assert shown["name"] == "王**"
    assert shown["phone"] == "*******1234"
    assert shown["id_number"].startswith("*" * 14)
    assert {shown[field] for field in ("address", "way_in", "health_note", "disability_grade")} == {"***"}
    assert shown["latitude"] is None
    assert shown["longitude"] is None


def test_an_id_number_is_revealed_on_record(
    client: TestClient, session: Session, database: Database, town: Town, dispatcher: dict[str, str]
) -> None:
    elder = given.elder(session, town)
    session.commit()
    assert client.get(f"{URL}/{elder.id}?reveal=true", headers=dispatcher).json()["id_number"] == elder.id_number
    assert actions(database) == ["elder.reveal"]


def test_search_and_filters(client: TestClient, session: Session, town: Town, dispatcher: dict[str, str]) -> None:
    shan = given.elder(session, town, number="SX100", name="单秀英", disability_grade="severe")
    wang = given.elder(session, town, number="SX200", name="王大明", lives_alone=True, ended_on=date(2026, 6, 1))
    village = given.village(session, town)
    centre = given.centre(session, town)
    li = given.elder(session, town, number="SX300", name="李阿婆", village_id=village.id, centre_id=centre.id)
    given.grant(session, shan, monthly_minutes=480, valid_to=date(2026, 7, 1))
    given.grant(session, li)
    given.elder(session, given.town(session), name="单秀英")
    session.commit()

    def found(query: str, q: str = "") -> list[int]:
        if q:
            answer = client.post(f"{URL}/search?{query}", json={"q": q}, headers=dispatcher)
        else:
            answer = client.get(f"{URL}?{query}", headers=dispatcher)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert found("", q="秀") == [shan.id]
    assert found("", q="shanxiu") == [shan.id]
    assert found("", q="wdm") == [wang.id]
    assert found("", q="sx3") == [li.id]
    assert found("", q="没有") == []
    assert found("disability_grade=severe") == [shan.id]
    assert found("lives_alone=true") == [wang.id]
    assert found(f"village_id={village.id}") == [li.id]
    assert found(f"centre_id={centre.id}") == [li.id]
    assert found("active_on=2026-05-31") == [shan.id, wang.id, li.id]
    assert found("active_on=2026-06-01") == [shan.id, li.id]
    assert found("active_on=2025-12-31") == []
    assert found("monthly_minutes=480&active_on=2026-06-30") == [shan.id]
    assert found("monthly_minutes=480&active_on=2026-07-01") == []
    assert found("monthly_minutes=240&active_on=2026-07-01") == [li.id]
    assert client.get(f"{URL}?monthly_minutes=300", headers=dispatcher).status_code == 422


def test_pages_go_on_where_the_one_before_ended(
    client: TestClient, session: Session, town: Town, dispatcher: dict[str, str]
) -> None:
    ids = [given.elder(session, town).id for _ in range(5)]
    session.commit()
    first = client.get(f"{URL}?limit=3", headers=dispatcher).json()
    second = client.get(f"{URL}?limit=3&after={first['next_after']}", headers=dispatcher).json()
    assert [item["id"] for item in first["items"] + second["items"]] == ids
    assert second["next_after"] is None
    searched = client.post(f"{URL}/search?limit=5", json={"q": "王"}, headers=dispatcher).json()
    assert (len(searched["items"]), searched["next_after"]) == (5, None)


def test_change_needs_the_version_that_was_read(
    client: TestClient, session: Session, database: Database, town: Town, dispatcher: dict[str, str]
) -> None:
    elder = given.elder(session, town)
    session.commit()
    url = f"{URL}/{elder.id}"
    assert client.patch(url, json={"name": "李"}, headers=dispatcher).status_code == 428
    changed = client.patch(url, json={"name": "李", "lives_alone": True}, headers=dispatcher | {"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["name"]) == (200, '"2"', "李")
    assert client.patch(url, json={"name": "周"}, headers=dispatcher | {"If-Match": '"1"'}).status_code == 412
    with database.read() as reading:
        entry = reading.scalars(select(AuditEntry).where(AuditEntry.action == "elder.change")).one()
        assert entry.changes == {"name": "changed", "lives_alone": True}


def test_a_change_obeys_the_rules_of_joining(
    client: TestClient, session: Session, town: Town, dispatcher: dict[str, str]
) -> None:
    elder = given.elder(session, town)
    other = given.elder(session, town)
    session.commit()
    headers = dispatcher | {"If-Match": '"1"'}
    for sent, status, field in [
        ({"gender": "male"}, 422, "body.gender"),
        ({"name": None}, 422, "body.name"),
        ({"joined_on": "2022-04-30"}, 422, "body.joined_on"),
        ({"number": other.number}, 409, "body.number"),
        ({"village_id": 10**6}, 422, "body.village_id"),
    ]:
        answer = client.patch(f"{URL}/{elder.id}", json=sent, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)
    assert client.patch(f"{URL}/{elder.id}", json={"joined_on": "2022-05-01"}, headers=headers).status_code == 200


def test_a_move_clears_the_centre(
    client: TestClient, session: Session, town: Town, village: Village, dispatcher: dict[str, str]
) -> None:
    centre = given.centre(session, town)
    elder = given.elder(session, town, centre_id=centre.id)
    there = given.village(session, town, latitude=29.4)
    session.commit()
    url = f"{URL}/{elder.id}"
    same = client.patch(url, json={"village_id": village.id, "phone": None}, headers=dispatcher | {"If-Match": '"1"'})
    assert same.json()["centre_id"] == centre.id
    moved = client.patch(url, json={"village_id": there.id}, headers=dispatcher | {"If-Match": '"2"'})
    assert moved.status_code == 200, moved.text
    assert moved.json()["centre_id"] is None
    assert moved.json()["latitude"] == pytest.approx(29.4)


def test_end_and_take_back(
    client: TestClient, session: Session, database: Database, town: Town, dispatcher: dict[str, str]
) -> None:
    elder = given.elder(session, town)
    given.stay(session, elder, from_on=date(2026, 3, 1), to_on=None)
    session.commit()
    url = f"{URL}/{elder.id}"
    end = {"ended_on": "2025-12-31", "reason": "moved_to_institution"}
    early = client.post(f"{url}/end", json=end, headers=dispatcher | {"If-Match": '"1"'})
    assert (early.status_code, early.json()["errors"][0]["field"]) == (422, "body.ended_on")
    wrong = client.post(
        f"{url}/end", json={"ended_on": "2026-04-01", "reason": "left_work"}, headers=dispatcher | {"If-Match": '"1"'}
    )
    assert wrong.status_code == 422
    end["ended_on"] = "2026-04-01"
    ended = client.post(f"{url}/end", json=end, headers=dispatcher | {"If-Match": '"1"'})
    assert (ended.json()["ended_on"], ended.json()["end_reason"]) == ("2026-04-01", "moved_to_institution")
    stays = client.get(f"{url}/stays", headers=dispatcher).json()
    assert [(stay["kind"], stay["to_on"]) for stay in stays] == [("hospital", "2026-04-01")]
    again = client.post(f"{url}/end", json=end, headers=dispatcher | {"If-Match": '"2"'})
    assert again.status_code == 409
    back = {"on": "2026-03-31"}
    assert client.post(f"{url}/take-back", json=back, headers=dispatcher | {"If-Match": '"2"'}).status_code == 422
    back = {"on": "2026-05-01"}
    shown = client.post(f"{url}/take-back", json=back, headers=dispatcher | {"If-Match": '"2"'}).json()
    assert (shown["ended_on"], shown["joined_on"]) == (None, "2026-01-01")
    stays = client.get(f"{url}/stays", headers=dispatcher).json()
    assert [(stay["kind"], stay["from_on"], stay["to_on"]) for stay in stays] == [
        ("hospital", "2026-03-01", "2026-04-01"),
        ("institution", "2026-04-01", "2026-05-01"),
    ]
    assert actions(database) == ["elder.end", "elder.take_back"]
    assert client.post(f"{url}/take-back", json=back, headers=dispatcher | {"If-Match": '"3"'}).status_code == 409


def test_who_declined_joins_anew_and_the_dead_do_not(
    client: TestClient, session: Session, town: Town, dispatcher: dict[str, str]
) -> None:
    declined = given.elder(session, town, ended_on=date(2026, 3, 1), end_reason="declined")
    dead = given.elder(session, town, ended_on=date(2026, 3, 1), end_reason="died")
    session.commit()
    headers = dispatcher | {"If-Match": '"1"'}
    shown = client.post(f"{URL}/{declined.id}/take-back", json={"on": "2026-06-01"}, headers=headers).json()
    assert shown["joined_on"] == "2026-06-01"
    url = f"{URL}/{dead.id}/take-back"
    assert client.post(url, json={"on": "2026-06-01"}, headers=headers).status_code == 409
    assert client.post(url, json={"on": "2026-03-01"}, headers=headers).status_code == 200
