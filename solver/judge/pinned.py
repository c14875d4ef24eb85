"""Pinned: a pinned visit stands exactly as pinned, or is unallocated, as pinned.

A pin that contradicts another rule is no excuse here: whatever the plan does with it breaks a rule.
``found`` and ``expected``: day, start and caregivers, None where the visit is not placed.
"""

from collections.abc import Iterable, Iterator

from solver.judge.case import Case, Datum, Violation
from solver.problem import Day, Minutes

RULE = "pinned"


def check(case: Case) -> Iterator[Violation]:
    """Yield each pin that the plan does not keep."""
    for visit, pin in case.week.pins.items():
        if case.only is not None and visit not in case.only:
            continue
        expected = None if pin.day is None else _stand(pin.day, pin.start, pin.caregivers)
        stands = [
            _stand(stop.planned.day, stop.start, stop.planned.caregivers) for stop in case.roster.stops_of_visit(visit)
        ]
        # Placed twice is the rule *known*'s; here each of the two must stand as pinned.
        for found in stands or [None]:
            if found != expected:
                yield Violation(
                    rule=RULE, visit=visit, elder=case.week.need_of[visit].id, found=found, expected=expected
                )


def _stand(day: Day, start: Minutes | None, caregivers: Iterable[str]) -> Datum:
    return (day, start, tuple(sorted(caregivers)))
