"""Advice on one visit of a schedule: why it has no place and what would give it one, or why it has its own.

What a dispatcher is offered stays within her towns: caregivers of hers are asked, visits of hers are moved.
Of other towns she learns no more than that somebody there could take the visit.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.caregivers.models import Caregiver, Leave
from app.core import clock
from app.core.crypto import mask_name
from app.core.errors import Conflict, NotFound
from app.core.http import check_version
from app.core.weeks import Week
from app.schedules import advice_words, edits, exceptions, proofs, repository, service
from app.schedules.advice_schemas import (
    AlternativeView,
    ClosingRule,
    FixAnswer,
    FixChoice,
    FixView,
    GateView,
    KeptAway,
    ReasonsView,
    StandView,
    WhyView,
)
from app.schedules.edit_schemas import Edit, Move
from app.schedules.exceptions import Agreed, agreed
from app.schedules.figures import summed
from app.schedules.lenders import who_could_be_lent
from app.schedules.models import Schedule, ScheduledVisit, ScheduleStatus
from app.schedules.planning import is_context, to_plan
from app.schedules.proof_schemas import Words
from app.schedules.rows import VisitRow
from app.schedules.views import show_visit
from solver.fixes import Fix, Lenders, Limits, Situation, Why, fixes, why
from solver.plan import Cost, PlannedVisit
from solver.reasons import closed_by, never, reason
from solver.week import Week as Index

_HELD = (ScheduleStatus.DRAFT, ScheduleStatus.PUBLISHED, ScheduleStatus.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class Desk:
    """A schedule as it lies before who asks about one of its visits."""

    schedule: Schedule
    rows: Mapping[str, VisitRow]
    key: str  # of the visit
    situation: Situation | None  # None: the visit is settled, or there is no plan to speak of

    @property
    def week(self) -> Week:
        """The week of the schedule."""
        return Week(self.schedule.monday)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A fix that was found again, and what has to be agreed for it."""

    fix: Fix
    view: FixView
    exception: Agreed | None


def reasons(session: Session, actor: Actor, schedule_id: int, visit_id: int, *, database_url: str) -> ReasonsView:
    """Return what there is to say of one visit.

    Raises
    ------
    NotFound
        If there is no such visit, or it is of another town.
    """
    desk = _open(session, actor, schedule_id, visit_id, database_url)
    visit = show_visit(session.get_one(ScheduledVisit, visit_id))
    view = ReasonsView(
        visit=visit,
        reason=None,
        words=None,
        funnel=[],
        closed_by=[],
        impossible=None,
        impossible_words=None,
        hours_proved=False,
        fixes=[],
        other_towns=[],
        why=None,
    )
    if desk.situation is None:
        return view
    if visit.day is not None:
        return view.model_copy(update={"why": _why(desk, desk.situation, actor)})
    return view.model_copy(update=_unplaced(session, desk, desk.situation, actor))


def choose(
    session: Session,
    actor: Actor,
    schedule_id: int,
    visit_id: int,
    expected: int,
    choice: FixChoice,
    *,
    database_url: str,
) -> Chosen:
    """Find a fix again that was offered for this version of a draft.

    Raises
    ------
    Conflict
        If it is no draft, the fix is not one of those on offer, or it needs an exception that was not confirmed
        (``exception`` says which).
    Stale
        If somebody else changed the draft since the caller read it.
    """
    desk = _open(session, actor, schedule_id, visit_id, database_url)
    check_version(desk.schedule, expected)
    if desk.schedule.status != ScheduleStatus.DRAFT:
        raise Conflict(
            f"schedule {schedule_id} is {desk.schedule.status}: only a draft can be changed",
            zh=f"排班表 #{schedule_id} 不是草稿，只有草稿可以修改",
        )
    if desk.situation is None or desk.rows[desk.key].day is not None:
        raise Conflict(
            f"visit {visit_id} has a place, or is settled: there is nothing to fix",
            zh="这次服务已排好或已定，不需要解决",
        )
    for fix in fixes(desk.situation, desk.key):
        exception = _exception(fix, desk.situation)
        if _id_of(fix) == choice.fix_id:
            view = _show(fix, exception, desk, _asked(session, actor, exception))
            if exception is not None and choice.apply_to is None:
                words = _words(fix, exception, None)  # by id: an error names nobody
                raise Conflict(
                    f"this fix needs an exception for the week: {words.en}; confirm it with apply_to",
                    zh=f"需要本周例外：{words.zh}",
                    exception=view.exception,
                    words=words.model_dump(),
                )
            return Chosen(fix, view, exception)
    raise Conflict(
        f"fix {choice.fix_id} is not one of those on offer for visit {visit_id}: read its reasons again",
        zh="这个办法已不适用，请重新查看原因",
    )


