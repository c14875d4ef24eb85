"""Reads what an assignment is made of."""

from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from app.assignments.planning import UNIT_MINUTES, Home, Site
from app.centres.models import Centre, CentreKind
from app.elders.models import Elder
from app.entitlements.models import Grant


def open_care_centres(session: Session, today: date) -> tuple[Site, ...]:
    """Return the care centres that are open on a day, by id."""
    query = (
        select(Centre)
        .where(
            Centre.kind == CentreKind.CARE,
            Centre.opened_on <= today,
            or_(Centre.closed_on.is_(None), Centre.closed_on > today),
        )
        .order_by(Centre.id)
    )
    return tuple(
        Site(row.id, row.town_id, row.village_id, row.latitude, row.longitude, row.monthly_capacity_minutes)
        for row in session.scalars(query)
    )


def elders_to_assign(session: Session, today: date) -> tuple[Home, ...]:
    """Return who is on the roster, or will be, by id; who has no grant weighs 4 hours."""
    grant = aliased(Grant)
    in_force = and_(
        grant.elder_id == Elder.id, grant.valid_from <= today, or_(grant.valid_to.is_(None), grant.valid_to > today)
    )
    query = (
        select(Elder.id, Elder.town_id, Elder.village_id, Elder.home, Elder.centre_id, grant.monthly_minutes)
        .outerjoin(grant, in_force)
        .where(or_(Elder.ended_on.is_(None), Elder.ended_on > today))
        .order_by(Elder.id)
    )
    return tuple(
        Home(
            row.id,
            row.town_id,
            row.village_id,
            row.home[0],
            row.home[1],
            row.monthly_minutes or UNIT_MINUTES,
            row.centre_id,
        )
        for row in session.execute(query)
    )
