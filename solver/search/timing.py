"""When: whether a route can be walked at all, and what its start times cost at the least.

A route can be walked if each visit can start at its earliest, from the shift's beginning on, and
still be early enough for the rest. The meal rule needs two labels instead of one, in each direction:

* forward, the earliest start ``EARLIEST`` while the rule is still open, and ``EARLIEST_FED`` once it
  is met (a break was taken, or the day began after the meal hours opened);
* backward, the latest start ``LATEST`` if nothing is left to see to, and ``LATEST_HUNGRY`` if the
  rest must still hold a break, or be over before the meal hours close.

Waiting is free, so every start in a window between the two is possible: the check is exact. The
labels ``+ WISHED`` are the same with each visit held to the starts that cost nothing.
"""

import math

from solver.search.arrays import DAYS, FAR, NEVER, Arrays, Ints, Roads, Rows
from solver.search.jit import kernel

# Columns of State.stops, a row for each visit of a route.
VISIT, FIXED = 0, 1  # the visit; its start if that is settled, else -1
EARLIEST, EARLIEST_FED, LATEST, LATEST_HUNGRY = 2, 3, 4, 5
WISHED = 4  # added to the four
LEG_IN = 10  # minutes from the visit before (or the base)
LEG_HOME = 11  # minutes to the base; only right for the last visit
MINUTES = 12
COLUMNS = 13
START = 2  # of Work.row: the start that `cheapest_starts` found

BEAM = 48  # partial schedules kept per visit and meal state; far more than wishes and pins make


@kernel
def trip(roads: Roads, mode: int, p: int, q: int) -> int:
    """Return the minutes of a trip; `solver.travel` says the same."""
    if roads.modes[mode].matrix >= 0:
        return int(roads.matrices[roads.modes[mode].matrix, p, q])
    if p == q:
        return 0
    east = roads.places[p].east - roads.places[q].east
    north = roads.places[p].north - roads.places[q].north
    way = roads.modes[mode]
    minutes = (way.detour * math.sqrt(east * east + north * north)) / way.speed
    whole = int(minutes) if minutes < FAR else FAR
    if whole < minutes and whole < FAR:
        whole += 1
    return whole + int(way.access)


@kernel
def earliest(spans: Rows, low: int, high: int, at: int) -> int:
    """Return the first start from ``at`` on, or NEVER."""
    for k in range(low, high):
        if at <= spans[k].last:
            return at if at > spans[k].opens else spans[k].opens
    return NEVER


@kernel
def latest(spans: Rows, low: int, high: int, at: int) -> int:
    """Return the last start up to ``at``, or -NEVER."""
    for k in range(high - 1, low - 1, -1):
        if at >= spans[k].opens:
            return at if at < spans[k].last else spans[k].last
    return -NEVER


@kernel
def fed_arrival(end: int, leg: int, meal: int, opens: int, closes: int) -> int:
    """Return the earliest start of the next visit after a break on arrival, or before the trip."""
    on_arrival = max(end + leg, opens) + meal
    if on_arrival <= closes:
        return on_arrival
    before = max(end, opens) + meal
    if before <= closes:
        return before + leg
    return NEVER


@kernel
def fed_departure(start: int, leg: int, meal: int, opens: int, closes: int) -> int:
    """Return the latest end of the visit before, if a break lies between it and ``start``."""
    end = -NEVER
    if opens + meal <= min(start - leg, closes):
        end = min(start - leg, closes) - meal
    if opens + meal <= min(start, closes):
        end = max(end, min(start, closes) - meal - leg)
    return end


@kernel
def first_at(fixed: int, spans: Rows, low: int, high: int, at: int) -> int:
    """Return the first start from ``at`` on: the fixed one if there is one (-1: none)."""
    if fixed >= 0:
        return fixed if at <= fixed else NEVER
    return earliest(spans, low, high, at)


@kernel
def last_at(fixed: int, spans: Rows, low: int, high: int, at: int) -> int:
    """Return the last start up to ``at``: the fixed one if there is one (-1: none)."""
    if fixed >= 0:
        return fixed if at >= fixed else -NEVER
    return latest(spans, low, high, at)


