"""A caregiver's day as it could be: some of its visits gone, others put in, each at a minute of its own.

Exact: the visits that stay keep their minute, the new ones come in any order between them, and
`solver.reasons.starts` says at which minutes each can start so that the day keeps every rule.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

from solver.problem import DAYS_IN_WEEK, MINUTES_IN_DAY, Caregiver, Day, Minutes, Need, Policy, Shift, Visit
from solver.reasons.starts import Interval, Sequel, Spot, possible_starts
from solver.roster import Stop
from solver.week import Week

MOST_NEW = 3
"""New visits in one day, at most."""

MOST_TRIED = 2000
"""Orders of one day that are tried, at most."""


@dataclass(frozen=True, slots=True)
class Item:
    """A visit that may be put into a day, and when it may start there."""

    visit: Visit
    need: Need
    windows: tuple[Interval, ...]
    other: bool  # it has a place now: moving it changes an elder whom nothing hit
    alone: bool = False  # it is put only into a day that gets nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One day of one caregiver as it could be, against the day as it stands."""

    caregiver: str
    day: Day
    gone: frozenset[str]
    new: tuple[tuple[str, Minutes], ...]  # visit and start
    points: float  # travel and placement; not the load, which depends on her other days
    minutes: Minutes  # of care and travel
    starts_day: int  # 1: she had no visit that day, -1: she has none any more


@dataclass(frozen=True, slots=True)
class Inserted:
    """One more visit in a day whose other visits stay: like an `Option`, points without the load."""

    points: float
    minutes: Minutes
    start: Minutes


# The place before, when she is done there, the place after, when she must be there, and the trip between them.
_Gap: TypeAlias = tuple[str, Minutes, str, Minutes, Minutes]

_Entry: TypeAlias = tuple[str, Spot, Item | None]  # place, when, and the item if it is new

Order: TypeAlias = Sequence[_Entry]
"""A day's visits one after the other; each new one may start whenever its windows and the others allow."""

_NOWHERE: Mapping[str, Collection[Minutes]] = {}


