"""`prove`: a bound for the points, and one of its own for the minutes unserved."""

import time
from collections.abc import Callable
from dataclasses import replace
from math import ceil, gcd

import numpy as np

from solver.bound.ascent import Knapsacks, ascend
from solver.bound.beginning import begin
from solver.bound.elders import Elders
from solver.bound.generation import Found, generate
from solver.bound.pairs import pairs_of
from solver.bound.pricing import open_pricing
from solver.bound.proof import Proof
from solver.bound.worth import by_caregiver, by_day, by_skill
from solver.cost import cost
from solver.plan import Cost, Plan
from solver.problem import Minutes, Policy, Problem
from solver.search.anneal import construct
from solver.search.arrays import Arrays, Names, names
from solver.search.beginning import put_pins
from solver.search.build import build
from solver.search.clusters import one_strip
from solver.search.given import whole_points
from solver.search.outcome import planned_visits
from solver.search.rounds import best_of
from solver.search.state import empty_state, new_work

OnBound = Callable[[Proof], None]
Cancelled = Callable[[], bool]

_SLACK = 1.0  # points, see `Pricing.price`
_SLACK_SHARE = 0.02  # more where visits are dear: of an unserved visit's points
_ROUGH_SHARE = 0.35  # of the time, at most, before something is proved
_QUICK_SHARE = 0.1  # of the time, at most, for the knapsacks' bound
_UNSERVED_SHARE = 0.25  # of the time for the certificate of unserved minutes, if some are unserved
_ONLY_UNSERVED = Policy(
    unserved_hour=60.0, behind_factor=0.0, short_before_factor=0.0, changed_visit=0.0, not_usual=0.0,
    outside_wished_time=0.0, not_wished_gender=0.0, not_wished_dialect=0.0, travel_minute=0.0,
    load_minute=0.0, overload_minute=0.0, lent_visit=0.0,
)  # fmt: skip


def prove(
    problem: Problem,
    *,
    seconds: float,
    rounds: int | None = None,
    plan: Plan | None = None,
    workers: int = 1,
    on_bound: OnBound | None = None,
    cancelled: Cancelled | None = None,
) -> Proof:
    """Return a lower bound on the points of every plan, as high as the time allows.

    Parameters
    ----------
    seconds
        Stop after about so long (0: what needs no proof).
    rounds
        Stop after so many rounds of pricing, for each of the two proofs.
    plan
        A good plan: where to begin. None: what construction gives.
    workers
        Threads. The bound depends on the time, and so on the machine; that it holds does not.
    on_bound
        Called with each better bound, in this thread.
    cancelled
        Asked between two caregivers, in this thread; when it says so, the best bound so far is returned.
    """
    began = time.monotonic()
    if seconds <= 0 or not any(need.visits for need in problem.needs):
        nothing = not any(need.visits for need in problem.needs)
        return Proof(points=0.0, unserved_minutes=0, complete=nothing)
    plan = _constructed(problem) if plan is None else plan
    unserved = _Task(problem, plan, began, rounds, cancelled).unserved(seconds * _UNSERVED_SHARE, workers)
    return _Task(problem, plan, began, rounds, cancelled).points(seconds, workers, unserved, on_bound)


class _Task:
    """One problem to be bounded, and when to stop."""

    def __init__(
        self, problem: Problem, plan: Plan, began: float, rounds: int | None, cancelled: Cancelled | None
    ) -> None:
        self._problem, self._plan, self._began, self._rounds = problem, plan, began, rounds
        self._cancelled = cancelled or (lambda: False)

    def unserved(self, seconds: float, workers: int) -> Minutes:
        """Return the minutes that every plan leaves unserved, at least."""
        placed = {planned.visit for planned in self._plan.visits}
        visits = [visit for need in self._problem.needs for visit in need.visits]
        if all(visit.id in placed for visit in visits):
            return 0
        task = _Task(
            replace(self._problem, policy=replace(_ONLY_UNSERVED, **_meal(self._problem.policy)), published=()),
            self._plan, self._began, self._rounds, self._cancelled,
        )  # fmt: skip
        found, _, _ = task._generate(seconds, workers, lambda _: None)
        # Whole visits are unserved, so their greatest common divisor divides the minutes.
        unit = gcd(*(visit.minutes for visit in visits))
        return unit * max(0, ceil(found.points / unit))

    def points(self, seconds: float, workers: int, unserved: Minutes, on_bound: OnBound | None) -> Proof:
        """Return the bound on the points."""

        def proof(found: Found) -> Proof:
            return Proof(
                points=found.points, unserved_minutes=unserved, seconds=time.monotonic() - self._began,
                columns=found.columns, rounds=found.rounds, complete=found.complete,
            )  # fmt: skip

        found, known, a = self._generate(seconds, workers, lambda met: on_bound(proof(met)) if on_bound else None)
        if found.worth is None:
            return proof(found)
        return replace(
            proof(found),
            hour_prices=by_caregiver(known, a, found.worth),
            skill_prices=by_skill(self._problem, found.worth),
            day_prices=by_day(found.worth),
        )

    def _points(self) -> float:
        return cost(self._problem, self._plan).total

    def _go_on(self, seconds: float) -> Callable[[], bool]:
        return lambda: time.monotonic() - self._began < seconds and not self._cancelled()

    def _generate(self, seconds: float, workers: int, on_found: Callable[[Found], None]) -> tuple[Found, Names, Arrays]:
        known = names(self._problem)
        a = build(self._problem, known)
        t = pairs_of(self._problem, known, a)
        elders = Elders(self._problem, a)
        start = begin(self._problem, known, a, t, self._plan)
        began = time.monotonic()
        rough = _ROUGH_SHARE * (seconds - (began - self._began))
        slack = max(_SLACK, _SLACK_SHARE * float(elders.out.min()) * bool((start.minutes > 0).all()))
        placed = {planned.visit for planned in self._plan.visits}
        left_out = any(visit not in placed for visit in known.visits)
        knapsacks, found = Knapsacks(a, t), Found()
        go_on, quick = self._go_on(seconds), self._go_on(began - self._began + _QUICK_SHARE * seconds)
        ascent = ascend(
            a, knapsacks, elders,
            # Where visits are left out, any visit is worth as much as leaving it out.
            start=elders.out / a.visits["hands"] if left_out else start.hands,
            target=self._points(), go_on=quick,
        )  # fmt: skip
        found.points = max(found.points, ascent.points)
        on_found(found)
        with open_pricing(a, t, workers) as pricing:
            generate(
                a, elders, knapsacks, pricing, start,
                slack=slack, rounds=self._rounds, go_on=go_on,
                hurry=lambda: time.monotonic() - began > rough, on_found=on_found, found=found,
            )  # fmt: skip
        return found, known, a


def _meal(policy: Policy) -> dict[str, int]:
    return {name: getattr(policy, name) for name in ("meal_minutes", "meal_opens", "meal_closes")}


def _constructed(problem: Problem) -> Plan:
    """Return a plan without any search."""
    known = names(problem)
    a = build(problem, known, [(pin.visit, c) for pin in problem.pins for c in pin.caregivers])
    s = empty_state(a)
    w = new_work(a, s, 1)
    put_pins(a, s, w, known, problem.pins)
    construct(a, s, w, np.arange(len(known.visits), dtype=np.int32), one_strip(a).groups)
    best = best_of(s, float(whole_points(a, s)))
    return Plan(visits=planned_visits(a, w, known, best.routes, best.n), unallocated=(), cost=Cost())
