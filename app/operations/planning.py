"""``jiuling plan``, ``publish``, ``export``, ``ledger``, ``month``: what the API does, for the machine's operator."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.centres.models import Town
from app.core import clock
from app.core.csv import write_csv
from app.core.db import Database
from app.core.errors import InvalidInput
from app.core.settings import Settings
from app.core.weeks import Month, Week
from app.elders.repository import names_of
from app.entitlements.ledger import ledger_lines, policy_of, totals, totals_by_town
from app.entitlements.loading import Scope
from app.exports.columns import Lang, cells, columns_for, header
from app.exports.rows import ExportFilter, read_rows
from app.exports.service import authorise
from app.exports.workbook import write_workbook
from app.jobs import JobClient
from app.months.feasibility import state_month
from app.months.reading import read_month
from app.months.schemas import FeasibilityView, show_statement
from app.operations.serving import worker_process
from app.schedules import publishing, repository, service
from app.schedules.models import ScheduleStatus
from app.schedules.run import WORKFLOW
from app.schedules.schemas import ScheduleNew
from app.schedules.views import show_progress, show_schedule

_POLL_SECONDS = 0.5


def town_ids(session: Session, codes: Sequence[str]) -> list[int]:
    """Return the ids of towns by their codes.

    Raises
    ------
    InvalidInput
        If a code is unknown.
    """
    known = dict(session.execute(select(Town.code, Town.id)).all())
    for code in codes:
        if code not in known:
            raise InvalidInput.of("town", f"a town's code: {', '.join(sorted(known))}", code)
    return [known[code] for code in codes]


def plan_here(
    settings: Settings,
    database: Database,
    week: Week,
    *,
    town_codes: Sequence[str],
    show: Callable[[dict[str, Any]], None],
    **how: int | None,
) -> dict[str, Any]:
    """Ask for a week, run a worker until it is computed, and return the schedule as the API shows it."""
    operator = Actor.operator()
    with database.write() as session:
        asked = {"week": str(week), **{name: value for name, value in how.items() if value is not None}}
        if town_codes:
            asked["town_ids"] = town_ids(session, town_codes)
        schedule = service.ask(session, operator, _checked(asked), settings, clock.today())
        run = repository.run_of(session, schedule.id)
    client = JobClient(settings.jobs_database)
    client.enqueue(run.job_id, WORKFLOW, {"run_id": run.id})
    with worker_process():
        while True:
            with database.read() as session:
                schedule = repository.get_schedule(session, schedule.id)
                run = repository.run_of(session, schedule.id)
                show(show_progress(schedule, run, operator).model_dump(mode="json"))
                if schedule.status not in (ScheduleStatus.QUEUED, ScheduleStatus.PLANNING):
                    break
            time.sleep(_POLL_SECONDS)
    client.close()
    return show_schedule(schedule, run, operator).model_dump(mode="json")


def _checked(asked: dict[str, Any]) -> ScheduleNew:
    try:
        return ScheduleNew.model_validate(asked)
    except ValidationError as error:
        raise InvalidInput.from_validation(error, where="") from None


def publish_here(settings: Settings, database: Database, schedule_id: int) -> None:
    """Publish a draft."""
    with database.write() as session:
        version = repository.get_schedule(session, schedule_id).version
        publishing.publish(session, Actor.operator(), schedule_id, version, policy_of(settings), "en")


def export_here(database: Database, schedule_id: int, target: Path, *, lang: Lang, town_code: str | None = None) -> int:
    """Write a schedule's placed visits to a file; return how many."""
    operator, columns = Actor.operator(), columns_for(sees_personal=True)
    with database.write() as session:
        town = town_ids(session, [town_code])[0] if town_code else None
        wanted = ExportFilter(schedule_id=schedule_id, town_id=town)
        week = authorise(session, operator, wanted, target.suffix.removeprefix("."))
    with database.read() as session:
        rows = read_rows(session, wanted, operator)
        if target.suffix == ".xlsx":
            return write_workbook(target, columns, rows, lang, str(week))
        counted = _Counted(cells(columns, row, lang) for row in rows)
        with target.open("wb") as file:
            file.writelines(write_csv(header(columns, lang), counted))
        return counted.count


class _Counted:
    """Passes rows on and counts them."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for row in self._rows:
            self.count += 1
            yield row


def ledger_here(settings: Settings, database: Database, month: Month, town_code: str | None) -> list[dict[str, Any]]:
    """Return a month's sums, a row a town and one for all of them, in minutes."""
    with database.read() as session:
        scope = Scope(town_ids=frozenset(town_ids(session, [town_code]))) if town_code else Scope()
        names = dict(session.execute(select(Town.id, Town.name)).all())
        lines = ledger_lines(session, month, scope, clock.today(), policy_of(settings))
    rows = [{"town": names[town], **asdict(sums)} for town, sums in totals_by_town(lines).items()]
    return [*rows, {"town": "∑", **asdict(totals(lines))}]


def month_here(
    settings: Settings, database: Database, month: Month, town_code: str | None, day: date | None
) -> FeasibilityView:
    """Return who can't reach her hours of a month, as seen from a day (None: today)."""
    with database.read() as session:
        towns = frozenset(town_ids(session, [town_code])) if town_code else None
        statement = state_month(read_month(session, month, policy_of(settings), day or clock.today()))
        names = names_of(session, Actor.operator(), (each.elder_id for each in statement.out_of_reach))
    return show_statement(statement.within(towns), names, 0, len(statement.out_of_reach) + 1)
