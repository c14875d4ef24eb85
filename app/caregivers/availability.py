"""What a caregiver may do, and when: certificates, working hours, leave."""

from typing import Any, TypeVar

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts.scope import Actor, record_deed
from app.caregivers.availability_schemas import WorkingWeek
from app.caregivers.models import Caregiver, Certificate, Leave, WorkingHours
from app.core import clock
from app.core.changes import apply_changes
from app.core.errors import InvalidInput, NotFound
from app.core.http import check_version

Belonging = TypeVar("Belonging", Certificate, Leave)


def find_own(
    session: Session, caregiver: Caregiver, model: type[Belonging], key: int, expected: int | None = None
) -> Belonging:
    """Return a certificate or leave of a caregiver.

    Raises
    ------
    NotFound
        If it isn't there, or is somebody else's.
    Stale
        If it has another version than ``expected``.
    """
    row = session.get(model, key)
    if row is None or row.caregiver_id != caregiver.id:
        raise NotFound.of(model.__name__.lower(), key)
    if expected is not None:
        check_version(row, expected)
    return row


def add(session: Session, actor: Actor, caregiver: Caregiver, row: Certificate | Leave) -> None:
    """Store a new certificate or leave.

    Raises
    ------
    InvalidInput
        If it ends before it begins.
    """
    _check(row)
    row.caregiver_id = caregiver.id
    session.add(row)
    _record(session, actor, "create", caregiver, row)


def change(
    session: Session, actor: Actor, caregiver: Caregiver, row: Certificate | Leave, values: dict[str, Any]
) -> None:
    """Change a certificate or leave; raises as ``add`` does."""
    changes = apply_changes(row, values)
    _check(row)
    _record(session, actor, "change", caregiver, row, changes)


def remove(session: Session, actor: Actor, caregiver: Caregiver, row: Certificate | Leave) -> None:
    """Delete a certificate or leave that was entered by mistake; the audit log keeps that it was there."""
    _record(session, actor, "delete", caregiver, row)
    session.delete(row)


def set_week(session: Session, actor: Actor, caregiver: Caregiver, week: WorkingWeek) -> None:
    """Replace a caregiver's working hours; it makes a new version of the caregiver.

    Raises
    ------
    InvalidInput
        If a weekday is there twice, or ends before it starts.
    """
    weekdays = [day.weekday for day in week.days]
    for place, day in enumerate(week.days):
        if day.weekday in weekdays[:place]:
            raise InvalidInput.of(f"body.days.{place}.weekday", "each weekday once", day.weekday, "每个星期几只填一次")
        _check_hours(day.starts, day.ends, f"body.days.{place}.ends")
    session.execute(delete(WorkingHours).where(WorkingHours.caregiver_id == caregiver.id))
    session.add_all(WorkingHours(caregiver_id=caregiver.id, **day.model_dump()) for day in week.days)
    caregiver.updated_at = clock.now()
    record_deed(session, actor, "caregiver.working_hours", caregiver, changes={"weekdays": sorted(weekdays)})


def _check(row: Certificate | Leave) -> None:
    if isinstance(row, Certificate):
        if row.expires_on < row.issued_on:
            raise InvalidInput.of(
                "body.expires_on", f"{row.issued_on} or later", str(row.expires_on), f"不早于发证日期 {row.issued_on}"
            )
        return
    if row.last_on < row.first_on:
        raise InvalidInput.of(
            "body.last_on", f"{row.first_on} or later", str(row.last_on), f"不早于第一天 {row.first_on}"
        )
    if (row.starts is None) != (row.ends is None):
        missing = "starts" if row.starts is None else "ends"
        raise InvalidInput.of(f"body.{missing}", "both starts and ends, or neither", zh="开始和结束时间都填，或都不填")
    if row.starts is not None and row.ends is not None:
        _check_hours(row.starts, row.ends, "body.ends")


def _check_hours(starts: int, ends: int, field: str) -> None:
    if ends <= starts:
        raise InvalidInput.of(field, f"a minute of the day after {starts}, when it starts", ends, "晚于开始时间")


def _record(
    session: Session,
    actor: Actor,
    verb: str,
    caregiver: Caregiver,
    row: Certificate | Leave,
    changes: dict[str, Any] | None = None,
) -> None:
    action = f"{type(row).__name__.lower()}.{verb}"
    told = {"caregiver_id": caregiver.id, **(changes or {})}
    record_deed(session, actor, action, row, town_id=caregiver.town_id, changes=told)
