"""A plan seen from both sides: each caregiver's route of each day, and where each elder's visits stand.

What the problem does not know (a visit, a caregiver, a time outside the week) has no place here; the
rule *known* names it.
"""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from solver.plan import Plan, PlannedVisit
from solver.problem import DAYS_IN_WEEK, MINUTES_IN_DAY, Caregiver, Day, Minutes, Need, Visit
from solver.week import Week


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit where the plan has put it."""

    planned: PlannedVisit
    visit: Visit
    need: Need

    @property
    def start(self) -> Minutes:
        """The minute at which the visit begins."""
        return self.planned.start

    @property
    def end(self) -> Minutes:
        """The first minute after the visit."""
        return self.planned.start + self.visit.minutes


@dataclass(frozen=True, slots=True)
class Route:
    """A caregiver's visits of one day in order of start; at least one.

    ``legs[i]`` are the minutes of travel before stop ``i``; the last leg leads back to her base.
    ``working_minutes`` are the care and the travel of the day, not the waiting.
    """

    caregiver: Caregiver
    day: Day
    stops: tuple[Stop, ...]
    legs: tuple[Minutes, ...]
    working_minutes: Minutes

    @property
    def leaves(self) -> Minutes:
        """When she leaves her base (before midnight: negative)."""
        return self.stops[0].start - self.legs[0]

    @property
    def returns(self) -> Minutes:
        """When she is back at her base."""
        return self.stops[-1].end + self.legs[-1]

    @property
    def travel_minutes(self) -> Minutes:
        """Travel of the day, both base legs included."""
        return sum(self.legs)


def stands_in_week(planned: PlannedVisit) -> bool:
    """Tell whether day and start are whole numbers inside the week."""
    return (
        type(planned.day) is int
        and 0 <= planned.day < DAYS_IN_WEEK
        and type(planned.start) is int
        and 0 <= planned.start < MINUTES_IN_DAY
    )


class Roster:
    """The index of one plan; routes are put together when they are first asked for."""

    def __init__(self, week: Week, plan: Plan) -> None:
        self.week = week
        self.plan = plan
        self._by_need: dict[str, list[Stop]] = {}
        self._by_caregiver: dict[str, list[Stop]] = {}
        self._routes: dict[str, tuple[Route, ...]] = {}
        self._working_minutes: dict[str, Minutes] = {}
        self._route_of: dict[tuple[str, Day], Route] = {}
        for planned in plan.visits:
            visit = week.visits.get(planned.visit)
            if visit is not None and stands_in_week(planned):
                self._add(Stop(planned, visit, week.need_of[visit.id]))

    def _add(self, stop: Stop) -> None:
        self._by_need.setdefault(stop.need.id, []).append(stop)
        for caregiver in dict.fromkeys(stop.planned.caregivers):
            if caregiver in self.week.caregivers:
                self._by_caregiver.setdefault(caregiver, []).append(stop)

    def without(self, visit: str) -> "Roster":
        """Return the roster of the same plan without one visit; routes that it has no part in are shared."""
        other = copy.copy(self)
        other.plan = replace(self.plan, visits=tuple(each for each in self.plan.visits if each.visit != visit))
        stops = self.stops_of_visit(visit)
        if not stops:
            return other
        need = stops[0].need.id
        makers = {caregiver for stop in stops for caregiver in stop.planned.caregivers}
        other._by_need = {**self._by_need, need: [stop for stop in self._by_need[need] if stop.visit.id != visit]}
        other._by_caregiver = dict(self._by_caregiver)
        for caregiver in makers & self._by_caregiver.keys():
            theirs = self._by_caregiver[caregiver]
            other._by_caregiver[caregiver] = [stop for stop in theirs if stop.visit.id != visit]
        other._routes = {id_: routes for id_, routes in self._routes.items() if id_ not in makers}
        other._working_minutes = {id_: m for id_, m in self._working_minutes.items() if id_ not in makers}
        other._route_of = {key: route for key, route in self._route_of.items() if key[0] not in makers}
        return other

    def stops_of_need(self, need: str) -> list[Stop]:
        """Return where the visits of one elder stand, in the order of the plan."""
        return self._by_need.get(need, [])

    def stops_of_visit(self, visit: str) -> list[Stop]:
        """Return where one visit stands: once, unless the plan is malformed or leaves it out."""
        need = self.week.need_of.get(visit)
        return [] if need is None else [stop for stop in self.stops_of_need(need.id) if stop.visit.id == visit]

    def routes(self, caregiver: str) -> tuple[Route, ...]:
        """Return a caregiver's routes, by day; days without a visit have none."""
        known = self._routes.get(caregiver)
        if known is None:
            days: dict[Day, list[Stop]] = {}
            for stop in self._by_caregiver.get(caregiver, ()):
                days.setdefault(stop.planned.day, []).append(stop)
            known = tuple(self._route(caregiver, day, days[day]) for day in sorted(days))
            self._routes[caregiver] = known
            self._route_of |= {(caregiver, route.day): route for route in known}
        return known

    def route(self, caregiver: str, day: Day) -> Route | None:
        """Return a caregiver's route of one day, if she has a visit then."""
        self.routes(caregiver)
        return self._route_of.get((caregiver, day))

    def working_minutes(self, caregiver: str) -> Minutes:
        """Return the care and travel of a caregiver's week."""
        known = self._working_minutes.get(caregiver)
        if known is None:
            known = sum(route.working_minutes for route in self.routes(caregiver))
            self._working_minutes[caregiver] = known
        return known

    def carers(self, need: str) -> frozenset[str]:
        """Return the different caregivers of one elder's visits."""
        return frozenset(caregiver for stop in self.stops_of_need(need) for caregiver in stop.planned.caregivers)

    def pairs(self, needs: Iterable[str]) -> Iterator[tuple[Stop, Caregiver]]:
        """Yield each visit of these elders with each caregiver who makes it."""
        for need in needs:
            for stop in self.stops_of_need(need):
                for caregiver in dict.fromkeys(stop.planned.caregivers):
                    if caregiver in self.week.caregivers:
                        yield stop, self.week.caregivers[caregiver]

    def _route(self, caregiver: str, day: Day, stops: list[Stop]) -> Route:
        who = self.week.caregivers[caregiver]
        ordered = tuple(sorted(stops, key=lambda stop: (stop.start, stop.end, stop.visit.id)))
        places = [who.base, *(stop.need.place for stop in ordered), who.base]
        legs = tuple(self.week.trip(who, p, q) for p, q in pairwise(places))
        return Route(who, day, ordered, legs, sum(legs) + sum(stop.visit.minutes for stop in ordered))
