"""Backup to one file, and back: consistent while the service runs, checked before anything is replaced.

SQLite: both databases are copied through the online backup interface. PostgreSQL: ``pg_dump``, which
must be on the path, writes the application's database. The secret keys are only included if asked for:
whoever has the file and the keys can read every name in it.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel
from sqlalchemy import make_url, text

from app.core import clock
from app.core.crypto import Keys, Vault, read_or_make_keys
from app.core.db import Database
from app.core.errors import Conflict, InvalidInput, Unavailable
from app.core.migrate import newest_revision, revision_of
from app.core.settings import Settings

FORMAT: Literal["jiuling.backup/1"] = "jiuling.backup/1"
_MANIFEST = "manifest.json"
_KEYS = "keys.json"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup file holds."""

    path: Path
    revision: str | None
    files: tuple[str, ...]
    size_bytes: int
    has_keys: bool


class Manifest(BaseModel):
    """What a backup says of itself."""

    format: Literal["jiuling.backup/1"] = FORMAT
    made_at: datetime
    revision: str | None
    backend: Literal["sqlite", "postgresql"]
    key_check: str
    sha256: dict[str, str]


def back_up(settings: Settings, target: Path, *, with_keys: bool = False) -> Backup:
    """Write everything that is needed to go on elsewhere to one file (mode 0600).

    Raises
    ------
    Conflict
        If the file is there already.
    Unavailable
        If ``pg_dump`` is needed and missing, or fails.
    """
    if target.exists():
        raise Conflict(f"{target} is there already; nothing was written")
    database = Database(settings.database)
    with tempfile.TemporaryDirectory(dir=target.absolute().parent) as folder:
        files = _dump(settings, database, Path(folder))
        if with_keys:
            keys = settings.keys
            content = {"encryption": list(keys.encryption), "index": keys.index, "tokens": keys.tokens}
            (Path(folder) / _KEYS).write_text(json.dumps(content))
            files.append(Path(folder) / _KEYS)
        manifest = Manifest(
            made_at=clock.now(),
            revision=revision_of(database),
            backend="sqlite" if database.is_sqlite else "postgresql",
            key_check=_key_check(settings.keys),
            sha256={file.name: _digest(file) for file in files},
        )
        draft = Path(folder) / "backup.zip"
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(_MANIFEST, manifest.model_dump_json(indent=1))
            for file in files:
                archive.write(file, file.name)
        draft.chmod(0o600)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.rename(target)
    database.engine.dispose()
    return Backup(target, manifest.revision, tuple(file.name for file in files), target.stat().st_size, with_keys)


def restore(settings: Settings, source: Path, *, replace: bool = False) -> Backup:
    """Put a backup in place of the databases; stop the service and the workers first.

    Raises
    ------
    InvalidInput
        If the file is not a backup, is damaged, is from a newer release, or its keys are not here.
    Conflict
        If there are databases already and ``replace`` is false.
    """
    with _opened(source) as (archive, manifest), tempfile.TemporaryDirectory(dir=_folder(settings)) as folder:
        archive.extractall(folder)
        files = [Path(folder) / name for name in manifest.sha256]
        damaged = [file.name for file in files if not file.exists() or _digest(file) != manifest.sha256[file.name]]
        if damaged:
            raise InvalidInput.of("file", f"an undamaged backup; {', '.join(damaged)} differs from its checksum")
        if manifest.revision is not None and manifest.revision > (newest_revision() or ""):
            raise InvalidInput.of("file", f"a backup of this release or an older one, not {manifest.revision}")
        if manifest.backend != ("sqlite" if settings.database.startswith("sqlite") else "postgresql"):
            raise InvalidInput.of("file", f"a backup of this kind of database; it is one of {manifest.backend}")
        _refuse_a_full_database(settings, replace)
        has_keys = _take_keys(settings, Path(folder), manifest)
        _put_back(settings, Path(folder), replace)
    return Backup(source, manifest.revision, tuple(manifest.sha256), source.stat().st_size, has_keys)


def _folder(settings: Settings) -> Path:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return settings.data_dir


