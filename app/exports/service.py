"""Exports of a week, each with its line in the audit log."""

from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.audit.record import record
from app.caregivers.models import Caregiver
from app.centres.models import Centre
from app.core.errors import NotFound
from app.core.weeks import Week
from app.exports.rows import ExportFilter
from app.schedules.models import Schedule


def visible_schedule(session: Session, actor: Actor, schedule_id: int) -> Schedule:
    """Return a schedule that covers at least one of the actor's towns.

    Raises
    ------
    NotFound
        If there is none, or it covers only towns of others.
    """
    schedule = session.get(Schedule, schedule_id)
    if schedule is None or not any(actor.sees_town(town.town_id) for town in schedule.towns):
        raise NotFound.of("schedule", schedule_id)
    return schedule


def authorise(session: Session, actor: Actor, wanted: ExportFilter, form: str) -> Week:
    """Check what is asked for, and write down who takes it away; return the week.

    Raises
    ------
    NotFound
        If the schedule, the centre or the caregiver is not there or another town's.
    Forbidden
        If the named town is another's.
    """
    schedule = visible_schedule(session, actor, wanted.schedule_id)
    if wanted.town_id is not None:
        actor.require_town(wanted.town_id)
    if wanted.centre_id is not None:
        centre = session.get(Centre, wanted.centre_id)
        if centre is None or not actor.sees_town(centre.town_id):
            raise NotFound.of("centre", wanted.centre_id)
    if wanted.caregiver_id is not None and session.get(Caregiver, wanted.caregiver_id) is None:
        raise NotFound.of("caregiver", wanted.caregiver_id)
    record(
        session,
        user_id=actor.user_id,
        action="export",
        entity="schedule",
        entity_id=schedule.id,
        town_id=wanted.town_id,
        request_id=actor.request_id,
        changes={
            "form": form,
            "which": wanted.which,
            "centre_id": wanted.centre_id,
            "caregiver_id": wanted.caregiver_id,
            "personal": actor.sees_personal,
        },
    )
    return Week(schedule.monday)
