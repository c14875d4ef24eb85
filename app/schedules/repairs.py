"""Repairs of a published week: something happened, and a draft of the next version puts it right at once.

The draft covers only the towns concerned; published, it holds in them, and the version before elsewhere.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.core import clock
from app.core.db import Database
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.settings import Settings
from app.core.weeks import Week
from app.entitlements.allowance import EntitlementPolicy
from app.schedules import exceptions, repository, service
from app.schedules.added_visits import ADDED_VISIT
from app.schedules.adding import with_visit
from app.schedules.comparing import kinds_of
from app.schedules.disruptions import Disruption, disrupted, disruption_of, recorded, recorded_stay
from app.schedules.figures import figures_of, legs_of
from app.schedules.filing import file_visits, taken_over
from app.schedules.loading import read_again
from app.schedules.models import PlanRun, Schedule, ScheduleStatus, ScheduleTown
from app.schedules.planning import FiledVisit, context_visits, is_context, to_plan, to_problem, to_visits
from app.schedules.repair_schemas import (
    CandidatesView,
    CandidateView,
    Place,
    RepairAnswer,
    RepairAsk,
    RepairedVisit,
    RepairStep,
)
from app.schedules.repair_words import change_in_words
from app.schedules.rows import VisitRow
from app.schedules.run import by_goal, versions
from app.schedules.schemas import HowToPlan, PolicyOverrides
from app.schedules.store import decoded, pack_problem
from solver.cost import cost_of
from solver.part import of_towns
from solver.plan import Cost, Plan
from solver.problem import Problem
from solver.repair import Repair, ranked
from solver.repair import repair as repaired
from solver.week import Week as Index


@dataclass(frozen=True, slots=True)
class _Case:
    """What is repaired: the week as it is now, and the plan that held."""

    schedule_id: int
    week: Week
    towns: frozenset[int]
    policy: Mapping[str, float]
    problem: Problem
    rows: Mapping[str, VisitRow]
    plan: Plan
    stored: frozenset[str]  # keys of the visits that the version was to plan
    disruption: Disruption
    closed: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Written:
    """What a repair has stored; a dry run: nothing."""

    draft_id: int | None
    leave_ids: tuple[int, ...]
    stay_id: int | None


def repair(
    database: Database,
    actor: Actor,
    schedule_id: int,
    asked: RepairAsk,
    settings: Settings,
    *,
    dry_run: bool,
    lang: str,
) -> RepairAnswer:
    """Repair a published week; unless it is a dry run, file the draft of its next version.

    Raises
    ------
    Conflict
        If the schedule is not published or does not hold any more, its week is over, or it was
        superseded meanwhile.
    Forbidden
        If a town or a caregiver that was named is not the actor's.
    InvalidInput
        If a day is not of the week, or an id that was named is not of the schedule.
    """
    began = time.monotonic()
    with database.read() as session:
        case = _read(session, actor, schedule_id, asked, settings, database_url=database.url)
    index = Index(case.problem)
    found = repaired(
        index,
        case.plan,
        frozen=case.disruption.begun | case.disruption.left,
        notice=case.disruption.notice,
        closed=case.closed,
        at_most=asked.at_most,
    )
    visits = to_visits(case.problem, found.plan, case.week, legs_of(index, found.plan))
    changes = _changes(case, found, visits, lang)
    draft_id, leave_ids, stay_id = None, list[int](), None
    if not dry_run:
        with database.write() as session:
            leave_ids = recorded(session, actor, asked.happened, case.disruption)
            stay_id = recorded_stay(session, actor, asked.happened)
            if changes:
                draft_id = _file(session, actor, case, asked, settings, index, found, visits)
    written = _Written(draft_id, tuple(leave_ids), stay_id)
    return _answer(case, found, changes, written, seconds=time.monotonic() - began)


# --- reading ------------------------------------------------------------------------------------------


def _read(
    session: Session, actor: Actor, schedule_id: int, asked: RepairAsk, settings: Settings, *, database_url: str
) -> _Case:
    schedule = service.visible(session, actor, schedule_id)
    week = Week(schedule.monday)
    _check(schedule, week)
    rows = {row.key: row for row in repository.visits_of(session, schedule_id)}
    holds = {town.town_id for town in schedule.towns if town.published_monday is not None}
    disruption = disruption_of(session, actor, asked.happened, week, rows, holds, settings.notice_minutes)
    towns = _towns(actor, asked, schedule_id, holds, disruption)
    if not repository.has_problem(session, schedule_id):
        raise Conflict(
            f"schedule {schedule_id} was not computed here: plan the week again",
            zh=f"排班表 #{schedule_id} 不是在这里计算的，请重新排班",
        )
    run = repository.run_of(session, schedule_id)
    planned = decoded.get(database_url, run.id, lambda: repository.problem_of(session, run.id)).problem
    stored = of_towns(planned, {str(town_id) for town_id in towns})
    if disruption.added is not None:
        policy = EntitlementPolicy(make_up_undelivered=settings.make_up_undelivered)
        stored = with_visit(session, stored, disruption.added, week, policy)
    here = {key: row for key, row in rows.items() if row.town_id in towns}
    # Like a version that is asked for, but for its row: a dry run writes nothing.
    version = Schedule(monday=week.monday, towns=[ScheduleTown(town_id=town_id) for town_id in sorted(towns)])
    from_day = service.from_day(week, None, clock.today())
    read = read_again(session, version, PlanRun(from_day=from_day), stored, tuple(here.values()))
    read = replace(
        disruption.in_rows(read),
        pins=tuple(row for row in here.values() if row.pinned),
        started=repository.started_keys(session, week),
    )
    granted = (*exceptions.of_schedule(session, schedule_id), *_agreed(disruption))
    current = _as_planned(to_problem(read), stored)
    problem = disrupted(exceptions.with_exceptions(current, granted), disruption)
    kept = [row for key, row in here.items() if key not in disruption.cancelled]
    return _Case(
        schedule_id=schedule_id,
        week=week,
        towns=towns,
        policy=run.policy,
        problem=problem,
        rows=here,
        stored=frozenset(visit.id for need in stored.needs if not is_context(need) for visit in need.visits),
        plan=to_plan(problem, kept, week),
        disruption=disruption,
        closed=frozenset(each.id for each in problem.caregivers if not actor.sees_town(int(each.town))),
    )


def _as_planned(current: Problem, stored: Problem) -> Problem:
    """Return the problem of today's roster with what the week was planned by: months, fairness and weights."""
    before = {need.id: need for need in stored.needs}
    return replace(
        current,
        policy=stored.policy,
        needs=tuple(
            replace(
                need,
                caps=before[need.id].caps,
                minutes_behind=before[need.id].minutes_behind,
                short_before=before[need.id].short_before,
            )
            if need.id in before
            else need
            for need in current.needs
        ),
    )


