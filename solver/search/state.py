"""The plan under change: routes and where each visit stands; what was touched, and how to take it back.

`State` is shared by all searches that run at once on different caregivers and elders; `Work` belongs
to one of them. Points are always told as differences: `Work.points[NOW]` is what this search changed.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.search.arrays import DAYS, Arrays, Floats, Ints, Rows
from solver.search.jit import kernel
from solver.search.settings import AS_IT_IS, Settings
from solver.search.timing import (
    BEAM,
    COLUMNS,
    EARLIEST,
    FIXED,
    LEG_HOME,
    LEG_IN,
    MINUTES,
    VISIT,
    WISHED,
    cheapest_starts,
    label_route,
    trip,
)

MOST_VISITS = 64  # on one route
MOST_REMOVED = 48  # visits in one iteration
MOST_OFFERED = 60  # visits put back in one iteration, absent ones included
MOST_COLUMNS = 4096  # routes remembered for the master, the latest ones
MOST_MOVED = 2 * (MOST_REMOVED + MOST_OFFERED)

# Work.counts
TOUCHED, MOVED, REMOVED, ABSENT, CLOCK, DIRTY, OFFERED, COLUMNS_MET, SEED = range(9)
# Work.points
NOW, BEST, BEFORE, ALLOWED, OWED = range(5)


ROUTE = np.dtype(
    [
        ("n", np.int32),  # visits on it
        ("care", np.int32),  # minutes
        ("travel", np.int32),  # minutes
        ("walkable", np.int32),
        ("start_points", np.float64),  # what its start times cost
    ]
)
WEEK = np.dtype(
    [
        ("work", np.int32),  # minutes of care and travel
        ("days", np.int32),  # with visits
        ("stamp", np.int64),  # another one whenever a route changes, the old one when that is taken back
        ("drawn", np.int64),  # stamps given out so far
    ]
)
STAND = np.dtype(
    [
        ("day", np.int32),  # -1: absent
        ("start", np.int32),  # if it is settled, else -1
        ("by", np.int32, (2,)),  # caregivers, -1 beyond
        ("points", np.float64),  # what its day and caregivers cost
    ]
)
TOUCHED_ROUTE = np.dtype([("route", np.int32), ("was", ROUTE), ("week", WEEK)])
MARK = np.dtype([("touched_at", np.int64), ("ruined_at", np.int64), ("dirty_at", np.int64)])
VISIT_MARK = np.dtype([("moved_at", np.int64), ("offered_at", np.int64), ("absent_spot", np.int64)])
PARTIAL = np.dtype([("points", np.float64), ("at", np.int32), ("fed", np.int32), ("source", np.int64)])
# What is known of the cheapest spot of a visit in a caregiver's week: right as long as the week has this stamp.
KNOWN = np.dtype(
    [
        ("stamp", np.int64),
        ("points", np.float64),  # of the spot; if there is none: no spot costs less
        ("route", np.int32),
        ("spot", np.int16),
        ("days", np.int16),  # mask of days that were asked for
    ]
)

REMOVED_LIST, OFFERED_LIST = 0, 1


class State(NamedTuple):
    """Routes (caregiver × 7 + day) and visits."""

    stops: Ints  # (routes, width, COLUMNS) int32: the visits of each route in order, see `timing`
    routes: Rows  # (routes,) ROUTE
    weeks: Rows  # (caregivers,) WEEK
    stands: Rows  # (visits,) STAND
    known: Rows  # KNOWN: for each visit, a row for each candidate of its elder
    known_low: NDArray[np.int64]  # (visits,) the first row of each visit
    best: Ints  # (routes, width, 2) int32: VISIT and FIXED of the best plan met
    best_n: Ints  # (routes,) int32


class Work(NamedTuple):
    """What one search keeps for itself."""

    rng: NDArray[np.uint64]
    counts: NDArray[np.int64]
    points: Floats
    touched: Rows  # (…,) TOUCHED_ROUTE: routes of the running iteration, as they were
    old_stops: Ints  # (…, width, COLUMNS)
    moved: Ints  # (…,) visits likewise,
    old: Rows  # (…,) STAND and where they stood
    lists: Ints  # (2, …) visits removed and visits on offer
    absent: Ints  # visits of this search that are absent
    dirty: Ints  # routes changed since the best plan was copied
    marks: Rows  # (routes,) MARK: clocks of the last touch and ruin; whether dirty
    visit_marks: Rows  # (visits,) VISIT_MARK
    beam: Rows  # (width + 1, BEAM) PARTIAL
    row: Ints  # (width + 1, 3) a route that is only tried
    chosen: Ints  # (4, 2) see `together`
    chosen_points: Floats  # (2,)
    columns: Ints  # (MOST_COLUMNS, 2 + 2 × width): route, n, then VISIT and FIXED of each stop
    keys: Floats  # (MOST_OFFERED,)
    settings: Floats  # see `settings`


def empty_state(a: Arrays) -> State:
    """Return a plan in which every visit is absent."""
    routes, caregivers, visits = len(a.shifts), len(a.caregivers), len(a.visits)
    shortest = int(a.visits["minutes"].min()) if visits else 60
    width = max(4, min(MOST_VISITS, visits, 1440 // max(1, shortest) + 1))
    stands = np.zeros(visits, dtype=STAND)
    for name in ("day", "start", "by"):
        stands[name] = -1
    weeks = np.zeros(routes, dtype=ROUTE)
    weeks["walkable"] = 1
    elders = a.elders[a.visits["elder"]]
    known_after = np.cumsum(elders["candidate_high"] - elders["candidate_low"], dtype=np.int64)
    known = np.zeros(int(known_after[-1]) if visits else 0, dtype=KNOWN)
    known["stamp"] = -1
    return State(
        stops=np.zeros((routes, width, COLUMNS), dtype=np.int32),
        routes=weeks,
        weeks=np.zeros(caregivers, dtype=WEEK),
        stands=stands,
        known=known,
        known_low=np.concatenate([np.zeros(min(1, visits), dtype=np.int64), known_after[:-1]]),
        best=np.zeros((routes, width, 2), dtype=np.int32),
        best_n=np.zeros(routes, dtype=np.int32),
    )


def new_work(a: Arrays, s: State, seed: int, settings: Settings = AS_IT_IS) -> Work:
    """Return the memory of one search."""
    routes, width = s.stops.shape[:2]
    visits = len(a.visits)
    marks = np.zeros(visits, dtype=VISIT_MARK)
    marks["absent_spot"] = -1
    return Work(
        rng=np.array([seed], dtype=np.uint64),
        counts=np.zeros(9, dtype=np.int64),
        points=np.zeros(5, dtype=np.float64),
        touched=np.zeros(2 * MOST_MOVED, dtype=TOUCHED_ROUTE),
        old_stops=np.zeros((2 * MOST_MOVED, width, COLUMNS), dtype=np.int32),
        moved=np.zeros(MOST_MOVED, dtype=np.int32),
        old=np.zeros(MOST_MOVED, dtype=STAND),
        lists=np.zeros((2, MOST_OFFERED), dtype=np.int32),
        absent=np.zeros(visits, dtype=np.int32),
        dirty=np.zeros(routes, dtype=np.int32),
        marks=np.zeros(routes, dtype=MARK),
        visit_marks=marks,
        beam=np.zeros((width + 1, BEAM), dtype=PARTIAL),
        row=np.zeros((width + 1, 3), dtype=np.int32),
        chosen=np.zeros((4, 2), dtype=np.int32),
        chosen_points=np.zeros(2, dtype=np.float64),
        columns=np.zeros((MOST_COLUMNS, 2 + 2 * width), dtype=np.int32),
        keys=np.zeros(MOST_OFFERED, dtype=np.float64),
        settings=settings.numbers(),
    )


def fresh(w: Work, seed: int) -> Work:
    """Begin another search with the memory of one that is over; its marks are told by a clock that goes on."""
    w.rng[0] = seed
    w.points[:] = 0.0
    w.counts[COLUMNS_MET] = 0
    w.marks["dirty_at"][w.dirty[: w.counts[DIRTY]]] = 0
    w.visit_marks["absent_spot"][w.absent[: w.counts[ABSENT]]] = -1
    w.counts[DIRTY] = w.counts[ABSENT] = 0
    return w


@kernel
def load_points(a: Arrays, caregiver: int, work: int) -> float:
    """Return the points for a caregiver's week of ``work`` minutes (goal *load*)."""
    return float(
        a.load_minute * max(0.0, work - a.caregivers[caregiver].load_from)
        + a.overload_minute * max(0.0, work - a.caregivers[caregiver].overload_from)
    )


