"""Visits whose start is settled when they are placed: double-handed ones, and an elder's of one day.

Once their start is fixed, the routes of two caregivers (or two visits of one elder on one day) no
longer depend on each other, and `timing` treats the start like a pin until the visit is removed.
"""

from solver.search.arrays import DAYS, Arrays, Ints
from solver.search.chance import below, chance
from solver.search.insertion import NO_SPOT, best_spot_on, carers_left, free_days, is_carer
from solver.search.jit import kernel
from solver.search.settings import STARTS_TRIED
from solver.search.state import State, Work, enter, place, touch_visit
from solver.search.timing import EARLIEST, EARLIEST_FED, MINUTES, VISIT, earliest, trip

# rows of Work.chosen
BY, AT, BEST_BY, BEST_AT = 0, 1, 2, 3


@kernel
def set_points(a: Arrays, v: int, day: int, start: int, chosen: Ints, row: int) -> float:
    """Return what day, start and set of caregivers cost beyond the pairs: wished time and change."""
    points = 0.0
    if a.visits[v].wish > 0.0:
        met = False
        if not a.visit_days[v * DAYS + day].no_wish:
            k = v * DAYS + day
            met = earliest(a.spans, a.visit_days[k].wished_low, a.visit_days[k].wished_high, start) == start
        if not met:
            points += a.visits[v].wish
    if a.visits[v].published:
        same = a.visits[v].published_day == day and a.visits[v].published_start == start
        for h in range(a.visits[v].hands):
            found = False
            for k in range(a.visits[v].hands):
                if a.visits[v].published_by[k] == chosen[row, h]:
                    found = True
            same = same and found
        if not same:
            points += a.changed
    return points


@kernel
def apart(a: Arrays, s: State, v: int, day: int, start: int) -> bool:
    """Say whether a visit overlaps no other visit of its elder."""
    e = a.visits[v].elder
    for u in range(a.elders[e].first, a.elders[e].after):
        if (
            u != v
            and s.stands[u].day == day
            and (
                s.stands[u].start < 0
                or (start < s.stands[u].start + a.visits[u].minutes and s.stands[u].start < start + a.visits[v].minutes)
            )
        ):
            return False
    return True


@kernel
def choose_hands(
    a: Arrays, s: State, w: Work, groups: Ints, group: int, v: int, day: int, start: int, limit: float, blink: float
) -> float:
    """Choose the cheapest caregivers for a visit at a given start; return the points, NO_SPOT if too few.

    They stand in ``Work.chosen[BY]``, their spots in ``Work.chosen[AT]``. Their routes do not depend
    on each other, so the cheapest few are the cheapest set; only the number of different carers
    couples them, and is filled greedily.
    """
    e, hands, minutes = a.visits[v].elder, a.visits[v].hands, a.visits[v].minutes
    had = 0
    left = carers_left(a, s, e)
    for k in range(a.elders[e].candidate_low, a.elders[e].candidate_high):
        c = a.candidates[k].caregiver
        route = c * DAYS + day
        if groups[c] != group or not a.can_on[a.visits[v].skill, c] >> day & 1 or a.shifts[route].starts < 0:
            continue
        n = s.routes[route].n
        if n >= s.stops.shape[1] or (n == 0 and s.weeks[c].days >= a.caregivers[c].max_days):
            continue
        room = (
            min(
                a.caregivers[c].weekly - s.weeks[c].work,
                a.caregivers[c].daily - s.routes[route].care - s.routes[route].travel,
            )
            - minutes
        )
        most = w.chosen_points[hands - 1] if had == hands else limit
        if room < 0 or a.candidates[k].cost >= most:
            continue
        if left < hands and not is_carer(a, s, e, c):
            # New faces are scarce: as many as are left, the most promising candidates first.
            new = 0
            for h in range(had):
                if not is_carer(a, s, e, w.chosen[BY, h]):
                    new += 1
            if new >= left:
                continue
        points, spot = best_spot_on(
            a, s, w, v, route, start, a.candidates[k].out, a.candidates[k].back, room, a.candidates[k].cost, most
        )
        if spot < 0 or (blink > 0.0 and chance(w.rng) < blink):
            continue
        h = had if had < hands else hands - 1
        while h > 0 and w.chosen_points[h - 1] > points:
            w.chosen_points[h] = w.chosen_points[h - 1]
            w.chosen[BY, h] = w.chosen[BY, h - 1]
            w.chosen[AT, h] = w.chosen[AT, h - 1]
            h -= 1
        w.chosen_points[h] = points
        w.chosen[BY, h] = c
        w.chosen[AT, h] = spot
        had = min(hands, had + 1)
    if had < hands:
        return NO_SPOT
    total = set_points(a, v, day, start, w.chosen, BY)
    for h in range(hands):
        total += w.chosen_points[h]
    return total


