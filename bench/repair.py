"""Repair the published city after sick calls: seconds, hours covered again, elders changed.

Each call takes one caregiver off one day of the published week. The peer plans the week again from the
published plan, with the points for changed visits, for a given time.
"""

import argparse
import random
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.core.collecting import collect_less
from app.demo.options import FULL_ELDERS, Staffing
from app.schedules.store import pack_plan, pack_problem
from bench.measure import milliseconds, timed
from bench.problems import city_problem
from solver.plan import Plan
from solver.problem import Problem, Published
from solver.repair import Repair, repair
from solver.solve import solve
from solver.week import Week

_COLD = """
import sys, time
began = time.perf_counter()
from app.core.collecting import collect_less
from app.schedules.store import unpack_plan, unpack_problem
from solver.repair import repair
from solver.week import Week
collect_less()
problem = unpack_problem(open(sys.argv[1], "rb").read())
plan = unpack_plan(open(sys.argv[2], "rb").read())
repair(Week(problem), plan)
print(time.perf_counter() - began, time.process_time())
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say how large the city is, and how many calls come in."""
    parser.add_argument("--elders", type=int, default=FULL_ELDERS)
    parser.add_argument("--staffing", nargs="+", choices=list(Staffing), default=[Staffing.SLACK], type=Staffing)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1], help="of the published plan and of who calls in")
    parser.add_argument("--seconds", type=float, default=40, help="for the plan that is published")
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--cold", type=int, default=5, help="calls answered by a process of their own")
    parser.add_argument("--peer-calls", type=int, default=3)
    parser.add_argument("--peer-seconds", type=float, default=2)


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Answer the calls of each city and seed."""
    collect_less()  # as the service does
    runs = []
    for staffing in chosen.staffing:
        problem = city_problem(chosen.elders, staffing)
        runs += [{"staffing": str(staffing), "seed": seed, **_answered(problem, seed, chosen)} for seed in chosen.seeds]
    return {"elders": chosen.elders, "runs": runs}


def _answered(problem: Problem, seed: int, chosen: argparse.Namespace) -> dict[str, Any]:
    """Answer sick calls on one plan of the week, each as if it were the only one."""
    plan = solve(problem, seconds=chosen.seconds, seed=seed)
    problem = replace(
        problem,
        published=tuple(
            Published(visit=each.visit, day=each.day, start=each.start, caregivers=each.caregivers)
            for each in plan.visits
        ),
    )
    calls = _drawn(plan, chosen.calls, seed)
    week = Week(problem)
    took, worked, found = [], [], []
    for who, day in calls:
        began = time.process_time()
        with timed() as one:
            sick, left = _sick(problem, who, day), {each.visit for each in plan.unallocated}
            now = Week(sick)
            now.travel = week.travel  # the same places: what is known of their distances is kept
            among = {each.visit for each in plan.visits if each.day == day and who in each.caregivers}
            found.append(repair(now, plan, frozen=left, among=among))
        took.append(one.seconds)
        worked.append(time.process_time() - began)
    return {
        "visits": len(week.visits),
        "caregivers": len(week.caregivers),
        "left_before": len(plan.unallocated),
        "calls": len(calls),
        "warm": milliseconds(took),
        "warm_processor_time": milliseconds(worked),  # the same, whatever else the machine does
        **_cold(problem, plan, calls[: chosen.cold]),
        **_figures(found),
        "peer": _peer(problem, plan, calls[: chosen.peer_calls], chosen.peer_seconds),
    }


def _drawn(plan: Plan, n: int, seed: int) -> list[tuple[str, int]]:
    days = sorted({(who, each.day) for each in plan.visits for who in each.caregivers})
    return random.Random(seed).sample(days, min(n, len(days)))


def _sick(problem: Problem, who: str, day: int) -> Problem:
    return replace(
        problem,
        caregivers=tuple(
            replace(each, shifts=tuple(shift for shift in each.shifts if shift.day != day)) if each.id == who else each
            for each in problem.caregivers
        ),
    )


def _figures(found: list[Repair]) -> dict[str, Any]:
    hit = sum(each.hit_minutes for each in found)
    beyond = sum(each.beyond_cover_minutes for each in found)
    covered = hit - sum(each.unserved_minutes for each in found)
    return {
        "hours_hit": round(hit / 60, 1),
        "hours_beyond_cover": round(beyond / 60, 1),
        "covered_of_coverable": round(covered / (hit - beyond), 4),
        "calls_with_other_elders_changed": sum(bool(each.elders_changed) for each in found),
        "other_elders_changed": sum(len(each.elders_changed) for each in found),
        "proved_fewest_share": round(sum(each.proved_fewest for each in found) / len(found), 3),
        "points_median": round(statistics.median(each.change.total for each in found), 1),
    }


def _cold(problem: Problem, plan: Plan, calls: list[tuple[str, int]]) -> dict[str, list[float]]:
    """Return the seconds of calls in processes of their own: imports, decoding and index included."""
    found = []
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("problem", "plan")]
        paths[1].write_bytes(pack_plan(plan))
        for who, day in calls:
            paths[0].write_bytes(pack_problem(_sick(problem, who, day)))
            command = [sys.executable, "-c", _COLD, *map(str, paths)]
            found.append([round(float(each), 2) for each in subprocess.check_output(command, text=True).split()])
    clock, worked = zip(*found, strict=True) if found else ((), ())
    return {"cold_s": [*clock], "cold_processor_s": [*worked]}  # the second with the interpreter's start


def _peer(problem: Problem, plan: Plan, calls: list[tuple[str, int]], seconds: float) -> dict[str, Any]:
    """Plan again from the published plan; say whom that changes besides those who were hit."""
    elders, left, took = [], 0, []
    week = Week(problem)
    was = {each.visit: (each.day, each.start, frozenset(each.caregivers)) for each in plan.visits}
    for who, day in calls:
        began = time.perf_counter()
        again = solve(_sick(problem, who, day), start=plan, seconds=seconds, seed=1)
        took.append(time.perf_counter() - began)
        hit = {each.visit for each in plan.visits if each.day == day and who in each.caregivers}
        now = {each.visit: (each.day, each.start, frozenset(each.caregivers)) for each in again.visits}
        changed = {week.need_of[visit].id for visit in was if visit not in hit and now.get(visit) != was[visit]}
        elders.append(len(changed))
        left += sum(week.visits[visit].minutes for visit in hit if visit not in now)
    return {
        "what": "planning again from the published plan",
        "calls": len(calls),
        **milliseconds(took),
        "other_elders_changed_median": statistics.median(elders),
        "other_elders_changed_max": max(elders),
        "hours_unserved": round(left / 60, 1),
    }
