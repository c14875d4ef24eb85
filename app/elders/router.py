"""The routes of elders."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response, status
from pydantic import AfterValidator
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.accounts.guard import Editor, Reader
from app.accounts.scope import Actor, find
from app.core import clock
from app.core.db import ReadSession, WriteSession, database
from app.core.errors import Forbidden, wrong_value
from app.core.http import ExpectedVersion, PathId, QueryDay, QueryId, SearchBody, problems, set_etag
from app.core.paging import Page, PageRequest, WhichPage, read_page, read_page_matching
from app.core.search import matches
from app.elders import repository, service
from app.elders.models import Elder
from app.elders.schemas import ElderChange, ElderEnd, ElderNew, ElderReturn, ElderView, show_elder
from app.terms import DisabilityGrade

router = APIRouter(prefix="/api/v1/elders", tags=["elders"])


def _a_grant(minutes: int | None) -> int | None:
    if minutes not in (None, 240, 480):
        raise wrong_value("240 or 480", "240 或 480")
    return minutes


@dataclass(frozen=True, slots=True)
class ElderFilter:
    """Which elders are wanted; each missing part lets everybody through."""

    query: Select[Elder]
    disability_grade: DisabilityGrade | None  # encrypted: only Python can compare it


def _filter(
    actor: Reader,
    town_id: QueryId = None,
    village_id: QueryId = None,
    centre_id: QueryId = None,
    active_on: Annotated[QueryDay, Query(description="only those on the roster on this day")] = None,
    monthly_minutes: Annotated[
        int | None,
        AfterValidator(_a_grant),
        Query(
            description="only those with this grant on `active_on`, else today", json_schema_extra={"enum": [240, 480]}
        ),
    ] = None,
    disability_grade: DisabilityGrade | None = None,
    lives_alone: bool | None = None,
) -> ElderFilter:
    if town_id is not None:
        actor.require_town(town_id)
    if disability_grade is not None and not actor.sees_personal:
        raise Forbidden("the disability grade is health data: auditors may not search by it")
    query = repository.listing(town_id=town_id, village_id=village_id, centre_id=centre_id, lives_alone=lives_alone)
    query = query.where(actor.within(Elder.town_id))
    if active_on is not None:
        query = repository.active_on(query, active_on)
    if monthly_minutes is not None:
        query = repository.granted(query, monthly_minutes, active_on or clock.today())
    return ElderFilter(query, disability_grade)


WhichElders = Annotated[ElderFilter, Depends(_filter)]


def _page(session: Session, actor: Actor, page: PageRequest, which: ElderFilter, q: str = "") -> Page[ElderView]:
    def show(elder: Elder) -> ElderView:
        return show_elder(elder, actor)

    def wanted(elder: Any) -> bool:
        # Who may not read the names must not find them out by asking.
        found = not q or matches(q, elder.name if actor.sees_personal else "", elder.number)
        return found and which.disability_grade in (None, elder.disability_grade)

    if q or which.disability_grade:
        columns = (Elder.number, Elder.name, Elder.disability_grade)
        return Page[ElderView](**read_page_matching(session, which.query, Elder.id, page, show, wanted, columns))
    return Page[ElderView](**read_page(session, which.query, Elder.id, page, show))


@router.get("", responses=problems(401, 403))
def list_elders(session: ReadSession, actor: Reader, page: WhichPage, which: WhichElders) -> Page[ElderView]:
    """List elders in order of id."""
    return _page(session, actor, page, which)


@router.post("/search", responses=problems(401, 403))
def search_elders(
    body: SearchBody, session: ReadSession, actor: Reader, page: WhichPage, which: WhichElders
) -> Page[ElderView]:
    """List the elders whose name, pinyin or number has a piece in it; filters and pages as for the list."""
    return _page(session, actor, page, which, body.q)


@router.post("", status_code=status.HTTP_201_CREATED, responses=problems(401, 403, 409))
def create_elder(session: WriteSession, actor: Editor, body: ElderNew, response: Response) -> ElderView:
    """Put a person of 90 or over on the roster.

    Somebody younger is refused (422, type `too-young`) with the day on which she may join as `may_join_on`.
    """
    elder = service.create(session, actor, body)
    set_etag(response, elder)
    return show_elder(elder, actor)


@router.get("/{elder_id}", responses=problems(401, 403, 404))
def read_elder(
    session: ReadSession,
    actor: Reader,
    elder_id: PathId,
    request: Request,
    response: Response,
    reveal: Annotated[
        bool, Query(description="show the ID number; written to the audit log; not for auditors")
    ] = False,
) -> ElderView:
    """Show one elder."""
    elder = find(session, actor, Elder, elder_id)
    if reveal:
        if not actor.sees_personal:
            raise Forbidden("ID numbers are not shown to auditors")
        with database(request).write() as writing:
            service.record_revealed(writing, actor, elder)
    set_etag(response, elder)
    return show_elder(elder, actor, reveal=reveal)


@router.patch("/{elder_id}", responses=problems(401, 403, 404, 409, 412, 428))
def change_elder(
    session: WriteSession,
    actor: Editor,
    elder_id: PathId,
    body: ElderChange,
    expected: ExpectedVersion,
    response: Response,
) -> ElderView:
    """Change what is sent. A move to another village or town clears the centre and, unless sent, the coordinates."""
    elder = service.change(session, actor, elder_id, body, expected)
    set_etag(response, elder)
    return show_elder(elder, actor)


@router.post("/{elder_id}/end", responses=problems(401, 403, 404, 409, 412, 428))
def end_elder(
    session: WriteSession,
    actor: Editor,
    elder_id: PathId,
    body: ElderEnd,
    expected: ExpectedVersion,
    response: Response,
) -> ElderView:
    """Take an elder off the roster from a day on; nothing of hers is deleted."""
    elder = service.end(session, actor, elder_id, body, expected)
    set_etag(response, elder)
    return show_elder(elder, actor)


@router.post("/{elder_id}/take-back", responses=problems(401, 403, 404, 409, 412, 428))
def take_elder_back(
    session: WriteSession,
    actor: Editor,
    elder_id: PathId,
    body: ElderReturn,
    expected: ExpectedVersion,
    response: Response,
) -> ElderView:
    """Serve an elder again who had left: back from an institution, joining anew, or an end entered by mistake."""
    elder = service.take_back(session, actor, elder_id, body, expected)
    set_etag(response, elder)
    return show_elder(elder, actor)
