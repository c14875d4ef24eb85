"""Caregivers: their certificates, working hours and leave."""

from datetime import date

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedPoint, EncryptedText
from app.core.db import Base, BigId, Numbered, Versioned


class Caregiver(Versioned, Base):
    """Who makes visits; she starts from and returns to ``base`` (her home, else her centre)."""

    __tablename__ = "caregivers"
    __table_args__ = (
        CheckConstraint("gender IN ('female', 'male')", name="gender"),
        CheckConstraint("mode IN ('ebike', 'bus', 'foot')", name="mode"),
        CheckConstraint("contract_minutes BETWEEN 60 AND 2400", name="contract_minutes"),
        CheckConstraint("ended_on IS NULL OR ended_on >= hired_on", name="ended_after_hired"),
        Index("ix_caregivers_town_id_id", "town_id", "id"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(EncryptedText)
    id_number: Mapped[str] = mapped_column(EncryptedText)
    id_number_index: Mapped[str] = mapped_column(String(64), unique=True)
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    birth_date: Mapped[date] = mapped_column(Date)
    gender: Mapped[str] = mapped_column(String(10))
    dialects: Mapped[list[str]] = mapped_column(JSON, default=list)
    town_id: Mapped[int] = mapped_column(BigId, ForeignKey("towns.id"))
    centre_id: Mapped[int] = mapped_column(BigId, ForeignKey("centres.id"), index=True)
    base: Mapped[tuple[float, float] | None] = mapped_column(EncryptedPoint)
    mode: Mapped[str] = mapped_column(String(10))
    contract_minutes: Mapped[int] = mapped_column(Integer)  # a week
    overtime_allowed: Mapped[bool] = mapped_column(Boolean, default=False)
    hired_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    end_reason: Mapped[str | None] = mapped_column(String(30))


class Certificate(Versioned, Base):
    """What she may do, up to and including ``expires_on``."""

    __tablename__ = "certificates"
    __table_args__ = (CheckConstraint("expires_on >= issued_on", name="expires_after_issue"),)

    caregiver_id: Mapped[int] = mapped_column(BigId, ForeignKey("caregivers.id"), index=True)
    skill: Mapped[str] = mapped_column(String(20))
    issued_on: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date] = mapped_column(Date)


class WorkingHours(Numbered, Base):
    """Her hours of one weekday (0 = Monday), minutes of the day; one row a weekday at most."""

    __tablename__ = "working_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("starts >= 0 AND ends <= 1440 AND starts < ends", name="starts_before_ends"),
        Index("ix_working_hours_caregiver_id_weekday", "caregiver_id", "weekday", unique=True),
    )

    caregiver_id: Mapped[int] = mapped_column(BigId, ForeignKey("caregivers.id", ondelete="CASCADE"))
    weekday: Mapped[int] = mapped_column(Integer)
    starts: Mapped[int] = mapped_column(Integer)
    ends: Mapped[int] = mapped_column(Integer)


class Leave(Versioned, Base):
    """Days, or minutes of each of those days, on which she does not work; days inclusive."""

    __tablename__ = "leaves"
    __table_args__ = (
        CheckConstraint("last_on >= first_on", name="last_after_first"),
        CheckConstraint("(starts IS NULL) = (ends IS NULL) AND (starts IS NULL OR starts < ends)", name="starts_ends"),
    )

    caregiver_id: Mapped[int] = mapped_column(BigId, ForeignKey("caregivers.id"), index=True)
    first_on: Mapped[date] = mapped_column(Date)
    last_on: Mapped[date] = mapped_column(Date)
    starts: Mapped[int | None] = mapped_column(Integer)
    ends: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))  # annual, sick, training, other
    note: Mapped[str | None] = mapped_column(EncryptedText)
