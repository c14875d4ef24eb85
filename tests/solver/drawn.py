"""Valid problems and plans drawn by hypothesis: small, and with every feature that there is."""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from solver.plan import Cost, Plan, PlannedVisit, Reason, Status, Unallocated
from solver.problem import (
    Caregiver,
    MinutesCap,
    Mode,
    Need,
    Pin,
    Place,
    Policy,
    Problem,
    Published,
    Shift,
    Visit,
    Window,
)

IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=4)
DAYS = st.integers(0, 6)
TIMES = st.integers(0, 1439)
POINTS = st.floats(0, 1e6)
GENDERS = st.none() | st.sampled_from(["female", "male"])
WORDS = st.frozensets(IDS, max_size=2)


def _names(least: int = 0, most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(IDS, min_size=least, max_size=most, unique=True)


def _some(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), max_size=2, unique=True) if names else st.just([])


@st.composite
def intervals(draw: st.DrawFn) -> tuple[int, int, int]:
    """Draw a day and two times of it in order."""
    begins = draw(TIMES)
    return draw(DAYS), begins, draw(st.integers(begins + 1, 1440))


WINDOWS = st.lists(intervals().map(lambda each: Window(*each)), max_size=3).map(tuple)
POLICIES = st.builds(Policy, unserved_hour=POINTS, travel_minute=POINTS, meal_minutes=st.integers(0, 150))


@st.composite
def caps(draw: st.DrawFn) -> MinutesCap:
    """Draw a cap on some days of the week."""
    first = draw(DAYS)
    return MinutesCap(first, draw(st.integers(first, 6)), draw(st.integers(0, 1000)))


@st.composite
def caregivers(draw: st.DrawFn, name: str, places: list[str], modes: list[str]) -> Caregiver:
    """Draw a caregiver of this name."""
    shifts = draw(st.lists(intervals().map(lambda each: Shift(*each)), max_size=3, unique_by=lambda shift: shift.day))
    return Caregiver(
        id=name,
        base=draw(st.sampled_from(places)),
        town=draw(IDS),
        mode=draw(st.sampled_from(modes)),
        shifts=tuple(shifts),
        weekly_limit_minutes=draw(st.integers(0, 3000)),
        contract_minutes=draw(st.integers(0, 3000)),
        max_days=draw(st.integers(0, 7)),
        skills=draw(st.dictionaries(IDS, st.integers(-1, 6), max_size=2)),
        gender=draw(GENDERS),
        dialects=draw(WORDS),
    )


@st.composite
def needs(draw: st.DrawFn, name: str, visit_ids: list[str], places: list[str], who: list[str]) -> Need:
    """Draw what an elder of this name needs."""
    visits = tuple(
        Visit(
            id=each,
            minutes=draw(st.integers(1, 240)),
            windows=draw(WINDOWS),
            wished=draw(WINDOWS),
            skills=draw(WORDS),
            hands=draw(st.integers(1, 2)),
        )
        for each in visit_ids
    )
    pattern = st.tuples(*(DAYS for _ in visits))
    return Need(
        id=name,
        place=draw(st.sampled_from(places)),
        town=draw(IDS),
        visits=visits,
        day_patterns=tuple(draw(st.lists(pattern, max_size=2))),
        min_days_between=draw(st.integers(0, 3)),
        occupied_days=tuple(draw(st.lists(st.sampled_from([-3, -1, 7, 9]), max_size=2))),
        eligible_days=draw(st.frozensets(DAYS)),
        caps=tuple(draw(st.lists(caps(), max_size=2))),
        required_gender=draw(GENDERS),
        wished_gender=draw(GENDERS),
        dialects=draw(WORDS),
        blocked=frozenset(draw(_some(who))),
        usual={each: draw(st.floats(0, 1, exclude_min=True)) for each in draw(_some(who))},
        max_carers=draw(st.none() | st.integers(1, 3)),
        minutes_behind=draw(st.integers(0, 500)),
        short_before=draw(st.booleans()),
    )


@st.composite
def matrices(draw: st.DrawFn, size: int) -> NDArray[np.int32]:
    """Draw travel[p, q] with nothing to travel from a place to itself."""
    minutes = draw(st.lists(st.integers(0, 90), min_size=size * size, max_size=size * size))
    matrix = np.array(minutes, dtype=np.int32).reshape(size, size)
    np.fill_diagonal(matrix, 0)
    return matrix


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Draw a valid problem of up to three of each thing."""
    places, modes, who, elders, visits = (draw(_names(least, 3)) for least in (1, 1, 0, 0, 0))
    metres = st.integers(-10_000, 10_000)
    shared = [visits[i :: len(elders)] for i in range(len(elders))]
    caregiver_ids = _some(who).map(tuple)
    stands = [visit for visit in visits if elders]
    pins = [
        Pin(visit, draw(DAYS), draw(TIMES), named) if named else Pin(visit, None, None, ())
        for visit, named in ((visit, draw(caregiver_ids)) for visit in stands[:1])
    ]
    published = [Published(visit=visit, day=draw(DAYS), start=draw(TIMES), caregivers=()) for visit in stands[1:]]
    return Problem(
        places=tuple(Place(name, draw(metres), draw(metres)) for name in places),
        modes=tuple(Mode(name, draw(st.floats(1, 1000)), draw(st.floats(1, 2)), draw(DAYS)) for name in modes),
        caregivers=tuple(draw(caregivers(name, places, modes)) for name in who),
        needs=tuple(draw(needs(name, of, places, who)) for name, of in zip(elders, shared, strict=True)),
        pins=tuple(pins),
        published=tuple(published),
        policy=draw(POLICIES),
        travel=draw(st.dictionaries(st.sampled_from(modes), matrices(len(places)), max_size=1)),
    )


FINITE = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(-(2**53), 2**53)
PLANNED = st.builds(PlannedVisit, IDS, WHOLE, WHOLE, st.lists(IDS, max_size=2).map(tuple))
FUNNEL = st.lists(st.tuples(IDS, WHOLE), max_size=3).map(tuple)
PLANS = st.builds(
    Plan,
    visits=st.lists(PLANNED, max_size=3).map(tuple),
    unallocated=st.lists(st.builds(Unallocated, IDS, st.sampled_from(Reason), FUNNEL), max_size=3).map(tuple),
    cost=st.builds(Cost, unserved=FINITE, load=FINITE),
    bound=st.none() | FINITE,
    status=st.sampled_from(Status),
    seed=WHOLE,
    iterations=WHOLE,
    seconds=FINITE,
    took=st.dictionaries(IDS, FINITE, max_size=2),
)
