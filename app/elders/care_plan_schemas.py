"""What is sent and shown about care plans."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, model_validator

from app.accounts.scope import Actor
from app.core.errors import wrong_value
from app.core.http import Body, Day, EachOnce, MinuteOfDay, ShortText
from app.elders.models import CarePlan
from app.elders.schemas import hide
from app.terms import Gender, ServiceItem, Skill

VISIT_MINUTES = (30, 40, 48, 60, 80, 120, 240)
"""From 30 to 240 minutes, and so that the 240 and the 480 minutes of a grant are whole visits."""


def _whole_visits(minutes: int) -> int:
    if minutes not in VISIT_MINUTES:
        lengths = ", ".join(map(str, VISIT_MINUTES))
        raise wrong_value(
            f"one of {lengths}: 30 to 240 minutes, and 240 minutes a month are whole visits",
            f"{lengths} 之一（30 至 240 分钟，且每月 240 分钟为整数次）",
        )
    return minutes


VisitMinutes = Annotated[int, Field(ge=0, le=1440), AfterValidator(_whole_visits)]


class Window(Body):
    """Minutes of a weekday (0 = Monday) in which a visit may begin; a wished one is only preferred."""

    weekday: int = Field(ge=0, le=6)
    opens: MinuteOfDay = Field(examples=[480])
    closes: MinuteOfDay = Field(examples=[660])
    wished: bool = False

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> "Window":
        if self.opens >= self.closes:
            raise wrong_value("opens before closes, within the day", "开始时间早于结束时间，且在同一天内")
        return self


class CarePlanNew(Body):
    """How an elder's hours are to be given from a day on, until the next plan begins."""

    valid_from: Day = Field(examples=["2026-01-01"])
    visit_minutes: VisitMinutes = Field(examples=[60])
    hands: int = Field(1, ge=1, le=2, description="2: two caregivers at the same time")
    min_days_between: int = Field(1, ge=0, le=6, description="days from one visit to the next at least")
    max_carers: int | None = Field(None, ge=1, le=10, description="different caregivers a week at most")
    required_gender: Gender | None = None
    wished_gender: Gender | None = None
    items: Annotated[list[ServiceItem], Field(min_length=1, max_length=8), EachOnce] = Field(examples=[["meals"]])
    extra_skills: Annotated[list[Skill], Field(max_length=4), EachOnce] = Field(
        [], description="besides those that the items need"
    )
    windows: Annotated[list[Window], Field(max_length=50)] = Field(
        [], description="none that binds: 7:30 to 18:00 on working days"
    )
    holidays_open: bool = Field(False, description="whether public holidays are as other days")
    note: ShortText | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> "CarePlanNew":
        if self.max_carers is not None and self.max_carers < self.hands:
            raise wrong_value("max_carers not below hands", "每周护理员人数上限不少于每次人数")
        if self.required_gender and self.wished_gender and self.required_gender != self.wished_gender:
            raise wrong_value("wished_gender the same as required_gender, or empty", "希望性别与要求性别一致，或不填")
        return self


class CarePlanChange(Body):
    """What changes; what is not sent stays."""

    valid_from: Day | None = None
    visit_minutes: VisitMinutes | None = None
    hands: int | None = Field(None, ge=1, le=2)
    min_days_between: int | None = Field(None, ge=0, le=6)
    max_carers: int | None = Field(None, ge=1, le=10)
    required_gender: Gender | None = None
    wished_gender: Gender | None = None
    items: Annotated[list[ServiceItem], Field(min_length=1, max_length=8), EachOnce] | None = None
    extra_skills: Annotated[list[Skill], Field(max_length=4), EachOnce] | None = None
    windows: Annotated[list[Window], Field(max_length=50)] | None = None
    holidays_open: bool | None = None
    note: ShortText | None = None


class CarePlanView(BaseModel):
    """A care plan; it holds until the next one begins."""

    id: int
    elder_id: int
    valid_from: date
    visit_minutes: int
    hands: int
    min_days_between: int
    max_carers: int | None
    required_gender: Gender | None
    wished_gender: Gender | None
    items: list[ServiceItem]
    extra_skills: list[Skill]
    windows: list[Window]
    holidays_open: bool
    note: str | None
    version: int


def show_care_plan(plan: CarePlan, actor: Actor) -> CarePlanView:
    """Return a care plan as ``actor`` may see it."""
    columns = {name: getattr(plan, name) for name in CarePlanView.model_fields}
    return CarePlanView.model_validate(columns | {"note": hide(plan.note, actor)})
