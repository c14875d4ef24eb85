"""What a proof says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from solver.problem import Minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A lower bound that holds for every plan that keeps the rules, and what it took.

    A pinned visit counts as pinned or as unallocated: what `solve` does with pins that contradict.
    """

    points: float  # no plan costs less
    unserved_minutes: Minutes  # no plan leaves fewer minutes of care unserved
    kind: str = "days"  # the columns: caregiver-days; each caregiver's week is exact in the bound
    seconds: float = 0.0
    columns: int = 0
    rounds: int = 0  # of pricing
    complete: bool = False  # no column is left that could raise the bound
    # Estimates from the prices of the best bound, in points; none of them is proved.
    hour_prices: Mapping[str, float] = field(default_factory=dict)  # caregiver -> one more hour in her weekly limit
    skill_prices: Mapping[str, float] = field(default_factory=dict)  # skill ("": none) -> an hour of care that asks it
    day_prices: Mapping[int, float] = field(default_factory=dict)  # day -> one more shift like those of that day
