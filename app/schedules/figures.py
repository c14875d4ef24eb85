"""What a plan amounts to, town by town, so that each dispatcher can be told her part."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import asdict, dataclass, field
from math import hypot
from typing import Any

from app.schedules.fairness import Counts, added, fairness_of
from app.schedules.planning import is_context
from solver.plan import Plan
from solver.problem import Place
from solver.roster import Roster, Route
from solver.week import Week as Index


@dataclass(slots=True)
class TownFigures:
    """Sums of one town: visits by the elder's town, load by the caregiver's."""

    visits_due: int = 0
    minutes_due: int = 0
    visits_placed: int = 0
    minutes_placed: int = 0
    elders_due: int = 0
    elders_short: int = 0  # with an unallocated visit
    left: dict[str, list[int]] = field(default_factory=dict)  # reason -> visits, minutes
    pairs: int = 0  # of a visit and a caregiver, where the elder has a usual one
    usual_pairs: int = 0
    travel_minutes: int = 0
    metres: int = 0
    caregivers: int = 0
    caregivers_busy: int = 0  # with a visit
    working_minutes: int = 0
    contract_minutes: int = 0
    highest_load: float = 0.0  # working minutes over contract minutes
    overloaded: int = 0  # caregivers over 90 % of their contract
    fairness: Counts = field(default_factory=dict)


def figures_of(index: Index, plan: Plan) -> dict[str, Any]:
    """Return the figures by town, as they are stored."""
    roster = Roster(index, plan)
    towns: defaultdict[str, TownFigures] = defaultdict(TownFigures)
    _count_needs(index, plan, roster, towns)
    where = _map_of(index)
    for caregiver in index.caregivers.values():
        sums = towns[caregiver.town]
        working = roster.working_minutes(caregiver.id)
        load = working / caregiver.contract_minutes if caregiver.contract_minutes else 0.0
        sums.caregivers += 1
        sums.caregivers_busy += working > 0
        sums.working_minutes += working
        sums.contract_minutes += caregiver.contract_minutes
        sums.highest_load = max(sums.highest_load, load)
        sums.overloaded += load > index.policy.overload_from
        for route in roster.routes(caregiver.id):
            _count_route(where, route, towns)
    for town, counts in fairness_of(index, roster).items():
        towns[town].fairness = counts
    return {"towns": {town: asdict(sums) for town, sums in sorted(towns.items())}}


def _count_needs(index: Index, plan: Plan, roster: Roster, towns: defaultdict[str, TownFigures]) -> None:
    reasons = {each.visit: each.reason.value for each in plan.unallocated}
    for need in index.needs.values():
        if is_context(need):
            continue
        sums = towns[need.town]
        sums.elders_due += 1
        stops = roster.stops_of_need(need.id)
        sums.elders_short += len(stops) < len(need.visits)
        for visit in need.visits:
            sums.visits_due += 1
            sums.minutes_due += visit.minutes
            if visit.id in reasons:
                left = sums.left.setdefault(reasons[visit.id], [0, 0])
                left[0] += 1
                left[1] += visit.minutes
        for stop in stops:
            sums.visits_placed += 1
            sums.minutes_placed += stop.visit.minutes
            if need.usual:
                sums.pairs += len(stop.planned.caregivers)
                sums.usual_pairs += sum(each in need.usual for each in stop.planned.caregivers)


@dataclass(frozen=True, slots=True)
class _Map:
    """Where everything is, and by how much roads are longer than straight lines."""

    places: Mapping[str, Place]
    detours: Mapping[str, float]  # mode -> factor


def _map_of(index: Index) -> _Map:
    return _Map(
        {place.id: place for place in index.problem.places}, {mode.id: mode.detour for mode in index.problem.modes}
    )


def _count_route(where: _Map, route: Route, towns: defaultdict[str, TownFigures]) -> None:
    """Count each leg for the town it leads to, the way back for that of the last visit."""
    base = route.caregiver.base
    stops = [(stop.need.place, stop.need.town) for stop in route.stops]
    ends = [*stops, (base, stops[-1][1])]
    detour = where.detours[route.caregiver.mode]
    for (p, _), (q, town), minutes in zip([(base, ""), *stops], ends, route.legs, strict=True):
        towns[town].travel_minutes += minutes
        towns[town].metres += round(_straight_metres(where.places[p], where.places[q]) * detour)


def _straight_metres(one: Place, other: Place) -> float:
    return hypot(one.east_metres - other.east_metres, one.north_metres - other.north_metres)


def legs_of(index: Index, plan: Plan, caregivers: Set[str] | None = None) -> Mapping[tuple[str, str], int]:
    """Return (visit, caregiver) → minutes of travel to it, from the visit before or from her base; None: of all."""
    roster = Roster(index, plan)
    return {
        (stop.visit.id, caregiver): leg
        for caregiver in (index.caregivers if caregivers is None else caregivers & index.caregivers.keys())
        for route in roster.routes(caregiver)
        for stop, leg in zip(route.stops, route.legs, strict=False)
    }


def summed(stored: Mapping[str, Any], towns: Collection[int] | None) -> TownFigures:
    """Return the sum over some towns (None: all) of stored figures."""
    total = TownFigures()
    for town, sums in stored.get("towns", {}).items():
        if towns is None or int(town) in towns:
            _add(total, sums)
    return total


def _add(total: TownFigures, sums: Mapping[str, Any]) -> None:
    for name, value in sums.items():
        if name == "left":
            _add_left(total.left, value)
        elif name == "fairness":
            total.fairness = added(total.fairness, value)
        elif name == "highest_load":
            total.highest_load = max(total.highest_load, value)
        else:
            setattr(total, name, getattr(total, name) + value)


def _add_left(total: dict[str, list[int]], left: Mapping[str, Iterable[int]]) -> None:
    for reason, counts in left.items():
        before = total.get(reason, [0, 0])
        total[reason] = [one + other for one, other in zip(before, counts, strict=True)]