class DayOptions:
    """Lists the options of one caregiver's day."""

    def __init__(self, week: Week, caregiver: str, day: Day, stops: Sequence[Stop]) -> None:
        self._week = week
        self._who: Caregiver = week.caregivers[caregiver]
        self._day = day
        self._shift: Shift = week.shifts[caregiver, day]
        self._policy: Policy = week.policy
        self._stops = tuple(stops)
        standing = [_entry(stop) for stop in self._stops]
        self.tried = 0
        self.full = False  # whether a day took as many new visits as are tried, and might take one more
        self._spots = [spot for _, spot, _ in standing]
        self._legs_now = self._legs(standing)
        self._travel_now = sum(self._legs_now)
        self._now = self._travel_now + sum(spot.minutes for spot in self._spots)
        self._gaps: list[_Gap] | None = None

    def orders(
        self,
        gone: Collection[str],
        items: Sequence[Item],
        *,
        others: int,
        room: Minutes,
        elders: Collection[str] = (),
        most_new: int = MOST_NEW,
    ) -> Iterator[Order]:
        """Yield each order of the day, less what is gone, in which some of the items fit at some minute.

        Parameters
        ----------
        gone
            Visits of the day that leave it (to another minute of it, perhaps).
        others
            How many elders whom nothing hit may be changed by it, those of ``gone`` included.
        room
            Minutes by which the day may grow, as far as the week's limit is concerned.
        elders
            Those of ``gone``.
        most_new
            How many visits may come, at most.
        """
        kept = [_entry(stop) for stop in self._stops if stop.visit.id not in gone]
        limit = min(self._who.daily_limit_minutes, self._now + room)
        if gone and self._stands(kept):
            yield kept
        yield from self._orders(kept, items, 0, limit, others, frozenset(elders), most_new)

    def meets(self, order: Order) -> Iterator[tuple[str, tuple[Interval, ...]]]:
        """Yield for each new visit of several hands in an order when it may start."""
        for at, (_, _, item) in enumerate(order):
            if item is not None and item.visit.hands > 1:
                yield item.visit.id, tuple(self._starts(order, at, self._policy))

    def options(
        self, gone: Collection[str], orders: Iterable[Order], meetings: Mapping[str, Collection[Minutes]] = _NOWHERE
    ) -> Iterator[Option]:
        """Yield the best options for each set of new visits: the cheapest, and the one with the least work.

        Parameters
        ----------
        orders
            Of the day without what is ``gone``.
        meetings
            For each visit of several hands the minutes at which they meet.
        """
        refund = sum(self._placement(stop, stop.visit.id in gone) for stop in self._stops)
        best: dict[tuple[tuple[str, Minutes], ...], tuple[Option, Option]] = {}
        for order in orders:
            for met in self._met(order, meetings, 0):
                made = self._option(gone, met, refund)
                key = tuple(
                    sorted((visit, start if self._week.visits[visit].hands > 1 else -1) for visit, start in made.new)
                )
                cheapest, least = best.get(key, (made, made))
                best[key] = (
                    min(cheapest, made, key=lambda one: (one.points, one.minutes)),
                    min(least, made, key=lambda one: (one.minutes, one.points)),
                )
        for cheapest, least in best.values():
            yield cheapest
            if least.minutes < cheapest.minutes:
                yield least

    def _met(self, order: Order, meetings: Mapping[str, Collection[Minutes]], first: int) -> Iterator[Order]:
        """Yield the order with each new visit of several hands at one of the minutes at which they meet."""
        for at in range(first, len(order)):
            place, spot, item = order[at]
            if item is not None and item.visit.hands > 1:
                spans = self._starts(order, at, self._policy)
                for start in meetings.get(item.visit.id, ()):
                    if any(low <= start < high for low, high in spans):
                        fixed: _Entry = (place, Spot(spot.minutes, ((start, start + 1),)), item)
                        yield from self._met([*order[:at], fixed, *order[at + 1 :]], meetings, at + 1)
                return
        yield order

    @property
    def working_minutes(self) -> Minutes:
        """Care and travel of the day as it stands."""
        return self._now

    @cached_property
    def _no_meal(self) -> Policy:
        return replace(self._policy, meal_minutes=0)

    def intervals(self, item: Item, room: Minutes = MINUTES_IN_DAY) -> list[Interval]:
        """Return when one visit could start beside all that stands, the day growing by so many minutes at most."""
        limit = min(self._who.daily_limit_minutes, self._now + room)
        return [span for _, spans in self._inserted(item, limit) for span in spans]

    def insert(self, item: Item, room: Minutes) -> Inserted | None:
        """Return the cheapest place for one more visit: as the cheapest of `options`, but much sooner."""
        best: Inserted | None = None
        for detour, spans in self._inserted(item, min(self._who.daily_limit_minutes, self._now + room)):
            start = best_start(self._week, item.visit, self._day, spans)
            points = placed_points(self._week, item.need, item.visit, self._who, self._day, start)
            points += self._policy.travel_minute * detour
            if best is None or (points, item.visit.minutes + detour) < (best.points, best.minutes):
                best = Inserted(points, item.visit.minutes + detour, start)
        return best

    def _inserted(self, item: Item, limit: Minutes) -> Iterator[tuple[Minutes, list[Interval]]]:
        """Yield for each place at which one more visit fits the detour, and when it may start."""
        home, minutes, windows = item.need.place, item.visit.minutes, item.windows
        trip, mode, left = self._week.travel.minutes, self._who.mode, limit - self._now - minutes
        if self._gaps is None:
            self._gaps = self._found_gaps()
        for at, (before, ready, after, until, leg) in enumerate(self._gaps):
            # Most places are too short or too far: that is seen before anything is put together.
            if until - ready < minutes:
                continue
            there, on = trip(mode, before, home), trip(mode, home, after)
            low, high = ready + there, until - on - minutes
            if (
                high < low
                or there + on - leg > left
                or not any(low < closes and high >= opens for opens, closes in windows)
            ):
                continue
            spots = [*self._spots[:at], Spot(minutes, windows), *self._spots[at:]]
            spans = possible_starts(
                Sequel(spots, [*self._legs_now[:at], there, on, *self._legs_now[at + 1 :]], at),
                self._shift,
                self._policy,
            )
            if spans:
                yield there + on - leg, spans

    def _found_gaps(self) -> list[_Gap]:
        base, stops = self._who.base, self._stops
        places = [base, *(stop.need.place for stop in stops), base]
        ready = [self._shift.starts, *(stop.end for stop in stops)]
        until = [*(stop.start for stop in stops), self._shift.ends]
        return list(zip(places[:-1], ready, places[1:], until, self._legs_now, strict=True))

    def _orders(
        self,
        entries: list[_Entry],
        items: Sequence[Item],
        first: int,
        limit: Minutes,
        others: int,
        elders: frozenset[str],
        most_new: int,
    ) -> Iterator[Order]:
        """Yield each order in which some of the items fit; starts are settled in the option only."""
        if self.tried > MOST_TRIED:
            return
        legs = self._legs(entries)
        working, longest = (
            _working(entries, legs),
            max(legs),
        )  # a detour saves that at most: a matrix may have short cuts
        there = {item.need.id for _, _, item in entries if item}  # the choice puts no two of an elder into one day
        for j in range(first, len(items)):
            item = items[j]
            changed = elders | {item.need.id} if item.other else elders
            if item.alone and len(entries) != len(self._stops):
                continue
            if len(changed) > others or working + item.visit.minutes - longest > limit:
                continue
            for at, order in self._with(entries, legs, item, limit - working) if item.need.id not in there else ():
                if most_new == 0:
                    self.full = True
                    return
                self.tried += 1
                if self._starts(order, at, self._policy):
                    yield order
                    if item.alone:
                        continue
                elif not self._policy.meal_minutes or not self._starts(order, at, self._no_meal):
                    # Only a missing meal break can be mended by one more visit.
                    continue
                yield from self._orders(order, items, j + 1, limit, others, changed, most_new - 1)

    def _with(
        self, entries: list[_Entry], legs: list[Minutes], item: Item, room: Minutes
    ) -> Iterator[tuple[int, list[_Entry]]]:
        """Yield the places at which a visit may fit, and the order that it makes."""
        home, minutes = item.need.place, item.visit.minutes
        new: _Entry = (home, Spot(minutes, item.windows), item)
        places = self._places(entries)
        for at, leg in enumerate(legs):
            detour = self._trip(places[at], home) + self._trip(home, places[at + 1]) - leg
            if minutes + detour <= room and self._reachable(entries, at, item):
                yield at, [*entries[:at], new, *entries[at:]]

    def _reachable(self, entries: Sequence[_Entry], at: int, item: Item) -> bool:
        """Tell, roughly and quickly, whether a visit fits between its neighbours."""
        opens, closes = self._shift.starts, self._shift.ends
        if at > 0:
            place, spot, _ = entries[at - 1]
            opens = max(opens, min(low for low, _ in spot.windows) + spot.minutes)
            opens += self._trip(place, item.need.place)
        else:
            opens += self._trip(self._who.base, item.need.place)
        if at < len(entries):
            place, spot, _ = entries[at]
            closes = min(closes, max(high for _, high in spot.windows) - 1) - self._trip(item.need.place, place)
        else:
            closes -= self._trip(item.need.place, self._who.base)
        last = closes - item.visit.minutes
        return any(max(opens, low) <= min(last, high - 1) for low, high in item.windows)

    def _trip(self, p: str, q: str) -> Minutes:
        return self._week.trip(self._who, p, q)

    def _legs(self, entries: Sequence[_Entry]) -> list[Minutes]:
        trip, mode = self._week.travel.minutes, self._who.mode
        return [trip(mode, p, q) for p, q in pairwise(self._places(entries))]

    def _places(self, entries: Sequence[_Entry]) -> list[str]:
        return [self._who.base, *(place for place, _, _ in entries), self._who.base]

    def _starts(self, entries: Sequence[_Entry], at: int, policy: Policy) -> list[Interval]:
        return possible_starts(Sequel([spot for _, spot, _ in entries], self._legs(entries), at), self._shift, policy)

    def _stands(self, entries: Sequence[_Entry]) -> bool:
        """Tell whether a day keeps its rules with what is left of it."""
        return not entries or bool(self._starts(entries, 0, self._policy))

    def _option(self, gone: Collection[str], entries: Sequence[_Entry], refund: float) -> Option:
        """Return the option of an order that fits, with the best starts one after the other."""
        spots, legs = [spot for _, spot, _ in entries], self._legs(entries)
        new: list[tuple[str, Minutes]] = []
        points = -refund
        for at, (_, spot, item) in enumerate(entries):
            if item is None:
                continue
            spans = possible_starts(Sequel(spots, legs, at), self._shift, self._policy)
            start = best_start(self._week, item.visit, self._day, spans)
            spots[at] = Spot(spot.minutes, ((start, start + 1),))
            new.append((item.visit.id, start))
            points += placed_points(self._week, item.need, item.visit, self._who, self._day, start)
        travel, working = sum(legs), _working(entries, legs)
        return Option(
            caregiver=self._who.id,
            day=self._day,
            gone=frozenset(gone),
            new=tuple(new),
            points=points + self._policy.travel_minute * (travel - self._travel_now),
            minutes=working - self._now,
            starts_day=bool(entries) - bool(self._stops),
        )

    def _placement(self, stop: Stop, counts: bool) -> float:
        if not counts:
            return 0.0
        return placed_points(self._week, stop.need, stop.visit, self._who, self._day, stop.start)


