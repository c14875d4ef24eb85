"""The cheapest routes of one caregiver-day for given prices of the visits; on demand, one for each number of minutes.

Labels are partial routes: from the base, in any order, to a last visit; each carries its working
minutes, the time it ends, its points (prices taken off, minutes paid for) and the elders it remembers. A label goes
when another at the same visit is no worse in all of them, or when all that may follow (`ahead`) cannot bring it
below the routes that are looked for. Starts are exact: the earliest of all, and the earliest that costs nothing.
Waiting is free, so nothing is lost by being early.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bound.ahead import look_ahead, starts_of
from solver.bound.groups import put_in_groups
from solver.bound.jit import kernel
from solver.bound.memory import Remembered
from solver.bound.pairs import Pairs
from solver.bound.room import BITS, NOTHING, SMALLEST, WIDEST, Cuts, Room
from solver.search.arrays import DAYS, Arrays, Ints
from solver.search.timing import trip

_SHARES = (0.9, 0.75, 0.5, 0.0)  # of what no route undercuts: what the least is looked for below, in turn


class How(NamedTuple):
    """Of which caregiver-day routes are looked for, and which."""

    caregiver: int
    day: int
    nodes: int
    starts: int
    ends: int
    most: int  # minutes, if they are counted
    beam: int  # labels at a node
    counted: bool
    minute: float
    below: float  # routes that cost no less are not looked for


@kernel
def collect(a: Arrays, t: Pairs, room: Room, prices: NDArray[np.float64], minute: float, slack: float, c: int) -> int:
    """Write the visits that may pay for caregiver ``c`` at these prices; return their number.

    By a mode's formula a detour takes at least the minutes of access more than the straight way, but for one
    minute of rounding up, or nothing if the next stop is at the same place. So a visit that doesn't pay for
    that and its own minutes can be left out of any route to the route's advantage.
    """
    who = a.caregivers[c]
    n, elders, elder = 0, 0, -1
    access = a.roads.modes[who.mode].access - 1
    for k in range(t.low[c], t.low[c + 1]):
        pair = t.pairs[k]
        v = pair.visit
        days, pays = 0, False
        alone = t.alone[v] and a.visits[v].place != who.base
        way = (a.travel_minute + minute) * (access if alone else min(0, access))
        for day in range(DAYS):
            if not pair.days >> day & 1:
                continue
            points = pair.kept_points if pair.kept_day == day else pair.points
            points += t.spots[v * DAYS + day].always - prices[v * DAYS + day]
            room.nodes[n].points[day] = points
            whole = points + way + minute * a.visits[v].minutes
            if not t.metric[who.mode] or whole < slack:
                days |= 1 << day
            pays |= not t.metric[who.mode] or whole < 0.0
        if days == 0:
            continue
        same = a.visits[v].elder == elder and not t.same_day[elder]
        if not same:
            elders += 1
        elder = a.visits[v].elder
        node = room.nodes[n]
        node.visit, node.minutes, node.kept_day, node.days = v, a.visits[v].minutes, pair.kept_day, days
        node.elder, node.pays = elders, int(pays)
        n += 1
    return n


@kernel
def choose_few(a: Arrays, room: Room, c: int, n: int, few: int) -> int:
    """Keep only the ``few`` nodes that pay most, the way to them halved; return how many are left."""
    if n <= few:
        return n
    who = a.caregivers[c]
    for i in range(n):
        least = NOTHING
        for day in range(DAYS):
            if room.nodes[i].days >> day & 1:
                least = min(least, room.nodes[i].points[day])
        place = a.visits[room.nodes[i].visit].place
        least += 0.5 * a.travel_minute * trip(a.roads, who.mode, who.base, place)
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
def _put_in_order(room: Room, i: int, n: int) -> None:
    """Sort the nodes by their way from node ``i``, by counting, as minutes are few."""
    farther = room.farther
    most = len(farther) - 2
    farther[:] = 0
    for j in range(n):
        farther[min(room.legs[i, j], most) + 1] += 1
    for far in range(most + 1):
        farther[far + 1] += farther[far]
    for j in range(n):
        far = min(room.legs[i, j], most)
        room.order[i, farther[far]] = j
        farther[far] += 1


@kernel
def measure(a: Arrays, room: Room, memory: Remembered, c: int, n: int, wide: int) -> None:
    """Write the legs between the first ``n`` nodes, and whom each remembers.

    Those are the ``wide`` nearest who pay, and whom the memory knows.
    """
    who = a.caregivers[c]
    for i in range(n):
        p = a.visits[room.nodes[i].visit].place
        for j in range(n):
            room.legs[i, j] = trip(a.roads, who.mode, p, a.visits[room.nodes[j].visit].place)
        room.legs[n, i] = trip(a.roads, who.mode, who.base, p)
        room.legs[i, n] = trip(a.roads, who.mode, p, who.base)
    for i in range(n + 1):
        _put_in_order(room, i, n)
    put_in_groups(room, n)
    for i in range(n):
        near = room.near[i]
        near[0], inside = room.nodes[i].elder, 1
        for j in room.order[i, :n]:
            if inside == wide:
                break
            if not room.nodes[j].pays:
                continue
            known = False
            for k in range(inside):
                known |= near[k] == room.nodes[j].elder
            if not known:
                near[inside] = room.nodes[j].elder
                inside += 1
        for k in range(inside, WIDEST):
            near[k] = -1
        room.node_of[room.nodes[i].visit] = i
    for k in range(memory.low[c], memory.low[c + 1]):
        i, j = room.node_of[memory.visits[k, 0]], room.node_of[memory.visits[k, 1]]
        inside = i < n and room.nodes[i].visit == memory.visits[k, 0]
        if inside and j < n and room.nodes[j].visit == memory.visits[k, 1]:
            _remember(room.near[i], room.nodes[j].elder)


@kernel
def _remember(near: Ints, elder: int) -> None:
    for k in range(WIDEST):
        if near[k] == elder:
            return
        if near[k] < 0:
            near[k] = elder
            return


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
    how: How,
    i: int,
    minutes: int,
    ends: int,
    points: float,
    seen: int,
    odd: int,
    before: int,
) -> int:
    """Add a label unless another is no worse; return how many there are, -1: no room."""
    k = room.heads[i]
    last, length = -1, 0
    while k >= 0:
        old = room.labels[k]
        after = old.after
        more = how.minute * (minutes - old.minutes) if how.counted else 0.0
        if (
            (not how.counted or old.minutes <= minutes)
            and old.ends <= ends
            and old.points + more <= points
            and old.seen & ~seen == 0
            and (old.odd & ~odd == 0 or old.points + more + owed(room, old.odd & ~odd) <= points)
        ):
            return n
        if (
            (not how.counted or old.minutes >= minutes)
            and old.ends >= ends
            and old.points + more >= points
            and seen & ~old.seen == 0
            and (odd & ~old.odd == 0 or points + owed(room, odd & ~old.odd) <= old.points + more)
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
    if length >= how.beam:
        return n
    if n >= len(room.labels):
        return -1
    new = room.labels[n]
    new.node, new.minutes, new.ends, new.before, new.points = i, minutes, ends, before, points
    new.seen, new.odd = seen, odd
    new.gone = 0
    new.after = room.heads[i]
    room.heads[i] = n
    new.queue = room.queues[ends]
    room.queues[ends] = n
    return n + 1


@kernel
def _remembered(room: Room, last: int, seen: int, i: int) -> int:
    """Return the mask at node ``i`` of a label that comes from ``last``; -1 if it has been to this elder."""
    found, k = 1, 0
    while seen != 0:
        if seen & 1:
            elder = room.near[last, k]
            if elder == room.nodes[i].elder:
                return -1
            for p in range(1, WIDEST):
                if room.near[i, p] < 0:
                    break
                if room.near[i, p] == elder:
                    found |= 1 << p
                    break
        seen >>= 1
        k += 1
    return found


@kernel
def _extend(a: Arrays, t: Pairs, room: Room, how: How, count: int, before: int, i: int) -> int:
    """Go on from label ``before`` (-1: the base) to node ``i``; return how many labels there are, -1: no room."""
    node = room.nodes[i]
    if before >= 0:
        label = room.labels[before]
        leg = room.legs[label.node, i]
        minutes, at, points = label.minutes + leg + node.minutes, label.ends + leg, label.points
        seen, odd, last = label.seen, label.odd, label.node
    else:
        leg = room.legs[how.nodes, i]
        minutes, at, points = leg + node.minutes, how.starts + leg, 0.0
        seen, odd, last = np.int64(0), np.int64(0), -1
    way = a.travel_minute + how.minute
    if at > how.ends or points + way * leg + room.reached[at - how.starts, i] >= how.below:
        return count
    seen = _remembered(room, last, seen, i)
    if seen < 0:
        return count
    # Without a formula some way round may be the shorter way home.
    home = room.legs[i, how.nodes] if t.metric[a.caregivers[how.caregiver].mode] else 0
    if (how.counted and minutes + home > how.most) or at + node.minutes + home > how.ends:
        return count
    points += way * leg + node.points[how.day]
    if odd & room.cuts[i] != 0:
        points += owed(room, odd & room.cuts[i])
    odd ^= room.cuts[i]
    start, extra, free = starts_of(a, t, room, i, how.day, at)
    if extra > 0.0 and start < free and start + node.minutes + home <= how.ends:
        count = _add(room, count, how, i, minutes, start + node.minutes, points + extra, seen, odd, before)
        if count < 0:
            return count
    if free + node.minutes + home <= how.ends:
        count = _add(room, count, how, i, minutes, free + node.minutes, points, seen, odd, before)
    return count


@kernel
def _search(a: Arrays, t: Pairs, room: Room, how: How, step: int, margin: float, count: int) -> tuple[int, float]:
    """Label the day's routes; return how many there are (-1: no room or time), and the least points of a route."""
    n, day, least = how.nodes, how.day, how.below - margin
    way = a.travel_minute + how.minute
    for ends in range(how.starts, how.ends + 1):
        room.queues[ends] = -1
    for i in range(n):
        room.heads[i] = -1
    for i in range(n):
        if room.nodes[i].days >> day & 1:
            count = _extend(a, t, room, how, count, -1, i)
            if count < 0:
                return count, least
    for ends in range(how.starts, how.ends + 1):
        k = room.queues[ends]
        while k >= 0:
            if room.stop[0]:
                return -1, least
            label = room.labels[k]
            ahead = label.points + room.left[label.node, (ends - how.starts) // step]
            if not label.gone and ahead < how.below:
                home = room.legs[label.node, n]
                points = label.points + way * home
                whole = label.minutes + home
                if ends + home <= how.ends and (not how.counted or whole <= how.most):
                    if points < room.last[day, label.node]:
                        room.last[day, label.node] = points
                        room.last_label[day, label.node] = k
                    if points < least:
                        least = points
                        how = _lower(how, min(how.below, least + margin))
                    if how.counted and points - how.minute * whole < room.front[day, whole]:
                        room.front[day, whole] = points - how.minute * whole
                        room.front_label[day, whole] = k
                for i in room.order[label.node, :n]:
                    leg = room.legs[label.node, i]
                    at = ends + leg
                    if at > how.ends or label.points + way * leg + room.soonest[at - how.starts] >= how.below:
                        break
                    if room.nodes[i].days >> day & 1:
                        count = _extend(a, t, room, how, count, k, i)
                        if count < 0:
                            return count, least
            k = label.queue
    return count, least


@kernel
def _lower(how: How, below: float) -> How:
    return How(
        how.caregiver, how.day, how.nodes, how.starts, how.ends, how.most, how.beam, how.counted, how.minute, below
    )


@kernel
def forget_routes(room: Room, day: int, n: int) -> None:
    """Let no route of a day be known."""
    for i in range(n):
        room.last[day, i] = NOTHING
        room.last_label[day, i] = -1
    for minutes in range(room.front.shape[1]):
        room.front[day, minutes] = NOTHING
        room.front_label[day, minutes] = -1


@kernel
def find_routes(
    a: Arrays,
    t: Pairs,
    room: Room,
    c: int,
    day: int,
    n: int,
    count: int,
    most: int,
    beam: int,
    counted: bool,
    minute: float,
    margin: float,
) -> tuple[int, float]:
    """Find the cheapest routes of a day, each minute paid for; nodes' points have theirs in them.

    Every route within ``margin`` of the cheapest is looked at. Labels are added from number ``count`` on; return how
    many there are, and the least points; or -1, for want of room or time, and what no route undercuts. If minutes are
    ``counted``, at most ``most`` of them, the least points without them are written for each number of minutes,
    where fewer cost more.
    """
    shift = a.shifts[c * DAYS + day]
    forget_routes(room, day, n)
    step, nothing_below = look_ahead(a, t, room, c, day, n, a.travel_minute + minute)
    if nothing_below >= -SMALLEST + margin:
        return count, 0.0
    starts, ends, least = int(shift.starts), int(shift.ends), -SMALLEST
    # Below what is likely first: the less is looked for, the sooner it is known.
    for share in _SHARES:
        below = min(-SMALLEST, share * nothing_below)
        how = How(c, day, n, starts, ends, most, beam, counted, minute, below)
        count, least = _search(a, t, room, how, step, 0.0, count)
        if count < 0 or least < below:
            break
    if count >= 0 and margin > 0.0:
        how = How(c, day, n, starts, ends, most, beam, counted, minute, min(0.0, least) + margin)
        count, least = _search(a, t, room, how, step, margin, count)
    if count < 0:
        return count, nothing_below
    if counted:
        cheap = -SMALLEST
        for minutes in range(room.front.shape[1]):
            if room.front[day, minutes] < cheap:
                cheap = room.front[day, minutes]
            else:
                room.front[day, minutes] = NOTHING
                room.front_label[day, minutes] = -1
    return count, min(0.0, least)
