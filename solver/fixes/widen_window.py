"""Widen a window: the elder is asked whether the visit may start somewhat earlier or later than she said."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf

from solver.fixes.fix import WIDEN_WINDOW, Limits
from solver.fixes.placing import Terms, Way, placements
from solver.fixes.quarters import down, up
from solver.fixes.situation import Offer, Situation
from solver.plan import PlannedVisit, Reason
from solver.problem import Day, Minutes, Problem, Visit, Window
from solver.reasons.days import openings
from solver.reasons.funnel import Funnel


@dataclass(frozen=True, slots=True, kw_only=True)
class WidenWindow:
    """On this day the visit may start from ``opens`` until before ``closes``: so much more than it might."""

    visit: str
    day: Day
    opens: Minutes
    closes: Minutes
    size_minutes: Minutes

    @property
    def kind(self) -> str:
        """Which of the kinds it is."""
        return WIDEN_WINDOW

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with the wider window in place of those that it covers."""
        return replace(
            problem,
            needs=tuple(
                replace(need, visits=tuple(self._widened(visit) for visit in need.visits))
                if any(visit.id == self.visit for visit in need.visits)
                else need
                for need in problem.needs
            ),
        )

    def _widened(self, visit: Visit) -> Visit:
        if visit.id != self.visit:
            return visit
        others = tuple(
            w for w in visit.windows if w.day != self.day or not (self.opens <= w.opens and w.closes <= self.closes)
        )
        return replace(visit, windows=(*others, Window(self.day, self.opens, self.closes)))

    def stands(self) -> tuple[PlannedVisit, ...]:
        """Return nothing: nobody joins the week."""
        return ()


def offers(situation: Situation, visit_id: str) -> Iterator[Offer]:
    """Yield ways to place the visit at most so many minutes outside its windows, cheapest first."""
    need, visit = situation.week.need_of[visit_id], situation.week.visits[visit_id]
    wide = replace(visit, windows=tuple(_widest(w, visit.minutes, situation.limits) for w in visit.windows))
    open_days = openings(need, wide, situation.roster.stops_of_need(need.id))
    if isinstance(open_days, Reason):
        return
    funnel = situation.funnel(need, visit, open_days)
    terms = _Wider(funnel, situation)
    for placement in placements(funnel, situation.may_come(funnel), terms):
        change = widened(visit, placement.planned.day, placement.planned.start)
        if change is not None:
            price = situation.prices.window_minute * change.size_minutes
            yield Offer(placement.points, change, placement.stands, price)


def _widest(window: Window, minutes: Minutes, limits: Limits) -> Window:
    opens = max(window.opens - limits.window_minutes, min(limits.opens, window.opens))
    last = min(window.closes + limits.window_minutes, max(limits.ends - minutes + 1, window.closes))
    return Window(window.day, opens, last)


def widened(visit: Visit, day: Day, start: Minutes) -> WidenWindow | None:
    """Return how the nearest window of the day must be widened, in quarters of an hour; None if it need not be."""
    of_day = [w for w in visit.windows if w.day == day]
    if not of_day or any(w.opens <= start < w.closes for w in of_day):
        return None
    nearest = min(of_day, key=lambda w: max(w.opens - start, start - w.closes + 1))
    opens = min(nearest.opens, down(start))
    closes = max(nearest.closes, up(start + 1))
    size = nearest.opens - opens + closes - nearest.closes
    return WidenWindow(visit=visit.id, day=day, opens=opens, closes=closes, size_minutes=size)


class _Wider(Terms):
    """The visit's windows are wider, and each minute outside them has its price."""

    def __init__(self, funnel: Funnel, situation: Situation) -> None:
        super().__init__(funnel, situation.prices.moved_visit)
        self._minute = situation.prices.window_minute

    def price(self, way: Way, start: Minutes, leaves: Minutes, returns: Minutes) -> float:
        """Return the price of the minutes by which a window is widened."""
        change = widened(self.funnel.visit, way.day, start)
        return inf if change is None else self._minute * change.size_minutes
