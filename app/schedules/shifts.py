"""When and how much a caregiver can work in one week."""

from collections.abc import Iterable

from app.core.weeks import Week
from app.schedules.rows import CaregiverRow, LeaveRow
from solver.problem import Minutes, Shift


def shifts(caregiver: CaregiverRow, week: Week, closed_days: frozenset[int]) -> tuple[Shift, ...]:
    """Return her working hours of the week, less leave, holidays and the days outside her employment.

    Leave in the middle of a day leaves two parts; the solver knows one shift a day, so the longer
    part (of equal ones the earlier) is kept.
    """
    found = []
    for day, on in enumerate(week.days):
        hours = caregiver.hours.get(day)
        if hours is None or day in closed_days:
            continue
        if on < caregiver.hired_on or (caregiver.ended_on is not None and on >= caregiver.ended_on):
            continue
        at_work = without_leave(hours, (leave for leave in caregiver.leaves if leave.first_on <= on <= leave.last_on))
        if at_work is not None:
            found.append(Shift(day, *at_work))
    return tuple(found)


def without_leave(hours: tuple[Minutes, Minutes], leaves: Iterable[LeaveRow]) -> tuple[Minutes, Minutes] | None:
    """Return the longest part of the hours that no leave touches; None if nothing is left."""
    parts = [hours]
    for leave in leaves:
        if leave.starts is None or leave.ends is None:
            return None
        cut = []
        for starts, ends in parts:
            cut += [(starts, min(ends, leave.starts)), (max(starts, leave.ends), ends)]
        parts = [(starts, ends) for starts, ends in cut if starts < ends]
    return max(parts, key=lambda part: (part[1] - part[0], -part[0]), default=None)


def last_valid_days(caregiver: CaregiverRow, week: Week) -> dict[str, int]:
    """Return skill → the last day of the week on which she may use it; skills that she can't use are missing.

    A certificate issued in the middle of the week counts from the next week on: the solver knows
    when one ends, not when it begins.
    """
    last: dict[str, int] = {}
    for skill, issued_on, expires_on in caregiver.certificates:
        if issued_on <= week.monday <= expires_on:
            last[skill] = max(last.get(skill, 0), min(6, (expires_on - week.monday).days))
    return last
