"""Writes a finished plan into the tables: the visits of a draft."""

from collections.abc import Iterable

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.core.weeks import Week
from app.schedules import repository
from app.schedules.models import Schedule, ScheduledVisit, VisitCaregiver, VisitState
from app.schedules.planning import FiledVisit
from app.schedules.rows import VisitRow


def file_visits(session: Session, schedule: Schedule, visits: Iterable[FiledVisit]) -> None:
    """Add the rows of a schedule's visits; elders who are no longer there have none."""
    filed = list(visits)
    elders = repository.centres_and_items(session, Week(schedule.monday), {each.elder_id for each in filed})
    known = [each for each in filed if each.elder_id in elders]
    if not known:
        return
    session.execute(
        insert(ScheduledVisit),
        [_visit(schedule.id, each, *elders[each.elder_id]) for each in known],
    )
    ids = {
        row.visit_key: row.id
        for row in session.execute(
            select(ScheduledVisit.visit_key, ScheduledVisit.id).where(ScheduledVisit.schedule_id == schedule.id)
        )
    }
    makers = [
        {
            "visit_id": ids[each.key],
            "caregiver_id": caregiver,
            "position": position,
            "travel_minutes": each.travel_minutes[position],
        }
        for each in known
        for position, caregiver in enumerate(each.caregivers)
    ]
    if makers:
        session.execute(insert(VisitCaregiver), makers)


def taken_over(visit: VisitRow) -> FiledVisit:
    """Return a settled visit of the version that holds as it is filed in the next one."""
    return FiledVisit(
        key=visit.key,
        elder_id=visit.elder_id,
        town_id=visit.town_id,
        minutes=visit.minutes,
        hands=visit.hands,
        day=visit.day,
        start_minute=visit.start_minute,
        caregivers=visit.caregivers,
        travel_minutes=tuple(0 for _ in visit.caregivers),
        pinned=True,
        reason=visit.reason,
    )


def _visit(schedule_id: int, each: FiledVisit, centre_id: int | None, items: list[str]) -> dict[str, object]:
    return {
        "schedule_id": schedule_id,
        "visit_key": each.key,
        "elder_id": each.elder_id,
        "town_id": each.town_id,
        "centre_id": centre_id,
        "state": VisitState.PLACED if each.day is not None else VisitState.UNALLOCATED,
        "day": each.day,
        "start_minute": each.start_minute,
        "minutes": each.minutes,
        "hands": each.hands,
        "items": items,
        "pinned": each.pinned,
        "reason": each.reason,
        "funnel": [list(gate) for gate in each.funnel],
    }
