"""Tiny problems and plans: a base, a home ten minutes east of it, Ann who walks, and what a test adds.

Everything is wide open unless said otherwise, so that a test names only what it is about. Places lie
on a line: ``BASE`` at 0, ``HOME`` at 10, ``NEXT`` at 15 and ``FAR`` at 60 minutes' walk.
"""

from collections.abc import Iterable
from typing import Any

from solver.judge import judge
from solver.plan import Cost, Plan, PlannedVisit, Reason, Unallocated
from solver.problem import Caregiver, Minutes, Mode, Need, Place, Policy, Problem, Shift, Visit, Window

METRES_PER_MINUTE = 100
WALK = Mode(id="walk", metres_per_minute=METRES_PER_MINUTE, detour=1.0)


def place(id: str, minutes_east: int, minutes_north: int = 0) -> Place:  # noqa: A002
    """Return a place so many minutes' walk from the base."""
    return Place(id, METRES_PER_MINUTE * minutes_east, METRES_PER_MINUTE * minutes_north)


PLACES = (place("base", 0), place("home", 10), place("next", 15), place("far", 60))


def time(text: str) -> Minutes:
    """Return the minute of the day: ``time("9:30") == 570``."""
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


def windows(opens: str = "8:00", closes: str = "18:00", days: Iterable[int] = range(7)) -> tuple[Window, ...]:
    """Return the same window on each of the days."""
    return tuple(Window(day, time(opens), time(closes)) for day in days)


def shifts(starts: str = "7:00", ends: str = "20:00", days: Iterable[int] = range(7)) -> tuple[Shift, ...]:
    """Return the same shift on each of the days."""
    return tuple(Shift(day, time(starts), time(ends)) for day in days)


def caregiver(id: str = "ann", **said: Any) -> Caregiver:  # noqa: A002
    """Return a caregiver who lives at the base and walks."""
    usual: dict[str, Any] = {
        "base": "base",
        "town": "north",
        "mode": "walk",
        "shifts": shifts(),
        "weekly_limit_minutes": 2400,
        "contract_minutes": 2400,
    }
    return Caregiver(id=id, **(usual | said))


def visit(id: str = "v", minutes: int = 60, **said: Any) -> Visit:  # noqa: A002
    """Return a visit of an hour that may start on any day from 8 to 18 o'clock."""
    return Visit(id=id, minutes=minutes, **({"windows": windows()} | said))


def need(*visits: Visit, id: str = "eve", **said: Any) -> Need:  # noqa: A002
    """Return what Eve, who lives at home, needs: one visit unless others are given."""
    return Need(id=id, visits=visits or (visit(),), **({"place": "home", "town": "north"} | said))


def problem(*needs: Need, caregivers: tuple[Caregiver, ...] | None = None, **said: Any) -> Problem:
    """Return a problem in which Ann can go, unless other caregivers are given."""
    usual: dict[str, Any] = {"places": PLACES, "modes": (WALK,), "policy": Policy()}
    who = (caregiver(),) if caregivers is None else caregivers
    return Problem(needs=needs or (need(),), caregivers=who, **(usual | said))


def placed(id: str = "v", day: int = 0, start: str = "9:00", *caregivers: str) -> PlannedVisit:  # noqa: A002
    """Return a placed visit, by Ann unless others are named."""
    return PlannedVisit(id, day, time(start), caregivers or ("ann",))


def plan(*visits: PlannedVisit, left: Iterable[str] = ()) -> Plan:
    """Return a plan that places these visits and leaves others unallocated."""
    unallocated = tuple(Unallocated(visit, Reason.NO_ROUTE_FITS) for visit in left)
    return Plan(visits=visits, unallocated=unallocated, cost=Cost())


def broken_rules(problem: Problem, plan: Plan) -> set[str]:
    """Return the names of the rules that a plan breaks."""
    return {violation.rule for violation in judge(problem, plan)}