def _agreed(disruption: Disruption) -> tuple[exceptions.Agreed, ...]:
    """Return what the week keeps besides its exceptions: the visit that is added to it."""
    added = disruption.added
    return () if added is None else (exceptions.Agreed(ADDED_VISIT, added.visit, added.detail()),)


def _check(schedule: Schedule, week: Week) -> None:
    if schedule.status != ScheduleStatus.PUBLISHED:
        raise Conflict(
            f"schedule {schedule.id} is {schedule.status}: only a published one is repaired",
            zh=f"排班表 #{schedule.id} 没有发布，只能调整已发布的排班表",
        )
    if week.end <= clock.today():
        raise Conflict(f"{week} is over", zh=f"{week} 已经过去")


def _towns(
    actor: Actor, asked: RepairAsk, schedule_id: int, holds: Collection[int], disruption: Disruption
) -> frozenset[int]:
    """Return the towns to repair in: those that were named, else those of the visits concerned that are hers."""
    if asked.town_ids is not None:
        for town_id in asked.town_ids:
            actor.require_town(town_id)
            if town_id not in holds:
                raise InvalidInput.of(
                    "body.town_ids",
                    f"towns in which schedule {schedule_id} holds",
                    town_id,
                    f"排班表 #{schedule_id} 有效的镇街",
                )
        if disruption.added is not None and disruption.added.town_id not in asked.town_ids:
            raise InvalidInput.of(
                "body.town_ids", "the elder's town too", disruption.added.town_id, "包括这位老人的镇街"
            )
        return frozenset(asked.town_ids)
    concerned = disruption.town_ids if disruption.town_ids is not None else holds
    towns = frozenset(town_id for town_id in concerned if town_id in holds and actor.sees_town(town_id))
    if not towns:
        raise Conflict(
            f"schedule {schedule_id} does not hold in a town of yours that this concerns",
            zh=f"在您负责的相关镇街，排班表 #{schedule_id} 已不是有效版本",
        )
    return towns


