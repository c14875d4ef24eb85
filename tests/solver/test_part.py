"""A part of a problem: towns by themselves."""

from solver.part import of_towns
from solver.problem import Pin, Published
from tests.solver.given import caregiver, need, problem, visit

ANN, BOB = caregiver(town="north"), caregiver("bob", town="south")
EVE = need(visit("e"), usual={"ann": 0.7, "bob": 0.3}, blocked=frozenset({"bob"}))
SUE = need(visit("s"), visit("t"), id="sue", town="south")
CITY = problem(
    EVE,
    SUE,
    caregivers=(ANN, BOB),
    pins=(Pin("e", 0, 540, ("bob",)), Pin("s", 0, 540, ("bob",))),
    published=(Published(visit="e", day=0, start=540, caregivers=("ann", "bob")),),
)


def test_a_town_by_itself_knows_nobody_of_another() -> None:
    north = of_towns(CITY, {"north"})
    assert north.caregivers == (ANN,)
    assert [each.id for each in north.needs] == ["eve"]
    assert north.needs[0].usual == {"ann": 0.7}
    assert north.needs[0].blocked == frozenset()
    assert north.pins == ()
    assert [each.caregivers for each in north.published] == [("ann",)]


def test_what_stands_within_the_town_is_kept() -> None:
    assert of_towns(CITY, {"south"}).pins == (Pin("s", 0, 540, ("bob",)),)


def test_all_towns_are_the_whole_problem() -> None:
    assert of_towns(CITY, {"north", "south"}) == CITY
