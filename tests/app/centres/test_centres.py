"""Centres over the API: the tree, the rules about it, who may do what."""

from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.centres.models import Centre, CentreKind, Town
from tests.app import given
from tests.app.conftest import SignInAs

URL = "/api/v1/centres"


@pytest.fixture
def town(session: Session) -> Town:
    """A town."""
    town = given.town(session)
    session.commit()
    return town


@pytest.fixture
def other_town(session: Session) -> Town:
    """Another one."""
    town = given.town(session)
    session.commit()
    return town


@pytest.fixture
def administrator(sign_in_as: SignInAs) -> dict[str, str]:
    """The headers of one who may do everything."""
    return sign_in_as(Role.ADMINISTRATOR)


def _body(town: Town, **fields: Any) -> dict[str, Any]:
    return {
        "number": "C1",
        "name": "江滨照料中心",
        "kind": "care",
        "town_id": town.id,
        "latitude": 29.3,
        "longitude": 120.07,
        "monthly_capacity_minutes": 24_000,
        "opened_on": "2026-01-01",
    } | fields


def _entries(session: Session) -> int:
    query = select(func.count()).select_from(AuditEntry).where(AuditEntry.entity == "centre")
    return session.scalar(query) or 0


def test_open_read_change_close(
    client: TestClient, administrator: dict[str, str], town: Town, session: Session
) -> None:
    opened = client.post(URL, json=_body(town), headers=administrator)
    assert opened.status_code == 201, opened.text
    path = f"{URL}/{opened.json()['id']}"
    read = client.get(path, headers=administrator)
    assert read.json() == opened.json()
    assert read.headers["etag"] == opened.headers["etag"] == '"1"'
    changed = client.patch(path, json={"name": "新名"}, headers=administrator | {"If-Match": '"1"'})
    assert changed.json() == opened.json() | {"name": "新名", "version": 2}
    closing = {"closed_on": "2026-06-01", "reason": "merged"}
    closed = client.post(f"{path}/close", json=closing, headers=administrator | {"If-Match": '"2"'})
    assert closed.json()["closed_on"] == "2026-06-01"
    assert closed.headers["etag"] == '"3"'
    entries = session.scalars(select(AuditEntry).where(AuditEntry.entity == "centre").order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.town_id) for entry in entries] == [
        ("centre.create", town.id),
        ("centre.change", town.id),
        ("centre.close", town.id),
    ]
    assert entries[2].changes == {"closed_on": "2026-06-01", "close_reason": "merged"}


def test_a_stale_change_is_refused_and_a_blind_one_too(
    client: TestClient, administrator: dict[str, str], town: Town, session: Session
) -> None:
    centre = given.centre(session, town)
    session.commit()
    path = f"{URL}/{centre.id}"
    assert client.patch(path, json={"name": "新"}, headers=administrator).status_code == 428
    stale = client.patch(path, json={"name": "新"}, headers=administrator | {"If-Match": '"2"'})
    assert stale.status_code == 412
    assert stale.json()["current_version"] == 1
    assert client.get(path, headers=administrator).json()["name"] == centre.name
    assert _entries(session) == 0


def test_the_tree_is_one_fourteen_n_in_whatever_order_it_grows(
    client: TestClient, administrator: dict[str, str], town: Town, other_town: Town
) -> None:
    def open_one(number: str, kind: str, where: Town) -> int:
        answer = client.post(URL, json=_body(where, number=number, kind=kind), headers=administrator)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def above(centre_id: int) -> int | None:
        found: int | None = client.get(f"{URL}/{centre_id}", headers=administrator).json()["parent_id"]
        return found

    early_care = open_one("C1", "care", town)
    demonstration = open_one("D1", "demonstration", town)
    other_demonstration = open_one("D2", "demonstration", other_town)
    late_care = open_one("C2", "care", town)
    other_care = open_one("C3", "care", other_town)
    guidance = open_one("G", "guidance", town)
    assert above(early_care) == above(late_care) == demonstration
    assert above(other_care) == other_demonstration
    assert above(demonstration) == above(other_demonstration) == guidance
    assert above(guidance) is None


