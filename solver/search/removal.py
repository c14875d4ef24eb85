"""Taking visits out: strings of near routes, whole elders, days and weeks of caregivers, one day's neighbours.

Source of the strings: Christiaens and Vanden Berghe, "Slack induction by string removals" (2020).
"""

from solver.search.arrays import DAYS, Arrays, Ints
from solver.search.chance import below, chance
from solver.search.jit import kernel
from solver.search.settings import (
    DAY_STRINGS,
    DEAR,
    ELDERS,
    MOST_OUT,
    STRINGS,
    USUAL,
    WEEK,
)
from solver.search.state import ABSENT, CLOCK, MOST_REMOVED, REMOVED, REMOVED_LIST, SEED, State, Work, remove
from solver.search.timing import LEG_HOME, LEG_IN, VISIT


@kernel
def may_leave(a: Arrays, s: State, groups: Ints, group: int, v: int) -> bool:
    """Say whether this search may take a visit out: placed, not pinned, and by its own caregivers."""
    if s.stands[v].day < 0 or a.visits[v].pinned:
        return False
    for h in range(a.visits[v].hands):
        if groups[s.stands[v].by[h]] != group:
            return False
    return True


@kernel
def take(a: Arrays, s: State, w: Work, groups: Ints, group: int, elder_groups: Ints, v: int) -> bool:
    """Remove a visit if this search may, and note it; False if it may not."""
    if elder_groups[a.visits[v].elder] != group or not may_leave(a, s, groups, group, v):
        return False
    if w.counts[REMOVED] >= MOST_REMOVED:
        return False
    remove(a, s, w, v)
    w.lists[REMOVED_LIST, w.counts[REMOVED]] = v
    w.counts[REMOVED] += 1
    return True


@kernel
def take_route(
    a: Arrays, s: State, w: Work, groups: Ints, group: int, elder_groups: Ints, route: int, centre: int, length: int
) -> None:
    """Remove a string of up to ``length`` visits around position ``centre`` of a route."""
    n = s.routes[route].n
    length = min(length, n)
    low = max(0, centre - below(w.rng, length)) if length > 0 else 0
    low = min(low, n - length)
    for i in range(low + length - 1, low - 1, -1):
        # A visit that may not leave stays where it is; the ones before it keep their numbers.
        take(a, s, w, groups, group, elder_groups, s.stops[route, i, VISIT])


@kernel
def position(s: State, route: int, v: int) -> int:
    """Return where a visit stands on a route."""
    for i in range(s.routes[route].n):
        if s.stops[route, i, VISIT] == v:
            return i
    return 0


@kernel
def _dearness(a: Arrays, s: State, groups: Ints, group: int, e: int) -> float:
    """Return what days, starts and caregivers of an elder's visits cost, and the trips to and from them."""
    points = 0.0
    for v in range(a.elders[e].first, a.elders[e].after):
        # Another group's routes may be changing right now.
        if s.stands[v].day >= 0 and groups[s.stands[v].by[0]] == group:
            route = s.stands[v].by[0] * DAYS + s.stands[v].day
            i = position(s, route, v)
            n = s.routes[route].n
            points += s.stands[v].points + a.travel_minute * (
                s.stops[route, i, LEG_IN]
                + (s.stops[route, i + 1, LEG_IN] if i + 1 < n else s.stops[route, i, LEG_HOME])
            )
    return float(points)


@kernel
def _seed(a: Arrays, s: State, w: Work, groups: Ints, group: int, elders: Ints) -> int:
    """Return an elder to ruin around: now and then one with a visit that is left out, or a dear one."""
    if w.counts[ABSENT] > 0 and chance(w.rng) < 0.3:
        return int(a.visits[w.absent[below(w.rng, w.counts[ABSENT])]].elder)
    e = elders[below(w.rng, len(elders))]
    if chance(w.rng) < w.settings[DEAR]:
        most = _dearness(a, s, groups, group, e)
        for _ in range(2):
            other = elders[below(w.rng, len(elders))]
            dear = _dearness(a, s, groups, group, other)
            if dear > most:
                e, most = other, dear
    return int(e)


