"""The ways to put one visit into a week whose other visits keep their caregivers, days and order: cheapest first.

What a way costs is summed up here goal by goal, so that the cheapest is met first; what is offered in
the end is priced by `solver.cost` and held to the judge.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, count
from math import inf

from solver.fixes.settle import settled
from solver.plan import PlannedVisit
from solver.problem import Caregiver, Day, Minutes, Need, Shift, Visit
from solver.reasons.funnel import Funnel, Left
from solver.reasons.starts import Interval
from solver.roster import Route, Stop
from solver.week import Week

_FEW = 6  # caregivers at one minute among whom a double-handed visit finds its two


@dataclass(frozen=True, slots=True)
class Way:
    """One place in a caregiver's day; ``points`` are the least that it costs, whatever the start."""

    caregiver: str
    day: Day
    position: int
    detour: Minutes
    points: float


@dataclass(frozen=True, slots=True)
class Placement:
    """The visit where it would stand, and the others of that day that would start at another minute.

    ``leaves`` and ``returns`` tell the first caregiver's day.
    """

    planned: PlannedVisit
    moved: tuple[PlannedVisit, ...]
    points: float
    detour: Minutes
    leaves: Minutes
    returns: Minutes

    @property
    def stands(self) -> tuple[PlannedVisit, ...]:
        """All visits that stand otherwise than before."""
        return (self.planned, *self.moved)


class Terms:
    """On what terms caregivers may be asked: as the week has it. A fix may offer others, at a price.

    ``moved_visit`` is the price of each other visit that starts at another minute.
    """

    def __init__(self, funnel: Funnel, moved_visit: float = 0.0) -> None:
        self.funnel = funnel
        self.moved_visit = moved_visit

    def shift(self, caregiver: str, day: Day) -> Shift | None:
        """Return the hours in which she may work."""
        return self.funnel.week.shifts.get((caregiver, day))

    def minutes_left(self, caregiver: str, day: Day) -> Minutes:
        """Return the minutes of care and travel that may still come to her day."""
        return self.funnel.minutes_left(caregiver, day)

    def least_price(self, way: Way) -> float:
        """Return a price of the terms that no start undercuts."""
        return 0.0

    def price(self, way: Way, start: Minutes, leaves: Minutes, returns: Minutes) -> float:
        """Return the price of the terms when the visit starts then; `inf`: they don't stretch so far."""
        return 0.0


def placements(funnel: Funnel, left: Left, terms: Terms) -> Iterator[Placement]:
    """Yield the best placement at each place in each of these caregivers' days, cheapest first.

    A double-handed visit is yielded with the cheapest two at each minute.
    """
    if funnel.visit.hands > 1:
        yield from _pairs(funnel, left, terms)
        return
    number = count()
    queue: list[tuple[float, int, Way | Placement]] = [
        (way.points, next(number), way) for way in _ways(funnel, left, terms)
    ]
    heapq.heapify(queue)
    while queue:
        _, _, first = heapq.heappop(queue)
        if isinstance(first, Placement):
            yield first
            continue
        found = _best(funnel, first, terms)
        if found is not None:
            heapq.heappush(queue, (found.points, next(number), found))


def _ways(funnel: Funnel, left: Left, terms: Terms) -> Iterator[Way]:
    for caregiver, days in left.items():
        pricing = Pricing(funnel, caregiver)
        for day in days:
            if terms.shift(caregiver, day) is None or not funnel.is_day_open(caregiver, day):
                continue
            room = terms.minutes_left(caregiver, day) - funnel.visit.minutes
            route = funnel.roster.route(caregiver, day)
            if route is not None and room < -max(route.legs):
                continue
            for position, detour in funnel.detours(caregiver, day):
                if detour <= room:
                    way = Way(caregiver, day, position, detour, pricing.points(detour))
                    yield replace(way, points=way.points + terms.least_price(way))


class Pricing:
    """What one more visit costs with one caregiver, but for its start."""

    def __init__(self, funnel: Funnel, caregiver: str) -> None:
        self._policy = funnel.week.policy
        self._who = funnel.week.caregivers[caregiver]
        self._minutes = funnel.visit.minutes
        self._working = funnel.roster.working_minutes(caregiver)
        self._flat = points_of_pair(funnel.week, funnel.need, self._who)

    def points(self, detour: Minutes) -> float:
        """Return what it costs with this much more travel."""
        more = self._load(self._working + self._minutes + detour) - self._load(self._working)
        return self._flat + self._policy.travel_minute * detour + more

    def _load(self, working: Minutes) -> float:
        policy, contract = self._policy, self._who.contract_minutes
        return policy.load_minute * max(0.0, working - policy.load_from * contract) + policy.overload_minute * max(
            0.0, working - policy.overload_from * contract
        )


def points_of_pair(week: Week, need: Need, who: Caregiver) -> float:
    """Return what this caregiver costs this elder a visit: habit, wishes and the border between towns."""
    policy = week.policy
    points = policy.lent_visit * (who.town != need.town)
    if need.usual:
        points += policy.not_usual * (1 - need.usual.get(who.id, 0.0))
    if need.wished_gender is not None and who.gender != need.wished_gender:
        points += policy.not_wished_gender
    if need.dialects and need.dialects.isdisjoint(who.dialects):
        points += policy.not_wished_dialect
    return points


