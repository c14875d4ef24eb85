"""Putting visits in: the cheapest spot of one visit that keeps every rule."""

from solver.search.arrays import DAYS, Arrays, Ints
from solver.search.chance import chance
from solver.search.jit import kernel
from solver.search.state import State, Work, enter, load_points, place, start_points, touch_visit
from solver.search.timing import (
    EARLIEST,
    FIXED,
    LATEST,
    LEG_HOME,
    LEG_IN,
    MINUTES,
    VISIT,
    WISHED,
    fits,
    matches,
    trip,
)

NO_SPOT = 1e15
MOST_CARERS = 1000  # a larger number stands for no limit


@kernel
def free_days(a: Arrays, s: State, v: int) -> int:
    """Return the mask of days on which a visit may stand, given the elder's other visits."""
    e = a.visits[v].elder
    mask = a.visits[v].days
    first, after = a.elders[e].first, a.elders[e].after
    gap = a.elders[e].gap
    for u in range(first, after):
        if u != v and s.stands[u].day >= 0:
            for day in range(max(0, s.stands[u].day - gap + 1), min(DAYS, s.stands[u].day + gap)):
                mask &= ~(1 << day)
    if mask and a.elders[e].pattern_low < a.elders[e].pattern_high:
        mask &= _pattern_days(a, s, v)
    for k in range(a.elders[e].cap_low, a.elders[e].cap_high):
        used = a.visits[v].minutes
        for u in range(first, after):
            if u != v and a.caps[k].first <= s.stands[u].day <= a.caps[k].last:
                used += a.visits[u].minutes
        if used > a.caps[k].minutes:
            for day in range(max(0, a.caps[k].first), min(DAYS - 1, a.caps[k].last) + 1):
                mask &= ~(1 << day)
    return int(mask)


@kernel
def _pattern_days(a: Arrays, s: State, v: int) -> int:
    e = a.visits[v].elder
    first, n = a.elders[e].first, a.elders[e].after - a.elders[e].first
    mask = 0
    for row in range(a.elders[e].pattern_low, a.elders[e].pattern_high, n):
        same = True
        for i in range(n):
            if first + i != v and s.stands[first + i].day >= 0 and s.stands[first + i].day != a.patterns[row + i]:
                same = False
                break
        if same:
            mask |= 1 << a.patterns[row + v - first]
    return mask


@kernel
def is_carer(a: Arrays, s: State, e: int, caregiver: int) -> bool:
    """Say whether a caregiver visits an elder this week already."""
    for u in range(a.elders[e].first, a.elders[e].after):
        if s.stands[u].day >= 0:
            for h in range(a.visits[u].hands):
                if s.stands[u].by[h] == caregiver:
                    return True
    return False


@kernel
def carers_left(a: Arrays, s: State, e: int) -> int:
    """Return how many caregivers more an elder may have this week."""
    n = 0
    for u in range(a.elders[e].first, a.elders[e].after):
        if s.stands[u].day >= 0:
            for h in range(a.visits[u].hands):
                new = True
                for other in range(a.elders[e].first, u + 1):
                    if s.stands[other].day >= 0:
                        for k in range(a.visits[other].hands):
                            if (other < u or k < h) and s.stands[other].by[k] == s.stands[u].by[h]:
                                new = False
                if new:
                    n += 1
    return int(a.elders[e].max_carers - n)


@kernel
def start_points_with(a: Arrays, s: State, w: Work, route: int, spot: int, v: int, fixed: int) -> float:
    """Return what a route's start times would cost with one visit more, exactly; -1.0: can't be walked."""
    n = s.routes[route].n
    for i in range(spot):
        w.row[i, VISIT] = s.stops[route, i, VISIT]
        w.row[i, FIXED] = s.stops[route, i, FIXED]
    w.row[spot, VISIT] = v
    w.row[spot, FIXED] = fixed
    for i in range(spot, n):
        w.row[i + 1, VISIT] = s.stops[route, i, VISIT]
        w.row[i + 1, FIXED] = s.stops[route, i, FIXED]
    return start_points(a, w, route, w.row, n + 1)


