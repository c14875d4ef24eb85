"""The pages, what they load, and the board's data."""

import gzip
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from sqlalchemy import select

from app.accounts import pages
from app.accounts.guard import Reader
from app.accounts.models import Role, User
from app.accounts.scope import Actor
from app.centres.coordinates import Datum
from app.core import clock
from app.core.db import ReadSession, database
from app.core.errors import NotAuthenticated
from app.core.http import PathId, etag, problems, request_id
from app.core.weeks import Week
from app.web import assets
from app.web.board import BoardView, show_board, which_week
from app.web.map import MapView, show_map
from app.web.shell import PAGES_OF, Page, PageName, lang_of, messages, render

DOCS = "/api/v1/docs"
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}

router = APIRouter()


def _signed_in(request: Request) -> tuple[Actor, str] | None:
    """Return who looks at a page with which cookie; None if her session is over or never was."""
    cookie = request.cookies.get(pages.COOKIE)
    if cookie is None:
        return None
    try:
        with database(request).read() as session:
            return pages.actor_of_cookie(session, cookie, request_id(request)), cookie
    except NotAuthenticated:
        return None


def _home_of(actor: Actor) -> str:
    return f"/{PAGES_OF[actor.role][0]}"


def _page(request: Request, name: PageName, **more: Any) -> Response:
    """Show a page to whom it is for; lead everybody else to her own."""
    found = _signed_in(request)
    if found is None:
        return RedirectResponse("/sign-in", 303)
    actor, cookie = found
    if name not in PAGES_OF[actor.role]:
        return RedirectResponse(_home_of(actor), 303)
    settings = request.app.state.settings
    known = {
        "role": actor.role,
        "edits": actor.role in (Role.ADMINISTRATOR, Role.DISPATCHER),
        "all_towns": actor.town_ids is None,
        "town_ids": sorted(actor.town_ids or ()),
        "today": str(clock.today()),
        "week": str(Week.of(clock.today())),
        "solve_seconds": settings.solve_seconds,
        **more,
    }
    images = settings.map_tiles_origin if name == "board" else ""
    page = Page(name, pages.page_token(settings, cookie), known, PAGES_OF[actor.role], images)
    return render(page, lang_of(request))


@router.get("/", include_in_schema=False)
def home(request: Request) -> RedirectResponse:
    """Lead a person to her page, and a program to the description of the API."""
    found = _signed_in(request)
    if found is not None:
        return RedirectResponse(_home_of(found[0]))
    return RedirectResponse("/sign-in" if "text/html" in request.headers.get("accept", "") else DOCS)


@router.get("/sign-in", include_in_schema=False)
def sign_in_page(
    request: Request, ended: Annotated[bool, Query(description="say that the session is over")] = False
) -> Response:
    """Show where one signs in."""
    return render(Page("sign-in", "", {"ended": ended}), lang_of(request))


@router.get("/board", include_in_schema=False)
def board_page(
    request: Request,
    week: Annotated[str, Query(max_length=8, description="missing or unknown: this week")] = "",
    schedule: Annotated[str, Query(max_length=20, description="missing or unknown: the newest of the week")] = "",
) -> Response:
    """Show the dispatcher's board; her page begins to load the data before its modules have come."""
    found = _signed_in(request)
    if found is None:
        return _page(request, "board")
    with database(request).read() as session:
        shown = which_week(session, found[0], week, schedule, clock.today())
    more: dict[str, Any] = {"shown_week": str(shown.week), "schedule_id": shown.schedule_id}
    if shown.schedule_id is not None:
        more["data"] = f"/api/v1/schedules/{shown.schedule_id}/board"
    settings = request.app.state.settings
    if settings.map_tiles:
        credit = settings.map_tiles_credit
        more["tiles"] = {"address": settings.map_tiles, "datum": settings.map_tiles_datum, "credit": credit}
    return _page(request, "board", **more)


@router.get("/month", include_in_schema=False)
def month_page(request: Request) -> Response:
    """Show the month's ledger."""
    return _page(request, "month")


