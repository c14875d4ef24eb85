"""The service's way to the jobs: opened with the first schedule that is asked for."""

import logging
import threading

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.core.db import Database
from app.jobs import JobClient
from app.schedules import prices, proofs, proving
from app.schedules.models import PlanPrices, PlanProof, PlanRun, PriceState, ProofState, Schedule, ScheduleStatus
from app.schedules.run import WORKFLOW, mark_failed

log = logging.getLogger("jiuling.planning")
_opening = threading.Lock()


def jobs_of(request: Request) -> JobClient:
    """Return the application's connection to the jobs."""
    state = request.app.state
    with _opening:
        if getattr(state, "jobs", None) is None:
            state.jobs = JobClient(state.settings.jobs_database)
        found: JobClient = state.jobs
    return found


def enqueue(request: Request, run: PlanRun) -> None:
    """Put a committed run in the queue; if the queue doesn't answer, the worker's sweep does it later."""
    try:
        jobs_of(request).enqueue(run.job_id, WORKFLOW, {"run_id": run.id})
    except SQLAlchemyError as error:
        log.warning("plan run %s waits for the sweep: %s", run.id, type(error).__name__)


def enqueue_proof(request: Request, proof: PlanProof) -> None:
    """Put a committed proof in the queue; if the queue doesn't answer, the worker's sweep does it later."""
    try:
        jobs_of(request).enqueue(proof.job_id, proving.WORKFLOW, proving.argument_of(proof))
    except SQLAlchemyError as error:
        log.warning("proof %s waits for the sweep: %s", proof.id, type(error).__name__)


def enqueue_prices(request: Request, asked: PlanPrices) -> None:
    """Put a committed pricing in the queue; if the queue doesn't answer, the worker's sweep does it later."""
    try:
        jobs_of(request).enqueue(asked.job_id, prices.WORKFLOW, prices.argument_of(asked))
    except SQLAlchemyError as error:
        log.warning("pricing %s waits for the sweep: %s", asked.id, type(error).__name__)


def sweep(database: Database, client: JobClient) -> None:
    """Enqueue what was asked for and never enqueued; end what its job left unfinished."""
    _sweep_plans(database, client)
    _sweep_proofs(database, client)
    _sweep_prices(database, client)


def _sweep_proofs(database: Database, client: JobClient) -> None:
    with database.read() as session:
        waiting = session.scalars(select(PlanProof).where(PlanProof.state.in_(proofs.OPEN))).all()
    for proof in waiting:
        job = client.status(proof.job_id)
        if job is None:
            client.enqueue(proof.job_id, proving.WORKFLOW, proving.argument_of(proof))
        elif job.is_over:
            with database.write() as session:
                lost = session.get(PlanProof, proof.id, with_for_update=True)
                if lost is not None and lost.job_id == proof.job_id and lost.state in proofs.OPEN:
                    lost.state, lost.error = ProofState.FAILED, "job_lost"


def _sweep_prices(database: Database, client: JobClient) -> None:
    with database.read() as session:
        waiting = session.scalars(select(PlanPrices).where(PlanPrices.state.in_(prices.OPEN))).all()
    for asked in waiting:
        job = client.status(asked.job_id)
        if job is None:
            client.enqueue(asked.job_id, prices.WORKFLOW, prices.argument_of(asked))
        elif job.is_over:
            with database.write() as session:
                lost = prices.mine(session, asked.id, asked.job_id)
                if lost is not None:
                    lost.state, lost.error = PriceState.FAILED, "job_lost"


def _sweep_plans(database: Database, client: JobClient) -> None:
    with database.read() as session:
        query = (
            select(PlanRun.id, PlanRun.job_id)
            .join(Schedule, Schedule.id == PlanRun.schedule_id)
            .where(Schedule.status.in_((ScheduleStatus.QUEUED, ScheduleStatus.PLANNING)))
        )
        waiting = session.execute(query).all()
    for run_id, job_id in waiting:
        job = client.status(job_id)
        if job is None:
            client.enqueue(job_id, WORKFLOW, {"run_id": run_id})
        elif job.is_over:
            _end(database, run_id)


def _end(database: Database, run_id: int) -> None:
    with database.write() as session:
        run = session.get_one(PlanRun, run_id)
        schedule = session.get_one(Schedule, run.schedule_id, with_for_update=True)
        if schedule.status in (ScheduleStatus.QUEUED, ScheduleStatus.PLANNING):
            log.error("the job of plan run %s is over, its schedule is not", run_id)
            mark_failed(schedule, run, "job_lost")
