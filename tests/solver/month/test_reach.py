"""What the flow calls impossible is impossible; each obstacle on both sides; the second witness agrees."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from solver.month.promise import Bottleneck, Carer, Obstacle, Promise, Shortfall, most_visits
from solver.month.proof import proven_missing
from solver.month.reach import reach

DAY = (480, 1020)


def promise(**wanted: Any) -> Promise:
    return Promise(**({"id": "e", "visits": (60, 60), "days": (0, 1)} | wanted))


def carer(**wanted: Any) -> Carer:
    return Carer(**({"id": "g", "gender": "female", "shifts": dict.fromkeys(range(14), DAY)} | wanted))


def test_two_visits_on_two_days_are_within_reach() -> None:
    assert reach([promise()], [carer()]).shortfalls == ()


def test_without_elders_or_caregivers() -> None:
    assert reach([], []).shortfalls == ()
    assert reach([promise()], []).shortfalls == (Shortfall("e", 120, Obstacle.NO_CAREGIVER),)
    assert reach([promise(visits=(), days=())], []).shortfalls == ()


@pytest.mark.parametrize(
    ("days", "spacing", "occupied", "missing"),
    [
        ((0, 1), 1, (), 0),
        ((0,), 1, (), 60),
        ((), 1, (), 120),
        ((0, 1), 2, (), 60),
        ((0, 2), 2, (), 0),
        ((0, 2), 2, (1,), 120),
        ((0, 3), 2, (1,), 60),
        ((0,), 0, (), 0),
    ],
)
def test_own_days(days: tuple[int, ...], spacing: int, occupied: tuple[int, ...], missing: int) -> None:
    found = reach([promise(days=days, min_days_between=spacing, occupied=occupied)], [carer()])
    assert found.shortfalls == ((Shortfall("e", missing, Obstacle.OWN_DAYS),) if missing else ())


@pytest.mark.parametrize(
    ("wanted", "given", "missing"),
    [
        ({"skills": frozenset({"bathing"})}, {"skills": {"bathing": 1}}, 0),
        ({"skills": frozenset({"bathing"})}, {"skills": {"bathing": 0}}, 60),  # expires between her two days
        ({"skills": frozenset({"bathing"})}, {}, 120),
        ({"gender": "female"}, {}, 0),
        ({"gender": "male"}, {}, 120),
        ({"blocked": frozenset({"h"})}, {}, 0),
        ({"blocked": frozenset({"g"})}, {}, 120),
        ({"hands": 2}, {}, 120),
        ({}, {"shifts": {0: DAY}}, 60),
        ({"windows": {0: ((420, 480),), 1: ((420, 480),)}}, {}, 120),  # she may start before 8 only
        ({"windows": {0: ((420, 481),), 1: ((420, 480),)}}, {}, 60),
        ({"windows": {0: ((960, 1020),), 1: ((961, 1020),)}}, {}, 60),  # an hour before the shift ends
    ],
)
def test_no_caregiver(wanted: dict[str, Any], given: dict[str, Any], missing: int) -> None:
    found = reach([promise(**wanted)], [carer(**given)])
    assert found.shortfalls == ((Shortfall("e", missing, Obstacle.NO_CAREGIVER),) if missing else ())


def test_two_hands_are_there_when_two_are_at_work() -> None:
    assert reach([promise(hands=2)], [carer(), carer(id="h")]).shortfalls == ()


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"weekly_limit": 120}, 0),
        ({"weekly_limit": 119}, 1),
        ({"daily_limit": 60}, 0),
        ({"daily_limit": 59}, 2),
        ({"shifts": {0: (480, 540), 1: (480, 540)}, "spent": {0: 1}}, 1),
        ({"max_days": 1}, 0),  # both elders' hours on one day, in minutes
        ({"max_days": 1, "daily_limit": 100}, 20),
        ({"weekly_limit": 200, "spent": {3: 81}}, 1),
    ],
)
def test_competition(given: dict[str, Any], missing: int) -> None:
    promises = [promise(id="a", visits=(60,)), promise(id="b", visits=(60,))]
    carers = [carer(**given)]
    found = reach(promises, carers)
    assert sum(each.minutes for each in found.shortfalls) == missing
    assert all(each.obstacle is Obstacle.COMPETITION and each.bottleneck == 0 for each in found.shortfalls)
    assert [each.missing for each in found.bottlenecks] == ([missing] if missing else [])
    for bottleneck in found.bottlenecks:
        assert bottleneck.promises == {"a", "b"}
        assert proven_missing(bottleneck, promises, carers) == missing


def test_the_heavier_are_served_first() -> None:
    promises = [promise(id="a", visits=(60,), weight=1), promise(id="b", visits=(60,), weight=3)]
    assert reach(promises, [carer(weekly_limit=60)]).shortfalls == (Shortfall("a", 60, Obstacle.COMPETITION, 0),)
    heavier = [replace(promises[0], weight=4), promises[1]]
    assert reach(heavier, [carer(weekly_limit=60)]).shortfalls == (Shortfall("b", 60, Obstacle.COMPETITION, 0),)


def test_towns_short_apart_are_bottlenecks_apart() -> None:
    promises = [
        promise(id="a", skills=frozenset({"x"})),
        promise(id="b", skills=frozenset({"y"})),
        promise(id="c", skills=frozenset()),
    ]
    carers = [
        carer(id="g", skills={"x": 9}, weekly_limit=100),
        carer(id="h", skills={"y": 9}, weekly_limit=110),
        carer(id="k", weekly_limit=120),
    ]
    found = reach(promises, carers)
    assert [(each.promises, each.missing) for each in found.bottlenecks] == [
        (frozenset({"a"}), 20),
        (frozenset({"b"}), 10),
    ]
    assert [(each.promise, each.bottleneck) for each in found.shortfalls] == [("a", 0), ("b", 1)]
    assert found.of("a") == found.shortfalls[:1]


def test_a_share_for_travel_is_an_expectation() -> None:
    found = reach([promise()], [carer(weekly_limit=150)], care_share=0.5)
    assert [each.minutes for each in found.shortfalls] == [45]
    assert reach([promise()], [carer(weekly_limit=150)]).shortfalls == ()


def test_the_witness_finds_a_way_out() -> None:
    promises, carers = [promise()], [carer(), carer(id="h")]
    partial = Bottleneck(frozenset({"e"}), 120, 0, 0, frozenset(), frozenset(), frozenset({("g", 0)}))
    with pytest.raises(ValueError, match="h could visit e"):
        proven_missing(partial, promises, carers)
    whole = replace(partial, by_week=frozenset({("g", 0), ("h", 0)}))
    assert proven_missing(whole, promises, carers) < 0


def plans(promises: list[Promise], carers: list[Carer]) -> Iterator[int]:
    """Return the minutes (times hands) of every plan on whole visits, none of which takes travel or overlaps."""
    options: list[list[tuple[int, int, tuple[Carer, ...]] | None]] = []
    owners: list[Promise] = []
    for each in promises:
        for minutes in each.visits:
            teams = [
                (day, minutes, team)
                for day in each.days
                for team in itertools.combinations(
                    [c for c in carers if c.may(each, day) and day in c.shifts], each.hands
                )
            ]
            options.append([None, *teams])
            owners.append(each)
    for chosen in itertools.product(*options):
        if _allowed(list(zip(owners, chosen, strict=True)), carers):
            yield sum(minutes * len(team) for one in chosen if one is not None for _, minutes, team in [one])


def _allowed(chosen: list[tuple[Promise, Any]], carers: list[Carer]) -> bool:
    taken = [(owner, *one) for owner, one in chosen if one is not None]
    for (owner, day, *_), (other, on, *_) in itertools.combinations(taken, 2):
        if owner is other and abs(day - on) < owner.min_days_between:
            return False
    if any(abs(day - on) < owner.min_days_between for owner, day, *_ in taken for on in owner.occupied):
        return False
    for carer_ in carers:
        by_day: dict[int, int] = {}
        for _, day, minutes, team in taken:
            if carer_ in team:
                by_day[day] = by_day.get(day, 0) + minutes
        weeks = {day // 7 for day in by_day}
        if any(minutes > carer_.minutes_on(day) for day, minutes in by_day.items()):
            return False
        for week in weeks:
            mine = {day: minutes for day, minutes in by_day.items() if day // 7 == week}
            if len(mine) > carer_.max_days or sum(mine.values()) > carer_.minutes_in(week):
                return False
    return True


@pytest.mark.parametrize("seed", range(40))
def test_no_plan_gives_what_is_out_of_reach(seed: int) -> None:
    rng = random.Random(seed)
    promises = [
        promise(
            id=f"e{n}",
            visits=(60,) * rng.randint(1, 2),
            days=tuple(sorted(rng.sample(range(9), rng.randint(1, 3)))),
            min_days_between=rng.randint(1, 3),
            hands=rng.choice([1, 1, 2]),
            skills=frozenset({"x"} if rng.random() < 0.4 else ()),
            blocked=frozenset({"g0"} if rng.random() < 0.2 else ()),
        )
        for n in range(2)
    ]
    carers = [
        carer(
            id=f"g{n}",
            shifts=dict.fromkeys(rng.sample(range(9), rng.randint(2, 6)), (480, 480 + rng.choice([60, 90, 120]))),
            skills={"x": rng.randrange(9)} if rng.random() < 0.7 else {},
            weekly_limit=rng.choice([60, 90, 120]),
            max_days=rng.randint(1, 6),
        )
        for n in range(2)
    ]
    found = reach(promises, carers)
    owed = sum(each.minutes * each.hands for each in promises)
    hands = {each.id: each.hands for each in promises}
    missing = sum(
        each.minutes * hands[each.promise] for each in found.shortfalls if each.obstacle is not Obstacle.COMPETITION
    ) + sum(each.missing for each in found.bottlenecks)
    assert max(plans(promises, carers)) <= owed - missing
    for bottleneck in found.bottlenecks:
        assert proven_missing(bottleneck, promises, carers) == bottleneck.missing > 0


@pytest.mark.parametrize("seed", range(30))
def test_as_early_as_possible_is_as_many_as_possible(seed: int) -> None:
    rng = random.Random(seed)
    days = sorted(rng.sample(range(20), 8))
    spacing, occupied = rng.randint(1, 5), rng.sample(range(20), 2)
    free = [day for day in days if all(abs(day - other) >= spacing for other in occupied)]
    best = max(
        len(chosen)
        for size in range(len(free) + 1)
        for chosen in itertools.combinations(free, size)
        if all(later - earlier >= spacing for earlier, later in itertools.pairwise(chosen))
    )
    assert most_visits(days, spacing, occupied) == best


@pytest.mark.parametrize(
    "wrong",
    [{"visits": (0,)}, {"hands": 3}, {"hands": 0}, {"min_days_between": -1}, {"days": (1, 1)}, {"days": (2, 1)}],
)
def test_wrong_promises_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        promise(**wrong)


def test_what_is_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="promise: expected different ids"):
        reach([promise(), promise()], [])
    with pytest.raises(ValueError, match="carer: expected different ids"):
        reach([], [carer(), carer()])
    with pytest.raises(ValueError, match="care_share"):
        reach([], [], care_share=1.1)
