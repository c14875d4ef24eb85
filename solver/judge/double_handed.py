"""Double-handed: a visit is made by exactly as many different caregivers as it needs hands.

``found``: the caregivers; ``expected``: their number.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation, at

RULE = "double_handed"


def check(case: Case) -> Iterator[Violation]:
    """Yield each visit with too few or too many caregivers, or the same one twice."""
    for stop in case.stops():
        caregivers, hands = stop.planned.caregivers, stop.visit.hands
        if len(caregivers) != hands or len(set(caregivers)) != hands:
            yield at(RULE, stop, found=tuple(caregivers), expected=hands)
