"""Seeded synthetic problems of any size, on the map of the real towns of Yiwu.

Elders and bases are scattered around the towns' seats; everything about them is made up.
"""

import csv
import math
import random
from dataclasses import dataclass, replace
from pathlib import Path

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

_CSV = Path(__file__).resolve().parents[2] / "app" / "demo" / "data" / "towns.csv"
# The same file's codes and seats (latitude, longitude), for a tree without the demo.
_SEATS = (
    ("330782001", 29.3065, 120.075),
    ("330782002", 29.292, 120.095),
    ("330782003", 29.28339, 120.02756),
    ("330782004", 29.327, 120.043),
    ("330782005", 29.364, 120.029),
    ("330782006", 29.317, 119.978),
    ("330782007", 29.313, 120.171),
    ("330782008", 29.333, 120.104),
    ("330782100", 29.203, 120.022),
    ("330782101", 29.14501, 120.03036),
    ("330782102", 29.23597, 119.96089),
    ("330782104", 29.28489, 119.93205),
    ("330782105", 29.406, 120.118),
    ("330782106", 29.4521, 120.12527),
)
MODES = (
    Mode("ebike", 300.0, 1.3, 2),
    Mode("bus", 260.0, 1.4, 12),
    Mode("foot", 75.0, 1.25, 0),
)
STAFFING = {"slack": 1.0, "tight": 0.45, "short": 0.3}
MORNING, AFTERNOON = (8 * 60, 12 * 60), (13 * 60, 18 * 60)


@dataclass(frozen=True)
class Seat:
    """A town and its seat in metres."""

    code: str
    east: float
    north: float


def seats() -> list[Seat]:
    """Return the towns on a plane around their middle."""
    rows = list(_SEATS)
    if _CSV.exists():
        with _CSV.open(encoding="utf-8") as file:
            rows = [(row["code"], float(row["latitude"]), float(row["longitude"])) for row in csv.DictReader(file)]
    metres = 111_320.0
    return [
        Seat(code, (longitude - 120.05) * metres * math.cos(math.radians(29.3)), (latitude - 29.3) * metres)
        for code, latitude, longitude in rows
    ]


def city(
    elders: int = 2000,
    *,
    seed: int = 0,
    staffing: str = "slack",
    towns: int = 14,
    visits_per_caregiver: float = 7.5,
    double_handed: float = 0.02,
    same_day: float = 0.0,
    policy: Policy | None = None,
) -> Problem:
    """Return a problem of so many elders; 1.5 visits each on average.

    Parameters
    ----------
    staffing
        ``slack``, ``tight`` or ``short``: how many caregivers there are for the same visits.
    double_handed, same_day
        Shares of visits with two caregivers, and of elders whose visits may share a day.
    """
    rng = random.Random(f"{seed} {elders} {staffing} {towns}")
    where = seats()[:towns]
    weights = [2.0 if k < 5 else 1.0 for k in range(len(where))]
    places: list[Place] = []

    def place(town: Seat, spread: float) -> str:
        name = f"p{len(places)}"
        places.append(Place(name, round(rng.gauss(town.east, spread)), round(rng.gauss(town.north, spread))))
        return name

    n_caregivers = max(2, round(elders * 1.5 / visits_per_caregiver * STAFFING[staffing]))
    caregivers = [_caregiver(rng, k, rng.choices(where, weights)[0], place) for k in range(n_caregivers)]
    needs = [
        _need(rng, k, rng.choices(where, weights)[0], place, caregivers, places, double_handed, same_day)
        for k in range(elders)
    ]
    return Problem(
        places=tuple(places),
        modes=MODES,
        caregivers=tuple(caregivers),
        needs=tuple(needs),
        policy=policy or Policy(),
    )


def _caregiver(rng: random.Random, k: int, town: Seat, place) -> Caregiver:  # type: ignore[no-untyped-def]
    part_time = rng.random() < 0.3
    days = sorted(rng.sample(range(7), 3 if part_time else 5))
    shifts = tuple(
        Shift(day, 8 * 60, 12 * 60) if part_time and rng.random() < 0.5 else Shift(day, 8 * 60, 17 * 60 + 30)
        for day in days
    )
    contract = 20 * 60 if part_time else 40 * 60
    skills = {"care": 6}
    if rng.random() < 0.6:
        skills["bath"] = 6 if rng.random() < 0.9 else rng.randrange(6)
    if rng.random() < 0.25:
        skills["medical"] = 6
    return Caregiver(
        id=f"c{k}",
        base=place(town, 1500.0),
        town=town.code,
        mode=rng.choices(["ebike", "bus", "foot"], [0.8, 0.12, 0.08])[0],
        shifts=shifts,
        weekly_limit_minutes=contract,
        contract_minutes=contract,
        skills=skills,
        gender="f" if rng.random() < 0.85 else "m",
        dialects=frozenset({"yiwu"} if rng.random() < 0.7 else {"mandarin"}),
    )