# --- filing -------------------------------------------------------------------------------------------


def _file(
    session: Session,
    actor: Actor,
    case: _Case,
    asked: RepairAsk,
    settings: Settings,
    index: Index,
    found: Repair,
    visits: Sequence[FiledVisit],
) -> int:
    """Write the draft, and return its id."""
    parent = repository.get_schedule(session, case.schedule_id, lock=True)
    held = {town.town_id for town in parent.towns if town.published_monday is not None}
    if not case.towns <= held:
        raise Conflict(
            f"schedule {case.schedule_id} was superseded while it was repaired: repair the newer one",
            zh=f"调整期间排班表 #{case.schedule_id} 已被新版本取代，请调整新版本",
        )
    how = HowToPlan(
        seconds=None, iterations=0, seed=1, policy=PolicyOverrides(**case.policy), from_day=None, note=asked.note
    )
    draft = service.new_version(session, actor, case.week, case.towns, parent, how, settings, clock.today())
    for each in _agreed(case.disruption):
        exceptions.grant(session, draft.id, each, actor.user_id)
    run = repository.run_of(session, draft.id)
    due = {each.key for each in visits}
    kept = (row for key, row in case.rows.items() if key not in due and key not in case.stored)
    file_visits(session, draft, [*visits, *(taken_over(row) for row in kept)])
    cost = cost_of(index, found.plan)
    draft.status, draft.cost, draft.figures = ScheduleStatus.DRAFT, by_goal(cost), figures_of(index, found.plan)
    own = context_visits(case.problem)
    run.problem, run.versions, run.stage, run.best_cost = pack_problem(case.problem), versions(), "finished", cost.total
    run.due_minutes = sum(visit.minutes for need in case.problem.needs for visit in need.visits if visit.id not in own)
    run.placed_minutes = sum(each.minutes for each in visits if each.day is not None)
    now = clock.now()
    run.started_at = run.progressed_at = run.finished_at = now
    session.flush()
    return draft.id


# --- answering ----------------------------------------------------------------------------------------


def _changes(case: _Case, found: Repair, visits: Sequence[FiledVisit], lang: str) -> list[RepairedVisit]:
    now = {each.key: _as_row(each) for each in visits}
    gone = [key for key in case.rows if key not in now and key in case.stored]
    told = []
    for key in (*now, *gone):
        old, new = case.rows.get(key), now.get(key)
        kinds = kinds_of(old, new)
        row = new or old
        if kinds and row is not None:
            before, after = (None if each is None else _place(each) for each in (old, new))
            told.append(
                RepairedVisit(
                    visit_key=key,
                    elder_id=row.elder_id,
                    town_id=row.town_id,
                    hit=key not in found.changed,
                    kinds=kinds,
                    before=before,
                    after=after,
                    reason=new.reason if new is not None else None,
                    words=change_in_words(before, after, lang),
                )
            )
    return told


