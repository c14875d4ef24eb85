"""The pool that a repair chooses from: which visits are free, and every day of every caregiver as it could be."""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import inf

from solver.problem import Day, Minutes
from solver.reasons.days import openings
from solver.reasons.starts import Interval
from solver.repair.days import MOST_TRIED, DayOptions, Item, Option, Order, may_ever_make, may_make
from solver.repair.meetings import Meetings
from solver.repair.standing import Standing
from solver.roster import Stop

MOST_OPTIONS = 4000
"""Beyond so many options a pool is cut off, and nothing is proved by it."""

MOST_TRIED_IN_ALL = 15_000
"""Beyond so many orders of visits in a day likewise."""

_FEW_COME = 6  # caregivers who may come to an elder, at most, for whom each way to make room is tried


@dataclass(frozen=True, slots=True)
class Pool:
    """What a choice is made from; ``exact`` if no option of these visits and caregivers is missing."""

    standing: Standing
    hit: tuple[str, ...]
    others: tuple[str, ...]  # visits that stand and may be moved
    options: tuple[Option, ...]
    caregivers: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Few:
    """Some who could each make a visit as the week stood, in a day that gets and loses nothing else.

    Of several hands all of them could come at one minute: ``windows`` then holds it, and else all that the visit has.
    """

    who: tuple[str, ...]
    windows: Mapping[Day, tuple[Interval, ...]] | None = None


@dataclass(frozen=True, slots=True)
class _Day:
    """A caregiver's day without some of its visits, in every order in which others fit in."""

    who: str
    day: Day
    gone: frozenset[str]
    orders: Sequence[Order]


