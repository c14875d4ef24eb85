"""The worker process: runs jobs, shows that it lives, and takes over from workers that don't."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from dbos import DBOS, DBOSPortableJSONSerializer, error
from sqlalchemy import Engine, create_engine, text

from app.jobs.client import APPLICATION, SCHEMA, JobClient, JobState, workers_table
from app.jobs.registration import PARTS, QUEUE

# Workers only take jobs of their own version. It is pinned, since by default the engine makes it from
# the source code: any edit would strand the jobs in flight. Raise it when a workflow's steps change.
VERSION = "1"
QUEUE_POLL_SECONDS = 0.25
STOP_POLL_SECONDS = 0.5
MOST_ASKED = 100

log = logging.getLogger(__name__)


class GiveUp(error.DBOSWorkflowCancelledError):
    """Raised by a step that found itself `stopped`: nothing is recorded, whoever owns the job goes on."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"job {job_id} was cancelled or taken over")


class Liveness:
    """Which workers are lost, judged by how long their count of heartbeats has stood still.

    The time is the observer's own, so that clocks which differ, and machines which slept, do no harm.
    """

    def __init__(self, stale_seconds: float) -> None:
        self.stale_seconds = stale_seconds
        self._changed: dict[str, tuple[int, float]] = {}

    def lost(self, beats: Mapping[str, int], at: float) -> set[str]:
        """Return the workers whose beats stand still since ``stale_seconds`` or more before ``at``."""
        before = self._changed
        self._changed = {
            worker: before[worker] if worker in before and before[worker][0] == count else (count, at)
            for worker, count in beats.items()
        }
        return {worker for worker, (_, since) in self._changed.items() if at - since >= self.stale_seconds}


class Worker:
    """One worker process among those that share a jobs database."""

    def __init__(self, url: str, executor_id: str, stale_seconds: float, leaving: threading.Event) -> None:
        self.id = executor_id
        self.client = JobClient(url)
        self.leaving = leaving
        self._left = threading.Event()
        self._liveness = Liveness(stale_seconds)
        self._beat_seconds = stale_seconds / 5
        self._table = workers_table(url)
        self._connections: Engine = create_engine(
            url, connect_args={"timeout": 30} if url.startswith("sqlite") else {}, pool_pre_ping=True
        )
        self._asked: dict[str, tuple[float, JobState | None, str | None]] = {}
        self.beat()
        self._heart = threading.Thread(target=self._repeat, args=(self.beat,), name="heartbeat", daemon=True)
        self._heart.start()

    def beat(self) -> None:
        """Show that this worker lives."""
        upsert = (
            f"INSERT INTO {self._table} (id, beats) VALUES (:id, 1) "
            f"ON CONFLICT (id) DO UPDATE SET beats = {self._table}.beats + 1"
        )
        with self._connections.begin() as connection:
            connection.execute(text(upsert), {"id": self.id})

    def take_over(self) -> None:
        """Put the unfinished jobs of lost workers back in the queue, each by one worker only."""
        # First the jobs, then the beats: a worker that starts in between has a beat before its first job.
        owners = {job.worker for job in self.client.running() if job.worker} - {self.id}
        with self._connections.connect() as connection:
            beats = {row.id: row.beats for row in connection.execute(text(f"SELECT id, beats FROM {self._table}"))}
        lost = (self._liveness.lost(beats, time.monotonic()) | (owners - beats.keys())) - {self.id}
        if not lost:
            return
        log.warning("taking over from lost workers: %s", ", ".join(sorted(lost)))
        # The engine's own recovery is one UPDATE … WHERE executor_id = lost, so of several workers that
        # try, one succeeds. The public resume_workflows would restart what another already restarted.
        DBOS._recover_pending_workflows(sorted(lost))
        for worker in lost & beats.keys():
            self._forget(worker, beats[worker])

    def start_taking_over(self, sweep: Callable[[], None] | None) -> None:
        """Take over from lost workers, and sweep, again and again from now on."""
        for task in (self.take_over, sweep):
            if task is not None:
                threading.Thread(target=self._repeat, args=(task,), name="take-over", daemon=True).start()

    def ownership(self, job_id: str) -> tuple[JobState | None, str | None]:
        """Return a job's state and who has it, at most half a second old."""
        at = time.monotonic()
        known = self._asked.get(job_id)
        if known is None or at - known[0] >= STOP_POLL_SECONDS:
            known = (at, *self._read_ownership(job_id))
            if len(self._asked) > MOST_ASKED:
                self._asked.clear()
            self._asked[job_id] = known
        return known[1], known[2]

    def _read_ownership(self, job_id: str) -> tuple[JobState | None, str | None]:
        try:
            job = self.client.status(job_id)
        except Exception:
            # The database is away: go on. If the job is lost, the engine refuses the step's result.
            log.exception("the state of job %s can't be read", job_id)
            return JobState.RUNNING, self.id
        return (job.state, job.worker) if job else (None, None)

    def leave(self) -> None:
        """Stop the heartbeat at once: what is unfinished is free for the others."""
        self._left.set()
        self._heart.join(timeout=10)
        with suppress(Exception):  # if the database is gone the heartbeat is stale soon enough
            self._forget(self.id, None)
        self._connections.dispose()
        self.client.close()

    def _forget(self, worker: str, beats: int | None) -> None:
        # A worker that was only slow, and has beaten again, keeps its row.
        delete = f"DELETE FROM {self._table} WHERE id = :id AND beats = COALESCE(:beats, beats)"
        with self._connections.begin() as connection:
            connection.execute(text(delete), {"id": worker, "beats": beats})

    def _repeat(self, task: Callable[[], None]) -> None:
        while not self._left.wait(self._beat_seconds):
            try:
                task()
            except Exception:
                # The database may be away for a while; a thread that dies would be a worker that looks lost.
                if not self._left.is_set():
                    log.exception("the worker's %s failed; it will be tried again", threading.current_thread().name)


