"""The routes of imports and their templates."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, UploadFile

from app.accounts.guard import Editor, Reader
from app.core.db import WriteSession
from app.core.errors import FieldError, InvalidInput
from app.core.http import problems
from app.imports.schemas import ImportKind, Lang, Report
from app.imports.service import COLUMNS, import_file
from app.imports.templates import csv_template, xlsx_template

router = APIRouter(prefix="/api/v1/imports", tags=["imports"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILE = {"schema": {"type": "string", "format": "binary"}}
Language = Annotated[Lang, Query(description="of headers, notes and errors: zh or en")]


class RowsRefused(InvalidInput):
    """Rows of the file are wrong; the answer lists each, as ``errors`` and in the ``report``."""

    type_ = "rows-refused"

    @classmethod
    def of_report(cls, report: Report) -> "RowsRefused":
        """Return the error that lists what a report found."""
        errors = [
            FieldError(f"line {error.line}: {error.column}".rstrip(": "), error.expected, error.value)
            for error in report.errors
        ]
        return cls(f"{len(errors)} cells are not valid; nothing was stored", errors=errors, report=report.model_dump())


@router.post("/{kind}", responses=problems(401, 403, 409, 413))
def import_rows(
    session: WriteSession,
    actor: Editor,
    kind: ImportKind,
    file: UploadFile,
    dry_run: Annotated[bool, Query(description="check everything, store nothing")] = False,
    update: Annotated[bool, Query(description="change those whose number is stored already")] = False,
    lang: Language = "zh",
) -> Report:
    """Import elders (with care plan and grant), caregivers (with certificates and hours) or centres: all or nothing.

    The file is CSV (UTF-8 with or without BOM, GB18030) or XLSX, with the headers of the template in Chinese or
    English; at most 20,000 rows. If any row is wrong the answer is 422 (type `rows-refused`) with each error by
    line and column; on a dry run it is 200 with the same report. Rows of towns that aren't yours are errors.
    """
    report = import_file(session, actor, kind, file.file.read(), lang=lang, dry_run=dry_run, update=update)
    if report.errors and not dry_run:
        raise RowsRefused.of_report(report)
    return report


@router.get(
    "/{kind}/template.csv",
    response_class=Response,
    responses=problems(401, 403) | {200: {"content": {"text/csv": _FILE}, "description": "The template."}},
)
def read_csv_template(_actor: Reader, kind: ImportKind, lang: Language = "zh") -> Response:
    """Download the CSV to fill in: header, notes and an example."""
    return _download(csv_template(COLUMNS[kind], lang), "text/csv; charset=utf-8", f"{kind}.csv")


@router.get(
    "/{kind}/template.xlsx",
    response_class=Response,
    responses=problems(401, 403) | {200: {"content": {XLSX: _FILE}, "description": "The template."}},
)
def read_xlsx_template(_actor: Reader, kind: ImportKind, lang: Language = "zh") -> Response:
    """Download the workbook to fill in: choices to pick from, notes and an example."""
    return _download(xlsx_template(COLUMNS[kind], lang), XLSX, f"{kind}.xlsx")


def _download(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="jiuling-{name}"'}
    return Response(content, media_type=media_type, headers=headers)
