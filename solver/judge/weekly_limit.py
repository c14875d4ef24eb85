"""Weekly limit: care and travel of the week stay within the caregiver's limit.

``found``: the minutes; ``expected``: the limit, at most.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation

RULE = "weekly_limit"


def check(case: Case) -> Iterator[Violation]:
    """Yield each caregiver whose week is too long."""
    for caregiver in case.caregivers:
        found = case.roster.working_minutes(caregiver)
        limit = case.week.caregivers[caregiver].weekly_limit_minutes
        if found > limit:
            yield Violation(rule=RULE, caregiver=caregiver, found=found, expected=limit)
