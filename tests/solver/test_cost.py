"""Each goal of the cost by itself, their sum, and the price of an edit."""

from dataclasses import replace

import pytest

from solver.cost import cost, cost_change, cost_of
from solver.plan import Plan
from solver.problem import Policy, Published
from solver.week import Week
from tests.solver import given

POLICY = Policy()
ANN, BEA = given.caregiver("ann"), given.caregiver("bea")


@pytest.mark.parametrize(
    ("behind", "short", "points"),
    [
        (0, False, 1500),
        (120, False, 1500 * 1.25),
        (480, False, 1500 * 2),
        (481, False, 1500 * 2),
        (0, True, 1500 * 2),
        (480, True, 1500 * 3),
    ],
)
def test_unserved_weighs_more_for_who_is_behind(behind: int, short: bool, points: float) -> None:
    problem = given.problem(given.need(given.visit(minutes=90), minutes_behind=behind, short_before=short))
    assert cost(problem, given.plan(left=["v"])).unserved == pytest.approx(points)
    assert cost(problem, given.plan(given.placed())).unserved == 0


@pytest.mark.parametrize(
    ("plan", "points"),
    [
        (given.plan(given.placed("v", 0, "9:00", "ann", "bea")), 0),
        (given.plan(given.placed("v", 0, "9:00", "bea", "ann")), 0),
        (given.plan(given.placed("v", 0, "9:01", "ann", "bea")), 60),
        (given.plan(given.placed("v", 1, "9:00", "ann", "bea")), 60),
        (given.plan(given.placed("v", 0, "9:00", "ann")), 60),
        (given.plan(left=["v"]), 60),
    ],
)
def test_changed_counts_visits_that_stand_otherwise_than_published(plan: Plan, points: float) -> None:
    published = Published(visit="v", day=0, start=given.time("9:00"), caregivers=("ann", "bea"))
    problem = given.problem(given.need(given.visit(hands=2)), caregivers=(ANN, BEA), published=(published,))
    assert cost(problem, plan).changed == points


@pytest.mark.parametrize(("usual", "points"), [({}, 0), ({"ann": 1.0}, 0), ({"ann": 0.25}, 15), ({"bea": 1.0}, 20)])
def test_continuity_counts_caregivers_who_are_not_usual(usual: dict[str, float], points: float) -> None:
    problem = given.problem(given.need(usual=usual), caregivers=(ANN, BEA))
    assert cost(problem, given.plan(given.placed())).continuity == points


@pytest.mark.parametrize(
    ("day", "start", "points"),
    [(0, "8:59", 10), (0, "9:00", 0), (0, "9:59", 0), (0, "10:00", 10), (1, "9:00", 10)],
)
def test_wished_time_is_a_window_of_its_day(day: int, start: str, points: float) -> None:
    problem = given.problem(given.need(given.visit(wished=given.windows("9:00", "10:00", [0]))))
    assert cost(problem, given.plan(given.placed("v", day, start))).wished_time == points


@pytest.mark.parametrize(("wished", "points"), [(None, 0), ("female", 0), ("male", 5)])
def test_wished_gender(wished: str | None, points: float) -> None:
    problem = given.problem(given.need(wished_gender=wished), caregivers=(given.caregiver(gender="female"),))
    assert cost(problem, given.plan(given.placed())).wished_gender == points


@pytest.mark.parametrize(("wished", "points"), [([], 0), (["wu"], 0), (["wu", "hakka"], 0), (["hakka"], 4)])
def test_one_dialect_in_common_is_enough(wished: list[str], points: float) -> None:
    ann = given.caregiver(dialects=frozenset({"wu", "mandarin"}))
    problem = given.problem(given.need(dialects=frozenset(wished)), caregivers=(ann,))
    assert cost(problem, given.plan(given.placed())).dialect == points


def test_travel_counts_the_legs_from_and_to_the_base() -> None:
    problem = given.problem(given.need(), given.need(given.visit("w"), id="mae", place="next"))
    plan = given.plan(given.placed("v", 0, "9:00"), given.placed("w", 0, "11:00"))
    assert cost(problem, plan).travel == 10 + 5 + 15
    assert cost(problem, given.plan(given.placed("v", 0), given.placed("w", 1))).travel == 2 * 10 + 2 * 15


@pytest.mark.parametrize(("contract", "points"), [(115, 0), (114, 0.05), (100, 2.5), (80, 6 + 2), (0, 20 + 20)])
def test_load_rises_twice_over_the_contract(contract: int, points: float) -> None:
    """Her week has 80 minutes: 60 of care and 20 of travel."""
    problem = given.problem(caregivers=(given.caregiver(contract_minutes=contract), BEA))
    assert cost(problem, given.plan(given.placed())).load == pytest.approx(points)


def test_lending_counts_each_caregiver_of_another_town() -> None:
    caregivers = (ANN, given.caregiver("bea", town="south"))
    problem = given.problem(given.need(given.visit(hands=2)), caregivers=caregivers)
    assert cost(problem, given.plan(given.placed("v", 0, "9:00", "ann", "bea"))).lending == 3


def test_every_weight_of_the_policy_is_used() -> None:
    """One plan misses every goal once; each weight doubled adds what its goal costs."""
    published = Published(visit="v", day=1, start=540, caregivers=("ann",))
    need = given.need(
        given.visit("v", wished=given.windows("17:00", "18:00")),
        given.visit("w"),
        usual={"bea": 1.0},
        wished_gender="male",
        dialects=frozenset({"hakka"}),
        minutes_behind=240,
        short_before=True,
    )
    ann = given.caregiver(town="south", contract_minutes=10)
    problem = given.problem(need, caregivers=(ann, BEA), published=(published,))
    plan = given.plan(given.placed(), left=["w"])
    once = cost(problem, plan)
    weights = [name for name in Policy.__slots__ if not name.startswith(("meal_", "load_from", "overload_from"))]
    assert len(weights) == 12
    for name in weights:
        twice = cost(replace(problem, policy=replace(POLICY, **{name: 2 * getattr(POLICY, name)})), plan)
        assert twice.total > once.total, name
    assert all(getattr(once, goal) > 0 for goal in once.__slots__)
    assert once.total == pytest.approx(sum(getattr(once, goal) for goal in once.__slots__))


def test_what_is_not_known_costs_nothing() -> None:
    problem = given.problem()
    strange = given.plan(given.placed(), given.placed("ghost", 3), given.placed("v", 9))
    assert cost(problem, strange) == cost(problem, given.plan(given.placed()))


def test_the_price_of_an_edit_is_the_difference_of_the_whole_costs() -> None:
    needs = [given.need(given.visit(f"v{i}"), id=f"e{i}", place="next", usual={"ann": 0.5}) for i in range(4)]
    week = Week(given.problem(*needs, caregivers=(ANN, given.caregiver("bea", town="south", contract_minutes=100))))
    placed = [given.placed(f"v{i}", i % 2, start, "ann") for i, start in enumerate(["9:00", "9:30", "11:00"])]
    before = given.plan(*placed, left=["v3"])
    for after in (
        given.plan(replace(placed[0], caregivers=("bea",)), *placed[1:], left=["v3"]),
        given.plan(*placed[1:], left=["v3", "v0"]),
        given.plan(replace(placed[0], day=3), *placed[1:], given.placed("v3", 2, "9:00", "bea")),
    ):
        change = cost_change(week, before, after, {"v0", "v3"})
        old, new = cost_of(week, before), cost_of(week, after)
        assert change.total != 0
        for goal in old.__slots__:
            assert getattr(change, goal) == pytest.approx(getattr(new, goal) - getattr(old, goal)), goal
