"""Blocked: no caregiver visits an elder who is never to be hers.

``found``: the caregiver; ``expected``: None, since anybody else would do.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation, at

RULE = "blocked"


def check(case: Case) -> Iterator[Violation]:
    """Yield each visit made by a blocked caregiver."""
    for stop, caregiver in case.pairs():
        if caregiver.id in stop.need.blocked:
            yield at(RULE, stop, found=caregiver.id, expected=None, caregiver=caregiver.id)
