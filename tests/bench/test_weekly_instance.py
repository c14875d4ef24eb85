"""A made-up instance in the public form becomes a week, and its plan routes that keep the rule of clusters."""

from pathlib import Path

import numpy as np
import pytest

from bench.weekly_instance import Instance, problem_of, read_instance, routes_of, wary_minutes
from solver.judge import judge
from solver.plan import Cost, Plan, PlannedVisit

TEXT = "\n".join(
    [
        "4\t2\t2\t4",
        *("7\t2\t2\t0\t1", "8\t2\t0\t1\t0", "9\t1\t1\t1\t1"),  # patients: carers, visits of either skill, cluster
        *("1\t1\t8", "2\t2\t6"),
        *("3\t7", "6\t3"),
        *("1\t0\t1\t0\t0", "0\t1\t0\t1\t0", "2\t0\t0\t0\t0", "0\t2\t0\t0\t1"),
    ]
)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    path = tmp_path / "made-up.txt"
    path.write_text(TEXT, "ascii")
    return read_instance(path)


def test_patterns_become_days_of_visits(instance: Instance) -> None:
    seven, eight, nine = problem_of(instance, wary=False).needs
    assert seven.day_patterns == ((0, 2), (1, 3))
    assert eight.day_patterns == ((0,),)
    assert nine.day_patterns == ((4, 1),)  # the visit of the first skill comes first
    assert [sorted(visit.skills) for visit in nine.visits] == [["1"], ["2"]]
    assert (seven.max_carers, nine.max_carers) == (2, 1)


def test_skills_and_hours_of_caregivers(instance: Instance) -> None:
    one, two = problem_of(instance, wary=False).caregivers
    assert (set(one.skills), one.daily_limit_minutes) == ({"1"}, 480)
    assert (set(two.skills), two.daily_limit_minutes) == ({"1", "2"}, 360)


def test_travel_is_between_homes(instance: Instance) -> None:
    # places: the depot, then the patients of clusters 1, 0, 1
    assert problem_of(instance, wary=False).travel["car"].tolist() == [
        [0, 7, 3, 7],
        [6, 0, 6, 3],
        [3, 7, 0, 7],
        [6, 3, 6, 0],
    ]


def test_a_route_enters_no_cluster_twice(instance: Instance) -> None:
    visits = tuple(PlannedVisit(visit, 1, 400 + 100 * i, ("2",)) for i, visit in enumerate(("7-0", "8-0", "9-1")))
    (route,) = routes_of(instance, Plan(visits=visits, unallocated=(), cost=Cost()))
    assert route == {"caregiver": "2", "day": 1, "visits": [{"patient": "8"}, {"patient": "7"}, {"patient": "9"}]}


def test_a_rule_of_the_instance_is_a_rule_of_the_judge(instance: Instance) -> None:
    planned = (
        PlannedVisit("7-0", 0, 400, ("1",)),
        PlannedVisit("7-1", 3, 400, ("1",)),  # no pattern has Monday and Thursday
        PlannedVisit("8-0", 0, 400, ("1",)),  # asks for the second skill
    )
    broken = {
        found.rule
        for found in judge(problem_of(instance, wary=False), Plan(visits=planned, unallocated=(), cost=Cost()))
    }
    assert {"spacing", "skill"} <= broken


def test_wary_trips_make_no_detour_worth_its_while() -> None:
    # 2 -> 1 -> 0 takes 5 + 6, a minute more than 2 -> 0, and a home of 1 beside another takes 3
    minutes = np.array([[3, 7, 11], [6, 3, 5], [10, 5, 3]], dtype=np.int32)
    wary, depot = wary_minutes(minutes), 3
    for a in range(4):
        for b in range(3):
            for c in range(4):
                if b not in (a, c) and (a, c) != (depot, depot):
                    assert wary[a, b] + wary[b, c] >= wary[a, c] + wary[b, b]
    assert (wary[:3, :3] >= minutes).all()


def test_trips_of_which_none_gains_stay_as_they_are() -> None:
    minutes = np.array([[3, 20, 20], [20, 3, 20], [20, 20, 3]], dtype=np.int32)
    assert (wary_minutes(minutes)[:3, :3] == minutes).all()
