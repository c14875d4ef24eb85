"""A small problem cut out of a big one: some elders, the caregivers around them, and nothing else that may move."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from solver.cost import cost_of
from solver.judge import judge_week
from solver.plan import Cost, Plan, PlannedVisit, Unallocated
from solver.problem import Caregiver, Minutes, Need, Pin, Place, Problem, Visit, Window
from solver.week import Week

__all__ = ["CAREGIVERS", "Neighbourhood", "neighbourhood"]

CAREGIVERS = 20
"""Caregivers of a neighbourhood when the caller does not say: those who must be in it do not count."""

_Stand = TypeVar("_Stand", PlannedVisit, Unallocated)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A part of a week by itself, and the way back.

    ``free`` are the needs whose visits may move in ``problem``. It is closed: whoever makes a visit of
    theirs, in the plan, by a pin or as published, is inside, as are all their usual caregivers, and
    every other visit that those inside make is pinned where it stands. So a plan of ``problem`` that
    breaks no rule, put back, breaks none that the whole plan did not break, and costs as much more or
    less in the whole as in the part.
    """

    problem: Problem
    plan: Plan
    free: frozenset[str]  # needs

    def put_back(self, plan: Plan, part: Plan) -> Plan:
        """Return the whole plan with the free visits standing as in the part's plan.

        Parameters
        ----------
        plan
            The plan that the neighbourhood was cut from.
        part
            A plan of ``problem``. The reasons of what it leaves out were found among the caregivers
            inside; `solver.reasons` tells those of the whole week.

        Raises
        ------
        ValueError
            If the part's plan does not keep the visits around. The search itself gives one up now and then
            (`Reason.PIN_CONFLICT`), where a day owes its meal break to a free visit.
        """
        own = {visit.id for need in self.problem.needs if need.id in self.free for visit in need.visits}
        if _stands(self.plan, own) != _stands(part, own):
            raise ValueError("the part's plan moves visits that only stand around it")
        week = Week(self.problem)
        before, after = cost_of(week, self.plan), cost_of(week, part)
        cost = {
            goal.name: getattr(plan.cost, goal.name) + getattr(after, goal.name) - getattr(before, goal.name)
            for goal in fields(Cost)
        }
        return replace(
            plan,
            visits=_with_own(plan.visits, part.visits, own),
            unallocated=_with_own(plan.unallocated, part.unallocated, own),
            cost=Cost(**cost),
            bound=None,
        )


def neighbourhood(week: Week, plan: Plan, visits: Collection[str], *, caregivers: int = CAREGIVERS) -> Neighbourhood:
    """Return the problem of moving the elders of these visits alone.

    Parameters
    ----------
    plan
        A plan of the week that breaks no rule (a pin in contradiction aside).
    visits
        The elders whose they are may be moved, with all of their visits.
    caregivers
        How many may be added to those who must be inside: the nearest who could go, each elder in turn.

    Raises
    ------
    KeyError
        If the week has no such visit.
    """
    free = {week.need_of[visit].id: week.need_of[visit] for visit in sorted(visits)}
    own = {visit.id for need in free.values() for visit in need.visits}
    inside = _bound(week, plan, free.values(), own)
    inside |= _nearest(week, free.values(), inside, caregivers)
    around = _in_order(
        week,
        [
            replace(each, caregivers=tuple(who for who in each.caregivers if who in inside))
            for each in plan.visits
            if each.visit not in own and not inside.isdisjoint(each.caregivers)
        ],
    )
    problem = _problem(week, free, inside, around)
    part = Plan(
        visits=(*(each for each in plan.visits if each.visit in own), *around),
        unallocated=tuple(each for each in plan.unallocated if each.visit in own),
        cost=Cost(),
    )
    return Neighbourhood(problem, replace(part, cost=cost_of(Week(problem), part)), frozenset(free))


def _in_order(week: Week, stands: Iterable[PlannedVisit]) -> list[PlannedVisit]:
    """Return the visits so that, put in one by one, no day lacks its meal break on the way, if that can be.

    The search puts pins in like that, and a day may owe its break to a visit that comes later.
    """
    left = sorted(stands, key=lambda each: (each.day, each.start, each.visit))
    days: dict[tuple[str, int], list[PlannedVisit]] = {}
    ordered: list[PlannedVisit] = []
    while left:
        later = []
        for each in left:
            of_day = [other for who in each.caregivers for other in days.get((who, each.day), ())]
            met = Plan(visits=(*dict.fromkeys(of_day), each), unallocated=(), cost=Cost())
            if any(broken.rule == "meal_break" for broken in judge_week(week, met, only={each.visit})):
                later.append(each)
                continue
            ordered.append(each)
            for who in each.caregivers:
                days.setdefault((who, each.day), []).append(each)
        if len(later) == len(left):
            return ordered + later
        left = later
    return ordered