def _working(entries: Sequence[_Entry], legs: Sequence[Minutes]) -> Minutes:
    return sum(legs) + sum(spot.minutes for _, spot, _ in entries)


def _entry(stop: Stop) -> _Entry:
    """Return a visit that stays at its minute."""
    return stop.need.place, Spot(stop.visit.minutes, ((stop.start, stop.start + 1),)), None


def best_start(week: Week, visit: Visit, day: Day, intervals: Sequence[Interval]) -> Minutes:
    """Return the start that is wished, and of those the nearest to the published one."""
    published = week.published.get(visit.id)
    wanted = published.start if published else None
    starts = {start for low, high in intervals for start in (low, high - 1)}
    anchors = [window.opens for window in visit.wished if window.day == day]
    if wanted is not None:
        anchors.append(wanted)
        anchors += [window.closes - 1 for window in visit.wished if window.day == day]
    starts |= {anchor for anchor in anchors for low, high in intervals if low <= anchor < high}
    return min(
        starts, key=lambda start: (_outside(visit, day, start), abs(start - wanted) if wanted is not None else 0, start)
    )


def placed_points(week: Week, need: Need, visit: Visit, who: Caregiver, day: Day, start: Minutes) -> float:
    """Return what it costs that she makes this visit then, travel and load aside; of two hands the half."""
    policy = week.policy
    each = policy.outside_wished_time * _outside(visit, day, start)
    published = week.published.get(visit.id)
    if published is not None and (published.day, published.start, published.caregivers) != (day, start, (who.id,)):
        each += policy.changed_visit
    return person_points(week, need, who) + each / visit.hands