@kernel
def early_start(a: Arrays, s: State, w: Work, groups: Ints, group: int, v: int, day: int) -> int:
    """Return the earliest start of a visit after some visit of some candidate's day."""
    e = a.visits[v].elder
    n = a.elders[e].candidate_high - a.elders[e].candidate_low
    c = a.candidates[a.elders[e].candidate_low + below(w.rng, min(n, 12))].caregiver
    route = c * DAYS + day
    if a.shifts[route].starts < 0 or groups[c] != group:
        return -1
    spot = below(w.rng, s.routes[route].n + 1)
    if spot == 0:
        return int(
            a.shifts[route].starts + trip(a.roads, a.caregivers[c].mode, a.caregivers[c].base, a.visits[v].place)
        )
    u = s.stops[route, spot - 1, VISIT]
    fed = EARLIEST_FED if chance(w.rng) < 0.5 else EARLIEST
    end = s.stops[route, spot - 1, fed] + s.stops[route, spot - 1, MINUTES]
    return int(end + trip(a.roads, a.caregivers[c].mode, a.visits[u].place, a.visits[v].place))


@kernel
def _start_to_try(a: Arrays, s: State, w: Work, groups: Ints, group: int, v: int, day: int, number: int) -> int:
    """Return start number 0, 1, 2, … that may be worth trying on a day; -1: none, -2: no more."""
    row = v * DAYS + day
    low, windows = a.visit_days[row].window_low, a.visit_days[row].window_high - a.visit_days[row].window_low
    if number < 2 * windows:
        k = low + number // 2
        return int(a.spans[k].opens if number % 2 == 0 else a.spans[k].last)
    number -= 2 * windows
    low, wishes = a.visit_days[row].wished_low, a.visit_days[row].wished_high - a.visit_days[row].wished_low
    if a.visits[v].wish == 0.0:
        wishes = 0  # all windows, once more
    if number < 2 * wishes:
        k = low + number // 2
        return int(a.spans[k].opens if number % 2 == 0 else a.spans[k].last)
    number -= 2 * wishes
    e = a.visits[v].elder
    others = a.elders[e].after - a.elders[e].first
    if a.elders[e].gap == 0 and number < 2 * others:
        u = a.elders[e].first + number // 2
        if u == v or s.stands[u].day != day or s.stands[u].start < 0:
            return -1
        return int(
            s.stands[u].start + a.visits[u].minutes if number % 2 == 0 else s.stands[u].start - a.visits[v].minutes
        )
    if a.elders[e].gap == 0:
        number -= 2 * others
    if number == 0:
        return int(a.visits[v].published_start) if a.visits[v].published_day == day else -1
    if number > w.settings[STARTS_TRIED]:
        return -2
    if number % 2 == 0:
        return early_start(a, s, w, groups, group, v, day)
    k = a.visit_days[row].window_low + below(w.rng, windows)
    start = a.spans[k].opens + below(w.rng, a.spans[k].last - a.spans[k].opens + 1)
    return int(max(a.spans[k].opens, start - start % 5))


@kernel
def put_together(a: Arrays, s: State, w: Work, groups: Ints, group: int, v: int, blink: float) -> bool:
    """Place a visit at its cheapest day, start and caregivers among those tried; say whether there were any."""
    e = a.visits[v].elder
    days = free_days(a, s, v)
    if days == 0 or a.elders[e].candidate_high - a.elders[e].candidate_low < a.visits[v].hands:
        return False
    best, best_day, best_start = a.visits[v].absent_cost, -1, -1
    for day in range(DAYS):
        if not days >> day & 1:
            continue
        row = v * DAYS + day
        number = 0
        while True:
            start = _start_to_try(a, s, w, groups, group, v, day, number)
            number += 1
            if start == -2:
                break
            if start < 0:
                continue
            start = earliest(a.spans, a.visit_days[row].window_low, a.visit_days[row].window_high, start)
            if start >= 1440 or not apart(a, s, v, day, start):
                continue
            points = choose_hands(a, s, w, groups, group, v, day, start, best, blink)
            if points < best:
                best, best_day, best_start = points, day, start
                for h in range(a.visits[v].hands):
                    w.chosen[BEST_BY, h] = w.chosen[BY, h]
                    w.chosen[BEST_AT, h] = w.chosen[AT, h]
    if best_day < 0:
        return False
    put_at(a, s, w, v, best_day, best_start)
    return True


@kernel
def put_at(a: Arrays, s: State, w: Work, v: int, day: int, start: int) -> None:
    """Place a visit with the caregivers and spots in ``Work.chosen[BEST_BY]`` and ``[BEST_AT]``."""
    touch_visit(s, w, v)
    e = a.visits[v].elder
    points = set_points(a, v, day, start, w.chosen, BEST_BY)
    for h in range(a.visits[v].hands):
        c = w.chosen[BEST_BY, h]
        s.stands[v].by[h] = c
        for k in range(a.elders[e].candidate_low, a.elders[e].candidate_high):
            if a.candidates[k].caregiver == c:
                points += a.candidates[k].cost
    place(a, s, w, v, day, start, points)
    for h in range(a.visits[v].hands):
        enter(a, s, w, v, s.stands[v].by[h] * DAYS + day, w.chosen[BEST_AT, h], start)
