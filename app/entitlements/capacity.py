"""What caregivers can give, day by day and town by town: their minutes at work, within their weekly limits.

Whose hours of a week are more than she may work gives the same share of each of its days: so a week's days add up
to what she can give in it, and a holiday takes only what she can't make up for on the week's other days.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.caregivers.limits import DAILY_LIMIT_MINUTES, weekly_limit
from app.caregivers.models import Caregiver, Leave, WorkingHours
from app.core.weeks import Week

Hours = Mapping[int, tuple[int, int]]
"""Weekday -> minutes of the day."""


@dataclass(frozen=True, slots=True)
class _Employed:
    """Whose hours count, and from when to when (half-open)."""

    town_id: int
    first: date
    end: date
    hours: Hours
    weekly_limit: int

    def on(self, day: date) -> tuple[int, int]:
        """Return her hours of a day; none: (0, 0)."""
        return self.hours.get(day.weekday(), (0, 0)) if self.first <= day < self.end else (0, 0)


def read_town_capacity(
    session: Session, first: date, end: date, closed: Collection[date]
) -> dict[int, dict[date, float]]:
    """Return the minutes that each town's caregivers can give on each day of a half-open span.

    Closed days have none; towns without a caregiver are left out. It is all towns whoever asks, so that
    a town's demand doesn't depend on it. The weeks at both ends count whole.
    """
    mondays = [Week.of(first).monday]
    while mondays[-1] + timedelta(days=7) < end:
        mondays.append(mondays[-1] + timedelta(days=7))
    days = [day for day in _days(mondays[0], mondays[-1] + timedelta(days=7)) if day not in closed]
    employed = _employed(session, mondays[0], mondays[-1] + timedelta(days=7))
    taken = _on_leave(session, employed, mondays[0], mondays[-1] + timedelta(days=7))
    given: dict[int, dict[date, float]] = {each.town_id: {} for each in employed.values()}
    for caregiver, each in employed.items():
        at_work: dict[date, int] = {}
        in_week: Counter[date] = Counter()
        for day in days:
            starts, ends = each.on(day)
            minutes = min(DAILY_LIMIT_MINUTES, max(0, ends - starts - taken.get((caregiver, day), 0)))
            if minutes:
                at_work[day] = minutes
                in_week[Week.of(day).monday] += minutes
        town = given[each.town_id]
        for day, minutes in at_work.items():
            share = min(1.0, each.weekly_limit / in_week[Week.of(day).monday])
            town[day] = town.get(day, 0.0) + minutes * share
    return {
        town: {day: found.get(day, 0.0) for day in days if first <= day < end}
        for town, found in sorted(given.items())
        if any(first <= day < end for day in found)
    }


def _days(first: date, end: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((end - first).days)]


def of_all_towns(by_town: Mapping[int, Mapping[date, float]]) -> dict[date, float] | None:
    """Return the sum of all towns; None if nobody is ever at work."""
    total: defaultdict[date, float] = defaultdict(float)
    for at_work in by_town.values():
        for day, minutes in at_work.items():
            total[day] += minutes
    return dict(total) or None


def _employed(session: Session, first: date, end: date) -> dict[int, _Employed]:
    hours: defaultdict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    for row in session.execute(
        select(WorkingHours.caregiver_id, WorkingHours.weekday, WorkingHours.starts, WorkingHours.ends)
    ):
        hours[row.caregiver_id][row.weekday] = (row.starts, row.ends)
    columns = (Caregiver.id, Caregiver.town_id, Caregiver.hired_on, Caregiver.ended_on)
    who = select(*columns, Caregiver.contract_minutes, Caregiver.overtime_allowed).where(
        Caregiver.hired_on < end, or_(Caregiver.ended_on.is_(None), Caregiver.ended_on > first)
    )
    return {
        row.id: _Employed(
            row.town_id,
            row.hired_on,
            row.ended_on or end,
            hours[row.id],
            weekly_limit(row.contract_minutes, row.overtime_allowed),
        )
        for row in session.execute(who.order_by(Caregiver.id))
    }


def _on_leave(
    session: Session, employed: Mapping[int, _Employed], first: date, end: date
) -> dict[tuple[int, date], int]:
    """Return (caregiver, day) -> the minutes that leave takes of her hours."""
    taken = select(Leave.caregiver_id, Leave.first_on, Leave.last_on, Leave.starts, Leave.ends).where(
        Leave.first_on < end, Leave.last_on >= first
    )
    found: Counter[tuple[int, date]] = Counter()
    for leave in session.execute(taken.order_by(Leave.id)):
        each = employed.get(leave.caregiver_id)
        if each is None:
            continue
        for day in _days(max(leave.first_on, first), min(leave.last_on + timedelta(days=1), end)):
            starts, ends = each.on(day)
            away_from = starts if leave.starts is None else max(starts, leave.starts)
            away_to = ends if leave.ends is None else min(ends, leave.ends)
            found[leave.caregiver_id, day] += max(0, away_to - away_from)
    return found
