"""Usual and blocked pairs over the API."""

from datetime import date

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.core.db import Database
from tests.app import given
from tests.app.conftest import SignInAs

FIRST = {"If-Match": '"1"'}


def test_put_change_and_delete(client: TestClient, session: Session, database: Database, sign_in_as: SignInAs) -> None:
    town = given.town(session)
    elder, caregiver = given.elder(session, town), given.caregiver(session, town)
    session.commit()
    headers = sign_in_as(Role.DISPATCHER, [town.id])
    url = f"/api/v1/elders/{elder.id}/pairs/{caregiver.id}"
    assert client.get(url, headers=headers).status_code == 404
    made = client.put(url, json={"kind": "usual", "weight": 0.5}, headers=headers)
    assert (made.status_code, made.headers["etag"], made.json()["weight"]) == (201, '"1"', 0.5)
    blocked = {"kind": "blocked", "reason": "家属要求"}
    assert client.put(url, json=blocked, headers=headers).status_code == 428
    changed = client.put(url, json=blocked, headers=headers | FIRST)
    assert (changed.status_code, changed.json()["weight"], changed.json()["reason"]) == (200, None, "家属要求")
    assert client.put(url, json=blocked, headers=headers | FIRST).status_code == 412
    auditor = sign_in_as(Role.AUDITOR)
    assert client.get(url, headers=auditor).json()["reason"] == "***"
    assert client.put(url, json=blocked, headers=auditor | {"If-Match": '"2"'}).status_code == 403
    assert client.delete(url, headers=headers).status_code == 428
    assert client.delete(url, headers=headers | {"If-Match": '"2"'}).status_code == 204
    assert client.get(url, headers=headers).status_code == 404
    with database.read() as reading:
        entries = reading.scalars(select(AuditEntry).where(AuditEntry.entity == "pair").order_by(AuditEntry.id)).all()
        assert [entry.action for entry in entries] == ["pair.create", "pair.change", "pair.delete"]
        assert "家属要求" not in str([entry.changes for entry in entries])


def test_limits(client: TestClient, session: Session, sign_in_as: SignInAs) -> None:
    town = given.town(session)
    elder, caregiver = given.elder(session, town), given.caregiver(session, town)
    gone = given.caregiver(session, town, ended_on=date(2026, 5, 1), end_reason="left_work")
    session.commit()
    headers = sign_in_as(Role.DISPATCHER, [town.id])
    url = f"/api/v1/elders/{elder.id}/pairs"
    for body in (
        {"kind": "usual", "weight": 0},
        {"kind": "usual", "weight": 1.01},
        {"kind": "blocked"},
        {"kind": "blocked", "reason": " "},
        {"kind": "blocked", "reason": "x", "weight": 0.5},
        {"kind": "friends"},
    ):
        assert client.put(f"{url}/{caregiver.id}", json=body, headers=headers).status_code == 422, body
    assert client.put(f"{url}/{gone.id}", json={"kind": "usual"}, headers=headers).status_code == 409
    blocked = {"kind": "blocked", "reason": "x"}
    assert client.put(f"{url}/{gone.id}", json=blocked, headers=headers).status_code == 201
    assert client.put(f"{url}/{caregiver.id}", json={"kind": "usual", "weight": 1}, headers=headers).status_code == 201
    assert client.put(f"{url}/999999", json={"kind": "usual"}, headers=headers).status_code == 404


def test_lists_are_of_ones_own_elders(client: TestClient, session: Session, sign_in_as: SignInAs) -> None:
    town, elsewhere = given.town(session), given.town(session)
    mine, theirs = given.elder(session, town), given.elder(session, elsewhere)
    caregiver, other = given.caregiver(session, town), given.caregiver(session, town)
    usual = given.pair(session, mine, caregiver)
    blocked = given.pair(session, mine, other, kind="blocked", reason="x")
    foreign = given.pair(session, theirs, caregiver)
    session.commit()

    def found(query: str, headers: dict[str, str]) -> list[int]:
        return [item["id"] for item in client.get(f"/api/v1/{query}", headers=headers).json()["items"]]

    headers = sign_in_as(Role.DISPATCHER, [town.id])
    assert found(f"pairs?caregiver_id={caregiver.id}", headers) == [usual.id]
    assert found("pairs?kind=blocked", headers) == [blocked.id]
    assert found(f"pairs?caregiver_id={caregiver.id}", sign_in_as(Role.ADMINISTRATOR)) == [usual.id, foreign.id]
    assert found(f"elders/{mine.id}/pairs", headers) == [usual.id, blocked.id]
    assert client.get(f"/api/v1/elders/{theirs.id}/pairs", headers=headers).status_code == 404
    url = f"/api/v1/elders/{theirs.id}/pairs/{caregiver.id}"
    assert client.put(url, json={"kind": "usual"}, headers=headers | FIRST).status_code == 404
    assert client.delete(url, headers=headers | FIRST).status_code == 404
