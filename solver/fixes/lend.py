"""Lend: somebody with the certificate who is not in this week's problem, a caregiver of another town."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from solver.fixes.fix import LEND
from solver.fixes.placing import Terms, Way, placements
from solver.fixes.situation import Offer, Situation
from solver.plan import PlannedVisit, Reason
from solver.problem import Caregiver, Minutes, Need, Pin, Place, Problem
from solver.reasons.days import openings
from solver.reasons.funnel import Funnel, Left
from solver.roster import Roster
from solver.week import Week


@dataclass(frozen=True, slots=True, kw_only=True)
class Lend:
    """A caregiver joins the week, with what she does elsewhere: needs that only take up her time, all pinned."""

    caregiver: Caregiver
    places: tuple[Place, ...]  # of her base and of those visits
    needs: tuple[Need, ...] = ()
    pins: tuple[Pin, ...] = ()

    @property
    def kind(self) -> str:
        """Which of the kinds it is."""
        return LEND

    @property
    def size_minutes(self) -> Minutes:
        """Nothing is stretched."""
        return 0

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with her; whoever and whatever is there already stays as it is.

        Raises
        ------
        ValueError
            If the problem brings its own travel times: they are not known from places that are new.
        """
        return joined(problem, (self,))

    def stands(self) -> tuple[PlannedVisit, ...]:
        """Return her visits elsewhere."""
        return tuple(
            PlannedVisit(pin.visit, pin.day, pin.start, pin.caregivers)
            for pin in self.pins
            if pin.day is not None and pin.start is not None
        )


def joined(problem: Problem, lends: Sequence[Lend]) -> Problem:
    """Return the problem with these caregivers."""
    known = {place.id for place in problem.places}
    places = {place.id: place for lend in lends for place in lend.places if place.id not in known}
    if places and problem.travel:
        raise ValueError("a problem with its own travel times knows no trips from new places")
    return replace(
        problem,
        places=(*problem.places, *places.values()),
        caregivers=(*problem.caregivers, *(lend.caregiver for lend in lends)),
        needs=(*problem.needs, *(need for lend in lends for need in lend.needs)),
        pins=(*problem.pins, *(pin for lend in lends for pin in lend.pins)),
    )


class Lenders:
    """Those who could be lent, in one problem with everybody else: made once, asked for each visit."""

    def __init__(self, situation: Situation, lends: Sequence[Lend]) -> None:
        there = situation.week.caregivers.keys()
        self.lends = {lend.caregiver.id: lend for lend in lends if lend.caregiver.id not in there}
        self.week = Week(joined(situation.week.problem, tuple(self.lends.values())))
        stands = tuple(planned for lend in self.lends.values() for planned in lend.stands())
        self.roster = Roster(self.week, replace(situation.plan, visits=(*situation.plan.visits, *stands)))


def offers(situation: Situation, visit_id: str, lenders: Lenders) -> Iterator[Offer]:
    """Yield ways to place the visit with one of those who could be lent, cheapest first.

    Not for double-handed visits: one question is to be enough.
    """
    need, visit = lenders.week.need_of[visit_id], lenders.week.visits[visit_id]
    open_days = openings(need, visit, situation.roster.stops_of_need(need.id))
    if visit.hands > 1 or isinstance(open_days, Reason):
        return
    funnel = Funnel(lenders.week, lenders.roster, need, visit, situation.open_days(open_days), situation.held)
    left: Left = {each: days for each, days in funnel.everybody().items() if each in lenders.lends}
    for gate in (Funnel.with_skill, Funnel.gender_and_not_blocked, Funnel.at_work, Funnel.within_carers):
        left = gate(funnel, left)
    for placement in placements(funnel, left, _Lent(funnel, situation)):
        lend = lenders.lends[placement.planned.caregivers[0]]
        yield Offer(placement.points, lend, placement.stands, situation.prices.lent)


class _Lent(Terms):
    """Somebody from outside has her price."""

    def __init__(self, funnel: Funnel, situation: Situation) -> None:
        super().__init__(funnel, situation.prices.moved_visit)
        self._lent = situation.prices.lent

    def least_price(self, way: Way) -> float:
        """Return the price of asking elsewhere."""
        return self._lent

    def price(self, way: Way, start: Minutes, leaves: Minutes, returns: Minutes) -> float:
        """Return the price of asking elsewhere."""
        return self._lent
