"""The cheapest week of each caregiver for given prices: her routes of the days put together.

Quickly, with minutes paid for; or exactly, where every number of minutes of a day has its cheapest route, and so
the weekly limit, the rest day and the load are kept. What is relaxed: a visit may be on the routes of two days.
"""

import numpy as np
from numpy.typing import NDArray

from solver.bound.jit import entry, kernel
from solver.bound.memory import Remembered
from solver.bound.pairs import Pairs
from solver.bound.room import NOTHING, SMALLEST, Cuts, Room
from solver.bound.routes import choose_few, collect, find_routes, forget_routes, measure, owed, put_cuts
from solver.search.arrays import DAYS, Arrays, Ints

# Columns of a row that `price_weeks` writes.
CAREGIVER, DAY, MINUTES, COUNT, FIRST = 0, 1, 2, 3, 4  # then the visits, the last first
FAILED, EXACT, CUT = 0, 1, 2


@kernel
def _load(a: Arrays, c: int, minutes: int) -> float:
    who = a.caregivers[c]
    points = a.load_minute * max(0.0, minutes - who.load_from)
    return float(points + a.overload_minute * max(0.0, minutes - who.overload_from))


@kernel
def _least_load(a: Arrays, c: int, weekly: int, minute: float) -> float:
    who = a.caregivers[c]
    least = min(0.0, _load(a, c, weekly) - minute * weekly)
    for minutes in (who.load_from, who.overload_from):
        if minutes < weekly:
            whole = a.load_minute * max(0.0, minutes - who.load_from)
            whole += a.overload_minute * max(0.0, minutes - who.overload_from)
            least = min(least, whole - minute * minutes)
    return least


@kernel
def _put_together(a: Arrays, room: Room, c: int, weekly: int, least_days: int) -> int:
    """Write the least points for each number of minutes of the week, day by day; return the days' layers.

    Layers count the days worked, only if they may be too many.
    """
    layers = a.caregivers[c].max_days + 1 if least_days > a.caregivers[c].max_days else 1
    step = 1 if layers > 1 else 0
    for k in range(layers):
        for minutes in range(weekly + 1):
            room.best[0, k, minutes] = NOTHING
    room.best[0, 0, 0] = 0.0
    reached = 0
    for day in range(DAYS):
        most = 0
        for k in range(layers):
            for minutes in range(weekly + 1):
                room.best[day + 1, k, minutes] = room.best[day, k, minutes] if minutes <= reached else NOTHING
                room.choice[day + 1, k, minutes] = -1
        if a.shifts[c * DAYS + day].starts >= 0:
            for add in range(min(a.caregivers[c].daily, weekly, room.front.shape[1] - 1) + 1):
                points = room.front[day, add]
                if points >= 0.0:
                    continue
                most = add
                for k in range(layers - step):
                    for minutes in range(min(reached, weekly - add) + 1):
                        new = room.best[day, k, minutes] + points
                        if new < room.best[day + 1, k + step, minutes + add]:
                            room.best[day + 1, k + step, minutes + add] = new
                            room.choice[day + 1, k + step, minutes + add] = add
        reached = min(weekly, reached + most)
    return layers


@kernel
def _write_route(
    room: Room, c: int, day: int, label: int, minutes: int, points: float, prices: NDArray[np.float64], row: Ints
) -> float:
    """Write the route that ends with a label to a row; return its points without prices."""
    row[CAREGIVER], row[DAY], row[MINUTES] = c, day, minutes
    n = 0
    while label >= 0:
        node, before = room.labels[label].node, room.labels[label].before
        v = room.nodes[node].visit
        points += prices[v * DAYS + day]
        if before >= 0:
            points -= owed(room, room.labels[before].odd & room.cuts[node])
        if FIRST + n < len(row):
            row[FIRST + n] = v
            n += 1
        label = before
    row[COUNT] = n
    return float(points)


@entry
def least_without_labels(a: Arrays, t: Pairs, prices: NDArray[np.float64], c: int) -> float:
    """Return what no week of a caregiver undercuts: each visit that pays made once, at no way and no load."""
    whole = 0.0
    for k in range(t.low[c], t.low[c + 1]):
        pair = t.pairs[k]
        least = 0.0
        for day in range(DAYS):
            if pair.days >> day & 1:
                points = pair.kept_points if pair.kept_day == day else pair.points
                stop = pair.visit * DAYS + day
                least = min(least, points + t.spots[stop].always - prices[stop])
        whole += least
    return whole


