"""Looks at everything the service needs, and says in one sentence what is wrong and what to do."""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import func, select

from app.accounts.models import Role, User
from app.caregivers.models import Caregiver
from app.centres.models import Centre
from app.core.crypto import UnreadableKeys, open_vault
from app.core.db import Database
from app.core.migrate import newest_revision, revision_of
from app.core.settings import Settings
from app.elders.models import Elder
from app.jobs import JobClient

_LEAST_FREE_BYTES = 500 << 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``remedy`` is empty when all is well."""

    what: str
    found: str
    remedy: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing needs to be done."""
        return not self.remedy


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield the findings, one after the other; an examination that fails is a finding itself."""
    examinations: tuple[Callable[[Settings], Finding], ...] = (
        _versions,
        _disk,
        _keys,
        _schema,
        _roster,
        _administrator,
        _jobs,
        _compiled_solver,
    )
    for examination in examinations:
        name = examination.__name__.strip("_").replace("_", " ")
        try:
            yield examination(settings)
        except Exception as error:
            # Whatever it is, the others are still worth a look; the message may hold an address, the kind does not.
            yield Finding(name, f"{type(error).__name__}", "see the lines above; the database may not be reachable")


def _versions(_settings: Settings) -> Finding:
    parts = ("ortools", "numba", "fastapi", "sqlalchemy", "dbos")
    return Finding("versions", ", ".join(f"{part} {version(part)}" for part in parts))


def _disk(settings: Settings) -> Finding:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free
    remedy = "" if free >= _LEAST_FREE_BYTES else "free some space: at least 500 MB are needed"
    return Finding("disk", f"{free / 2**30:.1f} GiB free", remedy)


def _keys(settings: Settings) -> Finding:
    if settings.encryption_keys:
        return Finding("keys", "from the environment")
    mode = stat.S_IMODE(settings.keys_path.stat().st_mode) if settings.keys_path.exists() else 0o600
    remedy = "" if mode == 0o600 else f"chmod 600 {settings.keys_path}"
    return Finding("keys", f"{settings.keys_path}, mode {mode:04o}", remedy)


def _schema(settings: Settings) -> Finding:
    database = Database(settings.database)
    stored, needed = revision_of(database), newest_revision()
    database.engine.dispose()
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    return Finding("database", f"{kind}, revision {stored}", "" if stored == needed else "run: jiuling migrate")


def _roster(settings: Settings) -> Finding:
    open_vault(settings.keys)
    database = Database(settings.database)
    with database.read() as session:
        elders, caregivers, centres = (
            session.scalar(select(func.count()).select_from(table)) for table in (Elder, Caregiver, Centre)
        )
        try:
            session.scalars(select(Elder).limit(1)).first()
            remedy = ""
        except UnreadableKeys:
            remedy = "the stored names were encrypted with other keys: bring back keys.json or JIULING_ENCRYPTION_KEYS"
    database.engine.dispose()
    return Finding("roster", f"{elders} elders, {caregivers} caregivers, {centres} centres", remedy)


def _administrator(settings: Settings) -> Finding:
    database = Database(settings.database)
    with database.read() as session:
        count = session.scalar(
            select(func.count()).select_from(User).where(User.role == Role.ADMINISTRATOR, User.disabled_at.is_(None))
        )
    database.engine.dispose()
    remedy = "" if count else "run: jiuling user add NAME --role administrator"
    return Finding("administrators", str(count), remedy)


def _jobs(settings: Settings) -> Finding:
    client = JobClient(settings.jobs_database)
    running = len(client.running())
    client.close()
    return Finding("jobs", f"reachable, {running} running")


def _compiled_solver(_settings: Settings) -> Finding:
    import solver

    cached = any(Path(solver.__file__).parent.rglob("*.nbi")) or _numba_cache_has_files()
    return Finding(
        "compiled solver", "cached" if cached else "not cached", "" if cached else "run: python -m solver.warm"
    )


def _numba_cache_has_files() -> bool:
    from os import environ

    folder = environ.get("NUMBA_CACHE_DIR")
    return bool(folder) and any(Path(folder or ".").rglob("*.nbi"))
