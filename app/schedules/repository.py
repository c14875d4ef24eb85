"""What schedules ask the database: the rows behind a problem, and the visits of a version."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, select
from sqlalchemy.orm import Session

from app.caregivers.models import Caregiver, Certificate, Leave, WorkingHours
from app.centres.models import Centre, Town
from app.core.errors import NotFound
from app.core.weeks import Week
from app.elders.models import CarePlan, Elder
from app.entitlements.models import Booking, BookingState
from app.pairs.models import Pair
from app.schedules.models import PlanRun, Schedule, ScheduledVisit, ScheduleTown, VisitCaregiver
from app.schedules.rows import CaregiverRow, Degrees, ElderRow, LeaveRow, PairRow, VisitRow


def get_schedule(session: Session, schedule_id: int, *, lock: bool = False) -> Schedule:
    """Return a schedule, locked against other writers if asked.

    Raises
    ------
    NotFound
        If there is none of this id.
    """
    found = session.get(Schedule, schedule_id, with_for_update=lock)
    if found is None:
        raise NotFound.of("schedule", schedule_id)
    return found


def run_of(session: Session, schedule_id: int) -> PlanRun:
    """Return the computation of a schedule."""
    return session.scalars(select(PlanRun).where(PlanRun.schedule_id == schedule_id)).one()


def problem_of(session: Session, run_id: int) -> bytes:
    """Return the stored problem of a run that has read its rows."""
    found = session.scalars(select(PlanRun.problem).where(PlanRun.id == run_id)).one()
    assert found is not None
    return found


def has_problem(session: Session, schedule_id: int) -> bool:
    """Tell whether the problem of a schedule was ever read and stored."""
    stored = select(PlanRun.id).where(PlanRun.schedule_id == schedule_id, PlanRun.problem.is_not(None))
    return session.scalar(stored) is not None


def town_ids(session: Session) -> frozenset[int]:
    """Return every town of the city."""
    return frozenset(session.scalars(select(Town.id)))


def towns_of(schedule: Schedule) -> frozenset[int]:
    """Return the towns that a schedule covers."""
    return frozenset(town.town_id for town in schedule.towns)


# --- visits -----------------------------------------------------------------------------------------


def holds() -> ColumnElement[bool]:
    """Return the condition that a visit is published and no newer version holds in its town.

    For a query that has ``ScheduledVisit`` in it, joined with ``ScheduleTown`` by ``in_town()``.
    """
    return ScheduleTown.published_monday.is_not(None)


def in_town() -> ColumnElement[bool]:
    """Return how a visit and the town of its schedule are joined."""
    return and_(ScheduleTown.schedule_id == ScheduledVisit.schedule_id, ScheduleTown.town_id == ScheduledVisit.town_id)


def visits_of(session: Session, schedule_id: int) -> tuple[VisitRow, ...]:
    """Return all visits of one version, in order of id."""
    return read_visits(session, ScheduledVisit.schedule_id == schedule_id)


def visits_that_hold(session: Session, week: Week, towns: Collection[int]) -> tuple[VisitRow, ...]:
    """Return the published visits of a week in some towns."""
    return read_visits(
        session,
        ScheduledVisit.schedule_id.in_(_publishing(week)),
        _holds_in(week, ScheduledVisit.town_id.in_(towns)),
    )


def visits_elsewhere(
    session: Session, week: Week, towns: Collection[int], caregivers: Collection[int]
) -> tuple[VisitRow, ...]:
    """Return the published visits of a week in other towns that some of these caregivers make."""
    visits = read_visits(
        session,
        ScheduledVisit.schedule_id.in_(_publishing(week)),
        _holds_in(week, ScheduledVisit.town_id.not_in(towns)),
    )
    wanted = frozenset(caregivers)
    return tuple(visit for visit in visits if wanted.intersection(visit.caregivers))


def _publishing(week: Week) -> Select[int]:
    return select(ScheduleTown.schedule_id).where(ScheduleTown.published_monday == week.monday)


def _holds_in(week: Week, town: ColumnElement[bool]) -> ColumnElement[bool]:
    held = select(ScheduleTown.town_id).where(in_town(), ScheduleTown.published_monday == week.monday)
    return and_(town, held.exists())


def read_visits(session: Session, *conditions: ColumnElement[bool]) -> tuple[VisitRow, ...]:
    """Return visits with their caregivers, in order of id, without making objects of the tables."""
    chosen = select(
        ScheduledVisit.id,
        ScheduledVisit.visit_key,
        ScheduledVisit.elder_id,
        ScheduledVisit.town_id,
        ScheduledVisit.day,
        ScheduledVisit.start_minute,
        ScheduledVisit.minutes,
        ScheduledVisit.hands,
        ScheduledVisit.pinned,
        ScheduledVisit.reason,
    ).where(*conditions)
    rows = session.execute(chosen.order_by(ScheduledVisit.id)).all()
    makers = makers_of(session, *conditions)
    return tuple(
        VisitRow(
            id=row.id,
            key=row.visit_key,
            elder_id=row.elder_id,
            town_id=row.town_id,
            day=row.day,
            start_minute=row.start_minute,
            minutes=row.minutes,
            hands=row.hands,
            pinned=row.pinned,
            caregivers=makers.get(row.id, ()),
            reason=row.reason,
        )
        for row in rows
    )


def makers_of(session: Session, *conditions: ColumnElement[bool]) -> Mapping[int, tuple[int, ...]]:
    """Return visit id → its caregivers in order."""
    query = (
        select(VisitCaregiver.visit_id, VisitCaregiver.caregiver_id)
        .join(ScheduledVisit, ScheduledVisit.id == VisitCaregiver.visit_id)
        .where(*conditions)
        .order_by(VisitCaregiver.visit_id, VisitCaregiver.position)
    )
    found: defaultdict[int, tuple[int, ...]] = defaultdict(tuple)
    for visit_id, caregiver_id in session.execute(query):
        found[visit_id] += (caregiver_id,)
    return found


def started_keys(session: Session, week: Week) -> frozenset[str]:
    """Return the visits of a week whose caregiver has checked in, and that are not recorded yet."""
    query = select(Booking.visit_key).where(
        Booking.day >= week.monday,
        Booking.day < week.end,
        Booking.state == BookingState.PLANNED,
        Booking.checked_in_at.is_not(None),
    )
    return frozenset(session.scalars(query))


def settled_keys(session: Session, week: Week, before: date | None) -> frozenset[str]:
    """Return the visits of a week that are recorded, or planned on a day before ``before``."""
    query = select(Booking.visit_key, Booking.state, Booking.day).where(
        Booking.day >= week.monday, Booking.day < week.end
    )
    return frozenset(
        key
        for key, state, day in session.execute(query)
        if state != BookingState.PLANNED or (before is not None and day < before)
    )


# --- the roster -------------------------------------------------------------------------------------


def elder_rows(session: Session, week: Week, elder_ids: Collection[int]) -> tuple[ElderRow, ...]:
    """Return elders with the care plan that holds; without one an elder is left out."""
    plans = _care_plans(session, week, elder_ids)
    columns = (Elder.id, Elder.town_id, Elder.centre_id, Elder.home, Elder.dialects)
    return tuple(
        _elder(row, plans[row.id])
        for row in _chunked(session, select(*columns).order_by(Elder.id), Elder.id, elder_ids)
        if row.id in plans
    )


def _elder(row: Row[Any], plan: CarePlan) -> ElderRow:
    return ElderRow(
        id=row.id,
        town_id=row.town_id,
        centre_id=row.centre_id,
        home=row.home,
        dialects=tuple(row.dialects),
        hands=plan.hands,
        min_days_between=plan.min_days_between,
        max_carers=plan.max_carers,
        required_gender=plan.required_gender,
        wished_gender=plan.wished_gender,
        items=tuple(plan.items),
        extra_skills=tuple(plan.extra_skills),
        windows=tuple(plan.windows),
    )


def _care_plans(session: Session, week: Week, elder_ids: Collection[int]) -> Mapping[int, CarePlan]:
    """Return the newest plan that has begun on the Monday; else the first that begins in the week."""
    query = select(CarePlan).where(CarePlan.valid_from < week.end).order_by(CarePlan.valid_from.desc())
    found: dict[int, CarePlan] = {}
    for (plan,) in _chunked(session, query, CarePlan.elder_id, elder_ids):
        held = found.get(plan.elder_id)
        if held is None or held.valid_from > week.monday:
            found[plan.elder_id] = plan
    return found


def homes_of(session: Session, elder_ids: Collection[int]) -> Mapping[int, Degrees]:
    """Return where elders live."""
    return {row.id: row.home for row in _chunked(session, select(Elder.id, Elder.home), Elder.id, elder_ids)}


def centres_and_items(
    session: Session, week: Week, elder_ids: Collection[int]
) -> Mapping[int, tuple[int | None, list[str]]]:
    """Return elder id → her responsible centre and what is done at her visits."""
    plans = _care_plans(session, week, elder_ids)
    query = select(Elder.id, Elder.centre_id)
    return {
        row.id: (row.centre_id, list(plans[row.id].items) if row.id in plans else [])
        for row in _chunked(session, query, Elder.id, elder_ids)
    }


def caregiver_rows(
    session: Session, week: Week, towns: Collection[int], besides: Collection[int] = ()
) -> tuple[CaregiverRow, ...]:
    """Return the caregivers of some towns, and some besides, who are employed on a day of the week."""
    query = (
        select(
            Caregiver.id,
            Caregiver.town_id,
            Caregiver.centre_id,
            Caregiver.base,
            Caregiver.gender,
            Caregiver.dialects,
            Caregiver.mode,
            Caregiver.contract_minutes,
            Caregiver.overtime_allowed,
            Caregiver.hired_on,
            Caregiver.ended_on,
            Centre.latitude,
            Centre.longitude,
        )
        .join(Centre, Centre.id == Caregiver.centre_id)
        .where(
            Caregiver.town_id.in_(towns) | Caregiver.id.in_(besides),
            Caregiver.hired_on < week.end,
            Caregiver.ended_on.is_(None) | (Caregiver.ended_on > week.monday),
        )
        .order_by(Caregiver.id)
    )
    rows = session.execute(query).all()
    ids = [row.id for row in rows]
    hours, certificates, leaves = _hours(session, ids), _certificates(session, week, ids), _leaves(session, week, ids)
    return tuple(
        CaregiverRow(
            id=row.id,
            town_id=row.town_id,
            base=row.base or (row.latitude, row.longitude),
            base_of_centre=None if row.base else row.centre_id,
            gender=row.gender,
            dialects=tuple(row.dialects),
            mode=row.mode,
            contract_minutes=row.contract_minutes,
            overtime_allowed=row.overtime_allowed,
            hired_on=row.hired_on,
            ended_on=row.ended_on,
            hours=hours[row.id],
            certificates=tuple(certificates[row.id]),
            leaves=tuple(leaves[row.id]),
        )
        for row in rows
    )


def _hours(session: Session, ids: Collection[int]) -> Mapping[int, dict[int, tuple[int, int]]]:
    found: defaultdict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    query = select(WorkingHours.caregiver_id, WorkingHours.weekday, WorkingHours.starts, WorkingHours.ends)
    for row in _chunked(session, query, WorkingHours.caregiver_id, ids):
        found[row.caregiver_id][row.weekday] = (row.starts, row.ends)
    return found


def _certificates(session: Session, week: Week, ids: Collection[int]) -> Mapping[int, list[tuple[str, date, date]]]:
    found: defaultdict[int, list[tuple[str, date, date]]] = defaultdict(list)
    query = (
        select(Certificate.caregiver_id, Certificate.skill, Certificate.issued_on, Certificate.expires_on)
        .where(Certificate.issued_on < week.end, Certificate.expires_on >= week.monday)
        .order_by(Certificate.id)
    )
    for row in _chunked(session, query, Certificate.caregiver_id, ids):
        found[row.caregiver_id].append((row.skill, row.issued_on, row.expires_on))
    return found


def _leaves(session: Session, week: Week, ids: Collection[int]) -> Mapping[int, list[LeaveRow]]:
    found: defaultdict[int, list[LeaveRow]] = defaultdict(list)
    query = (
        select(Leave.caregiver_id, Leave.first_on, Leave.last_on, Leave.starts, Leave.ends)
        .where(Leave.first_on < week.end, Leave.last_on >= week.monday)
        .order_by(Leave.id)
    )
    for row in _chunked(session, query, Leave.caregiver_id, ids):
        found[row.caregiver_id].append(LeaveRow(row.first_on, row.last_on, row.starts, row.ends))
    return found


def pair_rows(session: Session, elder_ids: Collection[int]) -> tuple[PairRow, ...]:
    """Return the usual and blocked pairs of some elders."""
    query = select(Pair.elder_id, Pair.caregiver_id, Pair.kind, Pair.weight).order_by(Pair.id)
    return tuple(
        PairRow(row.elder_id, row.caregiver_id, row.kind, row.weight)
        for row in _chunked(session, query, Pair.elder_id, elder_ids)
    )


_CHUNK = 5000  # values in one IN: SQLite takes 32,766


def _chunked(session: Session, query: Select[*tuple[Any, ...]], column: Any, values: Collection[int]) -> Iterable[Any]:
    ordered: Sequence[int] = sorted(values)
    for i in range(0, len(ordered), _CHUNK):
        yield from session.execute(query.where(column.in_(ordered[i : i + _CHUNK])))
