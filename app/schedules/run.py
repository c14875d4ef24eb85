"""The durable job that computes a schedule: read, solve, file; each step may run again and doubles nothing.

Every write asks first, in its own transaction, whether the schedule is still being planned: a run that was
cancelled, or that another worker finished, writes nothing. The solver is loaded by the worker only.
"""

import logging
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from app import jobs
from app.core import clock
from app.core.db import Database
from app.core.weeks import Week
from app.entitlements.allowance import EntitlementPolicy
from app.schedules import exceptions, proofs, repository
from app.schedules.figures import figures_of, legs_of
from app.schedules.filing import file_visits, taken_over
from app.schedules.loading import carried_over, read_week
from app.schedules.models import PlanRun, Schedule, ScheduleStatus
from app.schedules.planning import context_visits, to_problem, to_visits
from app.schedules.store import pack_plan, pack_problem, unpack_plan, unpack_problem
from app.schedules.workbench import here
from solver.cost import cost_of
from solver.invalid import InvalidProblem
from solver.judge import judge_week
from solver.plan import Cost, Plan, Progress, Reason
from solver.problem import Problem
from solver.week import Week as Index

WORKFLOW = "plan-schedule"
PROGRESS_SECONDS = 1.0
KEEP_SECONDS = 4.0  # between two stored plans: what a killed worker loses at most

log = logging.getLogger("jiuling.planning")


class BrokenPlan(RuntimeError):
    """The judge found a rule broken in a plan that was to be filed."""


@jobs.workflow(WORKFLOW)
def plan_schedule(argument: jobs.Json) -> jobs.Json:
    """Compute one schedule; ``argument`` is ``{"run_id": …}``."""
    run_id = int(argument["run_id"])
    try:
        if read(run_id) and solve(run_id):
            file(run_id)
    except Exception as error:
        # The edge of the job: whatever went wrong, the schedule must not stay "planning" for ever.
        log.error("plan run %s: %s at %s", run_id, code_of(error), _place_of(error))
        fail(run_id, code_of(error))
    return {"run_id": run_id}


