"""What is sent and shown of what a caregiver may do, and when: certificates, working hours, leave."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.core.changes import UNCHANGED, Change
from app.core.http import Body, Day, MinuteOfDay, ShortText
from app.terms import Skill

_STARTS = Field(examples=[450], description="minute of the day")
_ENDS = Field(examples=[1080], description="minute of the day, up to 1440; not included")


class LeaveKind(StrEnum):
    """Why she is away."""

    ANNUAL = "annual"
    SICK = "sick"
    TRAINING = "training"
    OTHER = "other"


class CertificateNew(Body):
    """A certificate; a renewed one is another certificate."""

    skill: Skill
    issued_on: Day = Field(examples=["2025-01-01"])
    expires_on: Day = Field(examples=["2030-12-31"], description="the last day on which it is valid")


class CertificateChange(Change):
    """What changes; what is left out stays."""

    skill: Skill = UNCHANGED
    issued_on: Day = UNCHANGED
    expires_on: Day = UNCHANGED


class CertificateView(BaseModel):
    """A certificate."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    caregiver_id: int
    skill: Skill
    issued_on: date
    expires_on: date
    version: int


class LeaveNew(Body):
    """Days on which she doesn't work, or with ``starts`` and ``ends`` only those minutes of each of the days."""

    kind: LeaveKind
    first_on: Day = Field(examples=["2026-12-07"])
    last_on: Day = Field(examples=["2026-12-11"], description="included")
    starts: MinuteOfDay | None = None
    ends: MinuteOfDay | None = None
    note: ShortText | None = None


class LeaveChange(Change):
    """What changes; what is left out stays."""

    kind: LeaveKind = UNCHANGED
    first_on: Day = UNCHANGED
    last_on: Day = UNCHANGED
    starts: MinuteOfDay | None = None
    ends: MinuteOfDay | None = None
    note: ShortText | None = None


class LeaveView(BaseModel):
    """Leave; the note is masked for auditors."""

    id: int
    caregiver_id: int
    kind: LeaveKind
    first_on: date
    last_on: date
    starts: int | None
    ends: int | None
    note: str | None
    version: int


class WorkingDay(Body):
    """Her hours of one weekday."""

    weekday: Annotated[int, Field(ge=0, le=6, description="0 is Monday")]
    starts: MinuteOfDay = _STARTS
    ends: MinuteOfDay = _ENDS


class WorkingWeek(Body):
    """Her hours of a week; on weekdays that are left out she doesn't work."""

    days: list[WorkingDay] = Field(max_length=7, examples=[[{"weekday": 0, "starts": 450, "ends": 1080}]])
