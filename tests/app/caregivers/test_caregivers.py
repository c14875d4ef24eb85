"""Caregivers over the API."""

from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.caregivers.models import Caregiver
from app.centres.models import Centre, Town
from app.core import clock
from tests.app import given
from tests.app.conftest import SignInAs

URL = "/api/v1/caregivers"
BORN = date(1985, 6, 1)
ID_NUMBER = given.id_number(BORN, "female", 7)


@pytest.fixture
def town(session: Session) -> Town:
    """A town."""
    town = given.town(session)
    session.commit()
    return town


@pytest.fixture
def centre(session: Session, town: Town) -> Centre:
    """A care centre of the town."""
    centre = given.centre(session, town)
    session.commit()
    return centre


@pytest.fixture
def dispatcher(sign_in_as: SignInAs, town: Town) -> dict[str, str]:
    """The headers of the town's dispatcher."""
    return sign_in_as(Role.DISPATCHER, towns=[town.id])


def _body(centre: Centre, **fields: Any) -> dict[str, Any]:
    return {
        "number": "K1",
        "name": "曾小红",
        "id_number": ID_NUMBER,
        "birth_date": str(BORN),
        "gender": "female",
        "phone": "13900005678",
        "dialects": ["yiwu"],
        "centre_id": centre.id,
        "base": {"latitude": 29.3, "longitude": 120.07},
        "mode": "ebike",
        "contract_minutes": 2400,
        "hired_on": "2025-01-01",
    } | fields


