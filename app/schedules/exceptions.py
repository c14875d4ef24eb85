"""What was agreed for one week beside the roster: stored with the schedule, and laid over each problem of it.

The roster stays as it is. Wherever the week is judged, edited or planned again, its exceptions are laid
over the problem that the roster makes; one whose ground has shifted since (the caregiver's hours of that
day are others now) is left out, and the judge says what that breaks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.schedules.added_visits import ADDED_VISIT, AddedVisit
from app.schedules.models import ScheduleException
from solver.fixes import AnotherDay, Change, ExtraMinutes, WidenWindow
from solver.problem import Problem, Window


@dataclass(frozen=True, slots=True)
class Agreed:
    """One exception: days count from Monday, times are minutes of the day, ids are those of the problem."""

    kind: str
    visit_key: str
    detail: Mapping[str, Any]


def agreed(change: Change, visit_key: str, problem: Problem) -> Agreed:
    """Return a change of a problem as it is stored.

    Raises
    ------
    ValueError
        If it is none that a schedule keeps.
    """
    if isinstance(change, WidenWindow):
        detail: dict[str, Any] = {"day": change.day, "opens": change.opens, "closes": change.closes}
    elif isinstance(change, AnotherDay):
        windows = [[window.opens, window.closes] for window in change.windows]
        detail = {"day": change.day, "windows": windows, "min_days_between": change.min_days_between}
    elif isinstance(change, ExtraMinutes):
        detail = {
            "caregiver": change.caregiver,
            "day": change.day,
            "was": _shift(problem, change.caregiver, change.day),
            "starts": change.starts,
            "ends": change.ends,
            "weekly_limit_minutes": change.weekly_limit_minutes,
        }
    else:
        raise ValueError(f"a schedule keeps no exception of kind {change.kind}")
    return Agreed(change.kind, visit_key, detail | {"size_minutes": change.size_minutes})


def with_exceptions(problem: Problem, exceptions: Iterable[Agreed]) -> Problem:
    """Return the problem with what was agreed for its week."""
    for each in exceptions:
        change = _change(each, problem)
        if change is not None:
            problem = change.apply(problem)
    return problem


def _change(each: Agreed, problem: Problem) -> Change | AddedVisit | None:
    detail = each.detail
    if each.kind == ADDED_VISIT:
        return AddedVisit.stored(each.visit_key, detail)
    if each.kind == "extra_minutes":
        if _shift(problem, detail["caregiver"], detail["day"]) != detail["was"]:
            return None
        return ExtraMinutes(
            caregiver=detail["caregiver"],
            day=detail["day"],
            starts=detail["starts"],
            ends=detail["ends"],
            weekly_limit_minutes=detail["weekly_limit_minutes"],
            size_minutes=detail["size_minutes"],
        )
    if each.kind == "widen_window":
        return WidenWindow(
            visit=each.visit_key,
            day=detail["day"],
            opens=detail["opens"],
            closes=detail["closes"],
            size_minutes=detail["size_minutes"],
        )
    return AnotherDay(
        visit=each.visit_key,
        day=detail["day"],
        windows=tuple(Window(detail["day"], opens, closes) for opens, closes in detail["windows"]),
        min_days_between=detail["min_days_between"],
        day_pattern=None,
    )


def _shift(problem: Problem, caregiver: str, day: int) -> list[int] | None:
    """Return a caregiver's hours of a day, as JSON has them."""
    shifts = (shift for each in problem.caregivers if each.id == caregiver for shift in each.shifts)
    return next(([shift.starts, shift.ends] for shift in shifts if shift.day == day), None)


# --- stored -------------------------------------------------------------------------------------------


def of_schedule(session: Session, schedule_id: int | None) -> tuple[Agreed, ...]:
    """Return the exceptions of a schedule, in the order in which they were agreed; of none: none."""
    query = select(ScheduleException).where(ScheduleException.schedule_id == schedule_id)
    rows = session.scalars(query.order_by(ScheduleException.id))
    return tuple(Agreed(row.kind, row.visit_key, row.detail) for row in rows)


def added_to(exceptions: Iterable[Agreed]) -> tuple[AddedVisit, ...]:
    """Return those that are visits added to the week."""
    return tuple(AddedVisit.stored(each.visit_key, each.detail) for each in exceptions if each.kind == ADDED_VISIT)


def grant(session: Session, schedule_id: int, exception: Agreed, user_id: int | None) -> None:
    """Store one more."""
    session.add(
        ScheduleException(
            schedule_id=schedule_id,
            kind=exception.kind,
            visit_key=exception.visit_key,
            detail=dict(exception.detail),
            granted_by=user_id,
            granted_at=clock.now(),
        )
    )


def withdraw(session: Session, schedule_id: int, visit_key: str) -> list[str]:
    """Take back what was agreed for one visit; return the kinds of it."""
    query = select(ScheduleException).where(
        ScheduleException.schedule_id == schedule_id, ScheduleException.visit_key == visit_key
    )
    rows = session.scalars(query.order_by(ScheduleException.id)).all()
    for row in rows:
        session.delete(row)
    return [row.kind for row in rows]


def inherit(session: Session, parent_id: int, schedule_id: int) -> None:
    """Give a schedule the exceptions of the version that it is planned from; they stay who granted them."""
    query = select(ScheduleException).where(ScheduleException.schedule_id == parent_id)
    for row in session.scalars(query.order_by(ScheduleException.id)).all():
        session.add(
            ScheduleException(
                schedule_id=schedule_id,
                kind=row.kind,
                visit_key=row.visit_key,
                detail=row.detail,
                granted_by=row.granted_by,
                granted_at=row.granted_at,
            )
        )
