"""The price of each goal of a plan run: asked for, and read."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import jobs
from app.core import clock
from app.schedules.models import PlanPrices, PlanRun, PriceState

WORKFLOW = "price-schedule"
OPEN = (PriceState.QUEUED, PriceState.PRICING)


def argument_of(asked: PlanPrices) -> jobs.Json:
    """Return what the job of a pricing is told."""
    return {"prices_id": asked.id, "job_id": asked.job_id}


def prices_of(session: Session, run_id: int, *, lock: bool = False) -> PlanPrices | None:
    """Return the prices of a run's goals, if they were ever asked for."""
    query = select(PlanPrices).where(PlanPrices.run_id == run_id)
    return session.scalar(query.with_for_update() if lock else query)


def ask(session: Session, run: PlanRun, iterations: int | None) -> PlanPrices:
    """Put a pricing in the queue; what was found before stays until it begins, and if goals are missing, for good."""
    asked = prices_of(session, run.id, lock=True)
    if asked is None:
        asked = PlanPrices(run_id=run.id, found={})
        session.add(asked)
    if asked.iterations_asked != iterations:
        asked.iterations_asked, asked.found = iterations, {}
    asked.queued_at = clock.now()
    wait(asked)
    session.flush()
    return asked


def wait(asked: PlanPrices) -> None:
    """Let a pricing wait for a job of its own, which the service puts in the queue, or the worker's sweep."""
    asked.job_id = f"price-{asked.run_id}-{uuid.uuid4().hex[:12]}"
    asked.state, asked.stop_asked = PriceState.QUEUED, False
    asked.finished_at = asked.error = None


def mine(session: Session, prices_id: int, job_id: str) -> PlanPrices | None:
    """Return the pricing, locked, if this job is still the one that computes it."""
    found = session.get(PlanPrices, prices_id, populate_existing=True, with_for_update=True)
    return found if found is not None and found.job_id == job_id and found.state in OPEN else None
