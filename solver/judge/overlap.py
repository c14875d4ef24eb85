"""Overlap: a caregiver's visits of a day do not overlap, nor do one elder's.

``found``: the start of the later visit; ``expected``: the end of the earlier one, at the earliest. The
violation names the caregiver, or only the elder when the two visits are hers.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from solver.judge.case import Case, Violation, at
from solver.roster import Stop

RULE = "overlap"


def check(case: Case) -> Iterator[Violation]:
    """Yield each visit that begins before one that began earlier has ended."""
    for route in case.routes():
        for stop, end in _too_early(route.stops):
            yield at(RULE, stop, found=stop.start, expected=end, caregiver=route.caregiver.id)
    for need in case.needs:
        stops = sorted(case.roster.stops_of_need(need), key=lambda stop: (stop.planned.day, stop.start, stop.visit.id))
        for _, of_day in groupby(stops, key=lambda stop: stop.planned.day):
            for stop, end in _too_early(tuple(of_day)):
                yield at(RULE, stop, found=stop.start, expected=end)


def _too_early(stops: Sequence[Stop]) -> Iterator[tuple[Stop, int]]:
    """Yield the stops, given in order of start, that begin before ``end``, where another is still on."""
    end = 0
    for stop in stops:
        if stop.start < end:
            yield stop, end
        end = max(end, stop.end)
