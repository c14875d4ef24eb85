"""The second witness of a bottleneck: counts it again, person by person, with no flow."""

from collections.abc import Sequence

from solver.month.promise import DAYS_IN_WEEK, Bottleneck, Carer, Promise, possible_minutes
from solver.problem import Minutes


def proven_missing(bottleneck: Bottleneck, promises: Sequence[Promise], carers: Sequence[Carer]) -> Minutes:
    """Return the minutes (times hands) that by this bottleneck no plan can give; 0 or less: it proves nothing.

    Each minute of its elders lies either in a week that is counted with what her own days hold, or on a day of
    some caregiver who may visit her; so each of those caregivers must be counted for that day or its week.

    Raises
    ------
    ValueError
        If an elder could be visited by somebody who isn't counted: the bottleneck leaves a way out.
    """
    by_id = {promise.id: promise for promise in promises}
    needed = own = 0
    for name in sorted(bottleneck.promises):
        promise = by_id[name]
        days = [day for day in promise.days if len(_able(promise, day, carers)) >= promise.hands]
        needed += possible_minutes(promise, days) * promise.hands
        for week in sorted({day // DAYS_IN_WEEK for day in days}):
            in_week = [day for day in days if day // DAYS_IN_WEEK == week]
            if (name, week) in bottleneck.elsewhere:
                own += possible_minutes(promise, in_week) * promise.hands
            else:
                _check_all_counted(bottleneck, promise, in_week, carers)
    carer_of = {carer.id: carer for carer in carers}
    staff = sum(carer_of[carer].minutes_on(day) for carer, day in bottleneck.by_day)
    staff += sum(carer_of[carer].minutes_in(week) for carer, week in bottleneck.by_week)
    return needed - own - staff


def _able(promise: Promise, day: int, carers: Sequence[Carer]) -> list[Carer]:
    """Return who may visit her on a day, and is at work long enough after some start of her windows."""
    minutes = min(promise.visits, default=0)
    found = []
    for carer in carers:
        if day not in carer.shifts or not carer.may(promise, day):
            continue
        starts, ends = carer.shifts[day]
        for opens, closes in promise.windows.get(day, ((0, 24 * 60),)):
            start = max(opens, starts)
            if start < closes and start + minutes <= ends:
                found.append(carer)
                break
    return found


def _check_all_counted(bottleneck: Bottleneck, promise: Promise, days: Sequence[int], carers: Sequence[Carer]) -> None:
    for day in days:
        for carer in _able(promise, day, carers):
            if (carer.id, day) not in bottleneck.by_day and (carer.id, day // DAYS_IN_WEEK) not in bottleneck.by_week:
                raise ValueError(f"{carer.id} could visit {promise.id} on day {day}, and is not counted")