@kernel
def fits(
    stops: Ints,
    of: int,
    route: int,
    spot: int,
    n: int,
    minutes: int,
    leg_in: int,
    leg_out: int,
    fixed: int,
    spans: Rows,
    low: int,
    high: int,
    starts: int,
    ends: int,
    meal: int,
    meal_opens: int,
    meal_closes: int,
) -> bool:
    """Say whether a visit can go in front of number ``spot`` of a route of ``n``.

    ``of`` is 0 for any allowed start, WISHED for starts that cost nothing.
    """
    if spot == 0:
        at = starts + leg_in
        f0 = first_at(fixed, spans, low, high, at)
        f1 = first_at(fixed, spans, low, high, max(at, meal_opens + 1 + leg_in))
    else:
        p = spot - 1
        before = stops[route, p, MINUTES]
        end = stops[route, p, of + EARLIEST] + before
        f0 = first_at(fixed, spans, low, high, end + leg_in)
        fed = stops[route, p, of + EARLIEST_FED] + before + leg_in
        f1 = first_at(fixed, spans, low, high, min(fed, fed_arrival(end, leg_in, meal, meal_opens, meal_closes)))
    if f0 >= NEVER and f1 >= NEVER:
        return False
    if spot == n:
        home = leg_out + minutes
        b0 = ends - home
        b1 = min(ends, meal_closes - 1) - home
    else:
        start = stops[route, spot, of + LATEST]
        b0 = start - leg_out - minutes
        b1 = (
            max(
                stops[route, spot, of + LATEST_HUNGRY] - leg_out,
                fed_departure(start, leg_out, meal, meal_opens, meal_closes),
            )
            - minutes
        )
    return f1 <= b0 or f0 <= b1


@kernel
def matches(a: Arrays, v: int, caregiver: int, day: int) -> bool:
    """Say whether a visit stands with its published caregiver on its published day."""
    return bool(
        a.visits[v].published_day == day and a.visits[v].published_by[0] == caregiver and a.visits[v].together == 0
    )


@kernel
def free_start(a: Arrays, v: int, caregiver: int, day: int, fixed: int) -> int:
    """Return the one start that costs nothing (NEVER: none does), or -1 if the wished windows say it."""
    if fixed >= 0:
        return fixed
    if matches(a, v, caregiver, day):
        return int(a.visits[v].published_start) if a.visits[v].published_wished else NEVER
    return -1


@kernel
def label_route(a: Arrays, stops: Ints, n: int, caregiver: int, day: int, of: int) -> bool:
    """Write one set of labels of a route (its legs and minutes are there) and say if it can be walked."""
    starts, ends = a.shifts[caregiver * DAYS + day].starts, a.shifts[caregiver * DAYS + day].ends
    wished = of == WISHED
    f0, f1, before = 0, 0, 0
    for i in range(n):
        v = stops[i, VISIT]
        row = a.visit_days[v * DAYS + day]
        low = row.wished_low if wished else row.window_low
        high = row.wished_high if wished else row.window_high
        fixed = free_start(a, v, caregiver, day, stops[i, FIXED]) if wished else stops[i, FIXED]
        leg = stops[i, LEG_IN]
        if i == 0:
            a0 = starts + leg
            a1 = max(a0, a.meal_opens + 1 + leg)
        else:
            end = f0 + before
            a0 = end + leg
            a1 = min(f1 + before + leg, fed_arrival(end, leg, a.meal, a.meal_opens, a.meal_closes))
        f0 = first_at(fixed, a.spans, low, high, a0)
        f1 = first_at(fixed, a.spans, low, high, a1)
        stops[i, of + EARLIEST] = f0
        stops[i, of + EARLIEST_FED] = f1
        before = stops[i, MINUTES]
    b0, b1 = 0, 0
    for i in range(n - 1, -1, -1):
        v = stops[i, VISIT]
        row = a.visit_days[v * DAYS + day]
        low = row.wished_low if wished else row.window_low
        high = row.wished_high if wished else row.window_high
        fixed = free_start(a, v, caregiver, day, stops[i, FIXED]) if wished else stops[i, FIXED]
        minutes = stops[i, MINUTES]
        if i == n - 1:
            e0 = ends - stops[i, LEG_HOME]
            e1 = min(ends, a.meal_closes - 1) - stops[i, LEG_HOME]
        else:
            leg = stops[i + 1, LEG_IN]
            e0 = b0 - leg
            e1 = max(b1 - leg, fed_departure(b0, leg, a.meal, a.meal_opens, a.meal_closes))
        b0 = last_at(fixed, a.spans, low, high, e0 - minutes)
        b1 = last_at(fixed, a.spans, low, high, e1 - minutes)
        stops[i, of + LATEST] = b0
        stops[i, of + LATEST_HUNGRY] = b1
    return bool(stops[0, of + EARLIEST_FED] <= b0 or stops[0, of + EARLIEST] <= b1)


