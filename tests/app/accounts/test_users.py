"""Accounts over the API: what role, towns and caregiver must agree on, and who stays in charge."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.audit.models import AuditEntry
from app.caregivers.models import Caregiver
from app.centres.models import Town
from tests.app import given
from tests.app.conftest import SignInAs

URL = "/api/v1/users"
PASSWORD = "nine long lives"


@pytest.fixture
def town(session: Session) -> Town:
    """A town."""
    town = given.town(session)
    session.commit()
    return town


@pytest.fixture
def caregiver(session: Session, town: Town) -> Caregiver:
    """A caregiver without an account."""
    caregiver = given.caregiver(session, town)
    session.commit()
    return caregiver


@pytest.fixture
def administrator(sign_in_as: SignInAs) -> dict[str, str]:
    """The headers of an administrator."""
    return sign_in_as(Role.ADMINISTRATOR)


def _body(**fields: Any) -> dict[str, Any]:
    return {
        "username": "anna",
        "password": PASSWORD,
        "role": "dispatcher",
        "display_name": "安娜",
        "all_towns": True,
    } | fields


def _create(client: TestClient, headers: dict[str, str], **fields: Any) -> dict[str, Any]:
    answer = client.post(URL, json=_body(**fields), headers=headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _sign_in(client: TestClient, username: str = "anna", password: str = PASSWORD) -> dict[str, str] | None:
    answer = client.post("/api/v1/auth/token", json={"username": username, "password": password})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"} if answer.status_code == 200 else None


def _id_of(client: TestClient, headers: dict[str, str]) -> int:
    return int(client.get("/api/v1/auth/me", headers=headers).json()["user_id"])


def test_create_list_read_and_sign_in(
    client: TestClient, administrator: dict[str, str], town: Town, session: Session
) -> None:
    made = _create(client, administrator, username="Anna.Chen", all_towns=False, town_ids=[town.id])
    assert made["username"] == "anna.chen"
    assert made["town_ids"] == [town.id]
    assert "password" not in str(made)
    read = client.get(f"{URL}/{made['id']}", headers=administrator)
    assert (read.json(), read.headers["etag"]) == (made, '"1"')
    assert client.get(URL, params={"role": "dispatcher"}, headers=administrator).json()["items"] == [made]
    headers = _sign_in(client, "ANNA.CHEN")
    assert headers is not None
    assert client.get("/api/v1/auth/me", headers=headers).json()["town_ids"] == [town.id]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "user.create")).one()
    assert entry.entity_id == made["id"]
    assert PASSWORD not in str(entry.changes)
    assert "安娜" not in str(entry.changes)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"username": "ab"}, "body.username"),
        ({"username": "a" * 65}, "body.username"),
        ({"username": "an na"}, "body.username"),
        ({"password": "x" * 9}, "body.password"),
        ({"password": "x" * 201}, "body.password"),
        ({"username": "anna.chen.yiwu", "password": "Anna.Chen.Yiwu"}, "body.password"),
        ({"role": "boss"}, "body.role"),
        ({"display_name": ""}, "body.display_name"),
        ({"all_towns": False}, "body.town_ids"),
        ({"town_ids": [1]}, "body.town_ids"),
        ({"all_towns": False, "town_ids": [2**63 - 1]}, "body.town_ids"),
        ({"all_towns": False, "town_ids": list(range(1, 102))}, "body.town_ids"),
        ({"role": "administrator", "all_towns": False, "town_ids": [1]}, "body.all_towns"),
        ({"role": "auditor", "all_towns": False}, "body.town_ids"),
        ({"role": "caregiver", "all_towns": False}, "body.caregiver_id"),
        ({"role": "caregiver", "all_towns": True, "caregiver_id": 1}, "body.town_ids"),
        ({"role": "caregiver", "all_towns": False, "caregiver_id": 2**63 - 1}, "body.caregiver_id"),
        ({"caregiver_id": 1}, "body.caregiver_id"),
    ],
)
def test_what_does_not_agree_is_named_and_nothing_stored(
    client: TestClient, administrator: dict[str, str], session: Session, fields: dict[str, Any], field: str
) -> None:
    before = session.scalar(select(func.count()).select_from(User))
    session.rollback()
    answer = client.post(URL, json=_body(**fields), headers=administrator)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert fields.get("password", PASSWORD) not in answer.text
    assert session.scalar(select(func.count()).select_from(User)) == before


@pytest.mark.parametrize("password", ["x" * 10, "x" * 200])
def test_passwords_of_ten_to_two_hundred(client: TestClient, administrator: dict[str, str], password: str) -> None:
    _create(client, administrator, password=password)
    assert _sign_in(client, password=password)


def test_an_auditor_may_have_towns(client: TestClient, administrator: dict[str, str], town: Town) -> None:
    assert _create(client, administrator, role="auditor", all_towns=False, town_ids=[town.id])["town_ids"] == [town.id]


def test_a_username_is_given_once_and_a_caregiver_has_one_account(
    client: TestClient, administrator: dict[str, str], caregiver: Caregiver
) -> None:
    fields = {"role": "caregiver", "all_towns": False, "caregiver_id": caregiver.id}
    made = _create(client, administrator, **fields)
    assert client.post(URL, json=_body(username="ANNA"), headers=administrator).status_code == 409
    assert client.post(URL, json=_body(username="bella") | fields, headers=administrator).status_code == 409
    listed = client.get(URL, params={"caregiver_id": caregiver.id}, headers=administrator).json()["items"]
    assert listed == [made]


def test_change_of_role_and_towns(
    client: TestClient, administrator: dict[str, str], town: Town, session: Session
) -> None:
    second = given.town(session)
    session.commit()
    made = _create(client, administrator, all_towns=False, town_ids=[town.id])
    path, version = f"{URL}/{made['id']}", {"If-Match": '"1"'}
    assert client.patch(path, json={"town_ids": []}, headers=administrator | version).status_code == 422
    assert client.patch(path, json={"role": None}, headers=administrator | version).status_code == 422
    assert client.patch(path, json={"town_ids": [second.id]}, headers=administrator).status_code == 428
    moved = client.patch(path, json={"town_ids": [second.id]}, headers=administrator | version)
    assert (moved.json()["town_ids"], moved.headers["etag"]) == ([second.id], '"2"')
    assert client.patch(path, json={"display_name": "新"}, headers=administrator | version).status_code == 412
    promoted = client.patch(
        path,
        json={"role": "administrator", "all_towns": True, "town_ids": []},
        headers=administrator | {"If-Match": '"2"'},
    )
    assert (promoted.json()["role"], promoted.json()["town_ids"]) == ("administrator", [])
    session.rollback()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "user.change").order_by(AuditEntry.id))
    assert [entry.changes for entry in entries] == [
        {"town_ids": [second.id]},
        {"role": "administrator", "all_towns": True, "town_ids": []},
    ]


def test_a_disabled_account_is_out_at_once_until_enabled(client: TestClient, administrator: dict[str, str]) -> None:
    made = _create(client, administrator)
    path, inside = f"{URL}/{made['id']}", _sign_in(client)
    assert inside is not None
    disabled = client.post(f"{path}/disable", headers=administrator | {"If-Match": '"1"'})
    assert disabled.json()["disabled_at"] is not None
    assert client.get("/api/v1/auth/me", headers=inside).status_code == 401
    assert _sign_in(client) is None
    assert client.get(URL, params={"disabled": True}, headers=administrator).json()["items"] == [disabled.json()]
    client.post(f"{path}/enable", headers=administrator | {"If-Match": '"2"'}).raise_for_status()
    assert client.get("/api/v1/auth/me", headers=inside).status_code == 401
    assert _sign_in(client) is not None


def test_a_reset_password_ends_all_sessions(client: TestClient, administrator: dict[str, str]) -> None:
    made = _create(client, administrator)
    path, inside = f"{URL}/{made['id']}/password", _sign_in(client)
    assert inside is not None
    headers = administrator | {"If-Match": '"1"'}
    assert client.post(path, json={"password": "anna"}, headers=headers).status_code == 422
    assert client.post(path, json={"password": "another long life"}, headers=administrator).status_code == 428
    assert client.post(path, json={"password": "another long life"}, headers=headers).status_code == 200
    assert client.get("/api/v1/auth/me", headers=inside).status_code == 401
    assert _sign_in(client) is None
    assert _sign_in(client, password="another long life") is not None


def test_ones_own_password(client: TestClient, administrator: dict[str, str], session: Session) -> None:
    _create(client, administrator)
    here, elsewhere = _sign_in(client), _sign_in(client)
    assert here is not None
    assert elsewhere is not None
    body = {"old_password": PASSWORD, "new_password": "another long life"}
    wrong = client.post("/api/v1/auth/password", json=body | {"old_password": "guess"}, headers=here)
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "body.old_password"
    short = client.post("/api/v1/auth/password", json=body | {"new_password": "x" * 9}, headers=here)
    assert short.status_code == 422
    assert client.post("/api/v1/auth/password", json=body).status_code == 401
    assert client.post("/api/v1/auth/password", json=body, headers=here).status_code == 204
    assert client.get("/api/v1/auth/me", headers=here).status_code == 200
    assert client.get("/api/v1/auth/me", headers=elsewhere).status_code == 401
    assert _sign_in(client) is None
    assert _sign_in(client, password="another long life") is not None
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("user.%password")))
    assert list(actions) == ["user.change-password"]


def test_guessing_ones_own_password_closes_the_door(client: TestClient, administrator: dict[str, str]) -> None:
    _create(client, administrator)
    here = _sign_in(client)
    guess = {"old_password": "guess", "new_password": "another long life"}
    statuses = [client.post("/api/v1/auth/password", json=guess, headers=here).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_nobody_disables_herself_and_somebody_stays_in_charge(
    client: TestClient, administrator: dict[str, str], sign_in_as: SignInAs
) -> None:
    own = f"{URL}/{_id_of(client, administrator)}"
    step_down = {"role": "auditor"}
    headers = administrator | {"If-Match": '"1"'}
    assert client.post(f"{own}/disable", headers=headers).status_code == 409
    assert client.patch(own, json=step_down, headers=headers).status_code == 409
    second = f"{URL}/{_id_of(client, sign_in_as(Role.ADMINISTRATOR))}"
    assert client.post(f"{second}/disable", headers=headers).status_code == 200
    assert client.patch(own, json=step_down, headers=headers).status_code == 409
    assert client.post(f"{second}/enable", headers=administrator | {"If-Match": '"2"'}).status_code == 200
    assert client.patch(own, json=step_down, headers=headers).status_code == 200
    assert client.get(URL, headers=administrator).status_code == 403


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.AUDITOR, Role.CAREGIVER])
def test_accounts_are_the_administrators(
    client: TestClient, sign_in_as: SignInAs, caregiver: Caregiver, role: Role
) -> None:
    headers = sign_in_as(role, caregiver_id=caregiver.id if role is Role.CAREGIVER else None) | {"If-Match": '"1"'}
    own = f"{URL}/{_id_of(client, headers)}"
    assert client.get(URL, headers=headers).status_code == 403
    assert client.post(URL, json=_body(), headers=headers).status_code == 403
    assert client.get(own, headers=headers).status_code == 403
    assert client.patch(own, json={"role": "administrator"}, headers=headers).status_code == 403
    for action in ("disable", "enable", "password"):
        assert client.post(f"{own}/{action}", json={"password": PASSWORD}, headers=headers).status_code == 403


@pytest.mark.parametrize("user_id", [999_999, 2**63 - 1])
def test_an_account_that_is_not_there(client: TestClient, administrator: dict[str, str], user_id: int) -> None:
    assert client.get(f"{URL}/{user_id}", headers=administrator).status_code == 404


@pytest.mark.parametrize("user_id", ["0", "-1", str(2**63), "x"])
def test_what_is_no_id(client: TestClient, administrator: dict[str, str], user_id: str) -> None:
    assert client.get(f"{URL}/{user_id}", headers=administrator).status_code == 422
