"""A small town with work to plan, and the job run in this process."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.core import clock
from app.core.db import Database
from app.core.settings import Settings
from app.core.weeks import Week
from app.schedules import run, workbench
from app.schedules.models import PlanRun
from tests.app import given
from tests.app.conftest import SignInAs

WEEK = Week.of(clock.today()).next().next()
"""A week to come."""


@dataclass
class SmallCity:
    """Two towns, their elders and their caregivers, by id."""

    towns: list[int] = field(default_factory=list)
    elders: list[list[int]] = field(default_factory=list)
    caregivers: list[list[int]] = field(default_factory=list)


def build(session: Session, *, towns: int = 2, elders: int = 12, caregivers: int = 4) -> SmallCity:
    """Make towns side by side, where everybody can be served."""
    city = SmallCity()
    for t in range(towns):
        town = given.town(session, latitude=29.30 + 0.02 * t, longitude=120.07)
        here = [
            given.caregiver(session, town, base=(29.30 + 0.02 * t + 0.002 * n, 120.07)).id for n in range(caregivers)
        ]
        served = []
        for n in range(elders):
            elder = given.elder(session, town, home=(29.30 + 0.02 * t + 0.0013 * n, 120.072 + 0.001 * (n % 5)))
            given.care_plan(session, elder)
            given.grant(session, elder, monthly_minutes=480 if n % 3 == 0 else 240)
            served.append(elder.id)
        city.towns.append(town.id)
        city.elders.append(served)
        city.caregivers.append(here)
    session.commit()
    return city


@pytest.fixture
def city(session: Session) -> SmallCity:
    """Two towns of twelve elders and four caregivers each."""
    return build(session)


RunJob = Callable[[int], None]


@pytest.fixture
def run_job(database: Database, settings: Settings) -> RunJob:
    """Run the job of a schedule here and now: the function that the worker runs."""
    workbench.set_up(database, settings)

    def plan(schedule_id: int) -> None:
        with database.read() as session:
            run_id = session.scalars(select(PlanRun.id).where(PlanRun.schedule_id == schedule_id)).one()
        if run.read(run_id) and run.solve(run_id):
            run.file(run_id)

    return plan


class Api:
    """One person's calls."""

    def __init__(self, client: TestClient, headers: dict[str, str], run_job: RunJob) -> None:
        self._client, self._headers, self._run_job = client, headers, run_job

    def call(self, method: str, path: str, **more: Any) -> Any:
        """Return the answer to a request below ``/api/v1/schedules``."""
        headers = {**self._headers, **more.pop("headers", {})}
        return self._client.request(method, f"/api/v1/schedules{path}", headers=headers, **more)

    def ask(self, **body: Any) -> Any:
        """Ask for the week, which waits in the queue."""
        answer = self.call("POST", "", json={"week": str(WEEK), "iterations": 500, **body})
        assert answer.status_code == 202, answer.text
        return answer.json()

    def draft(self, **body: Any) -> Any:
        """Ask for the week and compute it."""
        return self.computed(self.ask(**body)["id"])

    def computed(self, schedule_id: int) -> Any:
        """Compute what was asked for, and return the draft with its ``etag``."""
        self._run_job(schedule_id)
        return self.read(schedule_id)

    def read(self, schedule_id: int) -> Any:
        """Return a schedule with its ``etag``."""
        answer = self.call("GET", f"/{schedule_id}")
        assert answer.status_code == 200, answer.text
        return {**answer.json(), "etag": answer.headers["ETag"]}

    def visits(self, schedule_id: int, **query: Any) -> Any:
        """Return the visits, at most 500."""
        answer = self.call("GET", f"/{schedule_id}/visits", params={"limit": 500, **query})
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    def publish(self, schedule: Any) -> Any:
        """Try to publish a schedule as it was read."""
        return self.call(
            "POST", f"/{schedule['id']}/publish", headers={"If-Match": schedule["etag"]}, params={"lang": "en"}
        )

    def published(self, **body: Any) -> Any:
        """Ask, compute and publish."""
        draft = self.draft(**body)
        answer = self.publish(draft)
        assert answer.status_code == 200, answer.text
        return self.read(draft["id"])


ApiAs = Callable[..., Api]


@pytest.fixture
def api_as(client: TestClient, sign_in_as: SignInAs, run_job: RunJob) -> ApiAs:
    """``api_as(Role.DISPATCHER, towns=[1])`` → her calls."""

    def make(role: Role = Role.DISPATCHER, towns: list[int] | None = None) -> Api:
        return Api(client, sign_in_as(role, towns), run_job)

    return make


@pytest.fixture
def dispatcher(api_as: ApiAs) -> Api:
    """A dispatcher of the whole city."""
    return api_as()
