"""Travel: between two visits that follow each other there is time for the trip.

Visits that overlap are left to the rule *overlap*. ``found``: the minutes between them; ``expected``:
the minutes of the trip, at least.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation, at

RULE = "travel"


def check(case: Case) -> Iterator[Violation]:
    """Yield each visit that its caregiver cannot reach in time from the one before."""
    for route in case.routes():
        for i in range(1, len(route.stops)):
            between = route.stops[i].start - route.stops[i - 1].end
            if 0 <= between < route.legs[i]:
                yield at(RULE, route.stops[i], found=between, expected=route.legs[i], caregiver=route.caregiver.id)
