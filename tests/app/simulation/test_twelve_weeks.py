"""Twelve weekly plans in a row, one visit in twenty missed: every month ends exactly, or the ledger says why."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from app.core import clock
from app.core.weeks import Month, Week
from app.simulation.options import SimulationOptions
from app.simulation.run import simulate

pytestmark = pytest.mark.xdist_group("twelve weeks")  # they are simulated once
FIRST = Month(2026, 9)  # its second month begins with the longest public holiday of the year


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    """Three months of fifty elders."""
    return simulate(SimulationOptions(first_month=FIRST, elders=50, seed=1, iterations=1000))


def test_no_month_ends_short_or_over_without_a_reason(figures: dict[str, Any]) -> None:
    assert figures["unexplained"] == 0
    assert [month["unexplained_elders"] for month in figures["months"]] == [[], [], []]
    assert figures["elder_months"] == 3 * 50 == figures["exact"] + figures["listed"]


def test_most_months_end_with_exactly_the_grant(figures: dict[str, Any]) -> None:
    assert figures["exact"] >= 0.85 * figures["elder_months"]


def test_only_chance_and_staff_are_listed(figures: dict[str, Any]) -> None:
    # A visit of the last days was missed; or nobody with the skill works in her hours; or she was at hospital.
    causes = Counter(reason.partition(":")[0] for reason in figures["listed_by_reason"])
    assert set(causes) <= {"missed_too_late", "not_planned", "hospital"}
    assert "not_planned:no_route_fits" not in figures["listed_by_reason"]  # the city has slack


def test_what_was_missed_is_made_up(figures: dict[str, Any]) -> None:
    missed = sum(month["missed_hours"] for month in figures["months"])
    short = figures["hours_granted"] - figures["hours_excused"] - figures["hours_delivered"]
    too_late = figures["listed_by_reason"].get("missed_too_late", 0)
    assert figures["visits_missed"] >= 20
    assert too_late < figures["visits_missed"] / 2
    assert missed > 0
    assert short < figures["hours_granted"] * 0.1


def test_it_plans_on_until_the_third_month_is_over(figures: dict[str, Any]) -> None:
    assert [month["month"] for month in figures["months"]] == ["2026-09", "2026-10", "2026-11"]
    weeks = [Week.parse(week["week"]) for week in figures["weeks"]]
    assert weeks[0] == Week.of(FIRST.first)
    assert len(weeks) == 14
    assert all(later == earlier.next() for earlier, later in pairwise(weeks))


def test_nothing_missed_leaves_only_staff_as_a_reason() -> None:
    figures = simulate(
        SimulationOptions(
            first_month=FIRST, weeks=4, finish_month=True, elders=30, seed=3, iterations=500, missed_share=0.0
        )
    )
    assert figures["visits_missed"] == 0
    assert figures["unexplained"] == 0
    assert not any(reason.startswith("missed") for reason in figures["listed_by_reason"])


def test_the_same_options_give_the_same_months() -> None:
    options = SimulationOptions(first_month=FIRST, weeks=3, finish_month=False, elders=20, seed=2, iterations=200)
    first, second = simulate(options), simulate(options)
    assert first["months"] == second["months"]
    assert [week["visits_placed"] for week in first["weeks"]] == [week["visits_placed"] for week in second["weeks"]]


def test_the_clock_goes_on_as_before() -> None:
    before = clock.now()
    simulate(SimulationOptions(first_month=FIRST, weeks=1, finish_month=False, elders=5, seed=2, iterations=10))
    assert clock.now() > before


@pytest.mark.parametrize(
    "wrong",
    [
        {"weeks": 0},
        {"weeks": 521},
        {"missed_share": -0.01},
        {"missed_share": 1.01},
        {"absent_share": -0.01},
        {"absent_share": 1.01},
    ],
)
def test_bad_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        SimulationOptions(first_month=FIRST, iterations=1, **wrong)


def test_a_limit_of_search_is_needed() -> None:
    with pytest.raises(ValueError, match="seconds or iterations"):
        SimulationOptions(first_month=FIRST)


@pytest.mark.parametrize("edge", [{"weeks": 1}, {"weeks": 520}, {"missed_share": 0.0}, {"missed_share": 1.0}])
def test_the_edges_are_allowed(edge: dict[str, Any]) -> None:
    assert SimulationOptions(first_month=FIRST, iterations=0, **edge).planned_weeks


def test_a_week_is_planned_again_only_where_its_month_ends_in_it() -> None:
    options = SimulationOptions(first_month=FIRST, iterations=0)
    again = {str(week): [day.day for day in options.evenings_to_replan(week)] for week in options.planned_weeks}
    assert {week: days for week, days in again.items() if days} == {
        "2026-W40": [28, 29],  # the 30th is a Wednesday
        "2026-W44": [26, 27, 28, 29, 30],  # the 31st is a Saturday
    }
    without = SimulationOptions(first_month=FIRST, iterations=0, replan=False)
    assert not any(without.evenings_to_replan(week) for week in without.planned_weeks)


def test_a_visit_missed_in_the_last_week_is_made_up_in_it(figures: dict[str, Any]) -> None:
    again = [week for week in figures["weeks"] if week["replans"]]
    assert again
    assert {week["week"] for week in again} <= {"2026-W40", "2026-W44"}
    # Most of the city stays where it is.
    assert figures["visits_changed"] <= 0.15 * sum(week["visits_placed"] for week in again)
