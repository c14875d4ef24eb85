"""What a fix is, how far one may go, and what it is worth: the price list."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from solver.plan import Cost, PlannedVisit
from solver.problem import Day, Minutes, Problem


class Change(Protocol):
    """A change of the problem that has to be agreed upon with somebody before it holds."""

    @property
    def kind(self) -> str:
        """Which of the kinds it is."""
        ...

    @property
    def size_minutes(self) -> Minutes:
        """How many minutes it stretches; 0 if it is not about minutes."""
        ...

    def apply(self, problem: Problem) -> Problem:
        """Return the problem as it is then."""
        ...

    def stands(self) -> tuple[PlannedVisit, ...]:
        """Return what stands in the plan already with the change, and did not before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far a fix may go.

    The law's week and day stand in the caregivers' limits already: a week is stretched up to
    ``weekly_limit_minutes`` only, a day's minutes never.
    """

    opens: Minutes = 7 * 60 + 30  # no window is opened before ...
    ends: Minutes = 19 * 60  # ... and none so late that the visit ends after
    window_minutes: Minutes = 120  # how far a window is widened at most
    extra_minutes: Minutes = 120  # how much longer a caregiver's day at most ...
    extra_week_minutes: Minutes = 240  # ... and her week: four hours (the overtime that the law allows, and no more)
    leaves: Minutes = 7 * 60  # no day is stretched to begin before ...
    returns: Minutes = 20 * 60  # ... or to end after
    weekly_limit_minutes: Minutes = 40 * 60  # Source: State Council regulation on working hours (1995), article 3
    tries: int = 40  # other visits that are tried elsewhere
    # those whose hours of a day may not be stretched: on leave for a part of it, say
    firm_shifts: frozenset[tuple[str, Day]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a change is worth in points, on top of what the plan then costs: what it asks of people.

    A minute of a window is priced so that an hour costs half as much again as a missed wish; a
    caregiver's extra hour as a strange face and a half; a day agreed anew, a nearer spacing and
    somebody from outside as one each.
    """

    window_minute: float = 0.25
    extra_minute: float = 0.5
    other_day: float = 20.0
    nearer_day: float = 20.0  # each day that two visits of an elder come closer
    lent: float = 20.0
    moved_visit: float = 5.0  # each visit of another elder that is told another time or caregiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A way to place one visit, with which the whole plan breaks no rule and leaves out nothing else.

    ``visits`` are all that stand otherwise than in the plan, the visit among them, as they then stand.
    ``change`` is what must be agreed upon first; None where the plan alone changes.
    """

    kind: str
    visit: str
    change: Change | None
    visits: tuple[PlannedVisit, ...]
    cost: Cost  # what the plan costs more (or less) with it, goal by goal
    price: float  # of the change itself, by the price list

    @property
    def points(self) -> float:
        """What it costs in all, but for the minutes that it serves: every fix of a visit serves the same."""
        return self.cost.total - self.cost.unserved + self.price


PLACE = "place"
MOVE_OTHER = "move_other"
WIDEN_WINDOW = "widen_window"
ANOTHER_DAY = "another_day"
EXTRA_MINUTES = "extra_minutes"
LEND = "lend"

KINDS: Collection[str] = (PLACE, MOVE_OTHER, WIDEN_WINDOW, ANOTHER_DAY, EXTRA_MINUTES, LEND)
