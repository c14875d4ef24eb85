"""``/api/v1/schedules/{id}/fairness``: how evenly a week treats elders and caregivers."""

from fastapi import APIRouter, Request

from app.accounts.guard import Reader
from app.core import clock
from app.core.db import ReadSession
from app.core.http import PathId, problems
from app.core.weeks import Month, Week
from app.entitlements.ledger import ledger_lines, policy_of
from app.entitlements.loading import Scope
from app.schedules import repository, service
from app.schedules.fairness import stored_in
from app.schedules.fairness_schemas import FairnessView, show_fairness

router = APIRouter(prefix="/api/v1/schedules", tags=["schedules"])


@router.get("/{schedule_id}/fairness", responses=problems(401, 403, 404))
def read_fairness(schedule_id: PathId, session: ReadSession, actor: Reader, request: Request) -> FairnessView:
    """Show distributions over the people of your towns.

    Elders: hours, what they are behind, wished times, usual caregivers, and who is short a second time running.
    Caregivers: load against contract, weekends, travel.
    """
    schedule = service.visible(session, actor, schedule_id)
    towns = repository.towns_of(schedule)
    if actor.town_ids is not None:
        towns &= actor.town_ids
    week = Week(schedule.monday)
    policy = policy_of(request.app.state.settings)
    lines = ledger_lines(session, Month.of(week.monday), Scope(towns), clock.today(), policy)
    return show_fairness(schedule.id, week, stored_in(schedule.figures, towns), lines)
