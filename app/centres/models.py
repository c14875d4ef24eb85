"""Towns, their villages, and the network 1 + 14 + N of centres."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, Date, Float, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Versioned


class CentreKind(StrEnum):
    """The place of a centre in the network."""

    GUIDANCE = "guidance"
    DEMONSTRATION = "demonstration"
    CARE = "care"


class CloseReason(StrEnum):
    """Why a centre was closed."""

    REDEVELOPMENT = "redevelopment"
    MERGED = "merged"
    MOVED = "moved"
    OTHER = "other"


class Town(Versioned, Base):
    """A town or sub-district: the scope of a dispatcher."""

    __tablename__ = "towns"
    __table_args__ = (CheckConstraint("kind IN ('subdistrict', 'town')", name="kind"),)

    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    coordinate_source: Mapped[str] = mapped_column(String(20))


class Village(Versioned, Base):
    """A village or community, where elders live."""

    __tablename__ = "villages"

    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    town_id: Mapped[int] = mapped_column(BigId, ForeignKey("towns.id"), index=True)
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    coordinate_source: Mapped[str] = mapped_column(String(20))
    under_redevelopment: Mapped[bool] = mapped_column(Boolean, default=False)


class Centre(Versioned, Base):
    """A centre of the network; care centres are responsible for elders, within declared hours."""

    __tablename__ = "centres"
    __table_args__ = (
        CheckConstraint("kind IN ('guidance', 'demonstration', 'care')", name="kind"),
        CheckConstraint("monthly_capacity_minutes >= 0", name="monthly_capacity_minutes"),
        CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="closed_after_opened"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    town_id: Mapped[int] = mapped_column(BigId, ForeignKey("towns.id"), index=True)
    village_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("villages.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("centres.id"))
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    monthly_capacity_minutes: Mapped[int] = mapped_column(Integer)  # care that it declares it can answer for
    opened_on: Mapped[date] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)  # the first day on which it is no longer open
    close_reason: Mapped[str | None] = mapped_column(String(30))