def _create(client: TestClient, headers: dict[str, str], centre: Centre, **fields: Any) -> dict[str, Any]:
    answer = client.post(URL, json=_body(centre, **fields), headers=headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_create_read_change_end_take_back(
    client: TestClient, dispatcher: dict[str, str], centre: Centre, session: Session
) -> None:
    made = _create(client, dispatcher, centre)
    path = f"{URL}/{made['id']}"
    assert made["town_id"] == centre.town_id
    assert made["id_number"] == "*" * 14 + ID_NUMBER[-4:]
    assert made["base"] == {"latitude": 29.3, "longitude": 120.07, "datum": "wgs84"}
    read = client.get(path, headers=dispatcher)
    assert (read.json(), read.headers["etag"]) == (made, '"1"')
    change = {"contract_minutes": 1200, "phone": None, "base": None}
    changed = client.patch(path, json=change, headers=dispatcher | {"If-Match": '"1"'})
    assert changed.json() == made | change | {"version": 2}
    leaving = {"ended_on": "2026-06-01", "reason": "left_work"}
    ended = client.post(f"{path}/end", json=leaving, headers=dispatcher | {"If-Match": '"2"'})
    assert (ended.json()["ended_on"], ended.json()["end_reason"]) == ("2026-06-01", "left_work")
    assert client.post(f"{path}/end", json=leaving, headers=dispatcher | {"If-Match": '"3"'}).status_code == 409
    early = client.post(f"{path}/take-back", json={"on": "2026-05-31"}, headers=dispatcher | {"If-Match": '"3"'})
    assert early.status_code == 422
    back = client.post(f"{path}/take-back", json={"on": "2026-06-01"}, headers=dispatcher | {"If-Match": '"3"'})
    assert (back.json()["ended_on"], back.json()["hired_on"]) == (None, "2025-01-01")
    again = client.post(f"{path}/take-back", json={"on": "2026-06-01"}, headers=dispatcher | {"If-Match": '"4"'})
    assert again.status_code == 409
    entries = session.scalars(select(AuditEntry).where(AuditEntry.entity == "caregiver").order_by(AuditEntry.id)).all()
    assert [entry.action.removeprefix("caregiver.") for entry in entries] == ["create", "change", "end", "take_back"]
    assert {entry.town_id for entry in entries} == {centre.town_id}
    assert entries[1].changes == {"contract_minutes": 1200, "phone": "changed", "base": "changed"}


def test_who_comes_back_later_is_hired_anew(client: TestClient, dispatcher: dict[str, str], centre: Centre) -> None:
    path = f"{URL}/{_create(client, dispatcher, centre)['id']}"
    leaving = {"ended_on": "2026-06-01", "reason": "moved_away"}
    client.post(f"{path}/end", json=leaving, headers=dispatcher | {"If-Match": '"1"'}).raise_for_status()
    back = client.post(f"{path}/take-back", json={"on": "2026-06-02"}, headers=dispatcher | {"If-Match": '"2"'})
    assert (back.json()["hired_on"], back.json()["end_reason"]) == ("2026-06-02", None)


@pytest.mark.parametrize(("action", "body"), [("end", {"ended_on": "2026-06-01", "reason": "other"}), ("", {})])
def test_stale_and_blind_changes_are_refused(
    client: TestClient, dispatcher: dict[str, str], centre: Centre, session: Session, action: str, body: dict[str, Any]
) -> None:
    path = f"{URL}/{_create(client, dispatcher, centre)['id']}"
    method, url = ("POST", f"{path}/{action}") if action else ("PATCH", path)
    assert client.request(method, url, json=body, headers=dispatcher).status_code == 428
    assert client.request(method, url, json=body, headers=dispatcher | {"If-Match": '"2"'}).status_code == 412
    assert client.request(method, url, json=body, headers=dispatcher | {"If-Match": "two"}).status_code == 422
    assert client.get(path, headers=dispatcher).json()["version"] == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"number": "K 1"}, "body.number"),
        ({"name": " "}, "body.name"),
        ({"name": "a\0"}, "body.name"),
        ({"id_number": "330782198506010021"}, "body.id_number"),
        ({"id_number": "1" * 41}, "body.id_number"),
        ({"birth_date": "1985-06-02"}, "body.birth_date"),
        ({"gender": "male"}, "body.gender"),
        ({"phone": "12900005678"}, "body.phone"),
        ({"phone": "1390000567"}, "body.phone"),
        ({"phone": "139000056789"}, "body.phone"),
        ({"dialects": ["klingon"]}, "body.dialects.0"),
        ({"dialects": ["yiwu", "yiwu"]}, "body.dialects"),
        ({"centre_id": 2**63 - 1}, "body.centre_id"),
        ({"centre_id": 2**63}, "body.centre_id"),
        ({"base": {"latitude": 29.3}}, "body.base.longitude"),
        ({"base": {"latitude": 91, "longitude": 120}}, "body.base.latitude"),
        ({"mode": "car"}, "body.mode"),
        ({"contract_minutes": 59}, "body.contract_minutes"),
        ({"contract_minutes": 2401}, "body.contract_minutes"),
        ({"hired_on": "2001-05-31"}, "body.hired_on"),
        ({"hired_on": "2200-01-01"}, "body.hired_on"),
        ({"town_id": 1}, "body.town_id"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_stored(
    client: TestClient,
    dispatcher: dict[str, str],
    centre: Centre,
    session: Session,
    fields: dict[str, Any],
    field: str,
) -> None:
    answer = client.post(URL, json=_body(centre, **fields), headers=dispatcher)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert session.scalar(select(func.count()).select_from(Caregiver)) == 0
    assert session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.entity == "caregiver")) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"contract_minutes": 60},
        {"contract_minutes": 2400},
        {"hired_on": "2001-06-01"},
        {"phone": "0579-85551234"},
        {"phone": None, "base": None, "dialects": []},
        {"id_number": f" {ID_NUMBER[:6]} {ID_NUMBER[6:].lower()}"},
    ],
)
def test_what_is_just_right(
    client: TestClient, dispatcher: dict[str, str], centre: Centre, session: Session, fields: dict[str, Any]
) -> None:
    made = _create(client, dispatcher, centre, **fields)
    stored = session.get(Caregiver, made["id"])
    assert stored is not None
    assert stored.id_number == ID_NUMBER


@pytest.mark.parametrize(
    "name", ["number", "name", "id_number", "birth_date", "gender", "centre_id", "mode", "contract_minutes", "hired_on"]
)
def test_what_she_must_have_is_not_taken_away(
    client: TestClient, dispatcher: dict[str, str], centre: Centre, name: str
) -> None:
    path = f"{URL}/{_create(client, dispatcher, centre)['id']}"
    answer = client.patch(path, json={name: None}, headers=dispatcher | {"If-Match": '"1"'})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == f"body.{name}"


