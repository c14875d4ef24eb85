"""Skill: each caregiver holds every skill of the visit, with a certificate that is valid on its day.

``found``: the last day of the certificate, None without one; ``expected``: the skill.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation, at

RULE = "skill"


def check(case: Case) -> Iterator[Violation]:
    """Yield each skill that a caregiver of a visit does not hold on that day."""
    for stop, caregiver in case.pairs():
        for skill in sorted(stop.visit.skills):
            last_day = caregiver.skills.get(skill)
            if last_day is None or stop.planned.day > last_day:
                yield at(RULE, stop, found=last_day, expected=skill, caregiver=caregiver.id)
