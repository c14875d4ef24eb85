"""A month that is over ended exactly, with a listed reason, or unexplained: nothing slips through."""

from collections.abc import Iterable
from datetime import date

import pytest

from app.core.weeks import Month
from app.entitlements.allowance import GrantPeriod, OnRoster
from app.entitlements.facts import Booked, ElderFacts, PlanPeriod
from app.entitlements.ledger import LedgerLine
from app.simulation.options import SimulationOptions
from app.simulation.report import MonthOutcome, has_room_left, outcome_of, short_in


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


def test_who_is_short_got_less_than_was_due() -> None:
    assert short_in([line(), line(delivered=180, excused=60)]) == frozenset()
    assert short_in([line(delivered=239)]) == {7}
    assert short_in([line(delivered=179, excused=60)]) == {7}


def test_sums_are_told_in_hours() -> None:
    found = outcome_of("2026-09", [line(), line(delivered=180, missed=60, reasons=("missed_too_late",))], {})
    assert isinstance(found, MonthOutcome)
    assert found.as_json() == {
        "month": "2026-09",
        "elders": 2,
        "exact": 1,
        "listed": 1,
        "unexplained": 0,
        "short": 0,
        "short_again": 0,
        "granted_hours": 8.0,
        "excused_hours": 0.0,
        "delivered_hours": 7.0,
        "missed_hours": 1.0,
        "by_reason": {"missed_too_late": 1},
        "elders_by_reason": {"missed_too_late": [7]},
        "unexplained_elders": [],
    }


def test_missed_too_late_is_no_reason_while_there_was_room() -> None:
    short = line(delivered=180, missed=60, reasons=("missed_too_late",))
    assert outcome_of("2026-09", [short], {}, {8}).listed == 1
    assert outcome_of("2026-09", [short], {}, {7}).unexplained == 1
    assert outcome_of("2026-09", [short], {7: frozenset({"nobody_at_work"})}, {7}).listed == 1


SEPTEMBER = Month(2026, 9)


def elder(missed: date, delivered: date, spacing: int = 2) -> ElderFacts:
    """Return somebody with two visits in September."""
    return ElderFacts(
        elder_id=7,
        town_id=1,
        centre_id=None,
        roster=OnRoster(date(1930, 1, 1), date(2026, 1, 1), None),
        grants=(GrantPeriod(date(2026, 1, 1), None, 240),),
        plans=(PlanPeriod(date(2026, 1, 1), 60, spacing),),
        bookings=(Booked("7-a-1", delivered, 60, "delivered"), Booked("7-a-2", missed, 60, "missed")),
    )


@pytest.mark.parametrize(
    ("missed", "delivered", "spacing", "expected"),
    [
        (date(2026, 9, 27), date(2026, 9, 10), 2, True),  # a Sunday: the week after has three days left
        (date(2026, 9, 28), date(2026, 9, 10), 2, False),  # known when the month is over
        (date(2026, 9, 24), date(2026, 9, 29), 1, True),
        (date(2026, 9, 24), date(2026, 9, 29), 2, False),  # the 28th and the 30th are too near
        (date(2026, 9, 24), date(2026, 9, 30), 2, True),  # the 28th is not
    ],
)
def test_room_left_after_a_missed_visit(missed: date, delivered: date, spacing: int, expected: bool) -> None:
    options = SimulationOptions(first_month=SEPTEMBER, iterations=0, replan=False)
    found = has_room_left(elder(missed, delivered, spacing), SEPTEMBER, (), options.planned_knowing)
    assert found is expected


def test_with_replanning_a_missed_visit_is_known_the_next_day_in_the_last_week() -> None:
    again = SimulationOptions(first_month=SEPTEMBER, iterations=0)
    assert again.planned_knowing(date(2026, 9, 28)) == date(2026, 9, 29)
    assert again.planned_knowing(date(2026, 9, 29)) == date(2026, 9, 30)
    assert again.planned_knowing(date(2026, 9, 30)) == date(2026, 10, 5)
    assert again.planned_knowing(date(2026, 9, 21)) == date(2026, 9, 28)