def test_one_person_one_number_once_and_nobody_is_told_who(
    client: TestClient, dispatcher: dict[str, str], centre: Centre
) -> None:
    _create(client, dispatcher, centre)
    typed = f"{ID_NUMBER[:6]} {ID_NUMBER[6:]}"
    again = client.post(URL, json=_body(centre, number="K2", id_number=typed), headers=dispatcher)
    assert again.status_code == 409
    assert not any(told in again.text for told in (ID_NUMBER, "曾小红", "K1"))
    other = given.id_number(BORN, "female", 8)
    taken = client.post(URL, json=_body(centre, id_number=other), headers=dispatcher)
    assert taken.status_code == 409
    assert "body.number" in taken.json()["detail"]
    second = _create(client, dispatcher, centre, number="K2", id_number=other)
    path, headers = f"{URL}/{second['id']}", dispatcher | {"If-Match": '"1"'}
    assert client.patch(path, json={"id_number": ID_NUMBER}, headers=headers).status_code == 409
    assert client.patch(path, json={"number": "K1"}, headers=headers).status_code == 409
    same = client.patch(path, json={"id_number": other.lower(), "number": "K2"}, headers=headers)
    assert (same.status_code, same.json()["version"]) == (200, 1)


def test_a_corrected_identity_must_agree_as_a_whole(
    client: TestClient, dispatcher: dict[str, str], centre: Centre, session: Session
) -> None:
    made = _create(client, dispatcher, centre)
    path, headers = f"{URL}/{made['id']}", dispatcher | {"If-Match": '"1"'}
    man = given.id_number(date(1986, 7, 2), "male", 3)
    assert client.patch(path, json={"id_number": man}, headers=headers).status_code == 422
    assert client.patch(path, json={"gender": "male"}, headers=headers).status_code == 422
    corrected = client.patch(
        path, json={"id_number": man, "gender": "male", "birth_date": "1986-07-02"}, headers=headers
    )
    assert corrected.json()["id_number"].endswith(man[-4:])
    free_again = _create(client, dispatcher, centre, number="K2")
    assert free_again["id"] != made["id"]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "caregiver.change")).one()
    assert entry.changes == {"id_number": "changed", "gender": "male", "birth_date": "changed"}


@pytest.mark.parametrize(("ended_on", "status"), [("2024-12-31", 422), ("2025-01-01", 200)])
def test_she_leaves_on_the_day_she_was_hired_at_the_earliest(
    client: TestClient, dispatcher: dict[str, str], centre: Centre, ended_on: str, status: int
) -> None:
    path = f"{URL}/{_create(client, dispatcher, centre)['id']}/end"
    body = {"ended_on": ended_on, "reason": "left_work"}
    assert client.post(path, json=body, headers=dispatcher | {"If-Match": '"1"'}).status_code == status


@pytest.mark.parametrize(("hired_on", "status"), [("2026-06-02", 422), ("2026-06-01", 200)])
def test_she_was_hired_on_the_day_she_left_at_the_latest(
    client: TestClient, dispatcher: dict[str, str], centre: Centre, hired_on: str, status: int
) -> None:
    path = f"{URL}/{_create(client, dispatcher, centre)['id']}"
    body = {"ended_on": "2026-06-01", "reason": "left_work"}
    client.post(f"{path}/end", json=body, headers=dispatcher | {"If-Match": '"1"'}).raise_for_status()
    answer = client.patch(path, json={"hired_on": hired_on}, headers=dispatcher | {"If-Match": '"2"'})
    assert answer.status_code == status


@pytest.mark.parametrize("reason", ["declined", "closed", "moved_to_institution"])
def test_elders_reasons_are_not_hers(
    client: TestClient, dispatcher: dict[str, str], centre: Centre, reason: str
) -> None:
    path = f"{URL}/{_create(client, dispatcher, centre)['id']}/end"
    body = {"ended_on": "2026-06-01", "reason": reason}
    answer = client.post(path, json=body, headers=dispatcher | {"If-Match": '"1"'})
    assert answer.json()["errors"][0]["field"] == "body.reason"