def _bound(week: Week, plan: Plan, needs: Iterable[Need], own: Collection[str]) -> set[str]:
    """Return who must be inside: whoever serves these elders, or did, or is usual."""
    found = {caregiver for need in needs for caregiver in need.usual}
    found.update(caregiver for each in plan.visits if each.visit in own for caregiver in each.caregivers)
    for stands in (week.pins, week.published):
        found.update(caregiver for visit in own & stands.keys() for caregiver in stands[visit].caregivers)
    return found & week.caregivers.keys()


def _nearest(week: Week, needs: Iterable[Need], inside: Collection[str], wanted: int) -> set[str]:
    """Return so many more who could go: each elder's nearest, then each one's second nearest, and so on."""
    queues = [_by_distance(week, need, inside) for need in needs]
    found: set[str] = set()
    for rank in range(max(map(len, queues), default=0)):
        for queue in queues:
            if rank < len(queue) and len(found) < wanted:
                found.add(queue[rank])
    return found


def _by_distance(week: Week, need: Need, inside: Collection[str]) -> list[str]:
    able = (each for each in week.caregivers.values() if each.id not in inside and _could_go(need, each))
    return [id_ for _, id_ in sorted((_way(week, each, need), each.id) for each in able)]


def _could_go(need: Need, caregiver: Caregiver) -> bool:
    """Tell whether she is allowed to make one of the elder's visits on a day on which she works."""
    if caregiver.id in need.blocked or need.required_gender not in (None, caregiver.gender):
        return False
    days = [shift.day for shift in caregiver.shifts if shift.day in need.eligible_days]
    return any(
        all(day <= caregiver.skills.get(skill, -1) for skill in visit.skills) for visit in need.visits for day in days
    )


def _way(week: Week, caregiver: Caregiver, need: Need) -> Minutes:
    return week.trip(caregiver, caregiver.base, need.place)


def _problem(
    week: Week, free: Mapping[str, Need], inside: Collection[str], around: Collection[PlannedVisit]
) -> Problem:
    who = tuple(each for each in week.problem.caregivers if each.id in inside)
    of_others: dict[str, list[PlannedVisit]] = {}
    for each in around:
        of_others.setdefault(week.need_of[each.visit].id, []).append(each)
    needs = tuple(
        _known(need, inside) if need.id in free else _standing(week, need, of_others[need.id])
        for need in week.problem.needs
        if need.id in free or need.id in of_others
    )
    own = {visit.id for need in free.values() for visit in need.visits}
    places = {need.place for need in needs} | {each.base for each in who}
    kept = [i for i, place in enumerate(week.problem.places) if place.id in places]
    return replace(
        week.problem,
        places=_at(week.problem.places, kept),
        caregivers=who,
        needs=needs,
        pins=(
            *(pin for pin in week.problem.pins if pin.visit in own),
            *(Pin(each.visit, each.day, each.start, each.caregivers) for each in around),
        ),
        published=tuple(each for each in week.problem.published if each.visit in own),
        travel={mode: matrix[np.ix_(kept, kept)] for mode, matrix in week.problem.travel.items()},
    )


def _known(need: Need, inside: Collection[str]) -> Need:
    """Return a free need without the blocked caregivers who are outside anyway."""
    return replace(need, blocked=frozenset(each for each in need.blocked if each in inside))


def _standing(week: Week, need: Need, stands: Iterable[PlannedVisit]) -> Need:
    """Return a need that only takes up time: what binds its visits to those outside holds already."""
    visits = tuple(
        Visit(
            id=each.visit,
            minutes=week.visits[each.visit].minutes,
            windows=(Window(each.day, each.start, each.start + 1),),
            hands=len(each.caregivers),
        )
        for each in stands
    )
    return Need(id=need.id, place=need.place, town=need.town, visits=visits, min_days_between=0)


def _at(places: tuple[Place, ...], kept: Iterable[int]) -> tuple[Place, ...]:
    return tuple(places[i] for i in kept)


def _stands(plan: Plan, own: Collection[str]) -> set[tuple[str, int, int, frozenset[str]]]:
    """Return where the visits stand that are not ``own``."""
    return {
        (each.visit, each.day, each.start, frozenset(each.caregivers)) for each in plan.visits if each.visit not in own
    }


def _with_own(whole: Iterable[_Stand], part: Iterable[_Stand], own: Collection[str]) -> tuple[_Stand, ...]:
    return tuple(each for each in whole if each.visit not in own) + tuple(each for each in part if each.visit in own)
