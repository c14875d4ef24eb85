"""The worker process: ``python -m app.worker`` computes the schedules that were asked for."""

import os

import app.models  # noqa: F401  (mappers refer to each other's tables by name)
from app.core.crypto import open_vault
from app.core.db import Database
from app.core.logging import set_up_logging
from app.core.migrate import newest_revision, revision_of
from app.core.settings import Settings, WrongSetting, read_settings
from app.jobs import JobClient, run_worker
from app.schedules import pricing, proving, run, workbench  # noqa: F401  (a worker knows the jobs that it imported)
from app.schedules.queue import sweep


def main(settings: Settings | None = None) -> None:
    """Run jobs until the process is told to stop.

    Raises
    ------
    WrongSetting
        If the database is not at this release's revision.
    """
    settings = settings or read_settings()
    set_up_logging(settings.log_level)
    open_vault(settings.keys)
    database = Database(settings.database)
    stored, needed = revision_of(database), newest_revision()
    if stored != needed:
        raise WrongSetting(f"the database is at revision {stored}, this release needs {needed}: run jiuling migrate")
    workbench.set_up(database, settings)
    client = JobClient(settings.jobs_database)
    parent = os.environ.get("JIULING_WORKER_PARENT", "")
    try:
        run_worker(
            settings.jobs_database,
            executor_id=settings.executor_id,
            sweep=lambda: sweep(database, client),
            parent_id=int(parent) if parent.isdigit() else None,
        )
    finally:
        client.close()
        database.engine.dispose()


if __name__ == "__main__":
    main()
