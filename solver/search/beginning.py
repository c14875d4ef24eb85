"""What is given: pins, the plan to start from, and the published plan, placed as they stand where they can."""

from collections.abc import Iterable, Sequence

import numpy as np

from solver.plan import PlannedVisit
from solver.problem import Pin, Published
from solver.search.arrays import DAYS, Arrays, Names
from solver.search.given import put_as_given, release
from solver.search.state import State, Work


def put_pins(a: Arrays, s: State, w: Work, names: Names, pins: Iterable[Pin]) -> list[str]:
    """Place the pins in their order; return the visits whose pins contradict a rule or an earlier pin."""
    given = [
        Published(visit=pin.visit, day=pin.day, start=pin.start, caregivers=pin.caregivers)
        for pin in pins
        if pin.day is not None and pin.start is not None
    ]
    return [each.visit for each in _put(a, s, w, names, given)]


def put_plan(a: Arrays, s: State, w: Work, names: Names, visits: Iterable[PlannedVisit | Published]) -> None:
    """Place the visits of a plan where they still can stand; what is pinned stands already."""
    pinned, day = a.visits["pinned"], s.stands["day"]
    given = []
    for planned in visits:
        v = names.visit_number.get(planned.visit, -1)
        known = all(name in names.caregiver_number for name in planned.caregivers)
        if v >= 0 and known and planned.caregivers and not pinned[v] and day[v] < 0 and 0 <= planned.day < DAYS:
            given.append(planned)
    left = {planned.visit for planned in _put(a, s, w, names, given)}
    placed = [names.visit_number[planned.visit] for planned in given if planned.visit not in left]
    release(a, s, w, np.array(placed, dtype=np.int32))


def _put(
    a: Arrays, s: State, w: Work, names: Names, given: Sequence[PlannedVisit | Published]
) -> Sequence[PlannedVisit | Published]:
    """Place visits as given, and return those that can't stand.

    Whatever finds no place is tried again once others stand: a day whose meal break lies before a later
    visit keeps its rules only when that visit is there.
    """
    while given:
        left = [each for each in given if not _stands(a, s, w, names, each)]
        if len(left) == len(given):
            break
        given = left
    return given


def _stands(a: Arrays, s: State, w: Work, names: Names, each: PlannedVisit | Published) -> bool:
    v = names.visit_number[each.visit]
    by = np.array([names.caregiver_number[name] for name in each.caregivers], dtype=np.int32)
    # A visit that is given twice stands where it was put first.
    return bool(s.stands["day"][v] >= 0 or put_as_given(a, s, w, v, each.day, each.start, by))
