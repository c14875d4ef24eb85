"""The flow: nearest, within capacity, nobody split, nobody forgotten, the same each time."""

import itertools
import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.assignments.planning import AssignmentPolicy, Home, Site, assign, metres_between

POLICY = AssignmentPolicy()
DEGREE = 0.01  # of latitude: 1,112 m


def home(elder_id: int, at: float, *, minutes: int = 240, centre_id: int | None = None, town_id: int = 1) -> Home:
    return Home(elder_id, town_id, 1, 29.0 + at * DEGREE, 120.0, minutes, centre_id)


def site(centre_id: int, at: float, capacity: int = 24_000, town_id: int = 1) -> Site:
    return Site(centre_id, town_id, 1, 29.0 + at * DEGREE, 120.0, capacity)


def centres_of(homes: list[Home], sites: list[Site], policy: AssignmentPolicy = POLICY) -> dict[int, int]:
    return {choice.elder_id: choice.centre_id for choice in assign(homes, sites, policy).choices}


def test_a_hundredth_of_a_degree_of_latitude() -> None:
    assert metres_between([home(1, 0)], [site(1, 1), site(2, 0)]).tolist() == [[1112, 0]]


def test_everybody_gets_the_nearest_where_there_is_room() -> None:
    found = assign([home(1, 0), home(2, 4), home(3, 6)], [site(10, 0), site(11, 5)])
    assert [(c.centre_id, c.best) for c in found.choices] == [(10, True), (11, True), (11, True)]
    assert found.overload_minutes == {}


def test_a_full_centre_sends_on_whom_it_costs_least() -> None:
    homes = [home(1, 0), home(2, 1)]
    assert centres_of(homes, [site(10, 0, 480), site(11, 5)]) == {1: 10, 2: 10}
    assert centres_of(homes, [site(10, 0, 479), site(11, 5)]) == {1: 10, 2: 11}


def test_a_border_is_crossed_only_for_a_gain() -> None:
    here, there = site(10, 2, town_id=1), site(11, 0, town_id=2)
    assert centres_of([home(1, 0)], [here, there]) == {1: 11}  # 2,224 m against 2,000 of the border
    assert centres_of([home(1, 0.11)], [here, there]) == {1: 10}  # 2,102 m against 2,122


def test_a_centre_is_kept_unless_another_is_nearer_by_the_policy() -> None:
    sites = [site(10, 2), site(11, 0)]
    assert centres_of([home(1, 0.32, centre_id=10)], sites) == {1: 11}  # nearer by 1,512 m
    assert centres_of([home(1, 0.33, centre_id=10)], sites) == {1: 10}  # by 1,490 m
    assert centres_of([home(1, 0.9, centre_id=10)], sites) == {1: 10}
    assert centres_of([home(1, 0.9)], sites) == {1: 11}


def test_who_lost_her_centre_pays_nothing_for_moving() -> None:
    assert centres_of([home(1, 0, centre_id=99)], [site(10, 0), site(11, 1)]) == {1: 10}


def test_more_elders_than_hours_are_reported_not_forgotten() -> None:
    found = assign([home(n, 0, minutes=480) for n in range(1, 4)], [site(10, 0, 480), site(11, 1, 240)])
    assert len(found.choices) == 3
    assert sum(found.overload_minutes.values()) == 720
    nobody = assign([home(1, 0)], [site(10, 0, 0)])
    assert nobody.overload_minutes == {10: 240}


def test_more_centres_are_tried_only_when_the_nearest_are_full() -> None:
    sites = [site(n, n / 10, 240) for n in range(1, 101)]
    assert assign([home(1, 0)], sites).nearest_tried == 20
    found = assign([home(n, 0) for n in range(1, 31)], sites)
    assert found.nearest_tried == 80
    assert found.overload_minutes == {}


