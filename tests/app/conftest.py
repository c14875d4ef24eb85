"""A migrated database and the real application for each test, on SQLite or PostgreSQL.

``JIULING_TEST_BACKEND`` says which (``sqlite``, the default, or ``postgresql``); the server for the
latter is ``JIULING_TEST_POSTGRES_URL``. Each test gets a copy of one migrated template.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session
from starlette.routing import BaseRoute

from app.accounts import signin
from app.accounts.models import Role, User, UserTown
from app.core.crypto import open_vault
from app.core.db import Database
from app.core.migrate import upgrade
from app.core.settings import Settings
from app.main import create_app
from tests.app import postgres

BACKEND = os.environ.get("JIULING_TEST_BACKEND", "sqlite")
PASSWORD = "correct horse battery staple"
PASSWORD_HASH = signin.hash_password(PASSWORD)
ROUTES: list[BaseRoute] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, on PostgreSQL, what knows no database: it ran with SQLite."""
    if BACKEND == "sqlite":
        return
    # The fixtures that every database of the tests begins with: the service's, and that of the jobs.
    pure = [item for item in items if {"template", "url"}.isdisjoint(getattr(item, "fixturenames", ()))]
    config.hook.pytest_deselected(items=pure)
    items[:] = [item for item in items if item not in set(pure)]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty migrated database, to be copied."""
    if BACKEND == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('template')}/template.sqlite3"
        database = Database(url)
        upgrade(database)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.engine.dispose()
        yield url
        return
    url = postgres.url_of(f"jl_template_{uuid.uuid4().hex[:12]}")
    postgres.make(url)
    database = Database(url)
    upgrade(database)
    database.engine.dispose()
    yield url
    postgres.remove_all()


@contextmanager
def copy_of(template: str, folder: Path) -> Iterator[str]:
    """Make a database of one's own from the template, and give its URL; a SQLite file goes into ``folder``."""
    if BACKEND == "sqlite":
        shutil.copy(template.removeprefix("sqlite:///"), folder / "jiuling.sqlite3")
        yield f"sqlite:///{folder}/jiuling.sqlite3"
        return
    url = postgres.take(template)
    yield url
    postgres.give_back(url)


@pytest.fixture
def database_url(template: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of this test's own."""
    with copy_of(template, tmp_path) as url:
        yield url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of an embedded installation in a folder of its own."""
    return Settings(data_dir=tmp_path, database_url=database_url, log_level="error", prove_seconds=2)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The test's database, with its keys."""
    open_vault(settings.keys)
    found = Database(settings.database)
    yield found
    found.engine.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session that commits at the end of the test; ``session.commit()`` earlier if others must see it."""
    with database.write() as found:
        yield found


def application(settings: Settings) -> FastAPI:
    """The real application; what FastAPI works out of the routers is shared, or it would take 0.2 s a test."""
    web = create_app(settings)
    ROUTES[:] = ROUTES or web.router.routes
    web.router.routes[:] = [
        first if hasattr(first, "original_router") else own
        for first, own in zip(ROUTES, web.router.routes, strict=True)
    ]
    return web


@pytest.fixture
def client(settings: Settings, database: Database) -> Iterator[TestClient]:
    """The real application, in this process; an unexpected error is a 500, as for its users."""
    with TestClient(application(settings), raise_server_exceptions=False) as found:
        yield found


SignInAs = Callable[..., dict[str, str]]


@pytest.fixture
def sign_in_as(database: Database, settings: Settings) -> SignInAs:
    """``sign_in_as(Role.DISPATCHER, towns=[1])`` → the headers of a new user of that role (no towns: all)."""

    def make(role: Role, towns: list[int] | None = None, caregiver_id: int | None = None) -> dict[str, str]:
        with database.write() as session:
            user = User(
                username=f"{role}-{uuid.uuid4().hex[:8]}",
                password_hash=PASSWORD_HASH,
                role=role,
                display_name="测试",
                all_towns=towns is None and role is not Role.CAREGIVER,
                caregiver_id=caregiver_id,
                towns=[UserTown(town_id=town) for town in towns or ()],
            )
            session.add(user)
            session.flush()
            tokens = signin.open_sign_in(session, settings, user)
        return {"Authorization": f"Bearer {tokens.access_token}"}

    return make
