"""The board's data: columns of numbers, so that a city's week is small and quick to draw."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.core.crypto import mask_name
from app.core.db import MAX_ID
from app.core.errors import NotFound
from app.core.weeks import Week
from app.entitlements.holidays import closed_days
from app.entitlements.loading import read_special_days
from app.schedules import repository, service
from app.schedules.models import Schedule, ScheduleStatus
from app.schedules.schemas import ScheduleView
from app.schedules.views import show_schedule
from app.web.rows import BoardRows, Rows, board_rows, day_of_week

_SHOWN = (ScheduleStatus.DRAFT, ScheduleStatus.PUBLISHED)

Span = tuple[int, int, int]  # day (0 is Monday), minutes of the day: begins, ends


class TownColumns(BaseModel):
    """Towns of the board, and those of caregivers who are lent."""

    id: list[int]
    name: list[str]
    name_en: list[str]


class CentreColumns(BaseModel):
    """Centres of those on the board."""

    id: list[int]
    name: list[str]
    town: list[int]


class CaregiverColumns(BaseModel):
    """Caregivers, in order of town, centre and number."""

    id: list[int]
    number: list[str]
    name: list[str]
    gender: list[str]
    skills: list[list[str]] = Field(description="by certificates that are in force all week")
    town: list[int]
    centre: list[int]
    contract_minutes: list[int]
    at_work: list[list[Span] | None] = Field(description="working hours; null: of another town, not told")
    leave: list[list[Span]]
    elsewhere: list[list[Span]] = Field(description="visits in towns that are not yours")


class ElderColumns(BaseModel):
    """Elders with a visit in the week."""

    id: list[int]
    number: list[str]
    name: list[str]
    gender: list[str]
    town: list[int]
    centre: list[int | None]


class VisitColumns(BaseModel):
    """Visits; people are told by their position in the other columns."""

    id: list[int]
    schedule: list[int] = Field(description="the version that it is of: of another one, it is published")
    elder: list[int]
    day: list[int | None] = Field(description="0 is Monday; null: unallocated")
    start: list[int | None] = Field(description="minute of the day")
    minutes: list[int]
    hands: list[int]
    pinned: list[int]
    reason: list[str | None]
    items: list[list[str]]
    caregivers: list[list[int]]
    travel: list[list[int]] = Field(description="minutes to get there, of each caregiver")


class BoardView(BaseModel):
    """One version of a week as the board draws it, and what is published where it covers none; your towns only."""

    schedule: ScheduleView
    closed_days: list[int] = Field(description="public holidays and other closed days; 0 is Monday")
    towns: TownColumns
    centres: CentreColumns
    caregivers: CaregiverColumns
    elders: ElderColumns
    visits: VisitColumns


@dataclass(frozen=True, slots=True)
class Shown:
    """The week of a board, and the version of it; None: there is nothing to show yet."""

    week: Week
    schedule_id: int | None


def which_week(session: Session, actor: Actor, week: str, schedule: str, today: date) -> Shown:
    """Return what an address asks for: that version if the actor may see it, else the one that `to_open` names."""
    if schedule.isascii() and schedule.isdigit() and int(schedule) <= MAX_ID:
        try:
            found = service.visible(session, actor, int(schedule))
            return Shown(Week(found.monday), found.id)
        except NotFound:
            pass
    try:
        wanted = Week.parse(week)
    except ValueError:
        wanted = Week.of(today)
    query = service.which_schedules(actor, str(wanted), None, None).where(Schedule.status.in_(_SHOWN))
    opened = to_open(actor, session.scalars(query.order_by(Schedule.id.desc())).all())
    return Shown(wanted, opened.id if opened is not None else None)


def to_open(actor: Actor, versions: Sequence[Schedule]) -> Schedule | None:
    """Return the version with which a week is opened: the newest if it is a draft, else what holds in most towns.

    ``versions`` are drafts and published ones, the newest first. The board's page goes by the same rule.
    """

    def held(schedule: Schedule) -> int:
        return sum(town.published_monday is not None and actor.sees_town(town.town_id) for town in schedule.towns)

    if not versions or versions[0].status == ScheduleStatus.DRAFT:
        return versions[0] if versions else None
    return max((one for one in versions if one.status == ScheduleStatus.PUBLISHED), key=held)


def show_board(session: Session, actor: Actor, schedule_id: int) -> tuple[Schedule, BoardView]:
    """Return a version with all that its board shows.

    Raises
    ------
    NotFound
        If the actor may not see the schedule.
    """
    schedule = service.visible(session, actor, schedule_id)
    run = repository.run_of(session, schedule_id)
    week = Week(schedule.monday)
    rows = board_rows(session, actor, schedule)
    closed = closed_days(week.monday, week.end, read_special_days(session, week.monday, week.end))
    return schedule, BoardView(
        schedule=show_schedule(schedule, run, actor),
        closed_days=sorted((day - week.monday).days for day in closed),
        towns=TownColumns(**_columns(rows.towns, "id", "name", "name_en")),
        centres=CentreColumns(**_columns(rows.centres, "id", "name"), town=[row.town_id for row in rows.centres]),
        caregivers=_caregivers(rows, week, actor),
        elders=_elders(rows, actor),
        visits=_visits(rows, week),
    )


def _columns(rows: Rows, *names: str) -> dict[str, list[Any]]:
    return {name: [getattr(row, name) for row in rows] for name in names}


def _names(rows: Rows, actor: Actor) -> list[str]:
    return [row.name if actor.sees_personal else mask_name(row.name) for row in rows]


def _caregivers(rows: BoardRows, week: Week, actor: Actor) -> CaregiverColumns:
    elsewhere: dict[int, list[Span]] = {}
    for row in rows.elsewhere:
        day = day_of_week(row.day, week)
        if day is not None:
            elsewhere.setdefault(row.caregiver_id, []).append((day, row.start_minute, row.start_minute + row.minutes))
    own = {row.id for row in rows.caregivers if actor.sees_town(row.town_id)}
    return CaregiverColumns(
        **_columns(rows.caregivers, "id", "number", "gender", "contract_minutes"),
        name=_names(rows.caregivers, actor),
        skills=[rows.skills.get(row.id, []) for row in rows.caregivers],
        town=[row.town_id for row in rows.caregivers],
        centre=[row.centre_id for row in rows.caregivers],
        at_work=[_hours(row, rows.hours, week.days) if row.id in own else None for row in rows.caregivers],
        leave=[_leave(rows.leaves.get(row.id, ()), week) for row in rows.caregivers],
        elsewhere=[elsewhere.get(row.id, []) for row in rows.caregivers],
    )


def _hours(caregiver: Any, hours: Mapping[int, Mapping[int, tuple[int, int]]], days: Sequence[date]) -> list[Span]:
    return [
        (day, *span) for day, span in sorted(hours.get(caregiver.id, {}).items()) if _employed(caregiver, days[day])
    ]


def _employed(caregiver: Any, day: date) -> bool:
    hired: bool = caregiver.hired_on <= day
    return hired and (caregiver.ended_on is None or day < caregiver.ended_on)


def _leave(leaves: Iterable[Any], week: Week) -> list[Span]:
    return [
        (day, leave.starts or 0, 1440 if leave.ends is None else leave.ends)
        for leave in leaves
        for day, on in enumerate(week.days)
        if leave.first_on <= on <= leave.last_on
    ]


def _elders(rows: BoardRows, actor: Actor) -> ElderColumns:
    return ElderColumns(
        **_columns(rows.elders, "id", "number", "gender"),
        name=_names(rows.elders, actor),
        town=[row.town_id for row in rows.elders],
        centre=[row.centre_id for row in rows.elders],
    )


def _visits(rows: BoardRows, week: Week) -> VisitColumns:
    elders = {row.id: place for place, row in enumerate(rows.elders)}
    caregivers = {row.id: place for place, row in enumerate(rows.caregivers)}
    makers = [rows.makers.get(visit.id, ()) for visit in rows.visits]
    return VisitColumns(
        **_columns(rows.visits, "id", "minutes", "hands", "reason", "items"),
        schedule=[visit.schedule_id for visit in rows.visits],
        elder=[elders[visit.elder_id] for visit in rows.visits],
        day=[day_of_week(visit.day, week) for visit in rows.visits],
        start=[visit.start_minute for visit in rows.visits],
        pinned=[int(visit.pinned) for visit in rows.visits],
        caregivers=[[caregivers[each.caregiver_id] for each in made] for made in makers],
        travel=[[each.travel_minutes for each in made] for made in makers],
    )
