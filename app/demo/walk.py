"""Asks for this week's schedule as a dispatcher would: over HTTP, from sign-in to the CSV."""

import csv
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx

from app.core.weeks import Week

_POLL_SECONDS = 0.5


class DemoFailed(Exception):
    """The service refused a step, or the plan did not come to an end."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What the dispatcher got."""

    schedule: dict[str, Any]
    csv_path: Path
    csv_rows: int
    waited_seconds: float


class Dispatcher:
    """A signed-in dispatcher and her calls."""

    def __init__(self, address: str, username: str, password: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=60)
        tokens = self._call("POST", "/api/v1/auth/token", json={"username": username, "password": password}).json()
        self._http.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def published(self, week: str) -> dict[str, Any] | None:
        """Return the week's published schedule of the whole city, if there is one."""
        found = self._call("GET", "/api/v1/schedules", params={"week": week, "status": "published"}).json()["items"]
        whole = [item for item in found if item["all_towns"]]
        return self.schedule(whole[-1]["id"]) if whole else None

    def schedule(self, schedule_id: int) -> dict[str, Any]:
        """Return a schedule with its ETag under ``etag``."""
        answer = self._call("GET", f"/api/v1/schedules/{schedule_id}")
        return {**answer.json(), "etag": answer.headers["ETag"]}

    def plan(self, week: str, seconds: int, seed: int, show: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Ask for a week and wait for the draft."""
        # The whole week, whatever day it is: what is shown should not depend on it.
        how = {"week": week, "from_day": str(Week.parse(week).monday), "seconds": seconds, "seed": seed}
        asked = self._call("POST", "/api/v1/schedules", json=how).json()
        while True:
            progress = self._call("GET", f"/api/v1/schedules/{asked['id']}/progress").json()
            show(progress)
            if progress["status"] not in ("queued", "planning"):
                break
            time.sleep(_POLL_SECONDS)
        if progress["status"] != "draft":
            raise DemoFailed(f"the plan ended as {progress['status']}: {progress.get('error')}")
        return self.schedule(asked["id"])

    def publish(self, schedule: dict[str, Any]) -> dict[str, Any]:
        """Publish a draft."""
        self._call("POST", f"/api/v1/schedules/{schedule['id']}/publish", headers={"If-Match": schedule["etag"]})
        return self.schedule(schedule["id"])

    def write_csv(self, schedule_id: int, target: Path) -> int:
        """Save the week as CSV; return its rows without the header."""
        target.parent.mkdir(parents=True, exist_ok=True)
        content = self._call("GET", f"/api/v1/schedules/{schedule_id}.csv").content
        target.write_bytes(content)
        return sum(1 for _ in csv.reader(io.StringIO(content.decode("utf-8-sig")))) - 1

    def _call(self, method: str, path: str, **more: Any) -> httpx.Response:
        answer = self._http.request(method, path, **more)
        if answer.is_error:
            raise DemoFailed(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer


def wait_until_ready(address: str, seconds: float, alive: Callable[[], bool]) -> None:
    """Wait for the service to answer.

    Raises
    ------
    DemoFailed
        If it ends, or does not answer in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{address}/readyz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        if not alive():
            raise DemoFailed("the service ended at its start; its message is above")
        time.sleep(0.1)
    raise DemoFailed(f"the service did not answer within {seconds:.0f} s")


def walk(
    address: str,
    week: str,
    *,
    username: str,
    password: str,
    seconds: int,
    seed: int,
    csv_path: Path,
    show: Callable[[dict[str, Any]], None],
) -> Walk:
    """Ask for the week, publish it and save its CSV; a week that is published already is only read."""
    began = time.monotonic()
    dispatcher = Dispatcher(address, username, password)
    schedule = dispatcher.published(week)
    if schedule is None:
        schedule = dispatcher.publish(dispatcher.plan(week, seconds, seed, show))
    rows = dispatcher.write_csv(schedule["id"], csv_path)
    return Walk(schedule, csv_path, rows, time.monotonic() - began)
