"""The funnel of one visit: who is left after each gate, and on which days."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from solver.plan import Reason
from solver.problem import Caregiver, Day, Minutes, Need, Shift, Visit
from solver.reasons.days import Openings
from solver.reasons.starts import Interval, Sequel, Spot, possible_starts
from solver.roster import Roster, Stop
from solver.week import Week

# Who is left, and on which days she could go.
Left: TypeAlias = Mapping[str, tuple[Day, ...]]


@dataclass(frozen=True, slots=True)
class Funnel:
    """One visit that has no place, in its week and beside the rest of the plan.

    ``held`` are visits of others that may not even start at another minute.
    """

    week: Week
    roster: Roster
    need: Need
    visit: Visit
    openings: Openings
    held: Collection[str] = frozenset()

    def everybody(self) -> Left:
        """Return all caregivers, on every day on which the visit may stand."""
        days = tuple(self.openings)
        return dict.fromkeys(self.week.caregivers, days)

    def in_reach(self, left: Left) -> Left:
        """Keep who can go there and back within a day's limit, and within her longest shift if she has any."""
        return {each: days for each, days in left.items() if self._reaches(self.week.caregivers[each])}

    def with_skill(self, left: Left) -> Left:
        """Keep who holds every skill, on the days on which it is valid."""
        return _kept(left, self._is_skilled)

    def gender_and_not_blocked(self, left: Left) -> Left:
        """Keep who has the required gender and is not blocked."""
        required = self.need.required_gender
        return {
            each: days
            for each, days in left.items()
            if each not in self.need.blocked and required in (None, self.week.caregivers[each].gender)
        }

    def at_work(self, left: Left) -> Left:
        """Keep who could go from her base and back in her shift, were the day empty."""
        return _kept(left, self._is_at_work)

    def within_carers(self, left: Left) -> Left:
        """Keep who visits the elder this week already, and the others if there may be one more."""
        known, room = self.roster.carers(self.need.id), self._room()
        return {each: days for each, days in left.items() if each in known or room > 0}

    def with_minutes_left(self, left: Left) -> Left:
        """Keep who has minutes left for the visit and its shortest detour, and her rest day."""
        return _kept(left, self._has_minutes)

    def route_fits(self, left: Left) -> Left:
        """Keep whose route of a day can take the visit at some place in it.

        Two hands have to meet, so all their days are kept; of one hand the first that fits is enough.
        """
        if self.visit.hands > 1:
            return _kept(left, self._fits)
        fits = ((each, next((day for day in days if self._fits(each, day)), None)) for each, days in left.items())
        return {each: (day,) for each, day in fits if day is not None}

    def enough(self, caregivers: Iterable[str]) -> bool:
        """Tell whether these are enough hands, counting the new faces that the elder may still get."""
        who = set(caregivers)
        known = who & self.roster.carers(self.need.id)
        return len(known) + min(len(who) - len(known), self._room()) >= self.visit.hands

    def together(self, left: Left) -> bool:
        """Tell whether enough of them can start at the same minute of one day."""
        if self.visit.hands == 1:
            return bool(left)
        for day in self.openings:
            starts = {each: list(self.starts(each, day)) for each, days in left.items() if day in days}
            for minute in {opens for intervals in starts.values() for opens, _ in intervals}:
                here = [each for each, of_her in starts.items() if any(a <= minute < b for a, b in of_her)]
                if self.enough(here):
                    return True
        return False

    def starts(self, caregiver: str, day: Day) -> Iterator[Interval]:
        """Yield when the visit could start in her day, by every place in her route."""
        shift, room = self.week.shifts[caregiver, day], self.minutes_left(caregiver, day)
        for position, detour in self.detours(caregiver, day):
            if self.visit.minutes + detour <= room:
                yield from self.starts_at(caregiver, day, position, shift)

    def starts_at(self, caregiver: str, day: Day, position: int, shift: Shift) -> list[Interval]:
        """Return when the visit could start at one place in her day, were these her hours."""
        return possible_starts(self.sequel(caregiver, day, position), shift, self.week.policy)

    def _room(self) -> int:
        """Return how many new caregivers the elder may still get."""
        if self.need.max_carers is None:
            return self.visit.hands
        return max(0, self.need.max_carers - len(self.roster.carers(self.need.id)))

    def _trips(self, who: Caregiver) -> tuple[Minutes, Minutes]:
        """Return her minutes from her base to the elder and back."""
        home = self.need.place
        return self.week.trip(who, who.base, home), self.week.trip(who, home, who.base)

    def _reaches(self, who: Caregiver) -> bool:
        longest = max((shift.ends - shift.starts for shift in who.shifts), default=who.daily_limit_minutes)
        return self.visit.minutes + sum(self._trips(who)) <= min(who.daily_limit_minutes, longest)

    def _is_skilled(self, caregiver: str, day: Day) -> bool:
        held = self.week.caregivers[caregiver].skills
        return all(day <= held.get(skill, -1) for skill in self.visit.skills)

    def _is_at_work(self, caregiver: str, day: Day) -> bool:
        shift = self.week.shifts.get((caregiver, day))
        if shift is None:
            return False
        out, back = self._trips(self.week.caregivers[caregiver])
        first, last = shift.starts + out, shift.ends - back - self.visit.minutes
        return any(max(opens, first) <= min(closes - 1, last) for opens, closes in self.openings[day])

    def _fits(self, caregiver: str, day: Day) -> bool:
        return next(self.starts(caregiver, day), None) is not None

    def minutes_left(self, caregiver: str, day: Day) -> Minutes:
        """Return the minutes of care and travel that may still come to her day."""
        who = self.week.caregivers[caregiver]
        return min(
            self.minutes_left_of_day(caregiver, day), who.weekly_limit_minutes - self.roster.working_minutes(who.id)
        )

    def minutes_left_of_day(self, caregiver: str, day: Day) -> Minutes:
        """Return the minutes that may still come to her day, were the week's without a limit."""
        route = self.roster.route(caregiver, day)
        return self.week.caregivers[caregiver].daily_limit_minutes - (route.working_minutes if route else 0)

    def is_day_open(self, caregiver: str, day: Day) -> bool:
        """Tell whether she works on this day already, or may without losing her rest day."""
        known = self.roster.route(caregiver, day) is not None
        return known or len(self.roster.routes(caregiver)) < self.week.caregivers[caregiver].max_days

    def _has_minutes(self, caregiver: str, day: Day) -> bool:
        if not self.is_day_open(caregiver, day):
            return False
        route = self.roster.route(caregiver, day)
        room = self.minutes_left(caregiver, day) - self.visit.minutes
        # No detour saves more than the leg that it replaces: this spares most of the work in a full week.
        if route is not None and room < -max(route.legs):
            return False
        return any(detour <= room for _, detour in self.detours(caregiver, day))

    def detours(self, caregiver: str, day: Day) -> Iterator[tuple[int, Minutes]]:
        """Yield each place in her route with the travel that the visit would add there."""
        who, route = self.week.caregivers[caregiver], self.roster.route(caregiver, day)
        home = self.need.place
        if route is None:
            yield 0, sum(self._trips(who))
            return
        places = [who.base, *(stop.need.place for stop in route.stops), who.base]
        for i, leg in enumerate(route.legs):
            yield i, self.week.trip(who, places[i], home) + self.week.trip(who, home, places[i + 1]) - leg

    def sequel(self, caregiver: str, day: Day, position: int) -> Sequel:
        """Return her day with the visit at one place in it."""
        who, route = self.week.caregivers[caregiver], self.roster.route(caregiver, day)
        stops = route.stops if route else ()
        places = [who.base, *(stop.need.place for stop in stops), who.base]
        home = self.need.place
        legs = list(route.legs) if route else [0]
        legs[position : position + 1] = [
            self.week.trip(who, places[position], home),
            self.week.trip(who, home, places[position + 1]),
        ]
        spots = [self._spot(stop) for stop in stops]
        spots.insert(position, Spot(self.visit.minutes, self.openings[day]))
        return Sequel(spots, legs, position)

    def _spot(self, stop: Stop) -> Spot:
        """Return when a placed visit may start, the plan elsewhere standing as it is."""
        windows = tuple((w.opens, w.closes) for w in stop.visit.windows if w.day == stop.planned.day)
        if self._is_fixed(stop):
            windows = ((stop.start, stop.start + 1),)
        return Spot(stop.visit.minutes, windows)

    def _is_fixed(self, stop: Stop) -> bool:
        of_day = [other for other in self.roster.stops_of_need(stop.need.id) if other.planned.day == stop.planned.day]
        return (
            stop.visit.id in self.week.pins
            or stop.visit.id in self.held
            or len(stop.planned.caregivers) > 1
            or len(of_day) > 1
            or stop.need.id == self.need.id
        )


def _kept(left: Left, passes: Callable[[str, Day], bool]) -> Left:
    """Return who passes, with the days on which she does."""
    kept = ((each, tuple(day for day in days if passes(each, day))) for each, days in left.items())
    return {each: days for each, days in kept if days}


# In this order; each with the reason of a visit that stops there.
GATES: tuple[tuple[Callable[[Funnel, Left], Left], Reason], ...] = (
    (Funnel.in_reach, Reason.OUT_OF_REACH),
    (Funnel.with_skill, Reason.NO_SKILL),
    (Funnel.gender_and_not_blocked, Reason.GENDER_OR_BLOCKED),
    (Funnel.at_work, Reason.NOBODY_AT_WORK),
    (Funnel.within_carers, Reason.TOO_MANY_CARERS),
    (Funnel.with_minutes_left, Reason.NO_MINUTES_LEFT),
    (Funnel.route_fits, Reason.NO_ROUTE_FITS),
)
