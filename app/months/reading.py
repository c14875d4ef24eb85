"""Reads what the solver needs to judge a month: what each elder is owed, what each caregiver can give, week loads.

It is always the whole city, whoever asks: a town's elders are visited from other towns too.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.caregivers.limits import DAILY_LIMIT_MINUTES, DAYS_AT_MOST, weekly_limit
from app.core.weeks import Month, Week
from app.entitlements.allowance import EntitlementPolicy, days_of, split, weeks_of
from app.entitlements.demand import own_months, was_short
from app.entitlements.facts import ElderFacts, PlanPeriod, Surroundings
from app.entitlements.ledger import LedgerLine, ledger_line, on_roster_in
from app.entitlements.loading import read_facts
from app.entitlements.models import BookingState
from app.entitlements.spreading import OwnMonth, month_laid
from app.schedules import repository
from app.schedules.figures import summed
from app.schedules.models import Schedule
from app.schedules.planning import skills_of
from app.schedules.rows import CaregiverRow, ElderRow
from app.schedules.shifts import last_valid_days, shifts
from app.schedules.windows import windows_of
from solver.month.promise import DAYS_IN_WEEK, Carer, Promise
from solver.problem import Policy

USUAL_CARE_SHARE = 0.85
"""Of working minutes that are care, while no published schedule says (the demo city's first week has 0.87)."""

_SCHEDULES_MEASURED = 8
_WEIGHT = 100  # of somebody who is not behind


@dataclass(frozen=True, slots=True)
class WeekLoad:
    """A week's part of the month in one town: minutes of caregivers' work at the door."""

    load: int  # booked, and still to come by the month's model; double-handed visits count twice
    capacity: int  # what the town's caregivers can give: their hours and limits, less what travel usually takes


@dataclass(frozen=True, slots=True)
class MonthRead:
    """A month of the city as seen from a day."""

    month: Month
    today: date
    town_of: Mapping[int, int]  # of every elder on the roster in the month
    lines: Mapping[int, LedgerLine]
    promises: tuple[Promise, ...]  # of those who are still owed something, planned visits included
    carers: tuple[Carer, ...]  # one for each caregiver and week
    unplannable: Mapping[int, int]  # elder without a care plan -> minutes owed
    weeks: Mapping[int, tuple[WeekLoad, ...]]  # town -> one for each week that touches the month
    care_share: float  # of working minutes, measured


def read_month(session: Session, month: Month, policy: EntitlementPolicy, today: date) -> MonthRead:
    """Read a month of the whole city."""
    monday = Week.of(month.first).monday
    end = Week.of(month.last).end
    facts, around = read_facts(session, month.previous().first, end + timedelta(days=7), today=today)
    facts = tuple(elder for elder in facts if on_roster_in(elder, month))
    coming = tuple(day for day in days_of(month) if day >= today)
    caregivers = _caregivers(session, month)
    share = care_share(session)
    rows, blocked = _rows(session, month, [elder.elder_id for elder in facts])
    lines = {elder.elder_id: ledger_line(elder, month, around.closed, today, policy) for elder in facts}
    promises, unplannable = [], {}
    for elder in facts:
        owed, plan = _owed(elder, month, policy, today), elder.plan_on(month.last)
        if owed and plan is None:
            unplannable[elder.elder_id] = owed
        elif owed and plan is not None:
            days = tuple((day - monday).days for day in elder.visitable_days(coming, around.closed))
            promise = _promise(elder, plan, rows[elder.elder_id], owed, days, (today - monday).days, monday)
            weight = _weight(lines[elder.elder_id], month, today, was_short(elder, month.previous(), around, policy))
            promises.append(replace(promise, weight=weight, blocked=blocked[elder.elder_id]))
    return MonthRead(
        month=month,
        today=today,
        town_of={elder.elder_id: elder.town_id for elder in facts},
        lines=lines,
        promises=tuple(promises),
        carers=_carers(caregivers, around.closed, coming),
        unplannable=unplannable,
        weeks=_week_loads(facts, month, around, policy, today, caregivers, share),
        care_share=share,
    )


def care_share(session: Session) -> float:
    """Return the share of caregivers' working minutes that was care in the last published schedules."""
    latest = select(Schedule.figures).where(Schedule.published_at.is_not(None)).order_by(Schedule.id.desc())
    working = travel = 0
    for figures in session.scalars(latest.limit(_SCHEDULES_MEASURED)):
        sums = summed(figures, None)
        working += sums.working_minutes
        travel += sums.travel_minutes
    return round(1 - travel / working, 4) if 0 < travel < working else USUAL_CARE_SHARE


# --- elders -----------------------------------------------------------------------------------------


def _owed(elder: ElderFacts, month: Month, policy: EntitlementPolicy, today: date) -> int:
    """Return the minutes that may still be given: what is planned from today on may be planned otherwise."""
    used = sum(
        booked.minutes
        for booked in elder.bookings_in(month)
        if booked.uses_up(policy) and not (booked.state == BookingState.PLANNED and booked.day >= today)
    )
    return max(0, elder.allowance_in(month, policy).due - used)


def _rows(
    session: Session, month: Month, elder_ids: Collection[int]
) -> tuple[Mapping[int, ElderRow], Mapping[int, frozenset[str]]]:
    """Return the elders by the care plan of the month's last week, and the carers each must not meet."""
    blocked: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
    for pair in repository.pair_rows(session, elder_ids):
        if pair.kind == "blocked":
            blocked[pair.elder_id] |= {_carer_id(pair.caregiver_id, n) for n in range(len(weeks_of(month)))}
    return {row.id: row for row in repository.elder_rows(session, Week.of(month.last), elder_ids)}, blocked


def _promise(
    elder: ElderFacts, plan: PlanPeriod, row: ElderRow, owed: int, days: tuple[int, ...], today: int, monday: date
) -> Promise:
    visits = split(owed, plan.visit_minutes)
    by_weekday: defaultdict[int, tuple[tuple[int, int], ...]] = defaultdict(tuple)
    for window in windows_of(row.windows, range(DAYS_IN_WEEK), min(visits))[0]:
        by_weekday[window.day] += ((window.opens, window.closes),)
    standing = {
        (booked.day - monday).days
        for booked in elder.bookings
        if booked.occupies and not (booked.state == BookingState.PLANNED and (booked.day - monday).days >= today)
    }
    return Promise(
        id=str(elder.elder_id),
        visits=visits,
        days=days,
        windows={day: by_weekday[day % DAYS_IN_WEEK] for day in days},
        min_days_between=plan.min_days_between,
        occupied=tuple(sorted(standing)),
        hands=row.hands,
        skills=skills_of(row.items, row.extra_skills),
        gender=row.required_gender,
    )


def _weight(line: LedgerLine, month: Month, today: date, short_before: bool) -> int:
    """Return how much her hours weigh, as the week's goal weighs them: more if behind, or short last month."""
    factors = Policy()
    part_gone = min(1.0, max(0.0, (today - month.first).days / (month.end - month.first).days))
    behind = max(0.0, line.granted * part_gone - line.excused - line.delivered - line.planned)
    factor = 1 + factors.behind_factor * min(2.0, behind / 240) + factors.short_before_factor * short_before
    return round(_WEIGHT * factor)


# --- caregivers -------------------------------------------------------------------------------------


def _caregivers(session: Session, month: Month) -> list[tuple[Week, tuple[CaregiverRow, ...]]]:
    towns = repository.town_ids(session)
    return [(week, repository.caregiver_rows(session, week, towns)) for week, _ in weeks_of(month)]


def _carers(
    caregivers: Iterable[tuple[Week, tuple[CaregiverRow, ...]]], closed: Collection[date], days: Collection[date]
) -> tuple[Carer, ...]:
    """Return each caregiver once a week: certificates, contracts and leave are those of the week."""
    found = []
    for n, (week, rows) in enumerate(caregivers):
        closed_days = frozenset(day for day, on in enumerate(week.days) if on in closed)
        for row in rows:
            at_work = {
                DAYS_IN_WEEK * n + shift.day: (shift.starts, shift.ends)
                for shift in shifts(row, week, closed_days)
                if week.days[shift.day] in days
            }
            if at_work:
                found.append(_carer(row, week, n, at_work))
    return tuple(found)


def _carer(row: CaregiverRow, week: Week, n: int, at_work: Mapping[int, tuple[int, int]]) -> Carer:
    return Carer(
        id=_carer_id(row.id, n),
        gender=row.gender,
        shifts=at_work,
        skills={skill: DAYS_IN_WEEK * n + last for skill, last in last_valid_days(row, week).items()},
        weekly_limit=weekly_limit(row.contract_minutes, row.overtime_allowed),
        daily_limit=DAILY_LIMIT_MINUTES,
        max_days=DAYS_AT_MOST,
    )


def _carer_id(caregiver: int, week: int) -> str:
    return f"{caregiver}:{week}"


# --- weeks ------------------------------------------------------------------------------------------


def _week_loads(
    facts: Sequence[ElderFacts],
    month: Month,
    around: Surroundings,
    policy: EntitlementPolicy,
    today: date,
    caregivers: Sequence[tuple[Week, tuple[CaregiverRow, ...]]],
    share: float,
) -> dict[int, tuple[WeekLoad, ...]]:
    n_weeks = len(weeks_of(month))
    loads: defaultdict[int, list[int]] = defaultdict(lambda: [0] * n_weeks)
    seen_from = Week.of(min(max(today, month.first), month.last))
    for elder in facts:
        hands = elder.plans[-1].hands if elder.plans else 1
        for n, minutes in _booked(elder, month, seen_from, today):
            loads[elder.town_id][n] += minutes * hands
    if today < month.end:
        for own_of_town in _by_town(own_months(facts, seen_from, month, around, policy, today)):
            _add_laid(loads[own_of_town[0].town_id], own_of_town, around, seen_from, today)
    capacity: defaultdict[int, list[int]] = defaultdict(lambda: [0] * n_weeks)
    for n, (week, rows) in enumerate(caregivers):
        days = frozenset(day for day in week.days if Month.of(day) == month)
        for row in rows:
            for carer in _carers([(week, (row,))], around.closed, days):
                capacity[row.town_id][n] += int(carer.minutes_in(0) * share)
    return {
        town: tuple(WeekLoad(*both) for both in zip(loads[town], capacity[town], strict=True))
        for town in sorted(loads.keys() | capacity.keys())
    }


def _booked(elder: ElderFacts, month: Month, seen_from: Week, today: date) -> list[tuple[int, int]]:
    """Return (week, minutes) of what stands; what is planned in the week from which it is seen may still move."""
    position = {week: n for n, (week, _) in enumerate(weeks_of(month))}
    return [
        (position[Week.of(booked.day)], booked.minutes)
        for booked in elder.bookings_in(month)
        if booked.occupies
        and not (booked.state == BookingState.PLANNED and booked.day >= today and Week.of(booked.day) == seen_from)
    ]


def _by_town(months: Iterable[OwnMonth]) -> list[list[OwnMonth]]:
    found: defaultdict[int, list[OwnMonth]] = defaultdict(list)
    for own in months:
        if own.remaining is not None:
            found[own.town_id].append(own)
    return [found[town] for town in sorted(found)]


def _add_laid(loads: list[int], months: Sequence[OwnMonth], around: Surroundings, seen_from: Week, today: date) -> None:
    laid = month_laid(months, around, seen_from, today)
    for own in months:
        assert own.remaining is not None
        assert own.plan is not None
        left = list(own.visits)
        for week, visits in zip(own.remaining.weeks, laid[own.elder_id], strict=True):
            loads[week] += sum(left[:visits]) * own.plan.hands
            del left[:visits]
