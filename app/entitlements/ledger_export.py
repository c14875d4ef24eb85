"""The ledger of a month as a table: its columns in both languages, and who took it away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.audit.record import record
from app.centres.models import Centre, Town
from app.core.weeks import Month
from app.elders.repository import names_of
from app.entitlements.ledger import REASONS, LedgerLine
from app.entitlements.loading import Scope

Lang = Literal["zh", "en"]

_NAME = ("老人姓名", "elder name")
_COLUMNS = (
    ("月份", "month"),
    ("镇街", "town"),
    ("照料中心", "centre"),
    ("老人编号", "elder number"),
    _NAME,
    ("核定（分钟）", "granted minutes"),
    ("已排（分钟）", "planned minutes"),
    ("已服务（分钟）", "delivered minutes"),
    ("免责（分钟）", "excused minutes"),
    ("漏服务（分钟）", "missed minutes"),
    ("剩余（分钟）", "remaining minutes"),
    ("缺口（分钟）", "short minutes"),
    ("有风险", "at risk"),
    ("原因", "reasons"),
)


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Which lines of which month."""

    month: Month
    scope: Scope
    at_risk: bool | None
    town_id: int | None


def record_export(session: Session, actor: Actor, wanted: LedgerFilter) -> None:
    """Write down who takes the ledger away."""
    record(
        session,
        user_id=actor.user_id,
        action="export",
        entity="ledger",
        town_id=wanted.town_id,
        request_id=actor.request_id,
        changes={
            "form": "csv",
            "month": str(wanted.month),
            "at_risk": wanted.at_risk,
            "personal": actor.sees_personal,
        },
    )


def header(actor: Actor, lang: Lang) -> list[str]:
    """Return the headers in one language; the name's only for who may see it."""
    return [words[lang == "en"] for words in _COLUMNS if actor.sees_personal or words is not _NAME]


def cells(session: Session, actor: Actor, month: Month, lines: Sequence[LedgerLine], lang: Lang) -> Iterator[list[Any]]:
    """Yield one row for each line, not yet guarded."""
    towns = {town.id: town.name if lang == "zh" else town.name_en for town in session.scalars(select(Town))}
    centres = {row.id: row.name for row in session.execute(select(Centre.id, Centre.name))}
    names = names_of(session, actor, (line.elder_id for line in lines))
    for line in lines:
        yield [
            str(month),
            towns[line.town_id],
            None if line.centre_id is None else centres[line.centre_id],
            *names[line.elder_id][: 1 + actor.sees_personal],
            line.granted,
            line.planned,
            line.delivered,
            line.excused,
            line.missed,
            line.remaining,
            line.short,
            ("是", "yes")[lang == "en"] if line.at_risk else None,
            ("；", "; ")[lang == "en"].join(REASONS[code][lang == "en"] for code in line.reasons),
        ]
