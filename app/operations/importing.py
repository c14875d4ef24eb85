"""``jiuling import``: a file into the roster, all of it or nothing; every bad row in words."""

from collections.abc import Iterator
from pathlib import Path

from app.accounts.scope import Actor
from app.core.db import Database
from app.core.errors import InvalidInput
from app.imports.schemas import ImportKind, Lang, Report
from app.imports.service import import_file


def import_here(database: Database, kind: ImportKind, file: Path, *, dry_run: bool, update: bool, lang: Lang) -> Report:
    """Import a file for the operator of the machine.

    Raises
    ------
    InvalidInput
        If the file as a whole can't be read.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InvalidInput.of("file", f"a readable file ({error.strerror})", str(file)) from None
    with database.write() as session:
        return import_file(session, Actor.operator(), kind, content, lang=lang, dry_run=dry_run, update=update)


def words(report: Report) -> Iterator[str]:
    """Yield a report line by line: what was done, then each error and each change."""
    done = "stored" if report.stored else "dry run, nothing stored" if report.dry_run else "NOTHING STORED"
    yield (
        f"{report.kind}: {report.rows} rows, {report.created} new, {report.changed} changed, "
        f"{report.unchanged} unchanged, {len(report.errors)} errors: {done}"
    )
    yield from report.notices
    for error in report.errors:
        yield f"  line {error.line}, {error.column}: {error.value!r}: {error.expected}"
    for change in report.changes:
        fields = ", ".join(f"{field.column} {field.before!r} → {field.after!r}" for field in change.changes)
        yield f"  line {change.line}: {change.number}: {fields}"
