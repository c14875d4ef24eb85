"""Move one other visit: somebody's visit goes elsewhere, so that this one takes the room that it leaves.

The visit in the way is another elder's on a caregiver's day, or another visit of the same elder that
stands too near. Each is taken out, the visit is put in, and the other one is put back where it then
costs least: on any other day that it may have.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from solver.fixes.placing import Placement, Pricing, Terms, placements, points_of_start
from solver.fixes.situation import Offer, Situation, with_stands
from solver.plan import Reason
from solver.problem import Minutes, Need, Visit
from solver.reasons.days import openings
from solver.reasons.funnel import Funnel, Left
from solver.roster import Roster, Route, Stop

_LONGEST_VISIT = 480  # what the visit in the way leaves at the most
_PLACES_BESIDE = 3  # of the visit itself that are tried for each other visit of the elder


@dataclass(frozen=True, slots=True)
class _InTheWay:
    """A visit on a caregiver's day, and about what it would save and cost to have the other one instead."""

    points: float
    stop: Stop


def offers(situation: Situation, visit_id: str) -> Iterator[Offer]:
    """Yield the ways that were found among the likeliest, cheapest first."""
    need, visit = situation.week.need_of[visit_id], situation.week.visits[visit_id]
    if visit.hands > 1:
        return
    found = [*_others_moved(situation, need, visit), *_own_moved(situation, need, visit)]
    yield from sorted(found, key=lambda offer: offer.points)


def _others_moved(situation: Situation, need: Need, visit: Visit) -> Iterator[Offer]:
    open_days = openings(need, visit, situation.roster.stops_of_need(need.id))
    if isinstance(open_days, Reason):
        return
    funnel = situation.funnel(need, visit, open_days)
    left = Funnel.at_work(funnel, situation.may_come(funnel, more=_LONGEST_VISIT))
    likeliest = sorted(_in_the_way(situation, funnel, left), key=lambda each: (each.points, each.stop.visit.id))
    for each in likeliest[: situation.limits.tries]:
        stop = each.stop
        caregiver, day = stop.planned.caregivers[0], stop.planned.day
        rest = situation.roster.without(stop.visit.id)
        beside = situation.funnel(need, visit, open_days, rest)
        terms = Terms(beside, situation.prices.moved_visit)
        into = next(placements(beside, {caregiver: (day,)}, terms), None)
        if into is None:
            continue
        elsewhere = _elsewhere(situation, stop, rest, into)
        if elsewhere is not None:
            yield _offer(situation, stop, into, elsewhere)


def _in_the_way(situation: Situation, funnel: Funnel, left: Left) -> Iterator[_InTheWay]:
    """Yield each visit in whose place the new one might fit, by minutes."""
    for caregiver, days in left.items():
        pricing = Pricing(funnel, caregiver)
        for day in days:
            route = funnel.roster.route(caregiver, day)
            if route is None:
                continue
            room = funnel.minutes_left(caregiver, day)
            for i, stop in enumerate(route.stops):
                if stop.need.id == funnel.need.id or not situation.is_movable(stop):
                    continue
                saved, detour = _swap(funnel, route, i)
                if funnel.visit.minutes + detour <= room + stop.visit.minutes + saved:
                    points = pricing.points(detour) - _points_there(situation, stop, saved)
                    yield _InTheWay(points, stop)


def _swap(funnel: Funnel, route: Route, i: int) -> tuple[Minutes, Minutes]:
    """Return the travel that stop ``i`` takes up, and the least that the new visit would add without it."""
    who, week, home = route.caregiver, funnel.week, funnel.need.place
    places = [who.base, *(stop.need.place for stop in route.stops), who.base]
    straight = week.trip(who, places[i], places[i + 2])
    there = week.trip(who, places[i], home) + week.trip(who, home, places[i + 2]) - straight
    elsewhere = (detour for at, detour in funnel.detours(who.id, route.day) if at not in (i, i + 1))
    return route.legs[i] + route.legs[i + 1] - straight, min(there, *elsewhere, there)


