"""What caregivers can give: their minutes at work, day by day and town by town."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.caregivers.models import Caregiver, Leave, WorkingHours

Hours = Mapping[int, tuple[int, int]]
"""Weekday -> minutes of the day."""


@dataclass(frozen=True, slots=True)
class _Employed:
    """Whose hours count, and from when to when (half-open)."""

    town_id: int
    first: date
    end: date
    hours: Hours

    def on(self, day: date) -> tuple[int, int]:
        """Return her hours of a day; none: (0, 0)."""
        return self.hours.get(day.weekday(), (0, 0)) if self.first <= day < self.end else (0, 0)


def read_town_capacity(
    session: Session, first: date, end: date, closed: Collection[date]
) -> dict[int, dict[date, float]]:
    """Return the minutes that each town's caregivers are at work on each day of a half-open span.

    Closed days have none; towns without a caregiver are left out. It is all towns whoever asks, so that
    a town's demand doesn't depend on it.
    """
    days = [day for n in range((end - first).days) if (day := first + timedelta(days=n)) not in closed]
    employed = _employed(session, first, end)
    at_work: dict[int, dict[date, float]] = {each.town_id: dict.fromkeys(days, 0.0) for each in employed.values()}
    for each in employed.values():
        for day in days:
            starts, ends = each.on(day)
            at_work[each.town_id][day] += ends - starts
    for town_id, day, minutes in _on_leave(session, employed, first, end):
        if day in at_work[town_id]:
            at_work[town_id][day] = max(0.0, at_work[town_id][day] - minutes)
    return {town: minutes for town, minutes in sorted(at_work.items()) if any(minutes.values())}


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
    who = select(Caregiver.id, Caregiver.town_id, Caregiver.hired_on, Caregiver.ended_on).where(
        Caregiver.hired_on < end, or_(Caregiver.ended_on.is_(None), Caregiver.ended_on > first)
    )
    return {
        row.id: _Employed(row.town_id, row.hired_on, row.ended_on or end, hours[row.id])
        for row in session.execute(who.order_by(Caregiver.id))
    }


def _on_leave(
    session: Session, employed: Mapping[int, _Employed], first: date, end: date
) -> Iterator[tuple[int, date, int]]:
    """Return town, day and minutes that leave takes of somebody's hours."""
    taken = select(Leave.caregiver_id, Leave.first_on, Leave.last_on, Leave.starts, Leave.ends).where(
        Leave.first_on < end, Leave.last_on >= first
    )
    for leave in session.execute(taken.order_by(Leave.id)):
        each = employed.get(leave.caregiver_id)
        if each is None:
            continue
        day, last = max(leave.first_on, first), min(leave.last_on, end - timedelta(days=1))
        while day <= last:
            starts, ends = each.on(day)
            away_from = starts if leave.starts is None else max(starts, leave.starts)
            away_to = ends if leave.ends is None else min(ends, leave.ends)
            yield each.town_id, day, max(0, away_to - away_from)
            day += timedelta(days=1)
