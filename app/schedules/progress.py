"""Progress as server-sent events, read from the database: any service process can tell it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Header, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from app.accounts.scope import Actor
from app.core.db import Database
from app.schedules import repository, service
from app.schedules.models import ScheduleStatus
from app.schedules.schemas import ProgressView
from app.schedules.views import show_progress

POLL_SECONDS = 0.5
SILENCE_POLLS = 30
"""After so many polls without news a comment is sent, so that proxies keep the connection."""

LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", max_length=20, pattern=r"^\d*$", description="of the last event seen")
]


def event_stream(database: Database, actor: Actor, schedule_id: int, last_event_id: str | None) -> Response:
    """Return the stream of one computation; nothing (204) if the reader has seen its end.

    Raises
    ------
    NotFound
        If the actor may not see the schedule.
    """
    seen = int(last_event_id) if last_event_id else -1
    number, progress = _read(database, actor, schedule_id)
    if _is_over(progress) and number <= seen:
        return Response(status_code=204)
    return StreamingResponse(
        _events(database, actor, schedule_id, seen),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"},
    )


async def _events(database: Database, actor: Actor, schedule_id: int, seen: int) -> AsyncIterator[str]:
    silent = 0
    while True:
        number, progress = await run_in_threadpool(_read, database, actor, schedule_id)
        if _is_over(progress):
            yield _event("end", number, progress)
            return
        if number > seen:
            seen, silent = number, 0
            yield _event("progress", number, progress)
        else:
            silent += 1
            if silent % SILENCE_POLLS == 0:
                yield ": still there\n\n"
        await asyncio.sleep(POLL_SECONDS)


def _read(database: Database, actor: Actor, schedule_id: int) -> tuple[int, ProgressView]:
    """Return the progress and its number, which grows with each change."""
    with database.read() as session:
        schedule = service.visible(session, actor, schedule_id)
        run = repository.run_of(session, schedule_id)
        at = run.progressed_at or run.queued_at
        return int(at.timestamp() * 1_000_000), show_progress(schedule, run, actor)


def _is_over(progress: ProgressView) -> bool:
    return progress.status not in (ScheduleStatus.QUEUED, ScheduleStatus.PLANNING)


def _event(kind: str, number: int, progress: ProgressView) -> str:
    return f"id: {number}\nevent: {kind}\ndata: {progress.model_dump_json()}\n\n"
