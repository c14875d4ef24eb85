"""Why a visit has no place: the funnel, from every caregiver down to those whose route can take it.

The rest of the plan is taken as it stands, with one freedom: at the last gate the other visits of a
caregiver's day may start at any other minute of their windows, in the same order. Pinned and
double-handed visits stay where they are, and so do those of an elder with another visit on that day.
"""

from dataclasses import replace

from solver.plan import Plan, Reason, Unallocated
from solver.problem import Problem
from solver.reasons.closing import closed_by, never
from solver.reasons.days import openings
from solver.reasons.funnel import GATES, Funnel
from solver.roster import Roster
from solver.week import Week

__all__ = ["closed_by", "explain", "never", "reason"]

# New faces are a matter of the carers' gate and of those behind it.
_COUNT_FACES = (Reason.TOO_MANY_CARERS, Reason.NO_MINUTES_LEFT, Reason.NO_ROUTE_FITS)


def reason(week: Week, plan: Plan, visit: str) -> Unallocated:
    """Return why a visit has no place, with the caregivers left after each gate.

    A visit that has a place is judged as if it had none. A reason that lies with the elder or with a
    pin has no funnel: nobody could go. A double-handed visit needs two at each gate, and two who
    can come at the same minute at the last.

    Raises
    ------
    KeyError
        If the problem has no such visit.
    """
    need = week.need_of[visit]
    others = tuple(planned for planned in plan.visits if planned.visit != visit)
    rest = plan if len(others) == len(plan.visits) else replace(plan, visits=others)
    return _reason(week, Roster(week, rest), need.id, visit)


def explain(problem: Problem, plan: Plan) -> Plan:
    """Return the plan with a reason for each of its unallocated visits; ids that are not known stay as they are."""
    week = Week(problem)
    roster = Roster(week, plan)
    explained = tuple(
        _explained(week, roster, unallocated) if unallocated.visit in week.visits else unallocated
        for unallocated in plan.unallocated
    )
    return replace(plan, unallocated=explained)


def _explained(week: Week, roster: Roster, unallocated: Unallocated) -> Unallocated:
    if roster.stops_of_visit(unallocated.visit):
        return reason(week, roster.plan, unallocated.visit)
    return _reason(week, roster, week.need_of[unallocated.visit].id, unallocated.visit)


def _reason(week: Week, roster: Roster, need_id: str, visit_id: str) -> Unallocated:
    """Return the reason of a visit that the roster doesn't hold."""
    pin = week.pins.get(visit_id)
    if pin is not None:
        return Unallocated(visit_id, Reason.LEFT_BY_PIN if pin.day is None else Reason.PIN_CONFLICT)
    need, visit = week.needs[need_id], week.visits[visit_id]
    open_days = openings(need, visit, roster.stops_of_need(need_id))
    if isinstance(open_days, Reason):
        return Unallocated(visit_id, open_days)
    return _through_gates(Funnel(week, roster, need, visit, open_days))


def _through_gates(funnel: Funnel) -> Unallocated:
    left = funnel.everybody()
    counts = [("caregivers", len(left))]
    first: Reason | None = None
    for gate, shut in GATES:
        left = gate(funnel, left)
        counts.append((gate.__name__, len(left)))
        hands_left = funnel.enough(left) if shut in _COUNT_FACES else len(left) >= funnel.visit.hands
        if first is None and not hands_left:
            first = shut
    if first is None and not funnel.together(left):
        first = Reason.NO_ROUTE_FITS
    return Unallocated(funnel.visit.id, first or Reason.COULD_BE_PLACED, tuple(counts))
