"""Carers: at most ``max_carers`` different caregivers visit one elder in the week.

``found``: the caregivers; ``expected``: their number, at most.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation

RULE = "carers"


def check(case: Case) -> Iterator[Violation]:
    """Yield each elder with too many caregivers."""
    for need in case.needs:
        limit = case.week.needs[need].max_carers
        if limit is None:
            continue
        carers = case.roster.carers(need)
        if len(carers) > limit:
            yield Violation(rule=RULE, elder=need, found=tuple(sorted(carers)), expected=limit)
