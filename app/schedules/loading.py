"""Reads what one problem is made of, in one short transaction."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.core import clock
from app.core.weeks import Week
from app.entitlements.allowance import EntitlementPolicy
from app.entitlements.demand import DemandVisit, DoneVisit, ElderDemand, week_demand
from app.entitlements.facts import ElderFacts
from app.entitlements.holidays import closed_days
from app.entitlements.loading import Scope, read_elders, read_special_days
from app.entitlements.models import BookingState
from app.schedules import repository
from app.schedules.added_visits import AddedVisit, with_added
from app.schedules.models import PlanRun, Schedule
from app.schedules.planning import is_context
from app.schedules.rows import VisitRow, WeekRows
from solver.problem import Need, Problem


def read_week(
    session: Session, schedule: Schedule, run: PlanRun, policy: EntitlementPolicy, added: Sequence[AddedVisit] = ()
) -> WeekRows:
    """Return the rows of a schedule's week in its towns, with the visits that were added to it."""
    week, towns = Week(schedule.monday), repository.towns_of(schedule)
    today = run.from_day or min(clock.today(), week.monday)
    also = {each.elder_id for each in added}
    demands = with_added(week_demand(session, week, towns, policy=policy, today=today, also=also), added)
    published = repository.visits_that_hold(session, week, towns)
    pins = _pins(session, schedule)
    makers = {caregiver for visit in (*published, *pins) for caregiver in visit.caregivers}
    caregivers = repository.caregiver_rows(session, week, towns, makers)
    elsewhere = repository.visits_elsewhere(session, week, towns, {each.id for each in caregivers})
    elder_ids = {demand.elder_id for demand in demands}
    return WeekRows(
        week=week,
        demands=demands,
        elders=repository.elder_rows(session, week, elder_ids),
        caregivers=caregivers,
        pairs=repository.pair_rows(session, elder_ids),
        published=published,
        elsewhere=elsewhere,
        homes=repository.homes_of(session, {visit.elder_id for visit in elsewhere}),
        pins=pins,
        started=repository.started_keys(session, week),
        closed_days=_closed(session, week),
        policy=run.policy,
    )


def read_again(
    session: Session, schedule: Schedule, run: PlanRun, stored: Problem, visits: Sequence[VisitRow]
) -> WeekRows:
    """Return the roster as it is now, for the visits that a draft was made of: to judge it once more.

    Months are not capped here: booking the visits checks every allowance.
    """
    week, towns = Week(schedule.monday), repository.towns_of(schedule)
    due = {need.id: need for need in stored.needs if not is_context(need)}
    elder_ids = {int(need_id) for need_id in due}
    margin = timedelta(days=7)
    facts = read_elders(session, week.monday - margin, week.end + margin, Scope(elder_ids=elder_ids))
    special = read_special_days(session, week.monday, week.end)
    closed = closed_days(week.monday, week.end, special)
    holding = repository.visits_that_hold(session, week, towns)
    makers = {caregiver for visit in (*holding, *visits) for caregiver in visit.caregivers}
    caregivers = repository.caregiver_rows(session, week, towns, makers)
    elsewhere = repository.visits_elsewhere(session, week, towns, {each.id for each in caregivers})
    demands = [_still_due(elder, due[str(elder.elder_id)], week, closed, run.from_day) for elder in facts]
    return WeekRows(
        week=week,
        demands=(*demands, *(_gone(due[str(gone)]) for gone in elder_ids - {elder.elder_id for elder in facts})),
        elders=repository.elder_rows(session, week, elder_ids),
        caregivers=caregivers,
        pairs=repository.pair_rows(session, elder_ids),
        published=holding,
        elsewhere=elsewhere,
        homes=repository.homes_of(session, {visit.elder_id for visit in elsewhere}),
        closed_days=_week_days(week, closed),
    )


def _still_due(
    elder: ElderFacts, need: Need, week: Week, closed: Collection[date], from_day: date | None
) -> ElderDemand:
    days = frozenset(elder.visitable_days(week.days, closed))
    keys = {visit.id for visit in need.visits}
    near = {
        booked.day
        for booked in elder.bookings
        if booked.occupies and not week.monday <= booked.day < week.end and booked.key not in keys
    }
    done = (
        DoneVisit(booked.key, booked.day, booked.minutes, booked.state)
        for booked in elder.bookings
        if booked.day in week.days
        and booked.key not in keys
        and (booked.state != BookingState.PLANNED or (from_day is not None and booked.day < from_day))
    )
    return ElderDemand(
        elder_id=elder.elder_id,
        town_id=elder.town_id,
        centre_id=elder.centre_id,
        visits=tuple(DemandVisit(visit.id, visit.minutes, days) for visit in need.visits),
        eligible_days=days,
        caps=(),
        occupied_days=tuple(sorted(near)),
        minutes_behind=0,
        short_before=False,
        done=tuple(done),
    )


def _gone(need: Need) -> ElderDemand:
    """Return the demand of an elder who is no longer on the roster: her visits may stand on no day."""
    visits = tuple(DemandVisit(visit.id, visit.minutes, frozenset()) for visit in need.visits)
    return ElderDemand(int(need.id), int(need.town), None, visits, frozenset(), (), (), 0, False)


def recorded_since(session: Session, week: Week, towns: Collection[int], visits: Iterable[VisitRow]) -> list[int]:
    """Return the ids of a draft's visits that were started or recorded, and stand elsewhere in the draft."""
    settled = repository.settled_keys(session, week, None) | repository.started_keys(session, week)
    holding = {visit.key: _standing(visit) for visit in repository.visits_that_hold(session, week, towns)}
    return sorted(
        visit.id
        for visit in visits
        if visit.key in settled and visit.key in holding and _standing(visit) != holding[visit.key]
    )


def _standing(visit: VisitRow) -> tuple[date | None, int | None, frozenset[int]]:
    return visit.day, visit.start_minute, frozenset(visit.caregivers)


def carried_over(session: Session, week: Week, towns: Collection[int], from_day: date | None) -> tuple[VisitRow, ...]:
    """Return the visits that hold in these towns and are settled: a new version takes them over as they are."""
    settled = repository.settled_keys(session, week, from_day)
    return tuple(visit for visit in repository.visits_that_hold(session, week, towns) if visit.key in settled)


def _pins(session: Session, schedule: Schedule) -> tuple[VisitRow, ...]:
    if schedule.parent_id is None:
        return ()
    towns = repository.towns_of(schedule)
    parent = repository.visits_of(session, schedule.parent_id)
    return tuple(visit for visit in parent if visit.pinned and visit.town_id in towns)


def _closed(session: Session, week: Week) -> frozenset[int]:
    special = read_special_days(session, week.monday, week.end)
    return _week_days(week, closed_days(week.monday, week.end, special))


def _week_days(week: Week, days: Iterable[date]) -> frozenset[int]:
    return frozenset((day - week.monday).days for day in days)
