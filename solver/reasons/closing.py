"""Which rules close a visit: whom each of them turns away, and whether they would do so in any plan at all."""

from collections import Counter
from collections.abc import Mapping

from solver.plan import Cost, Plan, Reason
from solver.problem import Day
from solver.reasons.days import openings
from solver.reasons.funnel import GATES, Funnel
from solver.roster import Roster
from solver.week import Week

# What lies with the elder or a pin, by the judge's name of the rule.
_OF_ELDER = {
    Reason.LEFT_BY_PIN: "pinned",
    Reason.PIN_CONFLICT: "pinned",
    Reason.NOT_ELIGIBLE: "eligibility",
    Reason.NO_HOURS_LEFT: "hours",
    Reason.NO_WINDOW: "window",
    Reason.TOO_CLOSE: "spacing",
}
_NEVER = frozenset(
    {
        Reason.NOT_ELIGIBLE,
        Reason.NO_HOURS_LEFT,
        Reason.NO_WINDOW,
        Reason.TOO_CLOSE,
        Reason.OUT_OF_REACH,
        Reason.NO_SKILL,
        Reason.GENDER_OR_BLOCKED,
        Reason.NOBODY_AT_WORK,
    }
)
_BY_TRAVEL = frozenset({Reason.OUT_OF_REACH, Reason.NOBODY_AT_WORK})


def closed_by(week: Week, plan: Plan, visit_id: str) -> Mapping[str, int]:
    """Return rule -> how many caregivers it turns away, each by the first that does, in the order of the funnel.

    A rule that lies with the elder or a pin turns everybody away. Who is left at the end is not counted.
    """
    need, visit = week.need_of[visit_id], week.visits[visit_id]
    everybody = len(week.caregivers)
    if visit_id in week.pins:
        return {_OF_ELDER[Reason.LEFT_BY_PIN]: everybody}
    rest = Roster(week, plan).without(visit_id)
    open_days = openings(need, visit, rest.stops_of_need(need.id))
    if isinstance(open_days, Reason):
        return {_OF_ELDER[open_days]: everybody}
    funnel = Funnel(week, rest, need, visit, open_days)
    found = Counter[str]()
    left = funnel.everybody()
    for gate, shut in GATES:
        kept = gate(funnel, left)
        for caregiver in left.keys() - kept.keys():
            found[_rule(funnel, shut, caregiver, left[caregiver])] += 1
        left = kept
    return dict(found)


def never(week: Week, visit_id: str) -> Reason | None:
    """Return why no plan at all could place the visit, were it the only one of the week; None: that isn't known.

    A proof by itself: the rules that are looked at here bind no less when there are other visits. The elder's
    other visits and the caregivers' other work are left out, and so is the meal. Where the problem brings its own
    travel times, a way round may be shorter than the straight way, and reach and hours prove nothing.
    """
    need, visit = week.need_of[visit_id], week.visits[visit_id]
    open_days = openings(need, visit, ())
    if isinstance(open_days, Reason):
        return open_days
    funnel = Funnel(week, Roster(week, Plan(visits=(), unallocated=(), cost=Cost())), need, visit, open_days)
    left = funnel.everybody()
    for gate, shut in GATES:
        if shut not in _NEVER or (shut in _BY_TRAVEL and week.problem.travel):
            continue
        left = gate(funnel, left)
        if len(left) < visit.hands:
            return shut
    return None


def _rule(funnel: Funnel, shut: Reason, caregiver: str, days: tuple[Day, ...]) -> str:
    """Return the rule that turns a caregiver away at a gate."""
    who = funnel.week.caregivers[caregiver]
    if shut is Reason.OUT_OF_REACH:
        least = funnel.visit.minutes + min(detour for _, detour in funnel.detours(caregiver, days[0]))
        return "daily_limit" if least > who.daily_limit_minutes else "availability"
    if shut is Reason.GENDER_OR_BLOCKED:
        return "blocked" if caregiver in funnel.need.blocked else "gender"
    if shut is Reason.NOBODY_AT_WORK:
        return "availability"
    if shut is Reason.NO_MINUTES_LEFT:
        return _limit(funnel, caregiver, days)
    return {Reason.NO_SKILL: "skill", Reason.TOO_MANY_CARERS: "carers"}.get(shut, "travel")


def _limit(funnel: Funnel, caregiver: str, days: tuple[Day, ...]) -> str:
    """Return which limit leaves no minutes: the one that does on the day on which she comes nearest."""
    days = tuple(day for day in days if funnel.is_day_open(caregiver, day))
    if not days:
        return "rest_day"
    wanting = {day: funnel.visit.minutes + min(detour for _, detour in funnel.detours(caregiver, day)) for day in days}
    fits_day = any(wanting[day] <= funnel.minutes_left_of_day(caregiver, day) for day in days)
    return "weekly_limit" if fits_day else "daily_limit"
