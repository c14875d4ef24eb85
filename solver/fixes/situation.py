"""A plan as it stands, for which fixes are looked for: what is known of it is worked out once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from solver.cost import cost_change
from solver.fixes.fix import Change, Fix, Limits, Prices
from solver.judge import Violation, judge_week
from solver.plan import Plan, PlannedVisit
from solver.problem import DAYS_IN_WEEK, Day, Minutes, Need, Visit
from solver.reasons.days import Openings
from solver.reasons.funnel import Funnel, Left
from solver.roster import Roster, Stop
from solver.week import Week


@dataclass(frozen=True, slots=True)
class Offer:
    """A fix that has not been tried yet."""

    points: float  # about what it costs, change included: the order in which offers are tried
    change: Change | None
    stands: tuple[PlannedVisit, ...]
    price: float  # of the change; each other visit that is moved has its price besides


class Situation:
    """One plan of one week, who may be asked and what may be moved.

    Parameters
    ----------
    caregivers
        Who may be asked; None: everybody.
    held
        Visits that may not be moved, not even to another minute, besides those that are pinned.
    days
        On which visits may be put; None: on any.
    """

    def __init__(
        self,
        week: Week,
        plan: Plan,
        *,
        limits: Limits | None = None,
        prices: Prices | None = None,
        caregivers: Collection[str] | None = None,
        held: Collection[str] = frozenset(),
        days: Collection[Day] | None = None,
    ) -> None:
        self.week, self.plan = week, plan
        self.limits, self.prices = limits or Limits(), prices or Prices()
        self.caregivers = week.caregivers.keys() if caregivers is None else frozenset(caregivers)
        self.held = frozenset(held)
        self.days = frozenset(range(DAYS_IN_WEEK) if days is None else days)
        self.roster = Roster(week, plan)

    @cached_property
    def broken(self) -> frozenset[Violation]:
        """What the plan breaks already (a pin in contradiction): no fix answers for it."""
        return frozenset(judge_week(self.week, self.plan))

    def funnel(self, need: Need, visit: Visit, openings: Openings, roster: Roster | None = None) -> Funnel:
        """Return the funnel of a visit with these starts, beside the plan or what is left of it."""
        return Funnel(self.week, roster or self.roster, need, visit, self.open_days(openings), self.held)

    def open_days(self, openings: Openings) -> Openings:
        """Return the starts on the days on which visits may be put."""
        return {day: starts for day, starts in openings.items() if day in self.days}

    @cached_property
    def room(self) -> Mapping[str, Minutes]:
        """Caregiver -> the minutes of care that could come to her week at the very most.

        What is left of her limit, and the longest trip, which a detour might spare her.
        """
        found = {}
        for who in self.week.caregivers.values():
            longest = max((leg for route in self.roster.routes(who.id) for leg in route.legs), default=0)
            found[who.id] = who.weekly_limit_minutes - self.roster.working_minutes(who.id) + longest
        return found

    def may_come(self, funnel: Funnel, *, more: Minutes = 0, besides: Collection[str] = ()) -> Left:
        """Return who may be asked to make the visit, whether she is at work or not.

        Parameters
        ----------
        more
            By how many minutes a week could be stretched.
        besides
            Whose week has other room than the plan's.
        """
        needed = funnel.visit.minutes - more
        left: Left = {
            each: days
            for each, days in funnel.everybody().items()
            if each in self.caregivers and (self.room[each] >= needed or each in besides)
        }
        for gate in (Funnel.with_skill, Funnel.gender_and_not_blocked, Funnel.within_carers):
            left = gate(funnel, left)
        return left

    def is_movable(self, stop: Stop) -> bool:
        """Tell whether a visit may be given to somebody else, on another day."""
        return (
            stop.visit.id not in self.week.pins
            and stop.visit.id not in self.held
            and stop.visit.hands == 1
            and len(stop.planned.caregivers) == 1
        )

    def tried(self, kind: str, visit: str, offer: Offer) -> Fix | None:
        """Apply an offer, judge the whole week and price it; None if it doesn't work."""
        week, before = self.week, self.plan
        if offer.change is not None:
            week = _changed(week, offer.change)
            before = replace(before, visits=(*before.visits, *offer.change.stands()))
        after = with_stands(before, offer.stands)
        if not {each.visit for each in before.visits} < {each.visit for each in after.visits}:
            return None
        touched = {each.visit for each in offer.stands}
        if not self.broken.issuperset(judge_week(week, after, only=touched, before=before)):
            return None  # this spares judging the whole
        if not self.broken.issuperset(judge_week(week, after)):
            return None
        return Fix(
            kind=kind,
            visit=visit,
            change=offer.change,
            visits=offer.stands,
            cost=cost_change(week, before, after, touched),
            price=offer.price + self.prices.moved_visit * (len(offer.stands) - 1),
        )


def _changed(week: Week, change: Change) -> Week:
    problem = change.apply(week.problem)
    changed = Week(problem)
    if problem.places is week.problem.places:
        changed.travel = week.travel  # the trips that are known already
    return changed


def with_stands(plan: Plan, stands: Iterable[PlannedVisit]) -> Plan:
    """Return the plan with these visits standing so, and none of them unallocated."""
    moved = {each.visit: each for each in stands}
    kept = tuple(each for each in plan.visits if each.visit not in moved)
    left = tuple(each for each in plan.unallocated if each.visit not in moved)
    return replace(plan, visits=(*kept, *moved.values()), unallocated=left)
