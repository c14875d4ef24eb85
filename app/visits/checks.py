"""Checking in and out at the door, and recording what became of a visit."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.audit.record import record
from app.core.clock import day_of
from app.core.errors import Conflict, InvalidInput, NotFound
from app.elders.models import Elder
from app.entitlements.bookings import record_outcome
from app.entitlements.models import Booking, BookingState
from app.schedules.models import ScheduledVisit, ScheduleTown, VisitCaregiver

LATE_DAYS = 3
"""For so long a phone without a network may keep a check-in before it sends it."""

_FAST_CLOCK = timedelta(minutes=5)  # by which a phone may be ahead of ours


def noted_at(said: datetime | None, now: datetime) -> datetime:
    """Return when somebody checked in or out: now, or when her phone says, if it had no network then.

    Raises
    ------
    InvalidInput
        If that is to come, or too long ago.
    """
    if said is None:
        return now
    if not now - timedelta(days=LATE_DAYS) <= said <= now + _FAST_CLOCK:
        raise InvalidInput.of(
            "body.at", f"an instant of the last {LATE_DAYS} days", str(said), f"最近 {LATE_DAYS} 天内的时间"
        )
    return min(said, now)


def check_in(session: Session, actor: Actor, visit_key: str, now: datetime) -> Booking:
    """Note that the caregiver has arrived; a second time changes nothing.

    Raises
    ------
    NotFound
        If it is not a published visit of hers.
    Conflict
        If it is another day's, or was recorded already.
    """
    booking = _my_booking(session, actor, visit_key)
    if booking.day != day_of(now):
        raise Conflict(
            f"the visit is on {booking.day}, not on {day_of(now)}", zh=f"这次服务在 {booking.day}，不是 {day_of(now)}"
        )
    if booking.state != BookingState.PLANNED:
        raise Conflict(f"the visit is recorded as {booking.state} already", zh="这次服务已有记录，不能再签到或签退")
    if booking.checked_in_at is None:
        booking.checked_in_at = now
        _note(session, actor, booking, "visit.check-in")
    return booking


def check_out(session: Session, actor: Actor, visit_key: str, now: datetime, minutes: int | None) -> Booking:
    """Note that the caregiver leaves: the visit is delivered; a second time changes nothing.

    Raises
    ------
    NotFound
        If it is not a published visit of hers.
    Conflict
        If she has not checked in, or it was recorded as missed or excused.
    InvalidInput
        If more minutes were delivered than planned.
    """
    booking = _my_booking(session, actor, visit_key)
    if booking.checked_in_at is None:
        raise Conflict("check in first", zh="请先签到")
    if booking.checked_out_at is not None:
        return booking
    if booking.state != BookingState.PLANNED:
        raise Conflict(f"the visit is recorded as {booking.state} already", zh="这次服务已有记录，不能再签到或签退")
    everywhere = Actor(
        user_id=actor.user_id,
        role=actor.role,
        town_ids=None,
        caregiver_id=actor.caregiver_id,
        request_id=actor.request_id,
    )  # the visit is hers, whichever town it is in
    if now < booking.checked_in_at:
        raise Conflict(f"checked in at {booking.checked_in_at}, out before that", zh="签退时间早于签到时间")
    booking = record_outcome(session, everywhere, visit_key, BookingState.DELIVERED, minutes, today=day_of(now))
    booking.checked_out_at = now
    _note(session, actor, booking, "visit.check-out")
    return booking


def _my_booking(session: Session, actor: Actor, visit_key: str) -> Booking:
    query = (
        select(Booking)
        .join(ScheduledVisit, ScheduledVisit.visit_key == Booking.visit_key)
        .join(VisitCaregiver, VisitCaregiver.visit_id == ScheduledVisit.id)
        .join(
            ScheduleTown,
            (ScheduleTown.schedule_id == ScheduledVisit.schedule_id) & (ScheduleTown.town_id == ScheduledVisit.town_id),
        )
        .where(
            Booking.visit_key == visit_key,
            VisitCaregiver.caregiver_id == actor.caregiver_id,
            ScheduleTown.published_monday.is_not(None),
        )
    )
    found = session.scalars(query).first()
    if found is None:
        raise NotFound.of("visit", visit_key)
    return found


def _note(session: Session, actor: Actor, booking: Booking, action: str) -> None:
    town_id = session.scalar(select(Elder.town_id).where(Elder.id == booking.elder_id))
    record(
        session,
        user_id=actor.user_id,
        action=action,
        entity="booking",
        entity_id=booking.id,
        town_id=town_id,
        request_id=actor.request_id,
    )
    session.flush()
