"""Minutes that one elder may have in one month, from her dated grants and where she was.

The policy, with what else was weighed, stands in docs/decisions/0003-partial-months.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

from app.core.weeks import Month, Week
from app.elders.age import may_join_on

DEFAULT_VISIT_MINUTES = 60  # to round by, for somebody without a care plan
SHORTEST_VISIT_MINUTES = 30  # as in a care plan: a shorter rest is joined to another visit


@dataclass(frozen=True, slots=True)
class EntitlementPolicy:
    """What a bureau decides about hours (docs/decisions/0003-partial-months.md)."""

    make_up_undelivered: bool = True  # what the provider missed stays due until the month's end
    excused_after_hospital_days: int = 14  # a longer hospital stay excuses its days


@dataclass(frozen=True, slots=True)
class GrantPeriod:
    """Minutes a month, from the first to, not including, the last day."""

    valid_from: date
    valid_to: date | None
    monthly_minutes: int

    def holds(self, day: date) -> bool:
        """Say whether the grant is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Away:
    """Days at an institution or a hospital, half-open; without an end for as long as nobody says otherwise."""

    kind: str  # institution, hospital
    from_on: date
    to_on: date | None

    def holds(self, day: date) -> bool:
        """Say whether she is away on a day."""
        return self.from_on <= day and (self.to_on is None or day < self.to_on)

    def longer_than(self, days: int, until: date) -> bool:
        """Say whether the stay has more days than ``days``; one without an end is counted up to ``until``."""
        return ((self.to_on or max(until, self.from_on)) - self.from_on).days > days


@dataclass(frozen=True, slots=True)
class OnRoster:
    """From when to when (half-open) she is served, by the roster and by her age."""

    birth_date: date
    joined_on: date
    ended_on: date | None

    @property
    def first_on(self) -> date:
        """The first day that she may be visited: joined, and 90."""
        return max(self.joined_on, may_join_on(self.birth_date))

    def holds(self, day: date) -> bool:
        """Say whether she is on the roster and old enough on a day."""
        return self.first_on <= day and (self.ended_on is None or day < self.ended_on)


@dataclass(frozen=True, slots=True)
class Allowance:
    """One month of one elder, minutes: ``granted`` = ``due`` + ``excused``."""

    granted: int  # by her grants, pro rata of the days that she was entitled to care at home
    excused: int  # of these, for long stays at hospital
    no_grant_days: int = 0  # days at home on the roster with no grant in force

    @property
    def due(self) -> int:
        """What is to be delivered."""
        return self.granted - self.excused


@lru_cache(maxsize=1000)
def days_of(month: Month) -> tuple[date, ...]:
    """Return the days of a month."""
    return tuple(month.first + timedelta(days=n) for n in range((month.end - month.first).days))


@lru_cache(maxsize=1000)
def weeks_of(month: Month) -> tuple[tuple[Week, tuple[date, ...]], ...]:
    """Return the weeks that touch a month, each with its days in the month."""
    days: dict[Week, list[date]] = {}
    for day in days_of(month):
        days.setdefault(Week.of(day), []).append(day)
    return tuple((week, tuple(found)) for week, found in days.items())


def allowance(
    month: Month,
    roster: OnRoster,
    grants: Sequence[GrantPeriod],
    stays: Sequence[Away],
    visit_minutes: int | None,
    policy: EntitlementPolicy,
) -> Allowance:
    """Return what one elder may have in one month.

    Each day on which she is on the roster, 90, not in an institution and under a grant counts for one
    day's share of that grant; the sum is rounded to whole visits of her care plan, half up, and never
    above the largest of the month's grants (which need not be whole visits). A whole month is exactly the
    grant. The days of a hospital stay count as well, but are excused if the stay is longer than the policy
    says.
    """
    whole = _whole_month(month, roster, grants, stays)
    if whole is not None:
        return Allowance(whole, 0)
    entitled = [day for day in days_of(month) if _at_home_or_hospital(day, roster, stays)]
    granted_by_day = {day: _granted_on(day, grants) for day in entitled}
    n_days = len(days_of(month))
    most = max(granted_by_day.values(), default=0)
    length = visit_minutes or DEFAULT_VISIT_MINUTES
    excused_days = _excused_days(entitled, stays, month, policy)

    def rounded(days: Iterable[date]) -> int:
        share = Fraction(sum(granted_by_day[day] for day in days), n_days)
        return _whole_visits(share, length, most)

    granted = rounded(entitled)
    due = min(granted, rounded(day for day in entitled if day not in excused_days)) if excused_days else granted
    return Allowance(granted, granted - due, sum(minutes == 0 for minutes in granted_by_day.values()))


def split(minutes: int, visit_minutes: int) -> tuple[int, ...]:
    """Cut minutes into visits of the care plan's length; the last is what is left.

    A rest shorter than half an hour is no visit to travel for: it is joined to the visit before, and is a
    visit of its own only if there is no other.
    """
    whole, rest = divmod(minutes, visit_minutes)
    visits = [visit_minutes] * whole
    if 0 < rest < SHORTEST_VISIT_MINUTES and visits:
        visits[-1] += rest
    elif rest:
        visits.append(rest)
    return tuple(visits)


def _whole_month(month: Month, roster: OnRoster, grants: Sequence[GrantPeriod], stays: Sequence[Away]) -> int | None:
    """Return the grant of a month in which nothing changes, which needs no arithmetic; else None."""
    last = month.last
    changes = not (roster.holds(month.first) and roster.holds(last)) or any(
        stay.from_on <= last and (stay.to_on is None or stay.to_on > month.first) for stay in stays
    )
    touching = [g for g in grants if g.valid_from <= last and (g.valid_to is None or g.valid_to > month.first)]
    if changes or len(touching) != 1 or not (touching[0].holds(month.first) and touching[0].holds(last)):
        return None
    return touching[0].monthly_minutes


def _at_home_or_hospital(day: date, roster: OnRoster, stays: Sequence[Away]) -> bool:
    return roster.holds(day) and not any(stay.kind == "institution" and stay.holds(day) for stay in stays)


def _granted_on(day: date, grants: Sequence[GrantPeriod]) -> int:
    return max((grant.monthly_minutes for grant in grants if grant.holds(day)), default=0)


def _excused_days(
    days: Iterable[date], stays: Sequence[Away], month: Month, policy: EntitlementPolicy
) -> frozenset[date]:
    long = [
        stay
        for stay in stays
        if stay.kind == "hospital" and stay.longer_than(policy.excused_after_hospital_days, month.end)
    ]
    return frozenset(day for day in days if any(stay.holds(day) for stay in long))


def _whole_visits(share: Fraction, visit_minutes: int, most: int) -> int:
    """Return the nearest of no visit, one, two, ..., and the whole grant; half-way between two: the upper."""
    lower = int(share // visit_minutes) * visit_minutes
    upper = min(lower + visit_minutes, most)
    return upper if share - lower >= upper - share else lower
