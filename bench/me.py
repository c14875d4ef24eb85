"""400 caregivers pull their week at once from the real service.

Each has a connection of her own and asks a few times, first without and then with the ETag she got. The
peer is the service's own ``/healthz`` under the same load: what HTTP alone costs.
"""

import argparse
import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.caregivers.models import Caregiver
from app.core.weeks import Week
from app.demo.options import FULL_ELDERS, Staffing
from bench.installation import WEEK, access_tokens, empty_installation, fill, plan, publish, serving
from bench.measure import milliseconds, peak_mb_of, ratio

_AT_MOST_SECONDS = 120.0  # for one load; what takes longer counts as an error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say how many ask, and how often."""
    parser.add_argument("--elders", type=int, default=FULL_ELDERS)
    parser.add_argument("--caregivers", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3, help="requests of each caregiver; all but the first with ETag")
    parser.add_argument("--iterations", type=int, default=2000)


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Publish a week, and let everybody ask for hers."""
    with empty_installation() as here:
        fill(here, elders=chosen.elders, staffing=Staffing.SLACK, seed=1)
        publish(here, plan(here, seconds=None, iterations=chosen.iterations, seed=1))
        with here.database.read() as session:
            numbers = session.scalars(select(Caregiver.number).order_by(Caregiver.id).limit(chosen.caregivers)).all()
        tokens = access_tokens(here, [number.lower() for number in numbers])
        with serving(here) as service:
            asyncio.run(load(service.port, "/healthz", [""] * 20, 2))  # let the threads start
            peer = asyncio.run(load(service.port, "/healthz", [""] * len(tokens), chosen.rounds))
            mine = asyncio.run(load(service.port, my_week(WEEK), tokens, chosen.rounds))
            peak_mb = peak_mb_of(service.process_id)
    return {
        "caregivers": len(tokens),
        "rounds": chosen.rounds,
        **mine.figures(),
        "service_peak_mb": peak_mb,
        "peer": {"what": "/healthz under the same load", **peer.figures()},
        "median_to_peer": ratio(mine.figures()["median_ms"], peer.figures()["median_ms"]),
    }


def my_week(week: Week) -> str:
    """Return the address of a caregiver's week."""
    return f"/api/v1/me/visits?from={week.monday}&to={week.days[-1]}"


@dataclass(slots=True)
class Load:
    """What came back."""

    seconds: float = 0.0
    first_round: list[float] = field(default_factory=list)
    later_rounds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)  # 0: no answer
    bytes_received: int = 0

    def figures(self) -> dict[str, Any]:
        """Return them for the report; without any answer the times are 0."""
        requests = sum(self.statuses.values())
        errors = sum(n for status, n in self.statuses.items() if status not in (200, 304))
        return {
            "requests": requests,
            "errors": errors,
            "not_modified_share": round(self.statuses.get(304, 0) / max(requests, 1), 4),
            "seconds": round(self.seconds, 3),
            "requests_per_second": round(requests / self.seconds, 1) if self.seconds else 0.0,
            **milliseconds([*self.first_round, *self.later_rounds] or [0.0]),
            "first_round": milliseconds(self.first_round or [0.0]),
            "later_rounds": milliseconds(self.later_rounds or [0.0]),
            "mb": round(self.bytes_received / 1e6, 3),
        }


async def load(port: int, path: str, tokens: list[str], rounds: int) -> Load:
    """Let everybody connect, and then ask at once."""
    found, start = Load(), asyncio.Event()
    everybody = [asyncio.create_task(_one(port, path, token, rounds, start, found)) for token in tokens]
    await asyncio.sleep(0.5)
    began = time.perf_counter()
    start.set()
    _, late = await asyncio.wait(everybody, timeout=_AT_MOST_SECONDS)
    found.seconds = time.perf_counter() - began
    for task in late:
        task.cancel()
        found.statuses[0] = found.statuses.get(0, 0) + 1
    return found


async def _one(port: int, path: str, token: str, rounds: int, start: asyncio.Event, found: Load) -> None:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await start.wait()
        etag = ""
        for n in range(rounds):
            began = time.perf_counter()
            writer.write(_request(path, token, etag))
            status, etag, size = await _answer(reader, etag)
            (found.later_rounds if n else found.first_round).append(time.perf_counter() - began)
            found.statuses[status] = found.statuses.get(status, 0) + 1
            found.bytes_received += size
        writer.close()
        await writer.wait_closed()
    except (OSError, asyncio.IncompleteReadError, ValueError):
        found.statuses[0] = found.statuses.get(0, 0) + 1


def _request(path: str, token: str, etag: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if etag:
        lines.append(f"If-None-Match: {etag}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _answer(reader: asyncio.StreamReader, etag: str) -> tuple[int, str, int]:
    """Read one answer; the services's have a length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    status, size = int(head[0].split()[1]), int(headers.get("content-length", "0"))
    await reader.readexactly(size)
    return status, headers.get("etag", etag), size
