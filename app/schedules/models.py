"""Weekly schedules in versions, their visits, and the computations that made them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.crypto import EncryptedBytes
from app.core.db import Base, BigId, Numbered, Versioned


class ScheduleStatus(StrEnum):
    """The life of a schedule."""

    QUEUED = "queued"
    PLANNING = "planning"
    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Schedule(Versioned, Base):
    """All visits of one ISO week for the city (``all_towns``) or for some towns."""

    __tablename__ = "schedules"
    __table_args__ = (
        CheckConstraint(
            "status IN ('queued', 'planning', 'draft', 'published', 'superseded', 'cancelled', 'failed')",
            name="status",
        ),
        Index("ix_schedules_monday_id", "monday", "id"),
    )

    monday: Mapped[date] = mapped_column(Date)
    all_towns: Mapped[bool] = mapped_column(Boolean)
    status: Mapped[str] = mapped_column(String(12), default=ScheduleStatus.QUEUED)
    parent_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("schedules.id"))  # re-planned from
    requested_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    note: Mapped[str | None] = mapped_column(String(200))
    published_at: Mapped[datetime | None]
    published_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    superseded_at: Mapped[datetime | None]
    superseded_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("schedules.id"))
    cost: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)  # points by goal
    bound: Mapped[float | None] = mapped_column(Float)  # proved: no plan of this problem costs less
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # hours due, placed, kilometres, ...
    towns: Mapped[list["ScheduleTown"]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class ScheduleTown(Base):
    """A town that a schedule covers.

    ``published_monday`` is the week while this schedule is the one that holds in this town: a newer one,
    of the city or of this town alone, takes it away. The unique index lets one of two publishers win.
    """

    __tablename__ = "schedule_towns"
    __table_args__ = (Index("ix_schedule_towns_published", "published_monday", "town_id", unique=True),)

    schedule_id: Mapped[int] = mapped_column(BigId, ForeignKey("schedules.id", ondelete="CASCADE"), primary_key=True)
    town_id: Mapped[int] = mapped_column(BigId, ForeignKey("towns.id"), primary_key=True)
    published_monday: Mapped[date | None] = mapped_column(Date)


class PlanRun(Numbered, Base):
    """The one computation of a schedule: what was asked, how far it is, what it took to repeat it."""

    __tablename__ = "plan_runs"

    schedule_id: Mapped[int] = mapped_column(BigId, ForeignKey("schedules.id"), unique=True)
    job_id: Mapped[str] = mapped_column(String(60), unique=True)
    seed: Mapped[int] = mapped_column(Integer)
    seconds_asked: Mapped[int | None] = mapped_column(Integer)
    iterations_asked: Mapped[int | None] = mapped_column(Integer)
    from_day: Mapped[date | None] = mapped_column(Date)  # earlier days of the week are gone: nothing new there
    policy: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)  # overrides
    problem: Mapped[bytes | None] = mapped_column(EncryptedBytes, deferred=True)  # zlib of its JSON
    best: Mapped[bytes | None] = mapped_column(EncryptedBytes, deferred=True)  # the best plan so far, to go on from
    versions: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # of jiuling, ortools, numba
    stage: Mapped[str] = mapped_column(String(20), default="queued")
    placed_minutes: Mapped[int] = mapped_column(Integer, default=0)
    due_minutes: Mapped[int] = mapped_column(Integer, default=0)
    best_cost: Mapped[float | None] = mapped_column(Float)
    iterations: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    progressed_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    cancel_asked_at: Mapped[datetime | None]
    solve_seconds: Mapped[float | None] = mapped_column(Float)
    error: Mapped[str | None] = mapped_column(String(500))
    took: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)  # stage -> seconds


class ProofState(StrEnum):
    """How far a proof is."""

    QUEUED = "queued"
    PROVING = "proving"
    PROVED = "proved"
    FAILED = "failed"


class PlanProof(Numbered, Base):
    """What is proved of a run's problem: no plan of it costs less, none leaves fewer minutes unserved."""

    __tablename__ = "plan_proofs"
    __table_args__ = (CheckConstraint("state IN ('queued', 'proving', 'proved', 'failed')", name="state"),)

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("plan_runs.id", ondelete="CASCADE"), unique=True)
    job_id: Mapped[str] = mapped_column(String(60), unique=True)
    state: Mapped[str] = mapped_column(String(10), default=ProofState.QUEUED)
    seconds_asked: Mapped[int] = mapped_column(Integer)
    stop_asked: Mapped[bool] = mapped_column(Boolean, default=False)
    points: Mapped[float | None] = mapped_column(Float)
    unserved_minutes: Mapped[int | None] = mapped_column(Integer)
    complete: Mapped[bool] = mapped_column(Boolean, default=False)  # no more time would raise it
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    rounds: Mapped[int] = mapped_column(Integer, default=0)
    columns: Mapped[int] = mapped_column(Integer, default=0)
    prices: Mapped[dict[str, dict[str, float]]] = mapped_column(JSON, default=dict)  # of one more hour
    queued_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))