def _windows(rng: random.Random, day: int) -> list[Window]:
    kind = rng.random()
    if kind < 0.7:
        return [Window(day, *MORNING), Window(day, *AFTERNOON)]
    return [Window(day, *(MORNING if kind < 0.85 else AFTERNOON))]


def _visit(rng: random.Random, name: str, minutes: int, double_handed: float) -> Visit:
    closed = rng.randrange(7)
    windows = tuple(w for day in range(7) if day != closed for w in _windows(rng, day))
    half = MORNING if rng.random() < 0.6 else AFTERNOON
    wished = tuple(Window(day, *half) for day in range(7)) if rng.random() < 0.5 else ()
    skill = rng.choices([{"care"}, {"care", "bath"}, {"medical"}], [0.75, 0.2, 0.05])[0]
    return Visit(
        id=name,
        minutes=minutes,
        windows=windows,
        wished=wished,
        skills=frozenset(skill),
        hands=2 if rng.random() < double_handed else 1,
    )


def _apart(p: Place, q: Place) -> int:
    return (p.east_metres - q.east_metres) ** 2 + (p.north_metres - q.north_metres) ** 2


def _need(  # type: ignore[no-untyped-def]
    rng: random.Random,
    k: int,
    town: Seat,
    place,
    caregivers: list[Caregiver],
    places: list[Place],
    double_handed: float,
    same_day: float,
) -> Need:
    home = place(town, 2200.0)
    n = rng.choices([1, 2, 4], [0.58, 0.40, 0.02])[0]
    minutes = rng.choice([60, 90, 120]) if n < 4 else 60
    visits = tuple(_visit(rng, f"v{k}.{i}", minutes, double_handed) for i in range(n))
    required = "f" if rng.random() < 0.1 else None
    skills = frozenset[str]().union(*(visit.skills for visit in visits))
    here = places[int(home[1:])]
    near = sorted(caregivers, key=lambda c: _apart(here, places[int(c.base[1:])]))[:30]
    able = [c for c in near if skills <= c.skills.keys() and required in (None, c.gender)][:6]
    usual = {c.id: rng.choice([1.0, 0.6]) for c in rng.sample(able, min(len(able), rng.choice([1, 2])))}
    gap = 0 if rng.random() < same_day else (2 if n == 2 and rng.random() < 0.6 else 1)
    patterns: tuple[tuple[int, ...], ...] = ()
    if n == 2 and rng.random() < 0.15:
        patterns = ((0, 3), (1, 4), (2, 5), (3, 6), (0, 4), (1, 5))
    return Need(
        id=f"e{k}",
        place=home,
        town=town.code,
        visits=visits,
        day_patterns=patterns,
        min_days_between=gap,
        occupied_days=(-1,) if rng.random() < 0.1 else (),
        eligible_days=frozenset(range(5)) if rng.random() < 0.03 else frozenset(range(7)),
        caps=(MinutesCap(0, 6, n * minutes),) if rng.random() < 0.3 else (),
        required_gender=required,
        wished_gender="f" if rng.random() < 0.3 else None,
        dialects=frozenset({"yiwu"}) if rng.random() < 0.4 else frozenset(),
        blocked=frozenset({rng.choice(near).id} - usual.keys()) if near and rng.random() < 0.05 else frozenset(),
        usual=usual if rng.random() < 0.85 else {},
        max_carers=3 if n == 4 else (2 if rng.random() < 0.2 else None),
        minutes_behind=rng.choice([0, 0, 0, 60, 240]),
        short_before=rng.random() < 0.05,
    )


def with_everything(problem: Problem, seed: int) -> Problem:
    """Return the problem with a published plan that can hardly be kept, and pins that partly contradict."""
    rng = random.Random(f"everything {seed}")
    visits = [(need, visit) for need in problem.needs for visit in need.visits]
    who = [caregiver.id for caregiver in problem.caregivers]
    published, pins = [], []
    for _, visit in visits:
        window = rng.choice(visit.windows)
        start = rng.randrange(window.opens, window.closes)
        by = tuple(rng.sample(who, min(len(who), visit.hands)))
        draw = rng.random()
        if draw < 0.5:
            published.append(Published(visit=visit.id, day=window.day, start=start, caregivers=by))
        if 0.45 < draw < 0.57:
            pins.append(Pin(visit.id, window.day, start, by))
        elif draw > 0.97:
            pins.append(Pin(visit.id, None, None, ()))
    if not any(pin.day is None for pin in pins):
        pinned = {pin.visit for pin in pins}
        pins.append(Pin(next(visit.id for _, visit in visits if visit.id not in pinned), None, None, ()))
    return replace(problem, pins=tuple(pins), published=tuple(published))
