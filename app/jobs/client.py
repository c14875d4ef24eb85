"""What the service does with jobs: enqueue, cancel, read; and the tables that it needs for that."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, WorkflowStatus
from sqlalchemy import Connection, create_engine, text

from app.jobs.registration import QUEUE, Json, names

APPLICATION = "jiuling"
SCHEMA = "dbos"  # on PostgreSQL; a SQLite file has none

# Silence what the engine says about itself; it also stops it from adding a handler of its own.
logging.getLogger("dbos").setLevel(logging.WARNING)
logging.getLogger("dbos").addHandler(logging.NullHandler())


class UnknownWorkflow(LookupError):
    """No workflow of this name is registered in this process."""


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


STATES = {
    "DELAYED": JobState.QUEUED,
    "ENQUEUED": JobState.QUEUED,
    "PENDING": JobState.RUNNING,
    "SUCCESS": JobState.DONE,
    "ERROR": JobState.FAILED,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": JobState.FAILED,
    "CANCELLED": JobState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands; ``worker`` is the process that took it last, ``attempts`` how many have."""

    job_id: str
    workflow: str
    state: JobState
    worker: str | None
    attempts: int
    result: Any
    error: str | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in (JobState.QUEUED, JobState.RUNNING)


def prepare(url: str) -> None:
    """Create or upgrade the tables of the jobs; nothing happens if they are there.

    On PostgreSQL they live in the schema ``dbos`` of the database named by the URL, which the role must
    be allowed to create once. On SQLite use a file of its own: the engine's writes would hold up the
    application's.
    """
    with _connect(url) as connection:
        if url.startswith("sqlite"):
            connection.execute(text("PRAGMA journal_mode=WAL"))
    DBOS.migrate(url, schema=SCHEMA)
    with _connect(url) as connection:
        if connection.dialect.name == "postgresql":
            # Two processes that create the same table at once fail, even with IF NOT EXISTS.
            connection.execute(text("SELECT pg_advisory_xact_lock(90)"))
        connection.execute(
            text(f"CREATE TABLE IF NOT EXISTS {workers_table(url)} (id TEXT PRIMARY KEY, beats BIGINT NOT NULL)")
        )


def workers_table(url: str) -> str:
    """Return the name of the table of heartbeats: a row for each worker that lives, or died without a word."""
    return "jiuling_workers" if url.startswith("sqlite") else f"{SCHEMA}.jiuling_workers"


@contextmanager
def _connect(url: str) -> Iterator[Connection]:
    engine = create_engine(url, connect_args={"timeout": 30} if url.startswith("sqlite") else {})
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


class JobClient:
    """A process's connection to the jobs; safe to share among threads.

    Raises
    ------
    sqlalchemy.exc.OperationalError
        If the database isn't there; also from every method.
    """

    def __init__(self, url: str) -> None:
        prepare(url)
        self._engine = DBOSClient(
            system_database_url=url,
            dbos_system_schema=SCHEMA,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            retry_connection_errors=False,
        )

    def enqueue(self, job_id: str, workflow_name: str, argument: Json) -> None:
        """Put a job in the queue; a job id that is known already changes nothing.

        Once this returns the job is on disk. Commit the row that the job will read first; a crash
        between the two is mended by the worker's sweep.

        Raises
        ------
        UnknownWorkflow
            If no workflow of this name is registered in this process.
        """
        if workflow_name not in names:
            raise UnknownWorkflow(workflow_name)
        self._engine.enqueue(
            {"workflow_name": workflow_name, "queue_name": QUEUE, "workflow_id": job_id},
            argument,
        )

    def cancel(self, job_id: str) -> None:
        """Cancel a job and its parts; nothing happens if it is over or unknown.

        A queued job never starts. A running one starts no further step, and the step that runs now
        is told by `stopped`.
        """
        self._engine.cancel_workflow(job_id, cancel_children=True)

    def status(self, job_id: str) -> Job | None:
        """Return how a job stands, or None if it was never enqueued."""
        found = self._engine.list_workflows(workflow_ids=[job_id], load_input=False)
        return _job(found[0]) if found else None

    def running(self) -> list[Job]:
        """Return the jobs and parts that some worker has taken and not finished."""
        found = self._engine.list_workflows(status="PENDING", load_input=False, load_output=False)
        return [_job(status) for status in found]

    def close(self) -> None:
        """Close the connections."""
        self._engine.destroy()


def _job(status: WorkflowStatus) -> Job:
    return Job(
        job_id=status.workflow_id,
        workflow=status.name,
        state=STATES[status.status],
        worker=status.executor_id,
        attempts=status.recovery_attempts or 0,
        result=status.output,
        error=None if status.error is None else str(status.error),
    )
