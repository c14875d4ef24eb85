"""On which days, and when, an elder may have one more visit, whoever makes it."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from solver.plan import Reason
from solver.problem import DAYS_IN_WEEK, Day, Need, Visit
from solver.reasons.starts import Interval, without
from solver.roster import Stop

# The starts that are open on each day that is left.
Openings: TypeAlias = Mapping[Day, tuple[Interval, ...]]


def openings(need: Need, visit: Visit, others: Iterable[Stop]) -> Openings | Reason:
    """Return when the visit may start beside the elder's other visits, or why it never may."""
    stops = tuple(others)
    days = [day for day in range(DAYS_IN_WEEK) if day in need.eligible_days]
    if not days:
        return Reason.NOT_ELIGIBLE
    days = [day for day in days if _hours_left(need, visit, stops, day)]
    if not days:
        return Reason.NO_HOURS_LEFT
    open_days = {day: [(w.opens, w.closes) for w in visit.windows if w.day == day] for day in days}
    if not any(open_days.values()):
        return Reason.NO_WINDOW
    left = {
        day: _beside(windows, visit, stops, day)
        for day, windows in open_days.items()
        if _far_enough(need, stops, day) and _follows_pattern(need, visit, stops, day)
    }
    return {day: windows for day, windows in left.items() if windows} or Reason.TOO_CLOSE


def _hours_left(need: Need, visit: Visit, stops: tuple[Stop, ...], day: Day) -> bool:
    for cap in need.caps:
        if cap.first_day <= day <= cap.last_day:
            used = sum(stop.visit.minutes for stop in stops if cap.first_day <= stop.planned.day <= cap.last_day)
            if used + visit.minutes > cap.minutes:
                return False
    return True


def _far_enough(need: Need, stops: tuple[Stop, ...], day: Day) -> bool:
    occupied = (*need.occupied_days, *(stop.planned.day for stop in stops))
    return all(abs(day - other) >= need.min_days_between for other in occupied)


def _follows_pattern(need: Need, visit: Visit, stops: tuple[Stop, ...], day: Day) -> bool:
    number = {each.id: i for i, each in enumerate(need.visits)}
    stands = [(number[visit.id], day), *((number[stop.visit.id], stop.planned.day) for stop in stops)]
    return not need.day_patterns or any(all(pattern[i] == d for i, d in stands) for pattern in need.day_patterns)


def _beside(windows: list[Interval], visit: Visit, stops: tuple[Stop, ...], day: Day) -> tuple[Interval, ...]:
    """Return the starts at which the visit overlaps none of the elder's others of that day."""
    for stop in stops:
        if stop.planned.day == day:
            windows = without(windows, (stop.start - visit.minutes + 1, stop.end))
    return tuple(windows)
