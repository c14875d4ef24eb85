"""Nothing personal where it doesn't belong: logs, errors, files, tokens, problems, and what auditors are shown."""

import json
import logging
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import jwt
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, select

from app.core.db import Base, Database
from app.schedules.models import PlanRun
from tests.app.conftest import BACKEND, PASSWORD, application
from tests.app.permissions import ROUTES, Line
from tests.app.test_permissions import call
from tests.app.two_towns import PERSONAL, TwoTowns, two_towns


@pytest.fixture(scope="module")
def towns(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoTowns]:
    """One database for all tests here; none of them changes a person."""
    with two_towns(template, tmp_path_factory.mktemp("privacy"), log_level="debug") as made:
        yield made


@pytest.fixture(scope="module")
def secrets(towns: TwoTowns) -> tuple[str, ...]:
    """Every personal value of the fixtures."""
    return (*PERSONAL, *towns.own.identities, *towns.other.identities)


def found(text: str, secrets: tuple[str, ...]) -> list[str]:
    """Return what leaked into a text, in clear or as JSON writes it in ASCII."""
    return [each for each in secrets if each in text or json.dumps(each)[1:-1] in text]


def test_the_fixtures_are_seen_by_a_dispatcher(towns: TwoTowns, secrets: tuple[str, ...]) -> None:
    """Else the other tests here would prove nothing."""
    seen = ""
    for line in READ:
        seen += _text(call(towns, line, "dispatcher of the town"))
    assert set(found(seen, secrets)) >= set(secrets) - {*towns.other.identities}


READ = [
    line
    for line in ROUTES
    if line.route.endswith("/search") or (line.route.startswith("GET /api/v1") and "openapi" not in line.route)
]


def _text(answer: Any) -> str:
    if answer.headers.get("content-type", "").endswith("sheet"):
        with ZipFile(BytesIO(answer.content)) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return str(answer.text)


@pytest.mark.parametrize("line", READ, ids=str)
@pytest.mark.parametrize("person", ["auditor of the city", "auditor of the other town"])
def test_an_auditor_is_shown_nothing_personal(
    towns: TwoTowns, secrets: tuple[str, ...], line: Line, person: str
) -> None:
    assert found(_text(call(towns, line, person)), secrets) == []


@pytest.mark.parametrize("person", ["auditor of the city", "auditor of the other town"])
def test_an_auditor_is_shown_no_coordinates_of_a_home(towns: TwoTowns, person: str) -> None:
    for path in ("elders", "caregivers"):
        answer = towns.client.get(f"/api/v1/{path}", headers=towns.headers(person)).json()
        assert answer["items"]
        for item in answer["items"]:
            assert item.get("latitude") is None
            assert item.get("base") is None


def test_nothing_personal_is_logged(
    towns: TwoTowns, secrets: tuple[str, ...], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Not at level debug, with every statement told, whatever is asked for and whatever is refused."""
    with caplog.at_level(logging.DEBUG):
        caplog.set_level(logging.INFO, "sqlalchemy.engine")  # every statement; its values stay hidden
        for line in ROUTES:
            call(towns, line, "dispatcher of the city")
        _misspell(towns)
    output = capfd.readouterr()
    logged = caplog.text + "".join(record.getMessage() for record in caplog.records) + output.out + output.err
    assert "INSERT INTO elders" in logged
    assert found(logged, secrets) == []
    assert PASSWORD not in logged


def _misspell(towns: TwoTowns) -> None:
    """Send personal values where they are refused."""
    headers = towns.headers("dispatcher of the city")
    for value in PERSONAL:
        body = {"name": value, "phone": value, "address": value, "surname": value}
        towns.client.post("/api/v1/elders", json=body, headers=headers)
        towns.client.post("/api/v1/elders", content=value.encode(), headers=headers)
        towns.client.post("/api/v1/elders/search", json={"q": value, "name": value}, headers=headers)


def test_an_unexpected_error_tells_nothing(
    towns: TwoTowns, secrets: tuple[str, ...], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A broken part raises with a name in its message; neither the answer nor the log repeats it."""

    def broken(_: Engine, *__: Any) -> None:
        raise RuntimeError(f"{PERSONAL[0]} {PERSONAL[1]}")

    app = application(towns.settings)
    with caplog.at_level(logging.DEBUG), TestClient(app, raise_server_exceptions=False) as client:
        event.listen(app.state.database.engine, "before_cursor_execute", broken)
        answer = client.get("/api/v1/elders", headers=towns.headers("administrator"))
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    output = capfd.readouterr()
    assert "RuntimeError" in output.err + caplog.text
    assert found(answer.text + output.out + output.err + caplog.text, secrets) == []


@pytest.mark.skipif(BACKEND != "sqlite", reason="looks into the file")
def test_the_database_file_holds_nothing_personal_in_clear(towns: TwoTowns, secrets: tuple[str, ...]) -> None:
    files = [path for path in towns.settings.data_dir.iterdir() if "sqlite3" in path.name]
    assert files
    for path in files:
        content = path.read_bytes()
        assert content
        for secret in secrets:
            assert secret.encode() not in content, (path.name, secret)
            assert secret.encode("utf-16-le") not in content
            assert json.dumps(secret)[1:-1].encode() not in content


def test_no_column_holds_anything_personal_in_clear(towns: TwoTowns, secrets: tuple[str, ...]) -> None:
    """The same on any database: every value as the driver gives it, past the decrypting types."""
    raw = Database(towns.settings.database)
    with raw.engine.connect() as connection:
        for table in Base.metadata.tables:
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}"):
                stored = " ".join(bytes(each).decode("latin-1") if _is_binary(each) else str(each) for each in row)
                assert found(stored, secrets) == [], table
    raw.engine.dispose()


def _is_binary(value: object) -> bool:
    return isinstance(value, bytes | memoryview)


def test_a_token_carries_a_session_and_nothing_else(towns: TwoTowns) -> None:
    token = towns.tokens("dispatcher of the city").access_token
    assert set(jwt.decode(token, options={"verify_signature": False})) == {"sid", "exp"}


def test_a_stored_problem_knows_ids_only(towns: TwoTowns, secrets: tuple[str, ...]) -> None:
    with towns.database.read() as session:
        problems = [each for each in session.scalars(select(PlanRun.problem)) if each is not None]
    assert len(problems) >= 3
    for problem in problems:
        text = zlib.decompress(problem).decode()
        assert str(towns.own.elder_id) in text or str(towns.other.elder_id) in text
        assert found(text, secrets) == []
        assert "29.3" not in text  # nor where anybody lives: metres from some point, not coordinates


def test_the_audit_log_tells_no_personal_values(towns: TwoTowns, secrets: tuple[str, ...], tmp_path: Path) -> None:
    headers = towns.headers("administrator")
    path = f"/api/v1/elders/{towns.own.left_elder_id}"
    version = towns.client.get(path, headers=headers).headers["etag"]
    change = {"name": PERSONAL[0], "phone": PERSONAL[1], "address": PERSONAL[3], "disability_grade": "severe"}
    answer = towns.client.patch(path, json=change, headers=headers | {"If-Match": version})
    assert answer.status_code == 200
    entries = towns.client.get("/api/v1/audit", params={"limit": 500}, headers=headers)
    assert "elder.change" in entries.text
    assert found(entries.text, secrets) == []
