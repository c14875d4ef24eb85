"""Spacing: an elder's visits lie far enough apart, and on the days of one of her patterns.

Too close: ``found`` are the two days, ``expected`` the days between them, at least. Off the patterns:
``found`` are the days of her placed visits in the order of her need, ``expected`` the patterns.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation, at
from solver.problem import Need
from solver.roster import Stop

RULE = "spacing"


def check(case: Case) -> Iterator[Violation]:
    """Yield each pair of visits that is too close, and each elder whose days follow no pattern."""
    for need_id in case.needs:
        need, stops = case.week.needs[need_id], case.roster.stops_of_need(need_id)
        yield from _too_close(need, stops)
        yield from _off_pattern(need, stops)


def _too_close(need: Need, stops: list[Stop]) -> Iterator[Violation]:
    for i, stop in enumerate(stops):
        others = [*need.occupied_days, *(other.planned.day for other in stops[:i])]
        for day in others:
            if abs(stop.planned.day - day) < need.min_days_between:
                yield at(RULE, stop, found=(day, stop.planned.day), expected=need.min_days_between)


def _off_pattern(need: Need, stops: list[Stop]) -> Iterator[Violation]:
    number = {visit.id: i for i, visit in enumerate(need.visits)}
    days = sorted((number[stop.visit.id], stop.planned.day) for stop in stops)
    if need.day_patterns and not any(all(pattern[i] == day for i, day in days) for pattern in need.day_patterns):
        yield Violation(rule=RULE, elder=need.id, found=tuple(day for _, day in days), expected=need.day_patterns)
