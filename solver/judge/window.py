"""Window: each visit starts in one of its windows on its day, ``opens <= start < closes``.

``found``: the start; ``expected``: the windows of that day as pairs (opens, closes), none if it is closed.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation, at

RULE = "window"


def check(case: Case) -> Iterator[Violation]:
    """Yield each visit that starts outside its windows."""
    for stop in case.stops():
        windows = tuple((w.opens, w.closes) for w in stop.visit.windows if w.day == stop.planned.day)
        if not any(opens <= stop.start < closes for opens, closes in windows):
            yield at(RULE, stop, found=stop.start, expected=windows)
