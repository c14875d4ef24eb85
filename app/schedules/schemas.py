"""What is sent and shown about schedules."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from app.core.errors import wrong_value
from app.core.http import Body, Day, Id, ShortText
from app.core.weeks import Week
from app.schedules.models import ScheduleStatus, VisitState

_WEIGHT = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
_SHARE = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]


def _iso_week(text: str) -> str:
    try:
        return str(Week.parse(text))
    except ValueError as error:
        raise wrong_value(str(error).removeprefix("expected "), "ISO 周，如 2026-W48") from None


IsoWeek = Annotated[str, StringConstraints(max_length=8), AfterValidator(_iso_week)]


class PolicyOverrides(Body):
    """Points of the soft goals that differ from the default (``solver/README.md`` has the formulas)."""

    unserved_hour: _WEIGHT | None = Field(None, description="an hour without a place", examples=[1000])
    behind_factor: _SHARE | None = Field(None, description="more for an elder who is behind in the month")
    short_before_factor: _SHARE | None = Field(None, description="more for an elder whose last month ended short")
    changed_visit: _WEIGHT | None = Field(None, description="a published visit that is changed", examples=[60])
    not_usual: _WEIGHT | None = Field(None, description="a visit by somebody the elder isn't used to")
    outside_wished_time: _WEIGHT | None = Field(None, description="a visit outside the wished time of day")
    not_wished_gender: _WEIGHT | None = Field(None, description="a visit by a caregiver of another gender")
    not_wished_dialect: _WEIGHT | None = Field(None, description="a visit without a dialect in common")
    travel_minute: _WEIGHT | None = Field(None, description="a minute on the way")
    load_from: _SHARE | None = Field(None, description="share of the contract from which load costs")
    load_minute: _WEIGHT | None = Field(None, description="a working minute above `load_from`")
    overload_from: _SHARE | None = Field(None, description="share of the contract from which load costs more")
    overload_minute: _WEIGHT | None = Field(None, description="a working minute above `overload_from`, in addition")
    lent_visit: _WEIGHT | None = Field(None, description="a visit by a caregiver of another town")

    def values(self) -> dict[str, float]:
        """Return what was really overridden."""
        return {name: float(value) for name, value in self.model_dump(exclude_none=True).items()}


class HowToPlan(Body):
    """How long and by which weights to search."""

    seconds: int | None = Field(None, ge=1, le=3600, description="search time; with neither limit: the setting's")
    iterations: int | None = Field(None, ge=0, le=10_000_000, description="a limit by which a plan can be repeated")
    seed: int = Field(1, ge=0, le=2**31 - 1)
    policy: PolicyOverrides = PolicyOverrides()
    from_day: Day | None = Field(
        None,
        description="nothing new before this day of the week; missing: today if the week has begun",
    )
    note: ShortText | None = None


class ScheduleNew(HowToPlan):
    """A week to be planned."""

    week: IsoWeek = Field(examples=["2026-W48"])
    town_ids: list[Id] | None = Field(
        None, min_length=1, max_length=200, description="missing: all towns that you may work on"
    )
    parent_id: Id | None = Field(None, description="a version of the same week whose pins are kept")


class FiguresView(BaseModel):
    """What a plan amounts to, in the towns that you may see."""

    visits_due: int
    due_minutes: int
    visits_placed: int
    placed_minutes: int
    visits_unallocated: int
    unallocated_by_reason: dict[str, int] = Field(description="reason → visits")
    unallocated_minutes_by_reason: dict[str, int]
    unallocated_without_reason: int
    elders_due: int
    elders_short: int = Field(description="with an unallocated visit")
    usual_share: float | None = Field(description="of visits to elders with usual caregivers, by one of them")
    travel_minutes: int
    kilometres: float
    load: dict[str, float] = Field(
        description="working minutes over contract: mean, highest; caregivers, busy, over 90 %"
    )
    violations: int = Field(description="rules broken, by the judge")
    solve_seconds: float | None


class ScheduleSummary(BaseModel):
    """A version of a week in a list."""

    id: int
    version: int
    week: str
    monday: date
    status: ScheduleStatus
    all_towns: bool
    town_ids: list[int] = Field(description="of those that you may see")
    holds_in: list[int] = Field(description="towns in which this is the published version now")
    parent_id: int | None
    note: str | None
    requested_by: int | None
    created_at: datetime
    published_at: datetime | None
    superseded_at: datetime | None
    superseded_by_id: int | None


class RunView(BaseModel):
    """What was asked of the computation, and what it takes to repeat it."""

    id: int
    seed: int
    seconds: int | None
    iterations: int | None
    from_day: date | None
    policy: dict[str, float]
    versions: dict[str, str]
    attempts: int
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    took: dict[str, float]
    error: str | None


class ScheduleView(ScheduleSummary):
    """A version of a week; cost and bound are shown to those who see all of its towns."""

    figures: FiguresView | None
    cost: dict[str, float] = Field(description="points by goal, and their total")
    bound: float | None = Field(description="proved: no plan costs less")
    gap: float | None = Field(description="(cost − bound) / cost")
    run: RunView


class ProgressView(BaseModel):
    """How far a computation is."""

    id: int
    status: ScheduleStatus
    stage: str = Field(examples=["queued", "read", "search", "solved", "finished"])
    placed_minutes: int
    due_minutes: int
    cost: float | None
    seconds: float
    iterations: int
    attempts: int
    stopping: bool = Field(description="asked to stop early and keep the best")
    error: str | None


class VisitView(BaseModel):
    """One visit of a version; names are looked up by id."""

    id: int
    key: str = Field(description="the same visit in every version of the week")
    elder_id: int
    town_id: int
    centre_id: int | None
    state: VisitState
    day: date | None
    start_minute: int | None
    minutes: int
    hands: int
    items: list[str]
    pinned: bool
    caregiver_ids: list[int]
    travel_minutes: list[int] = Field(description="of each caregiver, to this visit")
    reason: str | None
    funnel: list[Any] = Field(description="caregivers left after each gate")


Keep = Literal["none", "best"]
