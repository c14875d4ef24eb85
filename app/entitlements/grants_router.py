"""The routes of grants."""

from fastapi import APIRouter, Response, status

from app.accounts.guard import Editor, Reader
from app.core.db import ReadSession, WriteSession
from app.core.http import ExpectedVersion, PathId, problems, set_etag
from app.entitlements import grants
from app.entitlements.schemas import GrantEnd, GrantGiven, GrantNew, GrantView, show_given, show_grant

router = APIRouter(prefix="/api/v1/elders/{elder_id}/grants", tags=["grants"])


@router.get("", responses=problems(401, 403, 404))
def list_grants(session: ReadSession, actor: Reader, elder_id: PathId) -> list[GrantView]:
    """List an elder's grants, past, present and to come, in order of time."""
    return [show_grant(grant, actor) for grant in grants.listed(session, actor, elder_id)]


@router.post("", status_code=status.HTTP_201_CREATED, responses=problems(401, 403, 404, 409))
def give_grant(
    session: WriteSession, actor: Editor, elder_id: PathId, body: GrantNew, response: Response
) -> GrantGiven:
    """Give 240 or 480 minutes a month from a day on, the first of a month or not.

    The grant in force until then ends on that day, in the same transaction; the answer names it as `ended_grant_id`.
    """
    grant, ended = grants.give(session, actor, elder_id, body)
    set_etag(response, grant)
    return show_given(grant, ended, actor)


@router.get("/{grant_id}", responses=problems(401, 403, 404))
def read_grant(
    session: ReadSession, actor: Reader, elder_id: PathId, grant_id: PathId, response: Response
) -> GrantView:
    """Show one grant."""
    grant = grants.read(session, actor, elder_id, grant_id)
    set_etag(response, grant)
    return show_grant(grant, actor)


@router.post("/{grant_id}/end", responses=problems(401, 403, 404, 409, 412, 428))
def end_grant(
    session: WriteSession,
    actor: Editor,
    elder_id: PathId,
    grant_id: PathId,
    body: GrantEnd,
    expected: ExpectedVersion,
    response: Response,
) -> GrantView:
    """Let a grant hold no more from a day on."""
    grant = grants.end(session, actor, elder_id, grant_id, body, expected)
    set_etag(response, grant)
    return show_grant(grant, actor)
