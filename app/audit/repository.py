"""Queries over the audit log."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry
from app.core.clock import ZONE


def entries(
    session: Session,
    *,
    town_ids: Collection[int] | None,
    before: int | None,
    limit: int,
    from_on: date | None = None,
    to_on: date | None = None,
    **equal: object,
) -> Sequence[AuditEntry]:
    """Return entries, the newest first.

    Parameters
    ----------
    town_ids
        Only entries of these towns, none of those without a town; None: all entries.
    before
        Only entries older than the one with this id.
    from_on, to_on
        Only entries of these days in China, both included.
    equal
        Columns and what they must be; None: anything.
    """
    query = select(AuditEntry)
    if town_ids is not None:
        query = query.where(AuditEntry.town_id.in_(town_ids))
    if before is not None:
        query = query.where(AuditEntry.id < before)
    if from_on is not None:
        query = query.where(AuditEntry.at >= _midnight(from_on))
    if to_on is not None:
        query = query.where(AuditEntry.at < _midnight(to_on + timedelta(days=1)))
    query = query.filter_by(**{column: value for column, value in equal.items() if value is not None})
    return session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit)).all()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)
