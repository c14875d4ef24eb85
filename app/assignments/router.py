"""``/api/v1/assignments``: which centre answers for which elder."""

from fastapi import APIRouter, status

from app.accounts.guard import Editor, Reader
from app.assignments import repository, service
from app.assignments.models import Assignment, AssignmentRun
from app.assignments.schemas import LatestRun, RunView, show_change, show_run
from app.core import clock
from app.core.db import ReadSession, WriteSession
from app.core.errors import NotFound
from app.core.http import problems
from app.core.paging import WhichPage, read_page

router = APIRouter(prefix="/api/v1/assignments", tags=["assignments"])


@router.post("", status_code=status.HTTP_201_CREATED, responses=problems(401, 403, 409))
def assign_elders(session: WriteSession, actor: Editor) -> RunView:
    """Give every elder of the city her responsible centre: near, within its declared hours, stable.

    Only for those who may work on all towns. `GET /api/v1/assignments/latest` lists what changed.
    """
    actor.require_all_towns()
    report = service.assign_centres(session, actor.user_id, clock.today(), request_id=actor.request_id)
    return show_run(session.get_one(AssignmentRun, report.run_id), actor)


@router.get("/latest", responses=problems(401, 403, 404))
def read_latest(session: ReadSession, actor: Reader, page: WhichPage) -> LatestRun:
    """Show the newest computation and, page by page, what it changed for your towns' elders and why."""
    run = repository.latest_run(session)
    if run is None:
        raise NotFound("no elder was assigned yet")
    found = read_page(
        session,
        repository.changes_of(run.id, actor),
        Assignment.id,
        page,
        lambda row: show_change(row, service.WHY),
    )
    return LatestRun(**show_run(run, actor).model_dump(), **found)
