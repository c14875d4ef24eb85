"""Grants over the API."""

from datetime import date
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.core.db import Database
from app.elders.models import Elder
from tests.app import given
from tests.app.conftest import SignInAs

FIRST = {"If-Match": '"1"'}


def set_up(session: Session, sign_in_as: SignInAs, **columns: Any) -> tuple[Elder, dict[str, str], str]:
    town = given.town(session)
    elder = given.elder(session, town, **columns)
    session.commit()
    return elder, sign_in_as(Role.DISPATCHER, [town.id]), f"/api/v1/elders/{elder.id}/grants"


def grant(first: str, end: str | None = None, minutes: int = 240, **fields: Any) -> dict[str, Any]:
    return {
        "valid_from": first,
        "valid_to": end,
        "monthly_minutes": minutes,
        "approved_by": "李主任",
        "approved_on": "2025-12-20",
        "reason": "中度失能",
    } | fields


def periods(client: TestClient, url: str, headers: dict[str, str]) -> list[tuple[str, str | None, int]]:
    listed = client.get(url, headers=headers).json()
    return [(item["valid_from"], item["valid_to"], item["monthly_minutes"]) for item in listed]


def test_a_new_grant_ends_the_one_before_in_mid_month(
    client: TestClient, session: Session, database: Database, sign_in_as: SignInAs
) -> None:
    _, headers, url = set_up(session, sign_in_as)
    first = client.post(url, json=grant("2026-01-01"), headers=headers)
    assert (first.status_code, first.json()["ended_grant_id"], first.headers["etag"]) == (201, None, '"1"')
    second = client.post(url, json=grant("2026-06-15", minutes=480), headers=headers)
    assert second.json()["ended_grant_id"] == first.json()["id"]
    assert periods(client, url, headers) == [("2026-01-01", "2026-06-15", 240), ("2026-06-15", None, 480)]
    assert client.get(f"{url}/{first.json()['id']}", headers=headers).headers["etag"] == '"2"'
    with database.read() as reading:
        entries = reading.scalars(select(AuditEntry).where(AuditEntry.entity == "grant").order_by(AuditEntry.id)).all()
        assert [entry.action for entry in entries] == ["grant.create", "grant.end", "grant.create"]
        assert "中度失能" not in str([entry.changes for entry in entries])
        assert entries[1].changes["valid_to"] == "2026-06-15"


def test_grants_never_share_a_day(client: TestClient, session: Session, sign_in_as: SignInAs) -> None:
    _, headers, url = set_up(session, sign_in_as)
    assert client.post(url, json=grant("2026-06-01", "2026-07-01"), headers=headers).status_code == 201
    for first, end, status in [
        ("2026-06-01", "2026-06-02", 409),
        ("2026-05-01", None, 409),
        ("2026-05-01", "2026-06-02", 409),
        ("2026-05-01", "2026-06-01", 201),
        ("2026-07-01", None, 201),
        ("2026-07-01", None, 409),
        ("2026-08-01", "2026-08-01", 422),
    ]:
        assert client.post(url, json=grant(first, end), headers=headers).status_code == status, (first, end)
    assert [item[:2] for item in periods(client, url, headers)] == [
        ("2026-05-01", "2026-06-01"),
        ("2026-06-01", "2026-07-01"),
        ("2026-07-01", None),
    ]


def test_end(client: TestClient, session: Session, sign_in_as: SignInAs) -> None:
    _, headers, url = set_up(session, sign_in_as)
    one = client.post(url, json=grant("2026-01-01", "2026-03-01"), headers=headers).json()["id"]
    client.post(url, json=grant("2026-04-01"), headers=headers)
    end = f"{url}/{one}/end"
    assert client.post(end, json={"valid_to": "2026-02-01"}, headers=headers).status_code == 428
    assert client.post(end, json={"valid_to": "2026-01-01"}, headers=headers | FIRST).status_code == 422
    assert client.post(end, json={"valid_to": "2026-04-02"}, headers=headers | FIRST).status_code == 409
    assert client.post(end, json={"valid_to": "2026-04-01"}, headers=headers | FIRST).status_code == 200
    assert client.post(end, json={"valid_to": "2026-01-02"}, headers=headers | FIRST).status_code == 412
    shorter = client.post(end, json={"valid_to": "2026-01-02"}, headers=headers | {"If-Match": '"2"'})
    assert shorter.json()["valid_to"] == "2026-01-02"


def test_refusals(client: TestClient, session: Session, sign_in_as: SignInAs) -> None:
    elder, headers, url = set_up(session, sign_in_as, ended_on=date(2026, 5, 1), end_reason="died")
    elsewhere = given.town(session)
    given.grant(session, elder, valid_from=date(2025, 1, 1), valid_to=date(2025, 2, 1))
    session.commit()
    for minutes in (0, 239, 241, 479, 481, -240, 2**63):
        answer = client.post(url, json=grant("2026-01-01", minutes=minutes), headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.monthly_minutes")
    for field in ("approved_by", "approved_on", "reason"):
        body = grant("2026-01-01")
        del body[field]
        assert client.post(url, json=body, headers=headers).status_code == 422
    assert client.post(url, json=grant("2026-05-01"), headers=headers).status_code == 409
    assert client.post(url, json=grant("2026-04-30"), headers=headers).status_code == 201
    other = sign_in_as(Role.DISPATCHER, [elsewhere.id])
    assert client.get(url, headers=other).status_code == 404
    assert client.post(url, json=grant("2026-01-01"), headers=other).status_code == 404
    auditor = sign_in_as(Role.AUDITOR)
    assert client.post(url, json=grant("2026-01-01"), headers=auditor).status_code == 403
    shown = client.get(url, headers=auditor).json()[-1]
    assert (shown["approved_by"], shown["reason"]) == ("李**", "***")
