"""The problem as flat arrays: written once, read by every kernel, never changed.

Visits, elders (one per need), caregivers and places are numbered in the order of the problem; an
elder's visits follow each other. Routes are numbered ``caregiver × 7 + day``. Sets of days are bit
masks (bit 0 is Monday). Rows have fixed types, so that a compiled kernel fits every problem; there
are few arrays of them, since each one that a kernel is handed costs compile time. ``x_low`` and
``x_high`` are the first row of a part of another array, and the one after its last.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from solver.problem import Problem

Ints: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[Any]

DAYS = 7
NEVER = 1 << 20  # a start that no window has; -NEVER likewise from below
FAR = 1 << 18  # minutes: a trip that fits in no day

PLACE = np.dtype([("east", np.float64), ("north", np.float64)])  # metres
MODE = np.dtype(
    [
        ("access", np.int32),  # minutes
        ("matrix", np.int32),  # number of its matrix, -1: by the formula
        ("detour", np.float64),
        ("speed", np.float64),
    ]
)
VISIT = np.dtype(
    [
        ("elder", np.int32),
        ("place", np.int32),
        ("minutes", np.int32),
        ("hands", np.int32),
        ("skill", np.int32),  # row of can_on
        ("days", np.int32),  # mask: eligible, far enough from occupied days, with a window
        ("together", np.int32),  # 1 if the start is settled once the visit is placed (see `together`)
        ("pinned", np.int32),
        ("timed", np.int32),  # its start may cost something
        ("published", np.int32),  # changing costs
        ("published_day", np.int32),  # -1 if there is none, or none that can be kept
        ("published_start", np.int32),
        ("published_by", np.int32, (2,)),  # sorted, -1 beyond
        ("published_wished", np.int32),  # the published start costs nothing
        ("absent_cost", np.float64),  # points
        ("wish", np.float64),  # points if it has one that can be missed, else 0
    ]
)
VISIT_DAY = np.dtype(
    [
        ("window_low", np.int32),  # spans
        ("window_high", np.int32),
        ("wished_low", np.int32),  # windows ∩ wished; all windows if there is no wish, or none to be met that day
        ("wished_high", np.int32),
        ("no_wish", np.int32),  # it has a wish, which no window of that day meets
        ("cost", np.float64),  # points for the day alone; 0 for visits of `together`
    ]
)
SPAN = np.dtype([("opens", np.int32), ("last", np.int32)])  # starts s with opens <= s <= last
ELDER = np.dtype(
    [
        ("first", np.int32),  # visits
        ("after", np.int32),
        ("gap", np.int32),  # least days between two visits
        ("max_carers", np.int32),  # a large number if there is no limit
        ("cap_low", np.int32),
        ("cap_high", np.int32),
        ("pattern_low", np.int32),  # into patterns: rows of as many days as she has visits
        ("pattern_high", np.int32),
        ("candidate_low", np.int32),
        ("candidate_high", np.int32),
        ("home", np.int32),  # place
    ]
)
CAP = np.dtype([("first", np.int32), ("last", np.int32), ("minutes", np.int32)])
CANDIDATE = np.dtype(
    [
        ("caregiver", np.int32),
        ("out", np.int32),  # minutes from her base to the elder
        ("back", np.int32),
        ("usual", np.int32),
        ("cost", np.float64),  # points per visit: continuity, wished gender, dialect, lending
    ]
)
CAREGIVER = np.dtype(
    [
        ("base", np.int32),  # place
        ("mode", np.int32),
        ("weekly", np.int32),  # minutes
        ("daily", np.int32),
        ("max_days", np.int32),
        ("load_from", np.float64),  # minutes
        ("overload_from", np.float64),
    ]
)
SHIFT = np.dtype([("starts", np.int32), ("ends", np.int32)])  # -1: none


class Roads(NamedTuple):
    """What a trip takes: by a mode's formula, or by its matrix where the problem gives one."""

    places: Rows  # PLACE
    modes: Rows  # MODE
    matrices: Ints  # (m, places, places)


class Arrays(NamedTuple):
    """One problem."""

    roads: Roads
    visits: Rows  # VISIT
    visit_days: Rows  # (visits × 7,) VISIT_DAY
    spans: Rows  # SPAN, sorted and apart within their part
    elders: Rows  # ELDER
    caps: Rows  # CAP
    patterns: Ints
    near: Ints  # (elders, n) the nearest elders, herself first, -1 beyond
    candidates: Rows  # CANDIDATE, an elder's most promising first
    caregivers: Rows  # CAREGIVER
    shifts: Rows  # (routes,) SHIFT
    can_on: NDArray[np.uint8]  # (skill sets, caregivers) masks of days
    travel_minute: float  # points
    load_minute: float
    overload_minute: float
    changed: float
    meal: int  # minutes
    meal_opens: int
    meal_closes: int


@dataclass(frozen=True)
class Names:
    """From numbers back to the problem's ids."""

    visits: tuple[str, ...]
    caregivers: tuple[str, ...]
    visit_number: dict[str, int]
    caregiver_number: dict[str, int]


def names(problem: Problem) -> Names:
    """Number the visits and the caregivers."""
    visits = tuple(visit.id for need in problem.needs for visit in need.visits)
    caregivers = tuple(caregiver.id for caregiver in problem.caregivers)
    return Names(
        visits,
        caregivers,
        {name: i for i, name in enumerate(visits)},
        {name: i for i, name in enumerate(caregivers)},
    )
