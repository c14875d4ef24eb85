"""Another dispatcher, who works through the API while somebody has the board open."""

import time
from typing import Any

import httpx2 as httpx

from app.core.weeks import Week
from app.demo.accounts import DEMO_DISPATCHER, DEMO_PASSWORD
from tests.app.web.conftest import City


class Colleague:
    """Another dispatcher, who works through the API."""

    def __init__(self, city: City, username: str = DEMO_DISPATCHER) -> None:
        self.address = city.address
        self.token = ""
        known = {"username": username, "password": DEMO_PASSWORD}
        self.token = self.call("POST", "/api/v1/auth/token", json=known)["access_token"]

    def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> Any:
        sent = {**(headers or {}), **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        answer = httpx.request(method, self.address + path, headers=sent, timeout=60, **more)
        answer.raise_for_status()
        return answer.json()

    def ask(self, week: Week, **how: Any) -> int:
        """Ask for a week."""
        asked: int = self.call("POST", "/api/v1/schedules", json={"week": str(week), **how})["id"]
        return asked

    def draft(self, week: Week, **how: Any) -> int:
        """Ask for a week, and wait until the worker has planned it."""
        asked = self.ask(week, iterations=300, **how)
        until = time.monotonic() + 120
        while (found := self.call("GET", f"/api/v1/schedules/{asked}"))["status"] != "draft":
            assert time.monotonic() < until, found
            time.sleep(0.2)
        return asked

    def pin(self, schedule_id: int, visit_id: int) -> None:
        self._changed(schedule_id, "edits", json={"edits": [{"pin": {"visit_id": visit_id}}]})

    def publish(self, schedule_id: int) -> None:
        self._changed(schedule_id, "publish")

    def _changed(self, schedule_id: int, what: str, **more: Any) -> None:
        path = f"/api/v1/schedules/{schedule_id}"
        version = self.call("GET", path)["version"]
        self.call("POST", f"{path}/{what}", headers={"If-Match": f'"{version}"'}, **more)
