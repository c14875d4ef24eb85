"""The durable job that proves how far a plan is from the best possible.

It comes after the plan, so that a draft waits for nothing, and gives way to whoever asks for a week (`asking`):
what it has proved stays, and it begins anew behind that week. What is proved is stored as it grows.
"""

import logging
import os
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app import jobs
from app.core import clock
from app.core.db import Database
from app.core.weeks import Week
from app.schedules import proofs, repository
from app.schedules.asking import Asking
from app.schedules.models import PlanProof, PlanRun, ProofState, Schedule
from app.schedules.planning import to_plan
from app.schedules.store import unpack_problem
from app.schedules.workbench import here

if TYPE_CHECKING:
    from solver.bound import Proof

WORKFLOW = "prove-schedule"

log = logging.getLogger("jiuling.proving")


def argument_of(proof: PlanProof) -> jobs.Json:
    """Return what the job of a proof is told."""
    return {"proof_id": proof.id, "job_id": proof.job_id}


@jobs.workflow(WORKFLOW)
def prove_schedule(argument: jobs.Json) -> jobs.Json:
    """Prove a bound; ``argument`` is what `argument_of` gives."""
    proof_id, job_id = int(argument["proof_id"]), str(argument["job_id"])
    try:
        prove(proof_id, job_id)
    except Exception as error:
        # The edge of the job; the text of an error may hold more than a log should know.
        log.error("proof %s: %s", proof_id, type(error).__name__)
        fail(proof_id, job_id, f"unexpected:{type(error).__name__}"[:200])
    return {"proof_id": proof_id}


@jobs.step("prove")
def prove(proof_id: int, job_id: str) -> bool:
    """Prove as much as the time allows; False if nobody wants it any more."""
    from solver.bound import prove as find

    database, settings = here().database, here().settings
    with database.write() as session:
        proof = proofs.mine(session, proof_id, job_id)
        if proof is None:
            return False
        proof.state = ProofState.PROVING
        run = session.get_one(PlanRun, proof.run_id)
        schedule = session.get_one(Schedule, run.schedule_id)
        packed, seconds, week = repository.problem_of(session, run.id), proof.seconds_asked, Week(schedule.monday)
        rows = repository.visits_of(session, schedule.id)
    problem = unpack_problem(packed)
    ends, known = Asking(database, PlanProof, proof_id, job_id), partial(keep, database, proof_id, job_id)
    proved = find(
        problem,
        seconds=float(seconds),
        plan=to_plan(problem, rows, week),
        workers=settings.solver_workers or len(os.sched_getaffinity(0)),
        on_bound=known,
        cancelled=ends.asks_to_stop,
    )
    if jobs.current_job_id() is not None and jobs.stopped(job_id):
        raise jobs.GiveUp(job_id)
    with database.write() as session:
        proof = proofs.mine(session, proof_id, job_id)
        if proof is None:
            return True
        _put(session, proof, proved)
        if ends.gives_way and not proof.stop_asked:
            proofs.wait(proof)
        else:
            proof.state, proof.finished_at = ProofState.PROVED, clock.now()
    return True


def keep(database: Database, proof_id: int, job_id: str, proved: "Proof") -> None:
    """Store what is proved, and its bound if it is better than the stored one."""
    with database.write() as session:
        proof = proofs.mine(session, proof_id, job_id)
        if proof is not None:
            _put(session, proof, proved)


def _put(session: Session, proof: PlanProof, proved: "Proof") -> None:
    # That nothing costs less than 0 points needs no proof: a proof cut off at once has said nothing.
    says = proved.points > 0 or proved.complete
    if says and (proof.points is None or proved.points >= proof.points):
        proof.points, proof.complete = proved.points, proved.complete
        proofs.put_bound(session, proof)
    proof.unserved_minutes = max(proof.unserved_minutes or 0, proved.unserved_minutes)
    proof.seconds, proof.rounds, proof.columns = proved.seconds, proved.rounds, proved.columns
    if proved.hour_prices or proved.skill_prices or proved.day_prices:
        proof.prices = {
            "caregiver": dict(proved.hour_prices),
            "skill": dict(proved.skill_prices),
            "day": {str(day): price for day, price in proved.day_prices.items()},
        }


@jobs.step("fail-proof")
def fail(proof_id: int, job_id: str, code: str) -> None:
    """Say that the proof failed; what was proved before stays."""
    with here().database.write() as session:
        proof = proofs.mine(session, proof_id, job_id)
        if proof is not None:
            proof.state, proof.error, proof.finished_at = ProofState.FAILED, code, clock.now()
