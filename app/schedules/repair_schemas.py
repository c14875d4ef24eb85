"""What is sent and shown when a published week is repaired."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from app.core.errors import wrong_value
from app.core.http import Body, Day, EachOnce, Id, MinuteOfDay, ShortText
from app.elders.care_plan_schemas import VisitMinutes
from app.schedules.edit_schemas import ChangeKind
from app.terms import Skill, StayKind


class Sick(Body):
    """A caregiver is away, whatever the roster says; days inclusive. It is written into the roster as sick leave."""

    kind: Literal["sick"] = Field(description="a caregiver is away")
    caregiver_id: Id = Field(description="who")
    from_day: Day = Field(description="a day of the week", examples=["2026-11-25"])
    until_day: Day | None = Field(
        None, description="missing: `from_day` alone; may lie after the week: her leave lasts until then"
    )


class OnLeave(Body):
    """A caregiver's leave, certificates or hours have changed in the roster."""

    kind: Literal["leave"] = Field(description="her entry in the roster has changed")
    caregiver_id: Id = Field(description="whose")


class ElderAway(Body):
    """An elder can't be visited at home on these days: in hospital, say; days inclusive.

    With ``stay`` it is written into the roster, so that later plans know of it.
    """

    kind: Literal["elder_away"] = Field(description="an elder is not at home")
    elder_id: Id = Field(description="who")
    from_day: Day = Field(description="a day of the week", examples=["2026-11-25"])
    until_day: Day | None = Field(
        None, description="missing: `from_day` alone; may lie after the week: her stay lasts until then"
    )
    stay: StayKind | None = Field(None, description="written into the roster as such a stay; missing: not written")


class VisitCancelled(Body):
    """A visit is not to be made; it stays in the draft without a place, pinned."""

    kind: Literal["visit_cancelled"] = Field(description="a visit is not wanted")
    visit_id: Id = Field(description="of this version")


class Late(Body):
    """A visit can't begin before so many minutes after its time on its day."""

    kind: Literal["late"] = Field(description="a visit is delayed")
    visit_id: Id = Field(description="of this version")
    minutes: int = Field(ge=1, le=720, description="by how much, at least")


class Hours(Body):
    """Minutes of the day in which a visit may begin."""

    opens: MinuteOfDay = Field(examples=[480])
    closes: MinuteOfDay = Field(examples=[660])

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> "Hours":
        if self.opens >= self.closes:
            raise wrong_value("opens before closes, within the day", "开始时间早于结束时间，且在同一天内")
        return self


class VisitAdded(Body):
    """An elder wants one more visit this week: of her month's hours, as far as they are not booked.

    The draft keeps it with its days, window and skill as agreed for this week, also when it is planned again.
    """

    kind: Literal["added_visit"] = Field(description="one more visit is wanted")
    elder_id: Id = Field(description="whose; of a town in which the schedule holds")
    minutes: VisitMinutes = Field(description="one of the lengths of care plans", examples=[60])
    days: Annotated[list[Day], Field(min_length=1, max_length=7), EachOnce] = Field(
        description="days of the week on which it may be, beyond the notice period", examples=[["2026-11-26"]]
    )
    window: Hours | None = Field(None, description="when it may begin; missing: the windows of her care plan")
    skill: Skill | None = Field(None, description="the certificate it needs; missing: those of her care plan")


class Roster(Body):
    """Something else has changed in the roster: who is at home, who is at work, a care plan. New visits need a plan."""

    kind: Literal["roster"] = Field(description="the roster has changed")


Happened = Annotated[
    Sick | OnLeave | ElderAway | VisitCancelled | VisitAdded | Late | Roster,
    Field(
        discriminator="kind",
        description="one of seven kinds",
        examples=[{"kind": "sick", "caregiver_id": 7, "from_day": "2026-11-25"}],
    ),
]


class RepairAsk(Body):
    """What happened to a published week, and how much may be changed for it."""

    happened: Happened
    at_most: int = Field(3, ge=0, le=5, description="elders who may be changed though nothing happened to their visits")
    town_ids: Annotated[list[Id], Field(min_length=1, max_length=200), EachOnce] | None = Field(
        None, description="towns to repair in; missing: those of the visits concerned"
    )
    note: ShortText | None = Field(None, description="shown with the draft")


class RepairStep(BaseModel):
    """One point of the trade-off between changes and hours."""

    at_most: int = Field(description="elders changed, at most")
    elders_changed: int
    unserved_minutes: int
    points: float = Field(description="against the published version")


class Place(BaseModel):
    """Where a visit stands."""

    day: date
    start_minute: int
    caregiver_ids: list[int]


class RepairedVisit(BaseModel):
    """A visit that is no longer as published."""

    visit_key: str
    elder_id: int
    town_id: int
    hit: bool = Field(description="what happened concerns this very visit; false: it was moved for another's sake")
    kinds: list[ChangeKind]
    before: Place | None
    after: Place | None = Field(description="null: it has no place any more")
    reason: str | None = Field(description="why it has no place")
    words: str


class RepairAnswer(BaseModel):
    """What a repair does; `draft_id` is the next version, to be published or thrown away."""

    schedule_id: int
    draft_id: int | None = Field(description="null: a dry run, or nothing had to change")
    leave_ids: list[int] = Field(description="a sick call's leave, as it was written into the roster; a dry run: none")
    stay_id: int | None = Field(description="an elder's stay, as it was written into the roster; a dry run: none")
    town_ids: list[int]
    visits_hit: int
    minutes_hit: int
    minutes_covered: int
    minutes_unserved: int
    minutes_beyond_cover: int = Field(description="of these: nobody could go, even if all that may move made room")
    elders_changed: int = Field(description="elders changed though nothing happened to their visits")
    proved_fewest: bool = Field(
        description="no plan of the neighbourhood serves more, nor as much with fewer elders changed"
    )
    points: dict[str, float] = Field(description="change of each goal against the published version, and their total")
    curve: list[RepairStep]
    changes: list[RepairedVisit]
    seconds: float


class CandidateView(BaseModel):
    """A way in which a visit could be made, nobody else's visit changing."""

    caregiver_ids: list[int]
    day: date
    start_minute: int
    cost_change: float = Field(description="points, against the schedule as it is")


class CandidatesView(BaseModel):
    """Who else could make a visit, the cheapest first; each of them keeps every rule."""

    visit_id: int
    candidates: list[CandidateView]
