"""What is sent and shown about elders and the days that they are away."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, model_validator

from app.accounts.scope import Actor
from app.centres.coordinates import Datum
from app.core.crypto import mask_all, mask_name, mask_tail
from app.core.errors import wrong_value
from app.core.http import (
    Body,
    Code,
    Day,
    EachOnce,
    Id,
    Latitude,
    Longitude,
    LongText,
    Name,
    Phone,
    Printable,
    ShortText,
)
from app.core.identity import IdentityText
from app.elders.models import Elder, Stay
from app.terms import Dialect, DisabilityGrade, EndReason, Gender, StayKind

Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Printable]
ElderEndReason = Annotated[
    EndReason,
    Field(description="died, moved_to_institution, moved_away, declined or other"),
]


class ElderNew(Body):
    """A person to put on the roster; all rules about one hold for a change and an import as well."""

    number: Code = Field(examples=["E00001"], description="on the roster; unique in the city")
    name: Name = Field(examples=["王秀英"])
    id_number: IdentityText = Field(examples=["33078219320501002X"])
    birth_date: Day = Field(examples=["1932-05-01"])
    gender: Gender
    phone: Phone | None = Field(None, examples=["13800001234"])
    address: Address = Field(examples=["稠城街道江滨路1号"])
    way_in: ShortText | None = Field(None, examples=["钥匙在村委会"])
    latitude: Latitude | None = Field(None, description="of her home; missing: where her village is", examples=[29.31])
    longitude: Longitude | None = Field(None, examples=[120.08])
    datum: Datum = Field(Datum.WGS84, description="of latitude and longitude; gcj02 if taken from a Chinese map")
    dialects: Annotated[list[Dialect], Field(max_length=5), EachOnce] = []
    disability_grade: DisabilityGrade
    health_note: LongText | None = None
    lives_alone: bool = False
    low_income: bool = False
    town_id: Id
    village_id: Id
    centre_id: Id | None = Field(None, description="the care centre responsible for her; missing: to be assigned")
    joined_on: Day = Field(description="she is 90 or over on this day", examples=["2026-01-01"])

    @model_validator(mode="after")
    def _both_coordinates(self) -> "ElderNew":
        if (self.latitude is None) != (self.longitude is None):
            raise wrong_value("both latitude and longitude, or neither", "纬度和经度都填，或都不填")
        return self


class ElderChange(Body):
    """What changes; what is not sent stays. A move to another village or town clears the centre."""

    number: Code | None = None
    name: Name | None = None
    id_number: IdentityText | None = None
    birth_date: Day | None = None
    gender: Gender | None = None
    phone: Phone | None = None
    address: Address | None = None
    way_in: ShortText | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    datum: Datum = Field(Datum.WGS84, description="of latitude and longitude")
    dialects: Annotated[list[Dialect], Field(max_length=5), EachOnce] | None = None
    disability_grade: DisabilityGrade | None = None
    health_note: LongText | None = None
    lives_alone: bool | None = None
    low_income: bool | None = None
    town_id: Id | None = None
    village_id: Id | None = None
    centre_id: Id | None = None
    joined_on: Day | None = None


class ElderEnd(Body):
    """The day from which on she is no longer on the roster, and why."""

    ended_on: Day = Field(examples=["2026-11-23"])
    reason: ElderEndReason

    @model_validator(mode="after")
    def _reason_of_an_elder(self) -> "ElderEnd":
        if self.reason in (EndReason.LEFT_WORK, EndReason.CLOSED):
            raise wrong_value(
                "reason died, moved_to_institution, moved_away, declined or other", "老人离开的原因：去世、入住机构等"
            )
        return self


class ElderReturn(Body):
    """The day from which on she is served again."""

    on: Day = Field(examples=["2026-12-01"])


class ElderView(BaseModel):
    """An elder as the caller may see her: masked for auditors; the ID number always, unless revealed."""

    id: int
    number: str
    name: str
    id_number: str = Field(description="masked but for the last four, unless `reveal=true`")
    birth_date: date
    gender: Gender
    phone: str | None
    address: str
    way_in: str | None
    latitude: float | None = Field(description="of her home, WGS-84")
    longitude: float | None
    dialects: list[Dialect]
    disability_grade: str
    health_note: str | None
    lives_alone: bool
    low_income: bool
    town_id: int
    village_id: int
    centre_id: int | None
    joined_on: date
    ended_on: date | None
    end_reason: EndReason | None
    version: int


def show_elder(elder: Elder, actor: Actor, *, reveal: bool = False) -> ElderView:
    """Return an elder as ``actor`` may see her; ``reveal`` shows the ID number to who may change it."""
    clear = actor.sees_personal
    latitude, longitude = elder.home if clear else (None, None)
    return ElderView(
        id=elder.id,
        number=elder.number,
        name=elder.name if clear else mask_name(elder.name),
        id_number=elder.id_number if reveal and clear else mask_tail(elder.id_number),
        birth_date=elder.birth_date,
        gender=Gender(elder.gender),
        phone=elder.phone if clear or elder.phone is None else mask_tail(elder.phone),
        address=elder.address if clear else mask_all(elder.address),
        way_in=hide(elder.way_in, actor),
        latitude=latitude,
        longitude=longitude,
        dialects=[Dialect(dialect) for dialect in elder.dialects],
        disability_grade=elder.disability_grade if clear else mask_all(elder.disability_grade),
        health_note=hide(elder.health_note, actor),
        lives_alone=elder.lives_alone,
        low_income=elder.low_income,
        town_id=elder.town_id,
        village_id=elder.village_id,
        centre_id=elder.centre_id,
        joined_on=elder.joined_on,
        ended_on=elder.ended_on,
        end_reason=EndReason(elder.end_reason) if elder.end_reason else None,
        version=elder.version,
    )


def hide(text: str | None, actor: Actor) -> str | None:
    """Return a note as ``actor`` may see it."""
    return text if text is None or actor.sees_personal else mask_all(text)


class StayNew(Body):
    """Days away from home, ``to_on`` not included; a stay in an institution without an end takes her off the roster."""

    kind: StayKind
    from_on: Day = Field(examples=["2026-11-02"])
    to_on: Day | None = Field(
        None, examples=["2026-11-09"], description="the day she is home again; missing: not known"
    )
    note: ShortText | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "StayNew":
        if self.to_on is not None and self.to_on <= self.from_on:
            raise wrong_value("to_on after from_on", "结束日期晚于开始日期")
        return self


class StayChange(Body):
    """What changes; what is not sent stays."""

    kind: StayKind | None = None
    from_on: Day | None = None
    to_on: Day | None = None
    note: ShortText | None = None


class StayEnd(Body):
    """The day on which she is home again."""

    to_on: Day = Field(examples=["2026-11-09"])


class StayView(BaseModel):
    """Days away from home, ``to_on`` not included."""

    id: int
    elder_id: int
    kind: StayKind
    from_on: date
    to_on: date | None
    note: str | None
    version: int


def show_stay(stay: Stay, actor: Actor) -> StayView:
    """Return a stay as ``actor`` may see it."""
    return StayView(
        id=stay.id,
        elder_id=stay.elder_id,
        kind=StayKind(stay.kind),
        from_on=stay.from_on,
        to_on=stay.to_on,
        note=hide(stay.note, actor),
        version=stay.version,
    )
