"""The visits of a schedule with the words around them, read piece by piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.caregivers.models import Caregiver
from app.centres.models import Centre, Town, Village
from app.elders.models import Elder
from app.schedules.models import ScheduledVisit, VisitCaregiver, VisitState

_BATCH = 500

WhichVisits = Literal["placed", "unallocated", "all"]


@dataclass(frozen=True, slots=True)
class Person:
    """An elder or a caregiver as an export names them; the personal parts are None for who may not see them."""

    number: str
    name: str | None
    phone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRow:
    """One visit, ready to be written."""

    visit_key: str
    state: str
    day: date | None
    start_minute: int | None
    minutes: int
    town: str
    town_en: str
    village: str
    centre: str | None
    elder: Person
    address: str | None
    way_in: str | None
    items: tuple[str, ...]
    caregivers: tuple[Person, ...]
    travel_minutes: int
    pinned: bool
    reason: str | None

    @property
    def end_minute(self) -> int | None:
        """The minute of the day at which the visit ends."""
        return None if self.start_minute is None else self.start_minute + self.minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFilter:
    """Which visits of a schedule."""

    schedule_id: int
    which: WhichVisits = "placed"
    town_id: int | None = None
    centre_id: int | None = None
    caregiver_id: int | None = None


def chosen_visits(wanted: ExportFilter, actor: Actor) -> Select[ScheduledVisit]:
    """Return the query of the visits that are wanted and within the actor's towns, in order of time."""
    query = select(ScheduledVisit).where(
        ScheduledVisit.schedule_id == wanted.schedule_id, actor.within(ScheduledVisit.town_id)
    )
    if wanted.which != "all":
        query = query.where(ScheduledVisit.state == VisitState(wanted.which))
    if wanted.town_id is not None:
        query = query.where(ScheduledVisit.town_id == wanted.town_id)
    if wanted.centre_id is not None:
        query = query.where(ScheduledVisit.centre_id == wanted.centre_id)
    if wanted.caregiver_id is not None:
        query = query.where(
            exists().where(
                VisitCaregiver.visit_id == ScheduledVisit.id, VisitCaregiver.caregiver_id == wanted.caregiver_id
            )
        )
    return query.order_by(ScheduledVisit.day, ScheduledVisit.start_minute, ScheduledVisit.town_id, ScheduledVisit.id)


def read_rows(session: Session, wanted: ExportFilter, actor: Actor) -> Iterator[ExportRow]:
    """Yield the chosen visits; memory and queries a batch stay the same however long the week is."""
    towns = {town.id: town for town in session.scalars(select(Town))}
    villages = dict(session.execute(select(Village.id, Village.name)).all())
    centres = dict(session.execute(select(Centre.id, Centre.name)).all())
    caregivers = _caregivers(session, wanted, actor)
    for visits in session.scalars(chosen_visits(wanted, actor).execution_options(yield_per=_BATCH)).partitions():
        elders = _elders(session, visits)
        for visit in visits:
            elder = elders[visit.elder_id]
            town = towns[visit.town_id]
            yield ExportRow(
                visit_key=visit.visit_key,
                state=visit.state,
                day=visit.day,
                start_minute=visit.start_minute,
                minutes=visit.minutes,
                town=town.name,
                town_en=town.name_en,
                village=villages[elder.village_id],
                centre=centres.get(visit.centre_id) if visit.centre_id else None,
                elder=Person(elder.number, *((elder.name, elder.phone) if actor.sees_personal else (None, None))),
                address=elder.address if actor.sees_personal else None,
                way_in=elder.way_in if actor.sees_personal else None,
                items=tuple(visit.items),
                caregivers=tuple(caregivers[maker.caregiver_id] for maker in visit.caregivers),
                travel_minutes=sum(maker.travel_minutes for maker in visit.caregivers),
                pinned=visit.pinned,
                reason=visit.reason,
            )
            session.expunge(visit)


def _elders(session: Session, visits: Sequence[ScheduledVisit]) -> dict[int, Elder]:
    wanted = {visit.elder_id for visit in visits}
    return {elder.id: elder for elder in session.scalars(select(Elder).where(Elder.id.in_(wanted)))}


def _caregivers(session: Session, wanted: ExportFilter, actor: Actor) -> dict[int, Person]:
    """Return every caregiver of the chosen visits: some hundreds, each of them often."""
    makers = (
        select(VisitCaregiver.caregiver_id)
        .join(ScheduledVisit, ScheduledVisit.id == VisitCaregiver.visit_id)
        .where(ScheduledVisit.schedule_id == wanted.schedule_id, actor.within(ScheduledVisit.town_id))
    )
    found = session.scalars(select(Caregiver).where(Caregiver.id.in_(makers)))
    return {
        caregiver.id: Person(
            caregiver.number, *((caregiver.name, caregiver.phone) if actor.sees_personal else (None, None))
        )
        for caregiver in found
    }
