"""Elders, where they stay when not at home, and their care plans."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedPoint, EncryptedText
from app.core.db import Base, BigId, Versioned


class Elder(Versioned, Base):
    """A person on the roster; from ``joined_on`` (90 or over) up to, not including, ``ended_on``."""

    __tablename__ = "elders"
    __table_args__ = (
        CheckConstraint("gender IN ('female', 'male')", name="gender"),
        CheckConstraint("ended_on IS NULL OR ended_on >= joined_on", name="ended_after_joined"),
        Index("ix_elders_town_id_id", "town_id", "id"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(EncryptedText)
    id_number: Mapped[str] = mapped_column(EncryptedText)
    id_number_index: Mapped[str] = mapped_column(String(64), unique=True)
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    address: Mapped[str] = mapped_column(EncryptedText)
    way_in: Mapped[str | None] = mapped_column(EncryptedText)
    home: Mapped[tuple[float, float]] = mapped_column(EncryptedPoint)  # latitude, longitude, WGS-84
    birth_date: Mapped[date] = mapped_column(Date)
    gender: Mapped[str] = mapped_column(String(10))
    dialects: Mapped[list[str]] = mapped_column(JSON, default=list)
    disability_grade: Mapped[str] = mapped_column(EncryptedText)
    health_note: Mapped[str | None] = mapped_column(EncryptedText)
    lives_alone: Mapped[bool] = mapped_column(Boolean, default=False)
    low_income: Mapped[bool] = mapped_column(Boolean, default=False)
    town_id: Mapped[int] = mapped_column(BigId, ForeignKey("towns.id"))
    village_id: Mapped[int] = mapped_column(BigId, ForeignKey("villages.id"), index=True)
    centre_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("centres.id"), index=True)
    joined_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    end_reason: Mapped[str | None] = mapped_column(String(30))


class Stay(Versioned, Base):
    """Days away from home, half-open; open-ended while ``to_on`` is missing."""

    __tablename__ = "stays"
    __table_args__ = (
        CheckConstraint("kind IN ('institution', 'hospital')", name="kind"),
        CheckConstraint("to_on IS NULL OR to_on > from_on", name="to_after_from"),
    )

    elder_id: Mapped[int] = mapped_column(BigId, ForeignKey("elders.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(EncryptedText)


class CarePlan(Versioned, Base):
    """How an elder's hours are to be given, from a day on; the newest that has begun holds.

    ``windows`` is a list of ``{"weekday": 0-6, "opens": minute, "closes": minute, "wished": bool}``: those
    not wished bind (none: 7:30 to 18:00 on working days), the wished ones are only preferred.
    """

    __tablename__ = "care_plans"
    __table_args__ = (
        CheckConstraint("visit_minutes BETWEEN 30 AND 240", name="visit_minutes"),
        CheckConstraint("hands IN (1, 2)", name="hands"),
        CheckConstraint("min_days_between BETWEEN 0 AND 6", name="min_days_between"),
        Index("ix_care_plans_elder_id_valid_from", "elder_id", "valid_from", unique=True),
    )

    elder_id: Mapped[int] = mapped_column(BigId, ForeignKey("elders.id"))
    valid_from: Mapped[date] = mapped_column(Date)
    visit_minutes: Mapped[int] = mapped_column(Integer)
    hands: Mapped[int] = mapped_column(Integer, default=1)
    min_days_between: Mapped[int] = mapped_column(Integer, default=1)
    max_carers: Mapped[int | None] = mapped_column(Integer)
    required_gender: Mapped[str | None] = mapped_column(String(10))
    wished_gender: Mapped[str | None] = mapped_column(String(10))
    items: Mapped[list[str]] = mapped_column(JSON, default=list)
    extra_skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    windows: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    holidays_open: Mapped[bool] = mapped_column(Boolean, default=False)
    note: Mapped[str | None] = mapped_column(EncryptedText)
