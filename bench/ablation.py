"""Switch off each move and each part of the search in turn, and see what it was worth.

All variants get the same processor seconds on one thread, so that others on the machine matter little, and
the same seeds; the figure is the mean ratio of a variant's cost to that of the search as it is.
"""

import argparse
import statistics
import time
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from app.demo.options import FULL_ELDERS, Staffing
from bench.problems import city_problem, town_problem
from solver.problem import Problem
from solver.search.settings import Moves, Settings

AS_IS = "as it is"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say on what, how long, and which parts."""
    parser.add_argument("--size", choices=("town", "city"), default="town")
    parser.add_argument("--elders", type=int, default=FULL_ELDERS, help="of the city; towns are taken out of it")
    parser.add_argument("--staffing", choices=list(Staffing), default=Staffing.SLACK, type=Staffing)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--seconds", type=float, default=10.0, help="of the processor, for each run")
    parser.add_argument("--only", nargs="+", metavar="PART", choices=sorted(variants()), help="by default all")


def variants() -> Mapping[str, Settings]:
    """Return the search without each of its moves and parts."""
    as_is = Settings(clock=time.process_time)
    without = {f"without {move.name}": as_is.without(move.name) for move in fields(Moves)}
    return without | {
        "without overlooking spots": replace(as_is, overlooked=0.0),
        "without dear elders first": replace(as_is, dear=0.0),
        "without warmth": replace(as_is, hot=as_is.cold),
        "without strips": replace(as_is, strip_visits=0),
        "without new strips each round": replace(as_is, turning=False),
        "without halves of a town": replace(as_is, halves=False),
        "without settled starts by chance": replace(as_is, starts_tried=0),
        "without the master": replace(as_is, master=False),
    }


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Run every variant with every seed; a seed's variants one after the other."""
    from solver.warm import warm

    city = city_problem(chosen.elders, chosen.staffing)
    problem = town_problem(city) if chosen.size == "town" else city
    warm()
    tried = {AS_IS: Settings(clock=time.process_time)} | {
        name: settings for name, settings in variants().items() if not chosen.only or name in chosen.only
    }
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in tried}
    for seed in chosen.seeds:
        for name, settings in tried.items():
            runs[name].append(_solved(problem, settings, seed, chosen.seconds))
    return {
        "visits": sum(len(need.visits) for need in problem.needs),
        "seconds": chosen.seconds,
        "seeds": chosen.seeds,
        "variants": [_row(name, of, runs[AS_IS]) for name, of in runs.items()],
    }


def _solved(problem: Problem, settings: Settings, seed: int, seconds: float) -> dict[str, float]:
    from solver.solve import solve

    plan = solve(problem, seed=seed, seconds=seconds, settings=settings)
    minutes = {visit.id: visit.minutes for need in problem.needs for visit in need.visits}
    unserved = sum(minutes[left.visit] for left in plan.unallocated) / 60
    return {"cost": plan.cost.total, "iterations": plan.iterations, "unserved_hours": unserved}


def _row(name: str, runs: list[dict[str, float]], as_is: list[dict[str, float]]) -> dict[str, Any]:
    ratios = [one["cost"] / other["cost"] for one, other in zip(runs, as_is, strict=True)]
    return {
        "variant": name,
        "cost_to_as_it_is": round(statistics.mean(ratios), 4),
        "ratios": [round(one, 4) for one in ratios],
        "iterations": round(statistics.mean(one["iterations"] for one in runs)),
        "unserved_hours": round(statistics.mean(one["unserved_hours"] for one in runs), 2),
    }
