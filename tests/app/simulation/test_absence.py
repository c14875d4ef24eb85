"""Caregivers who call in sick, and months that nobody may be short in twice running."""

from typing import Any

import pytest

from app.core.weeks import Month
from app.demo.options import Staffing
from app.simulation.options import SimulationOptions
from app.simulation.run import simulate

FIRST = Month(2026, 9)


def simulated(**how: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "first_month": FIRST,
        "weeks": 4,
        "elders": 30,
        "seed": 2,
        "iterations": 100,
        "missed_share": 0.0,
    }
    return simulate(SimulationOptions(**(usual | how)))


def test_whom_nobody_covers_is_missed() -> None:
    found = simulated(absent_share=0.15, cover=False, weeks=2, finish_month=False)
    assert found["absent_days"] > 0
    assert found["visits_missed"] == found["uncovered_visits"] == found["absent_visits"] > 0
    assert found["replans"] == 0


def test_the_rest_of_the_week_is_planned_again_around_who_is_absent() -> None:
    found = simulated(absent_share=0.15)
    assert found["absent_days"] > 3
    assert found["replans"] > 0
    assert found["uncovered_visits"] == found["visits_missed"] == 0
    assert found["unexplained"] == 0
    assert found["visits_changed"] > 0


def test_nobody_is_absent_unless_asked_for() -> None:
    found = simulated(weeks=1, finish_month=False)
    assert (found["absent_days"], found["absent_visits"], found["uncovered_visits"]) == (0, 0, 0)


@pytest.fixture(scope="module")
def short_of_staff() -> dict[str, Any]:
    """Two months of a city in which not everybody can be served."""
    return simulated(weeks=8, elders=90, seed=1, staffing=Staffing.SHORT, iterations=150, missed_share=0.05)


def test_who_was_short_is_served_first_in_the_next_month(short_of_staff: dict[str, Any]) -> None:
    september, october = short_of_staff["months"]
    assert september["short"] >= 8
    again = october["short_again"] / september["short"]
    others = (october["short"] - october["short_again"]) / (october["elders"] - september["short"])
    assert again < 0.8 * others
