"""What is sent and shown about grants."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from app.accounts.scope import Actor
from app.core.crypto import mask_all, mask_name
from app.core.errors import wrong_value
from app.core.http import Body, Day, Name, Printable
from app.entitlements.models import Grant

MonthlyMinutes = Literal[240, 480]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Printable]


class GrantNew(Body):
    """A decision: so many minutes a month from a day on, any day of a month; it ends the one in force that day."""

    valid_from: Day = Field(examples=["2026-01-01"])
    valid_to: Day | None = Field(None, description="the first day on which it holds no more; missing: without end")
    monthly_minutes: MonthlyMinutes
    approved_by: Name = Field(examples=["义乌市民政局"])
    approved_on: Day = Field(examples=["2025-12-20"])
    reason: Reason = Field(examples=["中度失能"])

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "GrantNew":
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise wrong_value("valid_to after valid_from", "核定结束日期晚于开始日期")
        return self


class GrantEnd(Body):
    """The first day on which a grant holds no more."""

    valid_to: Day = Field(examples=["2026-07-01"])


class GrantView(BaseModel):
    """A grant; it holds from ``valid_from`` up to, not including, ``valid_to``."""

    id: int
    elder_id: int
    valid_from: date
    valid_to: date | None
    monthly_minutes: MonthlyMinutes
    approved_by: str
    approved_on: date
    reason: str
    version: int


class GrantGiven(GrantView):
    """A new grant, and the one that it ended."""

    ended_grant_id: int | None = Field(description="the grant before, whose `valid_to` is now this one's `valid_from`")


def show_grant(grant: Grant, actor: Actor) -> GrantView:
    """Return a grant as ``actor`` may see it."""
    columns = {name: getattr(grant, name) for name in GrantView.model_fields}
    if not actor.sees_personal:
        columns |= {"approved_by": mask_name(grant.approved_by), "reason": mask_all(grant.reason)}
    return GrantView.model_validate(columns)


def show_given(grant: Grant, ended: Grant | None, actor: Actor) -> GrantGiven:
    """Return a new grant as ``actor`` may see it."""
    shown = show_grant(grant, actor)
    return GrantGiven(**shown.model_dump(), ended_grant_id=ended.id if ended else None)
