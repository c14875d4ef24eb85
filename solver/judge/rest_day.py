"""Rest day: a caregiver has visits on at most ``max_days`` days.

``found``: the days with visits; ``expected``: their number, at most.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation

RULE = "rest_day"


def check(case: Case) -> Iterator[Violation]:
    """Yield each caregiver who works on too many days."""
    for caregiver in case.caregivers:
        days = tuple(route.day for route in case.roster.routes(caregiver))
        limit = case.week.caregivers[caregiver].max_days
        if len(days) > limit:
            yield Violation(rule=RULE, caregiver=caregiver, found=days, expected=limit)