@pytest.mark.parametrize("kind", ["guidance", "demonstration"])
def test_a_second_one_only_after_the_first_has_closed(
    client: TestClient, administrator: dict[str, str], town: Town, kind: str
) -> None:
    first = client.post(URL, json=_body(town, kind=kind), headers=administrator).json()
    second = _body(town, kind=kind, number="N2", opened_on="2026-06-01")
    assert client.post(URL, json=second, headers=administrator).status_code == 409
    for closed_on, status in (("2026-06-02", 409), ("2026-06-01", 201)):
        version = client.get(f"{URL}/{first['id']}", headers=administrator).headers["etag"]
        client.post(
            f"{URL}/{first['id']}/close",
            json={"closed_on": closed_on, "reason": "moved"},
            headers=administrator | {"If-Match": version},
        ).raise_for_status()
        assert client.post(URL, json=second, headers=administrator).status_code == status
    later = client.post(
        f"{URL}/{first['id']}/close",
        json={"closed_on": "2026-06-02", "reason": "moved"},
        headers=administrator | {"If-Match": '"3"'},
    )
    assert later.status_code == 409


def test_two_demonstration_centres_of_two_towns(
    client: TestClient, administrator: dict[str, str], town: Town, other_town: Town
) -> None:
    for number, where in (("D1", town), ("D2", other_town)):
        body = _body(where, number=number, kind="demonstration")
        assert client.post(URL, json=body, headers=administrator).status_code == 201


@pytest.mark.parametrize(("closed_on", "status"), [("2019-12-31", 422), ("2020-01-01", 200)])
def test_it_closes_on_the_day_it_opened_at_the_earliest(
    client: TestClient, administrator: dict[str, str], town: Town, session: Session, closed_on: str, status: int
) -> None:
    centre = given.centre(session, town, opened_on=date(2020, 1, 1))
    session.commit()
    body = {"closed_on": closed_on, "reason": "other"}
    headers = administrator | {"If-Match": '"1"'}
    assert client.post(f"{URL}/{centre.id}/close", json=body, headers=headers).status_code == status


