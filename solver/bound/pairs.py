"""Who may go to whom, and what it costs: all pairs, not only the search's candidates.

A pair is a caregiver and a visit that she may make on at least one day, whatever else she does. Its
points are those of one pair of hands: what is paid once for a double-handed visit (wished time,
change) is shared out among the two, which is exact where both pay and too little where only one does.
"""

from collections import defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.problem import Need, Pin, Problem
from solver.search.arrays import DAYS, Arrays, Names, Rows

PAIR = np.dtype(
    [
        ("visit", np.int32),
        ("days", np.int32),  # mask
        ("kept_day", np.int32),  # the day on which it would stand as published but for the start; -1: none
        ("points", np.float64),  # continuity, wished gender, dialect, lending, change
        ("kept_points", np.float64),  # the same on that day
    ]
)
SPOT = np.dtype(  # of a visit on a day
    [
        ("fixed", np.int32),  # the start that it is pinned to, -1: none
        ("always", np.float64),  # points, whatever the start
        ("outside", np.float64),  # points for a start outside the wished windows
    ]
)


class Pairs(NamedTuple):
    """The pairs of each caregiver end to end."""

    pairs: Rows  # PAIR, by caregiver, then visit
    low: NDArray[np.int64]  # (caregivers + 1,) first pair of each
    spots: Rows  # (visits × 7,) SPOT
    same_day: NDArray[np.uint8]  # (elders,) 1 if several visits may share a day
    alone: NDArray[np.uint8]  # (visits,) 1 if no other visit of a day can be at the same place
    metric: NDArray[np.uint8]  # (modes,) 1 if its trips follow the formula


def pairs_of(problem: Problem, names: Names, a: Arrays) -> Pairs:
    """Return all pairs of a problem."""
    table = _Points(problem, a)
    shifts = (a.shifts["starts"].reshape(-1, DAYS) >= 0) @ (1 << np.arange(DAYS))
    days = a.visits["days"].astype(np.int64).copy()
    pins = {names.visit_number[pin.visit]: pin for pin in problem.pins}
    for v, pin in pins.items():
        days[v] &= _pinned_days(a, v, pin)
    allowed = {v: {names.caregiver_number[c] for c in pin.caregivers} for v, pin in pins.items()}
    parts, low = [], [0]
    for c, caregiver in enumerate(problem.caregivers):
        on = days & a.can_on[a.visits["skill"], c] & int(shifts[c])
        on[~table.may[a.visits["elder"], c]] = 0
        if caregiver.max_days == 0:
            on[:] = 0
        for v, who in allowed.items():
            if c not in who:
                on[v] = 0
        visits = np.flatnonzero(on)
        part = np.zeros(len(visits), dtype=PAIR)
        part["visit"], part["days"] = visits, on[visits]
        part["points"] = part["kept_points"] = table.points[a.visits["elder"][visits], c]
        changed = a.changed * a.visits["published"][visits] / a.visits["hands"][visits]
        part["points"] += changed
        by = (a.visits["published_by"][visits] == c).any(axis=1) & (a.visits["published_day"][visits] >= 0)
        part["kept_day"] = np.where(by, a.visits["published_day"][visits], -1)
        parts.append(part)
        low.append(low[-1] + len(part))
    return Pairs(
        pairs=np.concatenate([np.zeros(0, dtype=PAIR), *parts]),
        low=np.array(low, dtype=np.int64),
        spots=_spots(problem, names, a, pins),
        same_day=(a.elders["gap"] == 0).astype(np.uint8),
        alone=_alone(a),
        metric=(a.roads.modes["matrix"] < 0).astype(np.uint8),
    )


def _pinned_days(a: Arrays, v: int, pin: Pin) -> int:
    """Return the mask of the day of a pin, 0 if the visit is to be left out or the pin breaks a rule by itself."""
    if pin.day is None or pin.start is None or len(pin.caregivers) != a.visits["hands"][v]:
        return 0
    row = a.visit_days[v * DAYS + pin.day]
    spans = a.spans[row["window_low"] : row["window_high"]]
    inside = (spans["opens"] <= pin.start) & (pin.start <= spans["last"])
    return 1 << pin.day if inside.any() else 0


def _alone(a: Arrays) -> NDArray[np.uint8]:
    homes = np.bincount(a.elders["home"], minlength=1)
    several = (a.elders["gap"] == 0) & (a.elders["after"] - a.elders["first"] > 1)
    alone = (homes[a.elders["home"]] == 1) & ~several
    return np.asarray(alone[a.visits["elder"]], dtype=np.uint8)


def _spots(problem: Problem, names: Names, a: Arrays, pins: dict[int, Pin]) -> Rows:
    spots = np.zeros(len(a.visits) * DAYS, dtype=SPOT)
    spots["fixed"] = -1
    missed = problem.policy.outside_wished_time
    for v, visit in enumerate(visit for need in problem.needs for visit in need.visits):
        if not visit.wished:
            continue
        of_visit = spots[v * DAYS : (v + 1) * DAYS]
        no_wish = a.visit_days["no_wish"][v * DAYS : (v + 1) * DAYS] > 0
        of_visit["always"] = np.where(no_wish, missed / visit.hands, 0.0)
        of_visit["outside"] = np.where(no_wish, 0.0, missed / visit.hands)
    for v, pin in pins.items():
        if pin.day is None or pin.start is None:
            continue
        spot, row = spots[v * DAYS + pin.day], a.visit_days[v * DAYS + pin.day]
        wished = a.spans[row["wished_low"] : row["wished_high"]]
        if not ((wished["opens"] <= pin.start) & (pin.start <= wished["last"])).any():
            spot["always"] += spot["outside"]
        spot["fixed"], spot["outside"] = pin.start, 0.0
    return spots


class _Points:
    """Who may go to each elder, ``may[elder, caregiver]``, and the points of a visit, ``points[elder, caregiver]``."""

    def __init__(self, problem: Problem, a: Arrays) -> None:
        policy, who = problem.policy, problem.caregivers
        shape = (len(problem.needs), len(who))
        self.may = np.ones(shape, dtype=np.bool_)
        self.points = np.zeros(shape, dtype=np.float64)
        number = {caregiver.id: c for c, caregiver in enumerate(who)}
        gender = np.array([caregiver.gender for caregiver in who], dtype=object)
        town = np.array([caregiver.town for caregiver in who], dtype=object)
        speakers: dict[str, NDArray[np.bool_]] = defaultdict(lambda: np.zeros(len(who), dtype=np.bool_))
        for c, caregiver in enumerate(who):
            for dialect in caregiver.dialects:
                speakers[dialect][c] = True
        for e, need in enumerate(problem.needs):
            row = self.points[e]
            self._bar(e, need, number, gender)
            if need.usual:
                row += policy.not_usual
                for name, weight in need.usual.items():
                    row[number[name]] = policy.not_usual * (1 - weight)
            if need.wished_gender is not None:
                row += policy.not_wished_gender * (gender != need.wished_gender)
            if need.dialects:
                spoken = np.any([speakers[dialect] for dialect in sorted(need.dialects)], axis=0)
                row += policy.not_wished_dialect * ~spoken
            row += policy.lent_visit * (town != need.town)

    def _bar(self, e: int, need: Need, number: dict[str, int], gender: NDArray[np.object_]) -> None:
        if need.required_gender is not None:
            self.may[e] &= gender == need.required_gender
        for name in need.blocked:
            self.may[e, number[name]] = False
