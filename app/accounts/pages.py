"""Signed-in browsers: a cookie that no script can read, and a token that every change must carry.

A change sent with the cookie is taken only from a page of this very address (``Origin``) that knows the
token: another site can make a browser send the cookie, but it can neither set the one nor read the other.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.models import PageSession, Role, User
from app.accounts.scope import Actor
from app.accounts.signin import actor_of_sign_in, fingerprint, new_sign_in
from app.core import clock
from app.core.errors import Forbidden, NotAuthenticated
from app.core.settings import Settings

COOKIE = "jiuling_session"
TOKEN_HEADER = "x-jiuling-token"
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class NotFromThePage(Forbidden):
    """A change came with the cookie, but not from a page of this service."""

    type_ = "not-from-the-page"
    title = "The change did not come from a page of this service; load the page again."


def open_page_session(session: Session, settings: Settings, user: User, request_id: str | None) -> tuple[str, datetime]:
    """Sign a browser in; return the cookie's value, shown this once, and when it ends.

    A caregiver's phone stays signed in as long as a refresh token lasts, everybody else for a working day.
    """
    now = clock.now()
    session.execute(delete(PageSession).where(PageSession.expires_at <= now))
    sign_in, _ = new_sign_in(session, settings, user, request_id)
    hours = timedelta(hours=settings.page_session_hours)
    ends_at = sign_in.expires_at if user.role == Role.CAREGIVER else min(now + hours, sign_in.expires_at)
    cookie = secrets.token_urlsafe(32)
    session.add(
        PageSession(
            sign_in_id=sign_in.id,
            cookie_hash=fingerprint(cookie),
            created_at=now,
            expires_at=ends_at,
        )
    )
    return cookie, ends_at


def actor_of_cookie(session: Session, cookie: str, request_id: str | None) -> Actor:
    """Return who a cookie belongs to.

    Raises
    ------
    NotAuthenticated
        If it is unknown or too old, or its sign-in was revoked.
    """
    found = session.scalar(select(PageSession).where(PageSession.cookie_hash == fingerprint(cookie)))
    if found is None or found.expires_at <= clock.now():
        raise NotAuthenticated("the session of this browser has ended; sign in again")
    return actor_of_sign_in(session, found.sign_in_id, request_id)


def page_token(settings: Settings, cookie: str) -> str:
    """Return the token that belongs to a cookie; only the page that was made for it knows it."""
    return hmac.new(settings.keys.tokens.encode(), b"page:" + cookie.encode(), hashlib.sha256).hexdigest()


def check_origin(method: str, headers: Mapping[str, str]) -> None:
    """Refuse a change that a page of another address sent.

    Raises
    ------
    NotFromThePage
        If ``Origin`` is missing or names another host.
    """
    if method in READING:
        return
    if urlsplit(headers.get("origin", "")).netloc != headers.get("host", ""):
        raise NotFromThePage("Origin must be the address of this service")


def check_token(settings: Settings, method: str, cookie: str, headers: Mapping[str, str]) -> None:
    """Refuse a change that comes without the page's token.

    Raises
    ------
    NotFromThePage
        If the header is missing or belongs to another session.
    """
    if method in READING:
        return
    sent = headers.get(TOKEN_HEADER, "").encode("latin-1", "replace")
    if not hmac.compare_digest(sent, page_token(settings, cookie).encode()):
        raise NotFromThePage(f"the header {TOKEN_HEADER} must be the token of the page")