def person_points(week: Week, need: Need, who: Caregiver) -> float:
    """Return what it costs that she makes a visit of this elder, whenever that is."""
    policy, points = week.policy, 0.0
    if need.usual:
        points += policy.not_usual * (1 - need.usual.get(who.id, 0.0))
    if need.wished_gender not in (None, who.gender):
        points += policy.not_wished_gender
    if need.dialects and need.dialects.isdisjoint(who.dialects):
        points += policy.not_wished_dialect
    if who.town != need.town:
        points += policy.lent_visit
    return points


def _outside(visit: Visit, day: Day, start: Minutes) -> bool:
    return bool(visit.wished) and not any(
        window.day == day and window.opens <= start < window.closes for window in visit.wished
    )


def may_make(week: Week, need: Need, visit: Visit, caregiver: Caregiver, day: Day) -> bool:
    """Tell whether she may make the visit on this day, whatever else she does."""
    return (
        (caregiver.id, day) in week.shifts
        and caregiver.id not in need.blocked
        and need.required_gender in (None, caregiver.gender)
        and all(day <= caregiver.skills.get(skill, -1) for skill in visit.skills)
    )


def may_ever_make(need: Need, visit: Visit, caregiver: Caregiver, days: Collection[Day]) -> bool:
    """Tell whether she may make the visit on one of these days: `may_make`, in one look at her."""
    if caregiver.id in need.blocked or need.required_gender not in (None, caregiver.gender):
        return False
    last = min((caregiver.skills.get(skill, -1) for skill in visit.skills), default=DAYS_IN_WEEK)
    return any(shift.day in days and shift.day <= last for shift in caregiver.shifts)
