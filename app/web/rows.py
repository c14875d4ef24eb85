"""What the board reads: the visits of a week with the people around them, as plain columns.

A week may be a patchwork: one version holds in these towns, another in those. A board shows one of them, and beside it
what is published in the towns that it doesn't cover.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.caregivers.models import Caregiver, Certificate, Leave, WorkingHours
from app.centres.models import Centre, Town
from app.core.weeks import Week
from app.elders.models import Elder
from app.schedules.models import Schedule, ScheduledVisit, ScheduleStatus, ScheduleTown, VisitCaregiver

Rows = Sequence[Any]  # of SQLAlchemy's Row: columns by their names

_CHUNK = 5000  # values in one IN: SQLite takes 32,766


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRows:
    """Everything on one board, within the actor's towns; ``elsewhere`` is what keeps her caregivers busy in others."""

    visits: Rows  # id, schedule_id, elder_id, town_id, day, start_minute, minutes, hands, pinned, reason, items
    makers: Mapping[int, Rows]  # visit id -> caregiver_id, travel_minutes, in order
    elsewhere: Rows  # caregiver_id, day, start_minute, minutes
    elders: Rows  # id, number, name, gender, town_id, centre_id
    caregivers: Rows  # id, number, name, gender, town_id, centre_id, contract_minutes, hired_on, ended_on
    skills: Mapping[int, list[str]]  # caregiver -> by certificates in force all week
    hours: Mapping[int, Mapping[int, tuple[int, int]]]  # caregiver -> weekday -> minutes of the day
    leaves: Mapping[int, Rows]  # caregiver -> first_on, last_on, starts, ends
    centres: Rows  # id, name, town_id
    towns: Rows  # id, name, name_en


def board_rows(session: Session, actor: Actor, schedule: Schedule) -> BoardRows:
    """Read a board in a dozen queries, whatever its size."""
    week = Week(schedule.monday)
    versions = versions_by_town(session, schedule)
    own = sorted(town for town in versions if actor.sees_town(town))
    here = of_versions({town: versions[town] for town in own})
    there = of_versions({town: version for town, version in versions.items() if town not in own})
    visits = _visits(session, here)
    makers = _makers(session, here)
    caregivers = _caregivers(session, week, own, {each.caregiver_id for rows in makers.values() for each in rows})
    at_home = [row.id for row in caregivers if row.town_id in own]
    elders = _elders(session, here)
    around = {*own, *(row.town_id for row in caregivers)}
    return BoardRows(
        visits=visits,
        makers=makers,
        elsewhere=_elsewhere(session, there, at_home) if actor.town_ids is not None else (),
        elders=elders,
        caregivers=caregivers,
        skills=_skills(session, week, at_home),
        hours=_hours(session, at_home),
        leaves=_leaves(session, week, at_home),
        centres=_centres(session, elders, caregivers),
        towns=session.execute(
            select(Town.id, Town.name, Town.name_en).where(Town.id.in_(around)).order_by(Town.id)
        ).all(),
    )


def versions_by_town(session: Session, schedule: Schedule) -> dict[int, int]:
    """Return of which version the visits are that a board shows in each town.

    A draft is shown in the towns that it covers, a published version where it still holds, and in the other towns what
    is published there. Any other version is shown alone.
    """
    if schedule.status not in (ScheduleStatus.DRAFT, ScheduleStatus.PUBLISHED):
        return {town.town_id: schedule.id for town in schedule.towns}
    query = select(ScheduleTown.town_id, ScheduleTown.schedule_id).where(
        ScheduleTown.published_monday == schedule.monday
    )
    found = {row.town_id: row.schedule_id for row in session.execute(query)}
    if schedule.status == ScheduleStatus.DRAFT:
        found.update({town.town_id: schedule.id for town in schedule.towns})
    return found


def of_versions(versions: Mapping[int, int]) -> ColumnElement[bool]:
    """Return the condition that a visit is of the version that is shown in its town."""
    towns: defaultdict[int, list[int]] = defaultdict(list)
    for town, version in sorted(versions.items()):
        towns[version].append(town)
    each = (
        and_(ScheduledVisit.schedule_id == version, ScheduledVisit.town_id.in_(those))
        for version, those in towns.items()
    )
    return or_(false(), *each)


def _visits(session: Session, shown: ColumnElement[bool]) -> Rows:
    query = select(
        ScheduledVisit.id,
        ScheduledVisit.schedule_id,
        ScheduledVisit.elder_id,
        ScheduledVisit.town_id,
        ScheduledVisit.day,
        ScheduledVisit.start_minute,
        ScheduledVisit.minutes,
        ScheduledVisit.hands,
        ScheduledVisit.pinned,
        ScheduledVisit.reason,
        ScheduledVisit.items,
    ).where(shown)
    return session.execute(query.order_by(ScheduledVisit.id)).all()


