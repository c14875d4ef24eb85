"""The routes of pairs."""

from fastapi import APIRouter, Response, status

from app.accounts.guard import Editor, Reader
from app.accounts.scope import find
from app.core.db import ReadSession, WriteSession
from app.core.http import ExpectedVersion, PathId, PossibleVersion, QueryId, problems, set_etag
from app.core.paging import Page, WhichPage, read_page
from app.elders.models import Elder
from app.pairs import repository, service
from app.pairs.models import Pair
from app.pairs.schemas import PairKind, PairPut, PairView, show_pair

router = APIRouter(prefix="/api/v1", tags=["pairs"])


@router.get("/pairs", responses=problems(401, 403))
def list_pairs(
    session: ReadSession,
    actor: Reader,
    page: WhichPage,
    elder_id: QueryId = None,
    caregiver_id: QueryId = None,
    kind: PairKind | None = None,
) -> Page[PairView]:
    """List pairs of the elders of your towns, in order of id."""
    query = repository.listing(actor, elder_id=elder_id, caregiver_id=caregiver_id, kind=kind)
    return Page[PairView](**read_page(session, query, Pair.id, page, lambda pair: show_pair(pair, actor)))


@router.get("/elders/{elder_id}/pairs", responses=problems(401, 403, 404))
def list_pairs_of_elder(
    session: ReadSession, actor: Reader, elder_id: PathId, page: WhichPage, kind: PairKind | None = None
) -> Page[PairView]:
    """List the caregivers whom an elder is used to, or must never meet."""
    find(session, actor, Elder, elder_id)
    query = repository.listing(actor, elder_id=elder_id, kind=kind)
    return Page[PairView](**read_page(session, query, Pair.id, page, lambda pair: show_pair(pair, actor)))


@router.get("/elders/{elder_id}/pairs/{caregiver_id}", responses=problems(401, 403, 404))
def read_pair(
    session: ReadSession, actor: Reader, elder_id: PathId, caregiver_id: PathId, response: Response
) -> PairView:
    """Show what an elder and a caregiver are to each other."""
    pair = service.read(session, actor, elder_id, caregiver_id)
    set_etag(response, pair)
    return show_pair(pair, actor)


@router.put(
    "/elders/{elder_id}/pairs/{caregiver_id}",
    responses=problems(401, 403, 404, 409, 412, 428) | {201: {"model": PairView, "description": "A new pair."}},
)
def put_pair(
    session: WriteSession,
    actor: Editor,
    elder_id: PathId,
    caregiver_id: PathId,
    body: PairPut,
    expected: PossibleVersion,
    response: Response,
) -> PairView:
    """Set what an elder and a caregiver are to each other; If-Match is needed if they are a pair already."""
    pair, new = service.put(session, actor, elder_id, caregiver_id, body, expected)
    if new:
        response.status_code = status.HTTP_201_CREATED
    set_etag(response, pair)
    return show_pair(pair, actor)


@router.delete(
    "/elders/{elder_id}/pairs/{caregiver_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404, 412, 428),
)
def delete_pair(
    session: WriteSession, actor: Editor, elder_id: PathId, caregiver_id: PathId, expected: ExpectedVersion
) -> None:
    """Take a pair away."""
    service.delete(session, actor, elder_id, caregiver_id, expected)
