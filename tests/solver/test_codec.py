"""JSON in and out: the same thing comes back, and nothing else is taken for it."""

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given as drawn_from

from solver.codec import (
    plan_from_dict,
    plan_from_json,
    plan_to_dict,
    plan_to_json,
    problem_from_dict,
    problem_from_json,
    problem_to_dict,
    problem_to_json,
)
from solver.invalid import InvalidProblem
from solver.plan import Plan, Reason, Unallocated
from solver.problem import MinutesCap, Pin, Problem, Published
from tests.solver import drawn, given

# Something in every field, so that each can be broken.
FULL = given.problem(
    given.need(
        given.visit("v", wished=given.windows(days=[0]), skills=frozenset({"bath"}), hands=2),
        given.visit("w"),
        day_patterns=((0, 2),),
        occupied_days=(-1,),
        caps=(MinutesCap(0, 6, 120),),
        required_gender="female",
        wished_gender="female",
        dialects=frozenset({"wu"}),
        blocked=frozenset({"bea"}),
        usual={"ann": 0.5},
        max_carers=2,
    ),
    caregivers=(
        given.caregiver("ann", skills={"bath": 6}, gender="female", dialects=frozenset({"wu"})),
        given.caregiver("bea"),
    ),
    pins=(Pin("w", 2, 540, ("ann",)),),
    published=(Published(visit="v", day=0, start=540, caregivers=("ann",)),),
    travel={"walk": np.ones((4, 4), dtype=np.int32) - np.eye(4, dtype=np.int32)},
)
PLAN = replace(
    given.plan(given.placed("v", 0, "9:00", "ann", "bea")),
    unallocated=(Unallocated("w", Reason.NO_SKILL, (("in_all", 2), ("in_reach", 1), ("skilled", 0))),),
    bound=1.5,
    took={"search": 0.5},
)


def same(one: Problem, other: Problem) -> bool:
    """Tell whether two problems are equal; arrays cannot say so themselves."""
    return (
        replace(one, travel={}) == replace(other, travel={})
        and one.travel.keys() == other.travel.keys()
        and all(np.array_equal(one.travel[mode], other.travel[mode]) for mode in one.travel)
    )


@drawn_from(drawn.problems())
def test_a_problem_comes_back_as_it_was(problem: Problem) -> None:
    again = problem_from_json(problem_to_json(problem))
    assert same(again, problem)
    assert all(matrix.dtype == np.int32 for matrix in again.travel.values())
    assert problem_to_json(again) == problem_to_json(problem)


@drawn_from(drawn.PLANS)
def test_a_plan_comes_back_as_it_was(plan: Plan) -> None:
    assert plan_from_json(plan_to_json(plan)) == plan


def test_the_full_examples_come_back() -> None:
    assert same(problem_from_json(problem_to_json(FULL).encode()), FULL)
    assert plan_from_json(plan_to_json(PLAN).encode()) == PLAN


