"""Availability: she leaves her base and is back again within her shift of that day.

``found``: when she leaves and is back; ``expected``: when the shift starts and ends, None without one.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation

RULE = "availability"


def check(case: Case) -> Iterator[Violation]:
    """Yield each route that does not lie inside a shift."""
    for route in case.routes():
        shift = case.week.shifts.get((route.caregiver.id, route.day))
        if shift is None or route.leaves < shift.starts or route.returns > shift.ends:
            yield Violation(
                rule=RULE,
                caregiver=route.caregiver.id,
                day=route.day,
                found=(route.leaves, route.returns),
                expected=None if shift is None else (shift.starts, shift.ends),
            )
