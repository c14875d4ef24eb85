"""One file in: read, checked as a whole, stored as a whole or not at all."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.audit.record import record
from app.core.errors import FieldError, InvalidInput
from app.imports import caregivers, cells, centres, columns, elders
from app.imports.columns import Column
from app.imports.places import read_places
from app.imports.reading import Cell, Line, is_blank, read_lines
from app.imports.schemas import ImportKind, Lang, Report
from app.imports.unreadable import Unreadable
from app.imports.work import Row, Work

COLUMNS: dict[ImportKind, tuple[Column, ...]] = {
    ImportKind.ELDERS: columns.ELDERS,
    ImportKind.CAREGIVERS: columns.CAREGIVERS,
    ImportKind.CENTRES: columns.CENTRES,
}
EXAMPLE = "EXAMPLE"
"""The number of the example in a template; left as it is, that row is passed over."""

_TAKE: dict[ImportKind, Callable[[Work], None]] = {
    ImportKind.ELDERS: elders.take,
    ImportKind.CAREGIVERS: caregivers.take,
    ImportKind.CENTRES: centres.take,
}


def import_file(
    session: Session,
    actor: Actor,
    kind: ImportKind | str,
    content: bytes,
    *,
    lang: Lang = "zh",
    dry_run: bool = False,
    update: bool = False,
) -> Report:
    """Read a CSV or XLSX file into the roster; the caller commits.

    Parameters
    ----------
    update
        Change those whose number is stored already, and report what changes; else they are errors. Blank cells
        change nothing.

    Returns
    -------
    Report
        With every error; if there is one, or on a dry run, nothing was stored.

    Raises
    ------
    InvalidInput
        If the file as a whole can't be read: not CSV or XLSX, too large, a column missing or not known.
    """
    kind = ImportKind(kind)
    known = {column.key: column for column in COLUMNS[kind]}
    try:
        header, *lines = read_lines(content)
        keys = _keys(header, COLUMNS[kind], lang, update)
        savepoint = session.begin_nested()
        work = Work(session, actor, lang, update, known, [], read_places(session, actor))
        work.rows = [row for line in lines if not _is_example(row := _row(work, line, keys), kind)]
    except Unreadable as error:
        told = FieldError("body.file", error.said(lang), expected_zh=error.zh)
        raise InvalidInput(error.said(lang), errors=(told,)) from error
    _require(work)
    _TAKE[kind](work)
    report = _report(kind, work, dry_run=dry_run)
    if not report.stored:
        savepoint.rollback()
        return report
    counts = {"rows": report.rows, "created": report.created, "changed": report.changed}
    record(
        session,
        user_id=actor.user_id,
        action=f"import.{kind}",
        entity="import",
        request_id=actor.request_id,
        changes=counts,
    )
    savepoint.commit()
    return report


def _report(kind: ImportKind, work: Work, *, dry_run: bool) -> Report:
    return Report(
        kind=kind,
        dry_run=dry_run,
        stored=not dry_run and not work.errors,
        rows=len(work.rows),
        created=work.created,
        changed=len(work.changes),
        unchanged=work.unchanged,
        changes=work.changes,
        notices=work.notices,
        errors=sorted(work.errors, key=lambda error: error.line),
    )


def _keys(header: Line, known: Sequence[Column], lang: str, update: bool) -> list[str | None]:
    """Return the column of each cell of the header; None where it is blank.

    Raises
    ------
    Unreadable
        If a column is missing, not known, or there twice.
    """
    by_name = {_plain(name): column.key for column in known for name in (column.key, column.zh, column.en)}
    titles = [cells.text(cell) for cell in header.cells]
    keys = [by_name.get(_plain(title)) for title in titles]
    unknown = [title for title, key in zip(titles, keys, strict=True) if title and key is None]
    names = [column.header(lang) for column in known]
    if unknown:
        shown = "、".join(unknown)[:300]
        raise Unreadable(
            f"列名“{shown}”无法识别；可用：{'、'.join(names)}", f"unknown column {shown}; known: {', '.join(names)}"
        )
    twice = sorted({title for title, key in zip(titles, keys, strict=True) if key and keys.count(key) > 1})
    if twice:
        raise Unreadable(f"列“{'、'.join(twice)}”重复", f"column {', '.join(twice)} is there more than once")
    missing = [column for column in known if column.key not in keys and _is_needed(column, update)]
    if missing:
        zh, en = "、".join(column.zh for column in missing), ", ".join(column.en for column in missing)
        raise Unreadable(f"缺少列：{zh}", f"missing columns: {en}")
    return keys


def _is_needed(column: Column, update: bool) -> bool:
    return column.key == "number" or (column.required and not update)


def _plain(title: str) -> str:
    return "".join(cells.plain(title).casefold().replace("*", "").replace("_", " ").split())


def _row(work: Work, line: Line, keys: Sequence[str | None]) -> Row:
    filled: dict[str, Cell] = {}
    values: dict[str, Any] = {}
    extra = [cell for cell in line.cells[len(keys) :] if not is_blank(cell)]
    for key, cell in zip(keys, line.cells, strict=False):
        if is_blank(cell):
            continue
        if key is None:
            extra.append(cell)
        else:
            filled[key] = cell
    row = Row(line.number, filled, values)
    if extra:
        work.blame(row, "", "单元格不超出表头的列", "no cell beyond the columns of the header")
    for key, cell in filled.items():
        try:
            values[key] = work.columns[key].read(cell)
        except (cells.Misread, ValueError, OverflowError):
            work.blame(row, key)
    return row


def _require(work: Work) -> None:
    """Say which cells are missing: all required ones of a new row; those of a stored one stay as they are."""
    for row in work.rows:
        for column in work.columns.values():
            if column.key not in row.cells and _is_needed(column, work.update):
                work.blame(row, column.key)


def _is_example(row: Row, kind: ImportKind) -> bool:
    name = next(column for column in COLUMNS[kind] if column.key == "name")
    return row.values.get("number") == EXAMPLE and row.values.get("name") in name.example
