"""Writes the audit log, in the transaction of the change itself."""

from typing import Any

from sqlalchemy.orm import Session

from app.audit.models import AuditEntry
from app.core import clock


def record(
    session: Session,
    *,
    user_id: int | None,
    action: str,
    entity: str,
    entity_id: int | None = None,
    town_id: int | None = None,
    request_id: str | None = None,
    changes: dict[str, Any] | None = None,
) -> None:
    """Add one entry; ``changes`` holds names of fields, codes and counts, never personal values."""
    session.add(
        AuditEntry(
            at=clock.now(),
            user_id=user_id,
            action=action,
            entity=entity,
            entity_id=entity_id,
            town_id=town_id,
            request_id=request_id,
            changes=changes or {},
        )
    )
