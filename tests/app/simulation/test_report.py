"""A month that is over ended exactly, with a listed reason, or unexplained: nothing slips through."""

from collections.abc import Iterable

import pytest

from app.entitlements.ledger import LedgerLine
from app.simulation.report import MonthOutcome, outcome_of


def line(
    *,
    granted: int = 240,
    delivered: int = 240,
    planned: int = 0,
    excused: int = 0,
    missed: int = 0,
    reasons: tuple[str, ...] = (),
) -> LedgerLine:
    """Return a line of an elder's month."""
    remaining = max(0, granted - delivered - planned - excused)
    return LedgerLine(
        elder_id=7,
        town_id=1,
        centre_id=None,
        granted=granted,
        planned=planned,
        delivered=delivered,
        excused=excused,
        missed=missed,
        remaining=remaining,
        short=remaining,
        at_risk=bool(reasons),
        reasons=reasons,
    )


def verdict(of: LedgerLine, unallocated: Iterable[str] = ()) -> str:
    """Return the one count that a line raised."""
    found = outcome_of("2026-09", [of], {7: frozenset(unallocated)})
    (name,) = [name for name in ("exact", "listed", "unexplained") if getattr(found, name)]
    return name


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (line(), "exact"),
        (line(granted=0, delivered=0), "exact"),
        (line(delivered=180, excused=60), "exact"),
        (line(delivered=180, missed=60), "unexplained"),
        (line(delivered=180, missed=60, reasons=("missed_too_late",)), "listed"),
        (line(delivered=239, reasons=("hospital",)), "listed"),
        (line(delivered=241), "unexplained"),
        (line(delivered=241, reasons=("hospital",)), "unexplained"),
        (line(delivered=180, planned=60, reasons=("hospital",)), "unexplained"),
        (line(delivered=240, planned=60), "unexplained"),
    ],
)
def test_verdict(given: LedgerLine, expected: str) -> None:
    assert verdict(given) == expected


def test_not_planned_is_a_reason_only_with_what_kept_the_visit_from_a_place() -> None:
    short = line(delivered=180, reasons=("not_planned",))
    assert verdict(short) == "unexplained"
    assert verdict(short, ["nobody_at_work"]) == "listed"
    found = outcome_of("2026-09", [short], {7: frozenset({"nobody_at_work"})})
    assert found.by_reason == {"not_planned:nobody_at_work": 1}
    assert found.elders_by_reason == {"not_planned:nobody_at_work": [7]}


def test_sums_are_told_in_hours() -> None:
    found = outcome_of("2026-09", [line(), line(delivered=180, missed=60, reasons=("missed_too_late",))], {})
    assert isinstance(found, MonthOutcome)
    assert found.as_json() == {
        "month": "2026-09",
        "elders": 2,
        "exact": 1,
        "listed": 1,
        "unexplained": 0,
        "granted_hours": 8.0,
        "excused_hours": 0.0,
        "delivered_hours": 7.0,
        "missed_hours": 1.0,
        "by_reason": {"missed_too_late": 1},
        "elders_by_reason": {"missed_too_late": [7]},
        "unexplained_elders": [],
    }