class PriceState(StrEnum):
    """How far the pricing of a week's goals is."""

    QUEUED = "queued"
    PRICING = "pricing"
    PRICED = "priced"
    FAILED = "failed"


class PlanPrices(Numbered, Base):
    """What each goal of a schedule costs the others, as far as it is found."""

    __tablename__ = "plan_prices"
    __table_args__ = (CheckConstraint("state IN ('queued', 'pricing', 'priced', 'failed')", name="state"),)

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("plan_runs.id", ondelete="CASCADE"), unique=True)
    job_id: Mapped[str] = mapped_column(String(60), unique=True)
    state: Mapped[str] = mapped_column(String(10), default=PriceState.QUEUED)
    iterations_asked: Mapped[int | None] = mapped_column(Integer)
    stop_asked: Mapped[bool] = mapped_column(Boolean, default=False)
    priced_version: Mapped[int | None] = mapped_column(Integer)  # of the schedule, when the pricing began
    goals_asked: Mapped[int] = mapped_column(Integer, default=0)
    found: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # {"whole": figures, "without": {goal: figures}}
    queued_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))


class ScheduleException(Numbered, Base):
    """What was agreed for one week of a schedule, beside the roster: a wider window, an extra hour, one more visit …"""

    __tablename__ = "schedule_exceptions"
    __table_args__ = (
        CheckConstraint("kind IN ('widen_window', 'another_day', 'extra_minutes', 'added_visit')", name="kind"),
    )

    schedule_id: Mapped[int] = mapped_column(BigId, ForeignKey("schedules.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    visit_key: Mapped[str] = mapped_column(String(40))  # the visit that it was agreed for
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    granted_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    granted_at: Mapped[datetime]


class VisitState(StrEnum):
    """Whether a visit has a place."""

    PLACED = "placed"
    UNALLOCATED = "unallocated"


class ScheduledVisit(Numbered, Base):
    """One visit of one version of a week; ``visit_key`` is the same in every version."""

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint("state IN ('placed', 'unallocated')", name="state"),
        CheckConstraint(
            "(state = 'placed') = (day IS NOT NULL) AND (day IS NULL) = (start_minute IS NULL)", name="placed_has_time"
        ),
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("hands IN (1, 2)", name="hands"),
        Index("ix_visits_schedule_id_visit_key", "schedule_id", "visit_key", unique=True),
        Index("ix_visits_schedule_id_town_id", "schedule_id", "town_id"),
    )

    schedule_id: Mapped[int] = mapped_column(BigId, ForeignKey("schedules.id", ondelete="CASCADE"))
    visit_key: Mapped[str] = mapped_column(String(40))
    elder_id: Mapped[int] = mapped_column(BigId, ForeignKey("elders.id"), index=True)
    town_id: Mapped[int] = mapped_column(BigId, ForeignKey("towns.id"))
    centre_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("centres.id"))
    state: Mapped[str] = mapped_column(String(12))
    day: Mapped[date | None] = mapped_column(Date)
    start_minute: Mapped[int | None] = mapped_column(Integer)
    minutes: Mapped[int] = mapped_column(Integer)
    hands: Mapped[int] = mapped_column(Integer, default=1)
    items: Mapped[list[str]] = mapped_column(JSON, default=list)
    pinned: Mapped[bool] = mapped_column(Boolean, default=False)
    reason: Mapped[str | None] = mapped_column(String(40))
    funnel: Mapped[list[Any]] = mapped_column(JSON, default=list)
    caregivers: Mapped[list["VisitCaregiver"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="VisitCaregiver.position"
    )


class VisitCaregiver(Base):
    """Who makes a visit; a double-handed one has two rows."""

    __tablename__ = "visit_caregivers"

    visit_id: Mapped[int] = mapped_column(BigId, ForeignKey("visits.id", ondelete="CASCADE"), primary_key=True)
    caregiver_id: Mapped[int] = mapped_column(BigId, ForeignKey("caregivers.id"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    travel_minutes: Mapped[int] = mapped_column(Integer, default=0)  # to this visit, from the one before or the base
