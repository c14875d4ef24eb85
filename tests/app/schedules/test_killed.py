"""SIGKILL of the worker and of the service in the middle of a plan, with real processes: finished once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from app.accounts.models import Role
from app.accounts.scope import Actor
from app.core import clock
from app.core.db import Database
from app.core.settings import Settings
from app.entitlements.models import Booking
from app.schedules import service
from app.schedules.models import PlanRun, ScheduledVisit, VisitCaregiver
from app.schedules.schemas import ScheduleNew
from tests.app.conftest import SignInAs
from tests.app.ports import kept_port
from tests.app.schedules.conftest import WEEK, SmallCity, build

PATIENCE_SECONDS = 600  # a fresh clone compiles the search first
SOLVE_SECONDS = 12

Processes = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(settings: Settings, tmp_path: Path) -> Iterator[Processes]:
    """Start processes of this installation; they are killed at the end."""
    environment = os.environ | {
        "JIULING_DATA_DIR": str(settings.data_dir),
        "JIULING_DATABASE_URL": settings.database,
        "JIULING_LOG_LEVEL": "info",
        "PYTHONPATH": str(Path.cwd()),
    }
    running: list[subprocess.Popen[bytes]] = []

    def run(*words: str) -> subprocess.Popen[bytes]:
        with (tmp_path / f"{words[0]}-{len(running)}.log").open("wb") as log:
            process = subprocess.Popen([sys.executable, "-m", *words], env=environment, stdout=log, stderr=log)
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.wait()


def eventually(condition: Callable[[], Any], what: str) -> Any:
    """Wait until a condition is true, and return it."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {PATIENCE_SECONDS} s")


class Service:
    """The service in a process of its own, and one dispatcher's calls."""

    def __init__(self, start: Processes, headers: dict[str, str]) -> None:
        self._start, self._headers = start, headers
        self.process, self._http = self._run()

    def _run(self) -> tuple[subprocess.Popen[bytes], httpx.Client]:
        port = kept_port()
        process = self._start("uvicorn", "app.main:create_app", "--factory", "--port", str(port))
        http = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=self._headers, timeout=60)
        eventually(lambda: answers(http), "the service's answer")
        return process, http

    def call(self, method: str, path: str, **more: Any) -> Any:
        answer = self._http.request(method, f"/api/v1/schedules{path}", **more)
        assert answer.status_code < 300, answer.text
        return answer

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._http.close()

    def restart(self) -> None:
        self.process, self._http = self._run()


def answers(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def town(session: Any) -> SmallCity:
    return build(session, towns=1, elders=60, caregivers=10)


@pytest.fixture
def api(start: Processes, sign_in_as: SignInAs, town: SmallCity) -> Iterator[Service]:
    found = Service(start, sign_in_as(Role.DISPATCHER))
    yield found
    found.kill()


def kept_plan(database: Database) -> bool:
    """Tell whether the worker has stored a plan to go on from."""
    with database.read() as session:
        run = session.scalars(select(PlanRun).options(undefer(PlanRun.best))).one()
        return run.best is not None and run.stage == "search"


def test_a_plan_survives_the_death_of_worker_and_service(
    api: Service, start: Processes, database: Database, town: SmallCity
) -> None:
    worker = start("app.worker")
    asked = api.call("POST", "", json={"week": str(WEEK), "seconds": SOLVE_SECONDS}).json()
    eventually(lambda: kept_plan(database), "a plan to go on from")

    worker.send_signal(signal.SIGKILL)
    worker.wait()
    api.kill()
    api.restart()
    start("app.worker")

    path = f"/{asked['id']}"
    eventually(lambda: api.call("GET", f"{path}/progress").json()["status"] == "draft", "the draft")
    answer = api.call("GET", path)
    draft = answer.json()
    assert draft["run"]["attempts"] == 2
    assert draft["figures"]["violations"] == 0
    assert draft["figures"]["placed_minutes"] == draft["figures"]["due_minutes"] > 0
    with database.read() as session:
        keys = session.scalars(select(ScheduledVisit.visit_key)).all()
        makers = session.scalar(select(func.count()).select_from(VisitCaregiver))
    assert len(keys) == len(set(keys)) == draft["figures"]["visits_due"] == makers

    api.call("POST", f"{path}/publish", headers={"If-Match": answer.headers["ETag"]})
    with database.read() as session:
        booked = session.scalars(select(Booking.visit_key)).all()
    assert sorted(booked) == sorted(keys)


def test_what_was_asked_for_but_never_enqueued_is_found_by_the_worker(
    api: Service, start: Processes, database: Database, settings: Settings
) -> None:
    # The service died between the commit of the row and its entry in the queue.
    with database.write() as session:
        asked = ScheduleNew(week=str(WEEK), iterations=200)
        schedule_id = service.ask(session, Actor.operator(), asked, settings, clock.today()).id
    start("app.worker")
    eventually(lambda: api.call("GET", f"/{schedule_id}/progress").json()["status"] == "draft", "the draft")


def test_events_tell_the_progress_while_it_is_computed(api: Service, start: Processes) -> None:
    asked = api.call("POST", "", json={"week": str(WEEK), "seconds": 4}).json()
    start("app.worker")
    stream = api.call("GET", f"/{asked['id']}/events", timeout=PATIENCE_SECONDS)
    kinds = [line.removeprefix("event: ") for line in stream.text.splitlines() if line.startswith("event: ")]
    assert kinds[-1] == "end"
    assert kinds.count("end") == 1
    assert kinds.count("progress") >= 2
    assert '"stage":"search"' in stream.text


def test_stopping_a_running_search_early_keeps_the_best(api: Service, start: Processes, database: Database) -> None:
    asked = api.call("POST", "", json={"week": str(WEEK), "seconds": 3600}).json()
    start("app.worker")
    eventually(lambda: api.call("GET", f"/{asked['id']}/progress").json()["stage"] == "search", "the search")
    api.call("POST", f"/{asked['id']}/cancel", params={"keep": "best"})
    eventually(lambda: api.call("GET", f"/{asked['id']}/progress").json()["status"] == "draft", "the draft")
