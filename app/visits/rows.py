"""The published visits of one caregiver, as they hold now or as they held at an earlier instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, load_only

from app.caregivers.models import Caregiver
from app.centres.models import Town
from app.elders.models import CarePlan, Elder
from app.entitlements.models import Booking
from app.schedules.models import Schedule, ScheduledVisit, ScheduleTown, VisitCaregiver


@dataclass(frozen=True, slots=True)
class Slot:
    """When and with whom: what a caregiver must be told of if it changes."""

    visit_key: str
    day: date
    start_minute: int
    minutes: int
    caregiver_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """The rows around some visits, by id."""

    elders: Mapping[int, Elder]
    towns: Mapping[int, Town]
    companions: Mapping[int, Caregiver]  # who else comes
    notes: Mapping[int, CarePlan]  # by elder: the newest plan that has begun
    bookings: Mapping[str, Booking]  # by visit key


def visits_of(session: Session, caregiver_id: int, first: date, last: date) -> Sequence[ScheduledVisit]:
    """Return the visits that hold now, in order of time; one query, and one for who goes along."""
    mine = and_(VisitCaregiver.visit_id == ScheduledVisit.id, VisitCaregiver.caregiver_id == caregiver_id)
    holding = and_(
        ScheduleTown.schedule_id == ScheduledVisit.schedule_id,
        ScheduleTown.town_id == ScheduledVisit.town_id,
        ScheduleTown.published_monday.is_not(None),
    )
    query = (
        select(ScheduledVisit)
        .join(VisitCaregiver, mine)
        .join(ScheduleTown, holding)
        .where(ScheduledVisit.day >= first, ScheduledVisit.day <= last)
        .order_by(ScheduledVisit.day, ScheduledVisit.start_minute, ScheduledVisit.id)
    )
    return session.scalars(query).unique().all()


def slot(visit: ScheduledVisit) -> Slot:
    """Return what a change of a visit is seen by."""
    assert visit.day is not None  # only placed visits have caregivers
    assert visit.start_minute is not None
    makers = tuple(sorted(maker.caregiver_id for maker in visit.caregivers))
    return Slot(visit.visit_key, visit.day, visit.start_minute, visit.minutes, makers)


def slots_at(session: Session, caregiver_id: int, first: date, last: date, at: datetime) -> dict[str, Slot]:
    """Return the visits that held at an instant: of each town and week, the version published last before it."""
    newest = (
        select(Schedule.monday, ScheduleTown.town_id, func.max(Schedule.published_at).label("published_at"))
        .join(ScheduleTown, ScheduleTown.schedule_id == Schedule.id)
        .where(Schedule.published_at <= at)
        .group_by(Schedule.monday, ScheduleTown.town_id)
        .subquery()
    )
    held: ColumnElement[bool] = and_(
        newest.c.monday == Schedule.monday,
        newest.c.town_id == ScheduledVisit.town_id,
        newest.c.published_at == Schedule.published_at,
    )
    mine = and_(VisitCaregiver.visit_id == ScheduledVisit.id, VisitCaregiver.caregiver_id == caregiver_id)
    query = (
        select(ScheduledVisit)
        .join(VisitCaregiver, mine)
        .join(Schedule, Schedule.id == ScheduledVisit.schedule_id)
        .join(newest, held)
        .where(ScheduledVisit.day >= first, ScheduledVisit.day <= last)
    )
    return {visit.visit_key: slot(visit) for visit in session.scalars(query).unique()}


# What is shown of an elder and of who else comes: every other encrypted column stays encrypted.
_OF_ELDER = load_only(
    Elder.number, Elder.name, Elder.phone, Elder.address, Elder.way_in, Elder.home, Elder.village_id, raiseload=True
)
_OF_COMPANION = load_only(Caregiver.number, Caregiver.name, Caregiver.phone, raiseload=True)


def around(session: Session, visits: Sequence[ScheduledVisit], caregiver_id: int) -> Around:
    """Read what is shown with some visits of a caregiver: five queries, however many visits."""
    elder_ids = {visit.elder_id for visit in visits}
    companion_ids = {maker.caregiver_id for visit in visits for maker in visit.caregivers} - {caregiver_id}
    keys = [visit.visit_key for visit in visits]
    plans: dict[int, CarePlan] = {}
    begun = select(CarePlan).where(CarePlan.elder_id.in_(elder_ids)).order_by(CarePlan.valid_from)
    last_day = max((visit.day for visit in visits if visit.day), default=date.min)
    for plan in session.scalars(begun.where(CarePlan.valid_from <= last_day)):
        plans[plan.elder_id] = plan
    companions = select(Caregiver).where(Caregiver.id.in_(companion_ids)).options(_OF_COMPANION)
    return Around(
        elders={
            row.id: row for row in session.scalars(select(Elder).where(Elder.id.in_(elder_ids)).options(_OF_ELDER))
        },
        towns={row.id: row for row in session.scalars(select(Town))},
        companions={row.id: row for row in session.scalars(companions)} if companion_ids else {},
        notes=plans,
        bookings={row.visit_key: row for row in session.scalars(select(Booking).where(Booking.visit_key.in_(keys)))},
    )


def versions_around(session: Session, visits: Sequence[ScheduledVisit], caregiver_id: int) -> list[tuple[object, ...]]:
    """Return the versions of all rows that ``around`` reads, in a fixed order: nothing is decrypted for them."""
    elder_ids = {visit.elder_id for visit in visits}
    companion_ids = {maker.caregiver_id for visit in visits for maker in visit.caregivers} - {caregiver_id}
    keys = [visit.visit_key for visit in visits]
    queries = (
        select(Elder.id, Elder.version).where(Elder.id.in_(elder_ids)).order_by(Elder.id),
        select(Caregiver.id, Caregiver.version).where(Caregiver.id.in_(companion_ids)).order_by(Caregiver.id),
        select(CarePlan.id, CarePlan.version).where(CarePlan.elder_id.in_(elder_ids)).order_by(CarePlan.id),
        select(Town.id, Town.version).order_by(Town.id),
        select(Booking.visit_key, Booking.state, Booking.checked_in_at, Booking.checked_out_at)
        .where(Booking.visit_key.in_(keys))
        .order_by(Booking.visit_key),
    )
    return [tuple(row) for query in queries for row in session.execute(query)]
