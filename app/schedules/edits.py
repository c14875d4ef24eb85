"""Changes of a draft by hand, each held to the judge that holds the solver's plans.

An edit is refused for the rules that it breaks itself; what was broken before (a pin that contradicts
another, say) does not stand in its way. Only the elders and caregivers whom it touches are judged and priced.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.audit.record import record
from app.core import clock
from app.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.core.http import check_version
from app.core.weeks import Week
from app.schedules import exceptions, repository, service
from app.schedules.edit_schemas import Edit, EditAnswer, Move
from app.schedules.exceptions import Agreed
from app.schedules.figures import figures_of, legs_of
from app.schedules.models import Schedule, ScheduledVisit, ScheduleStatus, VisitCaregiver, VisitState
from app.schedules.planning import is_context, to_plan
from app.schedules.rows import VisitRow
from app.schedules.store import decoded
from app.schedules.words import BrokenRule, in_words
from solver.cost import cost_change
from solver.judge import judge_week
from solver.plan import Cost, Plan, Reason
from solver.problem import Pin
from solver.reasons import reason
from solver.week import Week as Index

_TOLD = 100  # broken rules that an answer lists


@dataclass(frozen=True, slots=True)
class Desk:
    """A draft as it lies before its editor."""

    schedule: Schedule
    index: Index
    rows: Mapping[str, VisitRow]
    keys: Mapping[int, str]  # visit id -> key

    @property
    def week(self) -> Week:
        """The week that is edited."""
        return Week(self.schedule.monday)


def edit(
    session: Session,
    actor: Actor,
    schedule_id: int,
    expected: int,
    edits: Sequence[Edit],
    *,
    database_url: str,
    dry_run: bool,
    lang: str,
    granting: Sequence[Agreed] = (),
) -> EditAnswer:
    """Judge some edits, one after the other as one change, and store them unless it is a dry run.

    Parameters
    ----------
    granting
        Exceptions of this week with which the edits are judged, and that are stored with them.

    Raises
    ------
    Conflict
        If it is no draft, a visit is settled, or (unless it is a dry run) a rule would be broken:
        ``violations`` names the rules and the visits.
    Stale
        If somebody else changed the draft since the caller read it.
    """
    schedule = service.visible(session, actor, schedule_id, lock=not dry_run)
    check_version(schedule, expected)
    if schedule.status != ScheduleStatus.DRAFT:
        raise Conflict(
            f"schedule {schedule_id} is {schedule.status}: only a draft can be edited",
            zh=f"排班表 #{schedule_id} 不是草稿，只有草稿可以修改",
        )
    desk = _open(session, schedule, database_url, granting)
    after = _applied(desk, actor, edits)
    touched = sorted(key for key, row in after.items() if row != desk.rows[key])
    index = _with_pins(desk.index, _pins_for(desk, edits))
    plan_before = to_plan(index.problem, desk.rows.values(), desk.week)
    plan_after = to_plan(index.problem, after.values(), desk.week)
    broken = _newly_broken(index, plan_before, plan_after, touched, desk, lang)
    change = cost_change(index, plan_before, plan_after, touched)
    answer = EditAnswer(
        schedule_id=schedule_id,
        version=schedule.version,
        dry_run=dry_run,
        allowed=not broken,
        violations=broken[:_TOLD],
        cost_before=schedule.cost if service.sees_all(actor, schedule) else {},
        cost_after=_added(schedule.cost, change) if service.sees_all(actor, schedule) else {},
        cost_change=_added({}, change),
        changed_visit_ids=[after[key].id for key in touched],
    )
    if dry_run:
        return answer
    if broken:
        raise Conflict(
            f"{len(broken)} rule(s) would be broken: {', '.join(sorted({each.rule for each in broken}))}",
            zh=f"会违反 {len(broken)} 条规则",
            violations=[each.model_dump(mode="json") for each in broken[:_TOLD]],
            cost_change=answer.cost_change,
        )
    _store(session, desk, index, plan_before, plan_after, after, touched)
    schedule.cost = _added(schedule.cost, change)
    schedule.updated_at = clock.now()
    for exception in granting:
        exceptions.grant(session, schedule_id, exception, actor.user_id)
    _audit(session, actor, schedule, edits, granting)
    session.flush()
    answer.version = schedule.version
    return answer


def _open(session: Session, schedule: Schedule, database_url: str, granting: Sequence[Agreed]) -> Desk:
    index = index_of(session, schedule, database_url)
    if granting:
        index = Index(exceptions.with_exceptions(index.problem, granting))
    rows = repository.visits_of(session, schedule.id)
    return Desk(schedule, index, {row.key: row for row in rows}, {row.id: row.key for row in rows})


def index_of(session: Session, schedule: Schedule, database_url: str) -> Index:
    """Return the problem of a schedule, with its exceptions, indexed; nobody may change it."""
    run_id = repository.run_of(session, schedule.id).id
    index = decoded.get(database_url, run_id, lambda: repository.problem_of(session, run_id))
    granted = exceptions.of_schedule(session, schedule.id)
    return Index(exceptions.with_exceptions(index.problem, granted)) if granted else index


# --- applying -----------------------------------------------------------------------------------------


def _applied(desk: Desk, actor: Actor, edits: Sequence[Edit]) -> dict[str, VisitRow]:
    """Return all rows after the edits, in their order."""
    rows = dict(desk.rows)
    for i, each in enumerate(edits):
        where = f"body.edits.{i}.{each.kind}"
        key = desk.keys.get(each.visit_id)
        if key is None or not actor.sees_town(rows[key].town_id):
            raise NotFound.of("visit", each.visit_id)
        if key not in desk.index.visits or is_context(desk.index.need_of[key]):
            raise Conflict(
                f"visit {each.visit_id} is settled: it was made, recorded or its day is gone",
                zh="这次服务已开始、已记录或日期已过，不能再改",
            )
        if each.move is not None:
            rows[key] = _moved(desk, actor, rows[key], each.move, where)
        else:
            rows[key] = _otherwise(rows[key], each.kind)
    return rows


def _moved(desk: Desk, actor: Actor, row: VisitRow, move: Move, where: str) -> VisitRow:
    if move.day not in desk.week.days:
        raise InvalidInput.of(f"{where}.day", f"a day of {desk.week}", str(move.day), f"{desk.week} 的日期")
    for caregiver_id in move.caregiver_ids:
        caregiver = desk.index.caregivers.get(str(caregiver_id))
        if caregiver is None:
            raise InvalidInput.of(
                f"{where}.caregiver_ids", "ids of caregivers of this schedule", caregiver_id, "本排班表的护理员"
            )
        if caregiver_id not in row.caregivers and not actor.sees_town(int(caregiver.town)):
            raise Forbidden(f"caregiver {caregiver_id} is not of one of your towns")
    return replace(row, day=move.day, start_minute=move.start, caregivers=tuple(move.caregiver_ids), reason=None)


def _otherwise(row: VisitRow, kind: str) -> VisitRow:
    if kind == "unpin":
        return replace(row, pinned=False)
    if kind == "unallocate":
        return replace(row, day=None, start_minute=None, caregivers=(), pinned=True, reason=Reason.LEFT_BY_PIN.value)
    return replace(row, pinned=True, reason=Reason.LEFT_BY_PIN.value if row.day is None else None)


# --- judging ------------------------------------------------------------------------------------------


def _pins_for(desk: Desk, edits: Iterable[Edit]) -> list[Pin]:
    """Return what may not be moved: what was pinned before, less what these edits unpin."""
    lifted = {desk.keys.get(each.visit_id) for each in edits if each.kind == "unpin"}
    return [
        pin_of(row, desk.week)
        for row in desk.rows.values()
        if row.pinned and row.key not in lifted and row.key in desk.index.visits
    ]


def pin_of(row: VisitRow, week: Week) -> Pin:
    """Return the pin of a visit that stands so, or is left out."""
    if row.day is None:
        return Pin(row.key, None, None, ())
    return Pin(row.key, (row.day - week.monday).days, row.start_minute, tuple(str(each) for each in row.caregivers))


def _with_pins(index: Index, pins: Iterable[Pin]) -> Index:
    """Return the same index with other pins of the schedule's own visits; the shared one stays as it is."""
    own = copy.copy(index)
    held = {key: pin for key, pin in index.pins.items() if is_context(index.need_of[key])}
    own.pins = held | {pin.visit: pin for pin in pins}
    return own


