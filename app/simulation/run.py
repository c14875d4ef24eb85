"""``jiuling simulate``: week after week is asked for, planned, published and delivered, but for what is missed.

Each week is planned on the Sunday evening before it: by then the outcomes of the week that ends are recorded.
In a month's last week a missed visit can only be made up in the days that are left, so the rest of that week
is planned again on each evening that knows of one, around what is published. So it is when a caregiver calls in sick
for the next day.
It goes through the functions that the API and the worker call, on a database of its own; the clock is held
at the simulated instant.
"""

import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.assignments.service import assign_centres
from app.caregivers.models import Caregiver, Leave
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
from app.schedules import publishing, repository, run, service, workbench
from app.schedules.figures import summed
from app.schedules.models import Schedule
from app.schedules.rows import VisitRow
from app.schedules.schemas import HowToPlan, ScheduleNew
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
    replans: int = 0
    changed: int = 0  # visits that a re-plan put elsewhere or gave to others
    absent: int = 0  # caregivers' days on which they had visits and did not come
    absent_visits: int = 0  # visits that they had on those days
    uncovered: int = 0  # of these, those that were missed because nobody else went
    plan_seconds: float = 0.0  # read, solve, judge and write
    publish_seconds: float = 0.0
    record_seconds: float = 0.0

    def in_words(self) -> str:
        """Return a line for the one who waits."""
        again = f", planned again {self.replans} times" if self.replans else ""
        return f"{self.week}: {self.visits_placed} of {self.visits_due} visits placed, {self.missed} missed{again}"


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
        self._sickness = random.Random(f"absent:{options.seed}")
        self._uncovered: set[str] = set()  # keys of visits whose caregiver is absent and nobody goes instead

    def run(self, show: Show) -> dict[str, Any]:
        upgrade(self._database)
        with clock.fixed(_evening_before(self._options.planned_weeks[0].monday)), self._database.write() as session:
            build_city(session, self._options.city)
            session.flush()
            assign_centres(session, None, self._options.first_month.first)
            caregivers = session.scalar(select(func.count()).select_from(Caregiver))
        workbench.set_up(self._database, self._settings)
        weeks = []
        for n, week in enumerate(self._options.planned_weeks):
            weeks.append(self._week(week, n))
            show(weeks[-1])
        return {**self._figures(weeks), "caregivers": caregivers}

    def _week(self, week: Week, n: int) -> WeekOutcome:
        outcome = WeekOutcome(str(week))
        with clock.fixed(_evening_before(week.monday)):
            schedule_id = self._plan(
                lambda session: service.ask(
                    session,
                    self._operator,
                    ScheduleNew(week=str(week), seed=self._options.seed + n, **self._budget),
                    self._settings,
                    clock.today(),
                ),
                outcome,
            )
        self._note_figures(schedule_id, outcome)
        for day in week.days:
            again = day - timedelta(days=1) in self._options.evenings_to_replan(week)
            with clock.fixed(_evening_before(day)):
                missed = self._record(week, day, outcome) if again else 0
                called = self._call_in_sick(schedule_id, day, outcome)
                if called and not again:
                    self._record(week, day, outcome)
                if missed or called:
                    schedule_id = self._replan(schedule_id, day, n, outcome)
        with clock.fixed(_evening_before(week.end)):
            self._record(week, week.end, outcome)
        return outcome

    def _call_in_sick(self, schedule_id: int, day: date, outcome: WeekOutcome) -> bool:
        """Draw who of a day's caregivers won't come; say whether the rest of the week must be planned around them."""
        if not self._options.absent_share:
            return False
        with self._database.read() as session:
            visits = [visit for visit in repository.visits_of(session, schedule_id) if visit.day == day]
        on_duty = sorted({caregiver for visit in visits for caregiver in visit.caregivers})
        absent = [each for each in on_duty if self._sickness.random() < self._options.absent_share]
        hers = [visit.key for visit in visits if set(visit.caregivers) & set(absent)]
        outcome.absent += len(absent)
        outcome.absent_visits += len(hers)
        if not self._options.cover:
            self._uncovered.update(hers)
            return False
        with self._database.write() as session:
            session.add_all(Leave(caregiver_id=each, first_on=day, last_on=day, kind="sick") for each in absent)
        return bool(absent)

    @property
    def _budget(self) -> dict[str, int | None]:
        return {"seconds": self._options.seconds, "iterations": self._options.iterations}

    def _replan(self, schedule_id: int, from_day: date, n: int, outcome: WeekOutcome) -> int:
        how = HowToPlan(seed=self._options.seed + n, from_day=from_day, **self._budget)
        newer = self._plan(
            lambda session: service.replan(session, self._operator, schedule_id, how, self._settings, clock.today()),
            outcome,
        )
        outcome.replans += 1
        with self._database.read() as session:
            before = {visit.key: visit for visit in repository.visits_of(session, schedule_id)}
            after = {visit.key: visit for visit in repository.visits_of(session, newer)}
        outcome.changed += sum(_stands(before[key]) != _stands(after[key]) for key in before.keys() & after.keys())
        return newer

    def _plan(self, ask: Callable[[Session], Schedule], outcome: WeekOutcome) -> int:
        """Ask for a schedule, compute it as the worker does, and publish it; return its id."""
        began = time.monotonic()
        with self._database.write() as session:
            schedule_id = ask(session).id
            run_id = repository.run_of(session, schedule_id).id
        if not (run.read(run_id) and run.solve(run_id) and run.file(run_id)):
            raise SimulationFailed(f"{outcome.week} was not planned")
        planned = time.monotonic()
        with self._database.write() as session:
            version = repository.get_schedule(session, schedule_id).version
            publishing.publish(session, self._operator, schedule_id, version, self._policy, "en")
        outcome.plan_seconds += round(planned - began, 2)
        outcome.publish_seconds += round(time.monotonic() - planned, 2)
        return schedule_id

    def _note_figures(self, schedule_id: int, outcome: WeekOutcome) -> None:
        with self._database.read() as session:
            sums = summed(repository.get_schedule(session, schedule_id).figures, None)
        outcome.visits_due, outcome.visits_placed = sums.visits_due, sums.visits_placed
        outcome.unallocated = {reason: visits for reason, (visits, _) in sorted(sums.left.items())}
        outcome.usual_share = round(sums.usual_pairs / sums.pairs, 4) if sums.pairs else None

    def _record(self, week: Week, before: date, outcome: WeekOutcome) -> int:
        """Record what became of a week's visits before a day; return how many were missed.

        In order of key, so that chance falls the same each time.
        """
        began, missed = time.monotonic(), 0
        with self._database.write() as session:
            open_ones = select(Booking.visit_key).where(
                Booking.day >= week.monday, Booking.day < before, Booking.state == BookingState.PLANNED
            )
            for key in sorted(session.scalars(open_ones)):
                uncovered = key in self._uncovered
                misses = self._chance.random() < self._options.missed_share or uncovered
                outcome.uncovered += uncovered
                state = BookingState.MISSED if misses else BookingState.DELIVERED
                record_outcome(session, self._operator, key, state, today=clock.today())
                missed += misses
        outcome.missed += missed
        outcome.record_seconds += round(time.monotonic() - began, 2)
        return missed

    def _figures(self, weeks: list[WeekOutcome]) -> dict[str, Any]:
        with self._database.read() as session:
            months = month_outcomes(session, self._options.whole_months, self._policy, self._options.planned_knowing)
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
            "absent_share": self._options.absent_share,
            "elder_months": sum(month.elders for month in months),
            **counts,
            "listed_by_reason": dict(sorted(by_reason.items())),
            "short_twice_running": sum(month.short_again for month in months),
            "hours_granted": round(sum(month.granted for month in months) / 60, 2),
            "hours_excused": round(sum(month.excused for month in months) / 60, 2),
            "hours_delivered": round(sum(month.delivered for month in months) / 60, 2),
            "visits_placed": sum(outcome.visits_placed for outcome in weeks),
            "visits_missed": sum(outcome.missed for outcome in weeks),
            "absent_days": sum(outcome.absent for outcome in weeks),
            "absent_visits": sum(outcome.absent_visits for outcome in weeks),
            "uncovered_visits": sum(outcome.uncovered for outcome in weeks),
            "replans": sum(outcome.replans for outcome in weeks),
            "visits_changed": sum(outcome.changed for outcome in weeks),
            "months": [month.as_json() for month in months],
            "weeks": [_week_json(outcome) for outcome in weeks],
        }


def _week_json(outcome: WeekOutcome) -> dict[str, Any]:
    values = {name: getattr(outcome, name) for name in WeekOutcome.__slots__}
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}


def _stands(visit: VisitRow) -> tuple[Any, ...]:
    return visit.day, visit.start_minute, visit.caregivers


def _evening_before(day: date) -> datetime:
    return datetime.combine(day - timedelta(days=1), _EVENING, clock.ZONE)
