"""``/api/v1/auth``: sign in, refresh, sign out."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from app.accounts import pages, signin
from app.accounts.guard import SignedIn
from app.accounts.models import Role
from app.accounts.schemas import PasswordChange
from app.accounts.service import change_own_password as change_password
from app.accounts.service import find_own_account
from app.core.db import ReadSession, WriteSession, database
from app.core.errors import InvalidInput, NotAuthenticated
from app.core.http import Body, Printable, problems, request_id
from app.core.settings import Settings

router = APIRouter(prefix="/api/v1/auth", tags=["auth"])

Username = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), Printable]
Password = Annotated[str, StringConstraints(min_length=1, max_length=200), Printable]


class SignInBody(Body):
    """A name and a password."""

    username: Username = Field(examples=["dispatcher"])
    password: Password = Field(examples=["the password printed by `jiuling demo`"])


class RefreshBody(Body):
    """The refresh token of an earlier answer."""

    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=200), Printable]


class TokenView(BaseModel):
    """An access token for some minutes, and the refresh token for the next one."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"
    expires_in: int = Field(description="seconds")


class PageSessionView(BaseModel):
    """A signed-in browser."""

    user_id: int
    role: Role
    expires_at: datetime
    token: str = Field(description="to be sent as `X-Jiuling-Token` with every change")


class ActorView(BaseModel):
    """Who is signed in."""

    user_id: int
    role: Role
    all_towns: bool
    town_ids: list[int]
    caregiver_id: int | None


def _settings(request: Request) -> Settings:
    found: Settings = request.app.state.settings
    return found


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _view(tokens: signin.Tokens) -> TokenView:
    return TokenView(access_token=tokens.access_token, refresh_token=tokens.refresh_token, expires_in=tokens.expires_in)


@router.post("/token", responses=problems(401, 429))
def sign_in(body: SignInBody, request: Request) -> TokenView:
    """Sign in with a name and a password."""
    settings, address = _settings(request), _address(request)
    with database(request).read() as session:
        signin.check_attempts(session, settings, body.username, address)
        user = signin.check_password(session, body.username, body.password)
    with database(request).write() as session:
        if user is not None:
            return _view(signin.open_sign_in(session, settings, user, request_id(request)))
        signin.note_failure(session, settings, body.username, address)
    raise NotAuthenticated("the name or the password is not right")


@router.post("/session", responses=problems(401, 403, 429))
def sign_in_browser(body: SignInBody, request: Request, response: Response) -> PageSessionView:
    """Sign a browser in, for the pages: sets a cookie that scripts can't read.

    Only from a page of this address (`Origin`). Changes sent with the cookie need the page's token as
    `X-Jiuling-Token`; other clients take `/auth/token`.
    """
    pages.check_origin(request.method, request.headers)
    settings, address = _settings(request), _address(request)
    with database(request).read() as session:
        signin.check_attempts(session, settings, body.username, address)
        user = signin.check_password(session, body.username, body.password)
    if user is None:
        with database(request).write() as session:
            signin.note_failure(session, settings, body.username, address)
        raise NotAuthenticated("the name or the password is not right")
    with database(request).write() as session:
        cookie, expires_at = pages.open_page_session(session, settings, user, request_id(request))
    response.set_cookie(
        pages.COOKIE,
        cookie,
        expires=expires_at,
        httponly=True,
        samesite="lax",
        secure=settings.environment == "production" or request.url.scheme == "https",
    )
    return PageSessionView(
        user_id=user.id, role=Role(user.role), expires_at=expires_at, token=pages.page_token(settings, cookie)
    )


@router.post("/refresh", responses=problems(401))
def refresh(body: RefreshBody, request: Request, session: WriteSession) -> TokenView:
    """Exchange a refresh token for new tokens; the old one is used up."""
    return _view(signin.refresh(session, _settings(request), body.refresh_token))


@router.post("/revoke", status_code=204, responses=problems(401))
def sign_out(actor: SignedIn, session: WriteSession, response: Response, everywhere: bool = False) -> None:
    """End this signed-in session, or all of one's own."""
    response.delete_cookie(pages.COOKIE, httponly=True, samesite="lax")
    signin.revoke(session, user_id=actor.user_id, sign_in_id=None if everywhere else actor.sign_in_id)


@router.post("/password", status_code=204, responses=problems(401, 429))
def change_own_password(body: PasswordChange, actor: SignedIn, request: Request) -> None:
    """Change one's own password; one's other sessions end."""
    settings, address = _settings(request), _address(request)
    with database(request).write() as session:
        user = find_own_account(session, actor)
        signin.check_attempts(session, settings, user.username, address)
        right = signin.check_password(session, user.username, body.old_password) is not None
        if right:
            change_password(session, actor, user, body.new_password)
        else:
            signin.note_failure(session, settings, user.username, address)
    if not right:
        raise InvalidInput.of("body.old_password", "your present password", zh="当前密码")


@router.get("/me", responses=problems(401))
def who_am_i(actor: SignedIn, session: ReadSession) -> ActorView:
    """Say who is signed in."""
    return ActorView(
        user_id=actor.user_id,
        role=actor.role,
        all_towns=actor.town_ids is None,
        town_ids=sorted(actor.town_ids or ()),
        caregiver_id=actor.caregiver_id,
    )
