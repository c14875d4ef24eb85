"""The rule *window*."""

import pytest

from tests.solver import given

MORNING_AND_EVENING = given.windows("9:00", "10:00", [0]) + given.windows("16:00", "17:00", [0])


@pytest.mark.parametrize(
    ("start", "broken"),
    [
        ("8:59", {"window"}),
        ("9:00", set()),
        ("9:59", set()),
        ("10:00", {"window"}),
        ("15:59", {"window"}),
        ("16:00", set()),
        ("17:00", {"window"}),
    ],
)
def test_a_visit_starts_inside_a_window(start: str, broken: set[str]) -> None:
    problem = given.problem(given.need(given.visit(windows=MORNING_AND_EVENING)))
    assert given.broken_rules(problem, given.plan(given.placed("v", 0, start))) == broken


def test_a_window_of_another_day_does_not_count() -> None:
    problem = given.problem(given.need(given.visit(windows=MORNING_AND_EVENING)))
    assert given.broken_rules(problem, given.plan(given.placed("v", 1, "9:00"))) == {"window"}
