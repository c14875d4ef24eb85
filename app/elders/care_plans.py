"""Care plans: from a day on, until the next one begins."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.scope import Actor, find, record_deed
from app.core.changes import apply_changes
from app.core.errors import Conflict, FieldError, InvalidInput, NotFound
from app.core.http import check_version
from app.elders import repository
from app.elders.care_plan_schemas import CarePlanChange, CarePlanNew
from app.elders.models import CarePlan, Elder


def listed(session: Session, actor: Actor, elder_id: int) -> Sequence[CarePlan]:
    """Return an elder's care plans in order of time."""
    return repository.care_plans_of(session, find(session, actor, Elder, elder_id).id)


def make(elder_id: int, body: CarePlanNew) -> CarePlan:
    """Return the row of a new care plan; it isn't added to a session yet."""
    return CarePlan(elder_id=elder_id, **columns_of(body))


def create(session: Session, actor: Actor, elder_id: int, body: CarePlanNew) -> CarePlan:
    """Store how an elder's hours are to be given from a day on.

    Raises
    ------
    Conflict
        If another plan begins on that day.
    """
    elder = repository.find_locked(session, actor, elder_id)
    _check(session, elder, body)
    plan = make(elder.id, body)
    session.add(plan)
    _record(session, actor, "care_plan.create", elder, plan, {"valid_from": body.valid_from.isoformat()})
    return plan


def change(
    session: Session, actor: Actor, elder_id: int, plan_id: int, body: CarePlanChange, expected: int
) -> CarePlan:
    """Change what is sent of a care plan; the rules are those of a new one."""
    elder = repository.find_locked(session, actor, elder_id)
    plan = own_care_plan(session, elder, plan_id)
    check_version(plan, expected)
    return put(session, actor, elder, plan, changed_body(plan, body.model_dump(exclude_unset=True)))


def changed_body(plan: CarePlan, sent: dict[str, Any]) -> CarePlanNew:
    """Return a care plan as it would be after a change.

    Raises
    ------
    InvalidInput
        If what is sent isn't a care plan any more.
    """
    stored = {name: getattr(plan, name) for name in CarePlanNew.model_fields}
    try:
        return CarePlanNew.model_validate(stored | sent)
    except ValidationError as error:
        raise InvalidInput.from_validation(error) from None


def put(session: Session, actor: Actor, elder: Elder, plan: CarePlan, whole: CarePlanNew) -> CarePlan:
    """Make a care plan what a body says."""
    _check(session, elder, whole, plan)
    told = apply_changes(plan, columns_of(whole))
    if told:
        _record(session, actor, "care_plan.change", elder, plan, dict.fromkeys(told, "changed"))
    return plan


def own_care_plan(session: Session, elder: Elder, plan_id: int) -> CarePlan:
    """Return one of an elder's care plans.

    Raises
    ------
    NotFound
        If there is none, or it is somebody else's.
    """
    plan = session.get(CarePlan, plan_id)
    if plan is None or plan.elder_id != elder.id:
        raise NotFound.of("care plan", plan_id)
    return plan


def columns_of(body: CarePlanNew) -> dict[str, Any]:
    """Return the columns of a care plan, with codes as plain text."""
    return body.model_dump() | {
        "required_gender": str(body.required_gender) if body.required_gender else None,
        "wished_gender": str(body.wished_gender) if body.wished_gender else None,
        "items": [str(item) for item in body.items],
        "extra_skills": [str(skill) for skill in body.extra_skills],
    }


def _check(session: Session, elder: Elder, body: CarePlanNew, itself: CarePlan | None = None) -> None:
    for other in repository.care_plans_of(session, elder.id):
        if other is not itself and other.valid_from == body.valid_from:
            raise Conflict(
                f"care plan {other.id} begins on {body.valid_from} too: change that one",
                errors=[
                    FieldError(
                        "body.valid_from",
                        "a day on which no other of her care plans begins",
                        str(body.valid_from),
                        "与该老人其他服务方案不同的起始日期",
                    )
                ],
            )


def _record(session: Session, actor: Actor, action: str, elder: Elder, plan: CarePlan, changes: dict[str, Any]) -> None:
    record_deed(session, actor, action, plan, town_id=elder.town_id, changes={"elder_id": elder.id, **changes})
