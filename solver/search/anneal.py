"""One search: ruin, recreate, and accept or take back, colder and colder."""

import math

from solver.search.arrays import Arrays, Ints
from solver.search.chance import below, chance
from solver.search.insertion import NO_SPOT, cheapest_spot, put
from solver.search.jit import entry, kernel
from solver.search.removal import ruin
from solver.search.settings import OVERLOOKED
from solver.search.state import (
    ABSENT,
    ALLOWED,
    BEFORE,
    BEST,
    CLOCK,
    MOST_OFFERED,
    NOW,
    OFFERED,
    OFFERED_LIST,
    OWED,
    REMOVED,
    REMOVED_LIST,
    SEED,
    State,
    Work,
    begin,
    keep_as_best,
    note_absent,
    note_columns,
    note_dirty,
    sound,
    take_back,
)
from solver.search.together import put_together

_ANYWHERE_OFFERED = 2  # absent visits put on offer in each iteration, wherever they are
_NEAR_OFFERED = 6  # and near the elder ruined around
_MANY_ABSENT = 10  # absent visits from which on it matters more which of them get a place
_PASSED_OVER = 0.3  # share of the near elders passed over
# Points (× 1 + temperature) by which a plan may be worse for its routes to be of use to the master.
_WORTH_NOTING = 15.0
_TOGETHER_FIRST = 0.9  # how often a visit with a settled start goes before all others: it has the fewest places


@kernel
def _offer(a: Arrays, w: Work) -> None:
    """Put the removed visits on offer, and some absent ones: near the elder ruined around, and anywhere."""
    n = 0
    for k in range(w.counts[REMOVED]):
        w.lists[OFFERED_LIST, n] = w.lists[REMOVED_LIST, k]
        n += 1
    absent = w.counts[ABSENT]
    if absent > 0:
        first = below(w.rng, absent)
        for k in range(min(absent, _ANYWHERE_OFFERED)):
            v = w.absent[(first + k) % absent]
            w.lists[OFFERED_LIST, n] = v
            w.visit_marks[v].offered_at = w.counts[CLOCK]
            n += 1
        seed = w.counts[SEED]
        for k in range(a.near.shape[1]):
            e = a.near[seed, k]
            if e < 0 or n >= w.counts[REMOVED] + _ANYWHERE_OFFERED + _NEAR_OFFERED:
                break
            if chance(w.rng) < _PASSED_OVER:
                continue
            for v in range(a.elders[e].first, a.elders[e].after):
                mark = w.visit_marks[v]
                if mark.absent_spot >= 0 and mark.offered_at != w.counts[CLOCK] and n < MOST_OFFERED:
                    w.lists[OFFERED_LIST, n] = v
                    n += 1
    w.counts[OFFERED] = n


@kernel
def _key(a: Arrays, w: Work, v: int, order: int) -> float:
    """Return by what a visit on offer is sorted: together first, then by chance, worth, length or choice."""
    if a.visits[v].together and chance(w.rng) < _TOGETHER_FIRST:
        return -1e12 + chance(w.rng)
    if order == 0:
        return chance(w.rng)
    if order == 1:
        return -float(a.visits[v].absent_cost / a.visits[v].minutes) * (0.7 + 0.6 * chance(w.rng))
    if order == 2:
        return -float(a.visits[v].minutes) + chance(w.rng)
    e = a.visits[v].elder
    far = (
        float(a.candidates[a.elders[e].candidate_low].out)
        if a.elders[e].candidate_low < a.elders[e].candidate_high
        else 0.0
    )
    return -far if order == 3 else far


@kernel
def _sort(a: Arrays, w: Work) -> None:
    draw = chance(w.rng)
    if w.counts[ABSENT] > _MANY_ABSENT and chance(w.rng) < 0.5:
        draw = 0.5
    order = 0 if draw < 0.4 else (1 if draw < 0.6 else (2 if draw < 0.8 else (3 if draw < 0.92 else 4)))
    for k in range(w.counts[OFFERED]):
        v = w.lists[OFFERED_LIST, k]
        key = _key(a, w, v, order)
        i = k
        while i > 0 and w.keys[i - 1] > key:
            w.keys[i] = w.keys[i - 1]
            w.lists[OFFERED_LIST, i] = w.lists[OFFERED_LIST, i - 1]
            i -= 1
        w.keys[i] = key
        w.lists[OFFERED_LIST, i] = v


