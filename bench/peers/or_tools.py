"""OR-Tools routing, guided local search: allowed vehicles, windows with gaps, breaks, both limits, continuity."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from bench.peers.tours import Tours, plan_of, tours_of
from solver.plan import PlannedVisit
from solver.problem import DAYS_IN_WEEK, MINUTES_IN_DAY, Problem

WEEK_MINUTES = DAYS_IN_WEEK * MINUTES_IN_DAY


def plan(problem: Problem, *, seconds: float, seed: int, workers: int) -> tuple[PlannedVisit, ...]:
    """Plan with OR-Tools routing, which has one thread and takes no seed."""
    tours = tours_of(problem)
    bases = [tours.base(v) for v in range(len(tours.vehicles))]
    nodes = pywrapcp.RoutingIndexManager(len(tours.jobs) + len(problem.caregivers), len(tours.vehicles), bases, bases)
    model = pywrapcp.RoutingModel(nodes)
    _add_costs(model, tours)
    _add_work(model, tours)
    _add_time(model, nodes, tours)
    for j, job in enumerate(tours.jobs):
        index = nodes.NodeToIndex(j)
        model.AddDisjunction([index], round(job.points))
        # SetAllowedVehiclesForIndex refuses every list in this build of the wheel.
        model.VehicleVar(index).SetValues([-1, *np.flatnonzero(tours.may[j]).tolist()])
    found = model.SolveWithParameters(_parameters(seconds))
    if not found:
        return ()
    orders = {v: _order(model, nodes, found, v) for v in range(len(tours.vehicles))}
    return plan_of(tours, {v: order for v, order in orders.items() if order})


def _parameters(seconds: float) -> Any:
    asked = pywrapcp.DefaultRoutingSearchParameters()
    asked.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    asked.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    asked.time_limit.FromMilliseconds(math.ceil(1000 * seconds))
    return asked


def _add_costs(model: Any, tours: Tours) -> None:
    evaluators = {}
    for v, vehicle in enumerate(tours.vehicles):
        k = vehicle.caregiver
        if k not in evaluators:
            cost = tours.minutes[tours.caregiver(v).mode].astype(np.int64)
            cost[:, : len(tours.jobs)] += np.rint(tours.not_usual[:, k]).astype(np.int64)
            evaluators[k] = model.RegisterTransitMatrix(cost.tolist())
        model.SetArcCostEvaluatorOfVehicle(evaluators[k], v)


def _transits(model: Any, tours: Tours) -> list[int]:
    """Return for each vehicle the evaluator of a job's minutes and the trip to the next."""
    evaluators = {}
    care = np.zeros(len(tours.jobs) + len(tours.problem.caregivers), dtype=np.int64)
    care[: len(tours.jobs)] = [job.visit.minutes for job in tours.jobs]
    for mode, minutes in tours.minutes.items():
        evaluators[mode] = model.RegisterTransitMatrix((minutes + care[:, None]).tolist())
    return [evaluators[tours.caregiver(v).mode] for v in range(len(tours.vehicles))]


def _add_work(model: Any, tours: Tours) -> None:
    """Limit care and travel of each day and of each caregiver's week."""
    limits = [tours.caregiver(v).daily_limit_minutes for v in range(len(tours.vehicles))]
    model.AddDimensionWithVehicleTransitAndCapacity(_transits(model, tours), 0, limits, True, "work")
    work = model.GetDimensionOrDie("work")
    for k, caregiver in enumerate(tours.problem.caregivers):
        days = [work.CumulVar(model.End(v)) for v, vehicle in enumerate(tours.vehicles) if vehicle.caregiver == k]
        if days:
            model.solver().Add(model.solver().Sum(days) <= caregiver.weekly_limit_minutes)


def _add_time(model: Any, nodes: Any, tours: Tours) -> None:
    transits = _transits(model, tours)
    model.AddDimensionWithVehicleTransits(transits, MINUTES_IN_DAY, WEEK_MINUTES, False, "time")
    time = model.GetDimensionOrDie("time")
    care = [job.visit.minutes for job in tours.jobs]
    service = [care[node] if node < len(care) else 0 for node in map(nodes.IndexToNode, range(model.Size()))]
    service += [0] * len(tours.vehicles)
    policy = tours.problem.policy
    for v, vehicle in enumerate(tours.vehicles):
        midnight = vehicle.shift.day * MINUTES_IN_DAY
        for end in (model.Start(v), model.End(v)):
            time.CumulVar(end).SetRange(midnight + vehicle.shift.starts, midnight + vehicle.shift.ends)
        if tours.has_meal(v):
            latest = policy.meal_closes - policy.meal_minutes
            meal = model.solver().FixedDurationIntervalVar(
                midnight + policy.meal_opens, midnight + latest, policy.meal_minutes, False, f"meal {v}"
            )
            time.SetBreakIntervalsOfVehicle([meal], v, service)
    for j, job in enumerate(tours.jobs):
        _set_windows(time.CumulVar(nodes.NodeToIndex(j)), job.windows)


def _set_windows(start: Any, windows: Any) -> None:
    spans = sorted((w.day * MINUTES_IN_DAY + w.opens, w.day * MINUTES_IN_DAY + w.closes - 1) for w in windows)
    if not spans:
        return
    start.SetRange(spans[0][0], spans[-1][1])
    for (_, closed), (opens, _) in pairwise(spans):
        if closed + 1 < opens:
            start.RemoveInterval(closed + 1, opens - 1)


def _order(model: Any, nodes: Any, found: Any, v: int) -> list[int]:
    order, index = [], found.Value(model.NextVar(model.Start(v)))
    while not model.IsEnd(index):
        order.append(nodes.IndexToNode(index))
        index = found.Value(model.NextVar(index))
    return order
