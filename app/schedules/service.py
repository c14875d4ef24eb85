"""Asking for a schedule, reading it, cancelling it."""

import uuid
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.audit.record import record
from app.core import clock
from app.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.core.settings import Settings
from app.core.weeks import Week
from app.schedules import exceptions, prices, proofs, repository
from app.schedules.models import (
    PlanPrices,
    PlanProof,
    PlanRun,
    Schedule,
    ScheduledVisit,
    ScheduleStatus,
    ScheduleTown,
    VisitState,
)
from app.schedules.schemas import HowToPlan, Keep, ScheduleNew

FARTHEST_WEEKS = 53
"""How far ahead a week may be planned: grants and leave beyond a year say little."""

OPEN = (ScheduleStatus.QUEUED, ScheduleStatus.PLANNING)


def ask(session: Session, actor: Actor, asked: ScheduleNew, settings: Settings, today: date) -> Schedule:
    """Put a week in the queue; the caller enqueues the job after the commit.

    Raises
    ------
    InvalidInput
        If the week is over or too far away, or a town or the parent is not known.
    Forbidden
        If a town is not the actor's.
    """
    week = Week.parse(asked.week)
    _check_week(week, today)
    parent = None if asked.parent_id is None else visible(session, actor, asked.parent_id)
    if parent is not None:
        _check_parent(parent, week)
    towns = _towns(session, actor, asked.town_ids, parent)
    return new_version(session, actor, week, towns, parent, asked, settings, today)


def replan(
    session: Session, actor: Actor, schedule_id: int, how: HowToPlan, settings: Settings, today: date
) -> Schedule:
    """Put the week of a version in the queue again, around its pins, close to what is published."""
    parent = manageable(session, actor, schedule_id)
    week = Week(parent.monday)
    _check_week(week, today)
    _check_parent(parent, week)
    return new_version(session, actor, week, repository.towns_of(parent), parent, how, settings, today)


def _check_week(week: Week, today: date) -> None:
    if week.end <= today:
        raise InvalidInput.of(
            "body.week",
            f"a week that is not over ({Week.of(today)} or later)",
            str(week),
            f"还没有过去的一周（{Week.of(today)} 或以后）",
        )
    if week.monday > today + timedelta(weeks=FARTHEST_WEEKS):
        raise InvalidInput.of(
            "body.week", f"a week at most {FARTHEST_WEEKS} weeks ahead", str(week), f"最多提前 {FARTHEST_WEEKS} 周"
        )


def _check_parent(parent: Schedule, week: Week) -> None:
    if parent.monday != week.monday:
        raise InvalidInput.of("body.parent_id", f"a version of {week}", parent.id, f"{week} 的排班表")
    if parent.status not in (ScheduleStatus.DRAFT, ScheduleStatus.PUBLISHED, ScheduleStatus.SUPERSEDED):
        raise Conflict(
            f"schedule {parent.id} is {parent.status}: only a finished plan can be planned again",
            zh=f"排班表 #{parent.id} 还没有算完，不能在它的基础上重排",
        )


def _towns(session: Session, actor: Actor, asked: Collection[int] | None, parent: Schedule | None) -> frozenset[int]:
    known = repository.town_ids(session)
    if asked is not None:
        for town_id in asked:
            actor.require_town(town_id)
            if town_id not in known:
                raise InvalidInput.of("body.town_ids", "ids of towns", town_id, "镇街")
        return frozenset(asked)
    if parent is not None:
        towns = repository.towns_of(parent)
        for town_id in sorted(towns):
            actor.require_town(town_id)
        return towns
    towns = known if actor.town_ids is None else known & actor.town_ids
    if not towns:
        raise Conflict("there are no towns to plan for", zh="没有可排班的镇街")
    return towns


def new_version(
    session: Session,
    actor: Actor,
    week: Week,
    towns: frozenset[int],
    parent: Schedule | None,
    how: HowToPlan,
    settings: Settings,
    today: date,
) -> Schedule:
    """Add the next version of a week in these towns, and what is asked of its computation."""
    schedule = Schedule(
        monday=week.monday,
        all_towns=towns == repository.town_ids(session),
        status=ScheduleStatus.QUEUED,
        parent_id=parent.id if parent else None,
        requested_by=actor.user_id,
        note=how.note,
        towns=[ScheduleTown(town_id=town_id) for town_id in sorted(towns)],
    )
    session.add(schedule)
    session.flush()
    if parent is not None:
        exceptions.inherit(session, parent.id, schedule.id)
    unlimited = how.seconds is None and how.iterations is None
    run = PlanRun(
        schedule_id=schedule.id,
        job_id=f"plan-{schedule.id}-{uuid.uuid4().hex[:12]}",
        seed=how.seed,
        seconds_asked=settings.solve_seconds if unlimited else how.seconds,
        iterations_asked=how.iterations,
        from_day=from_day(week, how.from_day, today),
        policy=how.policy.values(),
        queued_at=clock.now(),
    )
    session.add(run)
    session.flush()
    note(session, actor, "ask", schedule, {"week": str(week), "towns": len(towns), "run": run.id})
    return schedule


