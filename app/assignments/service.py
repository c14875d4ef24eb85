"""Assigns every elder her responsible centre, and keeps what changed and why."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import Any

from sqlalchemy.orm import Session

from app.assignments import loading, repository
from app.assignments.models import Assignment, AssignmentRun
from app.assignments.planning import AssignmentPolicy, Choice, Home, Site, Solution, assign
from app.audit.record import record
from app.core import clock
from app.core.errors import Conflict

# code -> (Chinese, English)
WHY: dict[str, tuple[str, str]] = {
    "new": ("首次分配", "she had no centre yet"),
    "no_centre_in_village": ("本村社没有照料中心", "her village has no centre of its own"),
    "centre_closed": ("原中心已停止服务", "her centre is not open any more"),
    "moved": ("已迁居其他镇街", "she lives in another town now"),
    "nearest": ("新中心更近", "the new centre is nearer"),
    "capacity": ("中心工时已满", "a nearer centre has no hours left"),
}


@dataclass(frozen=True, slots=True)
class CentreChange:
    """What changed for one elder."""

    elder_id: int
    centre_id: int
    previous_centre_id: int | None
    why: str  # of WHY


@dataclass(frozen=True, slots=True)
class AssignmentReport:
    """What one computation decided."""

    run_id: int
    changes: tuple[CentreChange, ...]
    # elders, centres, changed, new, moved, mean_metres, max_metres, demand_minutes, capacity_minutes,
    # overload_minutes, overloads ([{centre_id, town_id, minutes}]), why (code -> elders), nearest_tried
    figures: Mapping[str, Any]


def assign_centres(
    session: Session,
    actor_user_id: int | None,
    today: date,
    *,
    policy: AssignmentPolicy | None = None,
    request_id: str | None = None,
) -> AssignmentReport:
    """Give every elder on the roster the care centre that answers for her, and write down what changed.

    It stays in the caller's transaction, although it computes: the whole city takes well under a second.

    Raises
    ------
    Conflict
        If there are elders and no care centre is open.
    """
    homes = loading.elders_to_assign(session, today)
    sites = loading.open_care_centres(session, today)
    if homes and not sites:
        raise Conflict(
            f"no care centre is open on {today}, and {len(homes)} elder(s) need one",
            zh=f"{today} 没有开放的照料中心，{len(homes)} 位老人需要一个",
        )
    solution = assign(homes, sites, policy)
    town_of = repository.towns_of_centres(session)
    changes = tuple(
        CentreChange(home.elder_id, choice.centre_id, home.centre_id, why(home, choice, sites, town_of))
        for home, choice in zip(homes, solution.choices, strict=True)
        if choice.centre_id != home.centre_id
    )
    run = AssignmentRun(
        at=clock.now(), user_id=actor_user_id, figures=_figures(homes, sites, solution, changes, town_of)
    )
    session.add(run)
    session.flush()
    session.add_all(
        Assignment(
            run_id=run.id,
            elder_id=change.elder_id,
            centre_id=change.centre_id,
            previous_centre_id=change.previous_centre_id,
            why=change.why,
        )
        for change in changes
    )
    repository.set_centres(session, ((change.elder_id, change.centre_id) for change in changes))
    record(
        session,
        user_id=actor_user_id,
        action="assignment.run",
        entity="assignmentrun",
        entity_id=run.id,
        request_id=request_id,
        changes={"changed": len(changes), "elders": len(homes), "overload_minutes": run.figures["overload_minutes"]},
    )
    session.flush()
    return AssignmentReport(run.id, changes, run.figures)


def why(home: Home, choice: Choice, sites: tuple[Site, ...], town_of: Mapping[int, int]) -> str:
    """Return why an elder's centre changed."""
    if home.centre_id is None:
        if not choice.best:
            return "capacity"
        own = any(site.village_id == home.village_id for site in sites)
        return "new" if own else "no_centre_in_village"
    if all(site.centre_id != home.centre_id for site in sites):
        return "centre_closed"
    if town_of[home.centre_id] != home.town_id and town_of[choice.centre_id] == home.town_id:
        return "moved"
    return "nearest" if choice.best else "capacity"


def _figures(
    homes: tuple[Home, ...],
    sites: tuple[Site, ...],
    solution: Solution,
    changes: tuple[CentreChange, ...],
    town_of: Mapping[int, int],
) -> dict[str, Any]:
    metres = [choice.metres for choice in solution.choices]
    reasons = Counter(change.why for change in changes)
    new = sum(change.previous_centre_id is None for change in changes)
    return {
        "elders": len(homes),
        "centres": len(sites),
        "changed": len(changes),
        "new": new,
        "moved": len(changes) - new,
        "mean_metres": round(fmean(metres), 1) if metres else 0.0,
        "max_metres": max(metres, default=0),
        "demand_minutes": sum(home.minutes for home in homes),
        "capacity_minutes": sum(site.capacity_minutes for site in sites),
        "overload_minutes": sum(solution.overload_minutes.values()),
        "overloads": [
            {"centre_id": centre, "town_id": town_of[centre], "minutes": minutes}
            for centre, minutes in sorted(solution.overload_minutes.items())
        ],
        "why": dict(sorted(reasons.items())),
        "nearest_tried": solution.nearest_tried,
    }
