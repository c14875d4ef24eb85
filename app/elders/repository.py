"""Queries over elders, their stays and their care plans."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import Date, Integer, Select, column, exists, or_, select, table
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.accounts.scope import Actor, find
from app.centres.models import Centre, Village
from app.core.crypto import mask_name
from app.elders.models import CarePlan, Elder, Stay

Value = TypeVar("Value")

# The table of a domain above this one, known here by name only: it serves a filter, no rule.
_grants = table(
    "grants",
    column("elder_id", Integer),
    column("valid_from", Date),
    column("valid_to", Date),
    column("monthly_minutes", Integer),
)

_CHUNK = 500
"""Values in one ``IN (…)``."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored already, as far as the rules about some elders need it; identities by blind index."""

    villages: dict[int, Village]
    centres: dict[int, Centre]
    elder_of_number: dict[str, int]
    elder_of_identity: dict[str, int]


def known(
    session: Session,
    *,
    villages: Iterable[int],
    centres: Iterable[int],
    numbers: Iterable[str],
    identities: Iterable[str],
) -> Known:
    """Read what is stored of the named villages, centres, numbers and blind indexes of identity."""
    return Known(
        villages={
            row.id: row
            for ids in chunks(villages)
            for row in session.scalars(select(Village).where(Village.id.in_(ids)))
        },
        centres={
            row.id: row for ids in chunks(centres) for row in session.scalars(select(Centre).where(Centre.id.in_(ids)))
        },
        elder_of_number=owners(session, Elder.number, numbers),
        elder_of_identity=owners(session, Elder.id_number_index, identities),
    )


def owners(session: Session, key: InstrumentedAttribute[str], values: Iterable[str]) -> dict[str, int]:
    return {
        value: elder_id
        for chunk in chunks(values)
        for value, elder_id in session.execute(select(key, Elder.id).where(key.in_(chunk)))
    }


def names_of(session: Session, actor: Actor, elder_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return each elder's number and name, the latter as the actor may see it."""
    return {
        row.id: (row.number, row.name if actor.sees_personal else mask_name(row.name))
        for chunk in chunks(elder_ids)
        for row in session.execute(select(Elder.id, Elder.number, Elder.name).where(Elder.id.in_(chunk)))
    }


def chunks(values: Iterable[Value]) -> Iterator[list[Value]]:
    unique = list(dict.fromkeys(values))
    for start in range(0, len(unique), _CHUNK):
        yield unique[start : start + _CHUNK]


def find_locked(session: Session, actor: Actor, elder_id: int) -> Elder:
    """Return an elder of the actor's towns, and keep others from changing what is hers until the end.

    Raises
    ------
    NotFound
        If there is none, or she is another town's.
    """
    session.get(Elder, elder_id, with_for_update=True)
    return find(session, actor, Elder, elder_id)


def listing(
    *,
    town_id: int | None = None,
    village_id: int | None = None,
    centre_id: int | None = None,
    lives_alone: bool | None = None,
) -> Select[Elder]:
    """Return the query of elders by what is stored of them in clear."""
    query = select(Elder)
    for attribute, wanted in (
        (Elder.town_id, town_id),
        (Elder.village_id, village_id),
        (Elder.centre_id, centre_id),
        (Elder.lives_alone, lives_alone),
    ):
        if wanted is not None:
            query = query.where(attribute == wanted)
    return query


def active_on(query: Select[Elder], day: date) -> Select[Elder]:
    """Keep those on the roster on a day."""
    return query.where(Elder.joined_on <= day, or_(Elder.ended_on.is_(None), Elder.ended_on > day))


def granted(query: Select[Elder], monthly_minutes: int, day: date) -> Select[Elder]:
    """Keep those with a grant of so many minutes a month in force on a day."""
    return query.where(
        exists().where(
            _grants.c.elder_id == Elder.id,
            _grants.c.monthly_minutes == monthly_minutes,
            _grants.c.valid_from <= day,
            or_(_grants.c.valid_to.is_(None), _grants.c.valid_to > day),
        )
    )


def stays_of(session: Session, elder_id: int) -> Sequence[Stay]:
    """Return an elder's stays in order of time."""
    return session.scalars(select(Stay).where(Stay.elder_id == elder_id).order_by(Stay.from_on, Stay.id)).all()


def care_plans_of(session: Session, elder_id: int) -> Sequence[CarePlan]:
    """Return an elder's care plans in order of time."""
    query = select(CarePlan).where(CarePlan.elder_id == elder_id).order_by(CarePlan.valid_from)
    return session.scalars(query).all()