def _newly_broken(
    index: Index, before: Plan, after: Plan, touched: Sequence[str], desk: Desk, lang: str
) -> list[BrokenRule]:
    ids = {row.key: row.id for row in desk.rows.values()}
    known = set(judge_week(index, before, only=touched, before=after))
    found = judge_week(index, after, only=touched, before=before)
    return [in_words(violation, ids, lang) for violation in found if violation not in known]


def _added(cost: Mapping[str, float], change: Cost) -> dict[str, float]:
    goals = {each.name: round(cost.get(each.name, 0.0) + getattr(change, each.name), 6) for each in fields(Cost)}
    return {**goals, "total": round(cost.get("total", 0.0) + change.total, 6)}


# --- storing ------------------------------------------------------------------------------------------


def _store(
    session: Session,
    desk: Desk,
    index: Index,
    before: Plan,
    after: Plan,
    rows: Mapping[str, VisitRow],
    touched: Sequence[str],
) -> None:
    for key in touched:
        row = _with_reason(index, after, rows[key])
        session.execute(
            update(ScheduledVisit)
            .where(ScheduledVisit.id == row.id)
            .values(
                state=VisitState.UNALLOCATED if row.day is None else VisitState.PLACED,
                day=row.day,
                start_minute=row.start_minute,
                pinned=row.pinned,
                reason=row.reason,
                funnel=[],
            )
        )
        if row.caregivers != desk.rows[key].caregivers:
            session.execute(delete(VisitCaregiver).where(VisitCaregiver.visit_id == row.id))
            session.add_all(
                VisitCaregiver(visit_id=row.id, caregiver_id=caregiver, position=position)
                for position, caregiver in enumerate(row.caregivers)
            )
    session.flush()
    makers = {caregiver for key in touched for row in (desk.rows[key], rows[key]) for caregiver in row.caregivers}
    _store_legs(session, desk, legs_of(index, after, {str(each) for each in makers}))
    desk.schedule.figures = {**desk.schedule.figures, **figures_of(index, after)}


