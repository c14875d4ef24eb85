"""Known: every visit and caregiver exists, and each visit appears exactly once, at a minute of the week.

``found`` of a visit: how often it is placed and how often unallocated, ``expected`` 1 in all. An
unknown caregiver is named as one; a time outside the week is ``found`` as it stands.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator

from solver.judge.case import Case, Datum, Violation
from solver.roster import stands_in_week

RULE = "known"


def check(case: Case) -> Iterator[Violation]:
    """Yield whatever the problem does not know, and each visit that does not stand exactly once."""
    plan, visits, only = case.roster.plan, case.week.visits, case.only
    placed = Counter(_counted((planned.visit for planned in plan.visits), only))
    left = Counter(_counted((unallocated.visit for unallocated in plan.unallocated), only))
    for visit in visits if only is None else sorted(only & visits.keys()):
        if placed[visit] + left[visit] != 1:
            need = case.week.need_of[visit].id
            yield Violation(rule=RULE, visit=visit, elder=need, found=(placed[visit], left[visit]), expected=1)
    for unknown in dict.fromkeys([*placed, *left, *(only or ())]):
        if unknown not in visits:
            yield Violation(rule=RULE, visit=str(unknown), found=(placed[unknown], left[unknown]), expected=0)
    yield from _strange(case)


def _counted(visits: Iterable[str], only: frozenset[str] | None) -> Iterator[Hashable]:
    return (visit for visit in visits if only is None or visit in only)


def _strange(case: Case) -> Iterator[Violation]:
    """Yield unknown caregivers, and times outside the week."""
    for planned in case.roster.plan.visits:
        if case.only is not None and planned.visit not in case.only:
            continue
        for caregiver in planned.caregivers:
            if caregiver not in case.week.caregivers:
                yield Violation(rule=RULE, visit=planned.visit, caregiver=caregiver, found=caregiver)
        if not stands_in_week(planned):
            found: Datum = (planned.day, planned.start)
            yield Violation(rule=RULE, visit=planned.visit, found=found, expected=((0, 0), (6, 1439)))
