"""Builders of published weeks, row by row: for tests of what is read from them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.caregivers.models import Caregiver
from app.centres.models import Town
from app.core import clock
from app.core.weeks import Week
from app.elders.models import Elder
from app.entitlements.models import Booking
from app.schedules.models import Schedule, ScheduledVisit, ScheduleStatus, ScheduleTown, VisitCaregiver, VisitState


def schedule(session: Session, week: Week, towns: Sequence[Town], published_at: datetime | None = None) -> Schedule:
    """Add a published schedule that holds in some towns from now on."""
    held = update(ScheduleTown).where(
        ScheduleTown.town_id.in_([town.id for town in towns]), ScheduleTown.published_monday == week.monday
    )
    session.execute(held.values(published_monday=None))
    row = Schedule(
        monday=week.monday,
        all_towns=False,
        status=ScheduleStatus.PUBLISHED,
        published_at=published_at or clock.now(),
        towns=[ScheduleTown(town_id=town.id, published_monday=week.monday) for town in towns],
    )
    session.add(row)
    session.flush()
    return row


def visit(
    session: Session,
    schedule: Schedule,
    elder: Elder,
    caregivers: Sequence[Caregiver],
    day: date,
    start_minute: int = 540,
    **columns: Any,
) -> ScheduledVisit:
    """Add a placed visit, and its booking if its key has none yet."""
    key = columns.pop("visit_key", f"{elder.id}-{Week.of(day)}-1")
    row = ScheduledVisit(
        schedule_id=schedule.id,
        visit_key=key,
        elder_id=elder.id,
        town_id=elder.town_id,
        centre_id=elder.centre_id,
        state=VisitState.PLACED,
        day=day,
        start_minute=start_minute,
        hands=len(caregivers),
        caregivers=[VisitCaregiver(caregiver_id=c.id, position=n, travel_minutes=7) for n, c in enumerate(caregivers)],
        **{"minutes": 60, "items": ["meals", "comfort"], **columns},
    )
    session.add(row)
    if not session.query(Booking).filter_by(visit_key=key).count():
        session.add(
            Booking(visit_key=key, elder_id=elder.id, day=day, minutes=row.minutes, planned_minutes=row.minutes)
        )
    session.flush()
    return row


def unallocated(session: Session, schedule: Schedule, elder: Elder, reason: str = "no_skill") -> ScheduledVisit:
    """Add a visit without a place."""
    row = ScheduledVisit(
        schedule_id=schedule.id,
        visit_key=f"{elder.id}-{Week(schedule.monday)}-9",
        elder_id=elder.id,
        town_id=elder.town_id,
        state=VisitState.UNALLOCATED,
        minutes=60,
        reason=reason,
    )
    session.add(row)
    session.flush()
    return row
