"""Days away from home over the API."""

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


def set_up(session: Session, sign_in_as: SignInAs) -> tuple[Elder, dict[str, str], str]:
    town = given.town(session)
    elder = given.elder(session, town)
    session.commit()
    return elder, sign_in_as(Role.DISPATCHER, [town.id]), f"/api/v1/elders/{elder.id}/stays"


def stay(first: str, end: str | None, kind: str = "hospital") -> dict[str, Any]:
    return {"kind": kind, "from_on": first, "to_on": end}


def test_two_stays_may_touch_but_not_overlap(
    client: TestClient, session: Session, database: Database, sign_in_as: SignInAs
) -> None:
    _, headers, url = set_up(session, sign_in_as)
    made = client.post(url, json=stay("2026-03-10", "2026-03-20") | {"note": "骨折"}, headers=headers)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    for first, end, status in [
        ("2026-03-19", "2026-03-25", 409),
        ("2026-03-01", "2026-03-11", 409),
        ("2026-03-12", "2026-03-13", 409),
        ("2026-03-01", None, 409),
        ("2026-03-20", "2026-03-20", 422),
        ("2026-03-01", "2026-03-10", 201),
        ("2026-03-20", None, 201),
        ("2026-05-01", "2026-05-02", 409),
    ]:
        assert client.post(url, json=stay(first, end), headers=headers).status_code == status, (first, end)
    listed = client.get(url, headers=headers).json()
    assert [item["from_on"] for item in listed] == ["2026-03-01", "2026-03-10", "2026-03-20"]
    with database.read() as reading:
        entries = reading.scalars(select(AuditEntry).where(AuditEntry.action == "stay.create")).all()
    assert len(entries) == 3
    assert "骨折" not in str([entry.changes for entry in entries])


def test_change_and_end(client: TestClient, session: Session, sign_in_as: SignInAs) -> None:
    _, headers, url = set_up(session, sign_in_as)
    one = client.post(url, json=stay("2026-03-10", None), headers=headers).json()
    assert client.post(f"{url}/{one['id']}/end", json={"to_on": "2026-03-12"}, headers=headers).status_code == 428
    early = client.post(f"{url}/{one['id']}/end", json={"to_on": "2026-03-10"}, headers=headers | FIRST)
    assert early.status_code == 422
    ended = client.post(f"{url}/{one['id']}/end", json={"to_on": "2026-03-11"}, headers=headers | FIRST)
    assert (ended.status_code, ended.json()["to_on"], ended.headers["etag"]) == (200, "2026-03-11", '"2"')
    stale = client.patch(f"{url}/{one['id']}", json={"note": "x"}, headers=headers | FIRST)
    assert stale.status_code == 412
    two = client.post(url, json=stay("2026-04-01", "2026-04-02"), headers=headers).json()
    moved = client.patch(f"{url}/{two['id']}", json={"from_on": "2026-03-10"}, headers=headers | FIRST)
    assert moved.status_code == 409
    assert client.patch(f"{url}/{two['id']}", json={"kind": None}, headers=headers | FIRST).status_code == 422
    assert client.patch(f"{url}/{two['id']}", json={"kind": "institution"}, headers=headers | FIRST).status_code == 200


def test_an_institution_for_good_takes_her_off_the_roster(
    client: TestClient, session: Session, database: Database, sign_in_as: SignInAs
) -> None:
    elder, headers, url = set_up(session, sign_in_as)
    respite = client.post(url, json=stay("2026-03-01", "2026-03-08", "institution"), headers=headers)
    assert respite.status_code == 201
    shown = client.get(f"/api/v1/elders/{elder.id}", headers=headers).json()
    assert shown["ended_on"] is None
    assert client.post(url, json=stay("2026-04-01", None, "institution"), headers=headers).status_code == 201
    shown = client.get(f"/api/v1/elders/{elder.id}", headers=headers).json()
    assert (shown["ended_on"], shown["end_reason"]) == ("2026-04-01", "moved_to_institution")
    with database.read() as reading:
        entry = reading.scalars(select(AuditEntry).where(AuditEntry.action == "elder.end")).one()
        assert entry.changes == {"ended_on": "2026-04-01", "end_reason": "moved_to_institution"}
    assert client.post(url, json=stay("2026-05-01", None), headers=headers).status_code == 409
    back = client.post(
        f"/api/v1/elders/{elder.id}/take-back", json={"on": "2026-06-01"}, headers=headers | {"If-Match": '"2"'}
    )
    assert back.json()["ended_on"] is None
    assert client.get(url, headers=headers).json()[-1]["to_on"] == "2026-06-01"


def test_of_another_town_or_another_elder(client: TestClient, session: Session, sign_in_as: SignInAs) -> None:
    elder, headers, url = set_up(session, sign_in_as)
    elsewhere = given.town(session)
    theirs = given.stay(session, given.elder(session, elsewhere), note="秘密")
    mine = given.stay(session, elder, note="秘密", from_on=date(2026, 2, 2))
    session.commit()
    other = sign_in_as(Role.DISPATCHER, [elsewhere.id])
    assert client.get(url, headers=other).status_code == 404
    assert client.get(f"{url}/{mine.id}", headers=other).status_code == 404
    assert client.get(f"{url}/{theirs.id}", headers=headers).status_code == 404
    assert client.get(f"{url}/{mine.id}", headers=headers).headers["etag"] == '"1"'
    assert client.post(url, json=stay("2026-03-01", None), headers=other).status_code == 404
    assert client.patch(f"{url}/{theirs.id}", json={"note": "x"}, headers=headers | FIRST).status_code == 404
    assert client.patch(f"{url}/{mine.id}", json={"note": "x"}, headers=other | FIRST).status_code == 404
    auditor = sign_in_as(Role.AUDITOR)
    assert [item["note"] for item in client.get(url, headers=auditor).json()] == ["***"]
    assert client.post(url, json=stay("2026-03-01", None), headers=auditor).status_code == 403
