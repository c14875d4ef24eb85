"""How far a schedule is from the best possible: ask for the proof, read it, end it early."""

from fastapi import APIRouter, Request, Response

from app.accounts.guard import Editor, Reader
from app.core.db import ReadSession, WriteSession, database
from app.core.http import PathId, problems
from app.schedules import service
from app.schedules.proof_schemas import ProofNew, ProofView, show_proof
from app.schedules.queue import enqueue_proof

router = APIRouter(prefix="/api/v1/schedules/{schedule_id}/proof", tags=["schedules"])


@router.post("", status_code=202, responses=problems(401, 403, 404, 409))
def ask_for_proof(
    schedule_id: PathId, body: ProofNew, request: Request, response: Response, actor: Editor
) -> ProofView:
    """Ask how far a planned week is from the best possible.

    A worker proves a bound that no plan of the week can beat, for as long as asked, and gives way to whoever
    asks for a week meanwhile: behind that week it begins anew. What was proved before stays until more is; a proof
    that is not over begins anew. A short proof follows each plan by itself.
    """
    # Not `WriteSession`: the job may only be enqueued when its row is committed.
    with database(request).write() as session:
        proof = service.ask_for_proof(session, actor, schedule_id, body.seconds)
        schedule = service.manageable(session, actor, schedule_id)
    enqueue_proof(request, proof)
    response.headers["Location"] = f"/api/v1/schedules/{schedule_id}/proof"
    return show_proof(proof, schedule)


@router.get("", responses=problems(401, 403, 404))
def read_proof(schedule_id: PathId, session: ReadSession, actor: Reader) -> ProofView:
    """Read what is proved of a schedule: for those who may see all of its towns."""
    schedule, proof = service.proof_of(session, actor, schedule_id)
    return show_proof(proof, schedule)


@router.delete("", responses=problems(401, 403, 404, 409))
def end_proof(schedule_id: PathId, session: WriteSession, actor: Editor) -> ProofView:
    """End a proof early; what it has proved stays."""
    schedule, proof = service.end_proof(session, actor, schedule_id)
    session.flush()
    return show_proof(proof, schedule)
