"""``jiuling prove``: how far a schedule is from the best possible."""

import time
from collections.abc import Callable

from app.accounts.scope import Actor
from app.core.db import Database
from app.core.settings import Settings
from app.jobs import JobClient
from app.operations.serving import worker_process
from app.schedules import proofs, proving, service
from app.schedules.proof_schemas import ProofView, show_proof

_POLL_SECONDS = 0.5


def prove_here(
    settings: Settings, database: Database, schedule_id: int, seconds: int, show: Callable[[ProofView], None]
) -> ProofView:
    """Ask for a proof, run a worker until it ends, and return what is proved; an interrupt ends it early."""
    operator = Actor.operator()
    with database.write() as session:
        asked = service.ask_for_proof(session, operator, schedule_id, seconds)
    client = JobClient(settings.jobs_database)
    client.enqueue(asked.job_id, proving.WORKFLOW, proving.argument_of(asked))
    try:
        with worker_process():
            while True:
                try:
                    with database.read() as session:
                        schedule, proof = service.proof_of(session, operator, schedule_id)
                    show(show_proof(proof, schedule))
                    if proof.state not in proofs.OPEN:
                        return show_proof(proof, schedule)
                    time.sleep(_POLL_SECONDS)
                except KeyboardInterrupt:
                    with database.write() as session:
                        service.end_proof(session, operator, schedule_id)
    finally:
        client.close()
