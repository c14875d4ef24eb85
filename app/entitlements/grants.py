"""Grants: given, ended, listed. Two of one elder never share a day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor, find, record_deed
from app.core.errors import Conflict, FieldError, InvalidInput, NotFound
from app.core.http import check_version
from app.elders.models import Elder
from app.elders.repository import find_locked
from app.entitlements.models import Grant
from app.entitlements.schemas import GrantEnd, GrantNew


def grants_of(session: Session, elder_id: int) -> Sequence[Grant]:
    """Return an elder's grants in order of time."""
    return session.scalars(select(Grant).where(Grant.elder_id == elder_id).order_by(Grant.valid_from)).all()


def listed(session: Session, actor: Actor, elder_id: int) -> Sequence[Grant]:
    """Return the grants of an elder whom the actor may see, in order of time."""
    return grants_of(session, find(session, actor, Elder, elder_id).id)


def read(session: Session, actor: Actor, elder_id: int, grant_id: int) -> Grant:
    """Return one of an elder's grants.

    Raises
    ------
    NotFound
        If there is none, or it is somebody else's.
    """
    find(session, actor, Elder, elder_id)
    grant = session.get(Grant, grant_id)
    if grant is None or grant.elder_id != elder_id:
        raise NotFound.of("grant", grant_id)
    return grant


def make(elder_id: int, body: GrantNew) -> Grant:
    """Return the row of a grant; it isn't added to a session yet."""
    return Grant(elder_id=elder_id, **body.model_dump())


def give(session: Session, actor: Actor, elder_id: int, body: GrantNew) -> tuple[Grant, Grant | None]:
    """Give an elder a grant; return it, and the one in force until then, which ends as it begins.

    Raises
    ------
    Conflict
        If another grant begins on that day or later and would share days, or she leaves before it begins.
    """
    elder = find_locked(session, actor, elder_id)
    if elder.ended_on is not None and elder.ended_on <= body.valid_from:
        raise _overlap(body.valid_from, f"she left on {elder.ended_on}", f"早于离开日期 {elder.ended_on}")
    stored = grants_of(session, elder_id)
    _check_free(body.valid_from, body.valid_to, [grant for grant in stored if grant.valid_from >= body.valid_from])
    before = [grant for grant in stored if grant.valid_from < body.valid_from]
    ended = before[-1] if before and _reaches(before[-1], body.valid_from) else None
    if ended is not None:
        ended.valid_to = body.valid_from
        _record(session, actor, "grant.end", elder, ended)
    grant = make(elder_id, body)
    session.add(grant)
    _record(session, actor, "grant.create", elder, grant)
    return grant, ended


def end(session: Session, actor: Actor, elder_id: int, grant_id: int, body: GrantEnd, expected: int) -> Grant:
    """Let a grant hold no more from a day on, earlier or later than it was.

    Raises
    ------
    InvalidInput
        If it would end before it began.
    Conflict
        If it would reach into the next one.
    """
    elder = find_locked(session, actor, elder_id)
    grant = read(session, actor, elder_id, grant_id)
    check_version(grant, expected)
    if body.valid_to <= grant.valid_from:
        expected_day = f"a day after {grant.valid_from}, when it begins"
        raise InvalidInput.of("body.valid_to", expected_day, str(body.valid_to), f"晚于开始日期 {grant.valid_from}")
    later = [other for other in grants_of(session, elder_id) if other.valid_from > grant.valid_from]
    _check_free(grant.valid_from, body.valid_to, later, "body.valid_to")
    grant.valid_to = body.valid_to
    _record(session, actor, "grant.end", elder, grant)
    return grant


def _reaches(grant: Grant, day: date) -> bool:
    return grant.valid_to is None or grant.valid_to > day


def _check_free(first: date, end: date | None, later: Sequence[Grant], field: str = "body.valid_from") -> None:
    for grant in later:
        if end is None or grant.valid_from < end or grant.valid_from == first:
            days = f"from {grant.valid_from} to {grant.valid_to or '…'}"
            raise _overlap(end or first, f"grant {grant.id} holds {days}", f"不与已有核定（{days}）重叠", field)


def _overlap(value: date, why: str, zh: str, field: str = "body.valid_from") -> Conflict:
    return Conflict(why, errors=[FieldError(field, f"days that are free: {why}", str(value), zh)])


def _record(session: Session, actor: Actor, action: str, elder: Elder, grant: Grant) -> None:
    changes = {
        "elder_id": elder.id,
        "monthly_minutes": grant.monthly_minutes,
        "valid_from": grant.valid_from.isoformat(),
        "valid_to": grant.valid_to.isoformat() if grant.valid_to else None,
    }
    record_deed(session, actor, action, grant, town_id=elder.town_id, changes=changes)
