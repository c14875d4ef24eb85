"""Gender: each caregiver has the gender that the elder requires.

``found`` and ``expected``: the two genders.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation, at

RULE = "gender"


def check(case: Case) -> Iterator[Violation]:
    """Yield each caregiver of another gender than required."""
    for stop, caregiver in case.pairs():
        required = stop.need.required_gender
        if required is not None and caregiver.gender != required:
            yield at(RULE, stop, found=caregiver.gender, expected=required, caregiver=caregiver.id)