@kernel
def start_points(a: Arrays, w: Work, route: int, stops: Ints, n: int) -> float:
    """Return the least points for the start times of these visits on a route, -1.0 if it can't be walked."""
    return cheapest_starts(a, w.beam, w.row, stops, n, route // DAYS, route % DAYS)


@kernel
def measure(a: Arrays, s: State, w: Work, route: int) -> None:
    """Compute everything that is known of a route from the visits on it."""
    now, stops = s.routes[route], s.stops[route]
    n = now.n
    caregiver, day = route // DAYS, route % DAYS
    s.weeks[caregiver].drawn += 1
    s.weeks[caregiver].stamp = s.weeks[caregiver].drawn
    now.care = 0
    now.travel = 0
    now.start_points = 0.0
    now.walkable = 1
    if n == 0:
        return
    who = a.caregivers[caregiver]
    at = who.base
    care, travel, timed = 0, 0, False
    for i in range(n):
        visit = a.visits[stops[i, VISIT]]
        leg = trip(a.roads, who.mode, at, visit.place)
        at = visit.place
        stops[i, LEG_IN] = leg
        stops[i, MINUTES] = visit.minutes
        travel += leg
        care += visit.minutes
        if visit.timed and stops[i, FIXED] < 0:
            timed = True
    home = trip(a.roads, who.mode, at, who.base)
    stops[n - 1, LEG_HOME] = home
    now.care = care
    now.travel = travel + home
    walkable = label_route(a, stops, n, caregiver, day, 0)
    if not timed:
        for i in range(n):
            for k in range(EARLIEST, EARLIEST + WISHED):
                stops[i, WISHED + k] = stops[i, k]
    elif not label_route(a, stops, n, caregiver, day, WISHED) and walkable:
        now.start_points = start_points(a, w, route, stops, n)
    now.walkable = 1 if walkable and care + travel + home <= who.daily else 0


@kernel
def touch(s: State, w: Work, route: int) -> None:
    """Remember a route as it was before this iteration."""
    if w.marks[route].touched_at == w.counts[CLOCK]:
        return
    w.marks[route].touched_at = w.counts[CLOCK]
    k = w.counts[TOUCHED]
    w.counts[TOUCHED] = k + 1
    w.touched[k].route = route
    w.touched[k].was = s.routes[route]
    w.touched[k].week = s.weeks[route // DAYS]
    for i in range(s.routes[route].n):
        for j in range(COLUMNS):
            w.old_stops[k, i, j] = s.stops[route, i, j]


@kernel
def touch_visit(s: State, w: Work, v: int) -> None:
    """Remember where a visit stood before this iteration."""
    if w.visit_marks[v].moved_at == w.counts[CLOCK]:
        return
    w.visit_marks[v].moved_at = w.counts[CLOCK]
    k = w.counts[MOVED]
    w.counts[MOVED] = k + 1
    w.moved[k] = v
    w.old[k] = s.stands[v]


@kernel
def remeasure(a: Arrays, s: State, w: Work, route: int, days: int) -> None:
    """Measure a changed route and book the difference; ``days`` is how many days with visits it adds."""
    caregiver = route // DAYS
    care, travel, points = s.routes[route].care, s.routes[route].travel, s.routes[route].start_points
    work = s.weeks[caregiver].work
    measure(a, s, w, route)
    new = work + s.routes[route].care + s.routes[route].travel - care - travel
    s.weeks[caregiver].work = new
    s.weeks[caregiver].days += days
    w.points[NOW] += (
        a.travel_minute * (s.routes[route].travel - travel)
        + s.routes[route].start_points
        - points
        + load_points(a, caregiver, new)
        - load_points(a, caregiver, work)
    )


@kernel
def enter(a: Arrays, s: State, w: Work, v: int, route: int, spot: int, fixed: int) -> None:
    """Put one pair of hands of a visit on a route, in front of number ``spot``."""
    touch(s, w, route)
    n = s.routes[route].n
    for i in range(n, spot, -1):
        s.stops[route, i, VISIT] = s.stops[route, i - 1, VISIT]
        s.stops[route, i, FIXED] = s.stops[route, i - 1, FIXED]
    s.stops[route, spot, VISIT] = v
    s.stops[route, spot, FIXED] = fixed
    s.routes[route].n = n + 1
    remeasure(a, s, w, route, 1 if n == 0 else 0)


@kernel
def leave(a: Arrays, s: State, w: Work, v: int, route: int) -> None:
    """Take a visit off one route."""
    touch(s, w, route)
    n = s.routes[route].n
    kept = 0
    for i in range(n):
        if s.stops[route, i, VISIT] != v:
            s.stops[route, kept, VISIT] = s.stops[route, i, VISIT]
            s.stops[route, kept, FIXED] = s.stops[route, i, FIXED]
            kept += 1
    s.routes[route].n = kept
    remeasure(a, s, w, route, -1 if kept == 0 else 0)


@kernel
def place(a: Arrays, s: State, w: Work, v: int, day: int, start: int, points: float) -> None:
    """Book a visit as placed; its hands are on their routes already, and in ``State.by``."""
    s.stands[v].day = day
    s.stands[v].start = start
    s.stands[v].points = points
    w.points[NOW] += points - a.visits[v].absent_cost


@kernel
def remove(a: Arrays, s: State, w: Work, v: int) -> None:
    """Take a visit out of the plan, all hands of it."""
    touch_visit(s, w, v)
    for h in range(a.visits[v].hands):
        leave(a, s, w, v, s.stands[v].by[h] * DAYS + s.stands[v].day)
        s.stands[v].by[h] = -1
    s.stands[v].day = -1
    s.stands[v].start = -1
    w.points[NOW] += a.visits[v].absent_cost - s.stands[v].points
    s.stands[v].points = 0.0


@kernel
def begin(w: Work) -> None:
    """Begin an iteration: nothing is touched."""
    w.counts[CLOCK] += 1
    w.counts[TOUCHED] = 0
    w.counts[MOVED] = 0
    w.counts[REMOVED] = 0
    w.counts[OFFERED] = 0
    w.points[BEFORE] = w.points[NOW]


@kernel
def take_back(s: State, w: Work) -> None:
    """Undo the iteration."""
    # The last one first: of a caregiver's routes, the first one touched knows her week as it was.
    for k in range(w.counts[TOUCHED] - 1, -1, -1):
        route = w.touched[k].route
        week = s.weeks[route // DAYS]
        s.routes[route] = w.touched[k].was
        week.work = w.touched[k].week.work
        week.days = w.touched[k].week.days
        week.stamp = w.touched[k].week.stamp
        for i in range(s.routes[route].n):
            for j in range(COLUMNS):
                s.stops[route, i, j] = w.old_stops[k, i, j]
    for k in range(w.counts[MOVED]):
        s.stands[w.moved[k]] = w.old[k]
    w.points[NOW] = w.points[BEFORE]


@kernel
def sound(a: Arrays, s: State, w: Work) -> bool:
    """Say whether every touched route still keeps its rules.

    Taking a visit out can break one where the roads make a detour shorter than the straight way, or
    where a break was taken between long trips.
    """
    for k in range(w.counts[TOUCHED]):
        route = w.touched[k].route
        caregiver = route // DAYS
        if not s.routes[route].walkable or s.weeks[caregiver].work > a.caregivers[caregiver].weekly:
            return False
    return True


@kernel
def keep_as_best(s: State, w: Work) -> None:
    """Copy the routes that changed since the last time into the best plan."""
    for k in range(w.counts[DIRTY]):
        route = w.dirty[k]
        w.marks[route].dirty_at = 0
        s.best_n[route] = s.routes[route].n
        for i in range(s.routes[route].n):
            s.best[route, i, VISIT] = s.stops[route, i, VISIT]
            s.best[route, i, FIXED] = s.stops[route, i, FIXED]
    w.counts[DIRTY] = 0
    w.points[BEST] = w.points[NOW]


@kernel
def note_dirty(w: Work) -> None:
    """Note the routes of an accepted iteration as changed since the best plan."""
    for k in range(w.counts[TOUCHED]):
        route = w.touched[k].route
        if not w.marks[route].dirty_at:
            w.marks[route].dirty_at = 1
            w.dirty[w.counts[DIRTY]] = route
            w.counts[DIRTY] += 1


@kernel
def note_columns(s: State, w: Work) -> None:
    """Remember the touched routes as they are now, for the master to choose from."""
    for k in range(w.counts[TOUCHED]):
        route = w.touched[k].route
        n = s.routes[route].n
        if n == 0:
            continue
        row = w.counts[COLUMNS_MET] % MOST_COLUMNS
        w.counts[COLUMNS_MET] += 1
        w.columns[row, 0] = route
        w.columns[row, 1] = n
        for i in range(n):
            w.columns[row, 2 + 2 * i] = s.stops[route, i, VISIT]
            w.columns[row, 3 + 2 * i] = s.stops[route, i, FIXED]


@kernel
def note_absent(s: State, w: Work) -> None:
    """Bring the list of absent visits up to date with the moved ones."""
    for k in range(w.counts[MOVED]):
        v = w.moved[k]
        spot = w.visit_marks[v].absent_spot
        if s.stands[v].day < 0 and spot < 0:
            n = w.counts[ABSENT]
            w.absent[n] = v
            w.visit_marks[v].absent_spot = n
            w.counts[ABSENT] = n + 1
        elif s.stands[v].day >= 0 and spot >= 0:
            n = w.counts[ABSENT] - 1
            other = w.absent[n]
            w.absent[spot] = other
            w.visit_marks[other].absent_spot = spot
            w.visit_marks[v].absent_spot = -1
            w.counts[ABSENT] = n
