"""A scratch installation in a temporary folder: the demo city, its weeks planned, the service on 127.0.0.1."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

from sqlalchemy import select

import app.models  # noqa: F401  (mappers refer to each other's tables by name)
from app.accounts import signin
from app.accounts.models import User
from app.accounts.scope import Actor
from app.assignments.service import assign_centres
from app.core import clock
from app.core.crypto import open_vault
from app.core.db import Database
from app.core.migrate import upgrade
from app.core.settings import Settings
from app.core.weeks import Week
from app.demo.city import build_city
from app.demo.history import make_history
from app.demo.options import CityOptions, Staffing
from app.entitlements.ledger import policy_of
from app.schedules import publishing, repository, run, service, workbench
from app.schedules.schemas import ScheduleNew

WEEK = Week.parse("2026-W38")
"""The week that is planned, whenever a bench runs: a whole one in the middle of a month, without a holiday."""
EVENING = datetime.combine(WEEK.monday - timedelta(days=1), time_of_day(20), clock.ZONE)
"""When it is planned: the Sunday evening before."""

_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Installation:
    """Settings and an open database."""

    settings: Settings
    database: Database


@contextmanager
def empty_installation() -> Iterator[Installation]:
    """Migrate a SQLite file in a folder of its own; it is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="jiuling-bench-") as folder:
        settings = Settings(
            environment="embedded",
            data_dir=Path(folder),
            database_url=f"sqlite:///{folder}/jiuling.sqlite3",
            encryption_keys="",
            index_key="",
            token_key="",
            access_token_minutes=240,
            log_level="error",
        )
        open_vault(settings.keys)
        database = Database(settings.database)
        upgrade(database)
        try:
            yield Installation(settings, database)
        finally:
            database.engine.dispose()


def fill(here: Installation, *, elders: int, staffing: Staffing, seed: int) -> CityOptions:
    """Make the demo city with its month so far, as ``jiuling demo`` does."""
    options = CityOptions(as_of=WEEK.monday, elders=elders, staffing=staffing, seed=seed)
    with clock.fixed(EVENING), here.database.write() as session:
        build_city(session, options)
        session.flush()
        assign_centres(session, None, options.as_of)
        make_history(session, options)
    return options


def plan(here: Installation, *, seconds: int | None, iterations: int | None, seed: int) -> int:
    """Ask for the week and compute it in this process; return the draft's id."""
    workbench.set_up(here.database, here.settings)
    with clock.fixed(EVENING), here.database.write() as session:
        asked = ScheduleNew(week=str(WEEK), seconds=seconds, iterations=iterations, seed=seed)
        schedule_id = service.ask(session, Actor.operator(), asked, here.settings, clock.today()).id
        run_id = repository.run_of(session, schedule_id).id
    with clock.fixed(EVENING):
        done = run.read(run_id) and run.solve(run_id) and run.file(run_id)
    if not done:
        raise RuntimeError(f"schedule {schedule_id} was not planned")
    return schedule_id


def publish(here: Installation, schedule_id: int) -> None:
    """Publish a draft."""
    with clock.fixed(EVENING), here.database.write() as session:
        version = repository.get_schedule(session, schedule_id).version
        publishing.publish(session, Actor.operator(), schedule_id, version, policy_of(here.settings), "en")


def access_tokens(here: Installation, usernames: list[str]) -> list[str]:
    """Sign people in without their passwords: the load is on what is measured, not on argon2."""
    with here.database.write() as session:
        users = {user.username: user for user in session.scalars(select(User).where(User.username.in_(usernames)))}
        return [signin.open_sign_in(session, here.settings, users[name]).access_token for name in usernames]


@dataclass(frozen=True, slots=True)
class Service:
    """The running service."""

    port: int
    process_id: int


@contextmanager
def serving(here: Installation) -> Iterator[Service]:
    """Run ``jiuling serve --no-worker`` on a free port of 127.0.0.1."""
    port = _free_port()
    environment = {
        **os.environ,
        "JIULING_ENVIRONMENT": "embedded",
        "JIULING_DATA_DIR": str(here.settings.data_dir),
        "JIULING_DATABASE_URL": here.settings.database_url,
        "JIULING_ENCRYPTION_KEYS": "",
        "JIULING_INDEX_KEY": "",
        "JIULING_TOKEN_KEY": "",
        "JIULING_HOST": "127.0.0.1",
        "JIULING_PORT": str(port),
        "JIULING_LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--no-worker"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_until_ready(port, process)
        yield Service(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError("the service did not start")