def test_nobody_is_sent_farther_than_an_overload_is_worth() -> None:
    assert centres_of([home(1, 0)], [site(10, 0, 0), site(11, 26.9)]) == {1: 11}  # 29,911 m
    assert centres_of([home(1, 0)], [site(10, 0, 0), site(11, 27)]) == {1: 10}  # 30,023 m


def test_an_empty_city_and_a_city_without_centres() -> None:
    assert assign([], []).choices == ()
    with pytest.raises(ValueError, match="no care centre"):
        assign([home(1, 0)], [])


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_with_four_hours_each_nothing_is_cheaper(seed: int) -> None:
    rng = random.Random(seed)
    homes = [home(n, rng.uniform(0, 10), centre_id=rng.choice([None, 10, 11])) for n in range(1, 6)]
    sites = [site(n, rng.uniform(0, 10), rng.randrange(4) * 240, rng.choice([1, 2])) for n in (10, 11, 12)]
    metres = metres_between(homes, sites)

    def cost(choice: tuple[int, ...]) -> int:
        total = 0
        for i, j in enumerate(choice):
            leaves = homes[i].centre_id in (10, 11) and homes[i].centre_id != sites[j].centre_id
            total += int(metres[i, j]) + 2_000 * (sites[j].town_id != 1) + 1_500 * leaves
        loads = Counter(choice)
        return total + 30_000 * sum(max(0, n - sites[j].capacity_minutes // 240) for j, n in loads.items())

    ids = [found.centre_id for found in sites]
    chosen = tuple(ids.index(found.centre_id) for found in assign(homes, sites).choices)
    assert cost(chosen) == min(map(cost, itertools.product(range(3), repeat=5)))


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_nobody_is_split_and_no_centre_is_overloaded_where_pairs_fit(seed: int) -> None:
    rng = random.Random(seed)
    homes = [home(n, rng.uniform(0, 20), minutes=rng.choice([240, 480])) for n in range(1, 41)]
    sites = [site(n, rng.uniform(0, 20), rng.randrange(1, 8) * 480) for n in range(1, 15)]
    sites.append(site(15, 10, 8 * 480))
    found = assign(homes, sites)
    assert [choice.elder_id for choice in found.choices] == [person.elder_id for person in homes]
    load: Counter[int] = Counter()
    for person, choice in zip(homes, found.choices, strict=True):
        load[choice.centre_id] += person.minutes
    over = {s.centre_id: load[s.centre_id] - s.capacity_minutes for s in sites}
    assert found.overload_minutes == {centre: minutes for centre, minutes in over.items() if minutes > 0}
    if sum(s.capacity_minutes for s in sites) >= sum(person.minutes for person in homes):
        assert found.overload_minutes == {}
    assert assign(homes, sites) == found


def test_an_odd_place_is_never_filled_with_half_an_elder() -> None:
    sites = [site(10, 0, 720), site(11, 10, 720)]
    found = assign([home(n, 0, minutes=480) for n in (1, 2)] + [home(n, 0) for n in (3, 4)], sites)
    assert found.overload_minutes == {}
    assert Counter(choice.centre_id for choice in found.choices) == {10: 2, 11: 2}


def test_the_whole_city_is_stable_when_nothing_changed() -> None:
    rng = random.Random(3)
    sites = [
        replace(site(n, 0, 2400), latitude=29 + rng.random() / 2, longitude=120 + rng.random() / 2)
        for n in range(1, 465)
    ]
    homes = [
        replace(
            home(n, 0, minutes=480 if n % 10 < 3 else 240),
            latitude=29 + rng.random() / 2,
            longitude=120 + rng.random() / 2,
        )
        for n in range(1, 3001)
    ]
    first = assign(homes, sites)
    assert first.overload_minutes == {}
    kept = [replace(person, centre_id=choice.centre_id) for person, choice in zip(homes, first.choices, strict=True)]
    second = assign(kept, sites)
    assert [c.centre_id for c in second.choices] == [c.centre_id for c in first.choices]