def _place_of(error: Exception) -> str:
    """Return file and line, which is all that the log may know: a message may hold personal data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"


def code_of(error: Exception) -> str:
    """Return a short code for the dispatcher: no text of the error, which might hold personal data."""
    if isinstance(error, InvalidProblem):
        return f"invalid_problem:{error.field}"[:200]
    if type(error).__name__ == "BrokenPlan":
        return "broken_plan"
    return f"unexpected:{type(error).__name__}"[:200]


# --- the steps ----------------------------------------------------------------------------------------


@jobs.step("read")
def read(run_id: int) -> bool:
    """Read the rows and store the problem; False if there is nothing to do any more."""
    bench = here()
    with bench.database.read() as session:
        run, schedule = _run_and_schedule(session, run_id)
        if schedule.status not in (ScheduleStatus.QUEUED, ScheduleStatus.PLANNING):
            return False
        if run.problem is not None:  # read before a crash: the same problem is solved again
            return True
        policy = EntitlementPolicy(make_up_undelivered=bench.settings.make_up_undelivered)
        granted = exceptions.of_schedule(session, schedule.id)
        rows = read_week(session, schedule, run, policy, exceptions.added_to(granted))
    problem = exceptions.with_exceptions(to_problem(rows), granted)
    packed = pack_problem(problem)
    own = context_visits(problem)
    due = sum(visit.minutes for need in problem.needs for visit in need.visits if visit.id not in own)
    with bench.database.write() as session:
        run, schedule = _run_and_schedule(session, run_id, lock=True)
        if schedule.status not in (ScheduleStatus.QUEUED, ScheduleStatus.PLANNING):
            return False
        now = clock.now()
        schedule.status = ScheduleStatus.PLANNING
        run.problem, run.due_minutes, run.versions, run.stage = packed, due, versions(), "read"
        run.started_at, run.progressed_at = run.started_at or now, now
    return True


@jobs.step("solve")
def solve(run_id: int) -> bool:
    """Search for the plan, from the best one of an earlier attempt if there is one; False if it was cancelled."""
    from solver.solve import solve as search

    bench = here()
    with bench.database.write() as session:
        run, schedule = _run_and_schedule(session, run_id, lock=True)
        if schedule.status != ScheduleStatus.PLANNING:
            return False
        if run.stage == "solved":
            return True
        run.attempts += 1
        packed_problem, best = run.problem, run.best
    assert packed_problem is not None
    problem = unpack_problem(packed_problem)
    reporter = Reporter(bench.database, run, context_minutes(problem))
    plan = search(
        problem,
        seed=run.seed,
        iterations=None if run.iterations_asked is None else max(0, run.iterations_asked - run.iterations),
        seconds=None if run.seconds_asked is None else max(0.0, run.seconds_asked - reporter.seconds_before),
        workers=bench.settings.solver_workers or _cores(),
        start=None if best is None else unpack_plan(best),
        on_progress=reporter.note,
        cancelled=reporter.asks_to_stop,
        on_best=reporter.keep,
    )
    if reporter.is_stopped():
        raise jobs.GiveUp(run.job_id)
    packed = pack_plan(plan)
    with bench.database.write() as session:
        run, schedule = _run_and_schedule(session, run_id, lock=True)
        if schedule.status != ScheduleStatus.PLANNING:
            return False
        run.best, run.best_cost, run.stage = packed, plan.cost.total, "solved"
        run.iterations += plan.iterations - reporter.iterations_told
        run.solve_seconds = reporter.seconds_before + plan.seconds
        run.took = {stage: round(seconds, 3) for stage, seconds in plan.took.items()}
        run.progressed_at = clock.now()
    return True


@jobs.step("file")
def file(run_id: int) -> bool:
    """Explain, judge and write the visits; the schedule becomes a draft."""
    from solver.reasons import explain

    bench = here()
    with bench.database.read() as session:
        run, schedule = _run_and_schedule(session, run_id)
        if schedule.status != ScheduleStatus.PLANNING:
            return False
        packed_problem, best = run.problem, run.best
    assert packed_problem is not None
    assert best is not None
    problem, week = unpack_problem(packed_problem), Week(schedule.monday)
    index = Index(problem)
    plan = explain(problem, unpack_plan(best))
    _check(index, plan)
    cost = cost_of(index, plan)
    figures = figures_of(index, plan)
    visits = to_visits(problem, plan, week, legs_of(index, plan))
    with bench.database.write() as session:
        run, schedule = _run_and_schedule(session, run_id, lock=True)
        if schedule.status != ScheduleStatus.PLANNING:
            return False
        due = {each.key for each in visits}
        settled = carried_over(session, week, repository.towns_of(schedule), run.from_day)
        kept = [taken_over(each) for each in settled if each.key not in due]
        file_visits(session, schedule, [*visits, *kept])
        schedule.status = ScheduleStatus.DRAFT
        schedule.cost, schedule.bound = by_goal(cost), plan.bound
        schedule.figures = figures
        run.placed_minutes = sum(each.minutes for each in visits if each.day is not None)
        run.stage, run.best, run.best_cost = "finished", None, cost.total
        run.finished_at = run.progressed_at = clock.now()
        if bench.settings.prove_seconds and visits:
            proofs.ask(session, run, bench.settings.prove_seconds)  # the sweep puts it in the queue
    return True


@jobs.step("fail")
def fail(run_id: int, code: str) -> None:
    """Say that the computation failed, unless it is over."""
    log.error("plan run %s failed: %s", run_id, code)
    with here().database.write() as session:
        run, schedule = _run_and_schedule(session, run_id, lock=True)
        if schedule.status in (ScheduleStatus.QUEUED, ScheduleStatus.PLANNING):
            mark_failed(schedule, run, code)


def mark_failed(schedule: Schedule, run: PlanRun, code: str) -> None:
    """Set a schedule and its run to failed."""
    schedule.status = ScheduleStatus.FAILED
    run.error, run.stage = code, "failed"
    run.finished_at = run.progressed_at = clock.now()


def _check(index: Index, plan: Plan) -> None:
    """Refuse a plan that breaks a rule; a pin that contradicts another was left out and says so."""
    refused = {each.visit for each in plan.unallocated if each.reason is Reason.PIN_CONFLICT}
    broken = [each for each in judge_week(index, plan) if each.rule != "pinned" or each.visit not in refused]
    if broken:
        raise BrokenPlan("; ".join(violation.message for violation in broken[:5]))


def by_goal(cost: Cost) -> dict[str, float]:
    """Return the points of a cost by goal, and their total."""
    goals = {name: round(getattr(cost, name), 6) for name in Cost.__slots__}
    return {**goals, "total": round(cost.total, 6)}


def context_minutes(problem: Problem) -> int:
    """Return the minutes of the visits that are in the problem only to take up time."""
    own = context_visits(problem)
    return sum(visit.minutes for need in problem.needs for visit in need.visits if visit.id in own)


def versions() -> dict[str, str]:
    """Return the releases that a run depends on, to repeat it."""
    return {name: _version(name) for name in ("jiuling", "ortools", "numba", "numpy")}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0))


def _run_and_schedule(session: Any, run_id: int, *, lock: bool = False) -> tuple[PlanRun, Schedule]:
    run = session.get(PlanRun, run_id, populate_existing=True)
    schedule = session.get(Schedule, run.schedule_id, with_for_update=lock, populate_existing=True)
    return run, schedule


class Reporter:
    """Writes how far a run is, about once a second, and learns in the same transaction whether to go on."""

    def __init__(self, database: Database, run: PlanRun, context_minutes: int) -> None:
        self._database = database
        self._run_id, self._job_id = run.id, run.job_id
        self._context_minutes = context_minutes
        self.seconds_before = run.solve_seconds or 0.0
        self._iterations_before = run.iterations
        self.iterations_told = 0
        self._told_at = self._kept_at = time.monotonic()
        self._ends_early = False
        self._told_first = False

    def note(self, progress: Progress) -> None:
        """Take note of what the search says of itself."""
        at = time.monotonic()
        if self._told_first and at - self._told_at < PROGRESS_SECONDS:
            return
        self._told_at, self._told_first = at, True
        if self.is_stopped():
            return
        with self._database.write() as session:
            run, schedule = _run_and_schedule(session, self._run_id)
            if schedule.status != ScheduleStatus.PLANNING:
                self._ends_early = True
                return
            self._ends_early = run.cancel_asked_at is not None
            run.stage = progress.stage
            run.placed_minutes = max(0, progress.placed_minutes - self._context_minutes)
            run.best_cost = progress.cost
            run.iterations = self._iterations_before + progress.iterations
            run.solve_seconds = self.seconds_before + progress.seconds
            run.progressed_at = clock.now()
            self.iterations_told = progress.iterations

    def keep(self, best: Callable[[], Plan]) -> None:
        """Store the best plan so far every few seconds, for whoever goes on after a crash."""
        at = time.monotonic()
        if at - self._kept_at < KEEP_SECONDS or self.is_stopped():
            return
        self._kept_at = at
        packed = pack_plan(best())
        with self._database.write() as session:
            run, schedule = _run_and_schedule(session, self._run_id)
            if schedule.status == ScheduleStatus.PLANNING:
                run.best = packed

    def asks_to_stop(self) -> bool:
        """Tell the search whether to end: cancelled, asked to keep what it has, or taken over."""
        return self._ends_early or self.is_stopped()

    def is_stopped(self) -> bool:
        """Tell whether another worker owns the job now, or this one is leaving."""
        return jobs.current_job_id() is not None and jobs.stopped(self._job_id)