def _makers(session: Session, shown: ColumnElement[bool]) -> Mapping[int, Rows]:
    query = (
        select(VisitCaregiver.visit_id, VisitCaregiver.caregiver_id, VisitCaregiver.travel_minutes)
        .join(ScheduledVisit, ScheduledVisit.id == VisitCaregiver.visit_id)
        .where(shown)
        .order_by(VisitCaregiver.visit_id, VisitCaregiver.position)
    )
    return _grouped(session.execute(query).all(), "visit_id")


def _elsewhere(session: Session, there: ColumnElement[bool], caregivers: Sequence[int]) -> Rows:
    query = (
        select(VisitCaregiver.caregiver_id, ScheduledVisit.day, ScheduledVisit.start_minute, ScheduledVisit.minutes)
        .join(ScheduledVisit, ScheduledVisit.id == VisitCaregiver.visit_id)
        .where(there)
        .order_by(ScheduledVisit.id)
    )
    return _chunked(session, query, VisitCaregiver.caregiver_id, caregivers)


def _elders(session: Session, shown: ColumnElement[bool]) -> Rows:
    query = select(Elder.id, Elder.number, Elder.name, Elder.gender, Elder.town_id, Elder.centre_id).where(
        Elder.id.in_(select(ScheduledVisit.elder_id).where(shown))
    )
    return session.execute(query.order_by(Elder.id)).all()


def _caregivers(session: Session, week: Week, towns: Collection[int], besides: Collection[int]) -> Rows:
    """Return who is employed on a day of the week in these towns, and who comes from others."""
    query = select(
        Caregiver.id,
        Caregiver.number,
        Caregiver.name,
        Caregiver.gender,
        Caregiver.town_id,
        Caregiver.centre_id,
        Caregiver.contract_minutes,
        Caregiver.hired_on,
        Caregiver.ended_on,
    )
    employed = query.where(
        Caregiver.town_id.in_(towns),
        Caregiver.hired_on < week.end,
        Caregiver.ended_on.is_(None) | (Caregiver.ended_on > week.monday),
    )
    rows: list[Any] = list(session.execute(employed).all())
    lent = sorted(set(besides) - {row.id for row in rows})
    rows += _chunked(session, query, Caregiver.id, lent)
    return sorted(rows, key=lambda row: (row.town_id, row.centre_id, row.number))


def _skills(session: Session, week: Week, ids: Sequence[int]) -> Mapping[int, list[str]]:
    query = (
        select(Certificate.caregiver_id, Certificate.skill)
        .where(Certificate.issued_on <= week.monday, Certificate.expires_on >= week.days[6])
        .order_by(Certificate.skill)
    )
    rows = _chunked(session, query, Certificate.caregiver_id, ids)
    return {
        caregiver: sorted({row.skill for row in held}) for caregiver, held in _grouped(rows, "caregiver_id").items()
    }


def _hours(session: Session, ids: Sequence[int]) -> Mapping[int, Mapping[int, tuple[int, int]]]:
    found: defaultdict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    query = select(WorkingHours.caregiver_id, WorkingHours.weekday, WorkingHours.starts, WorkingHours.ends)
    for row in _chunked(session, query, WorkingHours.caregiver_id, ids):
        found[row.caregiver_id][row.weekday] = (row.starts, row.ends)
    return found


def _leaves(session: Session, week: Week, ids: Sequence[int]) -> Mapping[int, Rows]:
    query = (
        select(Leave.caregiver_id, Leave.first_on, Leave.last_on, Leave.starts, Leave.ends)
        .where(Leave.first_on < week.end, Leave.last_on >= week.monday)
        .order_by(Leave.id)
    )
    return _grouped(_chunked(session, query, Leave.caregiver_id, ids), "caregiver_id")


def _centres(session: Session, elders: Rows, caregivers: Rows) -> Rows:
    ids = {row.centre_id for row in (*elders, *caregivers) if row.centre_id is not None}
    query = select(Centre.id, Centre.name, Centre.town_id).order_by(Centre.id)
    return _chunked(session, query, Centre.id, sorted(ids))


def _chunked(session: Session, query: Any, column: Any, values: Sequence[int]) -> list[Any]:
    found: list[Any] = []
    for i in range(0, len(values), _CHUNK):
        found += session.execute(query.where(column.in_(values[i : i + _CHUNK]))).all()
    return found


def _grouped(rows: Rows, name: str) -> Mapping[int, Rows]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def day_of_week(day: date | None, week: Week) -> int | None:
    """Return 0 for the Monday of the week."""
    return None if day is None else (day - week.monday).days
