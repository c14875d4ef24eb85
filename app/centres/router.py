"""``/api/v1/towns``, ``/api/v1/villages`` and ``/api/v1/centres``."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from app.accounts.guard import Administrator, Editor, Reader
from app.accounts.scope import find
from app.centres import repository, service
from app.centres.models import Centre, CentreKind, Town, Village
from app.centres.schemas import (
    CentreChange,
    CentreClose,
    CentreNew,
    CentreView,
    TownChange,
    TownView,
    VillageChange,
    VillageView,
)
from app.core.db import ReadSession, WriteSession
from app.core.http import ExpectedVersion, PathId, QueryDay, QueryId, SearchText, problems, set_etag
from app.core.paging import Page, WhichPage, read_page, read_page_matching
from app.core.search import matches

router = APIRouter(prefix="/api/v1", tags=["centres"])

_READ = problems(401, 403, 404)
_CHANGE = problems(401, 403, 404, 409, 412, 428)


@router.get("/towns", responses=problems(401, 403))
def list_towns(actor: Reader, session: ReadSession, page: WhichPage) -> Page[TownView]:
    """List the caller's towns."""
    return Page(**read_page(session, repository.towns(actor), Town.id, page, TownView.model_validate))


@router.get("/towns/{town_id}", responses=_READ)
def read_town(town_id: PathId, actor: Reader, session: ReadSession, response: Response) -> TownView:
    """Show a town."""
    town = find(session, actor, Town, town_id)
    set_etag(response, town)
    return TownView.model_validate(town)


@router.patch("/towns/{town_id}", responses=_CHANGE)
def change_town(
    town_id: PathId,
    body: TownChange,
    actor: Administrator,
    session: WriteSession,
    expected: ExpectedVersion,
    response: Response,
) -> TownView:
    """Correct where the seat of a town is."""
    town = find(session, actor, Town, town_id, expected)
    service.move_town(session, actor, town, body)
    set_etag(response, town)
    return TownView.model_validate(town)


@router.get("/villages", responses=problems(401, 403))
def list_villages(
    actor: Reader,
    session: ReadSession,
    page: WhichPage,
    town_id: QueryId = None,
    under_redevelopment: bool | None = None,
) -> Page[VillageView]:
    """List villages and communities of the caller's towns."""
    if town_id is not None:
        actor.require_town(town_id)
    query = repository.villages(actor, town_id, under_redevelopment)
    return Page(**read_page(session, query, Village.id, page, VillageView.model_validate))


@router.get("/villages/{village_id}", responses=_READ)
def read_village(village_id: PathId, actor: Reader, session: ReadSession, response: Response) -> VillageView:
    """Show a village."""
    village = find(session, actor, Village, village_id)
    set_etag(response, village)
    return VillageView.model_validate(village)


@router.patch("/villages/{village_id}", responses=_CHANGE)
def change_village(
    village_id: PathId,
    body: VillageChange,
    actor: Administrator,
    session: WriteSession,
    expected: ExpectedVersion,
    response: Response,
) -> VillageView:
    """Say whether a village is being redeveloped, so that its elders are served by centres around it."""
    village = find(session, actor, Village, village_id, expected)
    service.mark_redevelopment(session, actor, village, body.under_redevelopment)
    set_etag(response, village)
    return VillageView.model_validate(village)


@router.get("/centres", responses=problems(401, 403))
def list_centres(
    actor: Reader,
    session: ReadSession,
    page: WhichPage,
    town_id: QueryId = None,
    village_id: QueryId = None,
    kind: CentreKind | None = None,
    open_on: QueryDay = None,
    q: Annotated[SearchText, Query(description="a piece of the name, its pinyin (jb finds 江滨), or the number")] = "",
) -> Page[CentreView]:
    """List centres of the caller's towns."""
    if town_id is not None:
        actor.require_town(town_id)
    query = repository.centres(actor, town_id=town_id, village_id=village_id, kind=kind, open_on=open_on)
    found: dict[str, Any] = read_page_matching(
        session,
        query,
        Centre.id,
        page,
        CentreView.model_validate,
        lambda centre: matches(q, centre.name, centre.number),
        (Centre.number, Centre.name),
    )
    return Page(**found)


@router.post("/centres", status_code=201, responses=problems(401, 403, 409))
def open_centre(body: CentreNew, actor: Editor, session: WriteSession, response: Response) -> CentreView:
    """Open a centre."""
    centre = service.open_centre(session, actor, body)
    set_etag(response, centre)
    return CentreView.model_validate(centre)


@router.get("/centres/{centre_id}", responses=_READ)
def read_centre(centre_id: PathId, actor: Reader, session: ReadSession, response: Response) -> CentreView:
    """Show a centre."""
    centre = find(session, actor, Centre, centre_id)
    set_etag(response, centre)
    return CentreView.model_validate(centre)


@router.patch("/centres/{centre_id}", responses=_CHANGE)
def change_centre(
    centre_id: PathId,
    body: CentreChange,
    actor: Editor,
    session: WriteSession,
    expected: ExpectedVersion,
    response: Response,
) -> CentreView:
    """Change a centre; what is left out stays."""
    centre = find(session, actor, Centre, centre_id, expected)
    service.change_centre(session, actor, centre, body)
    set_etag(response, centre)
    return CentreView.model_validate(centre)


@router.post("/centres/{centre_id}/close", responses=_CHANGE)
def close_centre(
    centre_id: PathId,
    body: CentreClose,
    actor: Editor,
    session: WriteSession,
    expected: ExpectedVersion,
    response: Response,
) -> CentreView:
    """Close a centre from a day on; its elders go to others with the next assignment."""
    centre = find(session, actor, Centre, centre_id, expected)
    service.close_centre(session, actor, centre, body)
    set_etag(response, centre)
    return CentreView.model_validate(centre)
