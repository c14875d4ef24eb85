"""Plan a town and the city, prove a lower bound, and tell the gap between the two against time.

The search runs first and hands its plan to the proof; the bound without any proof, which is 0, is the
baseline: a gap of 1.
"""

import argparse
from collections.abc import Mapping
from itertools import product
from typing import Any

from app.demo.options import FULL_ELDERS, Staffing
from app.schedules.store import pack_problem, unpack_problem
from bench.measure import in_its_own_process, timed
from bench.problems import city_problem, town_problem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say which problems, and how long."""
    parser.add_argument("--elders", type=int, default=FULL_ELDERS)
    parser.add_argument("--staffing", nargs="+", choices=list(Staffing), default=list(Staffing), type=Staffing)
    parser.add_argument("--of", nargs="+", choices=["town", "city"], default=["town"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1], help="of the search; the city's is 1")
    parser.add_argument("--search-seconds", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=120.0, help="of the proof")
    parser.add_argument("--workers", type=int, default=2)


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Bound each problem with each seed."""
    runs = []
    for staffing in chosen.staffing:
        city = city_problem(chosen.elders, staffing)
        for of, seed in product(chosen.of, chosen.seeds):
            packed = pack_problem(town_problem(city) if of == "town" else city)
            found = in_its_own_process(
                bounded, packed, seed=seed, search=chosen.search_seconds, seconds=chosen.seconds, workers=chosen.workers
            )
            runs.append({"of": of, "staffing": str(staffing), "seed": seed, **found.value, "peak_mb": found.peak_mb})
    return {"elders": chosen.elders, "workers": chosen.workers, "baseline": {"bound": 0.0, "gap": 1.0}, "runs": runs}


def bounded(packed: bytes, *, seed: int, search: float, seconds: float, workers: int) -> Mapping[str, Any]:
    """Plan and prove; the kernels are compiled or loaded before the clock starts."""
    from solver.bound import Proof, prove
    from solver.solve import solve
    from solver.warm import warm

    warm()
    problem = unpack_problem(packed)
    plan = solve(problem, seed=seed, seconds=search, workers=workers)
    cost = plan.cost.total
    trace: list[dict[str, float]] = []

    def note(proof: Proof) -> None:
        trace.append({"seconds": round(proof.seconds, 1), "bound": round(proof.points, 2), "gap": gap(proof.points)})

    def gap(points: float) -> float:
        return round((cost - points) / cost, 5) if cost else 0.0

    with timed() as proving:
        proof = prove(problem, seconds=seconds, plan=plan, workers=workers, on_bound=note)
    left = {unallocated.visit for unallocated in plan.unallocated}
    minutes = {visit.id: visit.minutes for need in problem.needs for visit in need.visits}
    return {
        "visits": len(minutes),
        "search_seconds": round(plan.seconds, 1),
        "cost": round(cost, 2),
        "bound": round(proof.points, 2),
        "gap": gap(proof.points),
        "unserved_minutes": sum(minutes[visit] for visit in left),
        "unserved_minutes_bound": proof.unserved_minutes,
        "seconds": round(proving.seconds, 1),
        "rounds": proof.rounds,
        "columns": proof.columns,
        "complete": proof.complete,
        "trace": trace,
    }
