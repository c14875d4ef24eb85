"""The public weekly home-care instances, planned by our solver and scored by their own scorer.

The folder holds ``instances/*.txt``, ``best_known.csv`` (instance, published best total, published lower bound) and
``score.py``. A third of the seconds goes to the trips as they are, a third with two minutes of each day kept back, a
third to the wary trips (see `bench.weekly_instance`); the cheapest plan that the scorer accepts counts. The total is
minutes of visits and travel.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

from bench.measure import in_its_own_process, ratio, timed
from bench.weekly_instance import problem_of, read_instance, routes_of

WAYS: tuple[dict[str, Any], ...] = ({}, {"spare_minutes": 2}, {"wary": True})
FOLDER = "JIULING_WEEKLY_INSTANCES"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say where the instances are, which, and how long to search."""
    given = os.environ.get(FOLDER)
    parser.add_argument("--folder", type=Path, default=given, required=given is None, help=f"or ${FOLDER}")
    parser.add_argument("--instances", nargs="+", help="names, without .txt; all of them if not given")
    parser.add_argument("--seconds", type=float, default=300.0, help="for each instance")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--workers", type=int, default=2)


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Plan and score each instance with each seed."""
    best = _best_known(chosen.folder / "best_known.csv")
    names = chosen.instances or sorted(best)
    runs = []
    for name, seed in product(names, chosen.seeds):
        load = os.getloadavg()[0]
        tries = in_its_own_process(
            scored, chosen.folder, name, seconds=chosen.seconds, seed=seed, workers=chosen.workers
        )
        good = [each["total"] for each in tries.value if each["feasible"]]
        published, bound = best[name]
        runs.append(
            {
                "instance": name,
                "seed": seed,
                "total": min(good, default=None),
                "published": published,
                "published_bound": bound,
                "to_published": ratio(min(good), published) if good else None,
                "tries": tries.value,
                "peak_mb": tries.peak_mb,
                "load": round(load, 2),
            }
        )
    return {"workers": chosen.workers, "seconds": chosen.seconds, "runs": runs, "sums": _sums(runs)}


def _best_known(path: Path) -> Mapping[str, tuple[int, int]]:
    with path.open(newline="") as lines:
        rows = csv.DictReader(lines)
        return {row["instance"]: (int(row["published_best_total"]), int(row["published_lower_bound"])) for row in rows}


def _sums(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Add up the instances that have a plan, and count those below, at and above what was published."""
    solved = [run for run in runs if run["total"] is not None]
    return {
        "unsolved": len(runs) - len(solved),
        "total": sum(run["total"] for run in solved),
        "published": sum(run["published"] for run in solved),
        "below": sum(run["total"] < run["published"] for run in solved),
        "equal": sum(run["total"] == run["published"] for run in solved),
        "above": sum(run["total"] > run["published"] for run in solved),
    }


def scored(folder: Path, name: str, *, seconds: float, seed: int, workers: int) -> list[dict[str, Any]]:
    """Plan one instance each way, with the kernels loaded before, and let the scorer judge each plan."""
    from solver.solve import solve
    from solver.warm import warm

    warm()
    path = folder / "instances" / f"{name}.txt"
    instance = read_instance(path)
    found = []
    for way in WAYS:
        with timed() as whole:
            plan = solve(problem_of(instance, **way), seconds=seconds / len(WAYS), seed=seed, workers=workers)
        verdict = _score(folder / "score.py", path, {"routes": routes_of(instance, plan)})
        found.append(
            {
                **way,
                "seconds": round(whole.seconds, 1),
                "iterations": plan.iterations,
                "unallocated": len(plan.unallocated),
                "feasible": verdict["feasible"],
                "total": verdict["total"],
                "violations": verdict["violations"][:3],
            }
        )
    return found


def _score(scorer: Path, instance: Path, solution: Mapping[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        answer = Path(scratch) / "solution.json"
        answer.write_text(json.dumps(solution), "utf-8")
        asked = [sys.executable, str(scorer), str(instance), str(answer), "--json"]
        verdict: dict[str, Any] = json.loads(subprocess.run(asked, capture_output=True, text=True, check=False).stdout)
    return verdict
