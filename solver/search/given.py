"""Placing a visit exactly as given, and letting its start go again; what the whole plan costs."""

from solver.search.arrays import DAYS, Arrays, Floats, Ints
from solver.search.insertion import NO_SPOT, best_spot_on, carers_left, free_days, is_carer, pair_points, placed_points
from solver.search.jit import entry
from solver.search.state import NOW, State, Work, begin, load_points, measure, start_points
from solver.search.timing import FIXED, START, VISIT, earliest, trip
from solver.search.together import BEST_AT, BEST_BY, apart, put_at


@entry
def put_as_given(a: Arrays, s: State, w: Work, v: int, day: int, start: int, by: Ints) -> bool:
    """Place an absent visit exactly as given, if every rule allows it; say whether it does."""
    row = v * DAYS + day
    e = a.visits[v].elder
    if len(by) != a.visits[v].hands or not free_days(a, s, v) >> day & 1 or not apart(a, s, v, day, start):
        return False
    if earliest(a.spans, a.visit_days[row].window_low, a.visit_days[row].window_high, start) != start:
        return False
    new = 0
    for h in range(len(by)):
        c = by[h]
        route = c * DAYS + day
        n = s.routes[route].n
        room = (
            min(
                a.caregivers[c].weekly - s.weeks[c].work,
                a.caregivers[c].daily - s.routes[route].care - s.routes[route].travel,
            )
            - a.visits[v].minutes
        )
        if (
            room < 0
            or a.shifts[route].starts < 0
            or not a.can_on[a.visits[v].skill, c] >> day & 1
            or pair_points(a, v, c) >= NO_SPOT
            or n >= s.stops.shape[1]
            or (n == 0 and s.weeks[c].days >= a.caregivers[c].max_days)
        ):
            return False
        out = trip(a.roads, a.caregivers[c].mode, a.caregivers[c].base, a.visits[v].place)
        back = trip(a.roads, a.caregivers[c].mode, a.visits[v].place, a.caregivers[c].base)
        spot = best_spot_on(a, s, w, v, route, start, out, back, room, 0.0, NO_SPOT)[1]
        if spot < 0:
            return False
        w.chosen[BEST_BY, h] = c
        w.chosen[BEST_AT, h] = spot
        if not is_carer(a, s, e, c):
            new += 1
    if new > max(0, carers_left(a, s, e)):
        return False
    begin(w)
    put_at(a, s, w, v, day, start)
    return True


@entry
def release(a: Arrays, s: State, w: Work, visits: Ints) -> None:
    """Let the start of these visits go again, unless it is settled or pinned."""
    for v in visits:
        if s.stands[v].day < 0 or a.visits[v].together or a.visits[v].pinned:
            continue
        c = s.stands[v].by[0]
        route = c * DAYS + s.stands[v].day
        for i in range(s.routes[route].n):
            if s.stops[route, i, VISIT] == v:
                s.stops[route, i, FIXED] = -1
        before = s.routes[route].start_points
        measure(a, s, w, route)
        points = placed_points(a, v, c, s.stands[v].day)
        w.points[NOW] += s.routes[route].start_points - before + points - s.stands[v].points
        s.stands[v].points = points
        s.stands[v].start = -1


@entry
def whole_points(a: Arrays, s: State) -> float:
    """Return what the plan costs, added up from the routes and visits as they are booked."""
    total = 0.0
    for v in range(len(a.visits)):
        total += s.stands[v].points if s.stands[v].day >= 0 else a.visits[v].absent_cost
    for route in range(len(s.routes)):
        total += a.travel_minute * s.routes[route].travel + s.routes[route].start_points
    for c in range(len(a.caregivers)):
        total += load_points(a, c, s.weeks[c].work)
    return total


@entry
def settle(a: Arrays, w: Work, routes: Ints, n: Ints, starts: Ints) -> int:
    """Write the cheapest start times of every route; return a route that can't be walked, or -1."""
    for route in range(len(n)):
        if n[route] == 0:
            continue
        if start_points(a, w, route, routes[route], n[route]) < 0.0:
            return route
        for i in range(n[route]):
            starts[route, i] = w.row[i, START]
    return -1


@entry
def price(a: Arrays, w: Work, columns: Ints, points: Floats, work: Ints) -> None:
    """Write the points and the minutes of work of routes; minutes -1 where one can't be walked.

    ``columns[k]``: route, n, then VISIT and FIXED of each stop. The points are those of travel, start
    times, days and caregivers, without the visits whose start is settled.
    """
    for k in range(len(columns)):
        route, n = columns[k, 0], columns[k, 1]
        c, day = route // DAYS, route % DAYS
        who = a.caregivers[c]
        here, travel, care, total = who.base, 0, 0, 0.0
        for i in range(n):
            v = columns[k, 2 + 2 * i]
            w.row[i, VISIT] = v
            w.row[i, FIXED] = columns[k, 3 + 2 * i]
            travel += trip(a.roads, who.mode, here, a.visits[v].place)
            care += a.visits[v].minutes
            here = a.visits[v].place
            if columns[k, 3 + 2 * i] < 0:
                total += placed_points(a, v, c, day)
        travel += trip(a.roads, who.mode, here, who.base)
        for_starts = start_points(a, w, route, w.row, n)
        points[k] = total + a.travel_minute * travel + for_starts
        work[k] = care + travel if for_starts >= 0.0 and care + travel <= who.daily else -1
