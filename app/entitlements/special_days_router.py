"""``/api/v1/special-days``: days that are open or closed whatever the calendar of public holidays says."""

from fastapi import APIRouter, Response, status
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.guard import Administrator, SignedIn
from app.accounts.scope import record_deed
from app.core.db import ReadSession, WriteSession
from app.core.errors import Conflict, FieldError, NotFound
from app.core.http import ExpectedVersion, PathId, QueryDay, check_version, problems, set_etag
from app.core.paging import Page, WhichPage, read_page
from app.entitlements.ledger_schemas import SpecialDayChange, SpecialDayNew, SpecialDayView
from app.entitlements.models import SpecialDay

router = APIRouter(prefix="/api/v1/special-days", tags=["special days"])

_CHANGE = problems(401, 403, 404, 412, 428)


@router.get("", responses=problems(401))
def list_special_days(
    session: ReadSession,
    actor: SignedIn,
    page: WhichPage,
    first_on: QueryDay = None,
    last_on: QueryDay = None,
) -> Page[SpecialDayView]:
    """List special days in order of id, those from one day to another (both inclusive) if asked."""
    query = select(SpecialDay)
    if first_on is not None:
        query = query.where(SpecialDay.day >= first_on)
    if last_on is not None:
        query = query.where(SpecialDay.day <= last_on)
    return Page(**read_page(session, query, SpecialDay.id, page, SpecialDayView.model_validate))


@router.post("", status_code=status.HTTP_201_CREATED, responses=problems(401, 403, 409))
def create_special_day(
    session: WriteSession, actor: Administrator, body: SpecialDayNew, response: Response
) -> SpecialDayView:
    """Open or close a day; schedules asked for from now on follow it."""
    if session.scalar(select(SpecialDay.id).where(SpecialDay.day == body.day)) is not None:
        error = FieldError("body.day", "a day that is not special yet", str(body.day), "尚未设置的日期")
        raise Conflict(f"{body.day} is a special day already", errors=[error])
    row = SpecialDay(**body.model_dump())
    session.add(row)
    record_deed(
        session,
        actor,
        "special_day.create",
        row,
        changes={"day": row.day.isoformat(), "kind": row.kind, "name": row.name},
    )
    set_etag(response, row)
    return SpecialDayView.model_validate(row)


@router.get("/{special_day_id}", responses=problems(401, 404))
def read_special_day(
    session: ReadSession, actor: SignedIn, special_day_id: PathId, response: Response
) -> SpecialDayView:
    """Show a special day."""
    row = _found(session, special_day_id)
    set_etag(response, row)
    return SpecialDayView.model_validate(row)


@router.patch("/{special_day_id}", responses=_CHANGE)
def change_special_day(
    session: WriteSession,
    actor: Administrator,
    special_day_id: PathId,
    body: SpecialDayChange,
    expected: ExpectedVersion,
    response: Response,
) -> SpecialDayView:
    """Change what a special day is, or its name."""
    row = _found(session, special_day_id)
    check_version(row, expected)
    changes = body.model_dump(exclude_none=True)
    for name, value in changes.items():
        setattr(row, name, value)
    record_deed(session, actor, "special_day.change", row, changes={"day": row.day.isoformat()} | changes)
    set_etag(response, row)
    return SpecialDayView.model_validate(row)


@router.delete("/{special_day_id}", status_code=status.HTTP_204_NO_CONTENT, responses=_CHANGE)
def delete_special_day(
    session: WriteSession, actor: Administrator, special_day_id: PathId, expected: ExpectedVersion
) -> None:
    """Let a day be again what the calendar says; the audit log remembers what it was."""
    row = _found(session, special_day_id)
    check_version(row, expected)
    record_deed(session, actor, "special_day.delete", row, changes={"day": row.day.isoformat(), "kind": row.kind})
    session.delete(row)


def _found(session: Session, special_day_id: int) -> SpecialDay:
    row = session.get(SpecialDay, special_day_id)
    if row is None:
        raise NotFound.of("special day", special_day_id)
    return row
