"""Towns, villages and centres by what people write for them."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.centres.models import Centre, Town, Village


@dataclass(frozen=True, slots=True)
class Places:
    """The towns of one actor with their villages and centres, by code or number and by name."""

    towns: dict[str, int]
    villages: dict[tuple[int, str], int]
    centres: dict[tuple[int, str], int]
    town_names: tuple[str, ...]
    village_names: dict[int, str]
    town_of_id: dict[int, str]


def read_places(session: Session, actor: Actor) -> Places:
    """Read the places that the actor may write to."""
    towns = session.scalars(select(Town).where(actor.within(Town.id)).order_by(Town.code)).all()
    villages = session.scalars(select(Village).where(actor.within(Village.town_id))).all()
    centres = session.scalars(select(Centre).where(actor.within(Centre.town_id))).all()
    return Places(
        towns={key.casefold(): town.id for town in towns for key in (town.name_en, town.name, town.code)},
        villages={
            (village.town_id, key.casefold()): village.id
            for village in villages
            for key in (village.name, village.code)
        },
        centres={(centre.town_id, centre.number.casefold()): centre.id for centre in centres},
        town_names=tuple(town.name for town in towns),
        village_names={village.id: village.name for village in villages},
        town_of_id={town.id: town.name for town in towns},
    )
