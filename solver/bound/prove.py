"""`prove`: a bound for the points, and one of its own for the minutes unserved."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil, gcd

import numpy as np

from solver.bound.ascent import Knapsacks, ascend, where_to_ascend_from
from solver.bound.beginning import begin
from solver.bound.elders import Elders
from solver.bound.generation import Found, generate
from solver.bound.pairs import pairs_of
from solver.bound.pricing import Prices, open_pricing, plain_prices
from solver.bound.proof import Proof
from solver.bound.steps import Steps, ascend_by_routes
from solver.bound.worth import by_caregiver, by_day, by_skill
from solver.cost import cost
from solver.plan import Cost, Plan
from solver.problem import Minutes, Policy, Problem
from solver.search.anneal import construct
from solver.search.arrays import names
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
_ROUGH_SHARE = 0.2  # of the time, at most, before something is proved
_QUICK_SHARE = 0.1  # of the time, at most, for the knapsacks' bound
_UNSERVED_SHARE = 0.25  # of the time for the certificate of unserved minutes, if some are unserved
_FEW_VISITS = 100  # below, the linear programme is solved to its end before the steps
_MANY_VISITS = 1000  # from here on the linear programme takes longer than the pricing
_SURELY = 1e-3  # points that a programme's value may be wrong by
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
        Asked often, in this thread; when it says so, the best bound so far is returned.
    """
    began = time.monotonic()
    if seconds <= 0 or not any(need.visits for need in problem.needs):
        nothing = not any(need.visits for need in problem.needs)
        return Proof(points=0.0, unserved_minutes=0, complete=nothing)
    plan = _constructed(problem) if plan is None else plan
    limits = _Limits(began, seconds, rounds, workers, cancelled or (lambda: False))
    task = _Task(problem, plan, limits)
    task.prove_quickly(on_bound)
    unserved = _unserved(problem, plan, limits)
    return task.prove_by_routes(unserved, on_bound)


@dataclass(frozen=True)
class _Limits:
    """When to stop."""

    began: float
    seconds: float
    rounds: int | None
    workers: int
    cancelled: Cancelled

    def used(self) -> float:
        return time.monotonic() - self.began

    def go_on(self, seconds: float) -> Callable[[], bool]:
        return lambda: self.used() < seconds and not self.cancelled()


def _unserved(problem: Problem, plan: Plan, limits: _Limits) -> Minutes:
    """Return the minutes that every plan leaves unserved, at least."""
    placed = {planned.visit for planned in plan.visits}
    visits = [visit for need in problem.needs for visit in need.visits]
    if all(visit.id in placed for visit in visits):
        return 0
    policy = replace(_ONLY_UNSERVED, **_meal(problem.policy))
    limits = replace(limits, seconds=_UNSERVED_SHARE * limits.seconds)
    task = _Task(replace(problem, policy=policy, published=()), plan, limits)
    task.prove_quickly(None)
    # Whole visits are unserved, so their greatest common divisor divides the minutes.
    unit = gcd(*(visit.minutes for visit in visits))
    proof = task.prove_by_routes(0, None, unit)
    return _whole(proof.points, unit)


def _whole(minutes: float, unit: Minutes) -> Minutes:
    return unit * max(0, ceil(minutes / unit))


class _Task:
    """One problem to be bounded: by knapsacks at once, then by routes."""

    def __init__(self, problem: Problem, plan: Plan, limits: _Limits) -> None:
        self._problem, self._plan, self._limits = problem, plan, limits
        self._known = names(problem)
        self._a = build(problem, self._known)
        self._t = pairs_of(problem, self._known, self._a)
        self._elders, self._knapsacks = Elders(problem, self._a), Knapsacks(self._a, self._t)
        self._start = begin(problem, self._known, self._a, self._t, plan)
        self._found = Found()

    def prove_quickly(self, on_bound: OnBound | None) -> None:
        """Find out what minutes are worth, and a first bound."""
        limits = self._limits
        self._start, prices, points = where_to_ascend_from(self._knapsacks, self._elders, self._start)
        self._tell(points, on_bound)
        go_on = limits.go_on(limits.used() + _QUICK_SHARE * limits.seconds)
        target = cost(self._problem, self._plan).total
        ascent = ascend(self._a, self._knapsacks, self._elders, start=prices, target=target, go_on=go_on)
        self._tell(ascent.points, on_bound)
        self._steps = self._steps_from(plain_prices(self._a, ascent.hands, self._start.minutes), target)

    @property
    def _dear(self) -> float:
        """The slack of whole weeks: points, more where a minute more costs visits."""
        scarce = bool((self._start.minutes > 0).all())
        return max(_SLACK, _SLACK_SHARE * float(self._elders.out.min()) * scarce)

    def _steps_from(self, prices: Prices, target: float) -> Steps:
        return Steps(self._a, self._elders, prices, target, self._dear)

    def _tell(self, points: float, on_bound: OnBound | None) -> None:
        if points > self._found.points:
            self._found.points = points
            if on_bound:
                on_bound(self._proof(self._found, 0))

    def prove_by_routes(self, unserved: Minutes, on_bound: OnBound | None, unit: Minutes = 0) -> Proof:
        """Return the bound on the points; ``unit``: of which whole numbers only count, so that less is not worth it."""
        limits, start, found = self._limits, self._start, self._found

        def tell(met: Found) -> None:
            if on_bound:
                on_bound(self._proof(met, unserved))

        went = limits.used()
        rough = went + _ROUGH_SHARE * (limits.seconds - went)
        go_on = limits.go_on(limits.seconds)
        with open_pricing(self._a, self._t, limits.workers) as pricing:
            if len(self._a.visits) >= _MANY_VISITS:
                ascend_by_routes(
                    self._elders, self._knapsacks, pricing, self._steps,
                    rounds=limits.rounds, go_on=go_on, on_found=tell, found=found,
                )  # fmt: skip
            else:
                generate(
                    self._a, self._elders, self._knapsacks, pricing, start,
                    slack=self._dear, rounds=limits.rounds, go_on=go_on, on_found=tell,
                    hurry=lambda: limits.used() > rough, found=found,
                    enough=lambda value: unit > 0 and _whole(value - _SURELY, unit) <= _whole(found.points, unit),
                    exact=unit > 0 or len(self._a.visits) < _FEW_VISITS,
                )  # fmt: skip
                if found.worth is not None and not unit:
                    target = cost(self._problem, self._plan).total
                    ascend_by_routes(
                        self._elders, self._knapsacks, pricing, self._steps_from(found.worth.prices, target),
                        rounds=limits.rounds, go_on=go_on, on_found=tell, found=found, prove_at_once=True,
                    )  # fmt: skip
        proof = self._proof(found, unserved)
        if found.worth is None:
            return proof
        return replace(
            proof,
            hour_prices=by_caregiver(self._known, self._a, found.worth),
            skill_prices=by_skill(self._problem, found.worth),
            day_prices=by_day(found.worth),
        )

    def _proof(self, found: Found, unserved: Minutes) -> Proof:
        return Proof(
            points=found.points, unserved_minutes=unserved, seconds=self._limits.used(),
            columns=found.columns, rounds=found.rounds, complete=found.complete,
        )  # fmt: skip


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
