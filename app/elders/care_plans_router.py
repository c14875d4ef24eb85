"""The routes of an elder's care plans."""

from fastapi import APIRouter, Response, status

from app.accounts.guard import Editor, Reader
from app.accounts.scope import find
from app.core.db import ReadSession, WriteSession
from app.core.http import ExpectedVersion, PathId, problems, set_etag
from app.elders import care_plans
from app.elders.care_plan_schemas import CarePlanChange, CarePlanNew, CarePlanView, show_care_plan
from app.elders.models import Elder

router = APIRouter(prefix="/api/v1/elders/{elder_id}/care-plans", tags=["elders"])


@router.get("", responses=problems(401, 403, 404))
def list_care_plans(session: ReadSession, actor: Reader, elder_id: PathId) -> list[CarePlanView]:
    """List an elder's care plans in order of time; the newest that has begun holds."""
    return [show_care_plan(plan, actor) for plan in care_plans.listed(session, actor, elder_id)]


@router.post("", status_code=status.HTTP_201_CREATED, responses=problems(401, 403, 404, 409))
def create_care_plan(
    session: WriteSession, actor: Editor, elder_id: PathId, body: CarePlanNew, response: Response
) -> CarePlanView:
    """Store how an elder's hours are to be given from a day on; the plan before holds until then."""
    plan = care_plans.create(session, actor, elder_id, body)
    set_etag(response, plan)
    return show_care_plan(plan, actor)


@router.get("/{plan_id}", responses=problems(401, 403, 404))
def read_care_plan(
    session: ReadSession, actor: Reader, elder_id: PathId, plan_id: PathId, response: Response
) -> CarePlanView:
    """Show one care plan."""
    plan = care_plans.own_care_plan(session, find(session, actor, Elder, elder_id), plan_id)
    set_etag(response, plan)
    return show_care_plan(plan, actor)


@router.patch("/{plan_id}", responses=problems(401, 403, 404, 409, 412, 428))
def change_care_plan(
    session: WriteSession,
    actor: Editor,
    elder_id: PathId,
    plan_id: PathId,
    body: CarePlanChange,
    expected: ExpectedVersion,
    response: Response,
) -> CarePlanView:
    """Change what is sent of a care plan."""
    plan = care_plans.change(session, actor, elder_id, plan_id, body, expected)
    set_etag(response, plan)
    return show_care_plan(plan, actor)
