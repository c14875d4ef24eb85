"""Calendar feeds: a secret address for each caregiver who wants one, revocable.

A subscribed calendar is copied to whoever runs it. So the feed says when, and where to in the village's
name, and names the elder by surname and number; the address and the phone are in the app only.
"""

import secrets
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.scope import Actor
from app.accounts.signin import fingerprint
from app.audit.record import record
from app.centres.models import Village
from app.core.clock import day_of
from app.core.crypto import mask_name
from app.core.errors import NotFound
from app.terms import LABELS
from app.visits.mine import instant
from app.visits.models import CalendarFeed
from app.visits.rows import around, slot, visits_of

_PAST_DAYS = 14
_COMING_DAYS = 35


def open_feed(session: Session, actor: Actor, now: datetime) -> str:
    """Make a new secret address and revoke the one before; return the secret, shown this once."""
    close_feed(session, actor, now)
    secret = secrets.token_urlsafe(32)
    session.add(CalendarFeed(caregiver_id=actor.caregiver_id, secret_hash=fingerprint(secret), created_at=now))
    _note(session, actor, "calendar.opened")
    return secret


def close_feed(session: Session, actor: Actor, now: datetime) -> None:
    """Revoke the caregiver's address; nothing happens if she has none."""
    mine = (CalendarFeed.caregiver_id == actor.caregiver_id, CalendarFeed.revoked_at.is_(None))
    if session.scalars(select(CalendarFeed.id).where(*mine)).first() is None:
        return
    session.execute(update(CalendarFeed).where(*mine).values(revoked_at=now))
    _note(session, actor, "calendar.revoked")


def read_feed(session: Session, secret: str, now: datetime) -> bytes:
    """Return the feed of a secret as iCalendar (RFC 5545).

    Raises
    ------
    NotFound
        If the secret is unknown or revoked, or the account is closed.
    """
    caregiver_id = session.scalar(
        select(CalendarFeed.caregiver_id)
        .join(User, User.caregiver_id == CalendarFeed.caregiver_id)
        .where(
            CalendarFeed.secret_hash == fingerprint(secret),
            CalendarFeed.revoked_at.is_(None),
            User.disabled_at.is_(None),
        )
    )
    if caregiver_id is None:
        raise NotFound("there is no such calendar")
    today = day_of(now)
    visits = visits_of(session, caregiver_id, today - timedelta(days=_PAST_DAYS), today + timedelta(days=_COMING_DAYS))
    rows = around(session, visits, caregiver_id)
    village_ids = {elder.village_id for elder in rows.elders.values()}
    villages = {row.id: row.name for row in session.scalars(select(Village).where(Village.id.in_(village_ids)))}
    calendar = Calendar()
    calendar.add("prodid", "-//Jiuling//home care//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "九龄 上门服务")
    for visit in visits:
        at, elder = slot(visit), rows.elders[visit.elder_id]
        items = "、".join(LABELS["service_item"][item][0] for item in visit.items)
        event = Event()
        event.add("uid", f"{visit.visit_key}@jiuling")
        event.add("dtstamp", now)
        event.add("sequence", visit.schedule_id % 2**31)
        event.add("dtstart", instant(at.day, at.start_minute).astimezone(UTC))
        event.add("dtend", instant(at.day, at.start_minute + at.minutes).astimezone(UTC))
        event.add("summary", f"{mask_name(elder.name)}（{elder.number}）{items}")
        event.add("location", f"{rows.towns[visit.town_id].name}{villages[elder.village_id]}")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _note(session: Session, actor: Actor, action: str) -> None:
    record(
        session,
        user_id=actor.user_id,
        action=action,
        entity="caregiver",
        entity_id=actor.caregiver_id,
        request_id=actor.request_id,
    )
