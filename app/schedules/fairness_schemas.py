"""What is shown of a week's fairness."""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, Field

from app.core.weeks import Month, Week
from app.entitlements.ledger import LedgerLine
from app.schedules.fairness import Counts, Distribution, distribution


class DistributionView(BaseModel):
    """How a measure is distributed over people."""

    people: int
    mean: float
    deciles: list[int] = Field(
        description="eleven values: the least, those that 10 %, 20 %, … of the people do not exceed, the most",
        examples=[[0, 50, 100, 100, 100, 100, 100, 100, 100, 100, 100]],
    )


class ElderFairness(BaseModel):
    """Among the elders who are due a visit in the week; null: nobody, or a schedule from before this was counted."""

    served_percent: DistributionView | None = Field(description="of her minutes due this week: placed")
    month_percent: DistributionView | None = Field(
        description="of her hours of the month of the week's Monday: delivered or planned, as of now; of all elders"
    )
    minutes_behind: DistributionView | None = Field(description="in the month, before this week")
    wished_percent: DistributionView | None = Field(description="of her visits that wish for a time of day: at it")
    usual_percent: DistributionView | None = Field(description="of her visits: by a usual caregiver")
    short_before: int = Field(description="elders whose month before ended short")
    short_again: int = Field(description="of these, with a visit without a place in this week")


class CaregiverFairness(BaseModel):
    """Among the caregivers of these towns, those without a visit included."""

    load_percent: DistributionView | None = Field(description="care and travel, of her contract")
    weekend_days: DistributionView | None
    travel_minutes: DistributionView | None = Field(description="in the week, in steps of five")


class FairnessView(BaseModel):
    """How evenly a week treats people, in your towns."""

    schedule_id: int
    week: str = Field(examples=["2026-W48"])
    month: str = Field(examples=["2026-11"])
    elders: ElderFairness
    caregivers: CaregiverFairness


def show_fairness(schedule_id: int, week: Week, counts: Counts, lines: Iterable[LedgerLine]) -> FairnessView:
    """Return the distributions of stored counts, and of the month's ledger."""
    return FairnessView(
        schedule_id=schedule_id,
        week=str(week),
        month=str(Month.of(week.monday)),
        elders=ElderFairness(
            served_percent=_show(counts, "served_percent"),
            month_percent=_view(distribution(_month_percent(lines))),
            minutes_behind=_show(counts, "minutes_behind"),
            wished_percent=_show(counts, "wished_percent"),
            usual_percent=_show(counts, "usual_percent"),
            short_before=sum(counts.get("short_before", {}).values()),
            short_again=sum(counts.get("short_again", {}).values()),
        ),
        caregivers=CaregiverFairness(
            load_percent=_show(counts, "load_percent"),
            weekend_days=_show(counts, "weekend_days"),
            travel_minutes=_show(counts, "travel_minutes"),
        ),
    )


def _month_percent(lines: Iterable[LedgerLine]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for line in lines:
        due = line.granted - line.excused
        if due > 0:
            percent = str(round(100 * (line.delivered + line.planned) / due))
            found[percent] = found.get(percent, 0) + 1
    return found


def _show(counts: Counts, measure: str) -> DistributionView | None:
    return _view(distribution(counts.get(measure, {})))


def _view(found: Distribution | None) -> DistributionView | None:
    if found is None:
        return None
    return DistributionView(people=found.people, mean=found.mean, deciles=list(found.deciles))
