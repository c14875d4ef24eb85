"""``/api/v1/audit``: who did what, when. It stands here since the log itself knows no accounts."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from app.accounts.guard import AuditReader
from app.audit.repository import entries
from app.audit.schemas import AuditEntryView, AuditPage
from app.core.db import MAX_ID, ReadSession
from app.core.http import QueryDay, QueryId, problems

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])

Word = Annotated[str | None, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]


@router.get("", responses=problems(401, 403))
def list_entries(
    actor: AuditReader,
    session: ReadSession,
    user_id: QueryId = None,
    entity: Annotated[Word, Query(examples=["elder"])] = None,
    entity_id: QueryId = None,
    action: Annotated[Word, Query(examples=["elder.change"])] = None,
    town_id: QueryId = None,
    from_on: Annotated[QueryDay, Query(description="first day")] = None,
    to_on: Annotated[QueryDay, Query(description="last day, included")] = None,
    before: Annotated[int | None, Query(ge=1, le=MAX_ID, description="`next_before` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> AuditPage:
    """List deeds, the newest first; an auditor of some towns sees those of her towns only."""
    if town_id is not None:
        actor.require_town(town_id)
    found = entries(
        session,
        town_ids=actor.town_ids,
        before=before,
        limit=limit + 1,
        from_on=from_on,
        to_on=to_on,
        user_id=user_id,
        entity=entity,
        entity_id=entity_id,
        action=action,
        town_id=town_id,
    )
    shown = [AuditEntryView.model_validate(entry) for entry in found[:limit]]
    return AuditPage(items=shown, next_before=shown[-1].id if len(found) > limit else None)
