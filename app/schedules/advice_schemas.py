"""What is shown of a visit's reasons, and how a fix is chosen."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from app.core.http import Body
from app.schedules.edit_schemas import EditAnswer
from app.schedules.proof_schemas import Words
from app.schedules.schemas import VisitView


class GateView(BaseModel):
    """A gate of the funnel, and how many caregivers are left behind it."""

    gate: str = Field(examples=["with_skill"])
    caregivers: int
    words: Words


class ClosingRule(BaseModel):
    """A rule, and how many caregivers it turns away (each counts once, where she stops)."""

    rule: str = Field(examples=["weekly_limit"])
    caregivers: int
    words: Words


class StandView(BaseModel):
    """Where a visit would stand."""

    visit_id: int
    elder_id: int
    day: date
    start_minute: int
    caregiver_ids: list[int]


class FixView(BaseModel):
    """One way to place the visit, tried on the whole week; the cheapest comes first."""

    id: str = Field(description="of this fix of this version of the schedule", examples=["4f0c2a9b77d1"])
    kind: Literal["place", "move_other", "widen_window", "another_day", "extra_minutes"]
    words: Words
    points: float = Field(description="what it costs in all, but for the minutes that it serves")
    price: float = Field(description="of that: what is asked of people")
    cost_change: dict[str, float] = Field(description="what the plan then costs more or less, by goal")
    stands: list[StandView] = Field(description="every visit that stands otherwise then, this one among them")
    exception: dict[str, Any] | None = Field(
        description="what must be agreed for this week, beside the roster; none: only the plan changes"
    )


class AlternativeView(BaseModel):
    """The visit with somebody else, at her best time."""

    caregiver_ids: list[int]
    day: date
    start_minute: int
    cost_change: dict[str, float] = Field(description="what the plan would cost more, by goal")


class KeptAway(BaseModel):
    """A usual caregiver who does not make the visit, and why not."""

    caregiver_id: int
    reason: str = Field(description="`could_be_placed`: she could, and it would cost more")
    words: Words


class WhyView(BaseModel):
    """Why the caregiver (or the two) who make a placed visit."""

    cost: dict[str, float] = Field(description="of the visit where it stands, by goal")
    could: int = Field(description="others who could make it as the week stands")
    next: list[AlternativeView] = Field(description="the next two of your towns, cheapest first")
    kept_away: list[KeptAway]


class ReasonsView(BaseModel):
    """Why a visit has no place, and what would give it one; or why it has the one that it has."""

    visit: VisitView
    reason: str | None = Field(description="why it has no place", examples=["no_minutes_left"])
    words: Words | None
    funnel: list[GateView]
    closed_by: list[ClosingRule]
    impossible: str | None = Field(
        description="no plan at all could place it, were it the only visit of the week: the reason"
    )
    impossible_words: Words | None
    hours_proved: bool = Field(
        description="proved: no plan of this week serves more minutes, so without a change of the problem this "
        "visit could be placed only in another's stead"
    )
    fixes: list[FixView] = Field(description="of a draft")
    other_towns: list[int] = Field(
        description="towns that are not yours, or not planned here, where somebody could take it: ask there"
    )
    why: WhyView | None


class FixChoice(Body):
    """Which fix is to be applied."""

    fix_id: str = Field(min_length=1, max_length=40, pattern=r"^[0-9a-f]+$", examples=["4f0c2a9b77d1"])
    apply_to: Literal["this_week"] | None = Field(
        None, description="confirms the exception of a fix that needs one: it holds for this week only"
    )


class FixAnswer(EditAnswer):
    """What was changed, and what was agreed for the week."""

    fix: FixView
