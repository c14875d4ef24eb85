"""Opening, changing and closing centres; the few things of towns and villages that change."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.scope import Actor, record_deed
from app.centres import repository
from app.centres.coordinates import Datum, Point
from app.centres.models import Centre, CentreKind, Town, Village
from app.centres.schemas import CentreChange, CentreClose, CentreNew, TownChange
from app.core.changes import apply_changes
from app.core.errors import Conflict, InvalidInput


def move_town(session: Session, actor: Actor, town: Town, body: TownChange) -> None:
    """Correct where a town's seat is."""
    latitude, longitude = body.to_wgs84()
    corrected = {"latitude": latitude, "longitude": longitude, "coordinate_source": "corrected"}
    record_deed(session, actor, "town.change", town, changes=apply_changes(town, corrected))


def mark_redevelopment(session: Session, actor: Actor, village: Village, under_redevelopment: bool) -> None:
    """Say whether a village is being redeveloped; the next assignment of elders to centres heeds it."""
    changes = apply_changes(village, {"under_redevelopment": under_redevelopment})
    record_deed(session, actor, "village.change", village, changes=changes)


def open_centre(session: Session, actor: Actor, body: CentreNew) -> Centre:
    """Add a centre in its place in the tree; one that stands above others takes them under it.

    Raises
    ------
    Forbidden
        For another town; for a guidance centre, to all but those who work on all towns.
    InvalidInput
        If the town or the village is not there.
    Conflict
        If the number is taken, or there would be two guidance centres, or two demonstration centres in a town.
    """
    actor.require_town(body.town_id)
    _check_reach(actor, body.kind)
    if session.get(Town, body.town_id) is None:
        raise InvalidInput.of("body.town_id", "the id of a town", body.town_id)
    _check_village(session, body.town_id, body.village_id)
    _check_number(session, body.number)
    above = repository.centre_above(session, body.kind, body.town_id)
    latitude, longitude = body.to_wgs84()
    centre = Centre(
        **body.model_dump(exclude={"datum", "latitude", "longitude"}),
        latitude=latitude,
        longitude=longitude,
        parent_id=above.id if above else None,
    )
    session.add(centre)
    record_deed(session, actor, "centre.create", centre)
    _check_rivals(session, centre)
    for below in repository.centres_below(session, centre):
        below.parent_id = centre.id
    return centre


def change_centre(session: Session, actor: Actor, centre: Centre, body: CentreChange) -> None:
    """Change a centre.

    Raises
    ------
    InvalidInput
        If the village is of another town, only one of latitude and longitude is sent, or it would open after it closed.
    Conflict
        As for ``open_centre``.
    """
    _check_reach(actor, centre.kind)
    values = _with_place(body)
    if values.get("number", centre.number) != centre.number:
        _check_number(session, values["number"])
    _check_village(session, centre.town_id, values.get("village_id"))
    changes = apply_changes(centre, values)
    if centre.closed_on is not None and centre.closed_on < centre.opened_on:
        raise InvalidInput.of(
            "body.opened_on",
            f"a day up to {centre.closed_on}, when it closed",
            str(body.opened_on),
            f"不晚于关闭日期 {centre.closed_on}",
        )
    record_deed(session, actor, "centre.change", centre, changes=changes)
    _check_rivals(session, centre)


def close_centre(session: Session, actor: Actor, centre: Centre, body: CentreClose) -> None:
    """Close a centre from a day on; closing again corrects day and reason.

    Raises
    ------
    InvalidInput
        If it would close before it opened.
    Conflict
        If by closing later it would be open beside the one that followed it.
    """
    _check_reach(actor, centre.kind)
    if body.closed_on < centre.opened_on:
        raise InvalidInput.of(
            "body.closed_on",
            f"{centre.opened_on}, when it opened, or a later day",
            str(body.closed_on),
            f"不早于开放日期 {centre.opened_on}",
        )
    changes = apply_changes(centre, {"closed_on": body.closed_on, "close_reason": body.reason})
    record_deed(session, actor, "centre.close", centre, changes=changes)
    _check_rivals(session, centre)


def _check_reach(actor: Actor, kind: str) -> None:
    if kind == CentreKind.GUIDANCE:
        actor.require_all_towns()


def _with_place(body: CentreChange) -> dict[str, Any]:
    values = body.values()
    datum = values.pop("datum", Datum.WGS84)
    given = values.keys() & {"latitude", "longitude"}
    if len(given) == 1:
        missing = ({"latitude", "longitude"} - given).pop()
        raise InvalidInput.of(
            f"body.{missing}", "latitude and longitude together, or neither", zh="纬度和经度都填，或都不填"
        )
    if given:
        point = Point(latitude=values["latitude"], longitude=values["longitude"], datum=datum)
        values["latitude"], values["longitude"] = point.to_wgs84()
    return values


def _check_village(session: Session, town_id: int, village_id: int | None) -> None:
    village = session.get(Village, village_id) if village_id is not None else None
    if village_id is not None and (village is None or village.town_id != town_id):
        raise InvalidInput.of("body.village_id", f"the id of a village of town {town_id}", village_id, "该镇街的村社")


def _check_number(session: Session, number: str) -> None:
    if repository.number_is_taken(session, number):
        raise Conflict.of("body.number", "a number that no other centre has", number, "未被其他照料中心使用的编号")


def _check_rivals(session: Session, centre: Centre) -> None:
    rivals = repository.rivals(session, centre)
    if rivals:
        where = f"town {centre.town_id}" if centre.kind == CentreKind.DEMONSTRATION else "the city"
        raise Conflict.of(
            "body.kind",
            f"another kind: {where} has its {centre.kind} centre at that time already, centre {rivals[0].id}",
            centre.kind,
            f"其他类型：当时已有同类中心（{rivals[0].number}）",
        )
