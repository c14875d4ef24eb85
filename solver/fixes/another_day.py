"""Another day: a day on which the elder can be visited, and that her care plan, or the spacing, leaves out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from solver.fixes.fix import ANOTHER_DAY, Limits
from solver.fixes.placing import Terms, Way, placements
from solver.fixes.situation import Offer, Situation
from solver.plan import PlannedVisit, Reason
from solver.problem import Day, Minutes, Need, Problem, Visit, Window
from solver.reasons.days import Openings, openings
from solver.reasons.funnel import Funnel
from solver.roster import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class AnotherDay:
    """The visit may stand on this day too: with these windows, so near to others, in this pattern."""

    visit: str
    day: Day
    windows: tuple[Window, ...]  # of that day that are new; empty: it has windows then already
    min_days_between: int
    day_pattern: tuple[Day, ...] | None  # one more; None: patterns do not stand in the way

    @property
    def kind(self) -> str:
        """Which of the kinds it is."""
        return ANOTHER_DAY

    @property
    def size_minutes(self) -> Minutes:
        """Nothing is stretched."""
        return 0

    def apply(self, problem: Problem) -> Problem:
        """Return the problem in which the elder takes the visit on that day."""
        return replace(
            problem,
            needs=tuple(
                self.of_need(need) if any(visit.id == self.visit for visit in need.visits) else need
                for need in problem.needs
            ),
        )

    def of_need(self, need: Need) -> Need:
        """Return what the elder needs then."""
        # Without patterns any days will do: one of them would bind.
        added = self.day_pattern is not None and bool(need.day_patterns)
        patterns = (*need.day_patterns, self.day_pattern) if added and self.day_pattern else need.day_patterns
        return replace(
            need,
            visits=tuple(
                replace(visit, windows=(*visit.windows, *self.windows)) if visit.id == self.visit else visit
                for visit in need.visits
            ),
            min_days_between=min(need.min_days_between, self.min_days_between),
            day_patterns=patterns,
        )

    def stands(self) -> tuple[PlannedVisit, ...]:
        """Return nothing: nobody joins the week."""
        return ()


def offers(situation: Situation, visit_id: str) -> Iterator[Offer]:
    """Yield ways to place the visit on a day that is not open to it yet, cheapest first."""
    need, visit = situation.week.need_of[visit_id], situation.week.visits[visit_id]
    stops = situation.roster.stops_of_need(need.id)
    changes: dict[Day, AnotherDay] = {}
    open_days: dict[Day, Openings] = {}
    for day in sorted(need.eligible_days - _days_open(need, visit, stops)):
        change = _opened(need, visit, stops, day, situation.limits)
        changed = change.of_need(need)
        found = openings(changed, _of(changed, visit.id), stops)
        if not isinstance(found, Reason) and day in found:
            changes[day], open_days[day] = change, {day: found[day]}
    whole = {day: of_day[day] for day, of_day in open_days.items()}
    if not whole:
        return
    funnel = situation.funnel(need, visit, whole)
    prices = {day: _price(situation, need, change) for day, change in changes.items()}
    for placement in placements(funnel, situation.may_come(funnel), _OtherDays(funnel, situation, prices)):
        day = placement.planned.day
        yield Offer(placement.points, changes[day], placement.stands, prices[day])


def _days_open(need: Need, visit: Visit, stops: list[Stop]) -> frozenset[Day]:
    found = openings(need, visit, stops)
    return frozenset() if isinstance(found, Reason) else frozenset(found)


def _of(need: Need, visit: str) -> Visit:
    return next(each for each in need.visits if each.id == visit)


def _opened(need: Need, visit: Visit, stops: list[Stop], day: Day, limits: Limits) -> AnotherDay:
    """Return what must be agreed upon so that the visit may stand on this day, two never on the same."""
    windows: tuple[Window, ...] = ()
    if not any(window.day == day for window in visit.windows):
        hours = dict.fromkeys((window.opens, window.closes) for window in visit.windows)
        last = limits.ends - visit.minutes + 1
        if not hours and last > limits.opens:
            hours = {(limits.opens, last): None}
        windows = tuple(Window(day, opens, closes) for opens, closes in hours)
    days = [*need.occupied_days, *(stop.planned.day for stop in stops)]
    nearest = min((abs(day - other) for other in days), default=need.min_days_between)
    number = {each.id: i for i, each in enumerate(need.visits)}
    stands = {number[visit.id]: day} | {number[stop.visit.id]: stop.planned.day for stop in stops}
    follows = any(all(pattern[i] == d for i, d in stands.items()) for pattern in need.day_patterns)
    pattern = None
    if need.day_patterns and not follows:
        pattern = tuple(stands.get(i, d) for i, d in enumerate(need.day_patterns[0]))
    return AnotherDay(
        visit=visit.id,
        day=day,
        windows=windows,
        min_days_between=min(need.min_days_between, max(1, nearest)),
        day_pattern=pattern,
    )


def _price(situation: Situation, need: Need, change: AnotherDay) -> float:
    prices = situation.prices
    nearer = need.min_days_between - change.min_days_between
    return prices.nearer_day * nearer + prices.other_day * bool(change.windows or change.day_pattern)


class _OtherDays(Terms):
    """Each day that is opened has its price."""

    def __init__(self, funnel: Funnel, situation: Situation, prices: dict[Day, float]) -> None:
        super().__init__(funnel, situation.prices.moved_visit)
        self._prices = prices

    def least_price(self, way: Way) -> float:
        """Return the price of the day."""
        return self._prices[way.day]

    def price(self, way: Way, start: Minutes, leaves: Minutes, returns: Minutes) -> float:
        """Return the price of the day."""
        return self._prices[way.day]
