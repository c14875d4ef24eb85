"""Putting the visits that were hit beside everybody else's: quick, and where all of them find a place, no plan
can change fewer elders."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations, product
from math import inf
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from solver.plan import PlannedVisit
from solver.problem import DAYS_IN_WEEK, MINUTES_IN_DAY, Caregiver, Day, Minutes
from solver.reasons.days import Openings, openings
from solver.reasons.starts import Interval
from solver.repair.days import DayOptions, Item, may_make, person_points
from solver.repair.standing import Standing
from solver.roster import Stop
from solver.week import Week

_PASSES = 2  # times that every visit is tried at other places once all have one
_STARTS = 6  # minutes of a day at which two hands are tried
_HANDS_TRIED = 12  # hands at each of them
_HANDS = 4  # of these, the cheapest are tried in pairs
_EQUAL = 1e-5  # points by which sums of the same may differ
_INSTEAD = 2  # places in a caregiver's week that are tried for a visit, another one being gone

_Windows: TypeAlias = tuple[tuple[Day, tuple[Interval, ...]], ...]

# Visits that came to a caregiver's week or left it.
_State: TypeAlias = frozenset[PlannedVisit]
_AS_IT_STOOD: _State = frozenset()


@dataclass(frozen=True, slots=True)
class Way:
    """Where a visit could stand, and what it costs against its having no place (travel, load and placement)."""

    points: float
    planned: PlannedVisit
    moved: Minutes  # from where it stood: of two that cost the same, the nearer is taken


class _DayOfHands(NamedTuple):
    """A day on which several hands might meet."""

    day: Day
    who: list[str]
    could: NDArray[np.bool_]  # (who, minutes of the day) whether each could come then
    starts: list[Minutes]  # of those that are tried, at which enough could

    def able(self, start: Minutes) -> list[str]:
        """Return who could come at a minute."""
        return [self.who[i] for i in np.flatnonzero(self.could[:, start])]


class Meeting(NamedTuple):
    """A day and minute, and who could come then."""

    day: Day
    start: Minutes
    who: tuple[str, ...]


class Insertion:
    """Everybody's week as it fills up."""

    def __init__(self, standing: Standing) -> None:
        self._standing, self._week = standing, standing.week
        self._stops: dict[tuple[str, Day], tuple[Stop, ...]] = {}
        self._of_need: dict[str, list[Stop]] = {}
        # What differs in each caregiver's week from how it stood; what is found for a week is kept under it, since
        # visits come and go and come again while places are tried.
        self._state: dict[str, _State] = {}
        self._days: dict[tuple[str, Day, _State], DayOptions] = {}
        self._work: dict[tuple[str, _State], Minutes] = {}
        self._hands: dict[tuple[str, str, Day, tuple[Interval, ...], _State], Way | None] = {}
        self._ways: dict[tuple[str, str, _Windows, _State], list[Way]] = {}
        self.placed: dict[str, PlannedVisit] = {}

    def again(self) -> "Insertion":
        """Return everybody's week as it stood, with what has been found out so far."""
        other = Insertion(self._standing)
        other._days, other._work, other._hands, other._ways = self._days, self._work, self._hands, self._ways
        return other

    def copy(self) -> "Insertion":
        """Return everybody's week as it is now, to go on with apart from this one."""
        other = self.again()
        other._stops, other._of_need = dict(self._stops), dict(self._of_need)
        other._state, other.placed = dict(self._state), dict(self.placed)
        return other

    def place_all(self, visits: Sequence[str], who: Mapping[str, Sequence[str]]) -> None:
        """Place as many of the visits as fit, whichever would lose most by waiting first, then try to do better."""
        left = list(visits)
        while left:
            ranked = {visit: self.cheapest(visit, who[visit]) for visit in left}
            left = [visit for visit in left if ranked[visit]]
            if not left:
                break
            chosen = max(left, key=lambda visit: _regret(ranked[visit]))
            self._put(ranked[chosen][0].planned)
            left.remove(chosen)
        for _ in range(_PASSES if len(self.placed) > 1 else 0):
            for visit, planned in [(visit, self.placed[visit]) for visit in self.placed if visit in who]:
                self._take(planned)
                self._put(self.cheapest(visit, who[visit])[0].planned)

    def place_together(self, visits: Sequence[str], who: Sequence[str]) -> list[str]:
        """Place visits of one elder, those that stand being taken out first; return which found no place."""
        need = self._week.need_of[visits[0]].id
        for stop in [each for each in self.stops_of(need) if each.visit.id in visits]:
            self._take(stop.planned)
        self.place_all(visits, dict.fromkeys(visits, who))
        standing = {stop.visit.id for stop in self.stops_of(need)}
        return [visit for visit in visits if visit not in standing]

    def make_room(
        self, visit: str, who: Sequence[str], others: Collection[str], near: Callable[[str], Sequence[str]]
    ) -> bool:
        """Place a visit by moving one other elder's, the cheapest way there is; say whether that could be done.

        Parameters
        ----------
        who
            Whose visits may be moved for it.
        others
            The visits that may be moved.
        near
            Who may get each of them: asked only of those for whom it pays.
        """
        cheapest, best = inf, None
        for gain, here, stop in sorted(self._instead(visit, who, others), key=lambda each: each[0]):
            moved = stop.visit.id
            if gain + self._least(moved) >= cheapest:
                break
            self._take(stop.planned)
            self._put(here)
            there = self.cheapest(moved, near(moved))[:1]
            self._take(here)
            self._put(stop.planned)
            if there and gain + there[0].points < cheapest:
                cheapest, best = gain + there[0].points, (here, there[0].planned, stop.planned)
        if best is None:
            return False
        here, elsewhere, stood = best
        self._take(stood)
        self._put(here)
        self._put(elsewhere)
        return True

    def with_hands(
        self,
        visit: str,
        who: Sequence[str],
        others: Collection[str],
        near: Callable[[str], Sequence[str]],
        changes: int,
    ) -> "Insertion | None":
        """Return the weeks in which a visit of two hands is placed and so many of other elders are moved for it.

        None: no such way was found. The other parameters are those of `make_room`.
        """
        for pair, day in product(combinations(who, 2), range(DAYS_IN_WEEK)):
            stops = [stop for each in pair for stop in self._stops_of(each, day) if stop.visit.id in others]
            for some in combinations(stops, changes):
                weeks = self.copy()
                for stop in some:
                    weeks._take(stop.planned)
                ways = [way for way in weeks.ways(visit, pair) if way.planned.day == day]
                if ways:
                    weeks._put(min(ways, key=_by_points).planned)
                    moved = [stop.visit.id for stop in some]
                    weeks.place_all(moved, {each: near(each) for each in moved})
                    if weeks.placed.keys() >= {visit, *moved}:
                        return weeks
        return None

    def _instead(
        self, visit: str, who: Sequence[str], others: Collection[str]
    ) -> Iterator[tuple[float, PlannedVisit, Stop]]:
        """Yield where a visit could stand if another one were gone, and what both together cost."""
        for maker, day in product(who, range(DAYS_IN_WEEK)):
            for stop in self._stops_of(maker, day):
                if stop.visit.id not in others:
                    continue
                self._take(stop.planned)
                ways = self.ways(visit, who if self._week.visits[visit].hands > 1 else (maker,))
                here = sorted((way for way in ways if maker in way.planned.caregivers), key=_by_points)[:_INSTEAD]
                if here:
                    back = self._hand(stop.visit.id, maker, day, ((stop.start, stop.start + 1),))
                    saved = 0.0 if back is None else back.points
                    yield from ((way.points - saved, way.planned, stop) for way in here)
                self._put(stop.planned)

    def _least(self, visit: str) -> float:
        """Return what a visit costs at least that is not where it was published."""
        return self._week.policy.changed_visit if visit in self._week.published else 0.0

    def ways(self, visit: str, who: Collection[str]) -> list[Way]:
        """Return where a visit could stand now: for each caregiver and day the best place, or the best pairs."""
        if self._week.visits[visit].hands > 1:
            return list(self._pairs(visit, who))
        windows = self._windows(visit)
        return [way for each in who for way in self._alone(visit, each, windows)]

    def stops_of(self, need: str) -> list[Stop]:
        """Return where an elder's visits stand now."""
        if need not in self._of_need:
            self._of_need[need] = list(self._standing.roster.stops_of_need(need))
        return self._of_need[need]

    def cheapest(self, visit: str, who: Collection[str]) -> list[Way]:
        """Return the two cheapest of `ways`, the cheaper first; who could be no cheaper is not looked at."""
        if self._week.visits[visit].hands > 1 or self._week.problem.travel:  # a matrix may have short cuts
            return sorted(self.ways(visit, who), key=_by_points)[:2]
        windows = self._windows(visit)
        found: list[Way] = []
        for least, each in sorted((self._least_of(visit, each), each) for each in who):
            most = found[1].points + _EQUAL if len(found) == 2 else inf
            if least > most:
                break
            if least + self._least_load(visit, each) <= most:
                found = sorted((*found, *self._alone(visit, each, windows)), key=_by_points)[:2]
        return found

    def _least_of(self, visit: str, who: str) -> float:
        """Return what it costs at least that she makes a visit, travel and load aside."""
        published = self._week.published.get(visit)
        changed = published is not None and published.caregivers != (who,)
        points = person_points(self._week, self._week.need_of[visit], self._week.caregivers[who])
        return points + self._week.policy.changed_visit * changed

    def _least_load(self, visit: str, who: str) -> float:
        """Return what it costs at least in her load, be there no way to go."""
        caregiver, now = self._week.caregivers[who], self._work_of(who)
        more = now + self._week.visits[visit].minutes
        return load_points(self._week, caregiver, more) - load_points(self._week, caregiver, now)

    def _alone(self, visit: str, who: str, windows: Openings) -> list[Way]:
        """Return the best place of each day in one caregiver's week."""
        if not self._within_carers(visit, (who,)):
            return []
        key = (visit, who, tuple(windows.items()), self._state.get(who, _AS_IT_STOOD))
        if key not in self._ways:
            hands = (self._found_hand(visit, who, day, intervals) for day, intervals in windows.items())
            self._ways[key] = [way for way in hands if way is not None]
        return self._ways[key]

    def could_be_made(self, visit: str, who: Collection[str]) -> bool:
        """Tell whether a visit has a place now, besides where it stands if it does."""
        with self._out(visit):
            if self._week.visits[visit].hands == 1:
                return bool(self.ways(visit, who))
            return any(meeting.starts for meeting in self._meetings(visit, who))

    def where_most_could(self, visit: str, who: Collection[str]) -> Meeting | None:
        """Return when most of them could come to a visit of several hands now; None: never enough of them."""
        with self._out(visit):
            found = (
                Meeting(meeting.day, start, tuple(meeting.able(start)))
                for meeting in self._meetings(visit, who)
                for start in meeting.starts
            )
            return max(found, key=lambda each: (len(each.who), -each.day, -each.start), default=None)

    @contextmanager
    def _out(self, visit: str) -> Iterator[None]:
        """Take a visit out for a while, if it stands."""
        stops = [stop for stop in self.stops_of(self._week.need_of[visit].id) if stop.visit.id == visit]
        for stop in stops:
            self._take(stop.planned)
        yield
        for stop in stops:
            self._put(stop.planned)

    def _pairs(self, visit: str, who: Collection[str]) -> Iterator[Way]:
        """Yield two at a time, at the minutes at which somebody's time for it begins."""
        was, carers = self._standing.was.get(visit), self._carers(visit)
        for meeting in self._meetings(visit, who):
            day, able = meeting.day, meeting.could.sum(axis=0).tolist()
            starts = sorted(
                meeting.starts,
                key=lambda start: (was is None or (day, start) != (was.day, was.start), -able[start], start),
            )
            for start in starts[:_STARTS]:
                # Nearest first, as they came: beyond the first few the way costs more than anything else.
                tried = meeting.able(start)[:_HANDS_TRIED]
                hands = [self._hand(visit, each, day, ((start, start + 1),)) for each in tried]
                found = sorted((hand for hand in hands if hand is not None), key=_by_points)
                known = [hand for hand in found[_HANDS:] if hand.planned.caregivers[0] in carers]
                for hand, other in combinations([*found[:_HANDS], *known], 2):
                    both = (*hand.planned.caregivers, *other.planned.caregivers)
                    if self._within_carers(visit, both):
                        yield Way(hand.points + other.points, PlannedVisit(visit, day, start, both), hand.moved)

    def _meetings(self, visit: str, who: Collection[str]) -> Iterator[_DayOfHands]:
        """Yield for each day who could come when, and the minutes at which enough could.

        If two can come at the same minute, then also when the later of their times for it begins.
        """
        need, one, was = self._week.need_of[visit], self._week.visits[visit], self._standing.was.get(visit)
        carers = self._carers(visit)
        new = one.hands if need.max_carers is None else min(one.hands, max(0, need.max_carers - len(carers)))
        # Where she may have nobody new, or one at most, those who come already are looked at before all others.
        come = [each for each in who if new or each in carers]
        if new < one.hands:
            come.sort(key=lambda each: each not in carers)
        for day, intervals in self._windows(visit).items():
            item = Item(one, need, intervals, other=False)
            may = [each for each in come if may_make(self._week, need, one, self._week.caregivers[each], day)]
            could = np.zeros((len(may), MINUTES_IN_DAY + 1), dtype=np.bool_)
            tried = {was.start} if was is not None and was.day == day else set()
            for each, hers in zip(may, could, strict=True):
                for low, high in self._day(each, day).intervals(item, self._room(each, day)):
                    hers[low:high] = True
                    tried.add(low)
            known = could[[each in carers for each in may]].sum(axis=0)
            enough = (could.sum(axis=0) >= one.hands) & (known >= one.hands - new)
            yield _DayOfHands(day, may, could, [start for start in sorted(tried) if enough[start]])

    def _carers(self, visit: str) -> set[str]:
        """Return who makes the elder's other visits."""
        return {each for stop in self.stops_of(self._week.need_of[visit].id) for each in stop.planned.caregivers}

    def _hand(self, visit: str, who: str, day: Day, intervals: tuple[Interval, ...]) -> Way | None:
        """Return the cheapest place for a visit in her day, if it can have one; how many come aside."""
        key = (visit, who, day, intervals, self._state.get(who, _AS_IT_STOOD))
        if key not in self._hands:
            self._hands[key] = self._found_hand(visit, who, day, intervals)
        return self._hands[key]

    def _found_hand(self, visit: str, who: str, day: Day, intervals: tuple[Interval, ...]) -> Way | None:
        need, one, caregiver = self._week.need_of[visit], self._week.visits[visit], self._week.caregivers[who]
        if not may_make(self._week, need, one, caregiver, day):
            return None
        now, room = self._work_of(who), self._room(who, day)
        if room < one.minutes:
            return None
        found = self._day(who, day).insert(Item(one, need, intervals, other=False), room)
        if found is None:
            return None
        load = load_points(self._week, caregiver, now + found.minutes) - load_points(self._week, caregiver, now)
        planned = PlannedVisit(visit, day, found.start, (who,))
        return Way(found.points + load, planned, self._moved(visit, day, found.start))

    def _moved(self, visit: str, day: Day, start: Minutes) -> Minutes:
        was = self._standing.was.get(visit)
        return 0 if was is None else abs(MINUTES_IN_DAY * (day - was.day)) + abs(start - was.start)

    def _windows(self, visit: str) -> Openings:
        need = self._week.need_of[visit]
        found = openings(need, self._week.visits[visit], self.stops_of(need.id))
        return found if isinstance(found, Mapping) else {}

    def _within_carers(self, visit: str, who: Collection[str]) -> bool:
        most = self._week.need_of[visit].max_carers
        if most is None:
            return True
        have = self._carers(visit)
        return have.issuperset(who) or len(have.union(who)) <= most

    def _day(self, who: str, day: Day) -> DayOptions:
        key = (who, day, self._state.get(who, _AS_IT_STOOD))
        if key not in self._days:
            self._days[key] = DayOptions(self._week, who, day, self._stops_of(who, day))
        return self._days[key]

    def _stops_of(self, who: str, day: Day) -> tuple[Stop, ...]:
        if (who, day) not in self._stops:
            route = self._standing.roster.route(who, day)
            self._stops[who, day] = route.stops if route else ()
        return self._stops[who, day]

    def _days_of(self, who: str) -> int:
        return sum(bool(self._stops_of(who, day)) for day in range(7))

    def _room(self, who: str, day: Day) -> Minutes:
        """Return the minutes by which a day may grow, as far as her week is concerned."""
        caregiver = self._week.caregivers[who]
        if not self._stops_of(who, day) and self._days_of(who) >= caregiver.max_days:
            return 0
        return caregiver.weekly_limit_minutes - self._work_of(who)

    def _work_of(self, who: str) -> Minutes:
        key = (who, self._state.get(who, _AS_IT_STOOD))
        if key not in self._work:
            days = (self._day(who, day).working_minutes for day in range(DAYS_IN_WEEK) if self._stops_of(who, day))
            self._work[key] = sum(days) if key[1] else self._standing.roster.working_minutes(who)
        return self._work[key]

    def _put(self, planned: PlannedVisit) -> None:
        need = self._week.need_of[planned.visit]
        stop = Stop(planned, self._week.visits[planned.visit], need)
        if all(stop.planned != planned for stop in self._standing.roster.stops_of_visit(planned.visit)):
            self.placed[planned.visit] = planned
        self._of_need[need.id] = [*self.stops_of(need.id), stop]
        for who in planned.caregivers:
            stops = sorted((*self._stops_of(who, planned.day), stop), key=lambda each: each.start)
            self._set(who, planned, tuple(stops))

    def _take(self, planned: PlannedVisit) -> None:
        visit = planned.visit
        self.placed.pop(visit, None)
        need = self._week.need_of[visit].id
        self._of_need[need] = [stop for stop in self.stops_of(need) if stop.visit.id != visit]
        for who in planned.caregivers:
            stops = tuple(stop for stop in self._stops_of(who, planned.day) if stop.visit.id != visit)
            self._set(who, planned, stops)

    def _set(self, who: str, planned: PlannedVisit, stops: tuple[Stop, ...]) -> None:
        self._stops[who, planned.day] = stops
        self._state[who] = self._state.get(who, _AS_IT_STOOD) ^ {planned}


def load_points(week: Week, who: Caregiver, work: Minutes) -> float:
    """Return the points of the goal *load* for one caregiver."""
    policy = week.policy
    return policy.load_minute * max(0.0, work - policy.load_from * who.contract_minutes) + (
        policy.overload_minute * max(0.0, work - policy.overload_from * who.contract_minutes)
    )


def _by_points(way: Way) -> tuple[float, Minutes, Day, Minutes, tuple[str, ...]]:
    planned = way.planned
    return round(way.points, 6), way.moved, planned.day, planned.start, planned.caregivers


def _regret(ways: Sequence[Way]) -> float:
    """Return what is lost if the cheapest way goes: all, if it is the only one."""
    return ways[1].points - ways[0].points if len(ways) > 1 else float("inf")