def _with_reason(index: Index, plan: Plan, row: VisitRow) -> VisitRow:
    if row.day is None and not row.pinned:
        return replace(row, reason=reason(index, plan, row.key).reason.value)
    return row


def _store_legs(session: Session, desk: Desk, legs: Mapping[tuple[str, str], int]) -> None:
    """Write the travel of the caregivers whose days have changed."""
    wanted = {
        (desk.rows[key].id, int(caregiver)): minutes for (key, caregiver), minutes in legs.items() if key in desk.rows
    }
    ids = {visit_id for visit_id, _ in wanted}
    stored = session.scalars(select(VisitCaregiver).where(VisitCaregiver.visit_id.in_(ids)))
    for made in stored:
        minutes = wanted.get((made.visit_id, made.caregiver_id))
        if minutes is not None and made.travel_minutes != minutes:
            made.travel_minutes = minutes


def _audit(
    session: Session, actor: Actor, schedule: Schedule, edits: Iterable[Edit], granting: Sequence[Agreed]
) -> None:
    told: list[dict[str, Any]] = [{"kind": each.kind, "visit": each.visit_id} for each in edits]
    for each, entry in zip(edits, told, strict=True):
        if each.move is not None:
            entry |= {"day": str(each.move.day), "start": each.move.start, "caregivers": each.move.caregiver_ids}
    granted = [{"kind": each.kind, "visit_key": each.visit_key, **each.detail} for each in granting]
    towns = repository.towns_of(schedule)
    record(
        session,
        user_id=actor.user_id,
        action="edit",
        entity="schedule",
        entity_id=schedule.id,
        town_id=next(iter(towns)) if len(towns) == 1 else None,
        request_id=actor.request_id,
        changes={"edits": told, **({"exceptions": granted} if granted else {})},
    )
