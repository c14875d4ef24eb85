"""The cheapest routes of one caregiver-day for given prices of the visits, one for each number of minutes.

Labels are partial routes: from the base, in any order, to a last visit; each carries its working
minutes, the time it ends, its points (prices taken off) and the visits it remembers. A label goes when
another at the same visit is no worse in all four. Starts are exact: the earliest of all, and the
earliest that costs nothing. Waiting is free, so nothing is lost by being early.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bound.jit import kernel
from solver.bound.pairs import Pairs
from solver.search.arrays import DAYS, NEVER, Arrays, Ints, Rows
from solver.search.timing import earliest, trip

BITS = 63  # in each word of a label's memory
NOTHING = 1e300
SMALLEST = 1e-9  # points; less is not worth a column

NODE = np.dtype(  # a visit that may pay for a caregiver
    [
        ("visit", np.int32),
        ("minutes", np.int32),
        ("bit", np.int32),  # of her elder, or of the visit where several may share a day; -1: not remembered
        ("kept_day", np.int32),
        ("days", np.int32),  # mask of the days on which it may pay
        ("points", np.float64, (DAYS,)),  # prices taken off
    ]
)
LABEL = np.dtype(
    [
        ("node", np.int32),
        ("minutes", np.int32),  # of work so far
        ("ends", np.int32),  # when its last visit ends
        ("before", np.int32),  # label, -1: the base
        ("after", np.int32),  # next label of the same visit
        ("queue", np.int32),  # next label with the same minutes
        ("gone", np.int32),  # another is no worse
        ("points", np.float64),
        ("seen", np.int64, (2,)),
        ("odd", np.int64),  # cuts of which it makes one visit, or three
    ]
)


class Cuts(NamedTuple):
    """Three visits each, of which at most one route may make two or more; the dearest cut first."""

    visits: Ints  # (cuts, 3)
    points: NDArray[np.float64]  # (cuts,) what a route pays for making two of the three


class Room(NamedTuple):
    """Where one thread works; its caller's, written by kernels only."""

    nodes: Rows  # NODE
    remember: NDArray[np.int64]  # (nodes, 2) what a label at a node does not forget
    cuts: NDArray[np.int64]  # (nodes,) mask of each one's cuts
    cut_points: NDArray[np.float64]  # (BITS,)
    legs: Ints  # (nodes + 1, nodes + 1) minutes; the last is the base
    near: Ints  # (minutes of a trip,)
    labels: Rows  # LABEL
    heads: Ints  # (nodes,) first label of each
    queues: Ints  # (minutes,) first label of each
    front: NDArray[np.float64]  # (7, minutes) least points of a route of so many minutes
    front_label: Ints
    best: NDArray[np.float64]  # (8, 8, minutes) least points: days done, days worked, minutes
    choice: Ints  # the last day's minutes that lead there, -1: none


@kernel
def collect(a: Arrays, t: Pairs, room: Room, prices: NDArray[np.float64], minute: float, slack: float, c: int) -> int:
    """Write the visits that may pay for caregiver ``c`` at these prices; return their number.

    By a mode's formula a detour takes at least the minutes of access more than the straight way, but for one
    minute of rounding up, or nothing if the next stop is at the same place. So a visit that doesn't pay for
    that and its own minutes can be left out of any route to the route's advantage.
    """
    who = a.caregivers[c]
    n, bits, elder = 0, 0, -1
    access = a.roads.modes[who.mode].access - 1
    for k in range(t.low[c], t.low[c + 1]):
        pair = t.pairs[k]
        v = pair.visit
        days = 0
        alone = t.alone[v] and a.visits[v].place != who.base
        way = (a.travel_minute + minute) * (access if alone else min(0, access))
        for day in range(DAYS):
            if not pair.days >> day & 1:
                continue
            points = pair.kept_points if pair.kept_day == day else pair.points
            points += t.spots[v * DAYS + day].always - prices[v * DAYS + day]
            room.nodes[n].points[day] = points
            if not t.metric[who.mode] or points + way + minute * a.visits[v].minutes < slack:
                days |= 1 << day
        if days == 0:
            continue
        same = a.visits[v].elder == elder and not t.same_day[elder]
        if not same:
            bits += 1
        elder = a.visits[v].elder
        node = room.nodes[n]
        node.visit, node.minutes, node.kept_day, node.days = v, a.visits[v].minutes, pair.kept_day, days
        node.bit = bits - 1 if bits <= 2 * BITS else -1
        n += 1
    return n


