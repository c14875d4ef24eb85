"""Offer fixes for the visits that a week short of staff leaves out, apply them, and judge the result.

Each offered fix is applied to the problem and the plan from outside and judged on the whole week: all must
work. The peer suggests what the funnel says, without trying: an hour more for the nearest caregiver who has
no minutes left, windows an hour wider where no route fits, any other day where the days are too close.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.demo.options import FULL_ELDERS, Staffing
from bench.measure import milliseconds, timed
from bench.problems import city_problem
from solver.fixes import Fix, Situation, fixes, with_fix
from solver.judge import judge
from solver.plan import Plan, Reason, Unallocated
from solver.problem import DAYS_IN_WEEK, Caregiver, Need, Problem, Shift, Visit, Window
from solver.reasons import reason
from solver.solve import solve
from solver.week import Week

_HOUR = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say which cities, how long to search, and how many visits to ask about."""
    parser.add_argument("--elders", type=int, default=FULL_ELDERS)
    parser.add_argument(
        "--staffing", nargs="+", choices=list(Staffing), default=[Staffing.TIGHT, Staffing.SHORT], type=Staffing
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[1], help="of the search; the city's is 1")
    parser.add_argument("--seconds", type=float, default=30.0, help="of search, if --iterations is not given")
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--visits", type=int, default=100, help="of each city at most, evenly among those left out")


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Ask about the visits of each city's plans."""
    runs = []
    for staffing in chosen.staffing:
        problem = city_problem(chosen.elders, staffing)
        for seed in chosen.seeds:
            plan = solve(
                problem,
                seed=seed,
                iterations=chosen.iterations,
                seconds=None if chosen.iterations is not None else chosen.seconds,
                workers=chosen.workers,
            )
            runs.append({"staffing": str(staffing), "seed": seed, **asked(problem, plan, chosen.visits)})
    return {"elders": chosen.elders, "runs": runs}


@dataclass(frozen=True, slots=True)
class _Answer:
    left: Unallocated
    offered: Sequence[Fix]
    seconds: float


def asked(problem: Problem, plan: Plan, visits: int) -> dict[str, Any]:
    """Return what was offered, what of it works, and what the peer's suggestions are worth."""
    step = max(1, -(-len(plan.unallocated) // visits))
    sample = plan.unallocated[::step]
    situation = Situation(Week(problem), plan)
    with timed() as first:
        broken = len(situation.broken)
    answers = []
    for left in sample:
        with timed() as took:
            offered = fixes(situation, left.visit)
        answers.append(_Answer(left, offered, took.seconds))
    offers = [fix for answer in answers for fix in answer.offered]
    working = sum(works(problem, plan, fix) for fix in offers)
    naive = [suggested for left in sample if (suggested := suggestion(situation, left)) is not None]
    return {
        "visits_left_out": len(plan.unallocated),
        "reasons": dict(Counter(left.reason.value for left in plan.unallocated).most_common()),
        "broken_before": broken,
        "asked": len(answers),
        "with_a_fix": sum(bool(answer.offered) for answer in answers),
        "share_with_a_fix": _share(sum(bool(answer.offered) for answer in answers), len(answers)),
        "offered": len(offers),
        "working": working,
        "share_working": _share(working, len(offers)),
        "kinds": dict(Counter(fix.kind for fix in offers).most_common()),
        "without_a_fix": dict(Counter(answer.left.reason.value for answer in answers if not answer.offered)),
        "judging_the_plan_once_ms": round(1000 * first.seconds, 1),
        "a_visit": milliseconds([answer.seconds for answer in answers]) if answers else {},
        "peer": {
            "what": "the funnel's suggestion, not tried",
            "suggested": len(naive),
            "working": sum(naive),
            "share_working": _share(sum(naive), len(naive)),
        },
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def works(problem: Problem, plan: Plan, fix: Fix) -> bool:
    """Apply a fix from outside: it places its visit, nothing else is left out, and the judge is content."""
    changed = problem if fix.change is None else fix.change.apply(problem)
    after = with_fix(plan, fix)
    placed, before = ({each.visit for each in one.visits} for one in (after, plan))
    gone = {each.visit for each in plan.unallocated} - {each.visit for each in after.unallocated}
    return gone == {fix.visit} and before | {fix.visit} <= placed and not judge(changed, after)


# --- the peer -----------------------------------------------------------------------------------------


def suggestion(situation: Situation, left: Unallocated) -> bool | None:
    """Tell whether what the funnel suggests would place the visit; None if it suggests nothing."""
    problem = situation.week.problem
    need, visit = situation.week.need_of[left.visit], situation.week.visits[left.visit]
    if left.reason is Reason.COULD_BE_PLACED:
        return True
    if left.reason is Reason.NO_MINUTES_LEFT:
        nearest = _nearest(situation, need, visit)
        changed = replace(
            problem, caregivers=tuple(_longer(each) if each.id == nearest else each for each in problem.caregivers)
        )
    elif left.reason is Reason.NO_ROUTE_FITS:
        changed = _with_visit(problem, replace(visit, windows=tuple(_wider(window) for window in visit.windows)))
    elif left.reason is Reason.TOO_CLOSE:
        hours = {(window.opens, window.closes) for window in visit.windows}
        days = range(DAYS_IN_WEEK)
        changed = _with_visit(
            problem, replace(visit, windows=tuple(Window(d, *h) for d in days for h in sorted(hours)))
        )
    else:
        return None
    return reason(Week(changed), situation.plan, left.visit).reason is Reason.COULD_BE_PLACED


def _nearest(situation: Situation, need: Need, visit: Visit) -> str:
    """Return the nearest of those who have the skills and may come: the funnel knows no more."""
    week = situation.week
    able = [
        each
        for each in week.caregivers.values()
        if visit.skills <= each.skills.keys()
        and each.id not in need.blocked
        and need.required_gender in (None, each.gender)
        and each.shifts
    ]
    return min(able, key=lambda each: (week.trip(each, each.base, need.place), each.id)).id


def _longer(caregiver: Caregiver) -> Caregiver:
    shifts = tuple(Shift(each.day, each.starts, min(1440, each.ends + _HOUR)) for each in caregiver.shifts)
    return replace(caregiver, shifts=shifts, weekly_limit_minutes=caregiver.weekly_limit_minutes + _HOUR)


def _wider(window: Window) -> Window:
    return Window(window.day, max(0, window.opens - _HOUR), min(1440, window.closes + _HOUR))


def _with_visit(problem: Problem, visit: Visit) -> Problem:
    return replace(
        problem,
        needs=tuple(
            replace(need, visits=tuple(visit if each.id == visit.id else each for each in need.visits))
            if any(each.id == visit.id for each in need.visits)
            else need
            for need in problem.needs
        ),
    )
