"""How evenly a week treats its elders and its caregivers: for each measure, how many people have which value.

Counts of values, and not quantiles, are stored, because those of several towns can be added.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.schedules.planning import is_context
from solver.problem import Need
from solver.roster import Roster, Stop
from solver.week import Week as Index

Counts = dict[str, dict[str, int]]
"""Measure -> value (a whole number, as text: it is a key of JSON) -> people."""

ELDERS = ("served_percent", "minutes_behind", "wished_percent", "usual_percent")
CAREGIVERS = ("load_percent", "weekend_days", "travel_minutes")
SHORT = ("short_before", "short_again")

_SATURDAY = 5
_TRAVEL_STEP = 5  # minutes; finer would tell people apart


def fairness_of(index: Index, roster: Roster) -> dict[str, Counts]:
    """Return town -> counts: of its elders who are due a visit, and of its caregivers with a contract.

    Elders: percent of the minutes due that are placed; minutes behind in the month before this week; percent of the
    visits that wish for a time and have it; percent of the places that went to a usual caregiver (who has none is
    left out); whether the month before ended short (``short_before``), and a visit has no place again
    (``short_again``). Caregivers: percent of the contract, days at work on the weekend, minutes of travel.
    """
    found: defaultdict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for need in index.needs.values():
        if is_context(need) or not need.visits:
            continue
        for measure, value in _of_elder(need, roster.stops_of_need(need.id)).items():
            found[need.town][measure][str(value)] += 1
    for caregiver in index.caregivers.values():
        routes = roster.routes(caregiver.id)
        measures = {
            "weekend_days": sum(route.day >= _SATURDAY for route in routes),
            "travel_minutes": _TRAVEL_STEP * round(sum(route.travel_minutes for route in routes) / _TRAVEL_STEP),
        }
        if caregiver.contract_minutes:
            measures["load_percent"] = _percent(roster.working_minutes(caregiver.id), caregiver.contract_minutes)
        for measure, value in measures.items():
            found[caregiver.town][measure][str(value)] += 1
    return {town: {measure: dict(counts) for measure, counts in measures.items()} for town, measures in found.items()}


def _of_elder(need: Need, stops: Sequence[Stop]) -> dict[str, int]:
    due, placed = sum(visit.minutes for visit in need.visits), sum(stop.visit.minutes for stop in stops)
    found = {"served_percent": _percent(placed, due), "minutes_behind": need.minutes_behind}
    wishing = [stop for stop in stops if stop.visit.wished]
    if wishing:
        found["wished_percent"] = _percent(sum(_as_wished(stop) for stop in wishing), len(wishing))
    pairs = [caregiver for stop in stops for caregiver in stop.planned.caregivers]
    if need.usual and pairs:
        found["usual_percent"] = _percent(sum(each in need.usual for each in pairs), len(pairs))
    if need.short_before:
        found["short_before"] = 1
        if placed < due:
            found["short_again"] = 1
    return found


def _as_wished(stop: Stop) -> bool:
    return any(
        window.day == stop.planned.day and window.opens <= stop.start < window.closes for window in stop.visit.wished
    )


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole)


def added(counts: Counts, more: Mapping[str, Mapping[str, int]]) -> Counts:
    """Return the counts of two towns together."""
    found = {measure: Counter(values) for measure, values in counts.items()}
    for measure, values in more.items():
        found.setdefault(measure, Counter()).update(values)
    return {measure: dict(values) for measure, values in found.items()}


@dataclass(frozen=True, slots=True)
class Distribution:
    """How a measure is distributed over people."""

    people: int
    mean: float
    deciles: tuple[int, ...]  # eleven: the least, the value that a tenth do not exceed, ..., the most


def distribution(values: Mapping[str, int]) -> Distribution | None:
    """Return the distribution of counted values; None of nobody."""
    people = sum(values.values())
    if not people:
        return None
    ordered = sorted((int(value), count) for value, count in values.items())
    return Distribution(
        people,
        round(sum(value * count for value, count in ordered) / people, 2),
        tuple(_value_at(ordered, -(-people * tenth // 10) or 1) for tenth in range(11)),
    )


def _value_at(ordered: Sequence[tuple[int, int]], rank: int) -> int:
    """Return the value of the person of a rank (from 1) in order of value."""
    for value, count in ordered:
        rank -= count
        if rank <= 0:
            return value
    raise ValueError("rank: expected at most the number of people")


def stored_in(figures: Mapping[str, Any], towns: Collection[int] | None) -> Counts:
    """Return the counts of some towns (None: all) from stored figures; older ones have none."""
    found: Counts = {}
    for town, sums in figures.get("towns", {}).items():
        if towns is None or int(town) in towns:
            found = added(found, sums.get("fairness", {}))
    return found