@kernel
def choose_few(room: Room, n: int, few: int) -> int:
    """Keep only the ``few`` nodes that pay most; return how many are left."""
    if n <= few:
        return n
    for i in range(n):
        least = NOTHING
        for day in range(DAYS):
            if room.nodes[i].days >> day & 1:
                least = min(least, room.nodes[i].points[day])
        room.legs[0, i] = int(min(max(least * 100.0, -1e9), 1e9))
    low, high = -1_000_000_000, 1_000_000_000
    while low < high:
        middle = (low + high) // 2
        inside = 0
        for i in range(n):
            inside += room.legs[0, i] <= middle
        if inside >= few:
            high = middle
        else:
            low = middle + 1
    kept = 0
    for i in range(n):
        if room.legs[0, i] <= low and kept < few:
            room.nodes[kept] = room.nodes[i]
            kept += 1
    return kept


@kernel
def measure(a: Arrays, room: Room, c: int, n: int, wide: int) -> None:
    """Write the legs between the first ``n`` nodes, and what each remembers: its ``wide`` nearest."""
    who = a.caregivers[c]
    for i in range(n):
        p = a.visits[room.nodes[i].visit].place
        for j in range(n):
            room.legs[i, j] = trip(a.roads, who.mode, p, a.visits[room.nodes[j].visit].place)
        room.legs[n, i] = trip(a.roads, who.mode, who.base, p)
        room.legs[i, n] = trip(a.roads, who.mode, p, who.base)
    for i in range(n):
        # The distance within which the `wide` nearest lie: by counting, as minutes are few.
        for far in range(len(room.near)):
            room.near[far] = 0
        for j in range(n):
            far = min(room.legs[i, j], len(room.near) - 1)
            room.near[far] += 1
        reach, inside = 0, 0
        while reach < len(room.near) and inside + room.near[reach] <= wide:
            inside += room.near[reach]
            reach += 1
        room.remember[i, 0] = room.remember[i, 1] = 0
        for j in range(n):
            bit = room.nodes[j].bit
            if bit >= 0 and (j == i or room.legs[i, j] < reach or bit == room.nodes[i].bit):
                room.remember[i, bit // BITS] |= np.int64(1) << np.int64(bit % BITS)


@kernel
def put_cuts(room: Room, cuts: Cuts, n: int) -> None:
    """Write which cuts each node is in: the dearest that can bind here, as many as a mask holds.

    A cut that is left out costs a route nothing, which only makes the bound lower.
    """
    for i in range(n):
        room.cuts[i] = 0
    k = 0
    for q in range(len(cuts.points)):
        if k >= BITS:
            break
        inside = 0
        for i in range(n):
            v = room.nodes[i].visit
            inside += v == cuts.visits[q, 0] or v == cuts.visits[q, 1] or v == cuts.visits[q, 2]
        if inside < 2:
            continue
        for i in range(n):
            v = room.nodes[i].visit
            if v == cuts.visits[q, 0] or v == cuts.visits[q, 1] or v == cuts.visits[q, 2]:
                room.cuts[i] |= np.int64(1) << np.int64(k)
        room.cut_points[k] = cuts.points[q]
        k += 1


@kernel
def owed(room: Room, cuts: int) -> float:
    """Return what a route pays for the cuts of a mask."""
    points, k = 0.0, 0
    while cuts != 0:
        if cuts & 1:
            points += room.cut_points[k]
        cuts >>= 1
        k += 1
    return points


@kernel
def _add(
    room: Room,
    n: int,
    beam: int,
    i: int,
    minutes: int,
    ends: int,
    points: float,
    seen0: int,
    seen1: int,
    odd: int,
    before: int,
) -> int:
    """Add a label unless another is no worse; return how many there are, -1: no room."""
    k = room.heads[i]
    last, length = -1, 0
    while k >= 0:
        old = room.labels[k]
        after = old.after
        if (
            old.minutes <= minutes
            and old.ends <= ends
            and old.points <= points
            and old.seen[0] & ~seen0 == 0
            and old.seen[1] & ~seen1 == 0
            and (old.odd & ~odd == 0 or old.points + owed(room, old.odd & ~odd) <= points)
        ):
            return n
        if (
            old.minutes >= minutes
            and old.ends >= ends
            and old.points >= points
            and seen0 & ~old.seen[0] == 0
            and seen1 & ~old.seen[1] == 0
            and (odd & ~old.odd == 0 or points + owed(room, odd & ~old.odd) <= old.points)
        ):
            old.gone = 1
            if last < 0:
                room.heads[i] = after
            else:
                room.labels[last].after = after
        else:
            last = k
            length += 1
        k = after
    if length >= beam:
        return n
    if n >= len(room.labels):
        return -1
    new = room.labels[n]
    new.node, new.minutes, new.ends, new.before, new.points = i, minutes, ends, before, points
    new.seen[0], new.seen[1] = seen0, seen1
    new.odd = odd
    new.gone = 0
    new.after = room.heads[i]
    room.heads[i] = n
    new.queue = room.queues[minutes]
    room.queues[minutes] = n
    return n + 1


@kernel
def _extend(
    a: Arrays,
    t: Pairs,
    room: Room,
    c: int,
    day: int,
    nodes: int,
    limits: tuple[int, int, int, int],
    count: int,
    before: int,
    i: int,
) -> int:
    """Go on from label ``before`` (-1: the base) to node ``i``; return how many labels there are, -1: no room."""
    starts, ends, most, beam = limits
    node = room.nodes[i]
    if before >= 0:
        label = room.labels[before]
        leg = room.legs[label.node, i]
        minutes, at, points = label.minutes + leg + node.minutes, label.ends + leg, label.points
        seen0, seen1, odd = label.seen[0], label.seen[1], label.odd
    else:
        leg = room.legs[nodes, i]
        minutes, at, points = leg + node.minutes, starts + leg, 0.0
        seen0, seen1, odd = np.int64(0), np.int64(0), np.int64(0)
    # Without a formula some way round may be the shorter way home.
    home = room.legs[i, nodes] if t.metric[a.caregivers[c].mode] else 0
    if minutes + home > most or at + node.minutes + home > ends:
        return count
    v = node.visit
    spot, row = t.spots[v * DAYS + day], a.visit_days[v * DAYS + day]
    points += a.travel_minute * leg + node.points[day]
    if odd & room.cuts[i] != 0:
        points += owed(room, odd & room.cuts[i])
    odd ^= room.cuts[i]
    seen0 &= room.remember[i, 0]
    seen1 &= room.remember[i, 1]
    if node.bit >= BITS:
        seen1 |= np.int64(1) << np.int64(node.bit - BITS)
    elif node.bit >= 0:
        seen0 |= np.int64(1) << np.int64(node.bit)
    if spot.fixed >= 0:
        free, extra = spot.fixed if at <= spot.fixed else NEVER, 0.0
        start = free
    elif node.kept_day == day:
        free = a.visits[v].published_start if at <= a.visits[v].published_start else NEVER
        start = earliest(a.spans, row.window_low, row.window_high, at)
        extra = max(0.0, a.changed / a.visits[v].hands - spot.always)
    else:
        free = earliest(a.spans, row.wished_low, row.wished_high, at)
        start, extra = earliest(a.spans, row.window_low, row.window_high, at), spot.outside
    if extra > 0.0 and start < free and start + node.minutes + home <= ends:
        count = _add(room, count, beam, i, minutes, start + node.minutes, points + extra, seen0, seen1, odd, before)
        if count < 0:
            return count
    if extra <= 0.0:
        free = min(free, start)
    if free + node.minutes + home <= ends:
        count = _add(room, count, beam, i, minutes, free + node.minutes, points, seen0, seen1, odd, before)
    return count


@kernel
def find_routes(a: Arrays, t: Pairs, room: Room, c: int, day: int, n: int, count: int, weekly: int, beam: int) -> int:
    """Write the least points of a route for each number of minutes, where fewer minutes cost more.

    Labels are added from number ``count`` on; return how many there are, -1: no room.
    """
    shift, who = a.shifts[c * DAYS + day], a.caregivers[c]
    most = min(who.daily, weekly, len(room.queues) - 1)
    limits = (int(shift.starts), int(shift.ends), int(most), beam)
    for minutes in range(most + 1):
        room.queues[minutes] = -1
        room.front[day, minutes] = NOTHING
        room.front_label[day, minutes] = -1
    for i in range(n):
        room.heads[i] = -1
    for i in range(n):
        if room.nodes[i].days >> day & 1:
            count = _extend(a, t, room, c, day, n, limits, count, -1, i)
            if count < 0:
                return count
    for minutes in range(most + 1):
        k = room.queues[minutes]
        while k >= 0:
            label = room.labels[k]
            if not label.gone:
                home = room.legs[label.node, n]
                whole, points = minutes + home, label.points + a.travel_minute * home
                if whole <= most and label.ends + home <= limits[1] and points < room.front[day, whole]:
                    room.front[day, whole] = points
                    room.front_label[day, whole] = k
                for i in range(n):
                    bit = room.nodes[i].bit
                    if room.nodes[i].days >> day & 1 and (
                        bit < 0 or not label.seen[bit // BITS] >> np.int64(bit % BITS) & 1
                    ):
                        count = _extend(a, t, room, c, day, n, limits, count, k, i)
                        if count < 0:
                            return count
            k = label.queue
    least = -SMALLEST
    for minutes in range(most + 1):
        if room.front[day, minutes] < least:
            least = room.front[day, minutes]
        else:
            room.front[day, minutes] = NOTHING
            room.front_label[day, minutes] = -1
    return count
