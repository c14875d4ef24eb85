"""What is given: pins, the plan to start from, and the published plan, placed as they stand where they can."""

from collections.abc import Iterable

import numpy as np

from solver.plan import PlannedVisit
from solver.problem import Pin, Published
from solver.search.arrays import DAYS, Arrays, Names
from solver.search.given import put_as_given, release
from solver.search.state import State, Work


def put_pins(a: Arrays, s: State, w: Work, names: Names, pins: Iterable[Pin]) -> list[str]:
    """Place the pins in their order; return the visits whose pins contradict a rule or an earlier pin."""
    refused = []
    for pin in pins:
        if pin.day is not None and pin.start is not None:
            v = names.visit_number[pin.visit]
            by = np.array([names.caregiver_number[name] for name in pin.caregivers], dtype=np.int32)
            if not put_as_given(a, s, w, v, pin.day, pin.start, by):
                refused.append(pin.visit)
    return refused


def put_plan(a: Arrays, s: State, w: Work, names: Names, visits: Iterable[PlannedVisit | Published]) -> None:
    """Place the visits of a plan where they still can stand; what is pinned stands already."""
    placed = []
    pinned, day = a.visits["pinned"], s.stands["day"]
    for planned in visits:
        v = names.visit_number.get(planned.visit, -1)
        by = [names.caregiver_number.get(name, -1) for name in planned.caregivers]
        if v < 0 or pinned[v] or day[v] >= 0 or min(by, default=-1) < 0 or not 0 <= planned.day < DAYS:
            continue
        if put_as_given(a, s, w, v, planned.day, planned.start, np.array(by, dtype=np.int32)):
            placed.append(v)
    release(a, s, w, np.array(placed, dtype=np.int32))
