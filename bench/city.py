"""Plan the week of the whole demo city through the solver library.

The peer is a plain greedy construction: the same solver without a single iteration of search. A process of
its own plans, so that the memory is the solver's.
"""

import argparse
from collections.abc import Mapping
from itertools import product
from typing import Any

from app.demo.options import FULL_ELDERS, Staffing
from app.schedules.figures import figures_of, summed
from app.schedules.store import pack_problem, unpack_problem
from bench.measure import in_its_own_process, ratio, timed
from bench.problems import city_problem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say which cities, and how long to search."""
    parser.add_argument("--elders", type=int, default=FULL_ELDERS)
    parser.add_argument("--staffing", nargs="+", choices=list(Staffing), default=list(Staffing), type=Staffing)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1], help="of the search; the city's is 1")
    parser.add_argument("--seconds", type=float, default=30.0, help="of search, if --iterations is not given")
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--workers", type=int, default=2)


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Plan each city with each seed."""
    problems = {staffing: pack_problem(city_problem(chosen.elders, staffing)) for staffing in chosen.staffing}
    budget = {
        "iterations": chosen.iterations,
        "seconds": None if chosen.iterations is not None else chosen.seconds,
        "workers": chosen.workers,
    }
    runs = []
    for staffing, seed in product(chosen.staffing, chosen.seeds):
        search = in_its_own_process(solved, problems[staffing], seed=seed, **budget)
        greedy = in_its_own_process(
            solved, problems[staffing], seed=seed, iterations=0, seconds=None, workers=chosen.workers
        )
        runs.append(
            {
                "staffing": str(staffing),
                "seed": seed,
                **search.value,
                "peak_mb": search.peak_mb,
                "greedy": {**greedy.value, "peak_mb": greedy.peak_mb},
                "cost_to_greedy": ratio(search.value["cost"], greedy.value["cost"]),
                "travel_to_greedy": ratio(search.value["travel_minutes"], greedy.value["travel_minutes"]),
            }
        )
    return {"elders": chosen.elders, "budget": budget, "runs": runs}


def solved(
    packed: bytes, *, seed: int, iterations: int | None, seconds: float | None, workers: int
) -> Mapping[str, Any]:
    """Plan; the kernels are compiled or loaded before the clock starts."""
    from solver.judge import judge_week
    from solver.solve import solve
    from solver.warm import warm
    from solver.week import Week as Index

    loading = warm()
    problem = unpack_problem(packed)
    first: list[float] = []
    with timed() as whole:
        plan = solve(
            problem,
            seed=seed,
            iterations=iterations,
            seconds=seconds,
            workers=workers,
            on_progress=lambda progress: first.append(progress.seconds),
        )
    index = Index(problem)
    sums = summed(figures_of(index, plan), None)
    return {
        "seconds": round(whole.seconds, 2),
        "first_plan_seconds": round(first[0], 2) if first else None,
        "kernels_seconds": round(loading, 2),
        "iterations": plan.iterations,
        "status": str(plan.status),
        "caregivers": sums.caregivers,
        "visits": sums.visits_due,
        "visits_placed": sums.visits_placed,
        "hours_due": round(sums.minutes_due / 60, 2),
        "hours_placed": round(sums.minutes_placed / 60, 2),
        "usual_share": round(sums.usual_pairs / sums.pairs, 4) if sums.pairs else None,
        "travel_minutes": sums.travel_minutes,
        "kilometres": round(sums.metres / 1000, 1),
        "cost": round(plan.cost.total, 2),
        "bound": plan.bound,
        "violations": len(judge_week(index, plan)),
        "took": {stage: round(seconds, 3) for stage, seconds in plan.took.items()},
    }
