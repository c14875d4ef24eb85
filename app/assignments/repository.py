"""What is read from and written to the database about assignments."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Select, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.accounts.scope import Actor
from app.assignments.models import Assignment, AssignmentRun
from app.assignments.planning import UNIT_MINUTES, Home, Site
from app.centres.models import Centre, CentreKind
from app.core import clock
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


def towns_of_centres(session: Session) -> dict[int, int]:
    """Return the town of each centre, open or not."""
    return {row.id: row.town_id for row in session.execute(select(Centre.id, Centre.town_id))}


def set_centres(session: Session, changes: Iterable[tuple[int, int]]) -> None:
    """Give elders their centres; each row gets a new version, so that a change made from the old one is refused."""
    table = Elder.__table__
    rows = [{"of_elder": elder, "to_centre": centre} for elder, centre in changes]
    if rows:
        statement = (
            update(table)  # type: ignore[arg-type]
            .where(table.c.id == bindparam("of_elder"))
            .values(centre_id=bindparam("to_centre"), version=table.c.version + 1, updated_at=clock.now())
        )
        session.connection().execute(statement, rows)
        session.expire_all()


def latest_run(session: Session) -> AssignmentRun | None:
    """Return the newest computation."""
    return session.scalars(select(AssignmentRun).order_by(AssignmentRun.id.desc()).limit(1)).first()


def changes_of(run_id: int, actor: Actor) -> Select[Assignment]:
    """Return the query of what a computation changed for the elders whom the actor may see."""
    return (
        select(Assignment)
        .join(Elder, Elder.id == Assignment.elder_id)
        .where(Assignment.run_id == run_id, actor.within(Elder.town_id))
    )
