"""Plain CP-SAT: a circuit of arcs for each shift, a start for each job, both limits, continuity; no search of our own.

So that the model can be built at all, each job knows the ``CAREGIVERS`` who cost least for it and may be followed by
the ``NEXT`` nearest jobs of a shift. Meals are fitted in afterwards; of a plan that leaves no room for one, visits go.
"""

from collections.abc import Sequence

import numpy as np
from ortools.sat.python import cp_model

from bench.peers.tours import Job, Tours, plan_of, tours_of
from solver.plan import PlannedVisit
from solver.problem import MINUTES_IN_DAY, Minutes, Problem

CAREGIVERS = 8
NEXT = 10
SCALE = 10
"""Points are counted in tenths."""

BASE = 0
"""The node of the base in each circuit; job ``i`` of a shift is node ``i + 1``."""


def plan(problem: Problem, *, seconds: float, seed: int, workers: int) -> tuple[PlannedVisit, ...]:
    """Plan with CP-SAT."""
    tours = tours_of(problem)
    asked = _Model(tours)
    for v in range(len(tours.vehicles)):
        asked.add_shift(v)
    asked.close()
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    if solver.solve(asked.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return ()
    orders = {}
    for v, visits in asked.made.items():
        made = [j for j, literal in visits.items() if solver.boolean_value(literal)]
        if made:
            orders[v] = sorted(made, key=lambda j: solver.value(asked.starts[j]))
    return plan_of(tours, orders)


class _Model:
    """The model while it is built, shift by shift."""

    def __init__(self, tours: Tours) -> None:
        self.tours = tours
        self.model = cp_model.CpModel()
        self.starts = [
            self.model.new_int_var_from_domain(_starts(job), "") if job.windows else self.model.new_constant(0)
            for job in tours.jobs
        ]
        self.made: dict[int, dict[int, cp_model.IntVar]] = {}  # vehicle -> job -> literal
        self._may = _cheapest(tours)
        self._points: list[cp_model.LinearExpr] = []
        self._work: dict[int, list[cp_model.LinearExpr]] = {}  # caregiver -> minutes of each day

    def add_shift(self, v: int) -> None:
        """Add the circuit of one vehicle, and its times."""
        tours, model = self.tours, self.model
        who, jobs = tours.vehicles[v].caregiver, np.flatnonzero(self._may[:, v]).tolist()
        made = {j: model.new_bool_var("") for j in jobs}
        self.made[v] = made
        arcs: list[tuple[int, int, cp_model.LiteralT]] = [(BASE, BASE, model.new_bool_var(""))]
        arcs += [(i + 1, i + 1, ~made[j]) for i, j in enumerate(jobs)]
        travel: list[cp_model.LinearExpr] = []
        for i, k, minutes in self._trips(v, jobs):
            literal = model.new_bool_var("")
            arcs.append((i, k, literal))
            travel.append(minutes * literal)
            self._time(v, jobs, i, k, minutes, literal)
        model.add_circuit(arcs)
        care = [tours.jobs[j].visit.minutes * literal for j, literal in made.items()]
        work = cp_model.LinearExpr.sum([*travel, *care])
        model.add(work <= tours.caregiver(v).daily_limit_minutes)
        self._work.setdefault(who, []).append(work)
        self._points += [SCALE * each for each in travel]
        self._points += [round(SCALE * tours.not_usual[j, who]) * literal for j, literal in made.items()]

    def _trips(self, v: int, jobs: Sequence[int]) -> list[tuple[int, int, Minutes]]:
        minutes, base = self.tours.minutes[self.tours.caregiver(v).mode], self.tours.base(v)
        trips = []
        for i, j in enumerate(jobs):
            trips.append((BASE, i + 1, int(minutes[base, j])))
            trips.append((i + 1, BASE, int(minutes[j, base])))
            near = sorted((k for k in range(len(jobs)) if k != i), key=lambda k: minutes[j, jobs[k]])[:NEXT]
            trips += [(i + 1, k + 1, int(minutes[j, jobs[k]])) for k in near]
        return trips

    def _time(self, v: int, jobs: Sequence[int], i: int, k: int, minutes: Minutes, literal: cp_model.IntVar) -> None:
        shift = self.tours.vehicles[v].shift
        midnight = shift.day * MINUTES_IN_DAY
        leaves: cp_model.LinearExprT = midnight + shift.starts
        if i != BASE:
            leaves = self.starts[jobs[i - 1]] + self.tours.jobs[jobs[i - 1]].visit.minutes
        arrives = midnight + shift.ends if k == BASE else self.starts[jobs[k - 1]]
        self.model.add(leaves + minutes <= arrives).only_enforce_if(literal)

    def close(self) -> None:
        """Make each job at most once, both hands or none, and each week within its limit; set the objective."""
        tours, model = self.tours, self.model
        by_job: list[list[cp_model.IntVar]] = [[] for _ in tours.jobs]
        for made in self.made.values():
            for j, literal in made.items():
                by_job[j].append(literal)
        for j, (job, literals) in enumerate(zip(tours.jobs, by_job, strict=True)):
            model.add_at_most_one(literals)
            self._points.append(round(SCALE * job.points) * (1 - cp_model.LinearExpr.sum(literals)))
            if j and tours.jobs[j - 1].visit is job.visit:
                model.add(cp_model.LinearExpr.sum(literals) == cp_model.LinearExpr.sum(by_job[j - 1]))
        for who, days in self._work.items():
            model.add(cp_model.LinearExpr.sum(days) <= tours.problem.caregivers[who].weekly_limit_minutes)
        model.minimize(cp_model.LinearExpr.sum(self._points))


def _starts(job: Job) -> cp_model.Domain:
    return cp_model.Domain.from_intervals(
        [[w.day * MINUTES_IN_DAY + w.opens, w.day * MINUTES_IN_DAY + w.closes - 1] for w in job.windows]
    )


def _cheapest(tours: Tours) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Return ``may`` with the caregivers who cost least for each job, by continuity and the way from their bases."""
    modes = [tours.minutes[each.mode] for each in tours.problem.caregivers]
    whose = np.array([vehicle.caregiver for vehicle in tours.vehicles])
    may = tours.may.copy()
    for j in range(len(tours.jobs)):
        able = np.unique(whose[tours.may[j]])
        cost = [tours.not_usual[j, k] + modes[k][len(tours.jobs) + k, j] for k in able]
        may[j] &= np.isin(whose, able[np.argsort(cost, kind="stable")[:CAREGIVERS]])
    return may
