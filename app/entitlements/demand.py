"""The visits that one ISO week owes each elder, so that every month ends with exactly her allowance.

A week's demand follows from the ledger and the roster alone: asking again, or for other weeks first, changes nothing.
Each elder has her own even rhythm (``quota``); the month's model moves visits away from it where the town's caregivers
have less to give (``spreading``). What a week across two months owes to each of them is bound to its days.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.core.weeks import Month, Week
from app.entitlements import quota
from app.entitlements.allowance import EntitlementPolicy, split, weeks_of
from app.entitlements.facts import Booked, ElderFacts, PlanPeriod, Surroundings
from app.entitlements.loading import read_facts
from app.entitlements.models import BookingState
from app.entitlements.quota import WeekSlot
from app.entitlements.spreading import OwnMonth, laid_over_weeks


@dataclass(frozen=True, slots=True)
class DemandVisit:
    """One visit due this week; ``key`` is ``<elder>-<week>-<n>``, the same each time the week is asked for."""

    key: str
    minutes: int
    days: frozenset[date]  # she may be visited on these, and the visit belongs to their month


@dataclass(frozen=True, slots=True)
class DoneVisit:
    """A visit of this week that is settled: recorded, or planned on a day that is gone; not due again."""

    key: str
    day: date
    minutes: int
    state: str  # delivered, missed, excused; planned: its day is gone and nobody recorded it


@dataclass(frozen=True, slots=True)
class MonthCap:
    """At most ``minutes`` of visits still due may lie on the days from first to last, both inclusive."""

    first_day: date
    last_day: date
    minutes: int  # what was done this week is already taken off


@dataclass(frozen=True, slots=True)
class ElderDemand:
    """What one elder is due in one week."""

    elder_id: int
    town_id: int
    centre_id: int | None
    visits: tuple[DemandVisit, ...]
    eligible_days: frozenset[date]  # at home, entitled, open, in her windows, far enough from what was done
    caps: tuple[MonthCap, ...]  # one for each month that the week touches
    occupied_days: tuple[date, ...]  # of her visits at most 7 days before or after the week
    minutes_behind: int
    short_before: bool  # the month before ended short
    done: tuple[DoneVisit, ...] = ()


def week_demand(
    session: Session,
    week: Week,
    town_ids: Collection[int] | None = None,
    *,
    policy: EntitlementPolicy | None = None,
    capacity: Mapping[date, float] | None = None,
    today: date | None = None,
    also: Collection[int] = (),
) -> tuple[ElderDemand, ...]:
    """Return what every elder (of some towns) is due in a week, in order of elder id.

    Elders with nothing due and nothing done this week are left out.

    Parameters
    ----------
    capacity
        Minutes that caregivers are at work on each day. None: as their hours and leave say, all towns together;
        the same every open day if there are no caregivers.
    today
        Days before it take no more visits. None: the whole week may be used.
    also
        Ids of elders who are not left out though nothing is due.
    """
    months = months_of(week)
    facts, around = read_facts(
        session,
        months[0].previous().first,
        max(months[-1].end, week.end + timedelta(days=7)),
        town_ids,
        today,
        capacity,
    )
    return demands_of(facts, week, around, policy or EntitlementPolicy(), today, also)


def demands_of(
    facts: Iterable[ElderFacts],
    week: Week,
    around: Surroundings,
    policy: EntitlementPolicy,
    today: date | None = None,
    also: Collection[int] = (),
) -> tuple[ElderDemand, ...]:
    """Return what the elders of whole towns are due in a week, as ``week_demand`` does."""
    owed = [_owed(elder, week, around, policy, today) for elder in facts]
    laid = laid_over_weeks([month for each in owed for month in each.months], around, week, today)
    found = (_demand(each, laid, around, policy) for each in owed)
    return tuple(demand for demand in found if demand.visits or demand.done or demand.elder_id in also)


def own_months(
    facts: Iterable[ElderFacts],
    week: Week,
    month: Month,
    around: Surroundings,
    policy: EntitlementPolicy,
    today: date | None = None,
) -> list[OwnMonth]:
    """Return what a month still owes each elder, as seen from one of its weeks."""
    owed = (_owed(elder, week, around, policy, today) for elder in facts)
    return [own for each in owed for own in each.months if own.month == month]


def months_of(week: Week) -> tuple[Month, ...]:
    """Return the one or two months that a week touches."""
    return tuple(sorted({Month.of(week.monday), Month.of(week.days[-1])}))


def elder_demand(
    elder: ElderFacts, week: Week, around: Surroundings, policy: EntitlementPolicy, today: date | None = None
) -> ElderDemand:
    """Return what one elder is due in a week by her own rhythm, as if nobody else needed the caregivers."""
    return _demand(_owed(elder, week, around, policy, today), {}, around, policy)


@dataclass(frozen=True, slots=True)
class _Owed:
    """What is known of one elder's week before the town's load is evened."""

    elder: ElderFacts
    week: Week
    done: tuple[DoneVisit, ...]
    movable: tuple[Booked, ...]
    spacing: int
    occupied: tuple[date, ...]
    eligible: tuple[date, ...]
    months: tuple[OwnMonth, ...]


def _owed(elder: ElderFacts, week: Week, around: Surroundings, policy: EntitlementPolicy, today: date | None) -> _Owed:
    done = _done_in(elder, week, today)
    done_keys = {visit.key for visit in done}
    movable = tuple(
        booked for booked in elder.bookings if week.monday <= booked.day < week.end and booked.key not in done_keys
    )
    plan = _plan_in(elder, week)
    spacing = plan.min_days_between if plan else 0
    occupied = tuple(_occupied(elder, week, done))
    coming = [day for day in week.days if today is None or day >= today]
    eligible = tuple(day for day in elder.visitable_days(coming, around.closed) if _free(day, occupied, spacing))
    moving = {booked.key for booked in movable}
    months = tuple(
        _own_month(elder, week, month, around, policy, plan, eligible, moving, occupied) for month in months_of(week)
    )
    return _Owed(elder, week, done, movable, spacing, occupied, eligible, months)


def _demand(
    owed: _Owed, laid: Mapping[tuple[int, Month], int], around: Surroundings, policy: EntitlementPolicy
) -> ElderDemand:
    elder, week = owed.elder, owed.week
    parts: list[_Part] = []
    taken: list[date] = []  # the earliest days of what the older month needs
    for own in owed.months:
        part = _part(owed, own, laid.get((elder.elder_id, own.month)), taken)
        taken += part.earliest
        parts.append(part)
    nearby = (visit.day for visit in elder.bookings if visit.occupies and _near(visit.day, week))
    return ElderDemand(
        elder_id=elder.elder_id,
        town_id=elder.town_id,
        centre_id=elder.centre_id,
        visits=_named(elder.elder_id, week, parts, [*owed.done, *owed.movable]),
        eligible_days=frozenset(owed.eligible),
        caps=tuple(part.cap for part in parts),
        occupied_days=tuple(sorted(set(nearby))),
        minutes_behind=sum(part.behind for part in parts),
        short_before=was_short(elder, months_of(week)[0].previous(), around, policy),
        done=owed.done,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What one month asks of the week."""

    minutes: tuple[int, ...]
    days: frozenset[date]
    earliest: tuple[date, ...]
    cap: MonthCap
    behind: int
    planned_keys: tuple[str, ...]  # of visits planned in this part, which keep their names


