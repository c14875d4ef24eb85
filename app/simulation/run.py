"""``jiuling simulate``: week after week is asked for, planned, published and delivered, but for what is missed.

Each week runs on the Sunday evening before it: by then the outcomes of the week that ends are recorded.
It goes through the functions that the API and the worker call, on a database of its own; the clock is held
at the simulated instant.
"""

import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.accounts.scope import Actor
from app.assignments.service import assign_centres
from app.caregivers.models import Caregiver
from app.core import clock
from app.core.crypto import open_vault
from app.core.db import Database
from app.core.migrate import upgrade
from app.core.settings import Settings
from app.core.weeks import Week
from app.demo.city import build_city
from app.entitlements.bookings import record_outcome
from app.entitlements.ledger import policy_of
from app.entitlements.models import Booking, BookingState
from app.schedules import publishing, repository, run, service
from app.schedules.figures import summed
from app.schedules.models import ScheduleStatus
from app.schedules.schemas import ScheduleNew
from app.simulation.options import SimulationOptions
from app.simulation.report import month_outcomes

_EVENING = time_of_day(20, 0)

Show = Callable[["WeekOutcome"], None]


class SimulationFailed(RuntimeError):
    """A week could not be planned."""


@dataclass(slots=True)
class WeekOutcome:
    """What one week came to."""

    week: str
    visits_due: int = 0
    visits_placed: int = 0
    unallocated: dict[str, int] = field(default_factory=dict)  # reason -> visits
    usual_share: float | None = None
    missed: int = 0
    plan_seconds: float = 0.0  # read, solve, judge and write
    publish_seconds: float = 0.0
    record_seconds: float = 0.0

    def in_words(self) -> str:
        """Return a line for the one who waits."""
        return f"{self.week}: {self.visits_placed} of {self.visits_due} visits placed, {self.missed} missed"


def simulate(options: SimulationOptions, show: Show = lambda outcome: None) -> dict[str, Any]:
    """Simulate in a temporary folder, and return the figures.

    Raises
    ------
    SimulationFailed
        If a week could not be planned; the sentence has the code.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="jiuling-simulation-") as folder:
        settings = Settings(
            environment="embedded",
            data_dir=Path(folder),
            database_url=f"sqlite:///{folder}/simulation.sqlite3",
            encryption_keys="",
            index_key="",
            token_key="",
            log_level="error",
        )
        open_vault(settings.keys)
        database = Database(settings.database)
        try:
            return {**_Simulation(options, settings, database).run(show), "seconds": round(time.monotonic() - began, 1)}
        finally:
            database.engine.dispose()


class _Simulation:
    """One run on one database."""

    def __init__(self, options: SimulationOptions, settings: Settings, database: Database) -> None:
        self._options, self._settings, self._database = options, settings, database
        self._policy = policy_of(settings)
        self._operator = Actor.operator()
        self._chance = random.Random(f"missed:{options.seed}")

    def run(self, show: Show) -> dict[str, Any]:
        upgrade(self._database)
        with clock.fixed(_evening_before(self._options.mondays[0])), self._database.write() as session:
            build_city(session, self._options.city)
            session.flush()
            assign_centres(session, None, self._options.first_month.first)
            caregivers = session.scalar(select(func.count()).select_from(Caregiver))
        run.set_up(self._database, self._settings)
        weeks = []
        for n, week in enumerate(self._options.mondays):
            outcome = WeekOutcome(str(week))
            with clock.fixed(_evening_before(week)):
                self._plan(week, n, outcome)
            with clock.fixed(_evening_before(week.next())):
                self._record(week, outcome)
            weeks.append(outcome)
            show(outcome)
        return {**self._figures(weeks), "caregivers": caregivers}

    def _plan(self, week: Week, n: int, outcome: WeekOutcome) -> None:
        began = time.monotonic()
        with self._database.write() as session:
            asked = ScheduleNew(
                week=str(week),
                seed=self._options.seed + n,
                seconds=self._options.seconds,
                iterations=self._options.iterations,
            )
            schedule_id = service.ask(session, self._operator, asked, self._settings, clock.today()).id
            run_id = repository.run_of(session, schedule_id).id
        if not (run.read(run_id) and run.solve(run_id) and run.file(run_id)):
            raise SimulationFailed(f"{week} was not planned")
        planned = time.monotonic()
        with self._database.write() as session:
            schedule = repository.get_schedule(session, schedule_id)
            if schedule.status != ScheduleStatus.DRAFT:
                raise SimulationFailed(f"{week} is {schedule.status}")
            publishing.publish(session, self._operator, schedule_id, schedule.version, self._policy, "en")
            sums = summed(schedule.figures, None)
        outcome.visits_due, outcome.visits_placed = sums.visits_due, sums.visits_placed
        outcome.unallocated = {reason: visits for reason, (visits, _) in sorted(sums.left.items())}
        outcome.usual_share = round(sums.usual_pairs / sums.pairs, 4) if sums.pairs else None
        outcome.plan_seconds = round(planned - began, 2)
        outcome.publish_seconds = round(time.monotonic() - planned, 2)

    def _record(self, week: Week, outcome: WeekOutcome) -> None:
        """Record what became of a week that is over, in order of key, so that chance falls the same each time."""
        began = time.monotonic()
        with self._database.write() as session:
            of_week = select(Booking.visit_key).where(
                Booking.day >= week.monday, Booking.day < week.end, Booking.state == BookingState.PLANNED
            )
            for key in sorted(session.scalars(of_week)):
                missed = self._chance.random() < self._options.missed_share
                state = BookingState.MISSED if missed else BookingState.DELIVERED
                record_outcome(session, self._operator, key, state, today=clock.today())
                outcome.missed += missed
        outcome.record_seconds = round(time.monotonic() - began, 2)

    def _figures(self, weeks: list[WeekOutcome]) -> dict[str, Any]:
        with self._database.read() as session:
            months = month_outcomes(session, self._options.whole_months, self._policy)
        by_reason: dict[str, int] = {}
        for month in months:
            for reason, elders in month.by_reason.items():
                by_reason[reason] = by_reason.get(reason, 0) + elders
        counts = {name: sum(getattr(month, name) for month in months) for name in ("exact", "listed", "unexplained")}
        return {
            "weeks_planned": len(weeks),
            "elders": self._options.elders,
            "staffing": str(self._options.staffing),
            "seed": self._options.seed,
            "missed_share": self._options.missed_share,
            "elder_months": sum(month.elders for month in months),
            **counts,
            "listed_by_reason": dict(sorted(by_reason.items())),
            "hours_granted": round(sum(month.granted for month in months) / 60, 2),
            "hours_excused": round(sum(month.excused for month in months) / 60, 2),
            "hours_delivered": round(sum(month.delivered for month in months) / 60, 2),
            "visits_placed": sum(outcome.visits_placed for outcome in weeks),
            "visits_missed": sum(outcome.missed for outcome in weeks),
            "months": [month.as_json() for month in months],
            "weeks": [_week_json(outcome) for outcome in weeks],
        }


def _week_json(outcome: WeekOutcome) -> dict[str, Any]:
    return {name: getattr(outcome, name) for name in WeekOutcome.__slots__}


def _evening_before(week: Week) -> datetime:
    return datetime.combine(week.monday - timedelta(days=1), _EVENING, clock.ZONE)
