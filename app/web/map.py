"""The week's map: where the homes of a version's visits, the bases, the centres and the towns are."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.caregivers.models import Caregiver
from app.centres.coordinates import Datum, wgs84_to_gcj02
from app.centres.models import Centre, Village
from app.core.weeks import Week
from app.elders.models import Elder
from app.schedules import service
from app.schedules.models import ScheduledVisit
from app.web.rows import of_versions, versions_by_town

Degrees = tuple[float, float]  # latitude, longitude


class Points(BaseModel):
    """Rows and where they are: latitude and longitude in degrees."""

    id: list[int]
    at: list[Degrees]


class CentrePoints(Points):
    """Centres that are open in the week."""

    name: list[str]
    kind: list[str]


class TownAreas(BaseModel):
    """Towns, and the line around their villages (the convex hull: no official border)."""

    id: list[int]
    area: list[list[Degrees]]


class MapView(BaseModel):
    """Where everything on one board is, in the towns that you may see."""

    datum: Datum
    exact: bool = Field(description="false: elders are shown at their village and caregivers at their centre")
    towns: TownAreas
    centres: CentrePoints
    elders: Points = Field(description="with a visit in the week")
    caregivers: Points = Field(description="of your towns: where each sets out")


def show_map(session: Session, actor: Actor, schedule_id: int, datum: Datum) -> MapView:
    """Return the places of a version; homes only to who may see them.

    Raises
    ------
    NotFound
        If the actor may not see the schedule.
    """
    schedule = service.visible(session, actor, schedule_id)
    versions = {town: one for town, one in versions_by_town(session, schedule).items() if actor.sees_town(town)}
    towns = sorted(versions)

    def there(at: Degrees) -> Degrees:
        latitude, longitude = wgs84_to_gcj02(*at) if datum is Datum.GCJ02 else at
        return round(latitude, 6), round(longitude, 6)  # a tenth of a metre

    villages = session.execute(
        select(Village.id, Village.town_id, Village.latitude, Village.longitude).where(Village.town_id.in_(towns))
    ).all()
    return MapView(
        datum=datum,
        exact=actor.sees_personal,
        towns=TownAreas(
            id=towns,
            area=[[there(at) for at in hull(_at(row) for row in villages if row.town_id == town)] for town in towns],
        ),
        centres=_centres(session, Week(schedule.monday), towns, there),
        elders=_elders(session, of_versions(versions), actor.sees_personal, there),
        caregivers=_caregivers(session, Week(schedule.monday), towns, actor.sees_personal, there),
    )


def _at(row: Any) -> Degrees:
    return row.latitude, row.longitude


def _centres(session: Session, week: Week, towns: Collection[int], there: Callable[[Degrees], Degrees]) -> CentrePoints:
    query = select(Centre.id, Centre.name, Centre.kind, Centre.latitude, Centre.longitude).where(
        Centre.town_id.in_(towns),
        Centre.opened_on < week.end,
        Centre.closed_on.is_(None) | (Centre.closed_on > week.monday),
    )
    rows = session.execute(query.order_by(Centre.id)).all()
    return CentrePoints(
        id=[row.id for row in rows],
        at=[there(_at(row)) for row in rows],
        name=[row.name for row in rows],
        kind=[row.kind for row in rows],
    )


def _elders(session: Session, shown: ColumnElement[bool], exact: bool, there: Callable[[Degrees], Degrees]) -> Points:
    visited = select(ScheduledVisit.elder_id).where(shown)
    # A home is decrypted only for who may see it.
    where = (Elder.home,) if exact else (Village.latitude, Village.longitude)
    query = select(Elder.id, *where).join(Village, Village.id == Elder.village_id).where(Elder.id.in_(visited))
    rows = session.execute(query.order_by(Elder.id)).all()
    return Points(id=[row.id for row in rows], at=[there(row.home if exact else _at(row)) for row in rows])


def _caregivers(
    session: Session, week: Week, towns: Collection[int], exact: bool, there: Callable[[Degrees], Degrees]
) -> Points:
    where = (Caregiver.base,) if exact else ()
    query = (
        select(Caregiver.id, Centre.latitude, Centre.longitude, *where)
        .join(Centre, Centre.id == Caregiver.centre_id)
        .where(
            Caregiver.town_id.in_(towns),
            Caregiver.hired_on < week.end,
            Caregiver.ended_on.is_(None) | (Caregiver.ended_on > week.monday),
        )
    )
    rows = session.execute(query.order_by(Caregiver.id)).all()
    return Points(id=[row.id for row in rows], at=[there((row.base if exact else None) or _at(row)) for row in rows])


def hull(points: Iterable[Degrees]) -> Sequence[Degrees]:
    """Return the corners of the convex hull, anticlockwise from the southernmost; fewer than three: the points.

    Andrew's monotone chain, on degrees: a town is small enough for a flat earth.
    """
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered
    return [*_chain(ordered), *_chain(ordered[::-1])]


def _chain(ordered: Sequence[Degrees]) -> list[Degrees]:
    """Return one side of the hull without its last corner."""
    found: list[Degrees] = []
    for point in ordered:
        while len(found) >= 2 and _turn(found[-2], found[-1], point) <= 0:
            found.pop()
        found.append(point)
    return found[:-1]


def _turn(a: Degrees, b: Degrees, c: Degrees) -> float:
    """Return more than nought if the way from a over b to c turns to the side of the second coordinate."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