@pytest.mark.parametrize(("days", "status"), [(0, 401), (1, 200)])
def test_her_account_closes_with_her_last_day(
    client: TestClient, dispatcher: dict[str, str], centre: Centre, sign_in_as: SignInAs, days: int, status: int
) -> None:
    made = _create(client, dispatcher, centre)
    herself = sign_in_as(Role.CAREGIVER, caregiver_id=made["id"])
    body = {"ended_on": str(clock.today() + timedelta(days=days)), "reason": "left_work"}
    headers = dispatcher | {"If-Match": '"1"'}
    client.post(f"{URL}/{made['id']}/end", json=body, headers=headers).raise_for_status()
    assert client.get("/api/v1/auth/me", headers=herself).status_code == status


def test_another_centre_is_another_town(
    client: TestClient, sign_in_as: SignInAs, dispatcher: dict[str, str], centre: Centre, session: Session
) -> None:
    elsewhere = given.centre(session, given.town(session))
    closed = given.centre(session, session.get_one(Town, centre.town_id), closed_on=clock.today())
    closing = given.centre(session, session.get_one(Town, centre.town_id), closed_on=clock.today() + timedelta(days=1))
    session.commit()
    path = f"{URL}/{_create(client, dispatcher, centre)['id']}"
    headers = dispatcher | {"If-Match": '"1"'}
    assert client.patch(path, json={"centre_id": elsewhere.id}, headers=headers).status_code == 422
    assert client.patch(path, json={"centre_id": closed.id}, headers=headers).status_code == 422
    assert client.patch(path, json={"centre_id": closing.id}, headers=headers).status_code == 200
    moved = client.patch(
        path, json={"centre_id": elsewhere.id}, headers=sign_in_as(Role.ADMINISTRATOR) | {"If-Match": '"2"'}
    )
    assert moved.json()["town_id"] == elsewhere.town_id
    assert client.get(path, headers=dispatcher).status_code == 404


def test_other_towns_are_out_of_sight(
    client: TestClient, dispatcher: dict[str, str], town: Town, session: Session
) -> None:
    own = given.caregiver(session, town)
    other_town = given.town(session)
    foreign = given.caregiver(session, other_town)
    session.commit()
    path, headers = f"{URL}/{foreign.id}", dispatcher | {"If-Match": '"1"'}
    assert [item["id"] for item in client.get(URL, headers=dispatcher).json()["items"]] == [own.id]
    assert client.get(URL, params={"town_id": other_town.id}, headers=dispatcher).status_code == 403
    assert client.get(path, headers=dispatcher).status_code == 404
    assert client.patch(path, json={"name": "新"}, headers=headers).status_code == 404
    leaving = {"ended_on": "2026-06-01", "reason": "left_work"}
    assert client.post(f"{path}/end", json=leaving, headers=headers).status_code == 404
    assert client.post(f"{path}/take-back", json={"on": "2026-06-01"}, headers=headers).status_code == 404


def test_what_an_auditor_sees(client: TestClient, sign_in_as: SignInAs, town: Town, session: Session) -> None:
    caregiver = given.caregiver(session, town, name="曾小红", base=(29.3, 120.1))
    session.commit()
    path, headers = f"{URL}/{caregiver.id}", sign_in_as(Role.AUDITOR) | {"If-Match": '"1"'}
    seen = client.get(path, headers=headers).json()
    assert (seen["name"], seen["phone"], seen["base"]) == ("曾**", "*******5678", None)
    assert seen["id_number"] == "*" * 14 + caregiver.id_number[-4:]
    listed = client.get(URL, headers=headers)
    assert listed.json()["items"] == [seen]
    assert client.post(f"{URL}/search", json={"q": "曾小红"}, headers=headers).json()["items"] == []
    assert client.post(f"{URL}/search", json={"q": "zxh"}, headers=headers).json()["items"] == []
    assert client.post(f"{URL}/search", json={"q": caregiver.number}, headers=headers).json()["items"] == [seen]
    assert client.get(path, params={"reveal": True}, headers=headers).status_code == 403
    assert client.patch(path, json={"name": "新"}, headers=headers).status_code == 403
    assert client.post(URL, json={}, headers=headers).status_code == 403


