"""What is sent and shown when a draft is changed by hand, and when two versions are compared."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from app.core.errors import wrong_value
from app.core.http import Body, Day, Id
from app.schedules.words import BrokenRule

EditKind = Literal["move", "pin", "unpin", "unallocate"]


def _different(ids: list[int]) -> list[int]:
    if len(set(ids)) < len(ids):
        raise wrong_value("different caregivers", "不同的护理员")
    return ids


class Move(Body):
    """Where a visit is to stand."""

    visit_id: Id
    day: Day = Field(examples=["2026-11-25"])
    start: int = Field(ge=0, le=1439, description="minute of the day", examples=[540])
    caregiver_ids: Annotated[list[Id], Field(min_length=1, max_length=2), AfterValidator(_different)]


class Which(Body):
    """One visit."""

    visit_id: Id


class Edit(Body):
    """One change: exactly one of the four."""

    move: Move | None = None
    pin: Which | None = Field(None, description="a plan made from this version leaves the visit where it is")
    unpin: Which | None = None
    unallocate: Which | None = Field(None, description="leave the visit without a place, and pin that")

    @model_validator(mode="after")
    def _exactly_one(self) -> "Edit":
        if sum(getattr(self, kind) is not None for kind in ("move", "pin", "unpin", "unallocate")) != 1:
            raise wrong_value("exactly one of move, pin, unpin, unallocate", "move、pin、unpin、unallocate 之一")
        return self

    @property
    def kind(self) -> EditKind:
        """Which of the four it is."""
        if self.move is not None:
            return "move"
        if self.pin is not None:
            return "pin"
        return "unpin" if self.unpin is not None else "unallocate"

    @property
    def visit_id(self) -> int:
        """The visit that it is about."""
        about = self.move or self.pin or self.unpin or self.unallocate
        assert about is not None
        return about.visit_id


class EditsBody(Body):
    """Changes that are made together or not at all, in this order."""

    edits: list[Edit] = Field(
        min_length=1,
        max_length=50,
        examples=[[{"move": {"visit_id": 1, "day": "2026-11-25", "start": 540, "caregiver_ids": [7]}}]],
    )


class EditAnswer(BaseModel):
    """What the judge says, and what it costs."""

    schedule_id: int
    version: int
    dry_run: bool
    allowed: bool
    violations: list[BrokenRule] = Field(description="hard rules that these edits would break")
    cost_before: dict[str, float] = Field(description="points by goal; only to those who see all of its towns")
    cost_after: dict[str, float]
    cost_change: dict[str, float]
    changed_visit_ids: list[int]


ChangeKind = Literal["added", "removed", "placed", "left_out", "moved_day", "moved_time", "other_caregiver", "minutes"]


class Standing(BaseModel):
    """Where a visit stands in a version; without a day it is unallocated."""

    visit_id: int
    day: date | None
    start_minute: int | None
    minutes: int
    caregiver_ids: list[int]


class ChangedVisit(BaseModel):
    """A visit that is not the same in both versions."""

    visit_key: str
    elder_id: int
    town_id: int
    kinds: list[ChangeKind]
    before: Standing | None
    after: Standing | None


class Comparison(BaseModel):
    """What changed from one version to another."""

    from_id: int
    to_id: int
    counts: dict[ChangeKind, int] = Field(description="visits by kind of change; one may be of several kinds")
    changed: int
    unchanged: int
    elders_changed: int
    items: list[ChangedVisit]
    next_after: str | None = Field(description="send as `after` for the next page; null: this was the last")
