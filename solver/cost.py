"""What a plan costs, recomputed from the plan alone: the search's own sums have no part in it.

Each goal has a function of its name; the formulas stand in ``solver/README.md``.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields

from solver.plan import Cost, Plan
from solver.problem import Need, Problem, Visit
from solver.roster import Roster
from solver.week import Week

_GRANT_MINUTES = 240
_MOST_GRANTS_BEHIND = 2.0


@dataclass(frozen=True, slots=True)
class _Part:
    """What is added up: a plan, and the elders and caregivers who count."""

    week: Week
    roster: Roster
    needs: Collection[str]
    caregivers: Collection[str]


def cost(problem: Problem, plan: Plan) -> Cost:
    """Return the points of a plan by goal; what the problem does not know costs nothing."""
    return cost_of(Week(problem), plan)


def cost_of(week: Week, plan: Plan) -> Cost:
    """Return the points of a plan, with an index of its problem that is already there."""
    return _sum(_Part(week, Roster(week, plan), week.needs, week.caregivers))


def cost_change(week: Week, before: Plan, after: Plan, visits: Collection[str]) -> Cost:
    """Return ``cost_of(after) − cost_of(before)`` for plans that differ in these visits only.

    Adds up only the elders and caregivers whom the visits touch, so that a hand-edit of a city is
    priced in milliseconds.
    """
    touched = set(visits)
    needs = {week.need_of[visit].id for visit in touched if visit in week.visits}
    makers = {
        caregiver
        for plan in (before, after)
        for planned in plan.visits
        if planned.visit in touched
        for caregiver in planned.caregivers
    }
    caregivers = makers & week.caregivers.keys()
    old = _sum(_Part(week, Roster(week, before), needs, caregivers))
    new = _sum(_Part(week, Roster(week, after), needs, caregivers))
    return Cost(**{goal.name: getattr(new, goal.name) - getattr(old, goal.name) for goal in fields(Cost)})


def unserved_points(week: Week, need: Need, visit: Visit) -> float:
    """Return what it costs to leave this visit out: more for an elder who is behind in the month."""
    policy = week.policy
    grants_behind = min(_MOST_GRANTS_BEHIND, need.minutes_behind / _GRANT_MINUTES)
    fairness = 1 + policy.behind_factor * grants_behind + policy.short_before_factor * need.short_before
    return policy.unserved_hour * visit.minutes / 60 * fairness


def _unserved(part: _Part) -> float:
    return sum(
        unserved_points(part.week, need, visit)
        for need in _needs(part)
        for visit in need.visits
        if not part.roster.stops_of_visit(visit.id)
    )


def _changed(part: _Part) -> float:
    changed = 0
    for need in _needs(part):
        for visit in need.visits:
            published = part.week.published.get(visit.id)
            if published is not None:
                stands = [
                    (stop.planned.day, stop.start, frozenset(stop.planned.caregivers))
                    for stop in part.roster.stops_of_visit(visit.id)
                ]
                changed += stands != [(published.day, published.start, frozenset(published.caregivers))]
    return part.week.policy.changed_visit * changed


def _continuity(part: _Part) -> float:
    missed = sum(
        1 - stop.need.usual.get(caregiver.id, 0.0)
        for stop, caregiver in part.roster.pairs(part.needs)
        if stop.need.usual
    )
    return part.week.policy.not_usual * missed


def _wished_time(part: _Part) -> float:
    outside = 0
    for need in part.needs:
        for stop in part.roster.stops_of_need(need):
            wished = stop.visit.wished
            outside += bool(wished) and not any(
                window.day == stop.planned.day and window.opens <= stop.start < window.closes for window in wished
            )
    return part.week.policy.outside_wished_time * outside


def _wished_gender(part: _Part) -> float:
    missed = sum(
        stop.need.wished_gender is not None and caregiver.gender != stop.need.wished_gender
        for stop, caregiver in part.roster.pairs(part.needs)
    )
    return part.week.policy.not_wished_gender * missed


def _dialect(part: _Part) -> float:
    missed = sum(
        bool(stop.need.dialects) and stop.need.dialects.isdisjoint(caregiver.dialects)
        for stop, caregiver in part.roster.pairs(part.needs)
    )
    return part.week.policy.not_wished_dialect * missed


def _travel(part: _Part) -> float:
    minutes = sum(route.travel_minutes for caregiver in part.caregivers for route in part.roster.routes(caregiver))
    return part.week.policy.travel_minute * minutes


def _load(part: _Part) -> float:
    policy = part.week.policy
    points = 0.0
    for caregiver in part.caregivers:
        working = part.roster.working_minutes(caregiver)
        contract = part.week.caregivers[caregiver].contract_minutes
        points += policy.load_minute * max(0.0, working - policy.load_from * contract)
        points += policy.overload_minute * max(0.0, working - policy.overload_from * contract)
    return points


def _lending(part: _Part) -> float:
    lent = sum(caregiver.town != stop.need.town for stop, caregiver in part.roster.pairs(part.needs))
    return part.week.policy.lent_visit * lent


_GOALS: dict[str, Callable[[_Part], float]] = {
    "unserved": _unserved,
    "changed": _changed,
    "continuity": _continuity,
    "wished_time": _wished_time,
    "wished_gender": _wished_gender,
    "dialect": _dialect,
    "travel": _travel,
    "load": _load,
    "lending": _lending,
}


def _sum(part: _Part) -> Cost:
    return Cost(**{goal: float(points(part)) for goal, points in _GOALS.items()})


def _needs(part: _Part) -> Iterable[Need]:
    return (part.week.needs[need] for need in part.needs)
