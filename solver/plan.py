"""The answer: who goes where and when, what stays unallocated and why, and what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from solver.problem import Day, Minutes


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """One visit of the plan; the caregivers of a double-handed visit arrive together."""

    visit: str
    day: Day
    start: Minutes
    caregivers: tuple[str, ...]


class Reason(StrEnum):
    """Why a visit has no place: the first gate that leaves nobody (or too few for its hands), in this order.

    Everything else of the plan is taken as it stands: who is left at a gate could go, were the later
    gates open. The last is no gate: the visit would fit, and the plan left it out all the same.
    """

    LEFT_BY_PIN = "left_by_pin"
    PIN_CONFLICT = "pin_conflict"
    NOT_ELIGIBLE = "not_eligible"
    NO_HOURS_LEFT = "no_hours_left"
    NO_WINDOW = "no_window"
    TOO_CLOSE = "too_close"  # spacing and day patterns leave none of the days that have a window
    OUT_OF_REACH = "out_of_reach"
    NO_SKILL = "no_skill"
    GENDER_OR_BLOCKED = "gender_or_blocked"
    NOBODY_AT_WORK = "nobody_at_work"
    TOO_MANY_CARERS = "too_many_carers"
    NO_MINUTES_LEFT = "no_minutes_left"
    NO_ROUTE_FITS = "no_route_fits"
    COULD_BE_PLACED = "could_be_placed"


@dataclass(frozen=True, slots=True)
class Unallocated:
    """A visit without a place; ``funnel`` counts the caregivers left after each gate, in order."""

    visit: str
    reason: Reason
    funnel: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Points by goal; their sum is what the search minimises."""

    unserved: float = 0.0
    changed: float = 0.0
    continuity: float = 0.0
    wished_time: float = 0.0
    wished_gender: float = 0.0
    dialect: float = 0.0
    travel: float = 0.0
    load: float = 0.0
    lending: float = 0.0

    @property
    def total(self) -> float:
        """The sum of all goals."""
        return (
            self.unserved
            + self.changed
            + self.continuity
            + self.wished_time
            + self.wished_gender
            + self.dialect
            + self.travel
            + self.load
            + self.lending
        )


class Status(StrEnum):
    """How the computation ended; every status comes with a valid plan."""

    FINISHED = "finished"  # the iterations were used up
    OUT_OF_TIME = "out_of_time"
    CANCELLED = "cancelled"
    EMPTY = "empty"  # nothing to plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A week's visits; breaks no rule of the judge, pins in contradiction aside (reported)."""

    visits: tuple[PlannedVisit, ...]
    unallocated: tuple[Unallocated, ...]
    cost: Cost
    bound: float | None = None  # proved: no plan costs less
    status: Status = Status.FINISHED
    seed: int = 0
    iterations: int = 0
    seconds: float = 0.0
    took: Mapping[str, float] = field(default_factory=dict)  # stage -> seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the search says of itself while it runs."""

    stage: str
    placed_minutes: Minutes
    due_minutes: Minutes
    cost: float
    seconds: float
    iterations: int
