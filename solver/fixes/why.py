"""Why this caregiver: what a placed visit costs with her, and what it would have cost with the next ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from solver.cost import cost_change
from solver.fixes.placing import Placement, Terms, placements
from solver.fixes.situation import Situation, with_stands
from solver.judge import judge_week
from solver.plan import Cost, PlannedVisit, Reason, Unallocated
from solver.reasons.days import openings
from solver.reasons.funnel import GATES, Funnel, Left
from solver.roster import Roster

NEXT = 2
_BESIDES = 3  # more than the next ones are priced: the exact cost may turn their order around


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """The visit with somebody else, at her best day and start; everybody else keeps her visits in their order."""

    planned: PlannedVisit
    moved: tuple[PlannedVisit, ...]  # others that would start at another minute
    cost: Cost  # what the plan would cost more


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What speaks for the caregiver (or the two) who make a visit."""

    visit: str
    cost: Cost  # of having the visit where it stands: the plan with it, less the plan without it
    could: int  # other caregivers who could make it, the rest standing as it is
    others: tuple[Alternative, ...]  # the cheapest of them, cheapest first
    kept_away: Mapping[str, Reason]  # usual caregivers who don't make it: the gate that they stop at, if any


def why(situation: Situation, visit: str, *, following: int = NEXT) -> Why:
    """Return why a visit stands with whom it does.

    Raises
    ------
    KeyError
        If the problem has no such visit.
    ValueError
        If the visit has no place.
    """
    week, need = situation.week, situation.week.need_of[visit]
    stops = situation.roster.stops_of_visit(visit)
    if not stops:
        raise ValueError(f"visit {visit} has no place")
    stop = stops[0]
    rest = situation.roster.without(visit)
    without = replace(rest.plan, unallocated=(*rest.plan.unallocated, Unallocated(visit, Reason.COULD_BE_PLACED)))
    here = cost_change(week, without, situation.plan, {visit})
    usual = [each for each in need.usual if each not in stop.planned.caregivers]
    open_days = openings(need, stop.visit, rest.stops_of_need(need.id))
    if visit in week.pins or isinstance(open_days, Reason):
        return Why(visit=visit, cost=here, could=0, others=(), kept_away={})
    funnel = situation.funnel(need, stop.visit, open_days, rest)
    able = _able(situation, funnel, stop.planned)
    found = list(islice(_alternatives(situation, rest, stop.planned), following + _BESIDES))
    return Why(
        visit=visit,
        cost=here,
        could=len(able.keys() - set(stop.planned.caregivers)),
        others=tuple(sorted(found, key=lambda each: (each.cost.total, each.planned.caregivers)))[:following],
        kept_away={each: _stops_at(funnel, each) for each in sorted(usual)},
    )


def _able(situation: Situation, funnel: Funnel, planned: PlannedVisit) -> Left:
    """Return who could make the visit: of a double-handed one, at the minute at which it stands."""
    if funnel.visit.hands > 1:
        funnel = _at_its_minute(funnel, planned)
    left = _may_come(situation, funnel, planned)
    for gate in (Funnel.at_work, Funnel.with_minutes_left, Funnel.route_fits):
        left = gate(funnel, left)
    return left


def _may_come(situation: Situation, funnel: Funnel, planned: PlannedVisit) -> Left:
    return situation.may_come(funnel, besides=planned.caregivers)


def _at_its_minute(funnel: Funnel, planned: PlannedVisit) -> Funnel:
    """Return the funnel of one hand of a double-handed visit that stays when it is."""
    one = replace(funnel.visit, hands=1)
    return replace(funnel, visit=one, openings={planned.day: ((planned.start, planned.start + 1),)})


def _alternatives(situation: Situation, rest: Roster, planned: PlannedVisit) -> Iterator[Alternative]:
    """Yield the visit with each other caregiver, about in the order of what it costs."""
    need, visit = situation.week.need_of[planned.visit], situation.week.visits[planned.visit]
    open_days = openings(need, visit, rest.stops_of_need(need.id))
    assert not isinstance(open_days, Reason)
    funnel = situation.funnel(need, visit, open_days, rest)
    if visit.hands > 1:
        funnel = _at_its_minute(funnel, planned)
    left = _may_come(situation, funnel, planned)
    left = {each: days for each, days in Funnel.at_work(funnel, left).items() if each not in planned.caregivers}
    met: set[str] = set()
    for placement in placements(funnel, left, Terms(funnel)):
        caregiver = placement.planned.caregivers[0]
        if caregiver in met:
            continue
        found = _priced(situation, planned, placement)
        if found is not None:
            met.add(caregiver)
            yield found


def _priced(situation: Situation, planned: PlannedVisit, placement: Placement) -> Alternative | None:
    """Return the alternative with its exact cost, in place of either hand; None if it breaks a rule."""
    best: Alternative | None = None
    for stays in planned.caregivers if len(planned.caregivers) > 1 else (None,):
        who = placement.planned.caregivers if stays is None else (stays, *placement.planned.caregivers)
        stands = (replace(placement.planned, caregivers=who), *placement.moved)
        after = with_stands(situation.plan, stands)
        touched = {each.visit for each in stands}
        broken = judge_week(situation.week, after, only=touched, before=situation.plan)
        if situation.broken.issuperset(broken):
            cost = cost_change(situation.week, situation.plan, after, touched)
            if best is None or cost.total < best.cost.total:
                best = Alternative(planned=stands[0], moved=placement.moved, cost=cost)
    return best


def _stops_at(funnel: Funnel, caregiver: str) -> Reason:
    """Return the gate that turns one caregiver away; `Reason.COULD_BE_PLACED` if none does."""
    left: Left = {caregiver: tuple(funnel.openings)}
    for gate, shut in GATES:
        left = gate(funnel, left)
        if not left:
            return shut
    return Reason.COULD_BE_PLACED
