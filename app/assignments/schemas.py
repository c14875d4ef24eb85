"""What is shown of assignments."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from app.accounts.scope import Actor
from app.assignments.models import Assignment, AssignmentRun


class OverloadView(BaseModel):
    """A centre that answers for more than it declares."""

    centre_id: int
    town_id: int
    minutes: int = Field(description="a month, above the declared ones")


class AssignmentFigures(BaseModel):
    """What one computation came to, over the whole city; overloads of your towns only."""

    elders: int
    centres: int
    changed: int
    new: int = Field(description="had no centre before")
    moved: int = Field(description="had another centre before")
    mean_metres: float = Field(description="straight from home to centre")
    max_metres: int
    demand_minutes: int = Field(description="a month, granted")
    capacity_minutes: int = Field(description="a month, declared by open centres")
    overload_minutes: int
    overloads: list[OverloadView]
    why: dict[str, int] = Field(description="reason of change: elders", examples=[{"no_centre_in_village": 210}])
    nearest_tried: int = Field(description="how many of the nearest centres were tried for each elder")


class RunView(BaseModel):
    """One computation."""

    run_id: int
    at: datetime
    user_id: int | None
    figures: AssignmentFigures


class ChangeView(BaseModel):
    """What changed for one elder, and why."""

    id: int
    elder_id: int
    centre_id: int | None
    previous_centre_id: int | None
    why: str = Field(examples=["nearest"])
    zh: str
    en: str


class LatestRun(RunView):
    """The newest computation, and what it changed for your towns' elders."""

    items: list[ChangeView]
    next_after: int | None = Field(None, description="send as `after` for the next page; null: this was the last")


def show_run(run: AssignmentRun, actor: Actor) -> RunView:
    """Return a computation as the actor may see it."""
    figures: dict[str, Any] = dict(run.figures)
    figures["overloads"] = [found for found in figures["overloads"] if actor.sees_town(found["town_id"])]
    return RunView(run_id=run.id, at=run.at, user_id=run.user_id, figures=AssignmentFigures(**figures))


def show_change(row: Assignment, words: dict[str, tuple[str, str]]) -> ChangeView:
    """Return a change with its reason in words."""
    zh, en = words[row.why]
    return ChangeView(
        id=row.id,
        elder_id=row.elder_id,
        centre_id=row.centre_id,
        previous_centre_id=row.previous_centre_id,
        why=row.why,
        zh=zh,
        en=en,
    )
