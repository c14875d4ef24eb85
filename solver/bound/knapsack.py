"""Each caregiver's cheapest week when only minutes count: a knapsack of visits, none of them twice.

A visit takes its minutes and the shortest way to it from anywhere; a day worked, the shortest way back
to the base. What order and which day is left open. Quick, and close where minutes are scarce; where
they are not, the routes' own bound (`weeks`) is the higher one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bound.jit import entry
from solver.bound.pairs import Pairs
from solver.search.arrays import DAYS, FAR, Arrays, Ints
from solver.search.timing import trip


class Items(NamedTuple):
    """The pairs as items of a knapsack; rows as in `Pairs.pairs`."""

    minutes: Ints  # (pairs,) care and the shortest way in
    points: NDArray[np.float64]  # (pairs,) on its cheapest day, the way in included
    back: Ints  # (caregivers,) minutes of the shortest way to the base
    days: Ints  # (caregivers, 7) minutes of work that her days can hold, the longest first


def items_of(a: Arrays, t: Pairs) -> Items:
    """Return the items of a problem."""
    lengths = np.where(a.shifts["starts"] >= 0, a.shifts["ends"] - a.shifts["starts"], 0).reshape(-1, DAYS)
    lengths = np.minimum(lengths, a.caregivers["daily"][:, None])
    items = Items(
        minutes=np.zeros(len(t.pairs), dtype=np.int32),
        points=np.zeros(len(t.pairs), dtype=np.float64),
        back=np.zeros(len(a.caregivers), dtype=np.int32),
        days=np.ascontiguousarray(-np.sort(-lengths, axis=1), dtype=np.int32),
    )
    measure_items(a, t, np.zeros((len(a.roads.modes), len(a.elders)), dtype=np.int32), items)
    return items


@entry
def measure_items(a: Arrays, t: Pairs, way: Ints, items: Items) -> None:
    """Write the items; ``way`` is scratch: the shortest way to each elder, in each mode."""
    for mode in range(way.shape[0]):
        for e in range(way.shape[1]):
            way[mode, e] = 0 if t.same_day[e] else FAR
            for other in range(way.shape[1]):
                if other != e and way[mode, e] > 0:
                    minutes = trip(a.roads, mode, a.elders[other].home, a.elders[e].home)
                    way[mode, e] = min(way[mode, e], minutes)
    for c in range(len(a.caregivers)):
        who = a.caregivers[c]
        items.back[c] = FAR
        for k in range(t.low[c], t.low[c + 1]):
            pair = t.pairs[k]
            v = pair.visit
            place = a.visits[v].place
            items.back[c] = min(items.back[c], trip(a.roads, who.mode, place, who.base))
            leg = min(way[who.mode, a.visits[v].elder], trip(a.roads, who.mode, who.base, place))
            items.minutes[k] = a.visits[v].minutes + leg
            least = 1e300
            for day in range(DAYS):
                if pair.days >> day & 1:
                    points = pair.kept_points if pair.kept_day == day else pair.points
                    least = min(least, points + t.spots[v * DAYS + day].always)
            items.points[k] = least + a.travel_minute * leg


@entry
def fill_weeks(
    a: Arrays,
    t: Pairs,
    items: Items,
    prices: NDArray[np.float64],
    best: NDArray[np.float64],
    taken: NDArray[np.uint8],
    least: NDArray[np.float64],
    cover: NDArray[np.float64],
) -> None:
    """Write the cheapest week of each caregiver, prices taken off, and add its visits to ``cover``.

    Parameters
    ----------
    prices
        (visits,) points for one pair of hands, on whatever day.
    best, taken
        Scratch: (minutes,) and (pairs of one caregiver, minutes).
    """
    for c in range(len(a.caregivers)):
        who = a.caregivers[c]
        least[c] = 0.0
        most = min(who.weekly, len(best) - 1)
        best[0] = 0.0
        for minutes in range(1, most + 1):
            best[minutes] = 1e300
        reached = 0
        for k in range(t.low[c], t.low[c + 1]):
            row = k - t.low[c]
            worth = items.points[k] - prices[t.pairs[k].visit]
            size = items.minutes[k]
            for minutes in range(most + 1):
                taken[row, minutes] = 0
            if worth >= 0.0 or size > most:
                continue
            reached = min(most, reached + size)
            for minutes in range(reached, size - 1, -1):
                if best[minutes - size] + worth < best[minutes]:
                    best[minutes] = best[minutes - size] + worth
                    taken[row, minutes] = 1
        chosen = 0
        for minutes in range(1, reached + 1):
            if best[minutes] >= 0.0:
                continue
            days, room = 0, 0
            while days < DAYS and days < who.max_days and room < minutes:
                room += items.days[c, days] - items.back[c]
                days += 1
            whole = minutes + days * items.back[c]
            if room < minutes or whole > who.weekly:
                continue
            points = best[minutes] + a.travel_minute * days * items.back[c]
            points += a.load_minute * max(0.0, whole - who.load_from)
            points += a.overload_minute * max(0.0, whole - who.overload_from)
            if points < least[c]:
                least[c] = points
                chosen = minutes
        for k in range(t.low[c + 1] - 1, t.low[c] - 1, -1):
            if chosen > 0 and taken[k - t.low[c], chosen]:
                cover[t.pairs[k].visit] += 1.0
                chosen -= items.minutes[k]
