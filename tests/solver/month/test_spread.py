"""The spread over weeks is the cheapest there is, keeps its bounds, and evens loads against capacity."""

import itertools
import random
from collections.abc import Iterator, Sequence
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.month.spread import Ask, cost, fair_loads, spread


def choices(ask: Ask) -> Iterator[tuple[int, ...]]:
    """Return every way to lay the visits of an ask over its weeks, unmet ones left out."""
    for found in itertools.product(*(range(min(most, ask.visits) + 1) for most in ask.most)):
        waiting = [ask.visits - done for done in accumulate(found)]
        if sum(found) <= ask.visits and all(now <= most for now, most in zip(waiting, ask.waiting, strict=True)):
            yield found


def cheapest(asks: Sequence[Ask], capacity: Sequence[float]) -> int:
    """Return the least cost, by trying everything."""
    fair = fair_loads(asks, capacity)
    names = [ask.id for ask in asks]
    return min(
        cost(asks, dict(zip(names, found, strict=True)), fair)
        for found in itertools.product(*(list(choices(ask)) for ask in asks))
    )


@st.composite
def asks_of_weeks(draw: st.DrawFn, lengths: Sequence[int]) -> tuple[list[Ask], list[float]]:
    n_weeks = draw(st.integers(1, 3))
    numbers = st.lists(st.integers(0, 2), min_size=n_weeks, max_size=n_weeks)
    found = []
    for n in range(draw(st.integers(1, 3))):
        wished = draw(numbers)
        by_then = tuple(sorted(draw(numbers)))
        found.append(
            Ask(
                id=f"e{n}",
                minutes=draw(st.sampled_from(lengths)),
                wished=tuple(wished),
                most=tuple(draw(numbers)),
                by_then=by_then,
                promised=tuple(draw(numbers)) if draw(st.booleans()) else (),
            )
        )
    return found, draw(st.lists(st.sampled_from([0.0, 50.0, 100.0, 300.0]), min_size=n_weeks, max_size=n_weeks))


@settings(max_examples=150)
@given(asks_of_weeks([60]))
def test_with_visits_of_one_length_nothing_is_cheaper(problem: tuple[list[Ask], list[float]]) -> None:
    asks, capacity = problem
    found = spread(asks, capacity)
    ours = cost(asks, found, fair_loads(asks, capacity))
    assert ours <= cheapest(asks, capacity) + len(capacity) * 4  # points are rounded, one a visit


@settings(max_examples=150)
@given(asks_of_weeks([30, 60, 120]))
def test_bounds_are_kept_and_no_visit_is_lost_that_has_a_week(problem: tuple[list[Ask], list[float]]) -> None:
    asks, capacity = problem
    found = spread(asks, capacity)
    for ask in asks:
        assert found[ask.id] in set(choices(ask))
        assert sum(found[ask.id]) == max(map(sum, choices(ask)))


@settings(max_examples=60)
@given(asks_of_weeks([30, 60, 120]))
def test_the_order_of_asks_changes_nothing(problem: tuple[list[Ask], list[float]]) -> None:
    asks, capacity = problem
    assert spread(asks, capacity) == spread(asks[::-1], capacity)


def town(rng: random.Random, elders: int = 60) -> list[Ask]:
    found = []
    for n in range(elders):
        visits = rng.choice([2, 4, 8])
        upto = [visits * (week + 1) // 4 for week in range(4)]
        wished = tuple(now - before for now, before in zip(upto, [0, *upto], strict=False))
        found.append(Ask(id=f"e{n:03d}", minutes=rng.choice([60, 120]), wished=wished, most=(3,) * 4, by_then=(0,) * 4))
    return found


def loads(asks: Sequence[Ask], found: dict[str, tuple[int, ...]]) -> list[int]:
    return [sum(found[ask.id][week] * ask.minutes for ask in asks) for week in range(4)]


def test_loads_follow_capacity_to_a_few_percent_with_visits_of_two_lengths() -> None:
    asks, capacity = town(random.Random(3)), [100.0, 60.0, 100.0, 80.0]
    fair = fair_loads(asks, capacity)
    for load, even in zip(loads(asks, spread(asks, capacity)), fair, strict=True):
        assert abs(load - even) <= 0.03 * even
    by_rhythm = loads(asks, {ask.id: ask.wished for ask in asks})
    assert max(abs(load - even) / even for load, even in zip(by_rhythm, fair, strict=True)) > 0.2


def test_an_even_rhythm_stays_where_weeks_are_alike() -> None:
    asks = [Ask(id=f"e{n}", minutes=60, wished=(1, 1, 1, 1), most=(3,) * 4, by_then=(0, 1, 2, 4)) for n in range(20)]
    assert spread(asks, [100.0] * 4) == {ask.id: ask.wished for ask in asks}


@pytest.mark.parametrize(("least", "expected"), [(1, 1), (2, 2)])
def test_what_must_be_by_then_is_by_then(least: int, expected: int) -> None:
    ask = Ask(id="e", minutes=60, wished=(1, 1), most=(2, 1), by_then=(least, 2))
    assert spread([ask], [1.0, 1.0])["e"][0] == expected


def test_a_published_visit_stays_until_its_week_would_bear_twice_what_is_fair() -> None:
    def first_week(capacity: list[float]) -> list[int]:
        asks = [
            Ask(id=f"e{n}", minutes=60, wished=(n % 2, 1 - n % 2), most=(1, 1), by_then=(0, 1), promised=promised)
            for n, promised in enumerate([(1, 0), (1, 0), (), (), (), (), (), ()])
        ]
        return [found[0] for _, found in sorted(spread(asks, capacity).items())]

    assert first_week([50.0, 50.0])[:2] == [1, 1], "even the one whose rhythm is the other week"
    assert first_week([15.0, 85.0]) == [1, 1, 0, 0, 0, 0, 0, 0], "its share is 1.2 visits"
    assert sum(first_week([5.0, 95.0])) == 1, "its share is 0.4 visits"


def test_nobody_is_forgotten_where_nobody_works() -> None:
    ask = Ask(id="e", minutes=60, wished=(1, 1), most=(2, 2), by_then=(0, 0))
    assert spread([ask], [0.0, 0.0])["e"] == (1, 1)
    assert spread([ask], [0.0, 9.0])["e"] == (0, 2)
    assert spread([], []) == {}
    assert spread([Ask(id="e", minutes=60, wished=(), most=(), by_then=())], []) == {"e": ()}


@pytest.mark.parametrize(
    "wrong",
    [
        {"wished": (1,)},
        {"most": (1,)},
        {"by_then": (0,)},
        {"wished": (-1, 1)},
        {"most": (1, -1)},
        {"by_then": (-1, 0)},
        {"promised": (1,)},
        {"promised": (0, -1)},
        {"minutes": 0},
    ],
)
def test_wrong_asks_are_refused(wrong: dict[str, object]) -> None:
    right = {"id": "e", "minutes": 60, "wished": (1, 1), "most": (1, 1), "by_then": (0, 1)}
    assert Ask(**right).visits == 2  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected"):
        Ask(**(right | wrong))  # type: ignore[arg-type]


def test_weeks_without_a_capacity_are_refused() -> None:
    with pytest.raises(ValueError, match="2 weeks"):
        spread([Ask(id="e", minutes=60, wished=(1,), most=(1,), by_then=(1,))], [1.0, 1.0])
