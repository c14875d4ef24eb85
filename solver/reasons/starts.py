"""At which minutes a visit can be put into a day whose other visits may still be shifted.

Exact, since waiting is free and the order stands: whatever comes before the new visit is done as
early as possible, whatever follows as late as possible, and the new visit may start in between. The
meal break makes four cases of it, each of them an interval.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from solver.problem import Minutes, Policy, Shift

Interval: TypeAlias = tuple[Minutes, Minutes]  # half-open

_NEVER = 10**6  # later than any day


@dataclass(frozen=True, slots=True)
class Spot:
    """A visit of the day: how long it takes, and when it may start."""

    minutes: Minutes
    windows: tuple[Interval, ...]

    def earliest(self, arrival: Minutes) -> Minutes:
        """Return the first start at or after the arrival, or `_NEVER`."""
        first = _NEVER
        for opens, closes in self.windows:
            if arrival < closes and opens < first:
                first = max(arrival, opens)
        return first

    def latest(self, limit: Minutes) -> Minutes:
        """Return the last start at or before the limit, or ``-_NEVER``."""
        last = -_NEVER
        for opens, closes in self.windows:
            if limit >= opens and closes > last:
                last = min(limit, closes - 1)
        return last


@dataclass(frozen=True, slots=True)
class Sequel:
    """The visits of a day in order, and which of them is new.

    ``legs[i]`` are the minutes of travel before spot ``i``; the last leg leads back to the base.
    """

    spots: Sequence[Spot]
    legs: Sequence[Minutes]
    new: int


def possible_starts(sequel: Sequel, shift: Shift, policy: Policy) -> list[Interval]:
    """Return the intervals in which the new visit may start so that the day keeps all its times."""
    early, early_fed = _arrivals(sequel, shift.starts, policy)
    late, late_fed = _limits(sequel, shift.ends, policy)
    if policy.meal_minutes == 0:
        ranges = [(early, late)]
    else:
        leaves_late, _ = _arrivals(sequel, max(shift.starts, policy.meal_opens + 1), policy)
        returns_early, _ = _limits(sequel, min(shift.ends, policy.meal_closes - 1), policy)
        # She is back before the meal time ends, leaves after it began, or eats before or after the new visit.
        ranges = [(early, returns_early), (leaves_late, late), (early_fed, late), (early, late_fed)]
    new = sequel.spots[sequel.new]
    return [
        (max(first, opens), min(last - new.minutes + 1, closes))
        for first, last in ranges
        for opens, closes in new.windows
        if max(first, opens) < min(last - new.minutes + 1, closes)
    ]


def without(windows: Iterable[Interval], busy: Interval) -> list[Interval]:
    """Return what is left of the windows outside ``busy``."""
    pieces = [
        piece for opens, closes in windows for piece in ((opens, min(closes, busy[0])), (max(opens, busy[1]), closes))
    ]
    return [(opens, closes) for opens, closes in pieces if opens < closes]


def _arrivals(sequel: Sequel, starts: Minutes, policy: Policy) -> tuple[Minutes, Minutes]:
    """Return when she is at the new visit at the earliest: in all, and with the meal behind her."""
    arrival, fed = starts + sequel.legs[0], _NEVER
    for spot, leg in zip(sequel.spots[: sequel.new], sequel.legs[1:], strict=False):
        end = spot.earliest(arrival) + spot.minutes
        fed_end = spot.earliest(fed) + spot.minutes
        fed = min(fed_end + leg, _after_meal(end, leg, policy))
        arrival = end + leg
    return arrival, fed


def _limits(sequel: Sequel, ends: Minutes, policy: Policy) -> tuple[Minutes, Minutes]:
    """Return when the new visit must have ended at the latest: in all, and with the meal still to come."""
    limit, fed = ends - sequel.legs[-1], -_NEVER
    for i in range(len(sequel.spots) - 1, sequel.new, -1):
        spot, leg = sequel.spots[i], sequel.legs[i]
        start = spot.latest(limit - spot.minutes)
        fed_start = spot.latest(fed - spot.minutes)
        fed = max(fed_start - leg, _before_meal(start, leg, policy))
        limit = start - leg
    return limit, fed


def _after_meal(end: Minutes, leg: Minutes, policy: Policy) -> Minutes:
    """Return the earliest arrival when the meal is taken after the trip, else before it: never sooner."""
    eaten_after = max(end + leg, policy.meal_opens) + policy.meal_minutes
    if eaten_after <= policy.meal_closes:
        return eaten_after
    eaten_before = max(end, policy.meal_opens) + policy.meal_minutes
    return eaten_before + leg if eaten_before <= policy.meal_closes else _NEVER


def _before_meal(start: Minutes, leg: Minutes, policy: Policy) -> Minutes:
    """Return the latest end of the visit before, when the meal is taken before the trip, else after it: never later."""
    eats_before = min(start - leg, policy.meal_closes) - policy.meal_minutes
    if eats_before >= policy.meal_opens:
        return eats_before
    eats_after = min(start, policy.meal_closes) - policy.meal_minutes
    return eats_after - leg if eats_after >= policy.meal_opens else -_NEVER