@router.get("/roster", include_in_schema=False)
def roster_page(request: Request) -> Response:
    """Show lists of elders, caregivers and centres, or one of them."""
    return _page(request, "roster")


@router.get("/import", include_in_schema=False)
def import_page(request: Request) -> Response:
    """Show where files are brought into the roster."""
    return _page(request, "import")


@router.get("/users", include_in_schema=False)
def users_page(request: Request) -> Response:
    """Show accounts and special days."""
    return _page(request, "users")


@router.get("/my", include_in_schema=False)
def my_page(request: Request) -> Response:
    """Show a caregiver her visits."""
    found = _signed_in(request)
    if found is None:
        return _page(request, "my")
    with database(request).read() as session:
        name = session.scalar(select(User.display_name).where(User.id == found[0].user_id))
    return _page(request, "my", user={"id": found[0].user_id, "name": name})


@router.get("/my-worker.js", include_in_schema=False)
def my_worker() -> Response:
    """Give what keeps the phone page for times without a network; its address must be beside the page's."""
    return FileResponse(
        assets.STATIC / "my-worker.js", media_type="text/javascript", headers={"Cache-Control": "no-cache"}
    )


@router.get("/my.webmanifest", include_in_schema=False)
def my_manifest(request: Request) -> Response:
    """Let the phone page be installed."""
    at = f"/static/{assets.version()}/icon"
    icons = [
        {"src": f"{at}-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    words = messages(lang_of(request))
    about = {
        "name": words["title.my"],
        "short_name": words["product"],
        "start_url": "/my",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f4f6f5",
        "theme_color": "#0b5d57",
        "icons": [*icons, {"src": f"{at}.svg", "sizes": "any", "type": "image/svg+xml"}],
    }
    return JSONResponse(about, media_type="application/manifest+json")


@router.get("/static/{version}/{path:path}", include_in_schema=False)
async def static_file(  # not in a thread: it waits for nothing, and a page asks for thirty at once
    request: Request, version: Annotated[str, Path(max_length=40)], path: Annotated[str, Path(max_length=200)]
) -> Response:
    """Give a module, a style or a picture; its address changes with its content."""
    asset = assets.find(path)
    if asset is None:
        raise HTTPException(404, "Not Found")
    headers = _KEPT if version == assets.version() else {"Cache-Control": "no-cache"}
    return _squeezed(request, asset.raw, asset.zipped, asset.media_type, headers)


def _squeezed(
    request: Request, raw: bytes, zipped: bytes | None, media_type: str, headers: Mapping[str, str]
) -> Response:
    """Return an answer in gzip if the browser takes it: a quarter, for an office on a thin line."""
    headers = {**headers, "Vary": "Accept-Encoding"}
    if zipped is None or "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(raw, media_type=media_type, headers=headers)
    return Response(zipped, media_type=media_type, headers={**headers, "Content-Encoding": "gzip"})


@router.get(
    "/api/v1/schedules/{schedule_id}/board",
    tags=["schedules"],
    response_model=BoardView,
    responses=problems(401, 403, 404),
)
def read_board(schedule_id: PathId, session: ReadSession, actor: Reader, request: Request) -> Response:
    """Give one version with all the people of its visits in one compact answer, as the board draws it."""
    schedule, view = show_board(session, actor, schedule_id)
    body = view.model_dump_json().encode()
    return _squeezed(request, body, gzip.compress(body, 1), "application/json", {"ETag": etag(schedule)})


@router.get("/api/v1/schedules/{schedule_id}/map", tags=["schedules"], responses=problems(401, 403, 404))
def read_map(
    schedule_id: PathId,
    session: ReadSession,
    actor: Reader,
    datum: Annotated[Datum, Query(description="of all positions: gcj02 for tiles of a Chinese map")] = Datum.WGS84,
) -> MapView:
    """Give where one version's elders, caregivers, centres and towns are, as the map draws it.

    Homes are personal: an auditor sees elders at their village, and caregivers at their centre.
    """
    return show_map(session, actor, schedule_id, datum)
