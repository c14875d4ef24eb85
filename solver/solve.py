"""From `Problem` to `Plan`: build, place what is given, construct, search, choose, settle, judge."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from solver.cost import cost
from solver.judge import judge
from solver.master import choose
from solver.plan import Cost, Plan, PlannedVisit, Progress, Reason, Status, Unallocated
from solver.problem import Pin, Problem, Published
from solver.reasons import explain
from solver.search.anneal import construct
from solver.search.arrays import Arrays, Ints, names
from solver.search.beginning import put_pins, put_plan
from solver.search.build import build
from solver.search.chance import mix
from solver.search.clusters import one_strip
from solver.search.given import whole_points
from solver.search.outcome import planned_visits
from solver.search.rounds import Best, Budget, best_of, run
from solver.search.settings import AS_IT_IS, Settings
from solver.search.state import State, empty_state, new_work

OnProgress = Callable[[Progress], None]
Cancelled = Callable[[], bool]
OnBest = Callable[[Callable[[], Plan]], None]

# How hot the search begins, against 1: cooler from a plan that is to be kept, hotter where visits compete for places.
_WARM, _SHORT = 0.3, 8.0
_SHORT_FROM = 0.02  # share of visits without a place after construction


class BrokenPlan(RuntimeError):
    """A plan of the search that the judge rejects: a fault of the search, never of the problem."""


def default_iterations(visits: int) -> int:
    """Return the iterations that a problem is worth when the caller sets no limit."""
    return 2000 + 45 * visits


def _reserve(seconds: float) -> float:
    """Return the part of a time budget that the master gets: little, since it saves little."""
    return min(10.0, 0.05 * seconds)


class _Clock:
    """Seconds by stage."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.began = now()
        self.took: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = self.now()
        yield
        self.took[name] = self.took.get(name, 0.0) + self.now() - began

    @property
    def seconds(self) -> float:
        return self.now() - self.began


def solve(
    problem: Problem,
    *,
    seed: int = 0,
    iterations: int | None = None,
    seconds: float | None = None,
    workers: int = 1,
    start: Plan | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Cancelled | None = None,
    on_best: OnBest | None = None,
    settings: Settings = AS_IT_IS,
) -> Plan:
    """Return a plan that breaks no rule, as cheap as the budget allows.

    Parameters
    ----------
    iterations
        Same problem, seed and iterations give the same plan. Default, if ``seconds`` is None too:
        in proportion to the problem.
    seconds
        Stop searching after so long, whatever the iterations (0: what construction gives).
    workers
        Threads; the plan does not depend on their number.
    start
        A plan to start from; the published plan if there is one, else none.
    on_progress, cancelled
        Called between rounds of a fraction of a second, in this thread. When ``cancelled`` says so,
        the best plan so far is returned with `Status.CANCELLED`.
    on_best
        Called between rounds too, with a function that returns the best plan so far (its visits only):
        whoever keeps it can go on from there with ``start`` after a crash.

    Raises
    ------
    BrokenPlan
        If the judge finds a rule broken: a fault of this library.
    """
    clock = _Clock(settings.clock)
    if not any(need.visits for need in problem.needs):
        return Plan(visits=(), unallocated=(), cost=Cost(), status=Status.EMPTY, seed=seed)
    with clock.stage("build"):
        known = names(problem)
        a = build(problem, known, _must_meet(problem, start))
        s = empty_state(a)
        w = new_work(a, s, mix(seed, 1), settings)
    with clock.stage("construct"):
        refused = put_pins(a, s, w, known, problem.pins)
        put_plan(a, s, w, known, start.visits if start is not None else problem.published)
        warm = bool((s.stands["day"] >= 0).mean() > 0.5)
        construct(a, s, w, _order(a), one_strip(a).groups)
        best = best_of(s, float(whole_points(a, s)))
    report = _Report(a, s, clock, on_progress, cancelled)
    if iterations is None and seconds is None:
        iterations = default_iterations(len(known.visits))
    whole = seconds
    seconds = None if seconds is None else seconds - (_reserve(seconds) if settings.master else 0.0)
    budget = Budget(iterations=iterations, seconds=seconds, began=clock.began, clock=clock.now)
    with clock.stage("search"):
        status = Status.CANCELLED
        if report("search", best):

            def after_round(met: Best) -> bool:
                if on_best is not None:
                    on_best(lambda: _so_far(planned_visits(a, w, known, met.routes, met.n), seed, met.iterations))
                return report("search", met)

            status = run(
                a, s, best, seed=seed, budget=budget, workers=workers, heat=_heat(s, warm=warm), settings=settings,
                after_round=after_round,
            )  # fmt: skip
    if settings.master and status is not Status.CANCELLED and best.iterations > 0:
        with clock.stage("master"):
            left = None if whole is None else whole - clock.seconds
            choose(a, w, best, seed=seed, seconds=left, go_on=lambda: report("master", best))
        if not report("master", best):
            status = Status.CANCELLED
    with clock.stage("settle"):
        visits = planned_visits(a, w, known, best.routes, best.n)
    return _finish(problem, visits, refused, clock, seed=seed, status=status, iterations=best.iterations)


