"""``/api/v1/caregivers``."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Select

from app.accounts.guard import Editor, Reader
from app.accounts.scope import find
from app.caregivers import repository, service
from app.caregivers.models import Caregiver
from app.caregivers.schemas import (
    CaregiverChange,
    CaregiverEnd,
    CaregiverNew,
    CaregiverReturn,
    CaregiverView,
    show_caregiver,
)
from app.core import clock
from app.core.db import ReadSession, WriteSession, database
from app.core.errors import Forbidden
from app.core.http import ExpectedVersion, PathId, QueryDay, QueryId, SearchBody, problems, set_etag
from app.core.paging import Page, WhichPage, read_page, read_page_matching
from app.core.search import matches
from app.terms import Gender, Skill, TravelMode

router = APIRouter(prefix="/api/v1/caregivers", tags=["caregivers"])

_CHANGE = problems(401, 403, 404, 409, 412, 428)


def _filter(
    actor: Reader,
    town_id: QueryId = None,
    centre_id: QueryId = None,
    gender: Gender | None = None,
    mode: TravelMode | None = None,
    active_on: Annotated[QueryDay, Query(description="only those who work here on this day")] = None,
    skill: Annotated[Skill | None, Query(description="only those with a certificate valid on `skill_on`")] = None,
    skill_on: Annotated[QueryDay, Query(description="`active_on` if left out, else today")] = None,
) -> Select[Caregiver]:
    if town_id is not None:
        actor.require_town(town_id)
    query = repository.caregivers(
        actor, town_id=town_id, centre_id=centre_id, gender=gender, mode=mode, active_on=active_on
    )
    if skill is not None:
        query = query.where(repository.has_skill_on(skill, skill_on or active_on or clock.today()))
    return query


WhichCaregivers = Annotated[Select[Caregiver], Depends(_filter)]


@router.get("", responses=problems(401, 403))
def list_caregivers(
    actor: Reader, session: ReadSession, page: WhichPage, which: WhichCaregivers
) -> Page[CaregiverView]:
    """List caregivers in order of id."""

    def show(caregiver: Caregiver) -> CaregiverView:
        return show_caregiver(caregiver, actor)

    return Page(**read_page(session, which, Caregiver.id, page, show))


@router.post("/search", responses=problems(401, 403))
def search_caregivers(
    body: SearchBody, actor: Reader, session: ReadSession, page: WhichPage, which: WhichCaregivers
) -> Page[CaregiverView]:
    """List the caregivers whose name, pinyin or number has a piece in it; filters and pages as for the list."""

    def show(caregiver: Caregiver) -> CaregiverView:
        return show_caregiver(caregiver, actor)

    def wanted(caregiver: Any) -> bool:
        # Who may not read the names must not find them out by asking.
        return matches(body.q, caregiver.name if actor.sees_personal else "", caregiver.number)

    columns = (Caregiver.number, Caregiver.name)
    return Page(**read_page_matching(session, which, Caregiver.id, page, show, wanted, columns))


@router.post("", status_code=201, responses=problems(401, 403, 409))
def create_caregiver(body: CaregiverNew, actor: Editor, session: WriteSession, response: Response) -> CaregiverView:
    """Put a caregiver on the roster."""
    caregiver = service.create(session, actor, body)
    set_etag(response, caregiver)
    return show_caregiver(caregiver, actor)


@router.get("/{caregiver_id}", responses=problems(401, 403, 404))
def read_caregiver(
    caregiver_id: PathId,
    actor: Reader,
    session: ReadSession,
    request: Request,
    response: Response,
    reveal: Annotated[
        bool, Query(description="show the ID number; written to the audit log; not for auditors")
    ] = False,
) -> CaregiverView:
    """Show a caregiver."""
    caregiver = find(session, actor, Caregiver, caregiver_id)
    if reveal:
        if not actor.sees_personal:
            raise Forbidden("ID numbers are not shown to auditors")
        with database(request).write() as writing:
            service.record_revealed(writing, actor, caregiver)
    set_etag(response, caregiver)
    return show_caregiver(caregiver, actor, reveal=reveal)


@router.patch("/{caregiver_id}", responses=_CHANGE)
def change_caregiver(
    caregiver_id: PathId,
    body: CaregiverChange,
    actor: Editor,
    session: WriteSession,
    expected: ExpectedVersion,
    response: Response,
) -> CaregiverView:
    """Change a caregiver; what is left out stays. With another centre she moves to its town."""
    caregiver = find(session, actor, Caregiver, caregiver_id, expected)
    service.change(session, actor, caregiver, body)
    set_etag(response, caregiver)
    return show_caregiver(caregiver, actor)


@router.post("/{caregiver_id}/end", responses=_CHANGE)
def end_caregiver(
    caregiver_id: PathId,
    body: CaregiverEnd,
    actor: Editor,
    session: WriteSession,
    expected: ExpectedVersion,
    response: Response,
) -> CaregiverView:
    """Take a caregiver off the roster from a day on; nothing of hers is deleted."""
    caregiver = find(session, actor, Caregiver, caregiver_id, expected)
    service.end(session, actor, caregiver, body)
    set_etag(response, caregiver)
    return show_caregiver(caregiver, actor)


@router.post("/{caregiver_id}/take-back", responses=_CHANGE)
def take_caregiver_back(
    caregiver_id: PathId,
    body: CaregiverReturn,
    actor: Editor,
    session: WriteSession,
    expected: ExpectedVersion,
    response: Response,
) -> CaregiverView:
    """Let a caregiver who left work here again, or undo an end that was entered by mistake."""
    caregiver = find(session, actor, Caregiver, caregiver_id, expected)
    service.take_back(session, actor, caregiver, body.on)
    set_etag(response, caregiver)
    return show_caregiver(caregiver, actor)
