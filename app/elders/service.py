"""Elders: put on the roster, change, end, take back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.scope import Actor, find, record_deed
from app.audit.record import record
from app.centres.coordinates import Datum, Point
from app.core.changes import apply_changes
from app.core.errors import Conflict, InvalidInput
from app.core.http import check_version
from app.core.identity import identity_index, normal_identity
from app.elders import repository, rules
from app.elders.models import Elder, Stay
from app.elders.repository import Known
from app.elders.schemas import ElderChange, ElderEnd, ElderNew, ElderReturn
from app.terms import EndReason, StayKind

_HIDDEN = ("birth_date", "id_number_index", "dialects")
"""Columns besides the encrypted ones of which the audit log only says that they changed."""


def known_for(session: Session, bodies: Sequence[ElderNew]) -> Known:
    """Read what the rules need to know about some people."""
    return repository.known(
        session,
        villages=(body.village_id for body in bodies),
        centres=(body.centre_id for body in bodies if body.centre_id is not None),
        numbers=(body.number for body in bodies),
        identities=(identity_index(body.id_number) for body in bodies),
    )


def make(body: ElderNew, known: Known) -> Elder:
    """Return the row of a person whom no rule keeps out; it isn't added to a session yet."""
    return Elder(**columns_of(body, known))


def create(session: Session, actor: Actor, body: ElderNew) -> Elder:
    """Put a person on the roster.

    Raises
    ------
    InvalidInput, Conflict, Forbidden
        The first rule of ``rules.broken``.
    """
    known = known_for(session, [body])
    for error in rules.broken(body, known, actor):
        raise error
    elder = make(body, known)
    session.add(elder)
    record_created(session, actor, [elder])
    return elder


def record_created(session: Session, actor: Actor, elders: Sequence[Elder]) -> None:
    """Store new elders, all at once, and write to the audit log that they joined."""
    session.flush()
    for elder in elders:
        record(
            session,
            user_id=actor.user_id,
            action="elder.create",
            entity="elder",
            entity_id=elder.id,
            town_id=elder.town_id,
            request_id=actor.request_id,
            changes={"joined_on": elder.joined_on.isoformat()},
        )


def stored_body(elder: Elder) -> dict[str, Any]:
    """Return what would have to be sent to put an elder on the roster as she is stored."""
    point = {"latitude": elder.home[0], "longitude": elder.home[1], "datum": Datum.WGS84}
    return {name: getattr(elder, name) for name in ElderNew.model_fields if name not in point} | point


def changed_body(elder: Elder, sent: dict[str, Any]) -> ElderNew:
    """Return an elder as she would be after a change.

    Raises
    ------
    InvalidInput
        If what is sent isn't an elder any more.
    """
    stored = stored_body(elder)
    if any(sent.get(field, stored[field]) != stored[field] for field in ("town_id", "village_id")):
        stored |= {"centre_id": None, "latitude": None, "longitude": None}
    if "latitude" not in sent:  # the datum of nothing
        sent = {field: value for field, value in sent.items() if field != "datum"}
    try:
        return ElderNew.model_validate(stored | sent)
    except ValidationError as error:
        raise InvalidInput.from_validation(error) from None


def change(session: Session, actor: Actor, elder_id: int, body: ElderChange, expected: int) -> Elder:
    """Change what is sent of an elder; see ``put``."""
    elder = find(session, actor, Elder, elder_id)
    check_version(elder, expected)
    whole = changed_body(elder, body.model_dump(exclude_unset=True))
    known = known_for(session, [whole])
    for error in rules.broken(whole, known, actor, elder.id):
        raise error
    put(session, actor, elder, whole, known)
    return elder


def put(session: Session, actor: Actor, elder: Elder, whole: ElderNew, known: Known) -> list[str]:
    """Make an elder what a body that breaks no rule says; return the columns that changed."""
    told = apply_changes(elder, columns_of(whole, known), hidden=_HIDDEN)
    told.pop("id_number_index", None)
    if told:
        record_deed(session, actor, "elder.change", elder, changes=told)
    return list(told)


