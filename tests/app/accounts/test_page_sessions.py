"""Signed-in browsers: the cookie reads, and changes only together with the page's address and token."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.accounts.models import PageSession, Role, User
from app.accounts.pages import COOKIE
from app.core import clock
from app.core.db import Database
from tests.app.conftest import PASSWORD, SignInAs

SESSION = "/api/v1/auth/session"
HERE = {"Origin": "http://testserver"}


@pytest.fixture
def dispatcher(sign_in_as: SignInAs, database: Database) -> str:
    """The username of a dispatcher of the city."""
    sign_in_as(Role.DISPATCHER)
    with database.read() as session:
        return session.query(User).one().username


def signed_in(client: TestClient, username: str) -> dict[str, Any]:
    answer = client.post(SESSION, json={"username": username, "password": PASSWORD}, headers=HERE)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ask_for_a_week(client: TestClient, headers: dict[str, str]) -> int:
    return client.post("/api/v1/schedules", json={"week": "1999-W01"}, headers=headers).status_code


def test_no_script_can_read_the_cookie_and_only_its_hash_is_kept(
    client: TestClient, dispatcher: str, database: Database
) -> None:
    answer = client.post(SESSION, json={"username": dispatcher, "password": PASSWORD}, headers=HERE)
    header = answer.headers["set-cookie"].lower()
    assert "httponly" in header
    assert "samesite=lax" in header
    assert answer.json()["role"] == "dispatcher"
    with database.read() as session:
        stored = session.query(PageSession).one()
    assert stored.cookie_hash != client.cookies[COOKIE]
    assert client.get("/api/v1/auth/me").json()["role"] == "dispatcher"


def test_a_wrong_password_opens_nothing(client: TestClient, dispatcher: str, database: Database) -> None:
    answer = client.post(SESSION, json={"username": dispatcher, "password": "wrong"}, headers=HERE)
    assert answer.status_code == 401
    assert COOKIE not in client.cookies
    with database.read() as session:
        assert session.query(PageSession).count() == 0


@pytest.mark.parametrize("origin", [{}, {"Origin": "http://elsewhere.example"}, {"Origin": "null"}])
def test_another_site_signs_nobody_in(client: TestClient, dispatcher: str, origin: dict[str, str]) -> None:
    answer = client.post(SESSION, json={"username": dispatcher, "password": PASSWORD}, headers=origin)
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("not-from-the-page")


def test_a_change_needs_address_and_token(client: TestClient, dispatcher: str) -> None:
    token = {"X-Jiuling-Token": signed_in(client, dispatcher)["token"]}
    assert ask_for_a_week(client, HERE | token) == 422  # let in: the week is what is wrong
    assert ask_for_a_week(client, HERE) == 403
    assert ask_for_a_week(client, token) == 403
    assert ask_for_a_week(client, token | {"Origin": "http://elsewhere.example"}) == 403
    assert ask_for_a_week(client, HERE | {"X-Jiuling-Token": "0" * 64}) == 403


def test_the_token_of_another_session_is_refused(client: TestClient, dispatcher: str) -> None:
    before = signed_in(client, dispatcher)["token"]
    client.cookies.clear()
    after = signed_in(client, dispatcher)["token"]
    assert ask_for_a_week(client, HERE | {"X-Jiuling-Token": before}) == 403
    assert ask_for_a_week(client, HERE | {"X-Jiuling-Token": after}) == 422


def test_signing_out_ends_the_session_for_good(client: TestClient, dispatcher: str) -> None:
    token = {"X-Jiuling-Token": signed_in(client, dispatcher)["token"]}
    cookie = client.cookies[COOKIE]
    assert client.post("/api/v1/auth/revoke", headers=HERE | token).status_code == 204
    assert COOKIE not in client.cookies
    client.cookies.set(COOKIE, cookie)  # somebody has kept it
    assert client.get("/api/v1/auth/me").status_code == 401


def test_a_session_ends_after_a_working_day(client: TestClient, dispatcher: str) -> None:
    signed_in(client, dispatcher)
    now = clock.now()
    cookie = client.cookies[COOKIE]
    for hours, status in ((11.9, 200), (12.1, 401)):
        with clock.fixed(now + timedelta(hours=hours)):
            assert client.get("/api/v1/auth/me", headers={"Cookie": f"{COOKIE}={cookie}"}).status_code == status


def test_an_unknown_cookie_is_nobody(client: TestClient) -> None:
    client.cookies.set(COOKIE, "made-up")
    assert client.get("/api/v1/auth/me").status_code == 401
    assert ask_for_a_week(client, HERE) == 401
