"""What a caregiver pulls: her published visits, and what changed since she last looked."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from app.core.clock import ZONE, day_of
from app.core.errors import InvalidInput
from app.entitlements.models import BookingState
from app.schedules.models import ScheduledVisit
from app.terms import ServiceItem
from app.visits.rows import Around, Slot, around, slot, slots_at, versions_around, visits_of
from app.visits.schemas import CompanionView, MyVisitsView, MyVisitView, SlotView, VisitChangeView

DAYS_AT_MOST = 62
DAYS_BY_DEFAULT = 14


def instant(day: date, minute: int) -> datetime:
    """Return the instant of a minute of a day in China; minute 1440 is the midnight that ends it."""
    return datetime.combine(day, time(), ZONE) + timedelta(minutes=minute)


def asked_days(first: date | None, last: date | None, now: datetime) -> tuple[date, date]:
    """Return the days that were asked for; by default two weeks from today.

    Raises
    ------
    InvalidInput
        If they end before they begin, or are too many.
    """
    begin = first or day_of(now)
    try:
        end = last or begin + timedelta(days=DAYS_BY_DEFAULT - 1)
    except OverflowError:
        end = date.max
    if not 0 <= (end - begin).days < DAYS_AT_MOST:
        raise InvalidInput.of("query.to", f"a day from {begin} on, {DAYS_AT_MOST} days at most", str(end))
    return begin, end


@dataclass(frozen=True, slots=True)
class Pull:
    """What a caregiver asks for: her visits of some days, and the changes since an instant if there is one."""

    caregiver_id: int
    first: date
    last: date
    since: datetime | None = None


def pulled(session: Session, pull: Pull, known: Collection[str] = ()) -> tuple[str, MyVisitsView | None]:
    """Return the ETag of what is to be shown, and the view, or None if its ETag is among the ``known``.

    The ETag is made of the versions of all rows that are shown, so that an unchanged week costs no decryption.
    """
    visits = visits_of(session, pull.caregiver_id, pull.first, pull.last)
    shown = [visit.id for visit in visits]
    versions = versions_around(session, visits, pull.caregiver_id)
    tag = f'"{hashlib.sha256(repr((pull, shown, versions)).encode()).hexdigest()[:32]}"'
    return tag, None if tag in known else _view_of(session, pull, visits)


def _view_of(session: Session, pull: Pull, visits: Sequence[ScheduledVisit]) -> MyVisitsView:
    rows = around(session, visits, pull.caregiver_id)
    changes = None
    if pull.since is not None:
        before = slots_at(session, pull.caregiver_id, pull.first, pull.last, pull.since)
        changes = _changes(before, {visit.visit_key: slot(visit) for visit in visits})
    views = _views(visits, rows, pull.caregiver_id)
    return MyVisitsView(first=pull.first, last=pull.last, visits=views, changes=changes)


def _views(visits: Sequence[ScheduledVisit], rows: Around, caregiver_id: int) -> list[MyVisitView]:
    views: list[MyVisitView] = []
    for visit in visits:
        order = views[-1].order + 1 if views and views[-1].day == visit.day else 1
        views.append(_view(visit, rows, caregiver_id, order))
    return views


def _view(visit: ScheduledVisit, rows: Around, caregiver_id: int, order: int) -> MyVisitView:
    elder = rows.elders[visit.elder_id]
    plan = rows.notes.get(visit.elder_id)
    booking = rows.bookings.get(visit.visit_key)
    at = slot(visit)
    return MyVisitView(
        visit_key=visit.visit_key,
        day=at.day,
        order=order,
        starts_at=instant(at.day, at.start_minute),
        ends_at=instant(at.day, at.start_minute + at.minutes),
        minutes=visit.minutes,
        travel_minutes=next(m.travel_minutes for m in visit.caregivers if m.caregiver_id == caregiver_id),
        elder_number=elder.number,
        elder_name=elder.name,
        elder_phone=elder.phone,
        town=rows.towns[visit.town_id].name,
        address=elder.address,
        way_in=elder.way_in,
        latitude=elder.home[0],
        longitude=elder.home[1],
        items=[ServiceItem(item) for item in visit.items],
        note=plan.note if plan else None,
        companions=[
            CompanionView(caregiver_id=other.id, number=other.number, name=other.name, phone=other.phone)
            for maker in visit.caregivers
            if maker.caregiver_id != caregiver_id
            for other in (rows.companions[maker.caregiver_id],)
        ],
        state=BookingState(booking.state) if booking else BookingState.PLANNED,
        checked_in_at=booking.checked_in_at if booking else None,
        checked_out_at=booking.checked_out_at if booking else None,
    )


def _changes(before: dict[str, Slot], after: dict[str, Slot]) -> list[VisitChangeView]:
    different = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]

    def when(key: str) -> tuple[date, int, str]:
        at = after.get(key) or before[key]
        return at.day, at.start_minute, key

    changes = []
    for key in sorted(different, key=when):
        old, new = before.get(key), after.get(key)
        kind = "added" if old is None else "removed" if new is None else "changed"
        changes.append(VisitChangeView(visit_key=key, kind=kind, before=_slot_view(old), after=_slot_view(new)))
    return changes


def _slot_view(at: Slot | None) -> SlotView | None:
    if at is None:
        return None
    start = f"{at.start_minute // 60:02d}:{at.start_minute % 60:02d}"
    return SlotView(day=at.day, start=start, minutes=at.minutes, caregiver_ids=list(at.caregiver_ids))
