"""Days away from home: in hospital or in an institution."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.scope import Actor, find, record_deed
from app.core.errors import Conflict, FieldError, InvalidInput, NotFound
from app.core.http import check_version
from app.elders import repository
from app.elders.models import Elder, Stay
from app.elders.schemas import StayChange, StayEnd, StayNew
from app.elders.service import leave_roster
from app.terms import EndReason, StayKind


def listed(session: Session, actor: Actor, elder_id: int) -> Sequence[Stay]:
    """Return an elder's stays in order of time."""
    return repository.stays_of(session, find(session, actor, Elder, elder_id).id)


def create(session: Session, actor: Actor, elder_id: int, body: StayNew) -> Stay:
    """Store days away; an elder who goes into an institution for good leaves the roster that day.

    Raises
    ------
    Conflict
        If she is away on one of the days already, or has left the roster before.
    """
    elder = repository.find_locked(session, actor, elder_id)
    _check(session, elder, body)
    stay = Stay(elder_id=elder.id, **_columns(body))
    session.add(stay)
    _record(session, actor, "stay.create", elder, stay)
    _leave_if_for_good(session, actor, elder, stay)
    return stay


def change(session: Session, actor: Actor, elder_id: int, stay_id: int, body: StayChange, expected: int) -> Stay:
    """Change what is sent of a stay; the rules are those of a new one."""
    elder = repository.find_locked(session, actor, elder_id)
    stay = own_stay(session, elder, stay_id)
    check_version(stay, expected)
    stored = {name: getattr(stay, name) for name in StayNew.model_fields}
    try:
        whole = StayNew.model_validate(stored | body.model_dump(exclude_unset=True))
    except ValidationError as error:
        raise InvalidInput.from_validation(error) from None
    _check(session, elder, whole, stay)
    for name, value in _columns(whole).items():
        setattr(stay, name, value)
    _record(session, actor, "stay.change", elder, stay)
    _leave_if_for_good(session, actor, elder, stay)
    return stay


def end(session: Session, actor: Actor, elder_id: int, stay_id: int, body: StayEnd, expected: int) -> Stay:
    """Store the day on which she is home again."""
    return change(session, actor, elder_id, stay_id, StayChange(to_on=body.to_on), expected)


def own_stay(session: Session, elder: Elder, stay_id: int) -> Stay:
    """Return one of an elder's stays.

    Raises
    ------
    NotFound
        If there is none, or it is somebody else's.
    """
    stay = session.get(Stay, stay_id)
    if stay is None or stay.elder_id != elder.id:
        raise NotFound.of("stay", stay_id)
    return stay


def _columns(body: StayNew) -> dict[str, Any]:
    return body.model_dump() | {"kind": str(body.kind)}


def _check(session: Session, elder: Elder, body: StayNew, itself: Stay | None = None) -> None:
    if elder.ended_on is not None and elder.ended_on <= body.from_on and itself is None:
        expected = f"a day before {elder.ended_on}, when she left the roster"
        raise Conflict.of("body.from_on", expected, str(body.from_on), f"早于离开日期 {elder.ended_on}")
    for other in repository.stays_of(session, elder.id):
        if other is not itself and _overlap(body, other):
            until = other.to_on or "…"
            raise Conflict(
                f"she is away from {other.from_on} to {until} already (stay {other.id})",
                zh=f"老人 {other.from_on} 至 {until} 已登记外出",
                errors=[
                    FieldError(
                        "body.from_on",
                        f"days outside {other.from_on} to {until}",
                        str(body.from_on),
                        f"不与 {other.from_on} 至 {until} 重叠的日期",
                    )
                ],
            )


def _overlap(body: StayNew, other: Stay) -> bool:
    return (other.to_on is None or body.from_on < other.to_on) and (body.to_on is None or other.from_on < body.to_on)


def _leave_if_for_good(session: Session, actor: Actor, elder: Elder, stay: Stay) -> None:
    if stay.kind == StayKind.INSTITUTION and stay.to_on is None and elder.ended_on is None:
        leave_roster(session, actor, elder, max(stay.from_on, elder.joined_on), EndReason.MOVED_TO_INSTITUTION)


def _record(session: Session, actor: Actor, action: str, elder: Elder, stay: Stay) -> None:
    changes = {
        "elder_id": elder.id,
        "kind": stay.kind,
        "from_on": stay.from_on.isoformat(),
        "to_on": stay.to_on.isoformat() if stay.to_on else None,
    }
    record_deed(session, actor, action, stay, town_id=elder.town_id, changes=changes)
