"""What is sent and shown about proofs."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.core.http import Body
from app.schedules.figures import summed
from app.schedules.models import PlanProof, ProofState, Schedule


class ProofNew(Body):
    """How long to prove."""

    seconds: int = Field(120, ge=1, le=36_000, description="it ends earlier when nothing more can be proved")


class Words(BaseModel):
    """The same sentence in both languages."""

    zh: str
    en: str


class ProofView(BaseModel):
    """What no plan of a schedule's week can beat."""

    schedule_id: int
    state: ProofState
    cost: float | None = Field(description="of the schedule as it stands, in points")
    bound: float | None = Field(description="proved: no plan costs less")
    gap: float | None = Field(description="(cost − bound) / cost", examples=[0.018])
    complete: bool = Field(description="no more time would raise the bound")
    unserved_minutes: int = Field(description="of the schedule as it stands")
    least_unserved_minutes: int | None = Field(description="proved: no plan leaves fewer minutes of care unserved")
    seconds_asked: int
    seconds: float
    rounds: int
    columns: int = Field(description="caregivers' days that were weighed")
    prices: dict[str, dict[str, float]] = Field(
        description="points that one more hour would save, by `caregiver` id and by `day` (0 is Monday), and what an "
        "hour of care costs on the margin, by `skill` (empty: visits that need none); estimates, not bounds"
    )
    queued_at: datetime
    finished_at: datetime | None
    error: str | None
    words: Words


def show_proof(proof: PlanProof, schedule: Schedule) -> ProofView:
    """Return a proof beside the schedule as it stands now."""
    sums = summed(schedule.figures, None)
    cost, left = schedule.cost.get("total"), sums.minutes_due - sums.minutes_placed
    gap = None if proof.points is None or not cost else max(0.0, (cost - proof.points) / cost)
    return ProofView(
        schedule_id=schedule.id,
        state=ProofState(proof.state),
        cost=cost,
        bound=proof.points,
        gap=gap,
        complete=proof.complete,
        unserved_minutes=left,
        least_unserved_minutes=proof.unserved_minutes,
        seconds_asked=proof.seconds_asked,
        seconds=round(proof.seconds, 1),
        rounds=proof.rounds,
        columns=proof.columns,
        prices=proof.prices,
        queued_at=proof.queued_at,
        finished_at=proof.finished_at,
        error=proof.error,
        words=_words(gap, left, proof.unserved_minutes),
    )


def _words(gap: float | None, left: int, least: int | None) -> Words:
    if gap is None or least is None:
        return Words(zh="尚未得出证明", en="nothing is proved yet")
    near = Words(
        zh=f"已证明：与最优排班的差距不超过 {gap:.1%}", en=f"proved: within {gap:.1%} of the best possible plan"
    )
    hours = max(0, left - least) / 60
    if left == 0:
        served = Words(zh="应排工时已全部排入", en="every hour due is placed")
    elif hours == 0:
        served = Words(zh="任何排班都不能服务更多工时", en="no plan can serve more hours")
    else:
        served = Words(
            zh=f"任何排班最多再服务 {hours:.1f} 工时", en=f"no plan can serve more than {hours:.1f} hours besides"
        )
    return Words(zh=f"{near.zh}；{served.zh}", en=f"{near.en}; {served.en}")