def _so_far(visits: tuple[PlannedVisit, ...], seed: int, iterations: int) -> Plan:
    return Plan(visits=visits, unallocated=(), cost=Cost(), status=Status.CANCELLED, seed=seed, iterations=iterations)


def _must_meet(problem: Problem, start: Plan | None) -> Iterator[tuple[str, str]]:
    given: Iterable[Pin | Published | PlannedVisit] = (
        *problem.pins,
        *problem.published,
        *(start.visits if start is not None else ()),
    )
    for stand in given:
        for caregiver in stand.caregivers:
            yield stand.visit, caregiver


def _order(a: Arrays) -> Ints:
    """Return the visits in the order of construction: settled starts first, then the choosiest."""
    elders = a.elders[a.visits["elder"]]
    choices = (elders["candidate_high"] - elders["candidate_low"]) * np.bitwise_count(a.visits["days"])
    worth = a.visits["absent_cost"] / a.visits["minutes"]
    return np.lexsort((choices, -worth, -a.visits["together"])).astype(np.int32)


def _heat(s: State, *, warm: bool) -> float:
    if warm:
        return _WARM
    return _SHORT if float((s.stands["day"] < 0).mean()) > _SHORT_FROM else 1.0


class _Report:
    """Tells progress and asks whether to go on."""

    def __init__(
        self, a: Arrays, s: State, clock: _Clock, on_progress: OnProgress | None, cancelled: Cancelled | None
    ) -> None:
        self._a, self._s, self._clock = a, s, clock
        self._on_progress, self._cancelled = on_progress, cancelled

    def __call__(self, stage: str, best: Best) -> bool:
        if self._on_progress is not None:
            placed = np.unique(best.routes[:, :, 0][np.arange(best.routes.shape[1]) < best.n[:, None]])
            self._on_progress(
                Progress(
                    stage=stage,
                    placed_minutes=int(self._a.visits["minutes"][placed].sum()),
                    due_minutes=int(self._a.visits["minutes"].sum()),
                    cost=best.points,
                    seconds=self._clock.seconds,
                    iterations=best.iterations,
                )
            )
        return self._cancelled is None or not self._cancelled()


def _finish(
    problem: Problem,
    visits: tuple[PlannedVisit, ...],
    refused: list[str],
    clock: _Clock,
    *,
    seed: int,
    status: Status,
    iterations: int,
) -> Plan:
    """Explain what has no place, recompute the cost, and let nothing out that the judge rejects."""
    placed = {planned.visit for planned in visits}
    left = tuple(
        Unallocated(visit.id, Reason.NO_ROUTE_FITS)
        for need in problem.needs
        for visit in need.visits
        if visit.id not in placed
    )
    plan = Plan(visits=visits, unallocated=left, cost=Cost(), status=status, seed=seed, iterations=iterations)
    with clock.stage("reasons"):
        plan = explain(problem, plan)
    with clock.stage("judge"):
        plan = replace(plan, cost=cost(problem, plan))
        # A pin that contradicts a rule or an earlier pin cannot be kept; it is reported with its reason.
        broken = [found for found in judge(problem, plan) if not (found.rule == "pinned" and found.visit in refused)]
    if broken:
        raise BrokenPlan("; ".join(found.message for found in broken[:5]))
    return replace(plan, seconds=clock.seconds, took=clock.took)
