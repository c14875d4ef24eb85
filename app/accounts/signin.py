"""Signing in: passwords (argon2), short access tokens, refresh tokens that can be revoked."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

import jwt
from pwdlib import PasswordHash
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, SignIn, SignInAttempt, User
from app.accounts.scope import Actor
from app.audit.record import record
from app.core import clock
from app.core.crypto import vault
from app.core.errors import NotAuthenticated, TooManyAttempts
from app.core.settings import Settings

_PASSWORDS = PasswordHash.recommended()
_ATTEMPT_WINDOW = timedelta(minutes=15)
# Checked when the account does not exist, so that the time taken does not tell.
_NOBODY = _PASSWORDS.hash(secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a successful sign-in hands out; the refresh token is shown this once."""

    access_token: str
    refresh_token: str
    expires_in: int  # seconds


def hash_password(password: str) -> str:
    """Return the argon2 hash of a password."""
    return _PASSWORDS.hash(password)


def fingerprint(secret: str) -> str:
    """Return the SHA-256 of a random secret, which is all that is stored of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def check_attempts(session: Session, settings: Settings, username: str, address: str) -> None:
    """Refuse after too many failures of an account or an address in a quarter of an hour.

    Raises
    ------
    TooManyAttempts
        Whatever the password is.
    """
    since = clock.now() - _ATTEMPT_WINDOW
    for key, allowed in _attempt_keys(settings, username, address):
        failed = session.scalar(
            select(func.count()).select_from(SignInAttempt).where(SignInAttempt.key == key, SignInAttempt.at >= since)
        )
        if (failed or 0) >= allowed:
            raise TooManyAttempts("too many failed sign-ins; wait a quarter of an hour")


def note_failure(session: Session, settings: Settings, username: str, address: str) -> None:
    """Count one failed sign-in, and forget those that no longer matter."""
    now = clock.now()
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - _ATTEMPT_WINDOW))
    for key, _ in _attempt_keys(settings, username, address):
        session.add(SignInAttempt(key=key, at=now))


def _attempt_keys(settings: Settings, username: str, address: str) -> list[tuple[str, int]]:
    # An address stands for a whole office behind one router: it gets ten times the attempts.
    return [
        (vault().blind_index("sign-in", username.lower()), settings.sign_in_attempts),
        (vault().blind_index("sign-in-address", address), settings.sign_in_attempts * 10),
    ]


def check_password(session: Session, username: str, password: str) -> User | None:
    """Return the user if name and password are right and the account is open."""
    user = session.scalar(select(User).where(User.username == username.lower()))
    right = _PASSWORDS.verify(password, user.password_hash if user else _NOBODY)
    return user if right and user and user.disabled_at is None else None


def open_sign_in(session: Session, settings: Settings, user: User, request_id: str | None = None) -> Tokens:
    """Start a signed-in session."""
    sign_in, refresh = new_sign_in(session, settings, user, request_id)
    return _tokens(settings, sign_in, refresh)


def new_sign_in(session: Session, settings: Settings, user: User, request_id: str | None) -> tuple[SignIn, str]:
    """Store a sign-in; return it with its refresh token, which is nowhere else."""
    now = clock.now()
    refresh = secrets.token_urlsafe(32)
    sign_in = SignIn(
        user_id=user.id,
        refresh_hash=fingerprint(refresh),
        created_at=now,
        expires_at=now + timedelta(days=settings.refresh_token_days),
    )
    session.add(sign_in)
    session.flush()
    record(session, user_id=user.id, action="sign-in", entity="user", entity_id=user.id, request_id=request_id)
    return sign_in, refresh


def refresh(session: Session, settings: Settings, token: str) -> Tokens:
    """Exchange a refresh token for new ones; the old one is used up.

    Raises
    ------
    NotAuthenticated
        If it is unknown, used, revoked or too old.
    """
    now = clock.now()
    sign_in = session.scalar(select(SignIn).where(SignIn.refresh_hash == fingerprint(token)))
    user = session.get(User, sign_in.user_id) if sign_in else None
    if sign_in is None or user is None or sign_in.revoked_at or sign_in.expires_at <= now or user.disabled_at:
        raise NotAuthenticated("the refresh token is unknown, used or revoked; sign in again")
    fresh = secrets.token_urlsafe(32)
    sign_in.refresh_hash = fingerprint(fresh)
    return _tokens(settings, sign_in, fresh)


def revoke(session: Session, *, user_id: int | None, sign_in_id: int | None = None) -> None:
    """End one signed-in session, or all of a user's."""
    query = update(SignIn).where(SignIn.user_id == user_id, SignIn.revoked_at.is_(None)).values(revoked_at=clock.now())
    session.execute(query if sign_in_id is None else query.where(SignIn.id == sign_in_id))


def revoke_others(session: Session, *, user_id: int, kept: int | None) -> None:
    """End all of a user's signed-in sessions but one."""
    query = update(SignIn).where(SignIn.user_id == user_id, SignIn.revoked_at.is_(None), SignIn.id != kept)
    session.execute(query.values(revoked_at=clock.now()))


def actor_of(session: Session, settings: Settings, token: str, request_id: str | None) -> Actor:
    """Return who an access token belongs to.

    Raises
    ------
    NotAuthenticated
        If the token is forged, too old or revoked, or the account is closed.
    """
    try:
        claims = jwt.decode(token, settings.keys.tokens, algorithms=["HS256"], options={"require": ["exp", "sid"]})
        sign_in_id = int(claims["sid"])
    except (jwt.InvalidTokenError, ValueError, TypeError):
        raise NotAuthenticated("the access token is not valid or has ended") from None
    return actor_of_sign_in(session, sign_in_id, request_id)


def actor_of_sign_in(session: Session, sign_in_id: int, request_id: str | None) -> Actor:
    """Return who a signed-in session belongs to.

    Raises
    ------
    NotAuthenticated
        If it was revoked or is too old, or the account is closed.
    """
    sign_in = session.get(SignIn, sign_in_id)
    user = session.get(User, sign_in.user_id) if sign_in else None
    if sign_in is None or user is None or sign_in.revoked_at or sign_in.expires_at <= clock.now() or user.disabled_at:
        raise NotAuthenticated("the sign-in was revoked; sign in again")
    return Actor(
        user_id=user.id,
        role=Role(user.role),
        town_ids=None if user.all_towns else frozenset(town.town_id for town in user.towns),
        caregiver_id=user.caregiver_id,
        sign_in_id=sign_in.id,
        request_id=request_id,
    )


def _tokens(settings: Settings, sign_in: SignIn, refresh_token: str) -> Tokens:
    seconds = settings.access_token_minutes * 60
    access = jwt.encode(
        {"sid": str(sign_in.id), "exp": clock.now() + timedelta(seconds=seconds)},
        settings.keys.tokens,
        algorithm="HS256",
    )
    return Tokens(access, refresh_token, seconds)
