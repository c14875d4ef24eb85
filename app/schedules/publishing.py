"""From draft to published: judged once more on the roster as it is now, booked, and the version before superseded.

One version holds in a town and a week. A schedule of the city that a newer one of some towns overlaps stays
published, and goes on to hold in the other towns.
"""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.audit.record import record
from app.core import clock
from app.core.errors import Conflict
from app.core.http import check_version
from app.core.weeks import Week
from app.entitlements.allowance import EntitlementPolicy
from app.entitlements.bookings import VisitToBook, book_week
from app.schedules import repository, service
from app.schedules.exceptions import of_schedule, with_exceptions
from app.schedules.loading import read_again, recorded_since
from app.schedules.models import Schedule, ScheduleStatus, ScheduleTown
from app.schedules.planning import is_context, to_plan, to_problem
from app.schedules.rows import VisitRow
from app.schedules.store import unpack_problem
from app.schedules.words import BrokenRule, in_words
from solver.judge import Violation, judge
from solver.plan import Plan
from solver.problem import Problem

_TOLD = 100  # broken rules that an answer lists


def publish(
    session: Session, actor: Actor, schedule_id: int, expected: int, policy: EntitlementPolicy, lang: str
) -> Schedule:
    """Publish a draft.

    Raises
    ------
    Conflict
        If it is no draft, its week is over, another version was published since it was asked for, a visit
        can't be made any more (``violations`` names the visits), or a month would exceed its allowance.
    Stale
        If it was changed since the caller read it.
    """
    schedule = service.manageable(session, actor, schedule_id, lock=True)
    check_version(schedule, expected)
    if schedule.status != ScheduleStatus.DRAFT:
        raise Conflict(
            f"schedule {schedule_id} is {schedule.status}: only a draft can be published",
            zh=f"排班表 #{schedule_id} 不是草稿，只有草稿可以发布",
        )
    week, towns = Week(schedule.monday), repository.towns_of(schedule)
    if week.end <= clock.today():
        raise Conflict(f"{week} is over", zh=f"{week} 已经过去")
    before = _holding(session, week, towns)
    _check_newest(session, schedule, before)
    visits = repository.visits_of(session, schedule_id)
    _check_visits(session, schedule, visits, lang)
    book_week(session, week, towns, _to_book(visits), policy=policy)
    _supersede(session, schedule, before)
    for town in schedule.towns:
        town.published_monday = week.monday
    schedule.status = ScheduleStatus.PUBLISHED
    schedule.published_at, schedule.published_by = clock.now(), actor.user_id
    session.flush()  # of two who publish at once, the unique index lets one through
    record(
        session,
        user_id=actor.user_id,
        action="publish",
        entity="schedule",
        entity_id=schedule.id,
        town_id=next(iter(towns)) if len(towns) == 1 else None,
        request_id=actor.request_id,
        changes={"week": str(week), "visits": len(visits), "supersedes": sorted({old.schedule_id for old in before})},
    )
    return schedule


def _holding(session: Session, week: Week, towns: Collection[int]) -> Sequence[ScheduleTown]:
    query = select(ScheduleTown).where(ScheduleTown.published_monday == week.monday, ScheduleTown.town_id.in_(towns))
    return session.scalars(query.order_by(ScheduleTown.town_id).with_for_update()).all()


def _check_newest(session: Session, schedule: Schedule, before: Iterable[ScheduleTown]) -> None:
    asked_at = repository.run_of(session, schedule.id).queued_at
    for old_id in sorted({old.schedule_id for old in before}):
        old = repository.get_schedule(session, old_id)
        if old.published_at is not None and old.published_at > asked_at:
            raise Conflict(
                f"schedule {old_id} was published after this draft was asked for: plan the week again",
                zh=f"这份草稿生成之后，排班表 #{old_id} 已经发布；请重新排班",
                newer_schedule_id=old_id,
            )


def _check_visits(session: Session, schedule: Schedule, visits: Sequence[VisitRow], lang: str) -> None:
    """Refuse visits that the roster, as it is now, makes impossible."""
    run = repository.run_of(session, schedule.id)
    week = Week(schedule.monday)
    stored = unpack_problem(repository.problem_of(session, run.id))
    recorded = recorded_since(session, week, repository.towns_of(schedule), visits)
    if recorded:
        raise Conflict(
            f"{len(recorded)} visit(s) were started or recorded since the draft was made: plan the week again",
            zh=f"草稿生成之后有 {len(recorded)} 次服务已开始或已记录；请重新排班",
            visit_ids=recorded[:_TOLD],
        )
    current = to_problem(read_again(session, schedule, run, stored, visits))
    current = with_exceptions(current, of_schedule(session, schedule.id))
    broken = broken_rules(current, to_plan(current, visits, week), visits, lang)
    broken += _unknown(stored, current, visits, lang)
    if broken:
        raise Conflict(
            f"{len(broken)} rule(s) would be broken by the roster as it is now",
            zh=f"按现在的名册会违反 {len(broken)} 条规则",
            violations=[each.model_dump(mode="json") for each in broken[:_TOLD]],
        )


def broken_rules(problem: Problem, plan: Plan, visits: Iterable[VisitRow], lang: str) -> list[BrokenRule]:
    """Return what the judge finds, with the rows' ids and in words."""
    ids = {visit.key: visit.id for visit in visits}
    return [in_words(violation, ids, lang) for violation in judge(problem, plan)]


def _unknown(stored: Problem, current: Problem, visits: Iterable[VisitRow], lang: str) -> list[BrokenRule]:
    """Return the placed visits that the roster of today has no place for at all: nobody judged them."""
    due = {visit.id for need in stored.needs if not is_context(need) for visit in need.visits}
    lost = due - {visit.id for need in current.needs for visit in need.visits}
    return [
        in_words(Violation(rule="known", visit=visit.key, elder=str(visit.elder_id)), {visit.key: visit.id}, lang)
        for visit in visits
        if visit.day is not None and visit.key in lost
    ]


def _to_book(visits: Iterable[VisitRow]) -> list[VisitToBook]:
    return [(visit.key, visit.elder_id, visit.day, visit.minutes) for visit in visits if visit.day is not None]


def _supersede(session: Session, schedule: Schedule, before: Iterable[ScheduleTown]) -> None:
    now = clock.now()
    for held in before:
        held.published_monday = None
        old = repository.get_schedule(session, held.schedule_id)
        old.updated_at = now  # its ETag changes, since it no longer holds everywhere
        if all(town.published_monday is None for town in old.towns):
            old.status = ScheduleStatus.SUPERSEDED
            old.superseded_at, old.superseded_by_id = now, schedule.id
    session.flush()
