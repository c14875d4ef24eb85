"""Rows to the solver's problem, and its plan back to rows: the only place that knows both.

Ids of rows become texts. An elder has one need, named by her id. What stands already and can't be
moved, but takes up caregivers' time, becomes a need of its own, a *context* need, with every visit
pinned: an elder's settled visits of this week (``done-<elder>``), and the visits that hold in towns
outside the schedule and are made by its caregivers (``elsewhere-<elder>``).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.caregivers.limits import DAILY_LIMIT_MINUTES, DAYS_AT_MOST, weekly_limit
from app.core.weeks import Week
from app.entitlements.demand import DemandVisit, ElderDemand
from app.schedules.projection import to_metres
from app.schedules.rows import CaregiverRow, Degrees, ElderRow, PairRow, VisitRow, WeekRows
from app.schedules.shifts import last_valid_days, shifts
from app.schedules.travel_modes import MODES
from app.schedules.windows import windows_of
from app.terms import SKILLS_OF_ITEM, ServiceItem
from solver.plan import Cost, Plan, PlannedVisit, Reason, Unallocated
from solver.problem import Caregiver, MinutesCap, Need, Pin, Place, Policy, Problem, Published, Visit, Window

_DONE = "done-"
_ELSEWHERE = "elsewhere-"


def is_context(need: Need) -> bool:
    """Tell whether a need is there only to take up time: no visit of it is to be planned."""
    return need.id.startswith((_DONE, _ELSEWHERE))


def context_visits(problem: Problem) -> frozenset[str]:
    """Return the keys of the visits that are not this schedule's to plan."""
    return frozenset(visit.id for need in problem.needs if is_context(need) for visit in need.visits)


# --- rows to a problem ------------------------------------------------------------------------------


def to_problem(rows: WeekRows) -> Problem:
    """Return the problem of one week.

    Raises
    ------
    InvalidProblem
        Naming the field and the value, if the rows contradict the solver's contract.
    """
    caregivers = {each.id: each for each in rows.caregivers}
    elders = {each.id: each for each in rows.elders}
    pairs = _pairs_by_elder(rows.pairs, caregivers)
    due = {visit.key for demand in rows.demands for visit in demand.visits}
    published = {each.key: each for each in rows.published}
    needs = [
        _need(rows.week, demand, elders[demand.elder_id], pairs[demand.elder_id])
        for demand in rows.demands
        if demand.visits and demand.elder_id in elders
    ]
    done = _done(rows.demands, published, caregivers, due)
    elsewhere = [each for each in _standing(rows.elsewhere, caregivers) if each.key not in due]
    homes = {**rows.homes, **{each.id: each.home for each in rows.elders}}
    context = [*_context(_DONE, done, homes, rows.week), *_context(_ELSEWHERE, elsewhere, homes, rows.week)]
    known = {visit.id for need in needs for visit in need.visits}
    pins = _pins(rows, published, known, caregivers)
    held = [_pin(each, rows.week) for each in (*done, *elsewhere)]
    return Problem(
        places=_places(rows, homes, context),
        modes=MODES,
        caregivers=tuple(_caregiver(each, rows.week, rows.closed_days) for each in rows.caregivers),
        needs=(*needs, *context),
        pins=(*pins, *held),
        published=_published(rows, known, caregivers),
        policy=replace(Policy(), **dict[str, Any](rows.policy)),
    )


def _pairs_by_elder(pairs: Iterable[PairRow], caregivers: Mapping[int, CaregiverRow]) -> Mapping[int, list[PairRow]]:
    found: defaultdict[int, list[PairRow]] = defaultdict(list)
    for pair in pairs:
        if pair.caregiver_id in caregivers:
            found[pair.elder_id].append(pair)
    return found


def _need(week: Week, demand: ElderDemand, elder: ElderRow, pairs: Sequence[PairRow]) -> Need:
    eligible = _days_of(week, demand.eligible_days)
    return Need(
        id=str(elder.id),
        place=_home(elder.id),
        town=str(elder.town_id),
        visits=tuple(_visit(week, visit, elder, eligible) for visit in demand.visits),
        min_days_between=elder.min_days_between,
        occupied_days=tuple(sorted({_day(week, on) for on in demand.occupied_days} - set(range(7)))),
        eligible_days=eligible,
        caps=tuple(
            MinutesCap(max(0, _day(week, cap.first_day)), min(6, _day(week, cap.last_day)), max(0, cap.minutes))
            for cap in demand.caps
            if _day(week, cap.first_day) <= 6 and _day(week, cap.last_day) >= 0
        ),
        required_gender=elder.required_gender,
        wished_gender=elder.wished_gender,
        dialects=frozenset(elder.dialects),
        blocked=frozenset(str(pair.caregiver_id) for pair in pairs if pair.kind == "blocked"),
        usual={str(pair.caregiver_id): pair.weight for pair in pairs if pair.kind == "usual"},
        max_carers=elder.max_carers,
        minutes_behind=max(0, demand.minutes_behind),
        short_before=demand.short_before,
    )


