"""What a route of a caregiver-day can still gain, so that labels that cannot end below a known route are dropped.

Backwards in time, without memory: the rest of a route may make visits again, and a visit's end counts as up to
a step's minutes earlier; both only make the rest look cheaper. Minutes are paid for, not counted. What a node costs
when it is reached later is never less, so a group of neighbours is passed over when the best of them, reached as soon
as the nearest of them, would not do.
"""

from solver.bound.jit import kernel
from solver.bound.pairs import Pairs
from solver.bound.room import NOTHING, Room
from solver.search.arrays import DAYS, NEVER, Arrays
from solver.search.timing import earliest

_STEP, _LONG_STEP, _MANY = 10, 30, 200  # minutes; the long step from so many nodes on


@kernel
def starts_of(a: Arrays, t: Pairs, room: Room, i: int, day: int, at: int) -> tuple[int, float, int]:
    """Return the earliest start of node ``i`` that costs points, the points, and the earliest that costs none."""
    node = room.nodes[i]
    v = node.visit
    spot, row = t.spots[v * DAYS + day], a.visit_days[v * DAYS + day]
    if spot.fixed >= 0:
        start = spot.fixed if at <= spot.fixed else NEVER
        return start, 0.0, start
    start = earliest(a.spans, row.window_low, row.window_high, at)
    if node.kept_day == day:
        free = a.visits[v].published_start if at <= a.visits[v].published_start else NEVER
        extra = max(0.0, a.changed / a.visits[v].hands - spot.always)
    else:
        free, extra = earliest(a.spans, row.wished_low, row.wished_high, at), spot.outside
    if extra <= 0.0:
        return start, 0.0, min(free, start)
    return start, extra, free


@kernel
def look_ahead(a: Arrays, t: Pairs, room: Room, c: int, day: int, n: int, way: float) -> tuple[int, float]:
    """Write the least points from each node on, by when it is reached and by when it is left.

    Returned are the step, and what no route of the day undercuts.
    """
    shift = a.shifts[c * DAYS + day]
    starts, ends = int(shift.starts), int(shift.ends)
    step = _STEP if n < _MANY else _LONG_STEP
    for j in range(n):
        step = max(1, min(step, room.nodes[j].minutes))
    metric = t.metric[a.caregivers[c].mode] > 0
    room.soonest[: ends - starts + 1] = NOTHING
    room.group_soonest[:, : ends - starts + 1] = NOTHING
    for i in range(n):
        room.left[i, : (ends - starts) // step + 1] = NOTHING
        _put_ends(a, t, room, i, n, day, starts, metric)
    for q in range((ends - starts) // step, -1, -1):
        low = starts + q * step
        for at in range(low, min(low + step, ends + 1)):
            for j in range(n):
                points = _reached(a, t, room, j, day, n, starts, ends, step, at, metric)
                room.reached[at - starts, j] = points
                group = room.group[j]
                room.group_soonest[group, at - starts] = min(room.group_soonest[group, at - starts], points)
                room.soonest[at - starts] = min(room.soonest[at - starts], points)
        for i in range(n):
            if room.ends[i, 0] < low + step and low <= room.ends[i, 1]:
                room.left[i, q] = _left(room, i, n, q, step, low, starts, ends, way, metric)
    best = 0.0
    for j in range(n):
        leg = room.legs[n, j]
        if starts + leg <= ends:
            best = min(best, way * leg + room.reached[leg, j])
    return step, best


@kernel
def _put_ends(a: Arrays, t: Pairs, room: Room, i: int, n: int, day: int, starts: int, metric: bool) -> None:
    """Write when the visit of node ``i`` can end, the first minute and the last: nothing follows at another time."""
    node = room.nodes[i]
    room.ends[i, 0], room.ends[i, 1] = NEVER, -1
    if not node.days >> day & 1:
        return
    start, _, free = starts_of(a, t, room, i, day, _soonest_at(room, i, n, starts, metric))
    room.ends[i, 0] = min(start, free) + node.minutes
    spot, row = t.spots[node.visit * DAYS + day], a.visit_days[node.visit * DAYS + day]
    last = spot.fixed
    if last < 0:
        if node.kept_day == day:
            last = a.visits[node.visit].published_start
        for k in range(row.window_low, row.window_high):
            last = max(last, a.spans[k].last)
        for k in range(row.wished_low, row.wished_high):
            last = max(last, a.spans[k].last)
    room.ends[i, 1] = last + node.minutes


@kernel
def _soonest_at(room: Room, i: int, n: int, starts: int, metric: bool) -> int:
    """Return when a node is reached at the soonest: by the straight way, if trips follow the formula."""
    return starts + room.legs[n, i] if metric else starts


@kernel
def _reached(
    a: Arrays, t: Pairs, room: Room, j: int, day: int, n: int, starts: int, ends: int, step: int, at: int, metric: bool
) -> float:
    """Return the least points from node ``j`` on when it is reached at a minute, at its soonest if that is later."""
    node = room.nodes[j]
    at = max(at, _soonest_at(room, j, n, starts, metric))
    if not node.days >> day & 1 or at > ends:
        return NOTHING
    start, extra, free = starts_of(a, t, room, j, day, at)
    points = NOTHING
    if start + node.minutes <= ends:
        points = extra + room.left[j, (start + node.minutes - starts) // step]
    if free + node.minutes <= ends:
        points = min(points, room.left[j, (free + node.minutes - starts) // step])
    return float(points + node.points[day])


@kernel
def _left(
    room: Room, i: int, n: int, q: int, step: int, low: int, starts: int, ends: int, way: float, metric: bool
) -> float:
    """Return the least points once the visit of node ``i`` has ended at minute ``low``: home, or on to another."""
    least = NOTHING
    if not metric or low + room.legs[i, n] <= ends:
        least = way * room.legs[i, n]
    if low + step <= ends:
        least = min(least, room.left[i, q + 1])  # leaving later is never cheaper
    elder = room.nodes[i].elder
    for group in room.group_order[i]:
        if group < 0:
            break
        leg = room.group_legs[i, group]
        if low + leg > ends or way * leg + room.soonest[low + leg - starts] >= least:
            break
        if way * leg + room.group_soonest[group, low + leg - starts] >= least:
            continue
        for k in range(room.group_low[group], room.group_low[group + 1]):
            j = room.members[k]
            leg = room.legs[i, j]
            if low + leg <= ends:
                points = way * leg + room.reached[low + leg - starts, j]
                if points < least and room.nodes[j].elder != elder:
                    least = points
    return least
