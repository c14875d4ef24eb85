"""Centres from a file: opened and changed by the very functions of the API."""

from typing import Any

from sqlalchemy import select

from app.centres import service
from app.centres.models import Centre
from app.centres.schemas import CentreChange, CentreNew
from app.imports.resolving import find_town, find_village, point_of
from app.imports.telling import told_change
from app.imports.work import Row, Work

_SAME = ("number", "name", "kind", "opened_on", "latitude", "longitude", "datum")
_COLUMNS = {name: name for name in _SAME} | {
    "town_id": "town",
    "village_id": "village",
    "monthly_capacity_minutes": "monthly_capacity_hours",
}
_RANK = {"guidance": 0, "demonstration": 1, "care": 2}


def take(work: Work) -> None:
    """Open or change the centre of each row, those above first."""
    work.find_repeated("number")
    for row in sorted(work.rows, key=lambda row: _RANK.get(row.values.get("kind", ""), 3)):
        centre = _stored(work, row) if work.update else None
        sent = _sent(work, row, centre)
        if centre is None:
            _open(work, row, sent)
        else:
            _change(work, row, centre, sent)


def _stored(work: Work, row: Row) -> Centre | None:
    return work.session.scalars(select(Centre).where(Centre.number == row.values.get("number"))).one_or_none()


def _sent(work: Work, row: Row, centre: Centre | None) -> dict[str, Any]:
    town_id = find_town(work, row) or (centre.town_id if centre and "town" not in row.cells else None)
    village_id = find_village(work, row, town_id)
    found = {name: key for name, key in (("town_id", town_id), ("village_id", village_id)) if key is not None}
    same = row.pick({name: column for name, column in _COLUMNS.items() if not name.endswith("_id")})
    return same | point_of(work, row) | found


def _open(work: Work, row: Row, sent: dict[str, Any]) -> None:
    body = work.body(row, CentreNew, _COLUMNS, sent)
    if body is None or work.is_blamed(row):
        return
    if work.attempt(row, _COLUMNS, lambda: service.open_centre(work.session, work.actor, body)) is not None:
        work.created += 1


def _change(work: Work, row: Row, centre: Centre, sent: dict[str, Any]) -> None:
    if not work.actor.sees_town(centre.town_id):
        work.blame(row, "number", "您负责的镇街的中心编号", "the number of a centre of your towns")
        return
    for fixed, column in (("kind", "kind"), ("town_id", "town")):
        if sent.pop(fixed, getattr(centre, fixed)) != getattr(centre, fixed):
            work.blame(
                row,
                column,
                "中心的类型和镇街不能更改：请关闭后新建",
                "the same kind and town as before: close it and open another",
            )
    body = work.body(row, CentreChange, _COLUMNS, sent)
    if body is None or work.is_blamed(row):
        return
    before = {name: getattr(centre, name) for name in _columns_of(centre)}

    def deed() -> bool:
        service.change_centre(work.session, work.actor, centre, body)
        return True

    if work.attempt(row, _COLUMNS, deed):
        told = [
            told_change(work, _COLUMNS.get(name, name), before[name], getattr(centre, name))
            for name in before
            if before[name] != getattr(centre, name)
        ]
        work.tell_change(row, centre.number, told)


def _columns_of(centre: Centre) -> list[str]:
    return [name for name in CentreChange.model_fields if hasattr(centre, name)]
