"""Queries over pairs."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.elders.models import Elder
from app.pairs.models import Pair


def between(session: Session, elder_id: int, caregiver_id: int) -> Pair | None:
    """Return the pair of an elder and a caregiver, if there is one."""
    query = select(Pair).where(Pair.elder_id == elder_id, Pair.caregiver_id == caregiver_id)
    return session.scalars(query).one_or_none()


def listing(
    actor: Actor, *, elder_id: int | None = None, caregiver_id: int | None = None, kind: str | None = None
) -> Select[Pair]:
    """Return the query of pairs of the elders whom the actor may see."""
    query = select(Pair).join(Elder, Elder.id == Pair.elder_id).where(actor.within(Elder.town_id))
    for attribute, wanted in ((Pair.elder_id, elder_id), (Pair.caregiver_id, caregiver_id), (Pair.kind, kind)):
        if wanted is not None:
            query = query.where(attribute == wanted)
    return query
