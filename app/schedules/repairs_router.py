"""Repairs of a published week, and who else could make a visit."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from app.accounts.guard import Editor, Reader
from app.core.db import ReadSession, database
from app.core.http import PathId, problems
from app.schedules import repairs
from app.schedules.repair_schemas import CandidatesView, RepairAnswer, RepairAsk

router = APIRouter(prefix="/api/v1/schedules/{schedule_id}", tags=["schedules"])


@router.post("/repairs", responses=problems(401, 403, 404, 409))
def repair_schedule(
    schedule_id: PathId,
    body: RepairAsk,
    actor: Editor,
    request: Request,
    dry_run: Annotated[bool, Query(description="only say what it would change")] = False,
    lang: Annotated[Literal["zh", "en"], Query(description="of the words in the answer")] = "zh",
) -> RepairAnswer:
    """Repair a published week after a sick call, leave, a hospital stay, a cancelled or added visit, or a delay.

    The uncovered visits are given to others; only if hours would stay uncovered are other elders changed, as few
    as possible. Visits that have begun, are pinned or begin within the notice period are not moved. The result is a
    draft of the next version in the towns concerned: publish it, or throw it away. A sick call is written
    into the roster as sick leave, and an elder's absence as the `stay` that is asked for, whatever becomes of the
    draft, so that later plans know of it: in one step with the draft, or neither.

    A visit that is added (`added_visit`) takes its minutes from the elder's month: never more than her grant, counting
    what is booked. It is placed like one that was hit; without a place it stays in the draft, with the reason. The
    draft keeps what was agreed for it, also when it is planned again.
    """
    return repairs.repair(
        database(request), actor, schedule_id, body, request.app.state.settings, dry_run=dry_run, lang=lang
    )


@router.get("/visits/{visit_id}/candidates", responses=problems(401, 403, 404, 409))
def list_candidates(
    schedule_id: PathId,
    visit_id: PathId,
    session: ReadSession,
    actor: Reader,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> CandidatesView:
    """Rank who else could make a visit: all rules are kept, and nobody else's visit changes."""
    return repairs.candidates(session, actor, schedule_id, visit_id, database_url=database(request).url, limit=limit)
