"""What a month still owes, who can give it, and what stands in the way; days are numbers, 0 is some Monday."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from solver.problem import Minutes

DAYS_IN_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The visits that one elder is still owed this month.

    Raises
    ------
    ValueError
        If a visit has no minutes, ``hands`` is not 1 or 2, the spacing is negative or a day is there twice.
    """

    id: str
    visits: tuple[Minutes, ...]  # longest first is not needed, but only the last may be shorter
    days: tuple[int, ...]  # on which she may be visited, in order
    windows: Mapping[int, tuple[tuple[Minutes, Minutes], ...]] = field(default_factory=dict)
    """Day -> half-open minutes in which a visit may start; a day that is missing has the whole day."""
    min_days_between: int = 1  # 0: several a day
    occupied: tuple[int, ...] = ()  # days of visits that stand
    hands: int = 1
    skills: frozenset[str] = frozenset()
    gender: str | None = None  # required
    blocked: frozenset[str] = frozenset()  # caregivers
    weight: int = 1  # the heavier are served first where not all can be

    def __post_init__(self) -> None:
        if min(self.visits, default=1) <= 0:
            raise ValueError(f"promise {self.id}: visits: expected positive minutes, not {self.visits}")
        if self.hands not in (1, 2):
            raise ValueError(f"promise {self.id}: hands: expected 1 or 2, not {self.hands}")
        if self.min_days_between < 0:
            raise ValueError(f"promise {self.id}: min_days_between: expected 0 or more, not {self.min_days_between}")
        if any(later <= earlier for earlier, later in zip(self.days, self.days[1:], strict=False)):
            raise ValueError(f"promise {self.id}: days: expected days in order, each once")

    @property
    def minutes(self) -> Minutes:
        """All that is owed, once (a second caregiver doubles the work, not the hours)."""
        return sum(self.visits)

    @property
    def longest(self) -> Minutes:
        """Return the length of her longest visit; 0 without any."""
        return max(self.visits, default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carer:
    """A caregiver over the rest of the month."""

    id: str
    gender: str
    shifts: Mapping[int, tuple[Minutes, Minutes]]  # day -> from, to
    skills: Mapping[str, int] = field(default_factory=dict)  # skill -> the last day on which she may use it
    weekly_limit: Minutes = 2400  # care and travel
    daily_limit: Minutes = 480
    max_days: int = 6  # a week
    spent: Mapping[int, Minutes] = field(default_factory=dict)  # day -> care that stands already

    def may(self, promise: Promise, day: int) -> bool:
        """Say whether she holds the skills on a day, is of the required gender, and not blocked."""
        return (
            promise.gender in (None, self.gender)
            and self.id not in promise.blocked
            and all(self.skills.get(skill, -1) >= day for skill in promise.skills)
        )

    def minutes_on(self, day: int) -> Minutes:
        """Return the most care that she could add on a day, were nobody far away."""
        starts, ends = self.shifts.get(day, (0, 0))
        return max(0, min(self.daily_limit, ends - starts) - self.spent.get(day, 0))

    def minutes_in(self, week: int) -> Minutes:
        """Return the most care that she could add in a week, were nobody far away."""
        days = range(DAYS_IN_WEEK * week, DAYS_IN_WEEK * (week + 1))
        spent = sum(self.spent.get(day, 0) for day in days)
        busiest = sorted((self.minutes_on(day) for day in days), reverse=True)
        # Days on which she works already count among her days, so no choice of days gives more than this.
        return max(0, min(self.weekly_limit - spent, sum(busiest[: self.max_days])))


class Obstacle(StrEnum):
    """Why minutes can't be given any more, the elder's own side first."""

    OWN_DAYS = "own_days"  # fewer days of hers are left, in her spacing, than visits
    NO_CAREGIVER = "no_caregiver"  # on some of them nobody who may visit her is at work
    COMPETITION = "competition"  # she and others need more than those caregivers have


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Minutes of one elder that no plan can give, with the reason."""

    promise: str
    minutes: Minutes
    obstacle: Obstacle
    bottleneck: int | None = None  # of ``Reach.bottlenecks``, for a competition


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """Elders who together need more than they can get, whatever the plan: a cut of the flow.

    Of their ``needed`` minutes (times hands) at most ``own`` can be put off to weeks in which others are free
    (what their own days hold there), and at most ``staff`` be given in the other weeks by those who may.
    """

    promises: frozenset[str]
    needed: Minutes
    own: Minutes
    staff: Minutes
    elsewhere: frozenset[tuple[str, int]]  # promise, week: counted with what her own days hold
    by_day: frozenset[tuple[str, int]]  # carer, day: counted with all she has that day
    by_week: frozenset[tuple[str, int]]  # carer, week: counted with all she has that week

    @property
    def missing(self) -> Minutes:
        """Return the minutes (times hands) that nobody can give."""
        return self.needed - self.own - self.staff


@dataclass(frozen=True, slots=True)
class Reach:
    """What can't be reached, and the proofs."""

    shortfalls: tuple[Shortfall, ...] = ()
    bottlenecks: tuple[Bottleneck, ...] = ()

    def of(self, promise: str) -> tuple[Shortfall, ...]:
        """Return the shortfalls of one elder."""
        return tuple(each for each in self.shortfalls if each.promise == promise)


def most_visits(days: Sequence[int], min_days_between: int, occupied: Iterable[int] = ()) -> int:
    """Return how many visits fit on these days in this spacing; days are in order.

    As early as possible is as many as possible: an exchange moves any other choice to it.
    """
    taken = set(occupied)
    count, free_from = 0, -(10**9)
    for day in days:
        if day >= free_from and not any(day + k in taken for k in range(1 - min_days_between, min_days_between)):
            count += 1
            free_from = day + min_days_between
    return count


def possible_minutes(promise: Promise, days: Sequence[int]) -> Minutes:
    """Return the most minutes of hers that some days can hold: all of them if she takes several visits a day."""
    if promise.min_days_between == 0:
        return promise.minutes if days else 0
    count = most_visits(days, promise.min_days_between, promise.occupied)
    return sum(sorted(promise.visits, reverse=True)[:count])
