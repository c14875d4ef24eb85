"""From the best routes met to visits with their start times."""

import numpy as np

from solver.plan import PlannedVisit
from solver.search.arrays import DAYS, Arrays, Ints, Names
from solver.search.given import settle
from solver.search.state import Work
from solver.search.timing import VISIT


class UnwalkableRoute(RuntimeError):
    """A route of the search that cannot be walked: a fault of the search, never of the problem."""


def planned_visits(a: Arrays, w: Work, names: Names, routes: Ints, n: Ints) -> tuple[PlannedVisit, ...]:
    """Return the visits on these routes, in the order of the problem."""
    starts = np.zeros(routes.shape[:2], dtype=np.int32)
    broken = settle(a, w, routes, n, starts)
    if broken >= 0:
        raise UnwalkableRoute(f"caregiver {names.caregivers[broken // DAYS]} on day {broken % DAYS}")
    stands: dict[int, tuple[int, int, list[int]]] = {}
    for route in np.flatnonzero(n):
        for i in range(n[route]):
            v = int(routes[route, i, VISIT])
            stands.setdefault(v, (int(route) % DAYS, int(starts[route, i]), []))[2].append(int(route) // DAYS)
    return tuple(
        PlannedVisit(names.visits[v], day, start, tuple(names.caregivers[c] for c in sorted(by)))
        for v, (day, start, by) in sorted(stands.items())
    )