_here: Worker | None = None


def cancelled(job_id: str) -> bool:
    """Return whether somebody cancelled the job; cheap enough to be asked all the time.

    The answer is at most half a second old. Outside a worker it is always False.
    """
    return _here is not None and _here.ownership(job_id)[0] == JobState.CANCELLED


def stopped(job_id: str) -> bool:
    """Return whether the running step should give up and write nothing more: then raise `GiveUp`.

    The job was cancelled, another worker took it over, or this worker is told to leave. A part of a job
    asks with its own id (`current_job_id`): its job may be another worker's.
    """
    return _here is not None and (_here.leaving.is_set() or _here.ownership(job_id) != (JobState.RUNNING, _here.id))


def run_worker(
    url: str,
    *,
    executor_id: str,
    concurrency: int = 1,
    stale_seconds: float = 10.0,
    grace_seconds: int = 5,
    sweep: Callable[[], None] | None = None,
    parent_id: int | None = None,
) -> None:
    """Run jobs until SIGTERM or SIGINT; call it from the main thread, after the workflows are imported.

    Parameters
    ----------
    url
        The jobs database.
    executor_id
        Unique to this process, never used again.
    concurrency
        How many jobs at once (and how many parts of jobs).
    stale_seconds
        A worker that hasn't shown a sign of life for so long loses its jobs to the others.
    grace_seconds
        How long running jobs may go on after the signal; then they are left to another worker.
    sweep
        Called every few seconds, e.g. to enqueue what was asked for and, by a crash, never enqueued.
    parent_id
        If given, the worker also stops when its parent is no longer the process of this id.
    """
    global _here
    leaving = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leaving.set())
    worker = _here = Worker(url, executor_id, stale_seconds, leaving)
    _launch(url, executor_id, concurrency)
    worker.start_taking_over(sweep)
    log.info("worker %s runs", executor_id)
    while not leaving.wait(1.0):
        if parent_id is not None and os.getppid() != parent_id:
            break
    leaving.set()
    DBOS.destroy(workflow_completion_timeout_sec=grace_seconds)
    worker.leave()
    log.info("worker %s left", executor_id)
    if any(thread.name.startswith("dbos-executor") for thread in threading.enumerate()):
        # A step that doesn't ask whether it is stopped can't be stopped; the interpreter would wait for it.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)


def _launch(url: str, executor_id: str, concurrency: int) -> None:
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": url,
            "dbos_system_schema": SCHEMA,
            "application_version": VERSION,
            "executor_id": executor_id,
            "serializer": DBOSPortableJSONSerializer(),
            "enable_otlp": False,
            "log_level": "WARNING",
        }
    )
    DBOS.launch()
    for queue in (QUEUE, PARTS):
        DBOS.register_queue(
            queue,
            worker_concurrency=concurrency,
            polling_interval_sec=QUEUE_POLL_SECONDS,
            on_conflict="always_update",
        )
