"""The towns, villages and centres of the demo city.

Codes and names are the real ones (app/demo/data); where villages lie is made up around their town's
seat, since no coordinates are published.
"""

import csv
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from app.centres.models import Centre, CentreKind, Town, Village
from app.demo.names import place_name
from app.demo.options import FULL_CENTRES, REDEVELOPED_VILLAGES, CityOptions

_FILES = Path(__file__).parent / "data"
_METRES_PER_DEGREE = 111_320.0  # of latitude; of longitude: times the cosine of the latitude
# How far a town's villages lie from its seat, metres: towns are wider than sub-districts. Assumption.
_RADIUS = {"subdistrict": 3200.0, "town": 5200.0}
_OPENED = date(2020, 1, 1)
_GUIDANCE_TOWN = "330782001"


@dataclass(frozen=True, slots=True)
class Places:
    """What was made."""

    towns: Sequence[Town]
    villages: Sequence[Village]
    centres: Sequence[Centre]  # care centres only


def nearby(chance: random.Random, latitude: float, longitude: float, radius_metres: float) -> tuple[float, float]:
    """Return a point of a disc, evenly spread over its area."""
    distance = radius_metres * math.sqrt(chance.random())
    angle = chance.random() * 2 * math.pi
    return (
        round(latitude + distance * math.sin(angle) / _METRES_PER_DEGREE, 6),
        round(longitude + distance * math.cos(angle) / (_METRES_PER_DEGREE * math.cos(math.radians(latitude))), 6),
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_FILES / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def make_places(session: Session, options: CityOptions) -> Places:
    """Add towns, villages and the network 1 + 14 + N; ``monthly_capacity_minutes`` is set later, from the elders."""
    chance = random.Random(f"places:{options.seed}")
    towns = {
        row["code"]: Town(
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"],
            kind=row["kind"],
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            coordinate_source=row["coordinate_source"],
        )
        for row in list(_rows("towns.csv"))[: options.towns]
    }
    session.add_all(towns.values())
    session.flush()
    villages = [
        _village(chance, row, towns[row["town_code"]]) for row in _rows("villages.csv") if row["town_code"] in towns
    ]
    share = len(villages) / 544
    redeveloped = chance.sample(range(len(villages)), round(REDEVELOPED_VILLAGES * share))
    for index in redeveloped:
        villages[index].under_redevelopment = True
    session.add_all(villages)
    session.flush()
    with_centre = [village for village in villages if not village.under_redevelopment]
    chosen = sorted(chance.sample(range(len(with_centre)), min(round(FULL_CENTRES * share), len(with_centre))))
    centres = _network(session, list(towns.values()), [with_centre[index] for index in chosen])
    return Places(list(towns.values()), villages, centres)


def _village(chance: random.Random, row: dict[str, str], town: Town) -> Village:
    latitude, longitude = nearby(chance, town.latitude, town.longitude, _RADIUS[town.kind])
    return Village(
        code=row["code"],
        name=row["name"],
        town_id=town.id,
        latitude=latitude,
        longitude=longitude,
        coordinate_source="synthetic",
    )


def _network(session: Session, towns: Sequence[Town], villages: Sequence[Village]) -> list[Centre]:
    seat = next((town for town in towns if town.code == _GUIDANCE_TOWN), towns[0])
    guidance = _centre("G001", "义乌市居家养老服务指导中心", CentreKind.GUIDANCE, seat, None, None)
    session.add(guidance)
    session.flush()
    demonstration = {
        town.id: _centre(
            f"D{n:03d}", f"{town.name}示范型居家养老服务中心", CentreKind.DEMONSTRATION, town, None, guidance
        )
        for n, town in enumerate(towns, 1)
    }
    session.add_all(demonstration.values())
    session.flush()
    by_id = {town.id: town for town in towns}
    care = [
        _centre(
            f"C{n:03d}",
            f"{place_name(village.name)}居家养老照料中心",
            CentreKind.CARE,
            by_id[village.town_id],
            village,
            demonstration[village.town_id],
        )
        for n, village in enumerate(villages, 1)
    ]
    session.add_all(care)
    session.flush()
    return care


def _centre(
    number: str, name: str, kind: CentreKind, town: Town, village: Village | None, parent: Centre | None
) -> Centre:
    spot = village or town
    return Centre(
        number=number,
        name=name,
        kind=kind,
        town_id=town.id,
        village_id=village.id if village else None,
        parent_id=parent.id if parent else None,
        latitude=spot.latitude,
        longitude=spot.longitude,
        monthly_capacity_minutes=0,
        opened_on=_OPENED,
    )
