"""Which caregiver an elder is used to, and which of them never meet."""

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedText
from app.core.db import Base, BigId, Versioned


class Pair(Versioned, Base):
    """One elder and one caregiver: ``usual`` with a weight, or ``blocked`` with a reason."""

    __tablename__ = "pairs"
    __table_args__ = (
        CheckConstraint("kind IN ('usual', 'blocked')", name="kind"),
        CheckConstraint("weight > 0 AND weight <= 1", name="weight"),
        Index("ix_pairs_elder_id_caregiver_id", "elder_id", "caregiver_id", unique=True),
    )

    elder_id: Mapped[int] = mapped_column(BigId, ForeignKey("elders.id"))
    caregiver_id: Mapped[int] = mapped_column(BigId, ForeignKey("caregivers.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    weight: Mapped[float] = mapped_column(Float, default=1.0)
    reason: Mapped[str | None] = mapped_column(EncryptedText)
