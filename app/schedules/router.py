"""Weekly schedules: ask, watch, read, edit, publish."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.accounts.guard import Editor, Reader
from app.core import clock
from app.core.db import MAX_ID, ReadSession, WriteSession, database
from app.core.http import ExpectedVersion, PathId, QueryDay, QueryId, check_version, problems, set_etag
from app.core.paging import Page, WhichPage, read_page
from app.entitlements.allowance import EntitlementPolicy
from app.schedules import comparing, edits, publishing, repository, service
from app.schedules.edit_schemas import Comparison, EditAnswer, EditsBody
from app.schedules.models import PlanRun, Schedule, ScheduledVisit, ScheduleStatus, VisitState
from app.schedules.progress import LastEventId, event_stream
from app.schedules.queue import enqueue
from app.schedules.schemas import (
    HowToPlan,
    IsoWeek,
    Keep,
    ProgressView,
    ScheduleNew,
    ScheduleSummary,
    ScheduleView,
    VisitView,
)
from app.schedules.views import show_progress, show_schedule, show_summary, show_visit

Lang = Annotated[Literal["zh", "en"], Query(description="of the words in the answer")]

router = APIRouter(prefix="/api/v1/schedules", tags=["schedules"])


@router.post("", status_code=202, responses=problems(401, 403, 404, 409))
def ask_for_schedule(body: ScheduleNew, request: Request, response: Response, actor: Editor) -> ScheduleView:
    """Ask for a week: answers at once, and is computed by a worker (see `/progress` and `/events`)."""
    # Not `WriteSession`: the job may only be enqueued when its row is committed.
    with database(request).write() as session:
        schedule = service.ask(session, actor, body, request.app.state.settings, clock.today())
        run = repository.run_of(session, schedule.id)
    return _accepted(schedule, request, response, actor, run)


@router.post("/{schedule_id}/replan", status_code=202, responses=problems(401, 403, 404, 409))
def replan(schedule_id: PathId, body: HowToPlan, request: Request, response: Response, actor: Editor) -> ScheduleView:
    """Plan the week of a version again: around its pins, and close to what is published."""
    with database(request).write() as session:
        schedule = service.replan(session, actor, schedule_id, body, request.app.state.settings, clock.today())
        run = repository.run_of(session, schedule.id)
    return _accepted(schedule, request, response, actor, run)


def _accepted(schedule: Schedule, request: Request, response: Response, actor: Editor, run: PlanRun) -> ScheduleView:
    enqueue(request, run)
    response.headers["Location"] = f"/api/v1/schedules/{schedule.id}"
    set_etag(response, schedule)
    return show_schedule(schedule, run, actor)


@router.get("", responses=problems(401, 403))
def list_schedules(
    session: ReadSession,
    actor: Reader,
    page: WhichPage,
    week: Annotated[IsoWeek | None, Query(examples=["2026-W48"])] = None,
    status: ScheduleStatus | None = None,
    town_id: QueryId = None,
) -> Page[ScheduleSummary]:
    """List the versions of weeks in your towns, oldest first."""
    query = service.which_schedules(actor, week, status, town_id)
    return Page[ScheduleSummary](**read_page(session, query, Schedule.id, page, lambda row: show_summary(row, actor)))


@router.get("/{schedule_id}", responses=problems(401, 403, 404))
def read_schedule(schedule_id: PathId, session: ReadSession, actor: Reader, response: Response) -> ScheduleView:
    """Read one version: status, figures, cost, and what it takes to repeat the computation."""
    schedule = service.visible(session, actor, schedule_id)
    set_etag(response, schedule)
    return show_schedule(schedule, repository.run_of(session, schedule_id), actor)


@router.get("/{schedule_id}/progress", responses=problems(401, 403, 404))
def read_progress(schedule_id: PathId, session: ReadSession, actor: Reader) -> ProgressView:
    """Say how far the computation is."""
    schedule = service.visible(session, actor, schedule_id)
    return show_progress(schedule, repository.run_of(session, schedule_id), actor)


@router.get(
    "/{schedule_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events `progress`, and `end` as the last.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        204: {"description": "The computation is over, and the reader has seen its end."},
        **problems(401, 403, 404),
    },
)
def stream_progress(
    schedule_id: PathId, request: Request, actor: Reader, last_event_id: LastEventId = None
) -> Response:
    """Stream the progress as server-sent events; a reconnection with `Last-Event-ID` repeats nothing."""
    return event_stream(database(request), actor, schedule_id, last_event_id)


@router.post("/{schedule_id}/cancel", responses=problems(401, 403, 404, 409))
def cancel_schedule(
    schedule_id: PathId,
    session: WriteSession,
    actor: Editor,
    keep: Annotated[Keep, Query(description="`best`: end the search and keep what it has as a draft")] = "none",
) -> ProgressView:
    """Stop a computation."""
    schedule = service.cancel(session, actor, schedule_id, keep)
    session.flush()
    return show_progress(schedule, repository.run_of(session, schedule_id), actor)


@router.delete("/{schedule_id}", status_code=204, responses=problems(401, 403, 404, 409, 412, 428))
def discard_draft(schedule_id: PathId, expected: ExpectedVersion, session: WriteSession, actor: Editor) -> None:
    """Throw a draft away: it becomes cancelled, and stays readable."""
    schedule = service.manageable(session, actor, schedule_id, lock=True)
    check_version(schedule, expected)
    service.discard(session, actor, schedule)


@router.post("/{schedule_id}/publish", responses=problems(401, 403, 404, 409, 412, 428))
def publish(
    schedule_id: PathId,
    expected: ExpectedVersion,
    session: WriteSession,
    actor: Editor,
    request: Request,
    response: Response,
    lang: Lang = "zh",
) -> ScheduleView:
    """Publish a draft: caregivers see it, its visits are booked, and it takes the place of the version before.

    It is judged once more, against the roster as it is now. If an elder has left or a caregiver is on leave
    since, the answer lists the visits that can't be made.
    """
    schedule = publishing.publish(session, actor, schedule_id, expected, _policy(request), lang)
    set_etag(response, schedule)
    return show_schedule(schedule, repository.run_of(session, schedule_id), actor)


@router.post("/{schedule_id}/edits", responses=problems(401, 403, 404, 409, 412, 428))
def edit_draft(
    schedule_id: PathId,
    body: EditsBody,
    expected: ExpectedVersion,
    actor: Editor,
    request: Request,
    response: Response,
    dry_run: Annotated[bool, Query(description="only say what the judge thinks of it")] = False,
    lang: Lang = "zh",
) -> EditAnswer:
    """Change a draft by hand: move, pin, unpin or leave visits out; judged at once by the solver's judge.

    A change that breaks a hard rule is refused (409; `violations` names rule, visit and caregiver).
    """
    store = database(request)
    with store.read() if dry_run else store.write() as session:
        answer = edits.edit(
            session,
            actor,
            schedule_id,
            expected,
            body.edits,
            database_url=store.url,
            dry_run=dry_run,
            lang=lang,
        )
    response.headers["ETag"] = f'"{answer.version}"'
    return answer


@router.get("/{schedule_id}/compare", responses=problems(401, 403, 404))
def compare_versions(
    schedule_id: PathId,
    session: ReadSession,
    actor: Reader,
    with_id: Annotated[int, Query(alias="with", ge=1, le=MAX_ID, description="the version to compare with")],
    after: Annotated[str, Query(max_length=40, description="the last `visit_key` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Comparison:
    """Say what changed from version `with` to this one, and for whom."""
    return comparing.compare(session, actor, schedule_id, with_id, after=after, limit=limit)


def _policy(request: Request) -> EntitlementPolicy:
    return EntitlementPolicy(make_up_undelivered=request.app.state.settings.make_up_undelivered)


@router.get("/{schedule_id}/visits", responses=problems(401, 403, 404))
def list_visits(
    schedule_id: PathId,
    session: ReadSession,
    actor: Reader,
    page: WhichPage,
    town_id: QueryId = None,
    centre_id: QueryId = None,
    caregiver_id: QueryId = None,
    elder_id: QueryId = None,
    state: VisitState | None = None,
    day: QueryDay = None,
    pinned: bool | None = None,
) -> Page[VisitView]:
    """List the visits of a version in your towns."""
    service.visible(session, actor, schedule_id)
    query = service.which_visits(
        actor,
        schedule_id,
        town_id=town_id,
        centre_id=centre_id,
        caregiver_id=caregiver_id,
        elder_id=elder_id,
        state=state,
        day=day,
        pinned=pinned,
    )
    return Page[VisitView](**read_page(session, query, ScheduledVisit.id, page, show_visit))
