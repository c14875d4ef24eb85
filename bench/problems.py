"""The problems that the solver's benches solve: the demo city's week, and single towns of it."""

from collections import Counter
from dataclasses import replace

from app.accounts.scope import Actor
from app.core import clock
from app.demo.options import Staffing
from app.entitlements.ledger import policy_of
from app.schedules import repository, service
from app.schedules.loading import read_week
from app.schedules.planning import to_problem
from app.schedules.schemas import ScheduleNew
from bench.installation import EVENING, WEEK, empty_installation, fill
from solver.part import of_towns
from solver.problem import Problem

TOWN_VISITS = 266
"""About the visits of the town that the prototypes were measured on (an eleventh of the city)."""

_APART_METRES = 60_000


def city_problem(elders: int, staffing: Staffing, *, seed: int = 1) -> Problem:
    """Return the problem of a week of a demo city, as the service makes it from the roster."""
    with empty_installation() as here:
        fill(here, elders=elders, staffing=staffing, seed=seed)
        with clock.fixed(EVENING), here.database.write() as session:
            asked = ScheduleNew(week=str(WEEK), iterations=0)
            schedule = service.ask(session, Actor.operator(), asked, here.settings, clock.today())
            rows = read_week(session, schedule, repository.run_of(session, schedule.id), policy_of(here.settings))
    return to_problem(rows)


def town_problem(city: Problem, visits: int = TOWN_VISITS) -> Problem:
    """Return the town of this city whose number of visits comes nearest."""
    count = Counter[str]()
    for need in city.needs:
        count[need.town] += len(need.visits)
    nearest = min(sorted(count), key=lambda town: abs(count[town] - visits))
    return of_towns(city, {nearest})


def cities_side_by_side(city: Problem, cities: int) -> Problem:
    """Return so many copies of a city next to each other, 60 km apart, each with ids of its own."""
    copies = [_renamed(city, k) for k in range(cities)]
    return replace(
        city,
        places=tuple(place for copy in copies for place in copy.places),
        caregivers=tuple(caregiver for copy in copies for caregiver in copy.caregivers),
        needs=tuple(need for copy in copies for need in copy.needs),
        pins=(),
        published=(),
    )


def _renamed(city: Problem, number: int) -> Problem:
    def new(name: str) -> str:
        return f"{number}/{name}"

    return replace(
        city,
        places=tuple(
            replace(place, id=new(place.id), east_metres=place.east_metres + number * _APART_METRES)
            for place in city.places
        ),
        caregivers=tuple(
            replace(one, id=new(one.id), base=new(one.base), town=new(one.town)) for one in city.caregivers
        ),
        needs=tuple(
            replace(
                need,
                id=new(need.id),
                place=new(need.place),
                town=new(need.town),
                visits=tuple(replace(visit, id=new(visit.id)) for visit in need.visits),
                usual={new(caregiver): weight for caregiver, weight in need.usual.items()},
                blocked=frozenset(map(new, need.blocked)),
            )
            for need in city.needs
        ),
        pins=(),
        published=(),
    )
