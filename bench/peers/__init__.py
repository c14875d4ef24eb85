"""Our solver against OR-Tools routing, VROOM, PyVRP and plain CP-SAT on towns and on the city, with the same judge.

All of them plan the same three goals: hours, travel, usual caregivers. ``sum`` is 1000 × unserved hours + travel
minutes + 20 × visits not by a usual caregiver (by one of weight 0.8: 4). A peer's plan loses what breaks a rule, the
cheapest visits first (``as_given``); then our own greedy construction puts back what still fits and settles the starts
(``helped``), which is more than the peer would do by itself. ``ours_to_peer`` compares with the helped plan. Each
run has a process of its own; ``load`` is the load average when it began. With ``--prove-seconds``, ``least_to_peer``
says how far below a peer any plan can be: the proved bound of ``sum`` against the helped plan.
"""

import argparse
import importlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from itertools import product
from typing import Any

from app.demo.options import FULL_ELDERS, Staffing
from app.schedules.store import pack_problem, unpack_problem
from bench.measure import in_its_own_process, ratio, timed
from bench.problems import city_problem, town_problem
from solver.part import of_towns
from solver.plan import Plan, PlannedVisit
from solver.problem import Problem

PLANNERS: Mapping[str, str] = {
    "ours": "bench.peers.ours",
    "or-tools": "bench.peers.or_tools",
    "vroom": "bench.peers.vroom",
    "pyvrp": "bench.peers.pyvrp",
    "cp-sat": "bench.peers.cp_sat",
}
_PACKAGES = {"pyvroom": "vroom", "pyvrp": "pyvrp"}
TOWN_BY_TOWN = ("or-tools", "pyvrp", "cp-sat")
"""Planners whose matrices or model of a whole city do not fit into memory: each town has its share of the seconds."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say which problems, which planners, and for how long."""
    parser.add_argument("--elders", type=int, default=FULL_ELDERS, help="of the city that the town is cut from")
    parser.add_argument("--city", action="store_true", help="plan the whole city instead of one town")
    parser.add_argument("--staffing", nargs="+", choices=list(Staffing), default=list(Staffing), type=Staffing)
    parser.add_argument("--peers", nargs="+", choices=list(PLANNERS), default=list(PLANNERS))
    parser.add_argument("--seconds", nargs="+", type=float, default=[10.0, 60.0, 300.0])
    parser.add_argument("--ours-seconds", nargs="+", type=float, help="of our solver, if not the same")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5])
    parser.add_argument("--workers", type=int, default=2, help="threads of those that can use several")
    parser.add_argument("--prove-seconds", type=float, default=0.0, help="of the bound of each problem; 0: none")


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Plan each problem with each planner, seed and time; ours and the peers take turns."""
    runs: list[dict[str, Any]] = []
    bounds: dict[Staffing, dict[str, float]] = {}
    for staffing, seed in product(chosen.staffing, chosen.seeds):
        city = city_problem(chosen.elders, staffing)
        problem = city if chosen.city else town_problem(city)
        if chosen.prove_seconds and staffing not in bounds:
            bounds[staffing] = in_its_own_process(
                least_sum, pack_problem(three_goals(problem)), seconds=chosen.prove_seconds, workers=chosen.workers
            ).value
        here = [
            {"staffing": str(staffing), "seed": seed, **_run(problem, name, seconds, seed, chosen.workers, chosen.city)}
            for name, seconds in _turns(chosen)
        ]
        least = bounds[staffing]["sum"] if bounds else None
        runs += [
            {
                **run,
                "ours_to_peer": _ours_to(run, here),
                "least_to_peer": None if least is None else ratio(least, run["helped"]["sum"]),
            }
            for run in here
        ]
    versions = {name: version(name) for name in _PACKAGES if find_spec(_PACKAGES[name])}
    return {
        "elders": chosen.elders,
        "city": chosen.city,
        "workers": chosen.workers,
        "versions": versions,
        "bounds": {str(staffing): bound for staffing, bound in bounds.items()},
        "runs": runs,
    }


def _turns(chosen: argparse.Namespace) -> Iterator[tuple[str, float]]:
    if "ours" in chosen.peers:
        yield from product(["ours"], chosen.ours_seconds or chosen.seconds)
    yield from product([name for name in chosen.peers if name != "ours"], chosen.seconds)


def _ours_to(run: Mapping[str, Any], runs: list[dict[str, Any]]) -> dict[str, float | None]:
    """Return our sum, unhelped, at each of our times against a helped peer's."""
    if run["planner"] == "ours":
        return {}
    return {
        f"{each['asked_seconds']:g} s": ratio(each["as_given"]["sum"], run["helped"]["sum"])
        for each in runs
        if each["planner"] == "ours"
    }