def test_an_id_number_is_shown_on_the_record(
    client: TestClient, dispatcher: dict[str, str], town: Town, session: Session
) -> None:
    caregiver = given.caregiver(session, town)
    session.commit()
    shown = client.get(f"{URL}/{caregiver.id}", params={"reveal": True}, headers=dispatcher)
    assert shown.json()["id_number"] == caregiver.id_number
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "caregiver.reveal")).one()
    assert (entry.entity_id, entry.town_id) == (caregiver.id, town.id)


def test_a_caregiver_keeps_to_her_own_pages(
    client: TestClient, sign_in_as: SignInAs, town: Town, session: Session
) -> None:
    caregiver = given.caregiver(session, town)
    session.commit()
    headers = sign_in_as(Role.CAREGIVER, caregiver_id=caregiver.id)
    assert client.get(URL, headers=headers).status_code == 403
    assert client.get(f"{URL}/{caregiver.id}", headers=headers).status_code == 403
    assert client.get(URL).status_code == 401


def test_the_database_holds_no_name(
    client: TestClient, dispatcher: dict[str, str], centre: Centre, session: Session
) -> None:
    _create(client, dispatcher, centre)
    row = session.execute(text("SELECT * FROM caregivers")).one()
    stored = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    for secret in ("曾小红", ID_NUMBER, "13900005678", "29.3"):
        assert secret.encode() not in stored


def test_filters_and_search(
    client: TestClient, dispatcher: dict[str, str], sign_in_as: SignInAs, town: Town, session: Session
) -> None:
    woman = given.caregiver(session, town, name="曾小红", skills=("care",))
    man = given.caregiver(
        session, town, name="单大明", gender="male", mode="foot", skills=(), hired_on=date(2026, 3, 1)
    )
    gone = given.caregiver(session, town, name="王秀英", skills=(), ended_on=date(2026, 3, 1), end_reason="left_work")
    far = given.caregiver(session, given.town(session), name="王大明")
    given.certificate(session, man, skill="nursing", issued_on=date(2026, 3, 10), expires_on=date(2026, 3, 20))
    session.commit()

    def found(headers: dict[str, str] = dispatcher, **parameters: Any) -> list[int]:
        q = parameters.pop("q", None)
        if q is None:
            answer = client.get(URL, params=parameters, headers=headers)
        else:
            answer = client.post(f"{URL}/search", params=parameters, json={"q": q}, headers=headers)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    everywhere = sign_in_as(Role.ADMINISTRATOR)
    assert found(everywhere) == [woman.id, man.id, gone.id, far.id]
    assert found(everywhere, town_id=far.town_id) == [far.id]
    assert found(everywhere, centre_id=far.centre_id) == [far.id]
    assert found(gender="male") == [man.id]
    assert found(mode="foot") == [man.id]
    assert found(active_on="2026-02-28") == [woman.id, gone.id]
    assert found(active_on="2026-03-01") == [woman.id, man.id]
    assert found(skill="care", skill_on="2026-01-01") == [woman.id]
    for day, there in (("09", False), ("10", True), ("20", True), ("21", False)):
        assert found(skill="nursing", skill_on=f"2026-03-{day}") == [man.id] * there
        assert found(skill="nursing", active_on=f"2026-03-{day}") == [man.id] * there
    assert found(q="zengxh") == [woman.id]
    assert found(q="Shan") == [man.id]
    assert found(q="大") == [man.id]
    assert found(q=gone.number) == [gone.id]
    assert found(q="大", gender="female") == []
    first = client.get(URL, params={"limit": 2}, headers=dispatcher).json()
    assert found(after=first["next_after"]) == [gone.id]


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": 0},
        {"after": 2**63},
        {"town_id": 0},
        {"gender": "x"},
        {"mode": "car"},
        {"skill": "magic"},
        {"active_on": "2026-02-30"},
    ],
)
def test_wrong_questions(client: TestClient, dispatcher: dict[str, str], parameters: dict[str, Any]) -> None:
    assert client.get(URL, params=parameters, headers=dispatcher).status_code == 422


@pytest.mark.parametrize("q", ["", " ", "x" * 101, "\0", 7, None])
def test_wrong_searches(client: TestClient, dispatcher: dict[str, str], q: Any) -> None:
    assert client.post(f"{URL}/search", json={"q": q}, headers=dispatcher).status_code == 422
