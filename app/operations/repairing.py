"""Repairing a published week from the command line."""

from datetime import date

from app.accounts.scope import Actor
from app.core.db import Database
from app.core.errors import InvalidInput
from app.core.settings import Settings
from app.schedules import repairs
from app.schedules.repair_schemas import RepairAnswer, RepairAsk, Sick


def repair_here(
    settings: Settings,
    database: Database,
    schedule_id: int,
    caregiver_id: int,
    first: date,
    last: date | None,
    *,
    at_most: int,
    dry_run: bool,
) -> RepairAnswer:
    """Repair a week as the service does, by the operator.

    Raises
    ------
    InvalidInput
        If an id or a day is none.
    """
    if caregiver_id < 1:
        raise InvalidInput.of("caregiver", "the id of a caregiver", caregiver_id)
    happened = Sick(kind="sick", caregiver_id=caregiver_id, from_day=first, until_day=last)
    asked = RepairAsk(happened=happened, at_most=at_most)
    return repairs.repair(database, Actor.operator(), schedule_id, asked, settings, dry_run=dry_run, lang="en")


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
