"""``/api/v1/users``: accounts, kept by administrators."""

from fastapi import APIRouter, Response
from sqlalchemy import select

from app.accounts import service
from app.accounts.guard import Administrator
from app.accounts.models import Role, User
from app.accounts.schemas import PasswordReset, UserChange, UserNew, UserView
from app.accounts.scope import find
from app.core.db import ReadSession, WriteSession
from app.core.http import ExpectedVersion, PathId, QueryId, problems, set_etag
from app.core.paging import Page, WhichPage, read_page

router = APIRouter(prefix="/api/v1/users", tags=["users"])

_CHANGE = problems(401, 403, 404, 409, 412, 428)


def _shown(user: User, response: Response) -> UserView:
    set_etag(response, user)
    return UserView.of(user)


@router.get("", responses=problems(401, 403))
def list_users(
    actor: Administrator,
    session: ReadSession,
    page: WhichPage,
    role: Role | None = None,
    disabled: bool | None = None,
    caregiver_id: QueryId = None,
) -> Page[UserView]:
    """List accounts."""
    actor.require_all_towns()
    query = select(User)
    if role is not None:
        query = query.where(User.role == role)
    if disabled is not None:
        query = query.where(User.disabled_at.is_not(None) if disabled else User.disabled_at.is_(None))
    if caregiver_id is not None:
        query = query.where(User.caregiver_id == caregiver_id)
    return Page(**read_page(session, query, User.id, page, UserView.of))


@router.post("", status_code=201, responses=problems(401, 403, 409))
def create_user(body: UserNew, actor: Administrator, session: WriteSession, response: Response) -> UserView:
    """Open an account."""
    actor.require_all_towns()
    return _shown(service.create_user(session, actor, body), response)


@router.get("/{user_id}", responses=problems(401, 403, 404))
def read_user(user_id: PathId, actor: Administrator, session: ReadSession, response: Response) -> UserView:
    """Show an account."""
    return _shown(find(session, actor, User, user_id), response)


@router.patch("/{user_id}", responses=_CHANGE)
def change_user(
    user_id: PathId,
    body: UserChange,
    actor: Administrator,
    session: WriteSession,
    expected: ExpectedVersion,
    response: Response,
) -> UserView:
    """Change role, towns or display name; what is left out stays."""
    user = find(session, actor, User, user_id, expected)
    service.change_user(session, actor, user, body)
    return _shown(user, response)


@router.post("/{user_id}/disable", responses=_CHANGE)
def disable_user(
    user_id: PathId, actor: Administrator, session: WriteSession, expected: ExpectedVersion, response: Response
) -> UserView:
    """Close an account; its sessions end at once."""
    user = find(session, actor, User, user_id, expected)
    service.disable_user(session, actor, user)
    return _shown(user, response)


@router.post("/{user_id}/enable", responses=_CHANGE)
def enable_user(
    user_id: PathId, actor: Administrator, session: WriteSession, expected: ExpectedVersion, response: Response
) -> UserView:
    """Open an account again."""
    user = find(session, actor, User, user_id, expected)
    service.enable_user(session, actor, user)
    return _shown(user, response)


@router.post("/{user_id}/password", responses=_CHANGE)
def reset_password(
    user_id: PathId,
    body: PasswordReset,
    actor: Administrator,
    session: WriteSession,
    expected: ExpectedVersion,
    response: Response,
) -> UserView:
    """Set somebody's password; all sessions of the account end."""
    user = find(session, actor, User, user_id, expected)
    service.reset_password(session, actor, user, body.password)
    return _shown(user, response)
