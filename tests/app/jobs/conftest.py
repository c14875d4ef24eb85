"""A jobs database of its own for each test, and processes that don't outlive it."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, make_url, text

from app import jobs
from app.jobs.client import SCHEMA
from tests.app.postgres import ADDRESS

BACKEND = os.environ.get("JIULING_TEST_BACKEND", "sqlite")
ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 60


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database; on PostgreSQL of a role that owns it and may create no other."""
    if BACKEND == "sqlite":
        yield f"sqlite:///{tmp_path}/jobs.sqlite3"
        return
    name = f"jl_jobs_{uuid.uuid4().hex[:12]}"
    admin = create_engine(ADDRESS, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD '{name}' NOCREATEDB"))
        connection.execute(text(f"CREATE DATABASE {name} OWNER {name}"))
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    yield make_url(ADDRESS).set(username=name, password=name, database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"DROP ROLE {name}"))
    admin.dispose()


@pytest.fixture
def client(url: str) -> Iterator[jobs.JobClient]:
    """The service's end, in the test's own process."""
    client = jobs.JobClient(url)
    yield client
    client.close()


class Stage:
    """The processes and the log of one rehearsal."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a process of ``rehearsal``."""
        with (self.folder / "output").open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.app.jobs.rehearsal", *arguments],
                cwd=ROOT,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def worker(self, executor_id: str, stale_seconds: float = 1.0) -> subprocess.Popen[bytes]:
        """Start a worker and wait until it works."""
        process = self.start("worker", self.url, executor_id, str(self.folder), str(stale_seconds))
        self.wait_for(f"swept {executor_id}")
        return process

    def freeze(self, process: subprocess.Popen[bytes]) -> None:
        """Stop a process where it holds no lock of the database: a frozen writer would hold up everybody else."""
        engine = create_engine(self.url, connect_args={"timeout": PATIENCE_SECONDS} if BACKEND == "sqlite" else {})
        with engine.connect() as connection:
            if BACKEND == "sqlite":
                connection.exec_driver_sql("BEGIN EXCLUSIVE")
            else:
                tables = ", ".join(f"{SCHEMA}.{name}" for name in inspect(connection).get_table_names(SCHEMA))
                connection.execute(text(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
            process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED)
            connection.rollback()
        engine.dispose()

    def open(self) -> None:
        """Let the held steps go on."""
        (self.folder / "open").touch()

    def log(self) -> list[str]:
        """What happened, in order, without the sweeps."""
        path = self.folder / "log"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in lines if not line.startswith("swept")]

    def wait_for(self, line: str) -> None:
        """Wait until a line is in the log."""
        path = self.folder / "log"
        self.wait_until(lambda: path.exists() and line in path.read_text().splitlines(), line)

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait, patiently, until something is so."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                output = (self.folder / "output").read_text()
                raise AssertionError(f"waited in vain for {what}\nlog: {self.log()}\noutput: {output}")
            time.sleep(0.05)

    def over(self, client: jobs.JobClient, job_id: str) -> jobs.Job:
        """Wait until a job is over and return it."""

        def is_over() -> bool:
            job = client.status(job_id)
            return job is not None and job.is_over

        self.wait_until(is_over, f"the end of {job_id}")
        job = client.status(job_id)
        assert job is not None
        return job


@pytest.fixture
def stage(url: str, tmp_path: Path) -> Iterator[Stage]:
    """A rehearsal; whatever still runs at its end is killed."""
    stage = Stage(url, tmp_path)
    yield stage
    for process in stage.running:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # and its children
        process.wait()
