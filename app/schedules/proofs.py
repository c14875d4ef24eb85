"""The proof of a plan run: asked for, read, and withdrawn when the problem is no longer what was proved."""

import uuid
from typing import cast

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from app.core import clock
from app.schedules.models import PlanProof, PlanRun, ProofState, Schedule

OPEN = (ProofState.QUEUED, ProofState.PROVING)


def proof_of(session: Session, run_id: int, *, lock: bool = False) -> PlanProof | None:
    """Return the proof of a run, if one was ever asked for."""
    query = select(PlanProof).where(PlanProof.run_id == run_id)
    return session.scalar(query.with_for_update() if lock else query)


def ask(session: Session, run: PlanRun, seconds: int) -> PlanProof:
    """Put a proof in the queue; what was proved before stays until more is."""
    proof = proof_of(session, run.id, lock=True)
    if proof is None:
        proof = PlanProof(run_id=run.id)
        session.add(proof)
    proof.seconds_asked, proof.queued_at = seconds, clock.now()
    wait(proof)
    session.flush()
    return proof


def wait(proof: PlanProof) -> None:
    """Let a proof wait for a job of its own, which the service puts in the queue, or the worker's sweep."""
    proof.job_id = f"prove-{proof.run_id}-{uuid.uuid4().hex[:12]}"
    proof.state, proof.stop_asked = ProofState.QUEUED, False
    proof.finished_at = proof.error = None


def mine(session: Session, proof_id: int, job_id: str) -> PlanProof | None:
    """Return the proof, locked, if this job is still the one that proves it."""
    found = session.get(PlanProof, proof_id, populate_existing=True, with_for_update=True)
    return found if found is not None and found.job_id == job_id and found.state in OPEN else None


def put_bound(session: Session, proof: PlanProof) -> None:
    """Write what is proved beside its schedule.

    Past the schedule's version: a dispatcher who edits it meanwhile has nothing to read again.
    """
    schedule_id = select(PlanRun.schedule_id).where(PlanRun.id == proof.run_id).scalar_subquery()
    schedules = cast(Table, Schedule.__table__)
    session.execute(schedules.update().where(schedules.c.id == schedule_id).values(bound=proof.points))


def withdraw(session: Session, schedule: Schedule, run: PlanRun) -> None:
    """Forget what was proved of a run whose problem was changed."""
    session.execute(delete(PlanProof).where(PlanProof.run_id == run.id))
    schedule.bound = None
