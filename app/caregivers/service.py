"""Caregivers: put on the roster, change, end, take back."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.scope import Actor, record_deed
from app.accounts.service import close_account_of_caregiver
from app.caregivers import repository
from app.caregivers.models import Caregiver
from app.caregivers.schemas import CaregiverChange, CaregiverEnd, CaregiverNew
from app.centres.models import Centre
from app.core import clock
from app.core.changes import apply_changes
from app.core.errors import Conflict, InvalidInput
from app.core.identity import check_identity, identity_index, normal_identity

MINIMUM_AGE = 16
"""Years; nobody younger may be employed. Source: Labour Law of the People's Republic of China, article 15."""

_HIDDEN = ("birth_date", "dialects", "id_number_index")
"""Columns besides the encrypted ones of which the audit log only says that they changed."""


def create(session: Session, actor: Actor, body: CaregiverNew) -> Caregiver:
    """Put a caregiver on the roster.

    Raises
    ------
    InvalidInput
        If the identity number doesn't tell the birth date and gender, she is too young, or the centre is not an
        open one of the actor's towns.
    Conflict
        If the number or the identity number is on the roster already; it doesn't say whose it is.
    """
    sent = {name: getattr(body, name) for name in CaregiverNew.model_fields}
    columns = _columns(session, actor, sent)
    _check_person(columns)
    _check_unique(session, columns)
    caregiver = Caregiver(**columns)
    session.add(caregiver)
    record_deed(session, actor, "caregiver.create", caregiver, changes={"centre_id": caregiver.centre_id})
    return caregiver


def change(session: Session, actor: Actor, caregiver: Caregiver, body: CaregiverChange) -> None:
    """Change what is sent of a caregiver; raises as ``create`` does."""
    sent = {name: value for name, value in body.values().items() if name == "base" or value != getattr(caregiver, name)}
    columns = _columns(session, actor, sent)
    person = ("id_number", "birth_date", "gender", "hired_on")
    _check_person({name: columns.get(name, getattr(caregiver, name)) for name in person})
    if caregiver.ended_on is not None and columns.get("hired_on", caregiver.hired_on) > caregiver.ended_on:
        raise InvalidInput.of(
            "body.hired_on",
            f"a day up to {caregiver.ended_on}, when she left",
            str(body.hired_on),
            f"不晚于离职日期 {caregiver.ended_on}",
        )
    if columns.get("id_number_index") == caregiver.id_number_index:
        del columns["id_number_index"]  # the same number, typed in another way
    _check_unique(session, columns)
    changes = apply_changes(caregiver, columns, hidden=_HIDDEN)
    changes.pop("id_number_index", None)
    if changes:
        record_deed(session, actor, "caregiver.change", caregiver, changes=changes)


def end(session: Session, actor: Actor, caregiver: Caregiver, body: CaregiverEnd) -> None:
    """Take a caregiver off the roster from a day on; her account closes if that day has come.

    Raises
    ------
    Conflict
        If she has left already.
    InvalidInput
        If she would leave before she was hired.
    """
    if caregiver.ended_on is not None:
        raise Conflict(
            f"she left on {caregiver.ended_on} already; take her back first",
            zh=f"已于 {caregiver.ended_on} 离职，请先恢复在册",
        )
    if body.ended_on < caregiver.hired_on:
        raise InvalidInput.of(
            "body.ended_on",
            f"{caregiver.hired_on}, when she was hired, or later",
            str(body.ended_on),
            f"不早于入职日期 {caregiver.hired_on}",
        )
    changes = apply_changes(caregiver, {"ended_on": body.ended_on, "end_reason": body.reason})
    record_deed(session, actor, "caregiver.end", caregiver, changes=changes)
    if body.ended_on <= clock.today():
        close_account_of_caregiver(session, actor, caregiver.id)


def take_back(session: Session, actor: Actor, caregiver: Caregiver, on: date) -> None:
    """Let a caregiver work here again; on the very day she left, the end was a slip and is undone.

    Her account, if she had one, stays closed until an administrator opens it.

    Raises
    ------
    Conflict
        If she has not left.
    InvalidInput
        If she would be back before she left.
    """
    if caregiver.ended_on is None:
        raise Conflict("she is on the roster", zh="她在册，不需要恢复")
    if on < caregiver.ended_on:
        raise InvalidInput.of(
            "body.on", f"{caregiver.ended_on}, when she left, or later", str(on), f"不早于离职日期 {caregiver.ended_on}"
        )
    hired_on = caregiver.hired_on if on == caregiver.ended_on else on
    changes = apply_changes(caregiver, {"ended_on": None, "end_reason": None, "hired_on": hired_on})
    record_deed(session, actor, "caregiver.take_back", caregiver, changes=changes)


def record_revealed(session: Session, actor: Actor, caregiver: Caregiver) -> None:
    """Write to the audit log that somebody read an ID number."""
    record_deed(session, actor, "caregiver.reveal", caregiver, changes={"id_number": "revealed"})


def _columns(session: Session, actor: Actor, sent: dict[str, Any]) -> dict[str, Any]:
    """Return the columns that follow from what was sent."""
    columns = dict(sent)
    if "id_number" in sent:
        columns["id_number"] = normal_identity(sent["id_number"])
        columns["id_number_index"] = identity_index(sent["id_number"])
    if "centre_id" in sent:
        columns["town_id"] = _town_of_centre(session, actor, sent["centre_id"])
    if sent.get("base") is not None:
        latitude, longitude = sent["base"].to_wgs84()
        columns["base"] = round(latitude, 6), round(longitude, 6)  # to ten centimetres
    return columns


def _town_of_centre(session: Session, actor: Actor, centre_id: int) -> int:
    centre = session.get(Centre, centre_id)
    if centre is None or not actor.sees_town(centre.town_id):
        raise InvalidInput.of("body.centre_id", "the id of a centre in your towns", centre_id, "您负责的镇街的照料中心")
    if centre.closed_on is not None and centre.closed_on <= clock.today():
        raise InvalidInput.of("body.centre_id", "the id of a centre that is open", centre_id, "开放中的照料中心")
    return centre.town_id


def _check_person(columns: dict[str, Any]) -> None:
    """Check what must agree about a person."""
    check_identity(columns["id_number"], columns["birth_date"], columns["gender"])
    born, hired_on = columns["birth_date"], columns["hired_on"]
    age = hired_on.year - born.year - ((hired_on.month, hired_on.day) < (born.month, born.day))
    if age < MINIMUM_AGE:
        raise InvalidInput.of(
            "body.hired_on",
            f"a day on which she is {MINIMUM_AGE} or older",
            str(hired_on),
            f"入职当天年满 {MINIMUM_AGE} 周岁",
        )


def _check_unique(session: Session, columns: dict[str, Any]) -> None:
    if "number" in columns and repository.number_is_taken(session, columns["number"]):
        raise Conflict.of(
            "body.number", "a number that no other caregiver has", columns["number"], "未被其他护理员使用的编号"
        )
    if "id_number_index" in columns and repository.identity_is_taken(session, columns["id_number_index"]):
        raise Conflict.of("body.id_number", "somebody who is not yet on the roster", zh="尚未登记的身份证号")
