"""The secret addresses of caregivers' calendar feeds."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Numbered


class CalendarFeed(Numbered, Base):
    """A calendar address; only the hash of its secret is kept, and it can be revoked."""

    __tablename__ = "calendar_feeds"

    caregiver_id: Mapped[int] = mapped_column(BigId, ForeignKey("caregivers.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
