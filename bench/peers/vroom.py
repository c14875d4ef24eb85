"""VROOM (pyvroom): skills, several windows a job, breaks, priorities; continuity as a cost matrix of each caregiver.

It knows no weekly limit: see `rounds`. With more than ``MOST_PROFILES`` jobs × caregivers the matrices of continuity
would not fit into memory: there its cost is travel alone.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

import numpy as np
import vroom

from bench.peers.rounds import in_rounds
from bench.peers.tours import Tours, plan_of
from solver.plan import PlannedVisit
from solver.problem import MINUTES_IN_DAY, Problem

EXPLORATION = 5
"""The most thorough level there is."""
MOST_PROFILES = 100_000


def plan(problem: Problem, *, seconds: float, seed: int, workers: int) -> tuple[PlannedVisit, ...]:
    """Plan with VROOM, which takes no seed and may stop by itself."""
    return in_rounds(problem, seconds, partial(_once, workers=workers))


def _once(tours: Tours, seconds: float, *, workers: int) -> tuple[PlannedVisit, ...]:
    asked = vroom.Input()
    continuity = len(tours.jobs) * len(tours.problem.caregivers) <= MOST_PROFILES
    _add_matrices(asked, tours, continuity=continuity)
    marks = _marks(tours)
    asked.add_vehicle([_vehicle(tours, v, marks, continuity=continuity) for v in range(len(tours.vehicles))])
    asked.add_job([_job(tours, j, marks) for j in range(len(tours.jobs)) if tours.jobs[j].windows])
    found = asked.solve(exploration_level=EXPLORATION, nb_threads=workers, timeout=timedelta(seconds=seconds))
    orders: dict[int, list[int]] = {}
    steps = found.routes
    for v, j in steps[steps["type"] == "job"][["vehicle_id", "id"]].itertuples(index=False):
        orders.setdefault(int(v), []).append(int(j))
    return plan_of(tours, orders)


def _profile(tours: Tours, v: int, *, continuity: bool) -> str:
    return tours.caregiver(v).id if continuity else tours.caregiver(v).mode


def _add_matrices(asked: vroom.Input, tours: Tours, *, continuity: bool) -> None:
    if not continuity:
        for mode, minutes in tours.minutes.items():
            asked.set_durations_matrix(mode, 60 * minutes)
        return
    for k, caregiver in enumerate(tours.problem.caregivers):
        minutes = tours.minutes[caregiver.mode]
        entering = np.zeros(len(minutes))
        entering[: len(tours.jobs)] = tours.not_usual[:, k]
        asked.set_durations_matrix(caregiver.id, 60 * minutes)
        asked.set_costs_matrix(caregiver.id, np.rint(60 * (minutes + entering[None, :])))


def _marks(tours: Tours) -> Mapping[frozenset[int], int]:
    """Number the sets of vehicles that may do a job: the number is the skill the job asks for."""
    marks: dict[frozenset[int], int] = {}
    for row in tours.may:
        marks.setdefault(_able(row), len(marks))
    return marks


def _able(row: Sequence[bool]) -> frozenset[int]:
    return frozenset(np.flatnonzero(row).tolist())


def _vehicle(tours: Tours, v: int, marks: Mapping[frozenset[int], int], *, continuity: bool) -> vroom.Vehicle:
    shift, policy = tours.vehicles[v].shift, tours.problem.policy
    midnight = shift.day * MINUTES_IN_DAY
    meal = vroom.Break(
        v,
        time_windows=[_seconds(midnight + policy.meal_opens, midnight + policy.meal_closes - policy.meal_minutes)],
        service=60 * policy.meal_minutes,
    )
    return vroom.Vehicle(
        v,
        start=tours.base(v),
        end=tours.base(v),
        profile=_profile(tours, v, continuity=continuity),
        capacity=[tours.care_limits[v]],
        skills={mark for able, mark in marks.items() if v in able},
        time_window=_seconds(midnight + shift.starts, midnight + shift.ends),
        breaks=[meal] if tours.has_meal(v) else [],
    )


def _job(tours: Tours, j: int, marks: Mapping[frozenset[int], int]) -> vroom.Job:
    job = tours.jobs[j]
    return vroom.Job(
        j,
        j,
        default_service=60 * job.visit.minutes,
        delivery=[job.visit.minutes],
        skills={marks[_able(tours.may[j])]},
        priority=min(100, round(job.points / 100)),
        time_windows=[
            _seconds(w.day * MINUTES_IN_DAY + w.opens, w.day * MINUTES_IN_DAY + w.closes - 1) for w in job.windows
        ],
    )


def _seconds(first: int, last: int) -> vroom.TimeWindow:
    return vroom.TimeWindow(60 * first, 60 * last)