def apply(
    session: Session, actor: Actor, schedule_id: int, expected: int, chosen: Chosen, *, database_url: str, lang: str
) -> FixAnswer:
    """Make the changes of a fix by hand-edits, with its exception; judged once more, and audited."""
    moves = [
        Edit(
            move=Move(
                visit_id=stand.visit_id, day=stand.day, start=stand.start_minute, caregiver_ids=stand.caregiver_ids
            )
        )
        for stand in chosen.view.stands
    ]
    answer = edits.edit(
        session,
        actor,
        schedule_id,
        expected,
        moves,
        database_url=database_url,
        dry_run=False,
        lang=lang,
        granting=() if chosen.exception is None else (chosen.exception,),
    )
    if chosen.exception is not None:
        schedule = repository.get_schedule(session, schedule_id)
        proofs.withdraw(session, schedule, repository.run_of(session, schedule_id))
        session.flush()
        answer.version = schedule.version
    return FixAnswer(**answer.model_dump(), fix=chosen.view)


def take_back(session: Session, actor: Actor, schedule_id: int, visit_id: int, expected: int) -> Schedule:
    """Take back what was agreed for a visit that has no place any more: the other half of undoing its fix.

    Raises
    ------
    Conflict
        If it is no draft, or the visit still has the place that it was agreed for.
    NotFound
        If there is no such visit, or it is of another town.
    Stale
        If somebody else changed the draft since the caller read it.
    """
    schedule = service.visible(session, actor, schedule_id, lock=True)
    asked = next((row for row in repository.visits_of(session, schedule_id) if row.id == visit_id), None)
    if asked is None or not actor.sees_town(asked.town_id):
        raise NotFound.of("visit", visit_id)
    check_version(schedule, expected)
    if schedule.status != ScheduleStatus.DRAFT:
        raise Conflict(
            f"schedule {schedule_id} is {schedule.status}: only a draft can be changed",
            zh=f"排班表 #{schedule_id} 不是草稿，只有草稿可以修改",
        )
    if asked.day is not None:
        raise Conflict(f"visit {visit_id} has a place: leave it out first", zh="这次服务已排好，请先取消安排")
    gone = exceptions.withdraw(session, schedule_id, asked.key)
    if gone:
        proofs.withdraw(session, schedule, repository.run_of(session, schedule_id))
        schedule.updated_at = clock.now()
        service.note(session, actor, "withdraw-exception", schedule, {"visit_key": asked.key, "kinds": gone})
        session.flush()
    return schedule


def as_it_stands(session: Session, actor: Actor, schedule_id: int, *, database_url: str) -> Situation:
    """Return a planned schedule with its pins and exceptions, as the solver takes it.

    Raises
    ------
    Conflict
        If there is no plan.
    """
    schedule = service.visible(session, actor, schedule_id)
    if schedule.status not in _HELD or not repository.has_problem(session, schedule_id):
        raise Conflict(
            f"schedule {schedule_id} is {schedule.status}: there is no plan to price",
            zh=f"排班表 #{schedule_id} 还没有算完",
        )
    index = edits.index_of(session, schedule, database_url)
    return _situation(session, actor, schedule, index, repository.visits_of(session, schedule_id))


# --- the situation ------------------------------------------------------------------------------------


