"""Queries over caregivers and what belongs to them."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.caregivers.models import Caregiver, Certificate, Leave, WorkingHours
from app.terms import Gender, Skill, TravelMode


def caregivers(
    actor: Actor,
    *,
    town_id: int | None = None,
    centre_id: int | None = None,
    gender: Gender | None = None,
    mode: TravelMode | None = None,
    active_on: date | None = None,
) -> Select[Caregiver]:
    """Return the query of caregivers in the actor's towns; what is None is not asked."""
    asked = {"town_id": town_id, "centre_id": centre_id, "gender": gender, "mode": mode}
    query = select(Caregiver).where(actor.within(Caregiver.town_id))
    query = query.filter_by(**{column: value for column, value in asked.items() if value is not None})
    if active_on is not None:
        query = query.where(is_active_on(active_on))
    return query


def is_active_on(day: date) -> ColumnElement[bool]:
    """Return the condition that a caregiver works here on a day."""
    return (Caregiver.hired_on <= day) & or_(Caregiver.ended_on.is_(None), Caregiver.ended_on > day)


def has_skill_on(skill: Skill, day: date) -> ColumnElement[bool]:
    """Return the condition that a caregiver has a certificate for a skill that is valid on a day."""
    return exists().where(
        Certificate.caregiver_id == Caregiver.id,
        Certificate.skill == skill,
        Certificate.issued_on <= day,
        Certificate.expires_on >= day,
    )


def number_is_taken(session: Session, number: str) -> bool:
    """Whether a caregiver has this number."""
    return session.scalar(select(Caregiver.id).where(Caregiver.number == number)) is not None


def identity_is_taken(session: Session, index: str) -> bool:
    """Whether a caregiver has the identity number with this blind index."""
    return session.scalar(select(Caregiver.id).where(Caregiver.id_number_index == index)) is not None


def certificates_of(session: Session, caregiver_id: int) -> Sequence[Certificate]:
    """Return a caregiver's certificates."""
    query = select(Certificate).where(Certificate.caregiver_id == caregiver_id)
    return session.scalars(query.order_by(Certificate.skill, Certificate.issued_on, Certificate.id)).all()


def leaves_of(session: Session, caregiver_id: int, ending_from: date | None) -> Sequence[Leave]:
    """Return a caregiver's leave, all of it or that which lasts up to a day or longer."""
    query = select(Leave).where(Leave.caregiver_id == caregiver_id)
    if ending_from is not None:
        query = query.where(Leave.last_on >= ending_from)
    return session.scalars(query.order_by(Leave.first_on, Leave.id)).all()


def working_hours_of(session: Session, caregiver_id: int) -> Sequence[WorkingHours]:
    """Return a caregiver's week, Monday first."""
    query = select(WorkingHours).where(WorkingHours.caregiver_id == caregiver_id)
    return session.scalars(query.order_by(WorkingHours.weekday)).all()