@pytest.mark.parametrize(("opened_on", "status"), [("2020-06-02", 422), ("2020-06-01", 200)])
def test_it_opens_on_the_day_it_closes_at_the_latest(
    client: TestClient, administrator: dict[str, str], town: Town, session: Session, opened_on: str, status: int
) -> None:
    centre = given.centre(session, town, opened_on=date(2020, 1, 1), closed_on=date(2020, 6, 1))
    session.commit()
    headers = administrator | {"If-Match": '"1"'}
    answer = client.patch(f"{URL}/{centre.id}", json={"opened_on": opened_on}, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"number": "no spaces"}, "body.number"),
        ({"number": "x" * 21}, "body.number"),
        ({"name": ""}, "body.name"),
        ({"name": "a\0b"}, "body.name"),
        ({"kind": "home"}, "body.kind"),
        ({"town_id": 0}, "body.town_id"),
        ({"town_id": 2**63}, "body.town_id"),
        ({"town_id": 2**63 - 1}, "body.town_id"),
        ({"village_id": 2**63 - 1}, "body.village_id"),
        ({"latitude": 90.1}, "body.latitude"),
        ({"longitude": -180.1}, "body.longitude"),
        ({"datum": "bd09"}, "body.datum"),
        ({"monthly_capacity_minutes": -1}, "body.monthly_capacity_minutes"),
        ({"monthly_capacity_minutes": 10_000_001}, "body.monthly_capacity_minutes"),
        ({"opened_on": "2200-01-01"}, "body.opened_on"),
        ({"parent_id": 1}, "body.parent_id"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_stored(
    client: TestClient,
    administrator: dict[str, str],
    town: Town,
    session: Session,
    fields: dict[str, Any],
    field: str,
) -> None:
    answer = client.post(URL, json=_body(town, **fields), headers=administrator)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert session.scalar(select(func.count()).select_from(Centre)) == 0
    assert _entries(session) == 0


@pytest.mark.parametrize("name", ["name", "number", "monthly_capacity_minutes", "opened_on", "latitude", "longitude"])
def test_what_a_centre_must_have_is_not_taken_away(
    client: TestClient, administrator: dict[str, str], town: Town, session: Session, name: str
) -> None:
    centre = given.centre(session, town)
    session.commit()
    headers = administrator | {"If-Match": '"1"'}
    answer = client.patch(f"{URL}/{centre.id}", json={name: None}, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == f"body.{name}"


def test_a_number_is_given_once(client: TestClient, administrator: dict[str, str], town: Town) -> None:
    client.post(URL, json=_body(town), headers=administrator).raise_for_status()
    again = client.post(URL, json=_body(town), headers=administrator)
    assert again.status_code == 409
    assert "body.number" in again.json()["detail"]
    other = client.post(URL, json=_body(town, number="C2"), headers=administrator).json()
    headers = administrator | {"If-Match": '"1"'}
    assert client.patch(f"{URL}/{other['id']}", json={"number": "C1"}, headers=headers).status_code == 409
    assert client.patch(f"{URL}/{other['id']}", json={"number": "C2"}, headers=headers).status_code == 200


def test_a_village_of_its_own_town(
    client: TestClient, administrator: dict[str, str], town: Town, other_town: Town, session: Session
) -> None:
    own, foreign = given.village(session, town), given.village(session, other_town)
    session.commit()
    assert client.post(URL, json=_body(town, village_id=foreign.id), headers=administrator).status_code == 422
    centre = client.post(URL, json=_body(town, village_id=own.id), headers=administrator).json()
    headers = administrator | {"If-Match": '"1"'}
    path = f"{URL}/{centre['id']}"
    assert client.patch(path, json={"village_id": foreign.id}, headers=headers).status_code == 422
    assert client.patch(path, json={"village_id": None}, headers=headers).json()["village_id"] is None


def test_map_coordinates_are_stored_as_gps_ones(client: TestClient, administrator: dict[str, str], town: Town) -> None:
    from_map = client.post(
        URL, json=_body(town, latitude=29.3055, longitude=120.075, datum="gcj02"), headers=administrator
    ).json()
    assert 0.001 < abs(from_map["latitude"] - 29.3055) + abs(from_map["longitude"] - 120.075) < 0.01
    headers = administrator | {"If-Match": '"1"'}
    path = f"{URL}/{from_map['id']}"
    assert client.patch(path, json={"latitude": 29.3}, headers=headers).status_code == 422
    same = client.patch(path, json={"latitude": 29.3055, "longitude": 120.075, "datum": "gcj02"}, headers=headers)
    assert same.json()["latitude"] == pytest.approx(from_map["latitude"])
    moved = client.patch(path, json={"latitude": 29.3, "longitude": 120.0}, headers=headers | {"If-Match": '"1"'})
    assert (moved.json()["latitude"], moved.json()["longitude"]) == (29.3, 120.0)


def test_a_dispatcher_works_on_her_towns_only(
    client: TestClient, sign_in_as: SignInAs, town: Town, other_town: Town, session: Session
) -> None:
    own, foreign = given.centre(session, town), given.centre(session, other_town)
    session.commit()
    headers = sign_in_as(Role.DISPATCHER, towns=[town.id]) | {"If-Match": '"1"'}
    assert [item["id"] for item in client.get(URL, headers=headers).json()["items"]] == [own.id]
    assert client.get(URL, params={"town_id": other_town.id}, headers=headers).status_code == 403
    assert client.get(f"{URL}/{foreign.id}", headers=headers).status_code == 404
    assert client.patch(f"{URL}/{foreign.id}", json={"name": "新"}, headers=headers).status_code == 404
    closing = {"closed_on": "2026-01-01", "reason": "other"}
    assert client.post(f"{URL}/{foreign.id}/close", json=closing, headers=headers).status_code == 404
    assert client.post(URL, json=_body(other_town), headers=headers).status_code == 403
    assert client.post(URL, json=_body(town, kind="guidance"), headers=headers).status_code == 403
    assert client.post(URL, json=_body(town), headers=headers).status_code == 201
    assert client.patch(f"{URL}/{own.id}", json={"name": "新"}, headers=headers).status_code == 200


def test_the_guidance_centre_is_not_one_towns_to_change(
    client: TestClient, sign_in_as: SignInAs, town: Town, session: Session
) -> None:
    guidance = given.centre(session, town, kind=CentreKind.GUIDANCE)
    session.commit()
    headers = sign_in_as(Role.DISPATCHER, towns=[town.id]) | {"If-Match": '"1"'}
    assert client.patch(f"{URL}/{guidance.id}", json={"name": "新"}, headers=headers).status_code == 403
    closing = {"closed_on": "2026-01-01", "reason": "other"}
    assert client.post(f"{URL}/{guidance.id}/close", json=closing, headers=headers).status_code == 403


@pytest.mark.parametrize(("role", "reads"), [(Role.AUDITOR, 200), (Role.CAREGIVER, 403)])
def test_who_may_not_change(
    client: TestClient, sign_in_as: SignInAs, town: Town, session: Session, role: Role, reads: int
) -> None:
    centre = given.centre(session, town)
    caregiver = given.caregiver(session, town)
    session.commit()
    headers = sign_in_as(role, caregiver_id=caregiver.id if role is Role.CAREGIVER else None) | {"If-Match": '"1"'}
    assert client.get(URL, headers=headers).status_code == reads
    assert client.get(f"{URL}/{centre.id}", headers=headers).status_code == reads
    assert client.post(URL, json=_body(town), headers=headers).status_code == 403
    assert client.patch(f"{URL}/{centre.id}", json={"name": "新"}, headers=headers).status_code == 403
    assert client.get(URL).status_code == 401


def test_filters_and_search(
    client: TestClient, administrator: dict[str, str], town: Town, other_town: Town, session: Session
) -> None:
    old = given.centre(session, town, name="江滨中心", opened_on=date(2020, 1, 1), closed_on=date(2026, 3, 1))
    new = given.centre(session, town, name="稠江中心", opened_on=date(2026, 3, 1))
    far = given.centre(session, other_town, name="佛堂中心", kind=CentreKind.DEMONSTRATION)
    session.commit()

    def found(**parameters: Any) -> list[int]:
        answer = client.get(URL, params=parameters, headers=administrator)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert found() == [old.id, new.id, far.id]
    assert found(town_id=town.id) == [old.id, new.id]
    assert found(kind="demonstration") == [far.id]
    assert found(open_on="2026-02-28") == [old.id, far.id]
    assert found(open_on="2026-03-01") == [new.id, far.id]
    assert found(q="江") == [old.id, new.id]
    assert found(q="jiangb") == [old.id]
    assert found(q="FT") == [far.id]
    assert found(q=new.number.lower()) == [new.id]
    first = client.get(URL, params={"limit": 2}, headers=administrator).json()
    assert [item["id"] for item in first["items"]] == [old.id, new.id]
    assert found(limit=2, after=first["next_after"]) == [far.id]


@pytest.mark.parametrize(
    "parameters",
    [{"limit": 0}, {"limit": 501}, {"after": -1}, {"after": 2**63}, {"q": "x" * 101}, {"q": "\0"}, {"open_on": "0"}],
)
def test_wrong_questions(client: TestClient, administrator: dict[str, str], parameters: dict[str, Any]) -> None:
    assert client.get(URL, params=parameters, headers=administrator).status_code == 422