def from_day(week: Week, asked: date | None, today: date) -> date | None:
    """Return the first day that may be planned, None if it is the week's first.

    Raises
    ------
    InvalidInput
        If the day that was asked for is not of the week.
    """
    if asked is not None:
        if asked not in week.days:
            raise InvalidInput.of("body.from_day", f"a day of {week}", str(asked), f"{week} 的日期")
        return asked if asked > week.monday else None
    # What is gone cannot be planned: neither again, nor for the first time.
    return today if week.monday < today < week.end else None


# --- reading ------------------------------------------------------------------------------------------


def visible(session: Session, actor: Actor, schedule_id: int, *, lock: bool = False) -> Schedule:
    """Return a schedule of which the actor may see at least one town.

    Raises
    ------
    NotFound
        If there is none, or it is of other towns.
    """
    schedule = repository.get_schedule(session, schedule_id, lock=lock)
    if not any(actor.sees_town(town_id) for town_id in repository.towns_of(schedule)):
        raise NotFound.of("schedule", schedule_id)
    return schedule


def manageable(session: Session, actor: Actor, schedule_id: int, *, lock: bool = False) -> Schedule:
    """Return a schedule of which the actor may see all towns.

    Raises
    ------
    NotFound
        If she sees none of it.
    Forbidden
        If she sees a part only.
    """
    schedule = visible(session, actor, schedule_id, lock=lock)
    if not sees_all(actor, schedule):
        raise Forbidden("the schedule covers towns that are not yours; ask somebody who may work on all of them")
    return schedule


def sees_all(actor: Actor, schedule: Schedule) -> bool:
    """Tell whether the actor may see all towns of a schedule."""
    return all(actor.sees_town(town_id) for town_id in repository.towns_of(schedule))


def which_schedules(
    actor: Actor, week: str | None, status: ScheduleStatus | None, town_id: int | None
) -> Select[Schedule]:
    """Return the query of the schedules that an actor may see, filtered."""
    covered = select(ScheduleTown.town_id).where(
        ScheduleTown.schedule_id == Schedule.id, actor.within(ScheduleTown.town_id)
    )
    if town_id is not None:
        actor.require_town(town_id)
        covered = covered.where(ScheduleTown.town_id == town_id)
    query = select(Schedule).where(covered.exists())
    if week is not None:
        query = query.where(Schedule.monday == Week.parse(week).monday)
    return query if status is None else query.where(Schedule.status == status)


def which_visits(
    actor: Actor,
    schedule_id: int,
    *,
    town_id: int | None = None,
    centre_id: int | None = None,
    caregiver_id: int | None = None,
    elder_id: int | None = None,
    state: VisitState | None = None,
    day: date | None = None,
    pinned: bool | None = None,
) -> Select[ScheduledVisit]:
    """Return the query of a schedule's visits that an actor may see, filtered."""
    if town_id is not None:
        actor.require_town(town_id)
    query = select(ScheduledVisit).where(
        ScheduledVisit.schedule_id == schedule_id, actor.within(ScheduledVisit.town_id)
    )
    wanted: dict[Any, Any] = {
        ScheduledVisit.town_id: town_id,
        ScheduledVisit.centre_id: centre_id,
        ScheduledVisit.elder_id: elder_id,
        ScheduledVisit.state: state,
        ScheduledVisit.day: day,
        ScheduledVisit.pinned: pinned,
    }
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    if caregiver_id is not None:
        query = query.where(ScheduledVisit.caregivers.any(caregiver_id=caregiver_id))
    return query


# --- cancelling ---------------------------------------------------------------------------------------


def cancel(session: Session, actor: Actor, schedule_id: int, keep: Keep) -> Schedule:
    """Stop a computation: ``none`` throws it away at once, ``best`` ends the search and keeps what it has.

    Asking twice changes nothing; a run that waits in the queue has nothing to keep and is thrown away.

    Raises
    ------
    Conflict
        If it is over already.
    """
    schedule = manageable(session, actor, schedule_id, lock=True)
    run = repository.run_of(session, schedule_id)
    if schedule.status not in (*OPEN, ScheduleStatus.CANCELLED):
        raise Conflict(
            f"schedule {schedule_id} is {schedule.status}: there is no computation to cancel",
            zh=f"排班表 #{schedule_id} 没有正在进行的计算",
        )
    if schedule.status == ScheduleStatus.CANCELLED:
        return schedule
    now = clock.now()
    if keep == "best" and schedule.status == ScheduleStatus.PLANNING:
        run.cancel_asked_at = run.cancel_asked_at or now
        note(session, actor, "stop-early", schedule, {"run": run.id})
        return schedule
    schedule.status = ScheduleStatus.CANCELLED
    run.cancel_asked_at, run.finished_at, run.progressed_at = now, now, now
    run.stage, run.best = "cancelled", None
    note(session, actor, "cancel", schedule, {"run": run.id})
    return schedule


