"""Daily limit: care and travel of a day stay within the caregiver's limit.

``found``: the minutes; ``expected``: the limit, at most.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation

RULE = "daily_limit"


def check(case: Case) -> Iterator[Violation]:
    """Yield each day that is too long."""
    for route in case.routes():
        found, limit = route.working_minutes, route.caregiver.daily_limit_minutes
        if found > limit:
            yield Violation(rule=RULE, caregiver=route.caregiver.id, day=route.day, found=found, expected=limit)
