"""Which centre answers for which elder: each computation, and what it decided and why."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Numbered


class AssignmentRun(Numbered, Base):
    """One computation over all elders and centres."""

    __tablename__ = "assignment_runs"

    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(BigId)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Assignment(Numbered, Base):
    """What one computation changed for one elder."""

    __tablename__ = "assignments"
    __table_args__ = (Index("ix_assignments_run_id_elder_id", "run_id", "elder_id", unique=True),)

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("assignment_runs.id"))
    elder_id: Mapped[int] = mapped_column(BigId, ForeignKey("elders.id"), index=True)
    centre_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("centres.id"))
    previous_centre_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("centres.id"))
    why: Mapped[str] = mapped_column(String(40))  # new, nearest, no_centre_in_village, capacity, centre_closed, moved