def discard(session: Session, actor: Actor, schedule: Schedule) -> None:
    """Throw a draft away; its rows stay, as its history.

    Raises
    ------
    Conflict
        If it is no draft.
    """
    if schedule.status != ScheduleStatus.DRAFT:
        raise Conflict(
            f"schedule {schedule.id} is {schedule.status}: only a draft can be thrown away",
            zh=f"排班表 #{schedule.id} 不是草稿，只有草稿可以丢弃",
        )
    schedule.status = ScheduleStatus.CANCELLED
    note(session, actor, "discard", schedule, {})


# --- proofs -------------------------------------------------------------------------------------------


def ask_for_proof(session: Session, actor: Actor, schedule_id: int, seconds: int) -> PlanProof:
    """Put the proof of a planned week in the queue; it takes the place of one that is not over.

    Raises
    ------
    Conflict
        If there is no plan.
    """
    schedule = _planned(session, actor, schedule_id, "proved")
    run = repository.run_of(session, schedule_id)
    note(session, actor, "prove", schedule, {"seconds": seconds})
    return proofs.ask(session, run, seconds)


def _planned(session: Session, actor: Actor, schedule_id: int, what: str) -> Schedule:
    schedule = manageable(session, actor, schedule_id, lock=True)
    if schedule.status not in (ScheduleStatus.DRAFT, ScheduleStatus.PUBLISHED, ScheduleStatus.SUPERSEDED):
        raise Conflict(
            f"schedule {schedule_id} is {schedule.status}: only a finished plan can be {what}",
            zh=f"排班表 #{schedule_id} 还没有算完",
        )
    return schedule


def proof_of(session: Session, actor: Actor, schedule_id: int, *, lock: bool = False) -> tuple[Schedule, PlanProof]:
    """Return a schedule and what is proved of it.

    Raises
    ------
    NotFound
        If nobody ever asked for a proof.
    """
    schedule = manageable(session, actor, schedule_id)
    proof = proofs.proof_of(session, repository.run_of(session, schedule_id).id, lock=lock)
    if proof is None:
        raise NotFound(f"nothing was proved of schedule {schedule_id}")
    return schedule, proof


def end_proof(session: Session, actor: Actor, schedule_id: int) -> tuple[Schedule, PlanProof]:
    """End a proof early; what it has proved stays.

    Raises
    ------
    Conflict
        If it is over.
    """
    schedule, proof = proof_of(session, actor, schedule_id, lock=True)
    if proof.state not in proofs.OPEN:
        raise Conflict(
            f"the proof of schedule {schedule_id} is {proof.state}: there is nothing to end", zh="计算已经结束"
        )
    proof.stop_asked = True
    note(session, actor, "end-proof", schedule, {})
    return schedule, proof


# --- the price of each goal ---------------------------------------------------------------------------


def ask_for_prices(
    session: Session, actor: Actor, schedule_id: int, iterations: int | None
) -> tuple[Schedule, PlanPrices]:
    """Put the pricing of a planned week's goals in the queue; it takes the place of one that is there.

    Raises
    ------
    Conflict
        If there is no plan.
    """
    schedule = _planned(session, actor, schedule_id, "priced")
    if not repository.has_problem(session, schedule_id):
        raise Conflict(
            f"schedule {schedule_id} was not planned here: there is nothing to price",
            zh=f"排班表 #{schedule_id} 不是在这里计算的，没有可算的代价",
        )
    note(session, actor, "price", schedule, {})
    return schedule, prices.ask(session, repository.run_of(session, schedule_id), iterations)


def prices_of(session: Session, actor: Actor, schedule_id: int, *, lock: bool = False) -> tuple[Schedule, PlanPrices]:
    """Return a schedule and what its goals cost.

    Raises
    ------
    NotFound
        If nobody ever asked.
    """
    schedule = manageable(session, actor, schedule_id)
    found = prices.prices_of(session, repository.run_of(session, schedule_id).id, lock=lock)
    if found is None:
        raise NotFound(f"the goals of schedule {schedule_id} were not priced")
    return schedule, found


def end_prices(session: Session, actor: Actor, schedule_id: int) -> tuple[Schedule, PlanPrices]:
    """End a pricing early; the goals that are priced stay.

    Raises
    ------
    Conflict
        If it is over.
    """
    schedule, found = prices_of(session, actor, schedule_id, lock=True)
    if found.state not in prices.OPEN:
        raise Conflict(
            f"the pricing of schedule {schedule_id} is {found.state}: there is nothing to end", zh="计算已经结束"
        )
    found.stop_asked = True
    note(session, actor, "end-prices", schedule, {})
    return schedule, found


# --- the audit log ------------------------------------------------------------------------------------


def note(session: Session, actor: Actor, action: str, schedule: Schedule, changes: dict[str, Any]) -> None:
    """Write to the audit log what was done with a schedule."""
    towns = repository.towns_of(schedule)
    record(
        session,
        user_id=actor.user_id,
        action=action,
        entity="schedule",
        entity_id=schedule.id,
        town_id=next(iter(towns)) if len(towns) == 1 else None,
        request_id=actor.request_id,
        changes=changes,
    )