@kernel
def hopeless(w: Work) -> bool:
    """Say whether an iteration can't be accepted any more, however cheap its other visits become.

    The visits that were taken out and wait for a place are owed: placing them costs nothing at the least.
    """
    return bool(w.points[NOW] - w.points[OWED] - w.points[BEFORE] >= w.points[ALLOWED])


@kernel
def _put_or_leave(a: Arrays, s: State, w: Work, groups: Ints, group: int, v: int, blink: float) -> None:
    """Place a visit where it is cheapest now, if that is better than leaving it out."""
    absent = a.visits[v].absent_cost
    if a.visits[v].together:
        put_together(a, s, w, groups, group, v, blink)
        return
    most = min(absent, w.points[ALLOWED] + w.points[BEFORE] + w.points[OWED] - w.points[NOW])
    route, spot = cheapest_spot(a, s, w, groups, group, v, blink, most)
    if route >= 0:
        put(a, s, w, v, route, spot)


@kernel
def recreate(a: Arrays, s: State, w: Work, groups: Ints, group: int) -> None:
    """Place the visits on offer where it pays, as long as the iteration may still be accepted."""
    _sort(a, w)
    n = w.counts[OFFERED]
    w.points[OWED] = 0.0
    for k in range(n):
        w.points[OWED] += a.visits[w.lists[OFFERED_LIST, k]].absent_cost
    for k in range(n):
        v = w.lists[OFFERED_LIST, k]
        _put_or_leave(a, s, w, groups, group, v, w.settings[OVERLOOKED])
        w.points[OWED] -= a.visits[v].absent_cost
        if hopeless(w):
            return


@kernel
def list_absent(a: Arrays, s: State, w: Work, elders: Ints) -> None:
    """List the visits of these elders that are absent and may be placed."""
    n = 0
    for e in elders:
        for v in range(a.elders[e].first, a.elders[e].after):
            if s.stands[v].day < 0 and not a.visits[v].pinned:
                w.absent[n] = v
                w.visit_marks[v].absent_spot = n
                n += 1
    w.counts[ABSENT] = n


@entry
def construct(a: Arrays, s: State, w: Work, visits: Ints, groups: Ints) -> None:
    """Place absent visits one after the other, each where it is cheapest then."""
    w.points[ALLOWED], w.points[OWED] = NO_SPOT, 0.0
    for v in visits:
        if s.stands[v].day < 0 and not a.visits[v].pinned:
            begin(w)
            _put_or_leave(a, s, w, groups, 0, v, 0.0)


@entry
def search(
    a: Arrays,
    s: State,
    w: Work,
    groups: Ints,
    elder_groups: Ints,
    group: int,
    elders: Ints,
    iterations: int,
    hot: float,
    cold: float,
) -> int:
    """Run some iterations on the caregivers and elders of one group; return how many were accepted.

    Parameters
    ----------
    groups, elder_groups
        The group of each caregiver and elder.
    hot, cold
        Temperatures (points) at the beginning and the end.
    """
    list_absent(a, s, w, elders)
    cooling = (cold / hot) ** (1.0 / max(1, iterations))
    temperature = hot
    accepted = 0
    for _ in range(iterations):
        temperature *= cooling
        begin(w)
        ruin(a, s, w, groups, group, elder_groups, elders)
        if not sound(a, s, w):
            take_back(s, w)
            continue
        _offer(a, w)
        w.points[ALLOWED] = -temperature * math.log(1.0 - chance(w.rng))
        recreate(a, s, w, groups, group)
        change = w.points[NOW] - w.points[BEFORE]
        if change < _WORTH_NOTING * (1.0 + temperature):
            note_columns(s, w)
        if change < w.points[ALLOWED]:
            accepted += 1
            note_dirty(w)
            note_absent(s, w)
            if w.points[NOW] < w.points[BEST] - 1e-7:
                keep_as_best(s, w)
        else:
            take_back(s, w)
    return accepted