def _own_month(
    elder: ElderFacts,
    week: Week,
    month: Month,
    around: Surroundings,
    policy: EntitlementPolicy,
    plan: PlanPeriod | None,
    eligible: Sequence[date],
    moving: Collection[str],
    occupied: Sequence[date],
) -> OwnMonth:
    allowed = elder.allowance_in(month, policy).due
    used = [booked for booked in elder.bookings_in(month) if booked.key not in moving and booked.uses_up(policy)]
    left_minutes = max(0, allowed - sum(booked.minutes for booked in used))
    if plan is None or left_minutes == 0:
        return OwnMonth(elder.elder_id, elder.town_id, month, left_minutes)
    slots = month_slots(elder, month, around)
    here = next(i for i, slot in enumerate(slots) if slot.week == week)
    left = split(left_minutes, plan.visit_minutes)
    days = [day for day in eligible if Month.of(day) == month]
    still = quota.remaining(
        slots,
        here,
        n_month=len(split(allowed, plan.visit_minutes)),
        n_left=len(left),
        n_done=sum(Month.of(b.day) == month and week.monday <= b.day < week.end for b in used),
        phase=quota.phase(elder.elder_id, month),
        room=len(quota.fit(days, plan.min_days_between, occupied)),
        min_days_between=plan.min_days_between,
        occupied=occupied,
    )
    promised = sum(booked.key in moving for booked in elder.bookings_in(month))
    return OwnMonth(elder.elder_id, elder.town_id, month, left_minutes, left, plan, still, here, promised)


