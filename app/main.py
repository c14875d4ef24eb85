"""The web application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi_standalone_docs import StandaloneDocs
from sqlalchemy import text

import app.models  # noqa: F401  (mappers refer to each other's tables by name)
from app.accounts.audit_router import router as audit_router
from app.accounts.auth_router import router as auth_router
from app.accounts.router import router as users_router
from app.assignments.router import router as assignments_router
from app.caregivers.availability_router import router as availability_router
from app.caregivers.router import router as caregivers_router
from app.centres.router import router as centres_router
from app.core.crypto import open_vault
from app.core.db import THREADS, Database, database
from app.core.errors import Unavailable
from app.core.http import BodyLimit, RequestId, install_error_handlers, problems
from app.core.logging import set_up_logging
from app.core.migrate import newest_revision, revision_of
from app.core.openapi import complete_openapi
from app.core.settings import Settings, WrongSetting, read_settings
from app.elders.care_plans_router import router as care_plans_router
from app.elders.router import router as elders_router
from app.elders.stays_router import router as stays_router
from app.entitlements.grants_router import router as grants_router
from app.entitlements.ledger_router import router as ledger_router
from app.entitlements.special_days_router import router as special_days_router
from app.exports.router import router as exports_router
from app.imports.router import router as imports_router
from app.months.router import router as months_router
from app.pairs.router import router as pairs_router
from app.schedules import pricing  # noqa: F401  (only jobs that were imported can be put in the queue)
from app.schedules.advice_router import router as advice_router
from app.schedules.fairness_router import router as fairness_router
from app.schedules.prices_router import router as prices_router
from app.schedules.proofs_router import router as proofs_router
from app.schedules.repairs_router import router as repairs_router
from app.schedules.router import router as schedules_router
from app.visits.router import router as visits_router
from app.web.router import DOCS
from app.web.router import router as web_router

ROUTERS = (
    advice_router,
    assignments_router,
    audit_router,
    auth_router,
    availability_router,
    care_plans_router,
    caregivers_router,
    centres_router,
    elders_router,
    exports_router,
    fairness_router,
    grants_router,
    imports_router,
    ledger_router,
    months_router,
    pairs_router,
    prices_router,
    proofs_router,
    schedules_router,
    repairs_router,
    special_days_router,
    stays_router,
    users_router,
    visits_router,
    web_router,
)

DESCRIPTION = """\
Home-care scheduling for people aged 90 and over.

Sign in with `POST /api/v1/auth/token`; send the access token as `Authorization: Bearer …`. Every error is
`application/problem+json` (RFC 9457) and names the field, the value and what was expected. What can be
changed carries an `ETag`; send it back as `If-Match`. The pages (`/board`) use the same routes with the cookie of
`POST /api/v1/auth/session`.
"""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application.

    Raises
    ------
    WrongSetting
        If the database was not brought to this release's revision (``jiuling doctor`` says more).
    """
    settings = settings or read_settings()
    set_up_logging(settings.log_level)
    open_vault(settings.keys)
    store = Database(settings.database)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stored, needed = revision_of(store), newest_revision()
        if stored != needed:
            raise WrongSetting(
                f"the database is at revision {stored}, this release needs {needed}: run jiuling migrate"
            )
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield
        jobs = getattr(web.state, "jobs", None)  # opened with the first schedule that is asked for
        if jobs is not None:
            jobs.close()
        store.engine.dispose()

    web = FastAPI(
        title="Jiuling 九龄",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=lifespan,
        openapi_url="/api/v1/openapi.json",
        docs_url=DOCS,
        redoc_url=None,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    web.state.settings = settings
    web.state.database = store
    web.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    web.add_middleware(RequestId)
    install_error_handlers(web)
    StandaloneDocs(app=web)  # the docs page loads nothing from elsewhere
    for router in ROUTERS:
        web.include_router(router)
    complete_openapi(web)

    @web.get("/healthz", tags=["health"])
    def healthy() -> dict[str, str]:
        """Say that the process is alive."""
        return {"status": "ok"}

    @web.get("/readyz", tags=["health"], responses=problems(503))
    def ready(request: Request) -> dict[str, str]:
        """Say that the database answers."""
        try:
            with database(request).read() as session:
                session.execute(text("SELECT 1"))
        except Exception as error:
            raise Unavailable(f"the database does not answer ({type(error).__name__})") from None
        return {"status": "ready"}

    return web
