"""What is left of a peer's plan once every visit that breaks a rule has been taken out, the cheapest first."""

from collections.abc import Iterable, Mapping

from solver.judge import Violation, judge_week
from solver.plan import Cost, Plan, PlannedVisit, Reason, Unallocated
from solver.roster import Roster, Stop
from solver.week import Week


def as_plan(week: Week, planned: Iterable[PlannedVisit]) -> Plan:
    """Return the plan of these visits, all others unallocated."""
    visits = tuple(planned)
    placed = {each.visit for each in visits}
    left = tuple(Unallocated(visit, Reason.COULD_BE_PLACED) for visit in week.visits if visit not in placed)
    return Plan(visits=visits, unallocated=left, cost=Cost())


def kept(week: Week, planned: Iterable[PlannedVisit]) -> Plan:
    """Return a plan that the judge accepts: of every spot where a rule is broken one visit goes at a time."""
    stands = {each.visit: each for each in planned}
    while True:
        plan = as_plan(week, stands.values())
        broken = judge_week(week, plan)
        if not broken:
            return plan
        for visit in _cheapest(week, plan, broken):
            del stands[visit]


def _cheapest(week: Week, plan: Plan, broken: Iterable[Violation]) -> set[str]:
    """Return one visit for each caregiver and each elder with a broken rule."""
    roster = Roster(week, plan)
    gone: set[str] = set()
    touched: set[str | None] = set()
    for violation in broken:
        if violation.caregiver in touched or violation.elder in touched:
            continue
        stops = _at_fault(roster, violation)
        gone.add(min(stops, key=lambda stop: _price(stop, roster, violation.caregiver)).visit.id)
        touched |= {each for each in (violation.caregiver, violation.elder) if each is not None}
    return gone


def _at_fault(roster: Roster, violation: Violation) -> list[Stop]:
    if violation.visit is not None:
        return roster.stops_of_visit(violation.visit)
    if violation.caregiver is None:
        return roster.stops_of_need(violation.elder or "")
    return [
        stop
        for route in roster.routes(violation.caregiver)
        for stop in route.stops
        if violation.day in (None, route.day)
    ]


def _price(stop: Stop, roster: Roster, caregiver: str | None) -> tuple[int, int]:
    """Return the minutes of care that go, then the travel that stays all the same."""
    saved = _savings(roster, caregiver).get(stop.visit.id, 0) if caregiver else 0
    return stop.visit.minutes, -saved


def _savings(roster: Roster, caregiver: str) -> Mapping[str, int]:
    """Return the minutes of travel that a caregiver saves without each of her visits."""
    saved = {}
    for route in roster.routes(caregiver):
        places = [route.caregiver.base, *(stop.need.place for stop in route.stops), route.caregiver.base]
        for i, stop in enumerate(route.stops):
            straight = roster.week.trip(route.caregiver, places[i], places[i + 2])
            saved[stop.visit.id] = route.legs[i] + route.legs[i + 1] - straight
    return saved
