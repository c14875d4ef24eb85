"""Extra minutes: a caregiver is asked to begin earlier, end later, or work somewhat more this week."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf

from solver.fixes.fix import EXTRA_MINUTES
from solver.fixes.placing import Placement, Terms, Way, placements
from solver.fixes.quarters import down, up
from solver.fixes.situation import Offer, Situation
from solver.plan import PlannedVisit, Reason
from solver.problem import Caregiver, Day, Minutes, Problem, Shift
from solver.reasons.days import openings
from solver.reasons.funnel import Funnel


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraMinutes:
    """On this day she works these hours, and this week so many minutes at most."""

    caregiver: str
    day: Day
    starts: Minutes
    ends: Minutes
    weekly_limit_minutes: Minutes
    size_minutes: Minutes

    @property
    def kind(self) -> str:
        """Which of the kinds it is."""
        return EXTRA_MINUTES

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with her longer day and week."""
        return replace(
            problem,
            caregivers=tuple(self._longer(each) if each.id == self.caregiver else each for each in problem.caregivers),
        )

    def _longer(self, caregiver: Caregiver) -> Caregiver:
        shifts = tuple(
            Shift(self.day, min(self.starts, shift.starts), max(self.ends, shift.ends))
            if shift.day == self.day
            else shift
            for shift in caregiver.shifts
        )
        limit = max(caregiver.weekly_limit_minutes, self.weekly_limit_minutes)
        return replace(caregiver, shifts=shifts, weekly_limit_minutes=limit)

    def stands(self) -> tuple[PlannedVisit, ...]:
        """Return nothing: nobody joins the week."""
        return ()


def offers(situation: Situation, visit_id: str) -> Iterator[Offer]:
    """Yield ways to place the visit with a caregiver who works longer for it, cheapest first.

    Not for double-handed visits: one question is to be enough.
    """
    need, visit = situation.week.need_of[visit_id], situation.week.visits[visit_id]
    open_days = openings(need, visit, situation.roster.stops_of_need(need.id))
    if visit.hands > 1 or isinstance(open_days, Reason):
        return
    funnel = situation.funnel(need, visit, open_days)
    left = situation.may_come(funnel, more=situation.limits.extra_week_minutes)
    terms = _Longer(funnel, situation)
    for placement in placements(funnel, left, terms):
        change = terms.change_of(placement)
        if change is not None:
            price = situation.prices.extra_minute * change.size_minutes
            yield Offer(placement.points, change, placement.stands, price)


class _Longer(Terms):
    """Each day may begin earlier and end later, each week hold more, up to the limits; each minute has its price."""

    def __init__(self, funnel: Funnel, situation: Situation) -> None:
        super().__init__(funnel, situation.prices.moved_visit)
        self._limits, self._minute = situation.limits, situation.prices.extra_minute

    def shift(self, caregiver: str, day: Day) -> Shift | None:
        """Return the hours to which hers could be stretched."""
        shift = super().shift(caregiver, day)
        if shift is None or (caregiver, day) in self._limits.firm_shifts:
            return shift
        limits = self._limits
        starts = max(shift.starts - limits.extra_minutes, min(limits.leaves, shift.starts))
        ends = min(shift.ends + limits.extra_minutes, max(limits.returns, shift.ends))
        return Shift(day, starts, ends)

    def minutes_left(self, caregiver: str, day: Day) -> Minutes:
        """Return what could come to her day with the longer week; the day's own limit is the law's."""
        more = self._most_more(self.funnel.week.caregivers[caregiver])
        of_week = self.funnel.week.caregivers[caregiver].weekly_limit_minutes + more
        return min(
            self.funnel.minutes_left_of_day(caregiver, day), of_week - self.funnel.roster.working_minutes(caregiver)
        )

    def least_price(self, way: Way) -> float:
        """Return the price of the minutes over her week's limit."""
        return self._minute * self._over_week(way.caregiver, way.detour)

    def price(self, way: Way, start: Minutes, leaves: Minutes, returns: Minutes) -> float:
        """Return the price of the minutes over her hours or her week, whichever are more."""
        change = self._change(way.caregiver, way.day, way.detour, leaves, returns)
        return inf if change is None else self._minute * change.size_minutes

    def change_of(self, placement: Placement) -> ExtraMinutes | None:
        """Return what she has to be asked for; None if nothing."""
        planned = placement.planned
        return self._change(planned.caregivers[0], planned.day, placement.detour, placement.leaves, placement.returns)

    def _change(
        self, caregiver: str, day: Day, detour: Minutes, leaves: Minutes, returns: Minutes
    ) -> ExtraMinutes | None:
        shift = super().shift(caregiver, day)
        assert shift is not None
        starts = shift.starts if leaves >= shift.starts else down(leaves)
        ends = shift.ends if returns <= shift.ends else up(returns)
        of_day, of_week = shift.starts - starts + ends - shift.ends, self._over_week(caregiver, detour)
        limits = self._limits
        if max(of_day, of_week) == 0 or of_day > limits.extra_minutes or of_week > limits.extra_week_minutes:
            return None
        return ExtraMinutes(
            caregiver=caregiver,
            day=day,
            starts=starts,
            ends=ends,
            weekly_limit_minutes=self.funnel.week.caregivers[caregiver].weekly_limit_minutes + of_week,
            size_minutes=max(of_day, of_week),
        )

    def _over_week(self, caregiver: str, detour: Minutes) -> Minutes:
        """Return by how much her week's limit must be raised, in quarters of an hour as far as it goes."""
        who = self.funnel.week.caregivers[caregiver]
        working = self.funnel.roster.working_minutes(caregiver) + self.funnel.visit.minutes + detour
        over = max(0, working - who.weekly_limit_minutes)
        return over if over == 0 else max(over, min(up(over), self._most_more(who)))

    def _most_more(self, who: Caregiver) -> Minutes:
        """Return how much longer her week may become."""
        return max(
            0, min(self._limits.extra_week_minutes, self._limits.weekly_limit_minutes - who.weekly_limit_minutes)
        )
