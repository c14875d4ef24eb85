"""The routes of an elder's days away from home."""

from fastapi import APIRouter, Response, status

from app.accounts.guard import Editor, Reader
from app.accounts.scope import find
from app.core.db import ReadSession, WriteSession
from app.core.http import ExpectedVersion, PathId, problems, set_etag
from app.elders import stays
from app.elders.models import Elder
from app.elders.schemas import StayChange, StayEnd, StayNew, StayView, show_stay

router = APIRouter(prefix="/api/v1/elders/{elder_id}/stays", tags=["elders"])


@router.get("", responses=problems(401, 403, 404))
def list_stays(session: ReadSession, actor: Reader, elder_id: PathId) -> list[StayView]:
    """List an elder's stays in order of time."""
    return [show_stay(stay, actor) for stay in stays.listed(session, actor, elder_id)]


@router.post("", status_code=status.HTTP_201_CREATED, responses=problems(401, 403, 404, 409))
def create_stay(session: WriteSession, actor: Editor, elder_id: PathId, body: StayNew, response: Response) -> StayView:
    """Store days in hospital or in an institution.

    A stay in an institution without an end is a move for good: in the same transaction the elder leaves the roster
    that day with reason `moved_to_institution`.
    """
    stay = stays.create(session, actor, elder_id, body)
    set_etag(response, stay)
    return show_stay(stay, actor)


@router.get("/{stay_id}", responses=problems(401, 403, 404))
def read_stay(session: ReadSession, actor: Reader, elder_id: PathId, stay_id: PathId, response: Response) -> StayView:
    """Show one stay."""
    stay = stays.own_stay(session, find(session, actor, Elder, elder_id), stay_id)
    set_etag(response, stay)
    return show_stay(stay, actor)


@router.patch("/{stay_id}", responses=problems(401, 403, 404, 409, 412, 428))
def change_stay(
    session: WriteSession,
    actor: Editor,
    elder_id: PathId,
    stay_id: PathId,
    body: StayChange,
    expected: ExpectedVersion,
    response: Response,
) -> StayView:
    """Change what is sent of a stay; days of two stays never overlap."""
    stay = stays.change(session, actor, elder_id, stay_id, body, expected)
    set_etag(response, stay)
    return show_stay(stay, actor)


@router.post("/{stay_id}/end", responses=problems(401, 403, 404, 409, 412, 428))
def end_stay(
    session: WriteSession,
    actor: Editor,
    elder_id: PathId,
    stay_id: PathId,
    body: StayEnd,
    expected: ExpectedVersion,
    response: Response,
) -> StayView:
    """Store the day on which she is home again."""
    stay = stays.end(session, actor, elder_id, stay_id, body, expected)
    set_etag(response, stay)
    return show_stay(stay, actor)
