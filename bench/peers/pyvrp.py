"""PyVRP: prizes, one matrix for each shift that closes what its caregiver may not do and prices continuity.

Jobs whose windows differ from day to day are a group of clients of which one is chosen. It knows no weekly limit (see
`rounds`) and no meal break. The matrices of a city would take hundreds of gigabytes: it plans a city town by town.
"""

from functools import partial
from typing import TypeAlias

import numpy as np
import pyvrp
from numpy.typing import NDArray
from pyvrp.stop import MaxRuntime

from bench.peers.rounds import in_rounds
from bench.peers.tours import Job, Tours, plan_of
from solver.plan import PlannedVisit
from solver.problem import Day, Minutes, Problem

Client: TypeAlias = tuple[int, tuple[Minutes, Minutes, frozenset[Day]]]
"""A job, and one of its windows with its days."""
CLOSED = 1_000_000
"""Minutes that cost more than any visit is worth."""


def plan(problem: Problem, *, seconds: float, seed: int, workers: int) -> tuple[PlannedVisit, ...]:
    """Plan with PyVRP, which has one thread."""
    return in_rounds(problem, seconds, partial(_once, seed=seed))


def _once(tours: Tours, seconds: float, *, seed: int) -> tuple[PlannedVisit, ...]:
    clients = [(j, span) for j, job in enumerate(tours.jobs) for span in _spans(job)]
    data = _data(tours, clients)
    best = pyvrp.solve(data, MaxRuntime(seconds), seed=seed, collect_stats=False, display=False).best
    orders: dict[int, list[int]] = {}
    for route in best.routes():
        if not route.has_time_warp():
            orders[route.vehicle_type()] = [clients[c][0] for c in _clients(route)]
    return plan_of(tours, orders)


def _clients(route: pyvrp.Route) -> list[int]:
    return [step.idx for step in route.schedule() if step.is_client()]


def _spans(job: Job) -> list[tuple[Minutes, Minutes, frozenset[Day]]]:
    """Return the different windows of a job, each with its days."""
    days: dict[tuple[Minutes, Minutes], set[Day]] = {}
    for window in job.windows:
        days.setdefault((window.opens, window.closes), set()).add(window.day)
    return [(opens, closes, frozenset(on)) for (opens, closes), on in sorted(days.items())]


def _data(tours: Tours, clients: list[Client]) -> pyvrp.ProblemData:
    bases = range(len(tours.jobs), len(tours.jobs) + len(tours.problem.caregivers))
    nodes = np.array([j for j, _ in clients] + list(bases))
    groups: dict[int, list[int]] = {}
    for c, (j, _) in enumerate(clients):
        groups.setdefault(j, []).append(c)
    chosen = {j: members for j, members in groups.items() if len(members) > 1}
    number = {j: g for g, j in enumerate(chosen)}
    matrices = [_matrices(tours, v, clients, nodes) for v in range(len(tours.vehicles))]
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in nodes],
        clients=[
            pyvrp.Client(
                c,
                delivery=[tours.jobs[j].visit.minutes],
                service_duration=tours.jobs[j].visit.minutes,
                tw_early=opens,
                tw_late=closes - 1,
                prize=round(tours.jobs[j].points),
                required=False,
                group=number.get(j),
            )
            for c, (j, (opens, closes, _)) in enumerate(clients)
        ],
        depots=[pyvrp.Depot(len(clients) + k) for k in range(len(bases))],
        vehicle_types=[_vehicle(tours, v) for v in range(len(tours.vehicles))],
        distance_matrices=[distance for distance, _ in matrices],
        duration_matrices=[duration for _, duration in matrices],
        groups=[pyvrp.ClientGroup(members, required=False) for members in chosen.values()],
    )


def _vehicle(tours: Tours, v: int) -> pyvrp.VehicleType:
    vehicle = tours.vehicles[v]
    return pyvrp.VehicleType(
        capacity=[tours.care_limits[v]],
        start_depot=vehicle.caregiver,
        end_depot=vehicle.caregiver,
        tw_early=vehicle.shift.starts,
        tw_late=vehicle.shift.ends,
        profile=v,
    )


def _matrices(
    tours: Tours,
    v: int,
    clients: list[Client],
    nodes: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the costs and the minutes between the locations, as this vehicle meets them."""
    vehicle = tours.vehicles[v]
    duration = tours.minutes[tours.caregiver(v).mode][np.ix_(nodes, nodes)].astype(np.int64)
    entering = np.zeros(len(nodes), dtype=np.int64)
    for c, (j, (_, _, days)) in enumerate(clients):
        open_to_her = tours.may[j, v] and vehicle.shift.day in days
        entering[c] = round(tours.not_usual[j, vehicle.caregiver]) if open_to_her else CLOSED
    distance = duration + entering[None, :]
    np.fill_diagonal(distance, 0)
    return distance, duration