@kernel
def _keep(beam: Rows, i: int, n: int, start: int, points: float, fed: int, source: int) -> int:
    """Add a partial schedule unless another is as early, as cheap and as fed; return how many there are.

    ``beam[i, k]`` are those that end with visit ``i``; ``source`` is the one before that it goes on.
    """
    for k in range(n):
        old = beam[i, k]
        if old.at <= start and old.points <= points and old.fed >= fed:
            return n
    kept = 0
    for k in range(n):
        old = beam[i, k]
        if start <= old.at and points <= old.points and fed >= old.fed:
            continue
        beam[i, kept] = old
        kept += 1
    if kept < BEAM:
        new = beam[i, kept]
        new.at = start
        new.points = points
        new.fed = fed
        new.source = source
        kept += 1
    return kept


@kernel
def _extend(
    a: Arrays,
    beam: Rows,
    v: int,
    fixed: int,
    kept: bool,
    day: int,
    i: int,
    n: int,
    at: int,
    step: tuple[float, int, int],
) -> int:
    """Add the starts of visit ``v`` from ``at`` on that can be the best: the first of each price.

    ``kept``: the visit stands on its published day with its published caregiver. ``step``: points so
    far, whether the meal rule is met, and the partial schedule that goes on.
    """
    points, fed, source = step
    if fixed >= 0:
        return _keep(beam, i, n, fixed, points, fed, source) if at <= fixed else n
    visit, row = a.visits[v], a.visit_days[v * DAYS + day]
    wish = 0.0 if row.no_wish else visit.wish
    change = a.changed if kept else 0.0
    if kept and at <= visit.published_start:
        extra = 0.0 if visit.published_wished else wish
        n = _keep(beam, i, n, visit.published_start, points + extra, fed, source)
    start = earliest(a.spans, row.wished_low, row.wished_high, at)
    if start < NEVER:
        n = _keep(beam, i, n, start, points + change, fed, source)
    if wish > 0.0:
        start = earliest(a.spans, row.window_low, row.window_high, at)
        if start < NEVER:
            n = _keep(beam, i, n, start, points + wish + change, fed, source)
    return n


@kernel
def cheapest_starts(a: Arrays, beam: Rows, row: Ints, stops: Ints, n: int, caregiver: int, day: int) -> float:
    """Return the least points that a route's start times cost; write the starts to ``row[:, START]``.

    Forward over the visits with partial schedules of which none is worse than another in time,
    points and meal alike: exact up to BEAM of them. -1.0 if the route can't be walked.
    """
    if n == 0:
        return 0.0
    shift, who = a.shifts[caregiver * DAYS + day], a.caregivers[caregiver]
    had = 0
    for i in range(n):
        v, fixed = stops[i, VISIT], stops[i, FIXED]
        kept = matches(a, v, caregiver, day)
        now = 0
        if i == 0:
            leg = trip(a.roads, who.mode, who.base, a.visits[v].place)
            at = shift.starts + leg
            now = _extend(a, beam, v, fixed, kept, day, i, now, at, (0.0, 0, -1))
            at = max(at, a.meal_opens + 1 + leg)
            now = _extend(a, beam, v, fixed, kept, day, i, now, at, (0.0, 1, -1))
        else:
            last = a.visits[stops[i - 1, VISIT]]
            leg = trip(a.roads, who.mode, last.place, a.visits[v].place)
            for k in range(had):
                points, fed = beam[i - 1, k].points, beam[i - 1, k].fed
                end = beam[i - 1, k].at + last.minutes
                now = _extend(a, beam, v, fixed, kept, day, i, now, end + leg, (points, fed, k))
                if not fed:
                    at = fed_arrival(end, leg, a.meal, a.meal_opens, a.meal_closes)
                    now = _extend(a, beam, v, fixed, kept, day, i, now, at, (points, 1, k))
        had = now
        if had == 0:
            return -1.0
    last = a.visits[stops[n - 1, VISIT]]
    home = last.minutes + trip(a.roads, who.mode, last.place, who.base)
    best = -1
    for k in range(had):
        end = beam[n - 1, k]
        back = end.at + home
        if back > shift.ends or (not end.fed and back >= a.meal_closes):
            continue
        if best < 0 or end.points < beam[n - 1, best].points:
            best = k
    if best < 0:
        return -1.0
    least = beam[n - 1, best].points
    for i in range(n - 1, -1, -1):
        row[i, START] = beam[i, best].at
        best = beam[i, best].source
    return float(least)
