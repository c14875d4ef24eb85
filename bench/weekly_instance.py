"""The public weekly home-care instances (Cappanera and Scutellà 2015) as a `Problem`, and a plan as their routes.

Each patient has a place of his own, as far from another of his cluster as the instance says; a pattern of the instance
becomes the day of each visit. One rule of theirs has no counterpart here: a route enters a cluster at most once a day.
Since a detour over a cluster can be as short as the straight way, a search that does not know the rule gains a minute
or two by breaking it. The routes handed to the scorer are in their cheapest order that keeps the rule, which may
take her over her day: ``spare_minutes`` of it can be kept back for that. ``wary``, some trips are overrated until
nothing is gained (`wary_minutes`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, permutations, product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from solver.plan import Plan
from solver.problem import Caregiver, Day, Minutes, Mode, Need, Place, Policy, Problem, Shift, Visit, Window

DAYS = 5
VISIT_MINUTES = 30
DEPOT = "depot"
SKILLS = ("1", "2")


@dataclass(frozen=True, slots=True)
class Patient:
    """Whom to visit: how often with each skill, and in which cluster."""

    id: str
    max_carers: int
    visits: tuple[int, int]
    cluster: int


@dataclass(frozen=True, slots=True)
class Instance:
    """One file; ``minutes[c, d]`` between clusters, the diagonal between two homes of one."""

    patients: tuple[Patient, ...]
    caregivers: tuple[tuple[str, int, int], ...]  # id, skill, hours a day
    minutes: NDArray[np.int32]
    patterns: tuple[tuple[int, ...], ...]  # of each day: 0, or the skill


def read_instance(path: Path) -> Instance:
    """Read a file of the instances."""
    rows = [[int(word) for word in line.split()] for line in path.read_text("ascii").splitlines() if line.strip()]
    nodes, caregivers, clusters, patterns = rows[0]
    ends = list(accumulate((1, nodes - 1, caregivers, clusters, patterns)))
    people, staff, minutes, days = (rows[low:high] for low, high in pairwise(ends))
    return Instance(
        patients=tuple(Patient(str(row[0]), row[1], (row[2], row[3]), row[4]) for row in people),
        caregivers=tuple((str(row[0]), row[1], row[2]) for row in staff),
        minutes=np.array([row[:clusters] for row in minutes], dtype=np.int32),
        patterns=tuple(tuple(row[:DAYS]) for row in days),
    )


def problem_of(instance: Instance, *, wary: bool = False, spare_minutes: Minutes = 0) -> Problem:
    """Return the instance as a week to plan: minutes of travel are the only goal once all visits stand."""
    days = range(DAYS)
    return Problem(
        places=(Place(DEPOT, 0, 0), *(Place(patient.id, 0, 0) for patient in instance.patients)),
        modes=(Mode("car", 1000.0),),
        caregivers=tuple(
            Caregiver(
                id=name,
                base=DEPOT,
                town="town",
                mode="car",
                shifts=tuple(Shift(day, 0, 1440) for day in days),
                weekly_limit_minutes=DAYS * 60 * hours,
                contract_minutes=DAYS * 60 * hours,
                daily_limit_minutes=60 * hours - spare_minutes,
                skills=dict.fromkeys(SKILLS[:skill], 6),
            )
            for name, skill, hours in instance.caregivers
        ),
        needs=tuple(_need(patient, instance.patterns) for patient in instance.patients),
        policy=Policy(unserved_hour=100_000, load_minute=0, overload_minute=0, meal_minutes=0),
        travel={"car": _travel(instance, wary=wary)},
    )


def _need(patient: Patient, patterns: Sequence[Sequence[int]]) -> Need:
    asked = [skill for skill, times in enumerate(patient.visits) for _ in range(times)]
    windows = tuple(Window(day, 0, 1440) for day in range(DAYS))
    return Need(
        id=patient.id,
        place=patient.id,
        town="town",
        visits=tuple(
            Visit(id=f"{patient.id}-{i}", minutes=VISIT_MINUTES, windows=windows, skills=frozenset({SKILLS[skill]}))
            for i, skill in enumerate(asked)
        ),
        day_patterns=tuple(_days(patient, patterns)),
        max_carers=patient.max_carers,
    )


def _days(patient: Patient, patterns: Sequence[Sequence[int]]) -> Iterator[tuple[Day, ...]]:
    """Yield the days of the visits of either skill, for each pattern that has as many of both."""
    for pattern in patterns:
        days = [tuple(day for day in range(DAYS) if pattern[day] == skill) for skill in (1, 2)]
        if (len(days[0]), len(days[1])) == patient.visits:
            yield days[0] + days[1]


def _travel(instance: Instance, *, wary: bool) -> NDArray[np.int32]:
    """Return ``travel[p, q]``, (n_patients + 1, n_patients + 1), minutes; the depot is the first place."""
    minutes = wary_minutes(instance.minutes) if wary else _with_depot(instance.minutes)
    nodes = [len(minutes) - 1, *(patient.cluster for patient in instance.patients)]
    between = minutes[np.ix_(nodes, nodes)]
    np.fill_diagonal(between, 0)
    return between


def _with_depot(minutes: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the minutes between clusters and, after them, the depot, which lies in the first."""
    depot = len(minutes)
    wider = np.pad(minutes, (0, 1))
    wider[depot, :depot], wider[:depot, depot] = minutes[0], minutes[:, 0]
    return wider


