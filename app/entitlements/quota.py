"""How many of a month's visits fall into one of its weeks.

Each week has a *share*: the month's visits laid evenly over the days on which the elder can be visited,
each elder with a phase of her own, so that the city's load is even too. The shares depend on the month
alone. What a week should be asked for is its share and part of what earlier weeks left over, but at least what
later weeks could not hold any more. That is each elder's own rhythm; ``spreading`` evens the town's load.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.weeks import Month, Week

_GOLDEN = (math.sqrt(5) - 1) / 2
_SAME_DAY_VISITS = 3  # of one elder, where her plan allows several a day


@dataclass(frozen=True, slots=True)
class WeekSlot:
    """The part of a week that lies in the month."""

    week: Week
    days: tuple[date, ...]  # on which she can be visited, in order; may be empty
    load: float  # how much of the month it should bear, in proportion to the other slots
    settled: bool = False  # its bookings are all that will come of it


def phase(elder_id: int, month: Month) -> float:
    """Return the elder's phase, in [0, 1): evenly spread over consecutive ids."""
    return (elder_id * _GOLDEN + month.month * _GOLDEN * _GOLDEN) % 1.0


def shares(n_visits: int, slots: Sequence[WeekSlot], phase: float) -> list[int]:
    """Return how many of ``n_visits`` are each slot's share; the sum is ``n_visits`` unless no slot has a day."""
    loads = [slot.load for slot in slots]
    if sum(loads) <= 0:  # no capacity anywhere is no reason to forget her
        loads = [float(len(slot.days)) for slot in slots]
    loads = _without_last_day(slots, loads)
    total = sum(loads)
    if total <= 0:
        return [0] * len(slots)
    last = max(i for i, load in enumerate(loads) if load > 0)
    found, given, running = [], 0, 0.0
    for i, load in enumerate(loads):
        running += load
        upto = n_visits if i >= last else math.floor(n_visits * running / total + phase)
        found.append(upto - given)
        given = upto
    return found


def _without_last_day(slots: Sequence[WeekSlot], loads: list[float]) -> list[float]:
    """Take a last slot of a single day out: kept free, it can make up for a visit missed the week before."""
    loaded = [i for i, load in enumerate(loads) if load > 0]
    if len(loaded) < 2 or len(slots[loaded[-1]].days) > 1:
        return loads
    return [0.0 if i == loaded[-1] else load for i, load in enumerate(loads)]


def month_shares(n_visits: int, slots: Sequence[WeekSlot], phase: float, min_days_between: int) -> list[int]:
    """Return the shares, with so many moved to earlier weeks that the later ones can hold theirs."""
    found = shares(n_visits, slots, phase)
    room = [len(fit(slot.days, min_days_between)) for slot in slots]
    for i in range(len(slots) - 2, -1, -1):
        later_days = [day for slot in slots[i + 1 :] for day in slot.days]
        excess = sum(found[i + 1 :]) - _certain_later(later_days, slots[i].week, min_days_between, ())
        moved = max(0, min(excess, room[i] - found[i]))
        found[i] += moved
        for j in range(len(slots) - 1, i, -1):
            taken = min(moved, found[j])
            found[j] -= taken
            moved -= taken
    return found


def fit(days: Sequence[date], min_days_between: int, occupied: Collection[date] = ()) -> tuple[date, ...]:
    """Return the days of as many visits as can be made, as early as possible; ``days`` are in order."""
    if min_days_between == 0:
        return tuple(day for day in days for _ in range(_SAME_DAY_VISITS))
    if min_days_between == 1:
        return tuple(day for day in days if day not in occupied)
    if not days:
        return ()
    gap = timedelta(days=min_days_between)
    near = [other for other in occupied if days[0] - gap < other < days[-1] + gap]
    chosen: list[date] = []
    free_from = days[0]
    for day in days:
        if day >= free_from and all(abs(day - other) >= gap for other in near):
            chosen.append(day)
            free_from = day + gap
    return tuple(chosen)