def _run(problem: Problem, name: str, seconds: float, seed: int, workers: int, city: bool) -> dict[str, Any]:
    load = os.getloadavg()[0]
    asked = pack_problem(three_goals(problem))
    whole = in_its_own_process(
        planned, asked, name, seconds=seconds, seed=seed, workers=workers, by_town=city and name in TOWN_BY_TOWN
    )
    visits, took = whole.value
    figures = in_its_own_process(judged, pack_problem(problem), visits).value
    return {
        "planner": name,
        "asked_seconds": seconds,
        "seconds": round(took, 1),
        "peak_mb": whole.peak_mb,
        "load": round(load, 2),
        **figures,
    }


def least_sum(packed: bytes, *, seconds: float, workers: int) -> dict[str, float]:
    """Return what the three goals come to at least, whoever plans; a tenth of the time goes to a plan to begin from."""
    from solver.bound import prove
    from solver.solve import solve
    from solver.warm import warm

    warm()
    problem = unpack_problem(packed)
    plan = solve(problem, seed=1, seconds=0.1 * seconds, workers=workers)
    proof = prove(problem, seconds=0.9 * seconds, plan=plan, workers=workers)
    return {"sum": round(proof.points, 1), "plan": round(plan.cost.total, 1), "seconds": round(proof.seconds, 1)}


def three_goals(problem: Problem) -> Problem:
    """Return the problem with hours, travel and usual caregivers as its only goals, each hour worth the same."""
    policy = replace(
        problem.policy,
        behind_factor=0.0,
        short_before_factor=0.0,
        not_wished_gender=0.0,
        not_wished_dialect=0.0,
        load_minute=0.0,
        overload_minute=0.0,
        lent_visit=0.0,
    )
    needs = tuple(
        replace(need, visits=tuple(replace(visit, wished=()) for visit in need.visits)) for need in problem.needs
    )
    return replace(problem, needs=needs, policy=policy)


def planned(
    packed: bytes, name: str, *, seconds: float, seed: int, workers: int, by_town: bool
) -> tuple[tuple[PlannedVisit, ...], float]:
    """Plan, and say how long it took; our kernels are compiled or loaded before the clock starts."""
    problem = unpack_problem(packed)
    parts = [problem]
    if by_town:
        parts = [of_towns(problem, {town}) for town in sorted({need.town for need in problem.needs})]
    planner = importlib.import_module(PLANNERS[name])
    if name == "ours":
        from solver.warm import warm

        warm()
    found: list[PlannedVisit] = []
    with timed() as whole:
        for part in parts:
            found += planner.plan(part, seconds=seconds / len(parts), seed=seed, workers=workers)
    return tuple(found), whole.seconds


def judged(packed: bytes, visits: tuple[PlannedVisit, ...]) -> dict[str, Any]:
    """Return the rules that a plan breaks, and its figures without what breaks them."""
    from bench.peers.keeping import as_plan, kept
    from solver.judge import judge_week
    from solver.solve import solve
    from solver.week import Week

    problem = unpack_problem(packed)
    week = Week(three_goals(problem))
    good = kept(week, visits)
    helped = solve(week.problem, start=good, iterations=0)
    return {
        "violations": len(judge_week(week, as_plan(week, visits))),
        "as_given": _figures(problem, week.problem, good),
        "helped": _figures(problem, week.problem, helped),
    }


def _figures(problem: Problem, three: Problem, plan: Plan) -> dict[str, Any]:
    from solver.cost import cost
    from solver.roster import Roster
    from solver.week import Week

    week, goals = Week(three), cost(three, plan)
    pairs = [
        caregiver.id in stop.need.usual for stop, caregiver in Roster(week, plan).pairs(week.needs) if stop.need.usual
    ]
    return {
        "unserved_hours": sum(week.visits[each.visit].minutes for each in plan.unallocated) / 60,
        "travel_minutes": round(goals.travel),
        "usual_share": round(sum(pairs) / len(pairs), 4) if pairs else None,
        "sum": round(goals.total, 1),
        "whole_cost": round(cost(problem, plan).total, 1),
    }
