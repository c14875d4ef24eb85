"""Seconds, peak memory, queries and quantiles; and on which machine."""

import multiprocessing
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

from sqlalchemy import Engine, event

P = ParamSpec("P")
R = TypeVar("R")

_PACKAGES = ("fastapi", "numba", "numpy", "ortools", "sqlalchemy", "uvicorn")


def machine() -> dict[str, Any]:
    """Say what the figures were measured on; ``load`` is the load average when the bench began."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in _PACKAGES},
        "commit": commit(),
    }


def commit() -> str:
    """Return the short name of the commit that is measured, with ``+`` if files differ from it."""
    try:
        name, changed = _git("rev-parse", "--short", "HEAD"), _git("status", "--porcelain", "-uno")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{name}+" if changed else name


def _git(*arguments: str) -> str:
    return subprocess.check_output(
        ["git", *arguments], cwd=Path(__file__).parent, text=True, stderr=subprocess.DEVNULL
    ).strip()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


@dataclass(slots=True)
class Timed:
    """Seconds of a block, set when it ends."""

    seconds: float = 0.0


@contextmanager
def timed() -> Iterator[Timed]:
    """Measure a block."""
    found, began = Timed(), time.perf_counter()
    try:
        yield found
    finally:
        found.seconds = time.perf_counter() - began


@dataclass(slots=True)
class Counted:
    """Statements that a block sent to the database."""

    queries: int = 0


@contextmanager
def counted(engine: Engine) -> Iterator[Counted]:
    """Count the statements of a block (BEGIN included; an ``executemany`` is one)."""
    found = Counted()

    def count(*_: Any) -> None:
        found.queries += 1

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", count)


@dataclass(frozen=True, slots=True)
class InItsOwnProcess(Generic[R]):
    """What a function returned, and the most memory that its process ever held."""

    value: R
    peak_mb: float


def in_its_own_process(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> InItsOwnProcess[R]:
    """Run a module's function in a fresh interpreter: its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        value = pool.submit(function, *args, **kwargs).result()
        return InItsOwnProcess(value, pool.submit(_own_peak_mb).result())


def _own_peak_mb() -> float:
    # Not getrusage: its ru_maxrss also counts what the parent held when it started this process.
    return peak_mb_of(os.getpid())


def peak_mb_of(process_id: int) -> float:
    """Return the most memory (RSS) that a running process has held so far."""
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(int(line.split()[1]) / 1024, 1)


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """Return median, 95th and 99th percentile and the most, in milliseconds."""
    ordered = sorted(seconds)
    cuts = statistics.quantiles(ordered, n=100, method="inclusive") if len(ordered) > 1 else ordered * 99
    found = {"median_ms": statistics.median(ordered), "p95_ms": cuts[94], "p99_ms": cuts[98], "max_ms": ordered[-1]}
    return {name: round(1000 * value, 2) for name, value in found.items()}


def ratio(ours: float, peer: float) -> float | None:
    """Return ours / peer; None if the peer took no measurable time."""
    return round(ours / peer, 3) if peer else None