def columns_of(body: ElderNew, known: Known) -> dict[str, Any]:
    """Return the columns of an elder whom no rule keeps out."""
    village = known.villages[body.village_id]
    home = village.latitude, village.longitude
    if body.latitude is not None and body.longitude is not None:
        home = Point(latitude=body.latitude, longitude=body.longitude, datum=body.datum).to_wgs84()
    columns = body.model_dump(exclude={"latitude", "longitude", "datum"})
    return columns | {
        "id_number": normal_identity(body.id_number),
        "id_number_index": identity_index(body.id_number),
        "home": (round(home[0], 6), round(home[1], 6)),
        "gender": str(body.gender),
        "dialects": [str(dialect) for dialect in body.dialects],
        "disability_grade": str(body.disability_grade),
    }


def end(session: Session, actor: Actor, elder_id: int, body: ElderEnd, expected: int) -> Elder:
    """Take an elder off the roster from a day on; a stay that is open that day ends with it.

    Raises
    ------
    Conflict
        If she has left already.
    InvalidInput
        If she would leave before she joined.
    """
    elder = repository.find_locked(session, actor, elder_id)
    check_version(elder, expected)
    if elder.ended_on is not None:
        raise Conflict(
            f"she left on {elder.ended_on} already; take her back first",
            zh=f"已于 {elder.ended_on} 移出名册，请先恢复在册",
        )
    if body.ended_on < elder.joined_on:
        raise InvalidInput.of(
            "body.ended_on",
            f"{elder.joined_on}, when she joined, or later",
            str(body.ended_on),
            f"不早于加入日期 {elder.joined_on}",
        )
    for stay in repository.stays_of(session, elder.id):
        if stay.to_on is None and stay.from_on < body.ended_on:
            stay.to_on = body.ended_on
    leave_roster(session, actor, elder, body.ended_on, body.reason)
    return elder


def leave_roster(session: Session, actor: Actor, elder: Elder, ended_on: date, reason: EndReason) -> None:
    """Store that an elder left, and record it."""
    elder.ended_on, elder.end_reason = ended_on, str(reason)
    record_deed(
        session, actor, "elder.end", elder, changes={"ended_on": ended_on.isoformat(), "end_reason": str(reason)}
    )


def take_back(session: Session, actor: Actor, elder_id: int, body: ElderReturn, expected: int) -> Elder:
    """Serve an elder again from a day on.

    The days in an institution are kept as a stay. After another reason she joins anew on that day, unless it is
    the very day she left: then the end was a slip and is undone.

    Raises
    ------
    Conflict
        If she has not left.
    InvalidInput
        If she would be back before she left.
    """
    elder = repository.find_locked(session, actor, elder_id)
    check_version(elder, expected)
    left_on, reason = elder.ended_on, elder.end_reason
    if left_on is None:
        raise Conflict("she is on the roster", zh="她在册，不需要恢复")
    if reason == EndReason.DIED and body.on != left_on:
        wanted = f"{left_on}: she died, only the day itself undoes a slip"
        raise Conflict.of("body.on", wanted, str(body.on), f"{left_on}（已去世，只能在当天撤销误操作）")
    if body.on < left_on:
        raise InvalidInput.of(
            "body.on", f"{left_on}, when she left, or later", str(body.on), f"不早于离开日期 {left_on}"
        )
    if reason == EndReason.MOVED_TO_INSTITUTION:
        _close_institution(session, elder, left_on, body.on)
    elif body.on > left_on:
        elder.joined_on = body.on
    elder.ended_on = elder.end_reason = None
    record_deed(
        session, actor, "elder.take_back", elder, changes={"on": body.on.isoformat(), "left_on": left_on.isoformat()}
    )
    return elder


def _close_institution(session: Session, elder: Elder, left_on: date, back_on: date) -> None:
    for stay in repository.stays_of(session, elder.id):
        if stay.to_on is None:
            if back_on <= stay.from_on:
                session.delete(stay)
            else:
                stay.to_on = back_on
            return
    if back_on > left_on:
        session.add(Stay(elder_id=elder.id, kind=StayKind.INSTITUTION, from_on=left_on, to_on=back_on))


def record_revealed(session: Session, actor: Actor, elder: Elder) -> None:
    """Write to the audit log that somebody read an ID number."""
    record_deed(session, actor, "elder.reveal", elder, changes={"id_number": "revealed"})
