"""Towns and villages over the API."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.centres.models import Town
from tests.app import given
from tests.app.conftest import SignInAs


@pytest.fixture
def towns(session: Session) -> list[Town]:
    """Two towns."""
    towns = [given.town(session), given.town(session)]
    session.commit()
    return towns


def test_towns_of_ones_own(client: TestClient, sign_in_as: SignInAs, towns: list[Town]) -> None:
    everywhere, at_home = sign_in_as(Role.AUDITOR), sign_in_as(Role.DISPATCHER, towns=[towns[0].id])
    listed = client.get("/api/v1/towns", headers=everywhere).json()
    assert [item["id"] for item in listed["items"]] == [town.id for town in towns]
    assert [item["id"] for item in client.get("/api/v1/towns", headers=at_home).json()["items"]] == [towns[0].id]
    assert client.get(f"/api/v1/towns/{towns[0].id}", headers=at_home).headers["etag"] == '"1"'
    assert client.get(f"/api/v1/towns/{towns[1].id}", headers=at_home).status_code == 404


def test_an_administrator_corrects_the_seat(
    client: TestClient, sign_in_as: SignInAs, towns: list[Town], session: Session
) -> None:
    path, body = f"/api/v1/towns/{towns[0].id}", {"latitude": 29.25, "longitude": 120.1}
    administrator = sign_in_as(Role.ADMINISTRATOR)
    dispatcher = sign_in_as(Role.DISPATCHER) | {"If-Match": '"1"'}
    assert client.patch(path, json=body, headers=dispatcher).status_code == 403
    assert client.patch(path, json=body, headers=administrator).status_code == 428
    assert client.patch(path, json=body, headers=administrator | {"If-Match": '"9"'}).status_code == 412
    changed = client.patch(path, json=body, headers=administrator | {"If-Match": '"1"'})
    assert (changed.json()["latitude"], changed.json()["coordinate_source"]) == (29.25, "corrected")
    assert changed.headers["etag"] == '"2"'
    entry = session.scalars(select(AuditEntry).where(AuditEntry.entity == "town")).one()
    assert (entry.town_id, entry.entity_id, entry.action) == (towns[0].id, towns[0].id, "town.change")


def test_villages_by_town_and_redevelopment(
    client: TestClient, sign_in_as: SignInAs, towns: list[Town], session: Session
) -> None:
    here, there = given.village(session, towns[0]), given.village(session, towns[1], under_redevelopment=True)
    session.commit()
    everywhere, at_home = sign_in_as(Role.ADMINISTRATOR), sign_in_as(Role.DISPATCHER, towns=[towns[0].id])

    def found(headers: dict[str, str], query: str = "") -> list[int]:
        return [item["id"] for item in client.get(f"/api/v1/villages{query}", headers=headers).json()["items"]]

    assert found(everywhere) == [here.id, there.id]
    assert found(everywhere, f"?town_id={towns[1].id}") == [there.id]
    assert found(everywhere, "?under_redevelopment=true") == [there.id]
    assert found(everywhere, "?under_redevelopment=false") == [here.id]
    assert found(at_home) == [here.id]
    assert client.get(f"/api/v1/villages?town_id={towns[1].id}", headers=at_home).status_code == 403
    assert client.get(f"/api/v1/villages/{there.id}", headers=at_home).status_code == 404
    assert client.get(f"/api/v1/villages/{here.id}", headers=at_home).json()["name"] == here.name


def test_redevelopment_is_the_administrators_to_say(
    client: TestClient, sign_in_as: SignInAs, towns: list[Town], session: Session
) -> None:
    village = given.village(session, towns[0])
    session.commit()
    path, body = f"/api/v1/villages/{village.id}", {"under_redevelopment": True}
    dispatcher, administrator = sign_in_as(Role.DISPATCHER), sign_in_as(Role.ADMINISTRATOR)
    assert client.patch(path, json=body, headers=dispatcher | {"If-Match": '"1"'}).status_code == 403
    assert client.patch(path, json=body, headers=administrator).status_code == 428
    assert client.patch(path, json={}, headers=administrator | {"If-Match": '"1"'}).status_code == 422
    changed = client.patch(path, json=body, headers=administrator | {"If-Match": '"1"'})
    assert changed.json()["under_redevelopment"] is True
    assert client.patch(path, json=body, headers=administrator | {"If-Match": '"1"'}).status_code == 412
    entry = session.scalars(select(AuditEntry).where(AuditEntry.entity == "village")).one()
    assert entry.changes == {"under_redevelopment": True}
