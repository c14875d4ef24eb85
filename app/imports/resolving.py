"""What a row says in several cells, or in other words than the API: towns, villages, coordinates, a person's facts."""

import re
from datetime import date
from typing import Any

from app.core.identity import normal_identity
from app.imports import cells
from app.imports.work import Row, Work

_OFFERED = 20
"""Names listed in an error."""


def find_town(work: Work, row: Row) -> int | None:
    """Return the id of the town of a row, or None after saying what is wrong with the name."""
    if "town" not in row.values:
        return None
    found = work.places.towns.get(row.values["town"].casefold())
    if found is None:
        names = "、".join(work.places.town_names[:_OFFERED])
        work.blame(row, "town", f"您负责的镇街：{names}", f"one of your towns: {names}")
    return found


def find_village(work: Work, row: Row, town_id: int | None) -> int | None:
    """Return the id of the village of a row, or None after saying what is wrong with the name."""
    if "village" not in row.values:
        return None
    if town_id is None:
        work.excuse(row, "village")
        return None
    found = work.places.villages.get((town_id, row.values["village"].casefold()))
    if found is None:
        work.blame(row, "village")
    return found


def point_of(work: Work, row: Row) -> dict[str, Any]:
    """Return latitude, longitude and datum; coordinates that don't say which they are would be half a kilometre off."""
    if "latitude" in row.values and "longitude" in row.values and "datum" not in row.cells:
        work.blame(row, "datum")
    for one, other in (("latitude", "longitude"), ("longitude", "latitude")):
        if one in row.cells and other not in row.cells:
            work.blame(row, other)
    return row.pick({name: name for name in ("latitude", "longitude", "datum")})


def facts_of(work: Work, row: Row) -> dict[str, Any]:
    """Return the birth date and gender that an identity number tells.

    Of a number that can't be read, which is an error of its own, they are of somebody who breaks no other rule.
    """
    match = re.fullmatch(r"[0-9]{6}([0-9]{8})[0-9]{2}([0-9])[0-9X]", normal_identity(row.values.get("id_number", "")))
    try:
        born = cells.day(match[1]) if match else None
    except cells.Misread:
        born = None
    if match is None or born is None:
        work.blame(row, "id_number")
        return {"birth_date": date(1900, 1, 1), "gender": "female"}
    return {"birth_date": born, "gender": "male" if int(match[2]) % 2 else "female"}