def _visit(week: Week, due: DemandVisit, elder: ElderRow, eligible: frozenset[int]) -> Visit:
    binding, wished = windows_of(elder.windows, _days_of(week, due.days) & eligible, due.minutes)
    return Visit(
        id=due.key,
        minutes=due.minutes,
        windows=binding,
        wished=wished,
        skills=skills_of(elder.items, elder.extra_skills),
        hands=elder.hands,
    )


def skills_of(items: Iterable[str], extra: Iterable[str]) -> frozenset[str]:
    """Return what a caregiver must be certified for to do these service items."""
    needed = {skill.value for item in items for skill in SKILLS_OF_ITEM[ServiceItem(item)]}
    return frozenset(needed | set(extra))


def _caregiver(row: CaregiverRow, week: Week, closed_days: frozenset[int]) -> Caregiver:
    return Caregiver(
        id=str(row.id),
        base=_base(row),
        town=str(row.town_id),
        mode=row.mode,
        shifts=shifts(row, week, closed_days),
        weekly_limit_minutes=weekly_limit(row.contract_minutes, row.overtime_allowed),
        contract_minutes=row.contract_minutes,
        daily_limit_minutes=DAILY_LIMIT_MINUTES,
        max_days=DAYS_AT_MOST,
        skills=last_valid_days(row, week),
        gender=row.gender,
        dialects=frozenset(row.dialects),
    )


def _done(
    demands: Iterable[ElderDemand],
    published: Mapping[str, VisitRow],
    caregivers: Mapping[int, CaregiverRow],
    due: set[str],
) -> list[VisitRow]:
    """Return the settled visits that took or take somebody's time (a missed or excused one does not)."""
    stood = [
        published[done.key]
        for demand in demands
        for done in demand.done
        if done.state in ("delivered", "planned") and done.key in published and done.key not in due
    ]
    return _standing(stood, caregivers)


def _standing(visits: Iterable[VisitRow], caregivers: Mapping[int, CaregiverRow]) -> list[VisitRow]:
    """Return the placed visits, each with those of its caregivers who are in the problem, if there is one."""
    found = []
    for visit in visits:
        who = tuple(each for each in visit.caregivers if each in caregivers)
        if visit.day is not None and who:
            found.append(replace(visit, caregivers=who, hands=len(who)))
    return found


def _context(prefix: str, visits: Sequence[VisitRow], homes: Mapping[int, Degrees], week: Week) -> list[Need]:
    by_elder: defaultdict[int, list[VisitRow]] = defaultdict(list)
    for visit in visits:
        if visit.elder_id in homes:
            by_elder[visit.elder_id].append(visit)
    return [
        Need(
            id=f"{prefix}{elder}",
            place=_home(elder),
            town=str(standing[0].town_id),
            visits=tuple(_fixed(visit, week) for visit in standing),
            min_days_between=0,
        )
        for elder, standing in sorted(by_elder.items())
    ]


def _fixed(visit: VisitRow, week: Week) -> Visit:
    day, start = _day(week, visit.day), visit.start_minute or 0
    window = Window(day, start, start + 1)
    return Visit(id=visit.key, minutes=visit.minutes, windows=(window,), hands=visit.hands)


def _pins(
    rows: WeekRows, published: Mapping[str, VisitRow], known: set[str], caregivers: Mapping[int, CaregiverRow]
) -> list[Pin]:
    """Return the pins of this schedule's own visits; those of people who have left are lifted."""
    held = {each.key: each for each in rows.pins} | {key: published[key] for key in rows.started if key in published}
    return [
        _pin(visit, rows.week)
        for key, visit in sorted(held.items())
        if key in known and all(each in caregivers for each in visit.caregivers)
    ]


def _pin(visit: VisitRow, week: Week) -> Pin:
    if visit.day is None:
        return Pin(visit.key, None, None, ())
    return Pin(visit.key, _day(week, visit.day), visit.start_minute, tuple(str(each) for each in visit.caregivers))


def _published(rows: WeekRows, known: set[str], caregivers: Mapping[int, CaregiverRow]) -> tuple[Published, ...]:
    return tuple(
        Published(
            visit=visit.key,
            day=_day(rows.week, visit.day),
            start=visit.start_minute or 0,
            caregivers=tuple(str(each) for each in visit.caregivers if each in caregivers),
        )
        for visit in rows.published
        if visit.key in known and visit.day is not None
    )


