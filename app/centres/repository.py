"""Queries over towns, villages and centres."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.centres.models import Centre, CentreKind, Town, Village

ABOVE = {CentreKind.CARE: CentreKind.DEMONSTRATION, CentreKind.DEMONSTRATION: CentreKind.GUIDANCE}
"""The kind of the centre above."""


def towns(actor: Actor) -> Select[Town]:
    """Return the query of the actor's towns."""
    return select(Town).where(actor.within(Town.id))


def villages(actor: Actor, town_id: int | None, under_redevelopment: bool | None) -> Select[Village]:
    """Return the query of villages in the actor's towns."""
    query = select(Village).where(actor.within(Village.town_id))
    if town_id is not None:
        query = query.where(Village.town_id == town_id)
    if under_redevelopment is not None:
        query = query.where(Village.under_redevelopment == under_redevelopment)
    return query


def centres(
    actor: Actor,
    *,
    town_id: int | None = None,
    village_id: int | None = None,
    kind: CentreKind | None = None,
    open_on: date | None = None,
) -> Select[Centre]:
    """Return the query of centres in the actor's towns."""
    query = select(Centre).where(actor.within(Centre.town_id))
    if town_id is not None:
        query = query.where(Centre.town_id == town_id)
    if village_id is not None:
        query = query.where(Centre.village_id == village_id)
    if kind is not None:
        query = query.where(Centre.kind == kind)
    if open_on is not None:
        query = query.where(is_open_on(open_on))
    return query


def is_open_on(day: date) -> ColumnElement[bool]:
    """Return the condition that a centre is open on a day."""
    return (Centre.opened_on <= day) & or_(Centre.closed_on.is_(None), Centre.closed_on > day)


def number_is_taken(session: Session, number: str) -> bool:
    """Whether a centre has this number."""
    return session.scalar(select(Centre.id).where(Centre.number == number)) is not None


def centre_above(session: Session, kind: CentreKind, town_id: int) -> Centre | None:
    """Return the newest centre under which one of this kind and town stands."""
    if kind not in ABOVE:
        return None
    query = select(Centre).where(Centre.kind == ABOVE[kind])
    if kind is CentreKind.CARE:
        query = query.where(Centre.town_id == town_id)
    return session.scalars(query.order_by(Centre.opened_on.desc(), Centre.id.desc())).first()


def centres_below(session: Session, centre: Centre) -> Sequence[Centre]:
    """Return the centres that stand, or should stand, under a centre and are not closed before it opens."""
    below = {above: kind for kind, above in ABOVE.items()}.get(CentreKind(centre.kind))
    if below is None:
        return []
    query = select(Centre).where(
        Centre.kind == below, or_(Centre.closed_on.is_(None), Centre.closed_on > centre.opened_on)
    )
    if below is CentreKind.CARE:
        query = query.where(Centre.town_id == centre.town_id)
    return session.scalars(query).all()


def rivals(session: Session, centre: Centre) -> Sequence[Centre]:
    """Return other guidance centres, or other demonstration centres of its town, open at the same time."""
    if centre.kind == CentreKind.CARE:
        return []
    query = select(Centre).where(
        Centre.kind == centre.kind,
        Centre.id != centre.id,
        or_(Centre.closed_on.is_(None), Centre.closed_on > centre.opened_on),
    )
    if centre.closed_on is not None:
        query = query.where(Centre.opened_on < centre.closed_on)
    if centre.kind == CentreKind.DEMONSTRATION:
        query = query.where(Centre.town_id == centre.town_id)
    return session.scalars(query).all()
