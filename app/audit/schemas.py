"""What is shown of the audit log."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class AuditEntryView(BaseModel):
    """One deed: who did what, when; names of fields and codes, never personal values."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    user_id: int | None = Field(description="null: the machine itself")
    action: str
    entity: str
    entity_id: int | None
    town_id: int | None
    request_id: str | None
    changes: dict[str, Any]


class AuditPage(BaseModel):
    """Some entries, the newest first, and where to go on."""

    items: list[AuditEntryView]
    next_before: int | None = Field(description="send as `before` for older entries; null: these were the oldest")
