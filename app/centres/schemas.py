"""What is sent and shown about towns, villages and centres; all coordinates shown are WGS-84."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.centres.coordinates import Datum, Point
from app.centres.models import CentreKind, CloseReason
from app.core.changes import UNCHANGED, Change
from app.core.http import Body, Code, Day, Id, Latitude, Longitude, Name

CapacityMinutes = Annotated[
    int, Field(ge=0, le=10_000_000, description="care a month that it declares it can answer for", examples=[24_000])
]


class _View(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    version: int


class TownView(_View):
    """A town or sub-district."""

    code: str
    name: str
    name_en: str
    kind: str
    latitude: float
    longitude: float
    coordinate_source: str


class TownChange(Point):
    """Where the seat of a town is."""


class VillageView(_View):
    """A village or community."""

    code: str
    name: str
    town_id: int
    latitude: float
    longitude: float
    coordinate_source: str
    under_redevelopment: bool


class VillageChange(Body):
    """Whether a village is being redeveloped."""

    under_redevelopment: bool


class CentreNew(Point):
    """A centre to open; its place in the tree follows from its kind and town."""

    number: Code = Field(examples=["C0001"], description="unique in the city")
    name: Name = Field(examples=["江滨社区照料中心"])
    kind: CentreKind
    town_id: Id
    village_id: Id | None = None
    monthly_capacity_minutes: CapacityMinutes
    opened_on: Day = Field(examples=["2026-01-01"])


class CentreChange(Change):
    """What changes; kind and town stay: a centre that moves is closed, and another one opened."""

    number: Code = UNCHANGED
    name: Name = UNCHANGED
    village_id: Id | None = None
    latitude: Latitude = UNCHANGED
    longitude: Longitude = UNCHANGED
    datum: Datum = Field(Datum.WGS84, description="of latitude and longitude, which go together")
    monthly_capacity_minutes: CapacityMinutes = UNCHANGED
    opened_on: Day = UNCHANGED


class CentreClose(Body):
    """From which day on it is no longer open, and why."""

    closed_on: Day = Field(examples=["2026-12-01"])
    reason: CloseReason


class CentreView(_View):
    """A centre of the network."""

    number: str
    name: str
    kind: CentreKind
    town_id: int
    village_id: int | None
    parent_id: int | None = Field(description="the centre above: care → demonstration of the town → guidance")
    latitude: float
    longitude: float
    monthly_capacity_minutes: int
    opened_on: date
    closed_on: date | None = Field(description="the first day on which it is no longer open")
    close_reason: CloseReason | None