def _part(owed: _Owed, own: OwnMonth, laid: int | None, taken: Sequence[date]) -> _Part:
    """Return what a month asks: as many visits as its model laid into the week, else as its rhythm wishes."""
    inside = [day for day in owed.week.days if Month.of(day) == own.month]
    planned = (booked for booked in owed.movable if Month.of(booked.day) == own.month)
    planned_keys = tuple(sorted((booked.key for booked in planned), key=_number))
    cap = MonthCap(inside[0], inside[-1], own.left_minutes)
    if own.plan is None or own.remaining is None:
        return _Part((), frozenset(), (), cap, 0, planned_keys)
    days = [day for day in owed.eligible if Month.of(day) == own.month]
    room = quota.fit(days, own.plan.min_days_between, [*owed.occupied, *taken])
    asked = min(len(room), own.remaining.in_week(own.here) if laid is None else laid)
    return _Part(
        own.visits[:asked],
        frozenset(days),
        room[:asked],
        cap,
        min(own.left_minutes, own.remaining.behind * own.plan.visit_minutes),
        planned_keys,
    )


def month_slots(elder: ElderFacts, month: Month, around: Surroundings) -> list[WeekSlot]:
    """Return the parts of weeks of a month, with the days on which an elder can be visited."""
    settled = around.settled.get(elder.town_id, frozenset())
    visitable = [(week, elder.visitable_days(days, around.closed)) for week, days in weeks_of(month)]
    slots = [
        WeekSlot(week, staffed := around.staffed(days), around.load(staffed), week in settled)
        for week, days in visitable
    ]
    if any(slot.days for slot in slots):
        return slots
    # Nobody is at work on any of her days: she is asked for all the same, evenly, and the plan says why not.
    return [WeekSlot(week, days, float(len(days)), week in settled) for week, days in visitable]


def _done_in(elder: ElderFacts, week: Week, today: date | None) -> tuple[DoneVisit, ...]:
    return tuple(
        DoneVisit(booked.key, booked.day, booked.minutes, booked.state)
        for booked in elder.bookings
        if week.monday <= booked.day < week.end
        and (booked.state != BookingState.PLANNED or (today is not None and booked.day < today))
    )


def _plan_in(elder: ElderFacts, week: Week) -> PlanPeriod | None:
    """Return the plan that holds at the beginning of the week, or the first one to begin in it."""
    return next((plan for day in week.days if (plan := elder.plan_on(day)) is not None), None)


def _occupied(elder: ElderFacts, week: Week, done: Sequence[DoneVisit]) -> list[date]:
    """Return the days of her visits that can't be moved, in and around the week."""
    outside = [b.day for b in elder.bookings if b.occupies and not week.monday <= b.day < week.end]
    return outside + [visit.day for visit in done if visit.state in (BookingState.DELIVERED, BookingState.PLANNED)]


def _near(day: date, week: Week) -> bool:
    margin = timedelta(days=7)
    return week.monday - margin <= day < week.monday or week.end <= day < week.end + margin


def _free(day: date, occupied: Collection[date], spacing: int) -> bool:
    return not any(abs((day - other).days) < spacing for other in occupied)


def was_short(elder: ElderFacts, month: Month, around: Surroundings, policy: EntitlementPolicy) -> bool:
    """Say whether a month that is over left her with less than her allowance."""
    if month not in around.live_months.get(elder.town_id, frozenset()):
        return False  # the town was not served by this schedule yet: nobody is behind another
    had = sum(booked.minutes for booked in elder.bookings_in(month) if booked.state != BookingState.MISSED)
    return had < elder.allowance_in(month, policy).due


def _number(key: str) -> int:
    number = key.rpartition("-")[2]
    return int(number) if number.isdigit() else 0


def _named(
    elder_id: int, week: Week, parts: Sequence[_Part], booked: Sequence[Booked | DoneVisit]
) -> tuple[DemandVisit, ...]:
    """Give each visit its key: those planned before keep theirs, the others get the lowest free numbers."""
    used = {visit.key for visit in booked}
    visits: list[DemandVisit] = []
    n = 0
    for part in parts:
        kept = list(part.planned_keys[: len(part.minutes)])
        while len(kept) < len(part.minutes):
            n += 1
            key = f"{elder_id}-{week}-{n}"
            if key not in used:
                kept.append(key)
        visits += [DemandVisit(key, minutes, part.days) for key, minutes in zip(kept, part.minutes, strict=True)]
    return tuple(visits)