def _open(session: Session, actor: Actor, schedule_id: int, visit_id: int, database_url: str) -> Desk:
    schedule = service.visible(session, actor, schedule_id)
    rows = {row.key: row for row in repository.visits_of(session, schedule_id)}
    asked = next((row for row in rows.values() if row.id == visit_id), None)
    if asked is None or not actor.sees_town(asked.town_id):
        raise NotFound.of("visit", visit_id)
    if schedule.status not in _HELD or not repository.has_problem(session, schedule_id):
        return Desk(schedule, rows, asked.key, None)
    index = edits.index_of(session, schedule, database_url)
    if asked.key not in index.visits or is_context(index.need_of[asked.key]):
        return Desk(schedule, rows, asked.key, None)
    return Desk(schedule, rows, asked.key, _situation(session, actor, schedule, index, rows.values()))


def _situation(
    session: Session, actor: Actor, schedule: Schedule, index: Index, rows: Collection[VisitRow]
) -> Situation:
    """Return the schedule as it stands now, with its pins, its exceptions and what the actor may ask for."""
    week = Week(schedule.monday)
    own = [
        edits.pin_of(row, week)
        for row in rows
        if row.pinned and row.key in index.visits and not is_context(index.need_of[row.key])
    ]
    context = [pin for pin in index.problem.pins if is_context(index.need_of[pin.visit])]
    pinned = Index(replace(index.problem, pins=(*own, *context)))
    towns = actor.town_ids
    return Situation(
        pinned,
        to_plan(pinned.problem, rows, week),
        limits=Limits(firm_shifts=_on_leave(session, week)),
        caregivers=None
        if towns is None
        else {each.id for each in index.caregivers.values() if int(each.town) in towns},
        held={row.key for row in rows if not actor.sees_town(row.town_id)},
        days={n for n, day in enumerate(week.days) if day >= clock.today()},
    )


def _on_leave(session: Session, week: Week) -> frozenset[tuple[str, int]]:
    """Return the caregivers' days on which a leave touches their hours: what is left of those is firm."""
    query = select(Leave.caregiver_id, Leave.first_on, Leave.last_on).where(
        Leave.first_on < week.end, Leave.last_on >= week.monday
    )
    return frozenset(
        (str(caregiver), n)
        for caregiver, first_on, last_on in session.execute(query)
        for n, day in enumerate(week.days)
        if first_on <= day <= last_on
    )


# --- without a place ----------------------------------------------------------------------------------


def _unplaced(session: Session, desk: Desk, situation: Situation, actor: Actor) -> dict[str, Any]:
    found = reason(situation.week, situation.plan, desk.key)
    impossible = never(situation.week, desk.key)
    draft = desk.schedule.status == ScheduleStatus.DRAFT
    offered = fixes(situation, desk.key) if draft else ()
    return {
        "reason": found.reason.value,
        "words": advice_words.of_reason(found.reason),
        "funnel": [
            GateView(gate=gate, caregivers=count, words=advice_words.of_gate(gate)) for gate, count in found.funnel
        ],
        "closed_by": [
            ClosingRule(rule=rule, caregivers=count, words=advice_words.of_rule(rule))
            for rule, count in closed_by(situation.week, situation.plan, desk.key).items()
        ],
        "impossible": None if impossible is None else impossible.value,
        "impossible_words": None if impossible is None else advice_words.of_reason(impossible),
        "hours_proved": _hours_proved(session, desk.schedule),
        "fixes": [
            _show(fix, exception, desk, _asked(session, actor, exception))
            for fix, exception in ((fix, _exception(fix, situation)) for fix in offered)
        ],
        "other_towns": _other_towns(session, desk, situation, actor) if draft else [],
    }


def _hours_proved(session: Session, schedule: Schedule) -> bool:
    """Tell whether the proof says that no plan serves more than the schedule does as it stands."""
    proof = proofs.proof_of(session, repository.run_of(session, schedule.id).id)
    sums = summed(schedule.figures, None)
    return (
        proof is not None
        and proof.unserved_minutes is not None
        and proof.unserved_minutes >= sums.minutes_due - sums.minutes_placed
    )


