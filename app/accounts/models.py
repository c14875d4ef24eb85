"""People who log in, the towns that they may work on, and their open sessions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.crypto import EncryptedText
from app.core.db import Base, BigId, Numbered, Versioned


class Role(StrEnum):
    """What somebody may do."""

    ADMINISTRATOR = "administrator"
    DISPATCHER = "dispatcher"
    CAREGIVER = "caregiver"
    AUDITOR = "auditor"


class User(Versioned, Base):
    """An account; ``all_towns`` or a list of towns bounds what it sees."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('administrator', 'dispatcher', 'caregiver', 'auditor')", name="role"),
        CheckConstraint("(role = 'caregiver') = (caregiver_id IS NOT NULL)", name="caregiver_of_role"),
    )

    username: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(20))
    display_name: Mapped[str] = mapped_column(EncryptedText)
    all_towns: Mapped[bool] = mapped_column(Boolean, default=False)
    caregiver_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("caregivers.id"), unique=True)
    disabled_at: Mapped[datetime | None]
    towns: Mapped[list["UserTown"]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class UserTown(Base):
    """A town that a user may work on."""

    __tablename__ = "user_towns"

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    town_id: Mapped[int] = mapped_column(BigId, ForeignKey("towns.id"), primary_key=True)


class SignIn(Numbered, Base):
    """One signed-in session; its refresh token is kept as a hash only."""

    __tablename__ = "sign_ins"

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    refresh_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class PageSession(Numbered, Base):
    """A signed-in browser: its cookie is kept as a hash only, and ends with its sign-in at the latest."""

    __tablename__ = "page_sessions"

    sign_in_id: Mapped[int] = mapped_column(BigId, ForeignKey("sign_ins.id", ondelete="CASCADE"), index=True)
    cookie_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInAttempt(Numbered, Base):
    """A failed sign-in, counted by a fingerprint of the account or the address."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_key_at", "key", "at"),)

    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    count: Mapped[int] = mapped_column(Integer, default=1)
