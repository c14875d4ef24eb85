"""A problem is valid or is refused, with the field and the value named."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from solver.invalid import InvalidProblem
from solver.problem import MinutesCap, Mode, Pin, Place, Policy, Published, Shift, Window
from tests.solver import given

NAN = float("nan")
INF = float("inf")
SQUARE = np.full((4, 4), 7, dtype=np.int32) - 7 * np.eye(4, dtype=np.int32)

REFUSED: list[tuple[str, Callable[[], object]]] = [
    # Single values: numbers, texts, limits just passed.
    ("id", lambda: Place("", 0, 0)),
    ("id", lambda: Place("a\0", 0, 0)),
    ("id", lambda: Place("\ud800", 0, 0)),
    ("id", lambda: Place("a" * 201, 0, 0)),
    ("east_metres", lambda: Place("a", 10_000_001, 0)),
    ("north_metres", lambda: Place("a", 0, -10_000_001)),
    ("north_metres", lambda: Place("a", 0, 0.5)),  # type: ignore[arg-type]
    ("metres_per_minute", lambda: Mode("m", 0)),
    ("metres_per_minute", lambda: Mode("m", NAN)),
    ("metres_per_minute", lambda: Mode("m", INF)),
    ("detour", lambda: Mode("m", 100, detour=0.99)),
    ("detour", lambda: Mode("m", 100, detour=NAN)),
    ("access_minutes", lambda: Mode("m", 100, access_minutes=-1)),
    # Intervals of a day.
    ("day", lambda: Shift(7, 0, 60)),
    ("day", lambda: Shift(-1, 0, 60)),
    ("starts", lambda: Shift(0, -1, 60)),
    ("ends", lambda: Shift(0, 60, 60)),
    ("ends", lambda: Shift(0, 60, 1441)),
    ("day", lambda: Window(7, 0, 60)),
    ("opens", lambda: Window(0, -1, 60)),
    ("closes", lambda: Window(0, 60, 59)),
    ("closes", lambda: Window(0, 60, 1441)),
    ("first_day", lambda: MinutesCap(-1, 6, 60)),
    ("last_day", lambda: MinutesCap(3, 2, 60)),
    ("last_day", lambda: MinutesCap(3, 7, 60)),
    ("minutes", lambda: MinutesCap(0, 6, -1)),
    # Caregivers.
    ("base", lambda: given.caregiver(base="")),
    ("weekly_limit_minutes", lambda: given.caregiver(weekly_limit_minutes=-1)),
    ("contract_minutes", lambda: given.caregiver(contract_minutes=10_081)),
    ("daily_limit_minutes", lambda: given.caregiver(daily_limit_minutes=1441)),
    ("max_days", lambda: given.caregiver(max_days=8)),
    ("shifts", lambda: given.caregiver(shifts=(Shift(0, 480, 600), Shift(0, 700, 800)))),
    ("skills.bath", lambda: given.caregiver(skills={"bath": 7})),
    ("skills.bath", lambda: given.caregiver(skills={"bath": -2})),
    ("gender", lambda: given.caregiver(gender="")),
    # Visits and needs.
    ("minutes", lambda: given.visit(minutes=0)),
    ("minutes", lambda: given.visit(minutes=1441)),
    ("minutes", lambda: given.visit(minutes=True)),
    ("hands", lambda: given.visit(hands=0)),
    ("hands", lambda: given.visit(hands=3)),
    ("day_patterns[1]", lambda: given.need(day_patterns=((0,), (0, 1)))),
    ("day_patterns[0]", lambda: given.need(day_patterns=((7,),))),
    ("min_days_between", lambda: given.need(min_days_between=-1)),
    ("occupied_days[0]", lambda: given.need(occupied_days=(0,))),
    ("occupied_days[0]", lambda: given.need(occupied_days=(6,))),
    ("eligible_days", lambda: given.need(eligible_days=frozenset({7}))),
    ("usual.ann", lambda: given.need(usual={"ann": 0})),
    ("usual.ann", lambda: given.need(usual={"ann": 1.01})),
    ("usual.ann", lambda: given.need(usual={"ann": NAN})),
    ("max_carers", lambda: given.need(max_carers=0)),
    ("minutes_behind", lambda: given.need(minutes_behind=-1)),
    ("short_before", lambda: given.need(short_before=1)),
    # Pins and the published plan.
    ("start", lambda: Pin("v", None, 540, ())),
    ("caregivers", lambda: Pin("v", None, None, ("ann",))),
    ("day", lambda: Pin("v", 7, 540, ("ann",))),
    ("start", lambda: Pin("v", 0, None, ("ann",))),
    ("start", lambda: Pin("v", 0, 1440, ("ann",))),
    ("caregivers", lambda: Pin("v", 0, 540, ())),
    ("caregivers", lambda: Pin("v", 0, 540, ("ann", "ann"))),
    ("day", lambda: Published(visit="v", day=7, start=540, caregivers=("ann",))),
    ("start", lambda: Published(visit="v", day=0, start=-1, caregivers=("ann",))),
    # The policy.
    ("travel_minute", lambda: Policy(travel_minute=-1)),
    ("unserved_hour", lambda: Policy(unserved_hour=INF)),
    ("load_from", lambda: Policy(load_from=NAN)),
    ("meal_closes", lambda: Policy(meal_opens=700, meal_closes=699)),
    ("meal_minutes", lambda: Policy(meal_opens=700, meal_closes=720, meal_minutes=21)),
    # References between them.
    ("places[4].id", lambda: given.problem(places=(*given.PLACES, given.place("base", 3)))),
    ("modes[1].id", lambda: given.problem(modes=(given.WALK, given.WALK))),
    ("caregivers[1].id", lambda: given.problem(caregivers=(given.caregiver(), given.caregiver()))),
    ("caregivers[0].base", lambda: given.problem(caregivers=(given.caregiver(base="moon"),))),
    ("caregivers[0].mode", lambda: given.problem(caregivers=(given.caregiver(mode="fly"),))),
    ("needs[1].id", lambda: given.problem(given.need(), given.need(given.visit("w")))),
    ("needs[1].visits[0].id", lambda: given.problem(given.need(), given.need(id="mae"))),
    ("needs[0].visits[1].id", lambda: given.problem(given.need(given.visit(), given.visit()))),
    ("needs[0].place", lambda: given.problem(given.need(place="moon"))),
    ("needs[0].usual", lambda: given.problem(given.need(usual={"ghost": 1.0}))),
    ("needs[0].blocked", lambda: given.problem(given.need(blocked=frozenset({"ghost"})))),
    ("pins[0].visit", lambda: given.problem(pins=(Pin("ghost", None, None, ()),))),
    ("pins[1].visit", lambda: given.problem(pins=(Pin("v", None, None, ()), Pin("v", 0, 540, ("ann",))))),
    ("pins[0].caregivers", lambda: given.problem(pins=(Pin("v", 0, 540, ("ghost",)),))),
    ("published[0].visit", lambda: given.problem(published=(Published(visit="x", day=0, start=0, caregivers=()),))),
    (
        "published[0].caregivers",
        lambda: given.problem(published=(Published(visit="v", day=0, start=0, caregivers=("ghost",)),)),
    ),
    ("travel.fly", lambda: given.problem(travel={"fly": SQUARE})),
    ("travel.walk", lambda: given.problem(travel={"walk": SQUARE[:, :3]})),
    ("travel.walk", lambda: given.problem(travel={"walk": SQUARE[:3, :3]})),
    ("travel.walk", lambda: given.problem(travel={"walk": -SQUARE})),
    ("travel.walk", lambda: given.problem(travel={"walk": SQUARE + 1})),
    ("travel.walk", lambda: given.problem(travel={"walk": SQUARE.astype(np.float64)})),
]


@pytest.mark.parametrize(("field", "build"), REFUSED, ids=[f"{i}-{field}" for i, (field, _) in enumerate(REFUSED)])
def test_what_cannot_be_is_refused_and_named(field: str, build: Callable[[], object]) -> None:
    with pytest.raises(InvalidProblem) as caught:
        build()
    assert caught.value.field == field
    assert caught.value.expected
    assert field in str(caught.value)


ACCEPTED: list[Callable[[], object]] = [
    lambda: Place("a" * 200, 10_000_000, -10_000_000),
    lambda: Mode("m", 1, detour=1, access_minutes=0),
    lambda: Shift(6, 0, 1440),
    lambda: Window(0, 1439, 1440),
    lambda: MinutesCap(6, 6, 0),
    lambda: given.caregiver(shifts=(), max_days=0, weekly_limit_minutes=0, skills={"bath": -1}),
    lambda: given.visit(minutes=1440, hands=2, windows=()),
    lambda: given.need(occupied_days=(-1, 7), min_days_between=0, max_carers=1, eligible_days=frozenset()),
    lambda: given.problem(given.need(usual={"ann": 1})),
    lambda: Policy(meal_opens=700, meal_closes=720, meal_minutes=20),
    lambda: given.problem(travel={"walk": SQUARE}),
    lambda: given.problem(pins=(Pin("v", None, None, ()),)),
    lambda: given.problem(caregivers=()),
    lambda: replace(given.problem(), needs=(), caregivers=(), places=(), modes=()),
]


@pytest.mark.parametrize("build", ACCEPTED)
def test_what_lies_on_the_boundary_is_accepted(build: Callable[[], object]) -> None:
    build()


def test_the_error_shows_no_more_of_a_long_value_than_needed() -> None:
    with pytest.raises(InvalidProblem) as caught:
        given.caregiver("x" * 10_000)
    assert len(str(caught.value)) < 200
    assert caught.value.value == "x" * 10_000