def _places(rows: WeekRows, homes: Mapping[int, Degrees], context: Sequence[Need]) -> tuple[Place, ...]:
    visited = {each.id for each in rows.elders} | {int(need.id.rpartition("-")[2]) for need in context}
    places = [Place(_home(elder), *to_metres(*homes[elder])) for elder in sorted(visited)]
    bases = {_base(each): each.base for each in rows.caregivers}
    return (*places, *(Place(base, *to_metres(*where)) for base, where in sorted(bases.items())))


def _home(elder_id: int) -> str:
    return f"e{elder_id}"


def _base(row: CaregiverRow) -> str:
    return f"g{row.id}" if row.base_of_centre is None else f"c{row.base_of_centre}"


def _day(week: Week, on: date | None) -> int:
    assert on is not None
    return (on - week.monday).days


def _days_of(week: Week, days: Iterable[date]) -> frozenset[int]:
    return frozenset(_day(week, on) for on in days) & frozenset(range(7))


# --- a plan to rows, and back -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledVisit:
    """A visit as its row will say it."""

    key: str
    elder_id: int
    town_id: int
    minutes: int
    hands: int
    day: date | None
    start_minute: int | None
    caregivers: tuple[int, ...]
    travel_minutes: tuple[int, ...]  # of each caregiver, to this visit
    pinned: bool
    reason: str | None = None
    funnel: tuple[tuple[str, int], ...] = ()


def to_visits(problem: Problem, plan: Plan, week: Week, legs: Mapping[tuple[str, str], int]) -> tuple[FiledVisit, ...]:
    """Return the rows of a plan, in order of elder; context visits have none.

    Parameters
    ----------
    legs
        (visit, caregiver) → minutes of travel to it, from the visit before or from her base.
    """
    placed = {each.visit: each for each in plan.visits}
    left = {each.visit: each for each in plan.unallocated}
    pinned = {each.visit for each in problem.pins}
    return tuple(
        _filed(need, visit, placed.get(visit.id) or left[visit.id], week, legs, visit.id in pinned)
        for need in problem.needs
        if not is_context(need)
        for visit in need.visits
    )


def _filed(
    need: Need,
    visit: Visit,
    stands: PlannedVisit | Unallocated,
    week: Week,
    legs: Mapping[tuple[str, str], int],
    pinned: bool,
) -> FiledVisit:
    at, gone = (stands, None) if isinstance(stands, PlannedVisit) else (None, stands)
    caregivers = at.caregivers if at else ()
    return FiledVisit(
        key=visit.id,
        elder_id=int(need.id),
        town_id=int(need.town),
        minutes=visit.minutes,
        hands=visit.hands,
        day=week.days[at.day] if at else None,
        start_minute=at.start if at else None,
        caregivers=tuple(int(each) for each in caregivers),
        travel_minutes=tuple(legs.get((visit.id, each), 0) for each in caregivers),
        pinned=pinned,
        reason=gone.reason.value if gone else None,
        funnel=gone.funnel if gone else (),
    )


def to_plan(problem: Problem, visits: Iterable[VisitRow], week: Week) -> Plan:
    """Return the plan that stored visits stand for; context visits stand where the problem pins them."""
    rows = {each.key: each for each in visits}
    pins = {each.visit: each for each in problem.pins}
    placed: list[PlannedVisit] = []
    left: list[Unallocated] = []
    for need in problem.needs:
        for visit in need.visits:
            stands = _stands(pins[visit.id]) if is_context(need) else _row_stands(rows.get(visit.id), visit.id, week)
            if isinstance(stands, PlannedVisit):
                placed.append(stands)
            else:
                left.append(stands)
    return Plan(visits=tuple(placed), unallocated=tuple(left), cost=Cost())


def _stands(pin: Pin) -> PlannedVisit | Unallocated:
    if pin.day is None or pin.start is None:
        return Unallocated(pin.visit, Reason.LEFT_BY_PIN)
    return PlannedVisit(pin.visit, pin.day, pin.start, pin.caregivers)


def _row_stands(row: VisitRow | None, key: str, week: Week) -> PlannedVisit | Unallocated:
    if row is None or row.day is None:
        reason = Reason(row.reason) if row is not None and row.reason else Reason.NO_ROUTE_FITS
        return Unallocated(key, reason)
    return PlannedVisit(key, _day(week, row.day), row.start_minute or 0, tuple(str(each) for each in row.caregivers))
