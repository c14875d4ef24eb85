"""``/api/v1/schedules/{id}.csv``, ``.xlsx`` and ``/sheets``: a week leaves the service."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, StreamingResponse
from starlette.background import BackgroundTask

from app.accounts.guard import Reader
from app.accounts.scope import Actor
from app.core.csv import write_csv
from app.core.db import Database, WriteSession, database
from app.core.http import PathId, QueryId, problems
from app.core.weeks import Week
from app.exports.columns import Lang, cells, columns_for, header
from app.exports.rows import ExportFilter, WhichVisits, read_rows
from app.exports.service import authorise
from app.exports.sheets import write_elder_sheets, write_sheets
from app.exports.workbook import write_workbook

# Included before the schedules' own router: there "5.csv" would be read as an id.
router = APIRouter(prefix="/api/v1/schedules", tags=["exports"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ForWhom = Literal["caregiver", "elder"]
Language = Annotated[Lang, Query(description="the language of headers and words")]


def _wanted(
    schedule_id: PathId,
    town_id: QueryId = None,
    centre_id: QueryId = None,
    caregiver_id: QueryId = None,
    which: Annotated[WhichVisits, Query(description="placed visits, unallocated ones, or both")] = "placed",
) -> ExportFilter:
    return ExportFilter(
        schedule_id=schedule_id, which=which, town_id=town_id, centre_id=centre_id, caregiver_id=caregiver_id
    )


Wanted = Annotated[ExportFilter, Depends(_wanted)]


def _disposition(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


@router.get(
    "/{schedule_id}.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **problems(401, 403, 404)},
)
def export_csv(
    wanted: Wanted, actor: Reader, session: WriteSession, request: Request, lang: Language = "zh"
) -> StreamingResponse:
    """Stream the week as CSV that opens in Excel and WPS as it is; personal columns only for who may see them."""
    week = authorise(session, actor, wanted, "csv")
    pieces = _csv_pieces(database(request), wanted, actor, lang)
    return StreamingResponse(
        pieces, media_type="text/csv; charset=utf-8", headers=_disposition(f"jiuling-{week}-{wanted.schedule_id}.csv")
    )


def _csv_pieces(store: Database, wanted: ExportFilter, actor: Actor, lang: Lang) -> Iterator[bytes]:
    columns = columns_for(actor.sees_personal)
    with store.read() as session:
        rows = (cells(columns, row, lang) for row in read_rows(session, wanted, actor))
        yield from write_csv(header(columns, lang), rows)


@router.get(
    "/{schedule_id}.xlsx",
    response_class=FileResponse,
    responses={200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}, **problems(401, 403, 404)},
)
def export_xlsx(
    wanted: Wanted, actor: Reader, session: WriteSession, request: Request, lang: Language = "zh"
) -> FileResponse:
    """Give the week as an XLSX workbook."""
    week = authorise(session, actor, wanted, "xlsx")
    with tempfile.NamedTemporaryFile(suffix=".xlsx", delete=False) as file:
        target = Path(file.name)
    with database(request).read() as reading:
        write_workbook(target, columns_for(actor.sees_personal), read_rows(reading, wanted, actor), lang, str(week))
    return FileResponse(
        target,
        media_type=XLSX,
        headers=_disposition(f"jiuling-{week}-{wanted.schedule_id}.xlsx"),
        background=BackgroundTask(target.unlink, missing_ok=True),
    )


@router.get("/{schedule_id}/sheets", response_class=HTMLResponse, responses=problems(401, 403, 404))
def week_sheets(
    wanted: Wanted,
    actor: Reader,
    session: WriteSession,
    request: Request,
    lang: Language = "zh",
    each: Annotated[ForWhom, Query(description="a page for each caregiver, or for each elder in large type")] = (
        "caregiver"
    ),
) -> StreamingResponse:
    """Give the week sheets to print, one A4 page a caregiver or an elder."""
    week = authorise(session, actor, wanted, "sheets" if each == "caregiver" else "elder-sheets")
    return StreamingResponse(
        _sheet_pieces(database(request), wanted, actor, (week, lang, each)),
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
    )


def _sheet_pieces(
    store: Database, wanted: ExportFilter, actor: Actor, how: tuple[Week, Lang, ForWhom]
) -> Iterator[str]:
    week, lang, each = how
    write = write_sheets if each == "caregiver" else write_elder_sheets
    with store.read() as session:
        yield from write(read_rows(session, wanted, actor), week, lang)