@kernel
def _whole_week(a: Arrays, room: Room, c: int, weekly: int, days: int) -> tuple[float, int, int]:
    """Return the least points of a week of the routes found, its days if they may be too many, and its minutes."""
    layers = _put_together(a, room, c, weekly, days)
    best, best_k, best_minutes = 0.0, -1, -1
    for k in range(layers):
        for minutes in range(weekly + 1):
            if room.best[DAYS, k, minutes] < -SMALLEST:
                whole = room.best[DAYS, k, minutes] + _load(a, c, minutes)
                if whole < best:
                    best, best_k, best_minutes = whole, k, minutes
    return best, best_k, best_minutes


@entry
def price_weeks(
    a: Arrays,
    t: Pairs,
    room: Room,
    prices: NDArray[np.float64],
    minute_prices: NDArray[np.float64],
    cuts: Cuts,
    memory: Remembered,
    slacks: NDArray[np.float64],
    who: Ints,
    wide: int,
    few: int,
    beam: int,
    most: int,
    least: NDArray[np.float64],
    above: NDArray[np.float64],
    status: Ints,
    rows: Ints,
    points: NDArray[np.float64],
) -> int:
    """Find the cheapest week of each of these caregivers, its prices taken off.

    Parameters
    ----------
    prices
        ``prices[visit × 7 + day]``: points for one pair of hands there.
    cuts
        What routes pay for, the dearest first.
    slacks
        Of each caregiver; 0: minutes are only paid for, not counted; the quick way. Above: weeks are exact as long
        as they cost no more than so many points above what paid minutes would say.
    most
        Routes of a day that are written, at most; in exact weeks the one of the cheapest week besides.
    least, above, status
        Of each caregiver: at most 0, which is the empty week; how far it is above what paid minutes would say;
        FAILED if she was not looked at, CUT if she may cost more.
    rows, points
        Routes that pay and what they cost before prices are taken off: those of the cheapest week,
        and the cheapest of each day at the caregiver's minute price. Returned: the number of them.
    """
    found = 0
    for c in who:
        least[c] = 0.0
        status[c] = EXACT
        slack = slacks[c]
        minute = minute_prices[c]
        weekly = min(a.caregivers[c].weekly, room.best.shape[2] - 1)
        n = collect(a, t, room, prices, minute, slack, c)
        n = choose_few(a, room, c, n, few)
        for i in range(n):
            for day in range(DAYS):
                room.nodes[i].points[day] += minute * room.nodes[i].minutes
        put_cuts(room, cuts, n)
        measure(a, room, memory, c, n, wide)
        bound = _least_load(a, c, weekly, minute)
        count, days = 0, 0
        limit = min(a.caregivers[c].daily, weekly, room.front.shape[1] - 1)
        for day in range(DAYS):
            if a.shifts[c * DAYS + day].starts >= 0:
                days += 1
                before = count
                count, cheap = find_routes(a, t, room, c, day, n, before, limit, beam, slack > 0.0, minute, slack)
                if count < 0:
                    # No room or time for all labels: what was looked for from behind holds at least.
                    count, status[c] = before, CUT
                    forget_routes(room, day, n)
                bound += cheap
        best_k, best_minutes = -1, -1
        if slack > 0.0 and status[c] == EXACT:
            least[c], best_k, best_minutes = _whole_week(a, room, c, weekly, days)
            if bound + slack < least[c]:
                least[c] = bound + slack
                status[c] = CUT
        else:
            least[c] = min(0.0, bound)
        above[c] = least[c] - bound
        step = 1 if days > a.caregivers[c].max_days else 0
        for day in range(DAYS - 1, -1, -1):
            if a.shifts[c * DAYS + day].starts < 0:
                continue
            add = room.choice[day + 1, best_k, best_minutes] if best_k >= 0 else -1
            taken = -1
            if add >= 0:
                taken = room.front_label[day, add]
                if found < len(rows):
                    points[found] = _write_route(room, c, day, taken, add, room.front[day, add], prices, rows[found])
                    found += 1
                best_minutes -= add
                best_k -= step
            for _ in range(most):
                cheap, at = -SMALLEST, -1
                for i in range(n):
                    if room.last[day, i] < cheap:
                        cheap, at = room.last[day, i], i
                if at < 0 or found >= len(rows):
                    break
                room.last[day, at] = NOTHING
                label = room.last_label[day, at]
                if label != taken:
                    minutes = room.labels[label].minutes + room.legs[at, n]
                    cheap -= minute * minutes
                    points[found] = _write_route(room, c, day, label, minutes, cheap, prices, rows[found])
                    found += 1
    return found
