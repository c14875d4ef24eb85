"""Plan a town, a city, three cities and ten: first plan, time to within 1 % of the final cost, memory, exponent.

Several cities are copies of the demo city side by side. Each is given time in proportion to its visits
(but no more than ``--most-seconds``) and planned in a process of its own. The exponent is the slope of a
straight line through the logarithms of visits and seconds: 1 means in proportion.
"""

import argparse
import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from app.demo.options import FULL_ELDERS, Staffing
from app.schedules.figures import figures_of, summed
from app.schedules.store import pack_problem, unpack_problem
from bench.measure import in_its_own_process, timed
from bench.problems import cities_side_by_side, city_problem, town_problem
from solver.plan import Progress

_WITHIN = 1.01


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say how many cities, and how long."""
    parser.add_argument("--elders", type=int, default=FULL_ELDERS, help="of one city")
    parser.add_argument("--cities", nargs="+", type=int, default=[0, 1, 3, 10], help="0: one town")
    parser.add_argument("--seconds", type=float, default=60.0, help="for one city; the others in proportion")
    parser.add_argument("--most-seconds", type=float, default=600.0)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--workers", type=int, default=2)


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Plan each size with each seed."""
    city = city_problem(chosen.elders, Staffing.SLACK)
    runs = []
    for cities in chosen.cities:
        problem = cities_side_by_side(city, cities) if cities else town_problem(city)
        share = sum(len(need.visits) for need in problem.needs) / sum(len(need.visits) for need in city.needs)
        seconds = min(chosen.most_seconds, chosen.seconds * share)
        packed = pack_problem(problem)
        for seed in chosen.seeds:
            run = in_its_own_process(planned, packed, seed=seed, seconds=seconds, workers=chosen.workers)
            runs.append({"cities": cities, "seed": seed, "given": seconds, **run.value, "peak_mb": run.peak_mb})
    visits = [run["visits"] for run in runs]
    return {
        "runs": runs,
        "exponent_first_plan": exponent(visits, [run["first_plan_seconds"] for run in runs]),
        "exponent_within_1_percent": exponent(visits, [run["within_1_percent_seconds"] for run in runs]),
        "exponent_memory": exponent(visits, [run["peak_mb"] for run in runs]),
    }


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float | None:
    """Return the slope of log(value) over log(size), by least squares; None if there is but one size."""
    if len(set(sizes)) < 2:
        return None
    logs = [math.log(max(1e-3, value)) for value in values]
    return round(statistics.linear_regression([math.log(size) for size in sizes], logs).slope, 3)


def planned(packed: bytes, *, seed: int, seconds: float, workers: int) -> Mapping[str, Any]:
    """Plan; the kernels are compiled or loaded before the clock starts."""
    from solver.judge import judge_week
    from solver.solve import solve
    from solver.warm import warm
    from solver.week import Week as Index

    warm()
    problem = unpack_problem(packed)
    met: list[Progress] = []
    with timed() as whole:
        plan = solve(problem, seed=seed, seconds=seconds, workers=workers, on_progress=met.append)
    index = Index(problem)
    sums = summed(figures_of(index, plan), None)
    near = next((one.seconds for one in met if one.cost <= _WITHIN * plan.cost.total), whole.seconds)
    return {
        "seconds": round(whole.seconds, 2),
        "first_plan_seconds": round(met[0].seconds, 2),
        "within_1_percent_seconds": round(near, 2),
        "iterations": plan.iterations,
        "visits": sums.visits_due,
        "caregivers": sums.caregivers,
        "unserved_hours": round((sums.minutes_due - sums.minutes_placed) / 60, 2),
        "usual_share": round(sums.usual_pairs / sums.pairs, 4) if sums.pairs else None,
        "travel_minutes": sums.travel_minutes,
        "cost_per_visit": round(plan.cost.total / sums.visits_due, 4),
        "violations": len(judge_week(index, plan)),
        "took": {stage: round(took, 3) for stage, took in plan.took.items()},
    }
