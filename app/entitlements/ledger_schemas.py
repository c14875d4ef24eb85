"""What is sent and shown about the ledger and special days."""

from dataclasses import asdict
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.core.http import Body, Day, Name
from app.entitlements.ledger import REASONS, LedgerLine, LedgerTotals

DayKind = Literal["open", "closed"]


class ReasonView(BaseModel):
    """Why somebody is at risk: a code, and plain words."""

    code: str = Field(examples=["not_enough_days"])
    zh: str
    en: str
    elders: int | None = Field(None, description="in totals: how many elders")


class MinutesView(BaseModel):
    """Minutes of a month."""

    granted: int
    planned: int
    delivered: int
    excused: int
    missed: int = Field(description="by the provider; part of `remaining`")
    remaining: int = Field(description="neither planned nor delivered nor excused")
    short: int = Field(description="of what remains, what can't be delivered any more")


class LineView(MinutesView):
    """One elder's month."""

    elder_id: int
    elder_number: str
    elder_name: str = Field(description="masked for auditors")
    town_id: int
    centre_id: int | None
    at_risk: bool
    reasons: list[ReasonView]


class TotalsView(MinutesView):
    """The sum of a scope."""

    elders: int
    at_risk: int = Field(description="elders")
    reasons: list[ReasonView]


class LedgerPage(BaseModel):
    """Some elders' months in order of elder id, and the sums of the whole scope."""

    month: str = Field(examples=["2026-11"])
    calendar_known: bool = Field(
        description="false: that year's public holidays aren't known yet; only fixed dates and special days are closed"
    )
    totals: TotalsView | None = Field(description="of all that was asked for; only with the first page")
    items: list[LineView]
    next_after: int | None = Field(description="send as `after` for the next page; null: this was the last")


class TownTotalsView(TotalsView):
    """The sum of a town."""

    town_id: int
    town_name: str
    town_name_en: str


class LedgerSummary(BaseModel):
    """The sums of each town and of all of them."""

    month: str = Field(examples=["2026-11"])
    calendar_known: bool
    totals: TotalsView
    towns: list[TownTotalsView]


class SpecialDayNew(Body):
    """A day that is open or closed whatever the calendar of public holidays says."""

    day: Day = Field(examples=["2027-02-06"])
    kind: DayKind
    name: Name = Field(examples=["春节"])


class SpecialDayChange(Body):
    """What to change of a special day; what is left out stays."""

    kind: DayKind | None = None
    name: Name | None = None


class SpecialDayView(BaseModel):
    """A special day."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    day: date
    kind: DayKind
    name: str
    version: int


def show_reason(code: str, elders: int | None = None) -> ReasonView:
    """Return a reason with its words."""
    zh, en = REASONS[code]
    return ReasonView(code=code, zh=zh, en=en, elders=elders)


def show_line(line: LedgerLine, number: str, name: str) -> LineView:
    """Return a line of the ledger with its reasons in words."""
    words = {"reasons": [show_reason(code) for code in line.reasons]}
    return LineView(elder_number=number, elder_name=name, **(asdict(line) | words))


def show_totals(totals: LedgerTotals) -> TotalsView:
    """Return sums with their reasons in words."""
    return TotalsView(**(asdict(totals) | {"reasons": [show_reason(*item) for item in totals.reasons.items()]}))
