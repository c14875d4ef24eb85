"""``/api/v1/me``, ``/api/v1/visits`` and ``/api/v1/calendar``: what caregivers pull, and what they report."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import AwareDatetime

from app.accounts.guard import Editor, OwnCaregiver
from app.accounts.scope import Actor
from app.core import clock
from app.core.db import ReadSession, WriteSession
from app.core.errors import NotFound
from app.core.http import Day, Printable, problems
from app.entitlements.bookings import record_outcome
from app.entitlements.models import Booking
from app.visits import calendar, checks
from app.visits.mine import Pull, asked_days, pulled
from app.visits.schemas import CalendarView, CheckInBody, CheckOutBody, CheckView, MyVisitsView, OutcomeBody, VisitKey

router = APIRouter(prefix="/api/v1", tags=["visits"])

PathKey = Annotated[VisitKey, Path(examples=["1207-2026-W48-1"])]
Since = Annotated[
    AwareDatetime | None,
    Query(description="also tell what changed in the published visits since this instant", examples=[None]),
]
_FIRST_INSTANT = datetime(2000, 1, 1, tzinfo=clock.ZONE)


def _caregiver(actor: Actor) -> int:
    if actor.caregiver_id is None:
        raise NotFound("this account belongs to no caregiver")
    return actor.caregiver_id


def _check_view(booking: Booking) -> CheckView:
    return CheckView.model_validate(booking, from_attributes=True)


@router.get(
    "/me/visits",
    response_model=MyVisitsView,
    responses={304: {"description": "Nothing changed since the ETag in If-None-Match."}, **problems(401, 403)},
)
def read_my_visits(
    actor: OwnCaregiver,
    session: ReadSession,
    first: Annotated[Day | None, Query(alias="from", description="default: today")] = None,
    last: Annotated[Day | None, Query(alias="to", description="inclusive; default: two weeks")] = None,
    since: Since = None,
    if_none_match: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Give the signed-in caregiver's published visits in order, with address, way in and what to do."""
    begin, end = asked_days(first, last, clock.now())
    pull = Pull(_caregiver(actor), begin, end, None if since is None else max(since, _FIRST_INSTANT))
    tag, view = pulled(session, pull, [each.strip() for each in (if_none_match or "").split(",")])
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if view is None:
        return Response(status_code=304, headers=headers)
    return Response(view.model_dump_json(), media_type="application/json", headers=headers)


@router.post("/me/visits/{visit_key}/check-in", responses=problems(401, 403, 404, 409))
def check_in(
    visit_key: PathKey, actor: OwnCaregiver, session: WriteSession, body: CheckInBody | None = None
) -> CheckView:
    """Check in at the door; a phone without a network may send it later, with the instant at which it was."""
    at = checks.noted_at(body.at if body else None, clock.now())
    return _check_view(checks.check_in(session, actor, visit_key, at))


@router.post("/me/visits/{visit_key}/check-out", responses=problems(401, 403, 404, 409))
def check_out(visit_key: PathKey, body: CheckOutBody, actor: OwnCaregiver, session: WriteSession) -> CheckView:
    """Check out: the visit is delivered; it may be sent later, like the check-in."""
    return _check_view(checks.check_out(session, actor, visit_key, checks.noted_at(body.at, clock.now()), body.minutes))


@router.post("/visits/{visit_key}/outcome", responses=problems(401, 403, 404, 409))
def set_outcome(visit_key: PathKey, body: OutcomeBody, actor: Editor, session: WriteSession) -> CheckView:
    """Record what became of a published visit: delivered, missed (to be made up) or excused."""
    booking = record_outcome(
        session, actor, visit_key, body.state, body.minutes, body.reason, today=clock.day_of(clock.now())
    )
    return _check_view(booking)


@router.post("/me/calendar", status_code=201, responses=problems(401, 403))
def open_calendar(actor: OwnCaregiver, session: WriteSession) -> CalendarView:
    """Make a secret calendar address (ICS); the one before ends."""
    _caregiver(actor)
    now = clock.now()
    return CalendarView(url=f"/api/v1/calendar/{calendar.open_feed(session, actor, now)}.ics", created_at=now)


@router.delete("/me/calendar", status_code=204, responses=problems(401, 403))
def close_calendar(actor: OwnCaregiver, session: WriteSession) -> None:
    """Revoke the calendar address."""
    calendar.close_feed(session, actor, clock.now())


@router.get(
    "/calendar/{secret}.ics",
    response_class=Response,
    responses={200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}, **problems(404)},
)
def read_calendar(
    secret: Annotated[str, Path(min_length=20, max_length=100), Printable], session: ReadSession
) -> Response:
    """Give the calendar of a secret address; it needs no sign-in."""
    content = calendar.read_feed(session, secret, clock.now())
    return Response(content, media_type="text/calendar; charset=utf-8")