def _best(funnel: Funnel, way: Way, terms: Terms) -> Placement | None:
    """Return the cheapest start at one place in a caregiver's day."""
    shift = terms.shift(way.caregiver, way.day)
    assert shift is not None
    intervals = funnel.starts_at(way.caregiver, way.day, way.position, shift)
    if not intervals:
        return None
    route = funnel.roster.route(way.caregiver, way.day)
    best: Placement | None = None
    for start in _starts_to_try(funnel, way, route, intervals):
        found = _placed(funnel, way, terms, start)
        if found is not None and found.points < (inf if best is None else best.points):
            best = found
    return best


def _starts_to_try(funnel: Funnel, way: Way, route: Route | None, intervals: list[Interval]) -> list[Minutes]:
    """Return the ends of the intervals, and what lies nearest in them to a wish or to the visits around."""
    wanted = [minute for w in funnel.visit.wished if w.day == way.day for minute in (w.opens, w.closes - 1)]
    published = funnel.week.published.get(funnel.visit.id)
    if published is not None and published.day == way.day:
        wanted.append(published.start)
    if route is not None:
        legs = funnel.sequel(way.caregiver, way.day, way.position).legs
        if way.position > 0:
            wanted.append(route.stops[way.position - 1].end + legs[way.position])
        if way.position < len(route.stops):
            wanted.append(route.stops[way.position].start - legs[way.position + 1] - funnel.visit.minutes)
    found = {
        min(max(minute, opens), closes - 1) for opens, closes in intervals for minute in (opens, closes - 1, *wanted)
    }
    return sorted(found)


def _placed(funnel: Funnel, way: Way, terms: Terms, start: Minutes) -> Placement | None:
    """Return the visit at this start, with the others of the day moved as little as possible."""
    shift = terms.shift(way.caregiver, way.day)
    assert shift is not None
    route = funnel.roster.route(way.caregiver, way.day)
    stops: Sequence[Stop] = route.stops if route else ()
    sequel = funnel.sequel(way.caregiver, way.day, way.position)
    starts = settled(sequel, start, [stop.start for stop in stops], shift, funnel.week.policy)
    if starts is None:
        return None
    leaves = starts[0] - sequel.legs[0]
    returns = starts[-1] + sequel.spots[-1].minutes + sequel.legs[-1]
    others = [*starts[: way.position], *starts[way.position + 1 :]]
    moved = tuple(
        replace(stop.planned, start=at) for stop, at in zip(stops, others, strict=True) if at != stop.planned.start
    )
    planned = PlannedVisit(funnel.visit.id, way.day, start, (way.caregiver,))
    points = way.points - terms.least_price(way) + terms.price(way, start, leaves, returns)
    points += points_of_start(funnel.week, funnel.visit, planned) + terms.moved_visit * len(moved)
    for stop, there in zip((s for s, at in zip(stops, others, strict=True) if at != s.start), moved, strict=True):
        points += points_of_start(funnel.week, stop.visit, there) - points_of_start(
            funnel.week, stop.visit, stop.planned
        )
    return Placement(planned, moved, points, way.detour, leaves, returns)


def points_of_start(week: Week, visit: Visit, planned: PlannedVisit) -> float:
    """Return what the time of a visit costs: the wish that it misses, and the change of what is published."""
    wished = visit.wished and not any(
        w.day == planned.day and w.opens <= planned.start < w.closes for w in visit.wished
    )
    points = week.policy.outside_wished_time * bool(wished)
    published = week.published.get(visit.id)
    if published is not None:
        same = (published.day, published.start, set(published.caregivers)) == (
            planned.day,
            planned.start,
            set(planned.caregivers),
        )
        points += week.policy.changed_visit * (not same)
    return points


# --- double-handed ------------------------------------------------------------------------------------


def _pairs(funnel: Funnel, left: Left, terms: Terms) -> Iterator[Placement]:
    """Yield the cheapest two who can meet, at each minute at which somebody could begin."""
    found: list[Placement] = []
    for day in funnel.openings:
        of_day = {caregiver: (day,) for caregiver, days in left.items() if day in days}
        open_ways = []
        for way in _ways(funnel, of_day, terms):
            shift = terms.shift(way.caregiver, day)
            assert shift is not None
            intervals = funnel.starts_at(way.caregiver, day, way.position, shift)
            if intervals:
                open_ways.append((way, intervals))
        minutes = {opens for _, intervals in open_ways for opens, _ in intervals}
        for minute in sorted(minutes):
            here: dict[str, Way] = {}
            for way, intervals in sorted(open_ways, key=lambda each: each[0].points):
                if any(opens <= minute < closes for opens, closes in intervals):
                    here.setdefault(way.caregiver, way)
            both = _met(funnel, list(here.values())[:_FEW], terms, minute)
            if both is not None:
                found.append(both)
    yield from sorted(found, key=lambda placement: placement.points)


def _met(funnel: Funnel, ways: Sequence[Way], terms: Terms, minute: Minutes) -> Placement | None:
    for one, other in sorted(combinations(ways, 2), key=lambda pair: pair[0].points + pair[1].points):
        if not funnel.enough((one.caregiver, other.caregiver)):
            continue
        first, second = _placed(funnel, one, terms, minute), _placed(funnel, other, terms, minute)
        if first is not None and second is not None and first.points + second.points < inf:
            planned = replace(first.planned, caregivers=(one.caregiver, other.caregiver))
            return replace(
                first,
                planned=planned,
                moved=(*first.moved, *second.moved),
                points=first.points + second.points,
                detour=first.detour + second.detour,
            )
    return None