def wary_minutes(minutes: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the minutes between clusters, the depot after them, such that no route gains by entering one twice.

    A home of ``b`` between ``a`` and ``c`` must cost no less than beside another of ``b``: where it does, that trip is
    overrated whose rise costs the cheapest tours of all sets of clusters least.
    """
    wary, depot = _with_depot(minutes), len(minutes)
    while True:
        short = {
            (a, b, c): int(wary[a, c] + wary[b, b] - wary[a, b] - wary[b, c])
            for a, b, c in product(range(depot + 1), range(depot), range(depot + 1))
            if b not in (a, c) and (a, c) != (depot, depot)
        }
        (a, b, c), minutes_short = max(short.items(), key=lambda item: item[1])
        if minutes_short <= 0:
            return wary
        risen = []
        for trip in ((a, b), (b, c)):
            other = wary.copy()
            other[trip] += minutes_short
            risen.append(other)
        wary = min(risen, key=_tours)


def _tours(minutes: NDArray[np.int32]) -> Minutes:
    """Return the sum, over all sets of clusters, of the cheapest tour from the depot (Held and Karp)."""
    depot = len(minutes) - 1
    ends = {(1 << c, c): int(minutes[depot, c]) for c in range(depot)}
    best: dict[int, int] = {}
    for size in range(depot):
        for (met, at), so_far in [each for each in ends.items() if each[0][0].bit_count() == size + 1]:
            best[met] = min(best.get(met, so_far + int(minutes[at, depot])), so_far + int(minutes[at, depot]))
            for c in range(depot):
                if not met >> c & 1:
                    step = so_far + int(minutes[at, c])
                    ends[met | 1 << c, c] = min(ends.get((met | 1 << c, c), step), step)
    return sum(best.values())


def routes_of(instance: Instance, plan: Plan) -> list[dict[str, object]]:
    """Return the routes in the form of the scorer, each in its cheapest order that enters no cluster twice."""
    needs = {f"{patient.id}-{i}": patient for patient in instance.patients for i in range(sum(patient.visits))}
    routes: dict[tuple[str, Day], list[Patient]] = {}
    for planned in plan.visits:
        routes.setdefault((planned.caregivers[0], planned.day), []).append(needs[planned.visit])
    return [
        {"caregiver": who, "day": day, "visits": [{"patient": each.id} for each in _grouped(instance, patients)]}
        for (who, day), patients in sorted(routes.items())
    ]


def _grouped(instance: Instance, patients: Sequence[Patient]) -> list[Patient]:
    by_cluster: Mapping[int, list[Patient]] = {
        cluster: [each for each in patients if each.cluster == cluster]
        for cluster in sorted({each.cluster for each in patients})
    }

    def minutes(order: Sequence[int]) -> Minutes:
        return sum(int(instance.minutes[p, q]) for p, q in pairwise((0, *order, 0)))

    best = min(permutations(by_cluster), key=minutes)
    return [patient for cluster in best for patient in by_cluster[cluster]]
