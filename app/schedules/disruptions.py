"""What happened to a week: how it changes the rows and the problem, and which visits stay whatever happened."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.caregivers import availability
from app.caregivers.availability_schemas import LeaveKind
from app.caregivers.models import Caregiver, Leave
from app.caregivers.repository import leaves_of
from app.core import clock
from app.core.errors import InvalidInput, NotFound
from app.core.weeks import Week
from app.elders import stays
from app.elders.schemas import StayNew
from app.schedules import repository
from app.schedules.added_visits import AddedVisit
from app.schedules.adding import added_visit
from app.schedules.repair_schemas import ElderAway, Happened, Late, OnLeave, Sick, VisitAdded, VisitCancelled
from app.schedules.rows import LeaveRow, VisitRow, WeekRows
from solver.problem import MINUTES_IN_DAY, Minutes, Need, Pin, Problem, Visit, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Disruption:
    """What happened, in terms of one week."""

    week: Week
    today: date
    minute: Minutes  # of today, now
    town_ids: frozenset[int] | None  # of the visits concerned; None: anywhere
    begun: frozenset[str]  # keys of visits that have begun, by check-in or by the clock
    left: frozenset[str]  # of those that had no place before, and whom this does not concern
    notice: frozenset[str]  # of those that begin within the notice period
    concerned: frozenset[str] = frozenset()  # of those that it is about: their pins are lifted
    cancelled: frozenset[str] = frozenset()
    leaves: Mapping[int, tuple[LeaveRow, ...]] | None = None  # caregiver -> besides those of the roster
    elder_days: tuple[int, frozenset[int]] | None = None  # elder, days of the week on which she is away
    late: tuple[str, int, Minutes] | None = None  # visit, day of the week, earliest start
    added: AddedVisit | None = None
    earliest: tuple[date, Minutes]  # beyond the notice period

    def in_rows(self, rows: WeekRows) -> WeekRows:
        """Return the rows with the leave that happened."""
        if not self.leaves:
            return rows
        return replace(
            rows,
            caregivers=tuple(
                replace(each, leaves=(*each.leaves, *self.leaves.get(each.id, ()))) for each in rows.caregivers
            ),
        )


def disruption_of(
    session: Session,
    actor: Actor,
    happened: Happened,
    week: Week,
    rows: Mapping[str, VisitRow],
    holds: Collection[int],
    notice: Minutes,
) -> Disruption:
    """Return what happened in terms of the week.

    Parameters
    ----------
    holds
        Towns in which the version holds.

    Raises
    ------
    InvalidInput
        If a day is not of the week, or a visit can't be added as asked.
    NotFound
        If the visit, the elder or the caregiver has nothing in this version that the actor may see.
    """
    now = clock.now().astimezone(clock.ZONE)
    today, minute = now.date(), 60 * now.hour + now.minute
    started = repository.started_keys(session, week) | repository.settled_keys(session, week, None)
    begun = {key for key, row in rows.items() if key in started or _minutes_to(row, today, minute) <= 0}
    near = {key for key, row in rows.items() if _minutes_to(row, today, minute) <= notice} - begun
    bare = Disruption(
        week=week,
        today=today,
        minute=minute,
        town_ids=None,
        begun=frozenset(begun),
        left=frozenset(key for key, row in rows.items() if row.day is None),
        notice=frozenset(near),
        earliest=(today + timedelta(days=(minute + notice) // MINUTES_IN_DAY), (minute + notice) % MINUTES_IN_DAY),
    )
    if isinstance(happened, VisitAdded):
        added = added_visit(session, actor, happened, week, rows.values(), holds, bare.earliest)
        return replace(bare, town_ids=frozenset({added.town_id}), added=added)
    if isinstance(happened, Sick | OnLeave):
        return _caregiver_away(session, actor, happened, bare, rows)
    if isinstance(happened, ElderAway):
        days = _days(week, happened.from_day, happened.until_day)
        hers = [row for row in rows.values() if row.elder_id == happened.elder_id and actor.sees_town(row.town_id)]
        if not hers:
            raise NotFound.of("elder", happened.elder_id)
        return replace(_about(bare, hers), elder_days=(happened.elder_id, days))
    if isinstance(happened, VisitCancelled | Late):
        row = next((row for row in rows.values() if row.id == happened.visit_id), None)
        if row is None or not actor.sees_town(row.town_id):
            raise NotFound.of("visit", happened.visit_id)
        if isinstance(happened, VisitCancelled):
            return replace(_about(bare, [row]), cancelled=frozenset({row.key}))
        if row.day is None or row.start_minute is None:
            raise InvalidInput.of(
                "body.happened.visit_id", "a visit that has a place", happened.visit_id, "已排好的服务"
            )
        later = row.start_minute + happened.minutes
        return replace(_about(bare, [row]), late=(row.key, (row.day - week.monday).days, later))
    return bare


def _minutes_to(row: VisitRow, today: date, minute: Minutes) -> Minutes:
    """Return the minutes until a visit begins; of one without a place: never."""
    if row.day is None or row.start_minute is None:
        return MINUTES_IN_DAY * 366
    return MINUTES_IN_DAY * (row.day - today).days + row.start_minute - minute


def _about(bare: Disruption, rows: Collection[VisitRow]) -> Disruption:
    keys = frozenset(row.key for row in rows)
    return replace(
        bare, town_ids=frozenset(row.town_id for row in rows), concerned=keys, begun=bare.begun, notice=bare.notice
    )


def _caregiver_away(
    session: Session, actor: Actor, happened: Sick | OnLeave, bare: Disruption, rows: Mapping[str, VisitRow]
) -> Disruption:
    known = repository.caregiver_rows(session, bare.week, (), (happened.caregiver_id,))
    if not known or not actor.sees_town(known[0].town_id):
        raise NotFound.of("caregiver", happened.caregiver_id)
    days = [(day, on) for day, on in enumerate(bare.week.days)]
    leaves: tuple[LeaveRow, ...] = ()
    if isinstance(happened, Sick):
        away = _days(bare.week, happened.from_day, happened.until_day)
        days = [(day, on) for day, on in days if day in away]
        leaves = tuple(_leave(on, bare, rows, happened.caregiver_id) for _, on in days)
    on_days = {on for _, on in days}
    hers = [row for row in rows.values() if happened.caregiver_id in row.caregivers and row.day in on_days]
    about = _about(bare, hers)
    towns = frozenset({known[0].town_id, *(about.town_ids or ())})
    return replace(about, town_ids=towns, leaves={happened.caregiver_id: leaves})


def _leave(on: date, bare: Disruption, rows: Mapping[str, VisitRow], caregiver_id: int) -> LeaveRow:
    """Return leave for a day; if she has begun visits on it, from the end of the last."""
    ends = [
        (row.start_minute or 0) + row.minutes
        for key, row in rows.items()
        if key in bare.begun and row.day == on and caregiver_id in row.caregivers
    ]
    return LeaveRow(on, on, max(ends), MINUTES_IN_DAY) if ends else LeaveRow(on, on, None, None)


def _days(week: Week, first: date, last: date | None) -> frozenset[int]:
    """Return the days of the week from one to the other."""
    last = first if last is None else last
    if last < first:
        raise InvalidInput.of("body.happened.until_day", f"a day from {first} on", str(last), f"不早于 {first}")
    found = frozenset(day for day, on in enumerate(week.days) if first <= on <= last)
    if not found:
        raise InvalidInput.of("body.happened.from_day", f"a day of {week}", str(first), f"{week} 的日期")
    return found


# --- in the roster ------------------------------------------------------------------------------------


def recorded(session: Session, actor: Actor, happened: Happened, what: Disruption) -> list[int]:
    """Write a sick call into the roster as leave of all the days named, and return the ids.

    On a day on which she has begun visits it is leave from the end of the last. What the roster knows
    already is not written again.
    """
    if not isinstance(happened, Sick):
        return []
    caregiver = session.get_one(Caregiver, happened.caregiver_id)
    known = leaves_of(session, caregiver.id, happened.from_day)
    ids = []
    for span in _spans(happened, (what.leaves or {}).get(caregiver.id, ())):
        if not any(_covers(leave, span) for leave in known):
            leave = Leave(
                kind=LeaveKind.SICK,
                first_on=span.first_on,
                last_on=span.last_on,
                starts=span.starts,
                ends=span.ends,
                note=None,
            )
            availability.add(session, actor, caregiver, leave)
            session.flush()
            ids.append(leave.id)
    return ids


def recorded_stay(session: Session, actor: Actor, happened: Happened) -> int | None:
    """Write an elder's days away into the roster if that is asked for, and return the id of the stay.

    Days that the roster knows already are not written again.

    Raises
    ------
    Conflict
        If she is away on some of the days only.
    """
    if not isinstance(happened, ElderAway) or happened.stay is None:
        return None
    last = happened.from_day if happened.until_day is None else happened.until_day
    home = last + timedelta(days=1)
    known = stays.listed(session, actor, happened.elder_id)
    if any(each.from_on <= happened.from_day and (each.to_on is None or each.to_on >= home) for each in known):
        return None
    body = StayNew(kind=happened.stay, from_on=happened.from_day, to_on=home)
    stay = stays.create(session, actor, happened.elder_id, body)
    session.flush()
    return stay.id


def _spans(happened: Sick, days: Sequence[LeaveRow]) -> list[LeaveRow]:
    """Return the days up to the last that is not whole one by one, and all after it as one."""
    last = happened.from_day if happened.until_day is None else happened.until_day
    whole_from = max((n + 1 for n, day in enumerate(days) if day.starts is not None), default=0)
    singly = [*days[:whole_from]]
    first = singly[-1].last_on + timedelta(days=1) if singly else happened.from_day
    return [*singly, LeaveRow(first, last, None, None)] if first <= last else singly


def _covers(leave: Leave, span: LeaveRow) -> bool:
    whole = leave.starts is None or (
        span.starts is not None and leave.starts <= span.starts and leave.ends == span.ends
    )
    return whole and leave.first_on <= span.first_on and span.last_on <= leave.last_on


# --- in the problem -----------------------------------------------------------------------------------


def disrupted(problem: Problem, what: Disruption) -> Problem:
    """Return the problem after what happened: nothing new before this minute, pins of visits concerned lifted."""
    own = {visit.id for need in problem.needs for visit in need.visits}
    pins = [pin for pin in problem.pins if pin.visit not in what.concerned or _is_fixed(problem, pin.visit)]
    cancelled = {visit for visit in what.cancelled & own if not _is_fixed(problem, visit)}
    return replace(
        problem,
        needs=tuple(_need(need, what) for need in problem.needs),
        pins=(
            *(pin for pin in pins if pin.visit not in cancelled),
            *(Pin(visit, None, None, ()) for visit in sorted(cancelled)),
        ),
    )


def _is_fixed(problem: Problem, visit: str) -> bool:
    """Tell whether a visit is in the problem only because it takes up time."""
    return any(not need.id.isdigit() and any(each.id == visit for each in need.visits) for need in problem.needs)


def _need(need: Need, what: Disruption) -> Need:
    if not need.id.isdigit():
        return need
    visits = tuple(_visit(visit, what) for visit in need.visits)
    if what.elder_days is not None and need.id == str(what.elder_days[0]):
        return replace(need, visits=visits, eligible_days=need.eligible_days - what.elder_days[1])
    return replace(need, visits=visits)


def _visit(visit: Visit, what: Disruption) -> Visit:
    if visit.id in what.begun:
        return visit
    windows: Iterable[Window] = visit.windows
    is_added = what.added is not None and visit.id == what.added.visit
    day, minute = what.earliest if is_added else (what.today, what.minute)
    first = (day - what.week.monday).days
    windows = _from([window for window in windows if window.day >= first], first, minute)
    if what.late is not None and visit.id == what.late[0]:
        windows = _from(windows, what.late[1], what.late[2])
    return replace(visit, windows=tuple(windows))


def _from(windows: Iterable[Window], day: int, minute: Minutes) -> list[Window]:
    """Return the windows without what lies before a minute of a day."""
    return [
        replace(window, opens=max(window.opens, minute)) if window.day == day else window
        for window in windows
        if window.day != day or window.closes > minute
    ]