@dataclass(frozen=True, slots=True)
class Remaining:
    """What a month still asks of its open weeks: the elder's even rhythm, and its bounds.

    ``weeks`` are positions among the month's slots; the other tuples have a number of visits for each of them.
    """

    weeks: tuple[int, ...]
    wished: tuple[int, ...]
    most: tuple[int, ...]
    by_then: tuple[int, ...]  # at least so many up to the end of the week, that the later ones can hold the rest
    behind: int  # visits that earlier weeks should have made

    def in_week(self, slot: int) -> int:
        """Return the visits wished in one of the month's slots."""
        return self.wished[self.weeks.index(slot)]


def remaining(
    slots: Sequence[WeekSlot],
    here: int,
    n_month: int,
    n_left: int,
    n_done: int,
    phase: float,
    room: int,
    min_days_between: int,
    occupied: Collection[date] = (),
) -> Remaining:
    """Return what is left of a month, laid over its open weeks as seen from the week ``slots[here]``.

    Parameters
    ----------
    slots
        Of the whole month, in order.
    n_month, n_left, n_done
        The month's visits, those that neither a booking outside this week nor one done in it has used up,
        and those done in this week.
    room
        The most that the week can take.
    """
    share = month_shares(n_month, slots, phase, min_days_between)
    # A week before this one that is yet to be planned will take its share; so do those after it.
    weeks = tuple(i for i, slot in enumerate(slots) if i == here or not slot.settled)
    before = sum(share[i] for i in weeks if i < here)
    own = max(0, share[here] - n_done)
    open_later = [i for i in weeks if i > here and slots[i].days]
    left = max(0, n_left - before)
    behind = max(0, left - own - sum(share[i] for i in open_later))
    by_then = tuple(max(0, n_left - _later(slots, weeks, i, min_days_between, occupied)) for i in weeks)
    certain = by_then[weeks.index(here)] - before
    wanted = min(left, own + math.ceil(behind / max(1, len(open_later))))
    wished = {i: share[i] for i in weeks} | {here: max(0, min(room, left, max(wanted, certain)))}
    most = {i: len(fit(slots[i].days, min_days_between)) for i in weeks} | {here: room}
    _fill_up(wished, most, n_left, [i for i in weeks if i > here])
    return Remaining(weeks, tuple(wished[i] for i in weeks), tuple(most[i] for i in weeks), by_then, behind)


def _fill_up(wished: dict[int, int], most: dict[int, int], n_left: int, later: Sequence[int]) -> None:
    """Make the wishes as many as there are visits: late ones are taken away, missing ones added week by week."""
    for i in sorted(wished, reverse=True):
        wished[i] -= max(0, min(wished[i], sum(wished.values()) - n_left))
    missing = n_left - sum(wished.values())
    while missing > 0 and (takers := [i for i in later if wished[i] < most[i]]):
        for i in takers[:missing]:
            wished[i] += 1
        missing = n_left - sum(wished.values())


def _later(
    slots: Sequence[WeekSlot], weeks: Sequence[int], i: int, min_days_between: int, occupied: Collection[date]
) -> int:
    """Return how many visits can be left to the open weeks after one, whatever its own days will be."""
    days = [day for j in weeks if j > i for day in slots[j].days]
    return _certain_later(days, slots[i].week, min_days_between, occupied)


def _certain_later(days: Sequence[date], week: Week, min_days_between: int, occupied: Collection[date]) -> int:
    """Return how many visits can be left for later days, whatever this week's days will be.

    One place is kept free, where the later days have more than one or are only one day, so that a visit missed
    this week can be made up.
    """
    if not days:
        return 0
    after = week.end + timedelta(days=max(0, min_days_between - 1))
    sure = len(fit([day for day in days if day >= after], min_days_between, occupied))
    at_best = len(fit(days, min_days_between, occupied))
    spare = at_best - 1 if at_best >= 2 or len(days) == 1 else at_best
    return min(sure, spare)
