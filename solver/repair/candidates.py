"""Who else could make one visit: ranked by cost, all other visits staying where they are."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from solver.cost import cost_change, unserved_points
from solver.plan import Plan, PlannedVisit, Reason, Unallocated
from solver.problem import Day, Minutes, Need, Visit
from solver.repair.insertion import Insertion, Way
from solver.repair.pool import Pooling
from solver.repair.standing import Standing, around
from solver.roster import Roster
from solver.week import Week


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way in which a visit could be made; nobody else's visit changes by it."""

    caregivers: tuple[str, ...]
    day: Day
    start: Minutes
    cost_change: float  # points, against the plan as it is


def ranked(
    week: Week, plan: Plan, visit: str, *, most: int = 10, closed: Collection[str] = ()
) -> tuple[Candidate, ...]:
    """Return who else could make a visit, the cheapest first, each with the best day and start for her.

    Others' visits keep their caregivers, day and start, so that every candidate can be taken as it is. Of
    a double-handed visit that stands one hand is replaced, at any time at which both could come. A pinned
    visit is looked at as if it were not.

    Raises
    ------
    KeyError
        If the week has no such visit.
    """
    need, one = week.need_of[visit], week.visits[visit]
    stands = next((each for each in plan.visits if each.visit == visit), None)
    rest = replace(
        plan,
        visits=tuple(each for each in plan.visits if each.visit != visit),
        unallocated=(
            *(each for each in plan.unallocated if each.visit != visit),
            Unallocated(visit, Reason.NO_ROUTE_FITS),
        ),
    )
    was = {} if stands is None else {visit: stands}
    standing = Standing(week, Roster(week, rest), (visit,), frozenset(), was, closed=frozenset(closed))
    ways = Insertion(standing).ways(visit, Pooling(standing).able(visit))
    before, after = around(week, {visit}, rest, plan)
    as_it_is = 0.0 if stands is None else cost_change(week, before, after, {visit}).total
    against = _absent_points(week, need, one) + as_it_is
    found = [
        Candidate(way.planned.caregivers, way.planned.day, way.planned.start, way.points - against)
        for way in _best(ways)
        if stands is None or _differs(way.planned, stands)
    ]
    return tuple(found[:most])


def _absent_points(week: Week, need: Need, visit: Visit) -> float:
    """Return what the visit costs where it has no place."""
    changed = week.policy.changed_visit if visit.id in week.published else 0.0
    return unserved_points(week, need, visit) + changed


def _best(ways: Iterable[Way]) -> list[Way]:
    """Return the cheapest way of each caregiver or pair, the cheapest first."""
    found: dict[frozenset[str], Way] = {}
    for way in sorted(ways, key=lambda each: (each.points, each.planned.day, each.planned.start)):
        found.setdefault(frozenset(way.planned.caregivers), way)
    return list(found.values())


def _differs(way: PlannedVisit, stands: PlannedVisit) -> bool:
    """Tell whether somebody else comes; for two hands, one who came before stays."""
    return len(set(stands.caregivers) & set(way.caregivers)) == len(stands.caregivers) - 1
