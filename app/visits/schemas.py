"""What a caregiver is shown of her visits, and what is said about them afterwards."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from app.core.http import Body, Printable, ShortText
from app.entitlements.models import BookingState
from app.terms import ServiceItem

VisitKey = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,40}$"), Printable]


class CompanionView(BaseModel):
    """Who else comes to a double-handed visit."""

    caregiver_id: int
    number: str
    name: str
    phone: str | None


class MyVisitView(BaseModel):
    """One visit of the caregiver who is signed in."""

    visit_key: str
    day: date
    order: int = Field(description="the how-manieth of her visits that day, from 1")
    starts_at: datetime
    ends_at: datetime
    minutes: int
    travel_minutes: int = Field(description="to get there, from the visit before or her base")
    elder_number: str
    elder_name: str
    elder_phone: str | None
    town: str
    address: str
    way_in: str | None
    latitude: float
    longitude: float
    items: list[ServiceItem]
    note: str | None = Field(description="from the care plan")
    companions: list[CompanionView]
    state: BookingState
    checked_in_at: datetime | None
    checked_out_at: datetime | None


class SlotView(BaseModel):
    """A visit's time and caregivers before or after a change."""

    day: date
    start: str = Field(examples=["09:30"])
    minutes: int
    caregiver_ids: list[int]


class VisitChangeView(BaseModel):
    """What is different from what held at ``since``."""

    visit_key: str
    kind: Literal["added", "removed", "changed"]
    before: SlotView | None
    after: SlotView | None


class MyVisitsView(BaseModel):
    """A caregiver's visits, published ones only."""

    first: date
    last: date
    visits: list[MyVisitView]
    changes: list[VisitChangeView] | None = Field(description="in order of time; null unless `since` was sent")


class CheckView(BaseModel):
    """A visit after checking in or out, or after its outcome was recorded."""

    visit_key: str
    day: date
    state: BookingState
    minutes: int
    checked_in_at: datetime | None
    checked_out_at: datetime | None


class CheckInBody(Body):
    """When it was, if the phone had no network then; missing: now."""

    at: AwareDatetime | None = Field(None, examples=["2026-11-25T09:31:00+08:00"])


class CheckOutBody(CheckInBody):
    """What was delivered; without minutes, all that was planned."""

    minutes: int | None = Field(None, ge=0, le=720)


class OutcomeBody(Body):
    """What became of a visit."""

    state: BookingState = Field(examples=["delivered"])
    minutes: int | None = Field(None, ge=0, le=720, description="delivered ones; missing: all that were planned")
    reason: ShortText | None = Field(None, description="kept encrypted")


class CalendarView(BaseModel):
    """A calendar address; it is shown this once, and whoever has it can read the feed."""

    url: str = Field(examples=["/api/v1/calendar/6Jv….ics"])
    created_at: datetime