def paths(value: Any, path: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Yield each object of a document with its path, as (path, keys that lead there)."""
    todo: list[tuple[str, list[Any], Any]] = [(path, [], value)]
    while todo:
        at, keys, here = todo.pop()
        if isinstance(here, dict):
            yield at, keys
            todo += [(f"{at}.{key}" if at else key, [*keys, key], each) for key, each in here.items()]
        elif isinstance(here, list):
            todo += [(f"{at}[{i}]", [*keys, i], each) for i, each in enumerate(here)]


def at(document: Any, keys: list[Any]) -> Any:
    """Return what the keys lead to."""
    for key in keys:
        document = document[key]
    return document


FREE_KEYS = ("skills", "usual", "travel", "took")  # ids, not fields
DOCUMENTS = [
    (problem_to_dict(FULL), problem_from_dict, problem_to_dict),
    (plan_to_dict(PLAN), plan_from_dict, plan_to_dict),
]


@pytest.mark.parametrize(("document", "read", "write"), DOCUMENTS, ids=["problem", "plan"])
def test_every_missing_and_every_unknown_field_is_named(document: Any, read: Any, write: Any) -> None:
    objects = [(path, keys) for path, keys in paths(document) if not keys or keys[-1] not in FREE_KEYS]
    assert objects
    for path, keys in objects:
        for name in [*at(document, keys), "ghost"]:
            broken = copy.deepcopy(document)
            if name == "ghost":
                at(broken, keys)[name] = 1
            else:
                del at(broken, keys)[name]
            with pytest.raises(InvalidProblem) as caught:
                write(read(broken))
            assert caught.value.field == (f"{path}.{name}" if path else name)


@pytest.mark.parametrize("wrong", [{"x": 1}, [{}], "", "\ud800", True, 2**60, float("nan"), -1.5, [[1]]])
@pytest.mark.parametrize(("document", "read", "write"), DOCUMENTS, ids=["problem", "plan"])
def test_no_value_is_taken_for_another(document: Any, read: Any, write: Any, wrong: object) -> None:
    """Whatever stands in a field is refused, or read so that it is written again as it stood."""
    refused = 0
    for _, keys in paths(document):
        for name in at(document, keys):
            broken = copy.deepcopy(document)
            at(broken, keys)[name] = wrong
            try:
                again = write(read(broken))
            except InvalidProblem:
                refused += 1
            else:
                assert again == broken
    assert refused > 10


@pytest.mark.parametrize(
    ("path", "keys", "wrong"),
    [
        ("format", ["format"], "jiuling.problem/2"),
        ("needs", ["needs"], {}),
        ("needs[0].visits[0].minutes", ["needs", 0, "visits", 0, "minutes"], "60"),
        ("needs[0].visits[0].minutes", ["needs", 0, "visits", 0, "minutes"], 0),
        ("needs[0].visits[0].minutes", ["needs", 0, "visits", 0, "minutes"], 60.0),
        ("needs[0].visits[0].windows[1].closes", ["needs", 0, "visits", 0, "windows", 1, "closes"], 0),
        ("needs[0].visits[0].skills", ["needs", 0, "visits", 0, "skills"], ["bath", "bath"]),
        ("needs[0].day_patterns[0]", ["needs", 0, "day_patterns", 0], [0]),
        ("needs[0].place", ["needs", 0, "place"], "moon"),
        ("needs[0].usual.ann", ["needs", 0, "usual", "ann"], 1.5),
        ("needs[0].short_before", ["needs", 0, "short_before"], 0),
        ("caregivers[0].skills.bath", ["caregivers", 0, "skills", "bath"], 9),
        ('caregivers[0].skills["a b"]', ["caregivers", 0, "skills", "a b"], None),
        ("caregivers[1].shifts", ["caregivers", 1, "shifts"], 2 * problem_to_dict(FULL)["caregivers"][1]["shifts"]),
        ("modes[0].detour", ["modes", 0, "detour"], float("nan")),
        ("policy.unserved_hour", ["policy", "unserved_hour"], float("inf")),
        ("policy.unserved_hour", ["policy", "unserved_hour"], -1.0),
        ("pins[0].start", ["pins", 0, "start"], None),
        ("travel.walk[2]", ["travel", "walk", 2], [0, 0]),
        ("travel.walk[2][1]", ["travel", "walk", 2, 1], -1),
        ("travel.walk[2][1]", ["travel", "walk", 2, 1], 2**31),
        ("travel.walk", ["travel", "walk"], [[0]]),
    ],
)
def test_the_whole_path_is_named(path: str, keys: list[Any], wrong: object) -> None:
    broken = problem_to_dict(FULL)
    at(broken, keys[:-1])[keys[-1]] = wrong
    with pytest.raises(InvalidProblem) as caught:
        problem_from_dict(broken)
    assert caught.value.field == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        b"\xff\xfe\xff",
        "[" * 100_000,
        '{"format": NaN}',
        '{"format": ' + "9" * 5000 + "}",
        '{"format": "jiuling.problem/1", "format": "jiuling.problem/1"}',
        json.dumps({"format": "jiuling.plan/1"}),
    ],
)
def test_what_is_no_problem_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidProblem):
        problem_from_json(text)


def test_an_unknown_reason_is_refused() -> None:
    broken = plan_to_dict(PLAN)
    broken["unallocated"][0]["reason"] = "bad_luck"
    with pytest.raises(InvalidProblem) as caught:
        plan_from_dict(broken)
    assert caught.value.field == "unallocated[0].reason"