@kernel
def best_spot_on(
    a: Arrays,
    s: State,
    w: Work,
    v: int,
    route: int,
    fixed: int,
    out: int,
    back: int,
    room: int,
    base_points: float,
    limit: float,
) -> tuple[float, int]:
    """Return the points of the cheapest spot on one route, and the spot (-1: none below ``limit``).

    Parameters
    ----------
    fixed
        The start, if it is given (-1: any).
    out, back
        Minutes between the caregiver's base and the visit.
    room
        Minutes of travel that the limits of day and week leave after the visit's own.
    base_points
        What the visit costs on this route wherever it goes.
    """
    caregiver, day = route // DAYS, route % DAYS
    n = s.routes[route].n
    row = v * DAYS + day
    mode, here, minutes = a.caregivers[caregiver].mode, a.visits[v].place, a.visits[v].minutes
    starts, ends = a.shifts[route].starts, a.shifts[route].ends
    work = s.weeks[caregiver].work
    before = load_points(a, caregiver, work)
    stops = s.stops
    free = fixed
    if fixed < 0 and matches(a, v, caregiver, day):
        free = a.visits[v].published_start if a.visits[v].published_wished else -2
    best, best_spot = limit, -1
    opens, last = fixed, fixed
    if fixed < 0:
        if a.visit_days[row].window_low == a.visit_days[row].window_high:
            return best, best_spot
        opens = a.spans[a.visit_days[row].window_low].opens
        last = a.spans[a.visit_days[row].window_high - 1].last
    after = starts  # nothing begins earlier than the visit before ends, trips aside
    next_in = out
    given = a.roads.modes[mode].matrix >= 0  # by the formula, a trip takes as long there as back
    for spot in range(n + 1):
        this_in, next_in = next_in, -1
        if spot > 0:
            after = stops[route, spot - 1, EARLIEST] + stops[route, spot - 1, MINUTES]
        if after > last:
            break
        until = stops[route, spot, LATEST] if spot < n else ends
        if max(after, opens) + minutes > until:
            continue
        if this_in < 0:
            this_in = trip(a.roads, mode, a.visits[stops[route, spot - 1, VISIT]].place, here)
        if spot < n:
            there = a.visits[stops[route, spot, VISIT]].place
            leg_out = trip(a.roads, mode, here, there)
            old = stops[route, spot, LEG_IN]
            next_in = trip(a.roads, mode, there, here) if given else leg_out
        else:
            leg_out = back
            old = stops[route, n - 1, LEG_HOME] if n > 0 else 0
        more = this_in + leg_out - old
        if more > room:
            continue
        points = base_points + a.travel_minute * more + load_points(a, caregiver, work + minutes + more) - before
        if points >= best:
            continue
        if not fits(
            stops, 0, route, spot, n, minutes, this_in, leg_out, fixed,
            a.spans, a.visit_days[row].window_low, a.visit_days[row].window_high,
            starts, ends, a.meal, a.meal_opens, a.meal_closes,
        ):  # fmt: skip
            continue
        if free == -2 or s.routes[route].start_points > 0.0 or not fits(
            stops, WISHED, route, spot, n, minutes, this_in, leg_out, free,
            a.spans, a.visit_days[row].wished_low, a.visit_days[row].wished_high,
            starts, ends, a.meal, a.meal_opens, a.meal_closes,
        ):  # fmt: skip
            price = start_points_with(a, s, w, route, spot, v, fixed)
            if price < 0.0:
                continue
            points += price - s.routes[route].start_points
        if points < best:
            best, best_spot = points, spot
    return best, best_spot


