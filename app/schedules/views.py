"""What is shown of a schedule, its progress and its visits, to one actor."""

from collections.abc import Mapping
from typing import Any

from app.accounts.scope import Actor
from app.core.weeks import Week
from app.schedules.figures import summed
from app.schedules.models import PlanRun, Schedule, ScheduledVisit
from app.schedules.schemas import FiguresView, ProgressView, RunView, ScheduleSummary, ScheduleView, VisitView
from app.schedules.service import sees_all


def show_summary(schedule: Schedule, actor: Actor) -> ScheduleSummary:
    """Return a schedule as a list shows it."""
    return ScheduleSummary(**_summary(schedule, actor))


def show_schedule(schedule: Schedule, run: PlanRun, actor: Actor) -> ScheduleView:
    """Return a schedule with its figures in the actor's towns."""
    whole = sees_all(actor, schedule)
    cost = schedule.cost if whole else {}
    total = cost.get("total")
    bound = schedule.bound if whole else None
    return ScheduleView(
        **_summary(schedule, actor),
        figures=show_figures(schedule.figures, run, actor) if schedule.figures else None,
        cost=cost,
        bound=bound,
        gap=None if bound is None or not total else max(0.0, (total - bound) / total),
        run=_run(run),
    )


def _summary(schedule: Schedule, actor: Actor) -> dict[str, Any]:
    towns = [town for town in schedule.towns if actor.sees_town(town.town_id)]
    return {
        "id": schedule.id,
        "version": schedule.version,
        "week": str(Week(schedule.monday)),
        "monday": schedule.monday,
        "status": schedule.status,
        "all_towns": schedule.all_towns,
        "town_ids": sorted(town.town_id for town in towns),
        "holds_in": sorted(town.town_id for town in towns if town.published_monday is not None),
        "parent_id": schedule.parent_id,
        "note": schedule.note,
        "requested_by": schedule.requested_by,
        "created_at": schedule.created_at,
        "published_at": schedule.published_at,
        "superseded_at": schedule.superseded_at,
        "superseded_by_id": schedule.superseded_by_id,
    }


def _run(run: PlanRun) -> RunView:
    return RunView(
        id=run.id,
        seed=run.seed,
        seconds=run.seconds_asked,
        iterations=run.iterations_asked,
        from_day=run.from_day,
        policy=run.policy,
        versions=run.versions,
        attempts=run.attempts,
        queued_at=run.queued_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        took=run.took,
        error=run.error,
    )


def show_figures(stored: Mapping[str, Any], run: PlanRun, actor: Actor) -> FiguresView:
    """Return the figures of the actor's towns."""
    sums = summed(stored, actor.town_ids)
    return FiguresView(
        visits_due=sums.visits_due,
        due_minutes=sums.minutes_due,
        visits_placed=sums.visits_placed,
        placed_minutes=sums.minutes_placed,
        visits_unallocated=sums.visits_due - sums.visits_placed,
        unallocated_by_reason={reason: visits for reason, (visits, _) in sums.left.items()},
        unallocated_minutes_by_reason={reason: minutes for reason, (_, minutes) in sums.left.items()},
        unallocated_without_reason=sums.visits_due
        - sums.visits_placed
        - sum(visits for visits, _ in sums.left.values()),
        elders_due=sums.elders_due,
        elders_short=sums.elders_short,
        usual_share=sums.usual_pairs / sums.pairs if sums.pairs else None,
        travel_minutes=sums.travel_minutes,
        kilometres=round(sums.metres / 1000, 1),
        load={
            "mean": round(sums.working_minutes / sums.contract_minutes, 3) if sums.contract_minutes else 0.0,
            "highest": round(sums.highest_load, 3),
            "caregivers": sums.caregivers,
            "busy": sums.caregivers_busy,
            "over_90_percent": sums.overloaded,
        },
        violations=int(stored.get("violations", 0)),
        solve_seconds=run.solve_seconds,
    )


def show_progress(schedule: Schedule, run: PlanRun, actor: Actor) -> ProgressView:
    """Return how far a computation is; its sums only to those who see all of its towns."""
    whole = sees_all(actor, schedule)
    return ProgressView(
        id=schedule.id,
        status=schedule.status,
        stage=run.stage,
        placed_minutes=run.placed_minutes if whole else 0,
        due_minutes=run.due_minutes if whole else 0,
        cost=run.best_cost if whole else None,
        seconds=round(run.solve_seconds or 0.0, 3),
        iterations=run.iterations,
        attempts=run.attempts,
        stopping=run.cancel_asked_at is not None and run.finished_at is None,
        error=run.error,
    )


def show_visit(visit: ScheduledVisit) -> VisitView:
    """Return one visit."""
    return VisitView(
        id=visit.id,
        key=visit.visit_key,
        elder_id=visit.elder_id,
        town_id=visit.town_id,
        centre_id=visit.centre_id,
        state=visit.state,
        day=visit.day,
        start_minute=visit.start_minute,
        minutes=visit.minutes,
        hands=visit.hands,
        items=visit.items,
        pinned=visit.pinned,
        caregiver_ids=[each.caregiver_id for each in visit.caregivers],
        travel_minutes=[each.travel_minutes for each in visit.caregivers],
        reason=visit.reason,
        funnel=visit.funnel,
    )
