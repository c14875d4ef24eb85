"""Repairing a published week from the command line."""

from datetime import date, timedelta
from itertools import takewhile

from pydantic import ValidationError

from app.accounts.scope import Actor
from app.core.db import Database
from app.core.errors import InvalidInput
from app.core.settings import Settings
from app.schedules import repairs
from app.schedules.repair_schemas import RepairAnswer, RepairAsk, Sick, VisitAdded


def repair_here(
    settings: Settings,
    database: Database,
    schedule_id: int,
    happened: Sick | VisitAdded,
    *,
    at_most: int,
    dry_run: bool,
) -> RepairAnswer:
    """Repair a week as the service does, by the operator."""
    asked = RepairAsk(happened=happened, at_most=at_most)
    return repairs.repair(database, Actor.operator(), schedule_id, asked, settings, dry_run=dry_run, lang="en")


def sick_call(caregiver_id: int, first: date, last: date | None) -> Sick:
    """Return a caregiver's sick call.

    Raises
    ------
    InvalidInput
        If the id is none.
    """
    if caregiver_id < 1:
        raise InvalidInput.of("caregiver", "the id of a caregiver", caregiver_id)
    return Sick(kind="sick", caregiver_id=caregiver_id, from_day=first, until_day=last)


def added_visit(
    elder_id: int,
    minutes: int,
    first: date,
    last: date | None,
    *,
    opens: int | None,
    closes: int | None,
    skill: str | None,
) -> VisitAdded:
    """Return one more visit, on one of the days from the first to the last.

    Raises
    ------
    InvalidInput
        If a value is none that a visit can have.
    """
    last = first if last is None else last
    days = list(takewhile(lambda day: day <= last, (first + timedelta(days=n) for n in range(8))))
    window = None if opens is None and closes is None else {"opens": opens, "closes": closes}
    asked = {
        "kind": "added_visit",
        "elder_id": elder_id,
        "minutes": minutes,
        "days": days,
        "window": window,
        "skill": skill,
    }
    try:
        return VisitAdded.model_validate(asked)
    except ValidationError as error:
        raise InvalidInput.from_validation(error, where="") from None


def sentence(answer: RepairAnswer) -> str:
    """Return what the repair comes to, and what to do next."""
    fewest = " (proved the fewest)" if answer.proved_fewest else ""
    told = (
        f"{answer.minutes_covered} of {answer.minutes_hit} minutes covered again, "
        f"{answer.elders_changed} other elders changed{fewest}"
    )
    if answer.leave_ids:
        told += "; her sick leave is in the roster"
    return told if answer.draft_id is None else f"{told}; next: jiuling publish {answer.draft_id}"