@kernel
def _on_caregiver(a: Arrays, s: State, w: Work, v: int, k: int, days: int, limit: float) -> tuple[float, int, int]:
    """Return points, route and spot of the cheapest spot in the week of candidate row ``k`` (route -1: none)."""
    one = a.candidates[k]
    c, visit = one.caregiver, a.visits[v]
    who, week = a.caregivers[c], s.weeks[c]
    room = who.weekly - week.work - visit.minutes
    best, best_route, best_spot = limit, -1, -1
    least = one.cost + load_points(a, c, week.work + visit.minutes) - load_points(a, c, week.work)
    if room < 0 or least >= limit:
        return best, best_route, best_spot
    for day in range(DAYS):
        route = c * DAYS + day
        cost = a.visit_days[v * DAYS + day].cost
        if not days >> day & 1 or least + cost >= best:
            continue
        now = s.routes[route]
        if now.n >= s.stops.shape[1] or (now.n == 0 and week.days >= who.max_days):
            continue
        points = one.cost + cost
        if visit.published_day == day and visit.published_by[0] != c:
            points += a.changed
        left = min(room, who.daily - now.care - now.travel - visit.minutes)
        if left < 0 or points >= best:
            continue
        found, spot = best_spot_on(a, s, w, v, route, -1, one.out, one.back, left, points, best)
        if spot >= 0:
            best, best_route, best_spot = found, route, spot
    return best, best_route, best_spot


@kernel
def _known(a: Arrays, s: State, w: Work, v: int, k: int, days: int, limit: float) -> tuple[float, int, int]:
    """Return the same as `_on_caregiver`, from memory if her week has not changed since."""
    known = s.known[s.known_low[v] + k - a.elders[a.visits[v].elder].candidate_low]
    stamp = s.weeks[a.candidates[k].caregiver].stamp
    if known.stamp != stamp or known.days != days or (known.route < 0 and known.points < limit):
        found, route, spot = _on_caregiver(a, s, w, v, k, days, limit)
        known.stamp = stamp
        known.days = days
        known.points = found
        known.route = route
        known.spot = spot
    return known.points, known.route, known.spot


@kernel
def cheapest_spot(
    a: Arrays, s: State, w: Work, groups: Ints, group: int, v: int, blink: float, most: float
) -> tuple[int, int]:
    """Return route and spot where a visit that one caregiver makes is cheapest (route -1: nowhere below ``most``).

    Only caregivers of the group are asked, and each is overlooked with probability ``blink``.
    """
    best, best_route, best_spot = most, -1, -1
    days = free_days(a, s, v)
    if days == 0:
        return best_route, best_spot
    e = a.visits[v].elder
    elder = a.elders[e]
    new_allowed = elder.max_carers > MOST_CARERS or carers_left(a, s, e) > 0
    for k in range(elder.candidate_low, elder.candidate_high):
        c = a.candidates[k].caregiver
        if groups[c] != group or a.candidates[k].cost >= best:
            continue
        can = days & a.can_on[a.visits[v].skill, c]
        if can == 0 or (blink > 0.0 and chance(w.rng) < blink) or not (new_allowed or is_carer(a, s, e, c)):
            continue
        found, route, spot = _known(a, s, w, v, k, can, best)
        if route >= 0 and found < best:
            best, best_route, best_spot = found, route, spot
    return best_route, best_spot


@kernel
def pair_points(a: Arrays, v: int, caregiver: int) -> float:
    """Return what a visit by this caregiver costs (continuity, wishes, lending); NO_SPOT: not a candidate."""
    e = a.visits[v].elder
    for k in range(a.elders[e].candidate_low, a.elders[e].candidate_high):
        if a.candidates[k].caregiver == caregiver:
            return float(a.candidates[k].cost)
    return NO_SPOT


@kernel
def placed_points(a: Arrays, v: int, caregiver: int, day: int) -> float:
    """Return what a visit of one caregiver costs by its day and caregiver alone."""
    points = pair_points(a, v, caregiver) + a.visit_days[v * DAYS + day].cost
    if a.visits[v].published_day == day and a.visits[v].published_by[0] != caregiver:
        points += a.changed
    return float(points)


@kernel
def put(a: Arrays, s: State, w: Work, v: int, route: int, spot: int) -> None:
    """Place a visit that one caregiver makes, at a spot that `cheapest_spot` found."""
    touch_visit(s, w, v)
    caregiver, day = route // DAYS, route % DAYS
    s.stands[v].by[0] = caregiver
    place(a, s, w, v, day, -1, placed_points(a, v, caregiver, day))
    enter(a, s, w, v, route, spot, -1)
