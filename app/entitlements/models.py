"""Grants of hours, the bookings that use them up, and days that are not as the calendar says."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedText
from app.core.db import Base, BigId, Numbered, Versioned


class Grant(Versioned, Base):
    """A dated decision: so many minutes a month, from the first to, not including, the last day."""

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint("monthly_minutes IN (240, 480)", name="monthly_minutes"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="valid_to_after_from"),
        Index("ix_grants_elder_id_valid_from", "elder_id", "valid_from", unique=True),
    )

    elder_id: Mapped[int] = mapped_column(BigId, ForeignKey("elders.id"))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    monthly_minutes: Mapped[int] = mapped_column(Integer)
    approved_by: Mapped[str] = mapped_column(EncryptedText)
    approved_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(EncryptedText)


class BookingState(StrEnum):
    """What became of a booked visit."""

    PLANNED = "planned"
    DELIVERED = "delivered"
    MISSED = "missed"  # the provider failed: to be made up
    EXCUSED = "excused"  # the elder did not want it, or was away


def _as_booked(context: Any) -> int:
    minutes: int = context.get_current_parameters()["minutes"]
    return minutes


class Booking(Numbered, Base):
    """Minutes of one published visit, booked to the month of its day; ``visit_key`` names the visit."""

    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'delivered', 'missed', 'excused')", name="state"),
        CheckConstraint("minutes >= 0", name="minutes"),
        Index("ix_bookings_elder_id_day", "elder_id", "day"),
        Index("ix_bookings_day", "day"),
    )

    visit_key: Mapped[str] = mapped_column(String(40), unique=True)
    elder_id: Mapped[int] = mapped_column(BigId, ForeignKey("elders.id"))
    day: Mapped[date] = mapped_column(Date)
    minutes: Mapped[int] = mapped_column(Integer)  # delivered ones once recorded so, else as planned
    planned_minutes: Mapped[int] = mapped_column(Integer, default=_as_booked)
    state: Mapped[str] = mapped_column(String(10), default=BookingState.PLANNED)
    reason: Mapped[str | None] = mapped_column(EncryptedText)
    recorded_by: Mapped[int | None] = mapped_column(BigId)
    recorded_at: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    checked_out_at: Mapped[datetime | None]


class SpecialDay(Versioned, Base):
    """A day that is open or closed whatever the calendar of public holidays says."""

    __tablename__ = "special_days"
    __table_args__ = (CheckConstraint("kind IN ('open', 'closed')", name="kind"),)

    day: Mapped[date] = mapped_column(Date, unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))
