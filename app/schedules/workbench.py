"""What the jobs of a worker process work with: its database and its settings."""

from dataclasses import dataclass

from app.core.db import Database
from app.core.settings import Settings


@dataclass(frozen=True, slots=True)
class Workbench:
    """What the steps read and write."""

    database: Database
    settings: Settings


_set_up: Workbench | None = None


def set_up(database: Database, settings: Settings) -> None:
    """Say which database the jobs of this process read and write."""
    global _set_up
    _set_up = Workbench(database, settings)


def here() -> Workbench:
    """Return what was set up.

    Raises
    ------
    RuntimeError
        If nothing was.
    """
    if _set_up is None:
        raise RuntimeError("set_up(database, settings) was not called at the start of the worker")
    return _set_up
