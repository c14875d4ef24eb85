"""What is sent and shown about the price of each goal of a week."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from app.core.http import Body
from app.schedules.models import PlanPrices, PriceState, Schedule
from app.schedules.proof_schemas import Words

# goal -> (Chinese, English)
_GOALS: dict[str, tuple[str, str]] = {
    "changed": ("少改动已发布的服务", "few changes to what is published"),
    "continuity": ("固定护理员上门", "visits by usual caregivers"),
    "wished_time": ("希望的时间", "the wished times"),
    "wished_gender": ("希望的护理员性别", "the wished gender"),
    "dialect": ("讲同一种方言", "a dialect in common"),
    "load": ("护理员工作量均衡", "an even load of caregivers"),
    "lending": ("不跨镇街借人", "no lending across towns"),
}


class PricesNew(Body):
    """How long to search."""

    iterations: int | None = Field(
        None, ge=1, le=1_000_000, description="of each search; default: as many as the week is worth", examples=[2000]
    )


class PriceFigures(BaseModel):
    """A week in units that can be pictured."""

    travel_minutes: int
    kilometres: float
    unserved_minutes: int
    usual_share: float | None = Field(description="of the visits of elders who have usual caregivers")


class GoalPrice(BaseModel):
    """What a goal costs: the week with it less the week without it; below 0 it spares some."""

    goal: str = Field(examples=["continuity"])
    travel_minutes: int
    kilometres: float
    unserved_minutes: int
    without: PriceFigures
    words: Words


class PricesView(BaseModel):
    """What each goal of a week costs the others: estimates of two short searches, not proofs."""

    schedule_id: int
    state: PriceState
    current: bool | None = Field(description="whether the schedule is still as it was priced; null: not begun")
    goals_asked: int = Field(description="how many goals have a price when all is done")
    whole: PriceFigures | None = Field(description="the week with all its goals, searched for as long")
    goals: list[GoalPrice] = Field(description="the dearest first; it grows while the state is `pricing`")
    queued_at: datetime
    finished_at: datetime | None
    error: str | None


def show_prices(asked: PlanPrices, schedule: Schedule) -> PricesView:
    """Return what is found so far."""
    whole: dict[str, Any] = asked.found.get("whole", {})
    goals = [_priced(goal, whole, without) for goal, without in asked.found.get("without", {}).items()]
    return PricesView(
        schedule_id=schedule.id,
        state=PriceState(asked.state),
        current=None if asked.priced_version is None else asked.priced_version == schedule.version,
        goals_asked=asked.goals_asked,
        whole=_figures(whole) if whole else None,
        goals=sorted(goals, key=lambda each: (-each.unserved_minutes, -each.travel_minutes)),
        queued_at=asked.queued_at,
        finished_at=asked.finished_at,
        error=asked.error,
    )


def _figures(found: dict[str, Any]) -> PriceFigures:
    return PriceFigures(**{name: found[name] for name in PriceFigures.model_fields})


_CHANCE = 0.01  # of the whole week's way: two short searches differ by as much, whatever is asked for


def _priced(goal: str, whole: dict[str, Any], without: dict[str, Any]) -> GoalPrice:
    minutes, unserved = (whole[name] - without[name] for name in ("travel_minutes", "unserved_minutes"))
    kilometres = round(whole["kilometres"] - without["kilometres"], 1)
    by_chance = not unserved and all(
        abs(price) < _CHANCE * whole[name] for price, name in ((minutes, "travel_minutes"), (kilometres, "kilometres"))
    )
    return GoalPrice(
        goal=goal,
        travel_minutes=minutes,
        kilometres=kilometres,
        unserved_minutes=unserved,
        without=_figures(without),
        words=_words(goal, 0, 0.0, 0) if by_chance else _words(goal, minutes, kilometres, unserved),
    )


def _words(goal: str, minutes: int, kilometres: float, unserved: int) -> Words:
    zh, en = [], []
    if minutes:
        zh.append(f"路上{_more(minutes)} {abs(minutes):,} 分钟")
        en.append(f"{abs(minutes):,} {'more' if minutes > 0 else 'fewer'} minutes on the way")
    if kilometres:
        zh.append(f"{_more(kilometres)} {abs(kilometres):,.1f} 公里")
        en.append(f"{abs(kilometres):,.1f} km {'more' if kilometres > 0 else 'less'}")
    if unserved:
        zh.append(f"{_more(-unserved)}服务 {abs(unserved) / 60:.1f} 小时")
        en.append(f"{abs(unserved) / 60:.1f} h of care {'less' if unserved > 0 else 'more'}")
    chinese, english = _GOALS.get(goal, (goal, goal))
    return Words(
        zh=f"{chinese}：{'，'.join(zh) or '几乎没有代价'}", en=f"{english}: {', '.join(en) or 'costs next to nothing'}"
    )


def _more(n: float) -> str:
    return "多" if n > 0 else "少"
