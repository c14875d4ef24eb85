"""What is sent and shown about caregivers."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from app.accounts.scope import Actor
from app.caregivers.models import Caregiver
from app.centres.coordinates import Point
from app.core.changes import UNCHANGED, Change
from app.core.crypto import mask_name, mask_tail
from app.core.errors import wrong_value
from app.core.http import Body, Code, Day, EachOnce, Id, Name, Phone
from app.core.identity import IdentityText
from app.terms import Dialect, EndReason, Gender, TravelMode

Dialects = Annotated[list[Dialect], Field(max_length=len(Dialect)), EachOnce]
ContractMinutes = Annotated[int, Field(ge=60, le=2400, description="a week", examples=[2400])]
_LEAVING = (EndReason.LEFT_WORK, EndReason.MOVED_AWAY, EndReason.DIED, EndReason.OTHER)


def _why_she_leaves(reason: EndReason) -> EndReason:
    if reason not in _LEAVING:
        raise wrong_value(", ".join(_LEAVING), "离职、搬离、去世或其他")
    return reason


class CaregiverNew(Body):
    """Somebody who makes visits; her town is that of her centre."""

    number: Code = Field(examples=["G00001"], description="on the roster; unique in the city")
    name: Name = Field(examples=["李小红"])
    id_number: IdentityText = Field(examples=["330782198003080023"])
    birth_date: Day = Field(examples=["1980-03-08"])
    gender: Gender
    phone: Phone | None = Field(None, examples=["13900005678"])
    dialects: Dialects = []
    centre_id: Id
    base: Point | None = Field(None, description="where she starts and returns to; null: her centre")
    mode: TravelMode
    contract_minutes: ContractMinutes
    overtime_allowed: bool = False
    hired_on: Day = Field(examples=["2025-01-01"])


class CaregiverChange(Change):
    """What changes; what is left out stays."""

    number: Code = UNCHANGED
    name: Name = UNCHANGED
    id_number: IdentityText = UNCHANGED
    birth_date: Day = UNCHANGED
    gender: Gender = UNCHANGED
    phone: Phone | None = None
    dialects: Dialects = UNCHANGED
    centre_id: Id = UNCHANGED
    base: Point | None = None
    mode: TravelMode = UNCHANGED
    contract_minutes: ContractMinutes = UNCHANGED
    overtime_allowed: bool = UNCHANGED
    hired_on: Day = UNCHANGED


class CaregiverEnd(Body):
    """The first day on which she no longer works here, and why."""

    ended_on: Day = Field(examples=["2026-12-01"])
    reason: Annotated[EndReason, AfterValidator(_why_she_leaves)] = Field(
        description="left_work, moved_away, died or other"
    )


class CaregiverReturn(Body):
    """The day from which on she works here again."""

    on: Day = Field(examples=["2027-01-01"])


class CaregiverView(BaseModel):
    """A caregiver as the caller may see her: masked for auditors; the ID number always, unless revealed."""

    id: int
    number: str
    name: str
    id_number: str = Field(description="masked but for the last four, unless `reveal=true`")
    birth_date: date
    gender: Gender
    phone: str | None
    dialects: list[Dialect]
    town_id: int
    centre_id: int
    base: Point | None = Field(description="WGS-84")
    mode: TravelMode
    contract_minutes: int
    overtime_allowed: bool
    hired_on: date
    ended_on: date | None = Field(description="the first day on which she no longer works here")
    end_reason: EndReason | None
    version: int


def show_caregiver(caregiver: Caregiver, actor: Actor, *, reveal: bool = False) -> CaregiverView:
    """Return a caregiver as ``actor`` may see her; ``reveal`` shows the ID number to who may change it."""
    base = caregiver.base if actor.sees_personal else None
    return CaregiverView(
        id=caregiver.id,
        number=caregiver.number,
        name=actor.shown(caregiver.name, mask_name) or "",
        id_number=caregiver.id_number if reveal and actor.sees_personal else mask_tail(caregiver.id_number),
        birth_date=caregiver.birth_date,
        gender=Gender(caregiver.gender),
        phone=actor.shown(caregiver.phone, mask_tail),
        dialects=[Dialect(dialect) for dialect in caregiver.dialects],
        town_id=caregiver.town_id,
        centre_id=caregiver.centre_id,
        base=Point(latitude=base[0], longitude=base[1]) if base else None,
        mode=TravelMode(caregiver.mode),
        contract_minutes=caregiver.contract_minutes,
        overtime_allowed=caregiver.overtime_allowed,
        hired_on=caregiver.hired_on,
        ended_on=caregiver.ended_on,
        end_reason=EndReason(caregiver.end_reason) if caregiver.end_reason else None,
        version=caregiver.version,
    )
