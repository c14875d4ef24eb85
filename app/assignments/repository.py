"""Writes elders' centres, and reads what was assigned."""

from collections.abc import Iterable

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.assignments.models import Assignment, AssignmentRun
from app.centres.models import Centre
from app.core import clock
from app.elders.models import Elder


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
