"""Brings a database to the newest revision; the migrations make it, in tests as in life."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.core.db import Database

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def upgrade(database: Database) -> None:
    """Run every migration that the database does not have yet."""
    config = _config()
    with database.engine.execution_options(jiuling_writes=True).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def newest_revision() -> str | None:
    """Return the revision that this release needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def revision_of(database: Database) -> str | None:
    """Return the revision that a database has; None: no migration was ever run."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
