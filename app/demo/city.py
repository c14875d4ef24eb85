"""Makes the whole demo city: places, people, pairs, accounts, and what happened in the month so far."""

import random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.demo.accounts import make_accounts
from app.demo.options import CityOptions
from app.demo.pairs import make_pairs
from app.demo.people import People, make_people
from app.demo.places import Places, make_places
from app.elders.models import Elder

# Declared hours of all care centres together, against what the grants need.
_CAPACITY_RATIO = 1.4


def is_empty(session: Session) -> bool:
    """Whether nobody is on the roster and nobody can sign in."""
    return not session.scalar(select(func.count()).select_from(Elder)) and not session.scalar(
        select(func.count()).select_from(User)
    )


def build_city(session: Session, options: CityOptions) -> People:
    """Fill an empty database; the same options make the same city."""
    places = make_places(session, options)
    people = make_people(session, places, options)
    _declare_hours(places, people, options)
    make_pairs(session, people, options)
    make_accounts(session, places.towns, people.caregivers)
    return people


def _declare_hours(places: Places, people: People, options: CityOptions) -> None:
    """Let each care centre declare hours in proportion to the elders of its village, half of it at random."""
    chance = random.Random(f"capacity:{options.seed}")
    granted: dict[int, int] = {}
    for elder, grant in zip(people.elders, people.grants, strict=True):
        granted[elder.village_id] = granted.get(elder.village_id, 0) + grant.monthly_minutes
    total = sum(granted.values())
    for centre in places.centres:
        own = granted.get(centre.village_id or 0, 0)
        declared = (own + chance.uniform(0, 2) * total / len(places.centres)) * _CAPACITY_RATIO / 2 + own / 2
        centre.monthly_capacity_minutes = max(round(declared / 240) * 240, 240)
