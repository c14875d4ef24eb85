"""What a route of a caregiver-day can still gain, so that labels that cannot end below a known route are dropped.

Backwards in time, without memory: the rest of a route may make visits again, and a visit's end counts as up to
`_STEP` minutes earlier; both only make the rest look cheaper. Minutes are paid for, not counted.
"""

from solver.bound.jit import kernel
from solver.bound.pairs import Pairs
from solver.bound.room import NOTHING, Room
from solver.search.arrays import DAYS, NEVER, Arrays
from solver.search.timing import earliest

_STEP = 10


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
    step = _STEP
    for j in range(n):
        step = max(1, min(step, room.nodes[j].minutes))
    for q in range((ends - starts) // step, -1, -1):
        low = starts + q * step
        for j in range(n):
            node = room.nodes[j]
            for at in range(low, min(low + step, ends + 1)):
                if j == 0:
                    room.soonest[at - starts] = NOTHING
                room.reached[j, at - starts] = NOTHING
                if not node.days >> day & 1:
                    continue
                start, extra, free = starts_of(a, t, room, j, day, at)
                points = NOTHING
                if start + node.minutes <= ends:
                    points = extra + room.left[j, (start + node.minutes - starts) // step]
                if free + node.minutes <= ends:
                    points = min(points, room.left[j, (free + node.minutes - starts) // step])
                room.reached[j, at - starts] = points + node.points[day]
                room.soonest[at - starts] = min(room.soonest[at - starts], room.reached[j, at - starts])
        for i in range(n):
            least = NOTHING
            if not t.metric[a.caregivers[c].mode] or low + room.legs[i, n] <= ends:
                least = way * room.legs[i, n]
            elder = room.nodes[i].elder
            for j in room.order[i, :n]:
                leg = room.legs[i, j]
                if low + leg > ends or way * leg + room.soonest[low + leg - starts] >= least:
                    break
                points = way * leg + room.reached[j, low + leg - starts]
                if points < least and room.nodes[j].elder != elder:
                    least = points
            room.left[i, q] = least
    best = 0.0
    for j in range(n):
        leg = room.legs[n, j]
        if starts + leg <= ends:
            best = min(best, way * leg + room.reached[j, leg])
    return step, best