@kernel
def strings(
    a: Arrays, s: State, w: Work, groups: Ints, group: int, elder_groups: Ints, seed: int, target: int, day: int
) -> None:
    """Ruin the routes that come near an elder, each once; ``day`` -1: of all days."""
    for k in range(a.near.shape[1]):
        e = a.near[seed, k]
        if e < 0 or w.counts[REMOVED] >= target:
            return
        # Other groups' visits and routes may be changing right now: not even to be looked at.
        if elder_groups[e] != group:
            continue
        for v in range(a.elders[e].first, a.elders[e].after):
            if s.stands[v].day < 0 or (day >= 0 and s.stands[v].day != day):
                continue
            route = s.stands[v].by[0] * DAYS + s.stands[v].day
            if w.marks[route].ruined_at == w.counts[CLOCK] or groups[route // DAYS] != group:
                continue
            if w.counts[REMOVED] >= target:
                return
            w.marks[route].ruined_at = w.counts[CLOCK]
            length = 1 + below(w.rng, 4)
            take_route(a, s, w, groups, group, elder_groups, route, position(s, route, v), length)


@kernel
def elders_near(
    a: Arrays, s: State, w: Work, groups: Ints, group: int, elder_groups: Ints, seed: int, target: int, part: float
) -> None:
    """Remove all visits of an elder and of a part of her neighbours."""
    for k in range(a.near.shape[1]):
        e = a.near[seed, k]
        if e < 0 or w.counts[REMOVED] >= target:
            return
        if k == 0 or chance(w.rng) < part:
            for v in range(a.elders[e].first, a.elders[e].after):
                take(a, s, w, groups, group, elder_groups, v)


@kernel
def week_of(a: Arrays, s: State, w: Work, groups: Ints, group: int, elder_groups: Ints, c: int, target: int) -> None:
    """Remove a caregiver's visits, day after day from a random one on."""
    day = below(w.rng, DAYS)
    for k in range(DAYS):
        if w.counts[REMOVED] >= target:
            return
        route = c * DAYS + (day + k) % DAYS
        take_route(a, s, w, groups, group, elder_groups, route, 0, s.routes[route].n)


@kernel
def _someone_at(a: Arrays, s: State, w: Work, groups: Ints, group: int, seed: int) -> int:
    """Return a caregiver of the group who visits an elder, or one of her candidates; -1: nobody."""
    for v in range(a.elders[seed].first, a.elders[seed].after):
        if s.stands[v].day >= 0 and groups[s.stands[v].by[0]] == group:
            return int(s.stands[v].by[0])
    n = a.elders[seed].candidate_high - a.elders[seed].candidate_low
    if n == 0:
        return -1
    c = a.candidates[a.elders[seed].candidate_low + below(w.rng, min(n, 10))].caregiver
    return int(c) if groups[c] == group else -1


@kernel
def usual(a: Arrays, s: State, w: Work, groups: Ints, group: int, elder_groups: Ints, seed: int, target: int) -> None:
    """Remove an elder's visits, and what her usual caregivers do instead."""
    for v in range(a.elders[seed].first, a.elders[seed].after):
        take(a, s, w, groups, group, elder_groups, v)
    for k in range(a.elders[seed].candidate_low, a.elders[seed].candidate_high):
        c = a.candidates[k].caregiver
        if a.candidates[k].usual and groups[c] == group and w.counts[REMOVED] < target:
            week_of(a, s, w, groups, group, elder_groups, c, min(target, w.counts[REMOVED] + 1 + below(w.rng, 6)))


@kernel
def ruin(a: Arrays, s: State, w: Work, groups: Ints, group: int, elder_groups: Ints, elders: Ints) -> None:
    """Take some visits out, in one of the ways."""
    seed = _seed(a, s, w, groups, group, elders)
    w.counts[SEED] = seed
    target = 1 + below(w.rng, int(w.settings[MOST_OUT]))
    way = chance(w.rng)
    if way < w.settings[STRINGS]:
        strings(a, s, w, groups, group, elder_groups, seed, target, -1)
    elif way < w.settings[ELDERS]:
        elders_near(a, s, w, groups, group, elder_groups, seed, target, 0.2 + 0.8 * chance(w.rng))
    elif way < w.settings[DAY_STRINGS]:
        strings(a, s, w, groups, group, elder_groups, seed, target, below(w.rng, DAYS))
    elif way < w.settings[WEEK]:
        c = _someone_at(a, s, w, groups, group, seed)
        if c >= 0:
            week_of(a, s, w, groups, group, elder_groups, c, target + 4)
    elif way < w.settings[USUAL]:
        usual(a, s, w, groups, group, elder_groups, seed, target + 4)
    else:
        for _ in range(1 + target // 3):
            e = elders[below(w.rng, len(elders))]
            for v in range(a.elders[e].first, a.elders[e].after):
                take(a, s, w, groups, group, elder_groups, v)
