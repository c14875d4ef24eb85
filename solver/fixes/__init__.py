"""What would place a visit that has no place: each way tried on the whole week before it is offered."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from solver.fixes import another_day, extra_minutes, lend, move_other, place, widen_window
from solver.fixes.another_day import AnotherDay
from solver.fixes.extra_minutes import ExtraMinutes
from solver.fixes.fix import (
    ANOTHER_DAY,
    EXTRA_MINUTES,
    KINDS,
    LEND,
    MOVE_OTHER,
    PLACE,
    WIDEN_WINDOW,
    Change,
    Fix,
    Limits,
    Prices,
)
from solver.fixes.lend import Lend, Lenders
from solver.fixes.situation import Offer, Situation, with_stands
from solver.fixes.why import Alternative, Why, why
from solver.fixes.widen_window import WidenWindow
from solver.plan import Plan

__all__ = [
    "KINDS",
    "Alternative",
    "AnotherDay",
    "Change",
    "ExtraMinutes",
    "Fix",
    "Lend",
    "Lenders",
    "Limits",
    "Prices",
    "Situation",
    "Why",
    "WidenWindow",
    "fixes",
    "why",
    "with_fix",
]

MOST = 3
_ATTEMPTS = 6  # offers of one kind that may fail before the kind is given up


def fixes(situation: Situation, visit: str, *, most: int = MOST, lenders: Lenders | None = None) -> tuple[Fix, ...]:
    """Return the cheapest ways to place a visit, one of each kind at most; the same question has the same answer.

    Each has been applied, judged on the whole week and priced: it breaks no rule that the plan did not break
    before, and nothing else loses its place. What lies with a pin, or with the elder's days and hours, has
    no fix but lifting the one, or waiting for the others.

    Parameters
    ----------
    lenders
        Caregivers who are not in the problem and might be lent.

    Raises
    ------
    KeyError
        If the problem has no such visit.
    ValueError
        If the visit has a place already.
    """
    if situation.roster.stops_of_visit(visit):
        raise ValueError(f"visit {visit} has a place")
    if visit in situation.week.pins:
        return ()
    streams = _streams(situation, visit, lenders)
    heads: dict[str, Offer] = {}
    for kind, stream in streams.items():
        offer = next(stream, None)
        if offer is not None:
            heads[kind] = offer
    failed = dict.fromkeys(streams, 0)
    found: list[Fix] = []
    while heads and len(found) < most:
        kind = min(heads, key=lambda each: (heads[each].points, each))
        fix = situation.tried(kind, visit, heads.pop(kind))
        if fix is not None:
            found.append(fix)
            continue
        failed[kind] += 1
        offer = next(streams[kind], None) if failed[kind] < _ATTEMPTS else None
        if offer is not None:
            heads[kind] = offer
    return tuple(sorted(found, key=lambda fix: (fix.points, fix.kind)))


def _streams(situation: Situation, visit: str, lenders: Lenders | None) -> Mapping[str, Iterator[Offer]]:
    streams = {
        PLACE: place.offers(situation, visit),
        WIDEN_WINDOW: widen_window.offers(situation, visit),
        ANOTHER_DAY: another_day.offers(situation, visit),
        EXTRA_MINUTES: extra_minutes.offers(situation, visit),
        MOVE_OTHER: move_other.offers(situation, visit),
    }
    return streams if lenders is None else {**streams, LEND: lend.offers(situation, visit, lenders)}


def with_fix(plan: Plan, fix: Fix) -> Plan:
    """Return the plan with a fix; its cost stands as it was."""
    stands = () if fix.change is None else fix.change.stands()
    return with_stands(replace(plan, visits=(*plan.visits, *stands)), fix.visits)