def _other_towns(session: Session, desk: Desk, situation: Situation, actor: Actor) -> list[int]:
    """Return the towns that are not the actor's, or not the schedule's, where somebody could take the visit."""
    within = Situation(
        situation.week,
        situation.plan,
        limits=situation.limits,
        caregivers=situation.week.caregivers.keys() - situation.caregivers,
        days=situation.days,
    )
    lends = {lend.caregiver.id: lend for lend in who_could_be_lent(session, desk.schedule, situation.week)}
    if not within.caregivers and not lends:
        return []
    lenders = Lenders(within, tuple(lends.values())) if lends else None
    towns = {
        int((lends[caregiver].caregiver if caregiver in lends else situation.week.caregivers[caregiver]).town)
        for fix in fixes(within, desk.key, lenders=lenders)
        for stand in fix.visits
        if stand.visit == desk.key
        for caregiver in stand.caregivers
    }
    covered = repository.towns_of(desk.schedule)
    return sorted(town for town in towns if town not in covered or not actor.sees_town(town))


def _exception(fix: Fix, situation: Situation) -> Agreed | None:
    return None if fix.change is None else agreed(fix.change, fix.visit, situation.week.problem)


def _asked(session: Session, actor: Actor, exception: Agreed | None) -> str | None:
    """Return the name of the caregiver whom a fix asks for more, as the actor may see it."""
    if exception is None or "caregiver" not in exception.detail:
        return None
    caregiver = session.get_one(Caregiver, int(exception.detail["caregiver"]))
    return actor.shown(caregiver.name, mask_name) if actor.sees_town(caregiver.town_id) else None


def _words(fix: Fix, exception: Agreed | None, who: str | None) -> Words:
    detail = None if exception is None else exception.detail
    return advice_words.of_fix(fix.kind, detail, len(fix.visits) - 1, who=who)


def _show(fix: Fix, exception: Agreed | None, desk: Desk, who: str | None) -> FixView:
    return FixView(
        id=_id_of(fix),
        kind=fix.kind,
        words=_words(fix, exception, who),
        points=round(fix.points, 6),
        price=round(fix.price, 6),
        cost_change=_by_goal(fix.cost),
        stands=_stands(fix.visits, desk),
        exception=None if exception is None else _show_exception(exception, desk),
    )


def _id_of(fix: Fix) -> str:
    """Return what tells a fix from every other of the same version."""
    return hashlib.sha256(repr((fix.kind, fix.visit, fix.change, fix.visits)).encode()).hexdigest()[:12]


def _show_exception(exception: Agreed, desk: Desk) -> dict[str, Any]:
    """Return an exception with the ids of rows and the day's date."""
    detail = {name: value for name, value in exception.detail.items() if name not in ("caregiver", "was")}
    if "caregiver" in exception.detail:
        detail["caregiver_id"] = int(exception.detail["caregiver"])
    visit = desk.rows[exception.visit_key]
    detail["day"] = str(desk.week.days[exception.detail["day"]])
    return {"kind": exception.kind, "visit_id": visit.id, "elder_id": visit.elder_id, **detail}


def _stands(visits: Iterable[PlannedVisit], desk: Desk) -> list[StandView]:
    return [
        StandView(
            visit_id=desk.rows[each.visit].id,
            elder_id=desk.rows[each.visit].elder_id,
            day=desk.week.days[each.day],
            start_minute=each.start,
            caregiver_ids=_ids(each.caregivers),
        )
        for each in visits
    ]


# --- with a place -------------------------------------------------------------------------------------


def _why(desk: Desk, situation: Situation, actor: Actor) -> WhyView:
    found: Why = why(situation, desk.key)
    return WhyView(
        cost=_by_goal(found.cost),
        could=found.could,
        next=[
            AlternativeView(
                caregiver_ids=_ids(each.planned.caregivers),
                day=desk.week.days[each.planned.day],
                start_minute=each.planned.start,
                cost_change=_by_goal(each.cost),
            )
            for each in found.others
            if set(each.planned.caregivers) <= situation.caregivers
        ],
        kept_away=[
            KeptAway(caregiver_id=int(each), reason=stopped.value, words=advice_words.of_gate_shut(stopped))
            for each, stopped in found.kept_away.items()
            if each in situation.caregivers
        ],
    )


def _by_goal(cost: Cost) -> dict[str, float]:
    goals = {each.name: round(getattr(cost, each.name), 6) for each in fields(Cost)}
    return {**goals, "total": round(cost.total, 6)}


def _ids(caregivers: Sequence[str]) -> list[int]:
    return [int(each) for each in caregivers]
