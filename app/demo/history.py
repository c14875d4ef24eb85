"""What happened in the month before the demo city's first week: visits delivered, a few missed or excused."""

import random
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from app.core.clock import ZONE
from app.core.weeks import Month, Week
from app.demo.options import CityOptions
from app.entitlements.demand import ElderDemand, week_demand
from app.entitlements.models import Booking, BookingState

_MISSED_SHARE = 0.02
_EXCUSED_SHARE = 0.01


def make_history(session: Session, options: CityOptions) -> int:
    """Book the weeks from the first of the month up to the week of ``as_of``; return how many visits that is."""
    chance = random.Random(f"history:{options.seed}")
    week = Week.of(Month.of(options.as_of).first)
    made = 0
    while week < Week.of(options.as_of):
        for demand in week_demand(session, week):
            made += _book(session, chance, demand)
        session.flush()
        week = week.next()
    return made


def _book(session: Session, chance: random.Random, demand: ElderDemand) -> int:
    """Book an elder's visits of one week, on days as far apart as they come."""
    taken: list[date] = []
    for visit in demand.visits:
        days = sorted(visit.days & demand.eligible_days - set(taken))
        if not days:
            continue
        day = max(days, key=lambda day: (min((abs((day - other).days) for other in taken), default=0), chance.random()))
        taken.append(day)
        draw = chance.random()
        state = BookingState.DELIVERED
        if draw < _MISSED_SHARE:
            state = BookingState.MISSED
        elif draw < _MISSED_SHARE + _EXCUSED_SHARE:
            state = BookingState.EXCUSED
        session.add(
            Booking(
                visit_key=visit.key,
                elder_id=demand.elder_id,
                day=day,
                minutes=visit.minutes,
                planned_minutes=visit.minutes,
                state=state,
                recorded_at=_evening(day),
            )
        )
    return len(taken)


def _evening(day: date) -> datetime:
    return datetime.combine(day, time(18), ZONE)
