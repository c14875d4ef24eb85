"""Eligibility: each visit stands on a day on which the elder may be visited.

``found``: the day; ``expected``: the days on which she may be.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation, at

RULE = "eligibility"


def check(case: Case) -> Iterator[Violation]:
    """Yield each visit on another day."""
    for stop in case.stops():
        if stop.planned.day not in stop.need.eligible_days:
            yield at(RULE, stop, found=stop.planned.day, expected=tuple(sorted(stop.need.eligible_days)))
