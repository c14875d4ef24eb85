"""What still stands of a published plan, now that the week is another one."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from solver.judge import Violation, judge_week
from solver.plan import Cost, Plan, PlannedVisit, Reason, Unallocated
from solver.roster import Roster
from solver.week import Week


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan as far as it stands, and the visits that the disruption hit: they are left out of it."""

    week: Week
    roster: Roster
    hit: tuple[str, ...]
    frozen: frozenset[str]
    was: Mapping[str, PlannedVisit]  # where the visits that were hit stood
    notice: frozenset[str] = frozenset()  # visits too near to be moved for another's sake
    closed: frozenset[str] = frozenset()  # caregivers who get no other visit than they have

    @property
    def plan(self) -> Plan:
        """The plan without the visits that were hit."""
        return self.roster.plan

    def may_move(self, visit: str) -> bool:
        """Tell whether a standing visit may be moved: not frozen, not within notice, not pinned."""
        return not (visit in self.frozen or visit in self.notice or visit in self.week.pins)


def what_stands(week: Week, plan: Plan, frozen: Collection[str], among: Collection[str] | None = None) -> Standing:
    """Return what is left of a plan whose week has changed.

    A visit is hit if the week knows it and the plan has no place for it, or if its place breaks a rule
    that was not broken before it was put there; a frozen one stands whatever it breaks.

    Parameters
    ----------
    among
        The visits that the disruption can have touched, to spare judging the others; None: any.
    """
    kept = {each.visit: each for each in plan.visits if each.visit in week.visits}
    touched = None if among is None else {visit for visit in among if visit in week.visits}
    whole = _plan(week, kept.values())
    before: Plan | None = None
    looked_at = whole if touched is None else around(week, touched, whole)[0]
    while True:
        broken = judge_week(week, looked_at, only=touched, before=before)
        culprits = _culprits(Roster(week, looked_at), broken, frozen)
        if not culprits:
            break
        # Of every rule that is broken one visit leaves, so that what else can still be broken is what they touched.
        for visit in culprits:
            del kept[visit]
        rest = replace(whole, visits=tuple(kept.values()))
        before, looked_at = around(week, culprits, whole, rest)
        touched, whole = culprits, rest
    # Those who were left unallocated by a pin are nobody's to place.
    left = {visit for visit, pin in week.pins.items() if pin.day is None}
    hit = tuple(visit for visit in week.visits if visit not in kept and visit not in left and visit not in frozen)
    was = {each.visit: each for each in plan.visits if each.visit in hit}
    return Standing(week, Roster(week, _plan(week, kept.values())), hit, frozenset(frozen), was)


def around(week: Week, visits: Collection[str], *plans: Plan) -> tuple[Plan, ...]:
    """Return of each plan what the judge and the cost of these visits look at: their elders' and caregivers' weeks.

    Small plans: an index of a city's whole plan takes ten milliseconds, and a repair would need a dozen.
    """
    own = {visit.id for asked in visits for visit in week.need_of[asked].visits}
    makers = {who for plan in plans for each in plan.visits if each.visit in visits for who in each.caregivers}
    return tuple(
        replace(
            plan,
            visits=tuple(each for each in plan.visits if each.visit in own or not makers.isdisjoint(each.caregivers)),
        )
        for plan in plans
    )


def _plan(week: Week, stands: Iterable[PlannedVisit]) -> Plan:
    placed = tuple(stands)
    known = {each.visit for each in placed}
    left = tuple(Unallocated(visit, Reason.NO_ROUTE_FITS) for visit in week.visits if visit not in known)
    return Plan(visits=placed, unallocated=left, cost=Cost())


def _culprits(roster: Roster, broken: Iterable[Violation], frozen: Collection[str]) -> set[str]:
    """Return visits to take out, at least one for each broken rule unless only frozen ones break it."""
    found: set[str] = set()
    for violation in broken:
        if violation.rule in ("pinned", "known"):
            continue
        suspects = [each for each in _suspects(roster, violation) if each not in frozen]
        if suspects and found.isdisjoint(suspects):
            found.update(_at_fault(violation, suspects))
    return found


def _at_fault(violation: Violation, suspects: list[str]) -> list[str]:
    """Return all of a day on which she does not work, the first if she begins too early, else the last."""
    found, expected = violation.found, violation.expected
    if violation.rule == "availability":
        if expected is None:
            return suspects
        if isinstance(found, tuple) and isinstance(expected, tuple) and found[0] < expected[0]:  # type: ignore[operator]
            return suspects[:1]
    return suspects[-1:]


def _suspects(roster: Roster, violation: Violation) -> list[str]:
    """Return the visits that a violation is about, in order of time."""
    if violation.visit is not None:
        return [violation.visit] if roster.stops_of_visit(violation.visit) else []
    if violation.caregiver is not None:
        routes = roster.routes(violation.caregiver)
        of_day = [route for route in routes if violation.day is None or route.day == violation.day]
        return [stop.visit.id for route in of_day for stop in route.stops]
    stops = roster.stops_of_need(violation.elder or "")
    return [stop.visit.id for stop in sorted(stops, key=lambda stop: (stop.planned.day, stop.start))]
