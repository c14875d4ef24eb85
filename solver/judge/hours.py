"""Hours: an elder's care on the days of each cap stays within it; two caregivers at once count once.

``day``: the cap's first day; ``found``: the minutes; ``expected``: the cap, at most.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation

RULE = "hours"


def check(case: Case) -> Iterator[Violation]:
    """Yield each cap that an elder's visits exceed."""
    for need in case.needs:
        for cap in case.week.needs[need].caps:
            found = sum(
                stop.visit.minutes
                for stop in case.roster.stops_of_need(need)
                if cap.first_day <= stop.planned.day <= cap.last_day
            )
            if found > cap.minutes:
                yield Violation(rule=RULE, elder=need, day=cap.first_day, found=found, expected=cap.minutes)