class Pooling:
    """Collects the options for the visits that were hit, and later for others too."""

    def __init__(self, standing: Standing, *, pinned_too: bool = False) -> None:
        self.standing = self._standing = standing
        self._week, self._roster = standing.week, standing.roster
        self._days: dict[tuple[str, Day], DayOptions] = {}
        self._able: dict[str, tuple[str, ...]] = {}
        # A visit that is pinned elsewhere than it stood is nobody's to place.
        self.hit = tuple(visit for visit in standing.hit if pinned_too or visit not in self._week.pins)

    def able(self, visit: str) -> tuple[str, ...]:
        """Return who may make a visit on one of its days, the nearest first, usual caregivers before all."""
        if visit not in self._able:
            week, need, one = self._week, self._week.need_of[visit], self._week.visits[visit]
            days = {window.day for window in one.windows} & need.eligible_days
            makers = set(self._standing.was[visit].caregivers if visit in self._standing.was else ())
            found = (
                (who.id not in makers, who.id not in need.usual, week.trip(who, who.base, need.place), who.id)
                for who in week.caregivers.values()
                if who.id not in self._standing.closed and may_ever_make(need, one, who, days)
            )
            self._able[visit] = tuple(id_ for *_, id_ in sorted(found))
        return self._able[visit]

    def coming(self, visit: str) -> list[str]:
        """Return who of them the elder may have besides the caregivers of her visits that stand."""
        return [who for who in self.able(visit) if self._may_come(visit, who, self.hit)]

    def pool(
        self,
        others: Collection[str],
        reach: Mapping[str, Collection[str]],
        changes: int,
        few: Mapping[str, Few],
        ends: float = inf,
    ) -> Pool:
        """Return the options of the visits that were hit and of ``others``, with at most so many elders changed.

        Parameters
        ----------
        reach
            For each of these visits, who may get it.
        few
            Whose days need not be looked at with such a visit and another one that comes or goes.
        ends
            When no further caregiver is looked at, by `time.monotonic`; such a pool is not exact.
        """
        free = (*self.hit, *sorted(others))
        reach = {visit: [who for who in reach[visit] if self._may_come(visit, who, free)] for visit in free}
        windows = {visit: self._windows(visit, free) for visit in free}
        windows |= {visit: each.windows for visit, each in few.items() if each.windows is not None}
        caregivers = sorted({who for visit in free for who in reach[visit]} | self._makers(others))
        self._days.clear()
        exact = not self._week.problem.travel  # a matrix may have short cuts, so that one more visit saves time
        days: list[_Day] = []
        for who in caregivers:
            days += self._of(who, free, set(others), windows, reach, changes, few)
            if sum(day.tried for day in self._days.values()) > MOST_TRIED_IN_ALL or time.monotonic() > ends:
                exact = False
                break
        together = Meetings(self._standing)
        for each in days:
            for order in each.orders:
                together.add(each.who, each.day, list(self._day(each.who, each.day).meets(order)))
        meetings, all_told = together.told()
        options: list[Option] = []
        for each in days:
            options += self._day(each.who, each.day).options(each.gone, each.orders, meetings[each.day])
            if len(options) > MOST_OPTIONS:
                exact = False
                break
        exact = exact and all_told and all(day.tried <= MOST_TRIED for day in self._days.values())
        exact = exact and not self._share_days(free) and not any(day.full for day in self._days.values())
        return Pool(self._standing, self.hit, tuple(sorted(others)), tuple(options), len(caregivers), exact)

    def lets_in(self, who: str, elder: str, wanted: Mapping[str, Mapping[Day, tuple[Interval, ...]]]) -> bool:
        """Tell whether one of the wanted visits fits into her week once an elder's visits are out of it."""
        mine = {stop.visit.id for stop in self.movable(who) if stop.need.id == elder}
        return any(self._fits(who, mine, visit, windows) for visit, windows in wanted.items())

    def _fits(self, who: str, gone: Collection[str], visit: str, windows: Mapping[Day, tuple[Interval, ...]]) -> bool:
        """Tell whether a visit fits into one of her days, less some visits; the week's limit aside."""
        return any(self._spans(who, day, gone, self._item(visit, spans)) for day, spans in windows.items())

    def _item(self, visit: str, spans: tuple[Interval, ...]) -> Item:
        return Item(self._week.visits[visit], self._week.need_of[visit], spans, other=False)

    def _spans(self, who: str, day: Day, gone: Collection[str], item: Item) -> list[Interval]:
        """Return when a visit could start in one of her days, less some visits."""
        if not may_make(self._week, item.need, item.visit, self._week.caregivers[who], day):
            return []
        route = self._roster.route(who, day)
        kept = [stop for stop in (route.stops if route else ()) if stop.visit.id not in gone]
        return DayOptions(self._week, who, day, kept).intervals(item)

    def openings(self, visit: str) -> Mapping[Day, tuple[Interval, ...]]:
        """Return when a visit may start, the other visits of its elder standing unless they were hit."""
        return self._windows(visit, (*self.hit, visit))

    def movable(self, who: str) -> Iterator[Stop]:
        """Yield her visits that may be moved; one of several of an elder on one day may not."""
        for route in self._roster.routes(who):
            for stop in route.stops:
                of_elder = self._roster.stops_of_need(stop.need.id)
                alone = sum(other.planned.day == route.day for other in of_elder) == 1
                if alone and self._standing.may_move(stop.visit.id):
                    yield stop

    def siblings(self, visit: str) -> list[str]:
        """Return the elder's other visits that may move, or that were hit too."""
        mine = {each.id for each in self._week.need_of[visit].visits} - {visit}
        return sorted(mine & {*self.hit, *(stop.visit.id for stop in self._movable_siblings(visit))})

    def in_its_way(self, visit: str) -> dict[str, tuple[str, ...]]:
        """Return the elder's other visits that may move and limit when or by whom this is made, and who makes them."""
        stops = self._movable_siblings(visit)
        free = (visit, *(stop.visit.id for stop in stops))
        if self._week.need_of[visit].max_carers is None and self._windows(visit, free) == self.openings(visit):
            return {}
        return {stop.visit.id: stop.planned.caregivers for stop in stops}

    def other_carers(self, visit: str, near: int) -> Iterator[tuple[str, ...]]:
        """Yield who could make the elder's visits with somebody new, one of the nearest, as many as she may have."""
        need = self._week.need_of[visit]
        makers = {who for stop in self._roster.stops_of_need(need.id) for who in stop.planned.caregivers}
        makers.update(self._standing.was[visit].caregivers if visit in self._standing.was else ())
        known = sorted(makers & self._week.caregivers.keys() - self._standing.closed)
        new = [who for who in self.able(visit)[:near] if who not in makers]
        if need.max_carers is None or len(known) < need.max_carers:
            yield (*known, *new)
        else:
            yield from ((*kept, who) for who in new for kept in combinations(known, need.max_carers - 1))

    def beyond_cover(self) -> Minutes:
        """Return the minutes of what nobody could take even if all that may move were out of the way."""
        return sum(
            self._week.visits[visit].minutes for visit in self._standing.hit if not self._could_be_covered(visit)
        )

    def could_be_covered(self, visit: str, changes: int) -> bool:
        """Tell whether somebody could make a visit if so many elders' visits that may move were out of the way.

        Where they would go, and the week's limit, are not looked at, nor who comes to an elder to whom many may:
        of many somebody nearly always could. So False is certain, and True is not.
        """
        siblings = {stop.visit.id for stop in self._movable_siblings(visit)}
        return self._fits_without(visit, set(), changes) or (
            bool(siblings) and self._fits_without(visit, siblings, changes - 1)
        )

    def _fits_without(self, visit: str, gone: Collection[str], changes: int) -> bool:
        """Tell whether a visit fits in once its elder's other visits are gone, and so many elders' besides."""
        free, hands = (visit, *gone), self._week.visits[visit].hands
        who = [each for each in self.able(visit) if self._may_come(visit, each, free)]
        if len(who) > _FEW_COME:
            return True
        for day, intervals in self._windows(visit, free).items():
            item = self._item(visit, intervals)
            ways = {each: list(self._ways_in(each, day, item, gone, changes)) for each in who}
            if hands == 1 and any(ways.values()):
                return True
            for some in combinations([each for each in who if ways[each]], hands) if hands > 1 else ():
                for them in product(*(ways[each] for each in some)):
                    # Another visit of two hands may leave both days at once.
                    out = frozenset[str]().union(*(leave for leave, _ in them))
                    if len(out) <= changes and _meet([spans for _, spans in them]):
                        return True
        return False

    def _ways_in(
        self, who: str, day: Day, item: Item, gone: Collection[str], changes: int
    ) -> Iterator[tuple[frozenset[str], list[Interval]]]:
        """Yield each way to take so many visits out of a day at most, and when this one could start then."""
        stops = [stop for stop in self.movable(who) if stop.planned.day == day and stop.visit.id not in gone]
        for some in _some(stops, changes):
            leave = frozenset(stop.visit.id for stop in some)
            spans = self._spans(who, day, {*gone, *leave}, item)
            if spans:
                yield leave, spans

    def _could_be_covered(self, visit: str) -> bool:
        if visit in self._week.pins:
            return False
        free = (visit, *(each.visit.id for each in self._movable_siblings(visit)))
        windows = self._windows(visit, free)
        may_come = (who for who in self.able(visit) if self._may_come(visit, who, free))
        gone = ((who, {stop.visit.id for stop in self.movable(who)}) for who in may_come)
        if not self._is_double(visit):
            return any(self._fits(who, leaves, visit, windows) for who, leaves in gone)
        leaving = dict(gone)
        return any(self._could_meet(visit, day, spans, leaving) for day, spans in windows.items())

    def _could_meet(
        self, visit: str, day: Day, spans: tuple[Interval, ...], leaving: Mapping[str, Collection[str]]
    ) -> bool:
        """Tell whether enough hands could come at one minute: if so, then when the last one's time for it begins."""
        item = self._item(visit, spans)
        found = [self._spans(who, day, leaves, item) for who, leaves in leaving.items()]
        starts = {low for each in found for low, _ in each}
        hands = self._week.visits[visit].hands
        return any(sum(any(low <= start < high for low, high in each) for each in found) >= hands for start in starts)

    def _may_come(self, visit: str, who: str, free: Collection[str]) -> bool:
        """Tell whether the elder may have one more caregiver besides those of her visits that are not free."""
        need = self._week.need_of[visit]
        if need.max_carers is None:
            return True
        stops = [stop for stop in self._roster.stops_of_need(need.id) if stop.visit.id not in free]
        carers = {each for stop in stops for each in stop.planned.caregivers}
        return who in carers or len(carers) < need.max_carers

    def _movable_siblings(self, visit: str) -> list[Stop]:
        stops = self._roster.stops_of_need(self._week.need_of[visit].id)
        return [stop for stop in stops if self._standing.may_move(stop.visit.id)]

    def _windows(self, visit: str, free: Collection[str]) -> Mapping[Day, tuple[Interval, ...]]:
        """Return when a visit may start beside those of its elder that are not free."""
        need, one = self._week.need_of[visit], self._week.visits[visit]
        found = openings(need, one, [stop for stop in self._roster.stops_of_need(need.id) if stop.visit.id not in free])
        return found if isinstance(found, Mapping) else {}

    def _is_double(self, visit: str) -> bool:
        return self._week.visits[visit].hands > 1

    def _makers(self, visits: Iterable[str]) -> set[str]:
        return {
            who for visit in visits for stop in self._roster.stops_of_visit(visit) for who in stop.planned.caregivers
        }

    def _day(self, who: str, day: Day) -> DayOptions:
        if (who, day) not in self._days:
            route = self._roster.route(who, day)
            self._days[who, day] = DayOptions(self._week, who, day, route.stops if route else ())
        return self._days[who, day]

    def _of(
        self,
        who: str,
        free: Collection[str],
        others: Collection[str],
        windows: Mapping[str, Mapping[Day, tuple[Interval, ...]]],
        reach: Mapping[str, Collection[str]],
        changes: int,
        few: Mapping[str, Few],
    ) -> Iterator[_Day]:
        caregiver = self._week.caregivers[who]
        mine = [visit for visit in free if who in reach[visit]]
        left = caregiver.weekly_limit_minutes - self._roster.working_minutes(who)
        full = len(self._roster.routes(who)) >= caregiver.max_days
        for shift in caregiver.shifts:
            route = self._roster.route(who, shift.day)
            leaving = [stop for stop in (route.stops if route else ()) if stop.visit.id in others]
            items = self._items(who, shift.day, mine, others, windows, few)
            day = self._day(who, shift.day)
            # What leaves on other days makes room in her week; then the week's limit is the choice's to keep.
            room = caregiver.daily_limit_minutes if any(self._leaves(who, others)) else left
            if route is None and full and not any(self._leaves(who, others)):
                continue
            for gone in _some(leaving, changes):
                elders, gone_ids = {stop.need.id for stop in gone}, frozenset(stop.visit.id for stop in gone)
                if len(elders) <= changes:
                    fitting = [item for item in items if not (gone and item.alone)]
                    orders = day.orders(gone_ids, fitting, others=changes, room=room, elders=elders)
                    yield _Day(who, shift.day, gone_ids, list(orders))

    def _leaves(self, who: str, others: Collection[str]) -> Iterator[str]:
        return (stop.visit.id for route in self._roster.routes(who) for stop in route.stops if stop.visit.id in others)

    def _items(
        self,
        who: str,
        day: Day,
        visits: Iterable[str],
        others: Collection[str],
        windows: Mapping[str, Mapping[Day, tuple[Interval, ...]]],
        few: Mapping[str, Few],
    ) -> list[Item]:
        found = []
        for visit in visits:
            need, one = self._week.need_of[visit], self._week.visits[visit]
            if day in windows[visit] and may_make(self._week, need, one, self._week.caregivers[who], day):
                by_itself = visit in few and who in few[visit].who
                found.append(Item(one, need, windows[visit][day], other=visit in others, alone=by_itself))
        return found

    def _share_days(self, free: Collection[str]) -> bool:
        """Tell whether two free visits of an elder might share a day, which the choice does not try."""
        needs = [self._week.need_of[visit] for visit in free]
        return any(need.min_days_between == 0 and needs.count(need) > 1 for need in needs)


def _some(stops: list[Stop], most: int) -> Iterator[tuple[Stop, ...]]:
    """Yield nothing, then each one, each two, ... of the stops."""
    for n in range(min(most, len(stops)) + 1):
        yield from combinations(stops, n)


def _meet(spans: Sequence[Sequence[Interval]]) -> bool:
    """Tell whether there is a minute in each of these."""
    starts = {low for each in spans for low, _ in each}
    return any(all(any(low <= start < high for low, high in each) for each in spans) for start in starts)
