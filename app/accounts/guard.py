"""The dependencies by which a route says who may call it."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.accounts import pages
from app.accounts.models import Role
from app.accounts.scope import Actor
from app.accounts.signin import actor_of
from app.core.db import database
from app.core.errors import Forbidden, NotAuthenticated
from app.core.http import request_id

_BEARER = HTTPBearer(auto_error=False, description="The access token of `POST /api/v1/auth/token`.")


def current_actor(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> Actor:
    """Return who is asking, by access token or by the cookie of a page.

    Her session is read anew each time, so that a revocation holds at once.
    """
    settings, number = request.app.state.settings, request_id(request)
    if credentials is not None:
        with database(request).read() as session:
            return actor_of(session, settings, credentials.credentials, number)
    cookie = request.cookies.get(pages.COOKIE)
    if cookie is None:
        raise NotAuthenticated("send the access token as Authorization: Bearer …")
    with database(request).read() as session:
        actor = pages.actor_of_cookie(session, cookie, number)
    pages.check_origin(request.method, request.headers)
    pages.check_token(settings, request.method, cookie, request.headers)
    return actor


def allow(*roles: Role) -> Callable[..., Actor]:
    """Return the dependency that lets only some roles through."""

    def check(actor: Annotated[Actor, Depends(current_actor)]) -> Actor:
        if actor.role not in roles:
            raise Forbidden(f"role {actor.role} is not allowed to do this; {', '.join(roles)} is")
        return actor

    return check


SignedIn = Annotated[Actor, Depends(current_actor)]
Administrator = Annotated[Actor, Depends(allow(Role.ADMINISTRATOR))]
Editor = Annotated[Actor, Depends(allow(Role.ADMINISTRATOR, Role.DISPATCHER))]
Reader = Annotated[Actor, Depends(allow(Role.ADMINISTRATOR, Role.DISPATCHER, Role.AUDITOR))]
AuditReader = Annotated[Actor, Depends(allow(Role.ADMINISTRATOR, Role.AUDITOR))]
OwnCaregiver = Annotated[Actor, Depends(allow(Role.CAREGIVER))]
