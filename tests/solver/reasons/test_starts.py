"""Where a visit fits into a day, held to a trial of every minute."""

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import example, settings
from hypothesis import given as drawn_from
from hypothesis import strategies as st

from solver.problem import Policy, Shift
from solver.reasons.starts import Interval, Sequel, Spot, possible_starts, without

# A day of an hour, with 4 minutes for the meal between minute 20 and minute 32.
POLICY = Policy(meal_minutes=4, meal_opens=20, meal_closes=32)
MINUTES = st.integers(0, 60)
WINDOWS = st.lists(st.tuples(MINUTES, st.integers(1, 6)).map(lambda each: (each[0], sum(each))), min_size=1, max_size=2)
SPOTS = st.builds(Spot, st.integers(1, 12), WINDOWS.map(tuple))


@st.composite
def sequels(draw: st.DrawFn) -> Sequel:
    """Draw up to four visits in an order that has some chance, and say which one is new."""
    spots = sorted(draw(st.lists(SPOTS, min_size=1, max_size=4)), key=lambda spot: min(spot.windows))
    new = draw(st.integers(0, len(spots) - 1))
    spots[new] = Spot(spots[new].minutes, ((0, 60),)) if draw(st.booleans()) else spots[new]
    size = len(spots) + 1
    return Sequel(spots, draw(st.lists(st.integers(0, 8), min_size=size, max_size=size)), new)


def timings(sequel: Sequel, starts: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield the starts of all visits that keep to windows and travel, the first ones given."""
    i = len(starts)
    if i == len(sequel.spots):
        yield starts
        return
    ready = starts[-1] + sequel.spots[i - 1].minutes + sequel.legs[i] if starts else 0
    minutes = {minute for opens, closes in sequel.spots[i].windows for minute in range(max(ready, opens), closes)}
    for minute in minutes:
        yield from timings(sequel, (*starts, minute))


def is_good(sequel: Sequel, starts: tuple[int, ...], shift: Shift, policy: Policy) -> bool:
    """Tell whether shift and meal break are kept, minute by minute."""
    ends = [start + spot.minutes for start, spot in zip(starts, sequel.spots, strict=True)]
    leaves, returns = starts[0] - sequel.legs[0], ends[-1] + sequel.legs[-1]
    if leaves < shift.starts or returns > shift.ends:
        return False
    if leaves > policy.meal_opens or returns < policy.meal_closes or policy.meal_minutes == 0:
        return True
    meals = range(policy.meal_opens, policy.meal_closes - policy.meal_minutes + 1)
    return any(
        (end <= meal and meal + policy.meal_minutes <= start - leg)
        or (end + leg <= meal and meal + policy.meal_minutes <= start)
        for (end, start), leg in zip(
            ((ends[i], starts[i + 1]) for i, _ in enumerate(pairwise(starts))), sequel.legs[1:], strict=False
        )
        for meal in meals
    )


@settings(max_examples=400)
@drawn_from(
    sequels(),
    st.tuples(st.integers(0, 30), st.integers(31, 70)).map(lambda each: Shift(0, *each)),
    st.sampled_from([POLICY, POLICY, Policy(meal_minutes=0, meal_opens=20, meal_closes=32)]),
)
# She leaves one minute after the meal time begins, or is back one minute before it ends.
@example(Sequel([Spot(20, ((20, 30),))], [3, 0], 0), Shift(0, 0, 60), POLICY)
@example(Sequel([Spot(20, ((0, 30),))], [0, 2], 0), Shift(0, 0, 60), POLICY)
# The visit before the new one is reached in the last minute of its window, and just after it.
@example(Sequel([Spot(5, ((10, 12),)), Spot(5, ((0, 60),))], [11, 0, 0], 1), Shift(0, 0, 60), POLICY)
@example(Sequel([Spot(5, ((10, 12),)), Spot(5, ((0, 60),))], [12, 0, 0], 1), Shift(0, 0, 60), POLICY)
def test_every_minute_that_works_is_found_and_no_other(sequel: Sequel, shift: Shift, policy: Policy) -> None:
    found = possible_starts(sequel, shift, policy)
    assert all(opens < closes for opens, closes in found)
    good = {starts[sequel.new] for starts in timings(sequel, ()) if is_good(sequel, starts, shift, policy)}
    assert {minute for opens, closes in found for minute in range(opens, closes)} == good


@drawn_from(WINDOWS, st.tuples(MINUTES, st.integers(1, 20)).map(lambda each: (each[0], sum(each))))
def test_what_is_left_of_windows_is_what_is_not_busy(windows: list[Interval], busy: Interval) -> None:
    left = without(windows, busy)
    assert all(opens < closes for opens, closes in left)
    minutes = {minute for opens, closes in windows for minute in range(opens, closes)}
    assert {minute for opens, closes in left for minute in range(opens, closes)} == minutes - {*range(*busy)}
