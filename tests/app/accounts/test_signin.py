"""Signing in over the API."""

from fastapi.testclient import TestClient

from app.accounts.models import Role, User
from app.core.db import Database
from tests.app.conftest import PASSWORD, PASSWORD_HASH, SignInAs


def _user(database: Database, username: str = "anna") -> None:
    with database.write() as session:
        session.add(
            User(
                username=username, password_hash=PASSWORD_HASH, role=Role.DISPATCHER, display_name="安", all_towns=True
            )
        )


def test_sign_in_refresh_and_revoke(client: TestClient, database: Database) -> None:
    _user(database)
    tokens = client.post("/api/v1/auth/token", json={"username": "anna", "password": PASSWORD}).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert client.get("/api/v1/auth/me", headers=headers).json()["role"] == "dispatcher"
    again = client.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert again.status_code == 200
    used_up = client.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert used_up.status_code == 401
    assert client.post("/api/v1/auth/revoke", headers=headers).status_code == 204
    assert client.get("/api/v1/auth/me", headers=headers).status_code == 401


def test_ten_failures_close_the_door_for_the_right_password_too(client: TestClient, database: Database) -> None:
    _user(database)
    wrong = {"username": "anna", "password": "no"}
    assert [client.post("/api/v1/auth/token", json=wrong).status_code for _ in range(10)] == [401] * 10
    closed = client.post("/api/v1/auth/token", json={"username": "anna", "password": PASSWORD})
    assert closed.status_code == 429
    assert closed.headers["content-type"] == "application/problem+json"


def test_a_role_without_a_token_is_nobody(client: TestClient, sign_in_as: SignInAs) -> None:
    assert client.get("/api/v1/auth/me").status_code == 401
    forged = {"Authorization": sign_in_as(Role.AUDITOR)["Authorization"] + "x"}
    assert client.get("/api/v1/auth/me", headers=forged).status_code == 401
