"""Caregivers of towns that a schedule does not cover, with what they do there: those who might be lent."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy.orm import Session

from app.core.weeks import Week
from app.entitlements.holidays import closed_days
from app.entitlements.loading import read_special_days
from app.schedules import repository
from app.schedules.models import Schedule
from app.schedules.planning import to_problem
from app.schedules.rows import WeekRows
from solver.fixes import Lend
from solver.week import Week as Index


def who_could_be_lent(session: Session, schedule: Schedule, index: Index) -> tuple[Lend, ...]:
    """Return them as the solver takes them, each with her published visits, pinned.

    Left out is whoever shares a visit with somebody who is in the problem, or with another of them: she is
    not free to be looked at alone.
    """
    week, towns = Week(schedule.monday), repository.towns_of(schedule)
    others = repository.town_ids(session) - towns
    rows = [row for row in repository.caregiver_rows(session, week, others) if str(row.id) not in index.caregivers]
    elsewhere = repository.visits_elsewhere(session, week, towns, {row.id for row in rows})
    homes = repository.homes_of(session, {visit.elder_id for visit in elsewhere})
    closed = closed_days(week.monday, week.end, read_special_days(session, week.monday, week.end))
    alone = WeekRows(
        week=week,
        demands=(),
        elders=(),
        caregivers=(),
        pairs=(),
        homes=homes,
        closed_days=frozenset((day - week.monday).days for day in closed),
    )
    found = []
    for row in rows:
        hers = tuple(visit for visit in elsewhere if row.id in visit.caregivers)
        found.append(_lend(replace(alone, caregivers=(row,), elsewhere=hers)))
    return _free(found, index)


def _lend(rows: WeekRows) -> Lend:
    problem = to_problem(rows)
    [caregiver] = problem.caregivers
    # Her elders may be there for somebody else too: a need of each by her name, which still ends with the elder's.
    needs = tuple(replace(need, id=need.id.replace("-", f"-{caregiver.id}-", 1)) for need in problem.needs)
    return Lend(caregiver=caregiver, places=problem.places, needs=needs, pins=problem.pins)


def _free(lends: Iterable[Lend], index: Index) -> tuple[Lend, ...]:
    found = tuple(lends)
    shared = Counter(pin.visit for lend in found for pin in lend.pins)
    return tuple(
        lend for lend in found if all(shared[pin.visit] == 1 and pin.visit not in index.visits for pin in lend.pins)
    )