def _as_row(each: FiledVisit) -> VisitRow:
    return VisitRow(
        id=0,
        key=each.key,
        elder_id=each.elder_id,
        town_id=each.town_id,
        day=each.day,
        start_minute=each.start_minute,
        minutes=each.minutes,
        hands=each.hands,
        pinned=each.pinned,
        caregivers=each.caregivers,
        reason=each.reason,
    )


def _place(row: VisitRow) -> Place | None:
    if row.day is None or row.start_minute is None:
        return None
    return Place(day=row.day, start_minute=row.start_minute, caregiver_ids=list(row.caregivers))


def _answer(
    case: _Case,
    found: Repair,
    changes: list[RepairedVisit],
    written: _Written,
    *,
    seconds: float,
) -> RepairAnswer:
    points = {goal.name: round(getattr(found.change, goal.name), 6) for goal in fields(Cost)}
    return RepairAnswer(
        schedule_id=case.schedule_id,
        draft_id=written.draft_id,
        leave_ids=list(written.leave_ids),
        stay_id=written.stay_id,
        town_ids=sorted(case.towns),
        visits_hit=len(found.hit),
        minutes_hit=found.hit_minutes,
        minutes_covered=found.hit_minutes - found.unserved_minutes,
        minutes_unserved=found.unserved_minutes,
        minutes_beyond_cover=found.beyond_cover_minutes,
        elders_changed=len(found.elders_changed),
        proved_fewest=found.proved_fewest,
        points={**points, "total": round(found.change.total, 6)},
        curve=[
            RepairStep(
                at_most=step.at_most,
                elders_changed=step.elders_changed,
                unserved_minutes=step.unserved_minutes,
                points=round(step.points, 6),
            )
            for step in found.curve
        ],
        changes=changes,
        seconds=round(seconds, 3),
    )


# --- who else could -----------------------------------------------------------------------------------


def candidates(
    session: Session, actor: Actor, schedule_id: int, visit_id: int, *, database_url: str, limit: int
) -> CandidatesView:
    """Return who else of the actor's towns could make a visit, nobody else's visit changing.

    Raises
    ------
    NotFound
        If there is no such visit in this version, or it is of another town.
    Conflict
        If the version has no plan yet, or the visit is settled.
    """
    schedule = service.visible(session, actor, schedule_id)
    rows = repository.visits_of(session, schedule_id)
    row = next((each for each in rows if each.id == visit_id), None)
    if row is None or not actor.sees_town(row.town_id):
        raise NotFound.of("visit", visit_id)
    if not repository.has_problem(session, schedule_id):
        raise Conflict(
            f"schedule {schedule_id} was not computed here: nobody can be ranked",
            zh=f"排班表 #{schedule_id} 不是在这里计算的，无法比较护理员",
        )
    run_id = repository.run_of(session, schedule_id).id
    index = decoded.get(database_url, run_id, lambda: repository.problem_of(session, run_id))
    granted = exceptions.of_schedule(session, schedule_id)
    if granted:
        index = Index(exceptions.with_exceptions(index.problem, granted))
    if row.key not in index.visits or is_context(index.need_of[row.key]):
        raise Conflict(
            f"visit {visit_id} is settled: it was made, recorded or its day is gone",
            zh="这次服务已开始、已记录或日期已过",
        )
    week = Week(schedule.monday)
    closed = {each.id for each in index.caregivers.values() if not actor.sees_town(int(each.town))}
    found = ranked(index, to_plan(index.problem, rows, week), row.key, most=limit, closed=closed)
    return CandidatesView(
        visit_id=visit_id,
        candidates=[
            CandidateView(
                caregiver_ids=[int(who) for who in each.caregivers],
                day=week.days[each.day],
                start_minute=each.start,
                cost_change=round(each.cost_change, 6),
            )
            for each in found
        ],
    )