def _dump(settings: Settings, database: Database, folder: Path) -> list[Path]:
    if not database.is_sqlite:
        _run_postgres_tool("pg_dump", settings.database, "--format=custom", f"--file={folder / 'jiuling.dump'}")
        return [folder / "jiuling.dump"]
    files = []
    for name, stored in _sqlite_files(settings).items():
        if stored.exists():
            _copy_sqlite(stored, folder / name)
            files.append(folder / name)
    return files


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)


def _run_postgres_tool(tool: str, url: str, *arguments: str) -> None:
    if shutil.which(tool) is None:
        raise Unavailable(f"{tool} is not on the path; install PostgreSQL's client tools")
    plain = make_url(url).set(drivername="postgresql")
    environment = {**os.environ, "PGPASSWORD": plain.password or ""}
    address = plain.set(password=None).render_as_string()
    done = subprocess.run([tool, *arguments, f"--dbname={address}"], env=environment, capture_output=True, check=False)
    if done.returncode:
        raise Unavailable(f"{tool} failed: {done.stderr.decode(errors='replace').strip()[:300]}")


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def _opened(source: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    try:
        archive = zipfile.ZipFile(source)
        manifest = Manifest.model_validate_json(archive.read(_MANIFEST))
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise InvalidInput.of(
            "file", f"a backup made by jiuling backup ({type(error).__name__})", str(source)
        ) from None
    names = archive.namelist()
    if sorted(names) != sorted([_MANIFEST, *manifest.sha256]) or any("/" in name or "\\" in name for name in names):
        raise InvalidInput.of("file", f"a backup of format {FORMAT}", str(source))
    with archive:
        yield archive, manifest


def _take_keys(settings: Settings, folder: Path, manifest: Manifest) -> bool:
    """Make sure that the keys which the backup was made with are here afterwards; say if they came with it."""
    here = settings.keys if settings.encryption_keys or settings.keys_path.exists() else None
    if here is not None and _key_check(here) == manifest.key_check:
        return False
    stored = folder / _KEYS
    # Keys that are here protect no data: there is none, or it is to be replaced.
    if not stored.exists() or settings.encryption_keys:
        raise InvalidInput.of("keys", "the secret keys that this backup was made with (JIULING_… or keys.json)")
    if _key_check(read_or_make_keys(stored)) != manifest.key_check:
        raise InvalidInput.of("file", "a backup whose keys.json is its own")
    stored.chmod(0o600)
    shutil.move(stored, settings.keys_path)
    return True


def _key_check(keys: Keys) -> str:
    return Vault(keys).blind_index("backup", FORMAT)


def _sqlite_files(settings: Settings) -> dict[str, Path]:
    return {
        "jiuling.sqlite3": Path(settings.database.removeprefix("sqlite:///")),
        "jobs.sqlite3": Path(settings.jobs_database.removeprefix("sqlite:///")),
    }


def _put_back(settings: Settings, folder: Path, replace: bool) -> None:
    if not settings.database.startswith("sqlite"):
        clean = ("--clean", "--if-exists") if replace else ()
        _run_postgres_tool(
            "pg_restore", settings.database, "--single-transaction", "--no-owner", *clean, str(folder / "jiuling.dump")
        )
        return
    for name, target in _sqlite_files(settings).items():
        if (folder / name).exists():
            for leftover in ("-wal", "-shm"):
                target.with_name(target.name + leftover).unlink(missing_ok=True)
            shutil.move(folder / name, target)


def _refuse_a_full_database(settings: Settings, replace: bool) -> None:
    if replace:
        return
    if settings.database.startswith("sqlite"):
        for target in _sqlite_files(settings).values():
            if target.exists():
                raise Conflict(f"{target} is there already; say --replace to put the backup in its place")
        return
    database = Database(settings.database)
    with database.read() as session:
        full = session.execute(text("SELECT 1 FROM information_schema.tables WHERE table_name = 'elders'")).first()
    database.engine.dispose()
    if full:
        raise Conflict("the database is not empty; say --replace to put the backup in its place")
