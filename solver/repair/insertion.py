"""Putting the visits that were hit beside everybody else's: quick, and where all of them find a place, no plan
can change fewer elders."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from solver.plan import PlannedVisit
from solver.problem import MINUTES_IN_DAY, Caregiver, Day, Minutes
from solver.reasons.days import openings
from solver.reasons.starts import Interval
from solver.repair.days import DayOptions, Item, may_make
from solver.repair.standing import Standing
from solver.roster import Stop
from solver.week import Week

_PASSES = 2  # times that every visit is tried at other places once all have one
_STARTS = 6  # minutes of a day at which two hands are tried
_HANDS_TRIED = 12  # hands at each of them
_HANDS = 4  # of these, the cheapest are tried in pairs


@dataclass(frozen=True, slots=True)
class Way:
    """Where a visit could stand, and what it costs against its having no place (travel, load and placement)."""

    points: float
    planned: PlannedVisit
    moved: Minutes  # from where it stood: of two that cost the same, the nearer is taken


class Insertion:
    """Everybody's week as it fills up."""

    def __init__(self, standing: Standing) -> None:
        self._standing, self._week = standing, standing.week
        self._stops: dict[tuple[str, Day], tuple[Stop, ...]] = {}
        self._work: dict[str, Minutes] = {}
        self._days: dict[tuple[str, Day], DayOptions] = {}
        self._of_need: dict[str, list[Stop]] = {}
        self._ways: dict[tuple[str, str], list[Way]] = {}
        self.placed: dict[str, PlannedVisit] = {}

    def place_all(self, visits: Sequence[str], who: Mapping[str, Sequence[str]]) -> None:
        """Place as many of the visits as fit, whichever would lose most by waiting first, then try to do better."""
        left = list(visits)
        while left:
            ranked = {visit: sorted(self.ways(visit, who[visit]), key=_by_points) for visit in left}
            left = [visit for visit in left if ranked[visit]]
            if not left:
                break
            chosen = max(left, key=lambda visit: _regret(ranked[visit]))
            self._put(ranked[chosen][0].planned)
            left.remove(chosen)
        for _ in range(_PASSES if len(self.placed) > 1 else 0):
            for visit, planned in tuple(self.placed.items()):
                self._take(planned)
                self._put(min(self.ways(visit, who[visit]), key=_by_points).planned)

    def make_room(self, visit: str, who: Sequence[str], others: Mapping[str, Sequence[str]]) -> bool:
        """Place a visit by moving one other elder's, the cheapest way there is; say whether that could be done.

        Parameters
        ----------
        who
            Whose visits may be moved for it.
        others
            The visits that may be moved, and who may get each.
        """
        best: tuple[float, PlannedVisit, PlannedVisit, str] | None = None
        for stop in [stop for each in who for day in range(7) for stop in self._stops_of(each, day)]:
            moved, maker = stop.visit.id, stop.planned.caregivers[0]
            if moved not in others or not self._fits_without(visit, maker, stop):
                continue
            self._take(stop.planned)
            for way in sorted(self._alone(visit, maker), key=_by_points)[:2]:
                self._put(way.planned)
                elsewhere = min(self.ways(moved, others[moved]), key=_by_points, default=None)
                self._take(way.planned)
                if elsewhere is not None and (best is None or way.points + elsewhere.points < best[0]):
                    best = (way.points + elsewhere.points, way.planned, elsewhere.planned, moved)
            self._put(stop.planned)
        if best is None:
            return False
        _, here, there, moved = best
        self._take(self._standing_place(moved))
        self._put(here)
        self._put(there)
        return True

    def _standing_place(self, visit: str) -> PlannedVisit:
        stops = self.stops_of(self._week.need_of[visit].id)
        return next(stop.planned for stop in stops if stop.visit.id == visit)

    def _fits_without(self, visit: str, who: str, stop: Stop) -> bool:
        """Tell whether a visit could come on some day of hers if another left its place."""
        need, one = self._week.need_of[visit], self._week.visits[visit]
        for day, intervals in self._windows(visit).items():
            if may_make(self._week, need, one, self._week.caregivers[who], day):
                item = Item(one, need, intervals, other=False)
                room = self._week.caregivers[who].daily_limit_minutes
                gone = {stop.visit.id}
                options = self._day(who, day).options(gone, (item,), others=0, room=room, most_new=1)
                if any(option.new for option in options):
                    return True
        return False

    def ways(self, visit: str, who: Collection[str]) -> list[Way]:
        """Return where a visit could stand now: for each caregiver and day the best place, or the best pairs."""
        if self._week.visits[visit].hands > 1:
            return list(self._pairs(visit, who))
        found: list[Way] = []
        for each in who:
            if (visit, each) not in self._ways:
                self._ways[visit, each] = list(self._alone(visit, each))
            found += self._ways[visit, each]
        return found

    def stops_of(self, need: str) -> list[Stop]:
        """Return where an elder's visits stand now."""
        if need not in self._of_need:
            self._of_need[need] = list(self._standing.roster.stops_of_need(need))
        return self._of_need[need]

    def _alone(self, visit: str, who: str) -> Iterator[Way]:
        for day, intervals in self._windows(visit).items():
            way = self._hand(visit, who, day, intervals)
            if way is not None:
                yield way

    def _pairs(self, visit: str, who: Collection[str]) -> Iterator[Way]:
        """Yield two at a time, at the minutes at which somebody's time for it begins."""
        need, one = self._week.need_of[visit], self._week.visits[visit]
        was = self._standing.was.get(visit)
        for day, intervals in self._windows(visit).items():
            item = Item(one, need, intervals, other=False)
            able = [each for each in who if may_make(self._week, need, one, self._week.caregivers[each], day)]
            spans = {each: self._day(each, day).intervals(item) for each in able}
            tried = {low for span in spans.values() for low, _ in span}
            if was is not None and was.day == day:
                tried.add(was.start)
            at = {start: [each for each in able if _covers(spans[each], start)] for start in tried}
            enough = [start for start in sorted(tried) if len(at[start]) >= one.hands]
            enough.sort(key=lambda start: (was is None or start != was.start, -len(at[start]), start))
            for start in enough[:_STARTS]:
                # Nearest first, as they came: beyond the first few the way costs more than anything else.
                hands = [self._hand(visit, each, day, ((start, start + 1),)) for each in at[start][:_HANDS_TRIED]]
                cheapest = sorted((hand for hand in hands if hand is not None), key=_by_points)[:_HANDS]
                for hand, other in combinations(cheapest, 2):
                    both = (*hand.planned.caregivers, *other.planned.caregivers)
                    if self._within_carers(visit, both):
                        yield Way(hand.points + other.points, PlannedVisit(visit, day, start, both), hand.moved)

    def _hand(self, visit: str, who: str, day: Day, intervals: tuple[Interval, ...]) -> Way | None:
        """Return the cheapest place for a visit in her day, if it can have one."""
        need, one, caregiver = self._week.need_of[visit], self._week.visits[visit], self._week.caregivers[who]
        if not may_make(self._week, need, one, caregiver, day) or not self._within_carers(visit, (who,)):
            return None
        room = caregiver.weekly_limit_minutes - self._work_of(who)
        if room < one.minutes or (not self._stops_of(who, day) and self._days_of(who) >= caregiver.max_days):
            return None
        item = Item(one, need, intervals, other=False)
        options = self._day(who, day).options((), (item,), others=0, room=room, most_new=1)
        option = min(options, key=lambda each: (each.points, each.minutes), default=None)
        if option is None:
            return None
        now = self._work_of(who)
        load = load_points(self._week, caregiver, now + option.minutes) - load_points(self._week, caregiver, now)
        start = option.new[0][1]
        return Way(option.points + load, PlannedVisit(visit, day, start, (who,)), self._moved(visit, day, start))

    def _moved(self, visit: str, day: Day, start: Minutes) -> Minutes:
        was = self._standing.was.get(visit)
        return 0 if was is None else abs(MINUTES_IN_DAY * (day - was.day)) + abs(start - was.start)

    def _windows(self, visit: str) -> Mapping[Day, tuple[Interval, ...]]:
        need = self._week.need_of[visit]
        found = openings(need, self._week.visits[visit], self.stops_of(need.id))
        return found if isinstance(found, Mapping) else {}

    def _within_carers(self, visit: str, who: Collection[str]) -> bool:
        need = self._week.need_of[visit]
        have = {each for stop in self.stops_of(need.id) for each in stop.planned.caregivers}
        return need.max_carers is None or have.issuperset(who) or len(have.union(who)) <= need.max_carers

    def _day(self, who: str, day: Day) -> DayOptions:
        if (who, day) not in self._days:
            self._days[who, day] = DayOptions(self._week, who, day, self._stops_of(who, day))
        return self._days[who, day]

    def _stops_of(self, who: str, day: Day) -> tuple[Stop, ...]:
        if (who, day) not in self._stops:
            route = self._standing.roster.route(who, day)
            self._stops[who, day] = route.stops if route else ()
        return self._stops[who, day]

    def _days_of(self, who: str) -> int:
        return sum(bool(self._stops_of(who, day)) for day in range(7))

    def _work_of(self, who: str) -> Minutes:
        if who not in self._work:
            self._work[who] = self._standing.roster.working_minutes(who)
        return self._work[who]

    def _put(self, planned: PlannedVisit) -> None:
        need = self._week.need_of[planned.visit]
        stop = Stop(planned, self._week.visits[planned.visit], need)
        if all(stop.planned != planned for stop in self._standing.roster.stops_of_visit(planned.visit)):
            self.placed[planned.visit] = planned
        self._set_need(need.id, [*self.stops_of(need.id), stop])
        for who in planned.caregivers:
            stops = sorted((*self._stops_of(who, planned.day), stop), key=lambda each: each.start)
            self._set(who, planned.day, tuple(stops))

    def _take(self, planned: PlannedVisit) -> None:
        visit = planned.visit
        self.placed.pop(visit, None)
        need = self._week.need_of[visit].id
        self._set_need(need, [stop for stop in self.stops_of(need) if stop.visit.id != visit])
        for who in planned.caregivers:
            stops = tuple(stop for stop in self._stops_of(who, planned.day) if stop.visit.id != visit)
            self._set(who, planned.day, stops)

    def _set_need(self, need: str, stops: list[Stop]) -> None:
        self._of_need[need] = stops
        for visit in self._week.needs[need].visits:
            for key in [key for key in self._ways if key[0] == visit.id]:
                del self._ways[key]

    def _set(self, who: str, day: Day, stops: tuple[Stop, ...]) -> None:
        before = self._day(who, day).working_minutes
        self._stops[who, day] = stops
        self._days[who, day] = DayOptions(self._week, who, day, stops)
        self._work[who] = self._work_of(who) + self._days[who, day].working_minutes - before
        for key in [key for key in self._ways if key[1] == who]:
            del self._ways[key]


def load_points(week: Week, who: Caregiver, work: Minutes) -> float:
    """Return the points of the goal *load* for one caregiver."""
    policy = week.policy
    return policy.load_minute * max(0.0, work - policy.load_from * who.contract_minutes) + (
        policy.overload_minute * max(0.0, work - policy.overload_from * who.contract_minutes)
    )


def _covers(spans: Sequence[Interval], start: Minutes) -> bool:
    return any(low <= start < high for low, high in spans)


def _by_points(way: Way) -> tuple[float, Minutes, Day, Minutes, tuple[str, ...]]:
    planned = way.planned
    return round(way.points, 6), way.moved, planned.day, planned.start, planned.caregivers


def _regret(ways: Sequence[Way]) -> float:
    """Return what is lost if the cheapest way goes: all, if it is the only one."""
    return ways[1].points - ways[0].points if len(ways) > 1 else float("inf")
