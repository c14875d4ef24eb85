"""The judge: says of any plan which rules it breaks, and shares no line with the search.

Each rule has a module of its name, which formula it holds stands in ``solver/README.md``.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from solver.judge import (
    availability,
    blocked,
    carers,
    daily_limit,
    double_handed,
    eligibility,
    gender,
    hours,
    known,
    meal_break,
    overlap,
    pinned,
    rest_day,
    skill,
    spacing,
    travel,
    weekly_limit,
    window,
)
from solver.judge.case import Case, Violation
from solver.plan import Plan, PlannedVisit
from solver.problem import Problem
from solver.roster import Roster
from solver.week import Week

__all__ = ["RULES", "Violation", "judge", "judge_week"]

_MODULES = (
    known,
    overlap,
    travel,
    window,
    skill,
    gender,
    blocked,
    availability,
    daily_limit,
    weekly_limit,
    rest_day,
    meal_break,
    double_handed,
    spacing,
    hours,
    eligibility,
    carers,
    pinned,
)
RULES: Mapping[str, Callable[[Case], Iterator[Violation]]] = {module.RULE: module.check for module in _MODULES}


def judge(problem: Problem, plan: Plan, *, only: Collection[str] | None = None) -> tuple[Violation, ...]:
    """Return every rule that a plan breaks, spot by spot; nothing for a good plan.

    Never raises on a malformed plan: unknown ids and impossible times break the rule *known*, and no
    other rule sees them. See `judge_week` for ``only``.
    """
    return judge_week(Week(problem), plan, only=only)


def judge_week(
    week: Week, plan: Plan, *, only: Collection[str] | None = None, before: Plan | None = None
) -> tuple[Violation, ...]:
    """Return the rules that a plan breaks, with an index of its problem that is already there.

    Parameters
    ----------
    only
        Ids of visits. Judges the elders whose visits they are, and the whole week of the caregivers
        who make any of these visits; None: everything.
    before
        The plan before an edit: the caregivers who made the visits of ``only`` there are judged too.
        Taking a visit away can break a rule as well: the meal break, or the travel if a detour is
        shorter than the straight way.
    """
    roster = Roster(week, plan)
    if only is None:
        case = Case(week=week, roster=roster, caregivers=tuple(week.caregivers), needs=tuple(week.needs), only=None)
    else:
        case = Case(
            week=week,
            roster=roster,
            caregivers=_makers(week, only, plan, before),
            needs=tuple(dict.fromkeys(week.need_of[visit].id for visit in sorted(only) if visit in week.visits)),
            only=frozenset(only),
        )
    return tuple(violation for check in RULES.values() for violation in check(case))


def _makers(week: Week, only: Collection[str], plan: Plan, before: Plan | None) -> tuple[str, ...]:
    """Return the caregivers who make these visits in either plan."""
    planned: Iterable[PlannedVisit] = plan.visits if before is None else (*plan.visits, *before.visits)
    makers = {caregiver for each in planned if each.visit in only for caregiver in each.caregivers}
    return tuple(sorted(makers & week.caregivers.keys()))
