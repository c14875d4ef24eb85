"""Work that comes after a plan, and gives way: as soon as somebody asks for a week it ends, and waits behind it."""

import time

from sqlalchemy import exists, select

from app import jobs
from app.core.db import Database
from app.schedules.models import PlanPrices, PlanProof, Schedule, ScheduleStatus

ASK_SECONDS = 1.0  # between two looks whether to go on


class Asking:
    """Asks about once a second whether a proof or a pricing goes on."""

    def __init__(
        self,
        database: Database,
        kind: type[PlanProof] | type[PlanPrices],
        id_: int,
        job_id: str,
        *,
        every_seconds: float = ASK_SECONDS,
    ) -> None:
        self._database, self._kind, self._id, self._job_id = database, kind, id_, job_id
        self._asked_at = time.monotonic()
        self._every_seconds = every_seconds
        self._ends = False
        self.gives_way = False  # to somebody who waits for a week

    def asks_to_stop(self) -> bool:
        """Tell whether to end: stopped, taken over, or somebody waits for a week."""
        at = time.monotonic()
        if not self._ends and at - self._asked_at >= self._every_seconds:
            self._asked_at = at
            with self._database.read() as session:
                is_mine = (self._kind.id == self._id) & (self._kind.job_id == self._job_id)
                wanted = session.scalar(select(exists().where(is_mine, ~self._kind.stop_asked)))
                waiting = session.scalar(select(exists().where(Schedule.status == ScheduleStatus.QUEUED)))
                taken = jobs.current_job_id() is not None and jobs.stopped(self._job_id)
                self.gives_way = bool(waiting and wanted) and not taken
                self._ends = self.gives_way or taken or not wanted
        return self._ends
