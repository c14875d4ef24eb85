"""The rules about one elder that need to know what is stored; each yields its error, in the order of the fields."""

from collections.abc import Iterator
from datetime import date
from math import cos, hypot, radians

from app.accounts.scope import Actor
from app.centres.models import CentreKind, Village
from app.core.errors import Conflict, FieldError, Forbidden, InvalidInput, JiulingError
from app.core.identity import check_identity, identity_index
from app.elders.age import JOINING_AGE, may_join_on
from app.elders.repository import Known
from app.elders.schemas import ElderNew

HOME_KILOMETRES = 50
"""A home is not farther from its village than this; the city is some 60 km from end to end."""

_KILOMETRES_PER_DEGREE = 111.2


class TooYoung(InvalidInput):
    """She is not yet 90; the answer says when she will be, as ``may_join_on``."""

    type_ = "too-young"

    @classmethod
    def on(cls, joined_on: date, may_join: date) -> "TooYoung":
        """Return the error of somebody who would join too early."""
        expected = f"{may_join} or later: she is {JOINING_AGE} on that day"
        return cls(
            f"she may join on {may_join}, when she is {JOINING_AGE}",
            errors=[FieldError("body.joined_on", expected, str(joined_on), f"{may_join} 或之后（当天年满 90 周岁）")],
            may_join_on=may_join.isoformat(),
        )


def broken(body: ElderNew, known: Known, actor: Actor, elder_id: int | None = None) -> Iterator[JiulingError]:
    """Yield the rules that ``body`` breaks; ``elder_id`` is who it is about if she is stored already."""
    yield from _identity(body, known, elder_id)
    if may_join_on(body.birth_date) > body.joined_on:
        yield TooYoung.on(body.joined_on, may_join_on(body.birth_date))
    if not actor.sees_town(body.town_id):
        yield Forbidden(
            f"town {body.town_id} is not one of yours",
            errors=[FieldError("body.town_id", "one of your towns", body.town_id, "您负责的镇街")],
        )
        return
    yield from _place(body, known)
    yield from _centre(body, known, actor)


def _identity(body: ElderNew, known: Known, elder_id: int | None) -> Iterator[JiulingError]:
    if known.elder_of_number.get(body.number, elder_id) != elder_id:
        yield _taken("number", body.number, "a number that no other elder has", "未被其他老人使用的编号")
    try:
        check_identity(body.id_number, body.birth_date, body.gender)
    except InvalidInput as error:
        yield error
        return
    if known.elder_of_identity.get(identity_index(body.id_number), elder_id) != elder_id:
        yield _taken("id_number", None, "somebody who is not yet on the roster", "尚未登记的身份证号")


def _taken(field: str, value: str | None, expected: str, zh: str) -> Conflict:
    return Conflict(f"{field}: expected {expected}", errors=[FieldError(f"body.{field}", expected, value, zh)])


def _place(body: ElderNew, known: Known) -> Iterator[JiulingError]:
    village = known.villages.get(body.village_id)
    if village is None or village.town_id != body.town_id:
        expected = f"a village of town {body.town_id}"
        yield InvalidInput.of("body.village_id", expected, body.village_id, "该镇街的村社")
    elif _kilometres(body, village) > HOME_KILOMETRES:
        middle = f"({village.latitude:.2f}, {village.longitude:.2f})"
        yield InvalidInput.of(
            "body.latitude",
            f"latitude and longitude of a home within {HOME_KILOMETRES} km of its village {middle}",
            f"{body.latitude}, {body.longitude}",
            f"距所在村社{middle}不超过 {HOME_KILOMETRES} 公里的纬度和经度",
        )


def _kilometres(body: ElderNew, village: Village) -> float:
    # On a plane: near enough to find a slip. Without coordinates the home is where the village is.
    if body.latitude is None or body.longitude is None:
        return 0.0
    north = body.latitude - village.latitude
    east = (body.longitude - village.longitude) * cos(radians(village.latitude))
    return hypot(north, east) * _KILOMETRES_PER_DEGREE


def _centre(body: ElderNew, known: Known, actor: Actor) -> Iterator[JiulingError]:
    if body.centre_id is None:
        return
    centre = known.centres.get(body.centre_id)
    seen = centre is not None and (centre.town_id == body.town_id or actor.sees_town(centre.town_id))
    if centre is None or not seen or centre.kind != CentreKind.CARE or centre.closed_on is not None:
        yield InvalidInput.of("body.centre_id", "an open care centre", body.centre_id, "开放中的照料中心")