def _points_there(situation: Situation, stop: Stop, saved: Minutes) -> float:
    """Return about what a placed visit costs where it stands."""
    beside = situation.funnel(stop.need, stop.visit, {})
    there = Pricing(beside, stop.planned.caregivers[0]).points(saved)
    return there + points_of_start(situation.week, stop.visit, stop.planned)


def _elsewhere(situation: Situation, stop: Stop, rest: Roster, into: Placement) -> Placement | None:
    """Return the cheapest other place of a visit, when the new one has taken a part of its day."""
    open_days = openings(stop.need, stop.visit, rest.stops_of_need(stop.need.id))
    if isinstance(open_days, Reason):
        return None
    funnel = situation.funnel(stop.need, stop.visit, open_days, rest)
    taken, own = into.planned, stop.planned.caregivers[0]
    more = situation.week.visits[taken.visit].minutes + into.detour - _travel_of(situation, stop)
    left = Funnel.at_work(funnel, situation.may_come(funnel, besides=(own,)))
    left = {
        each: tuple(day for day in days if each != own or (situation.room[own] >= more and day != taken.day))
        for each, days in left.items()
    }
    return next(placements(funnel, left, Terms(funnel, situation.prices.moved_visit)), None)


def _own_moved(situation: Situation, need: Need, visit: Visit) -> Iterator[Offer]:
    """Yield ways in which another visit of the same elder makes room, in her days or her hours of a month."""
    for stop in situation.roster.stops_of_need(need.id):
        if not situation.is_movable(stop):
            continue
        rest = situation.roster.without(stop.visit.id)
        open_days = openings(need, visit, rest.stops_of_need(need.id))
        if isinstance(open_days, Reason):
            continue
        funnel = situation.funnel(need, visit, open_days, rest)
        left = Funnel.at_work(funnel, situation.may_come(funnel, besides=stop.planned.caregivers))
        terms = Terms(funnel, situation.prices.moved_visit)
        for into in islice(placements(funnel, left, terms), _PLACES_BESIDE):
            beside = Roster(situation.week, with_stands(rest.plan, into.stands))
            elsewhere = _back(situation, stop, beside)
            if elsewhere is not None:
                yield _offer(situation, stop, into, elsewhere)
                break


def _back(situation: Situation, stop: Stop, beside: Roster) -> Placement | None:
    open_days = openings(stop.need, stop.visit, beside.stops_of_need(stop.need.id))
    if isinstance(open_days, Reason):
        return None
    funnel = situation.funnel(stop.need, stop.visit, open_days, beside)
    left = Funnel.at_work(funnel, situation.may_come(funnel, besides=stop.planned.caregivers))
    return next(placements(funnel, left, Terms(funnel, situation.prices.moved_visit)), None)


def _offer(situation: Situation, stop: Stop, into: Placement, elsewhere: Placement) -> Offer:
    """Return both placements as one; a visit that both would move stands as the later one has it."""
    stands = {each.visit: each for each in (*into.stands, *elsewhere.stands)}
    price = situation.prices.moved_visit
    points = into.points + elsewhere.points + price - _points_there(situation, stop, _travel_of(situation, stop))
    return Offer(points, None, tuple(stands.values()), 0.0)


def _travel_of(situation: Situation, stop: Stop) -> Minutes:
    """Return the travel that a visit takes up on its day."""
    route = situation.roster.route(stop.planned.caregivers[0], stop.planned.day)
    assert route is not None
    i = next(i for i, each in enumerate(route.stops) if each.visit.id == stop.visit.id)
    who = route.caregiver
    places = [who.base, *(each.need.place for each in route.stops), who.base]
    return route.legs[i] + route.legs[i + 1] - situation.week.trip(who, places[i], places[i + 2])
