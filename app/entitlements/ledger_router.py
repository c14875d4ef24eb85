"""``/api/v1/ledger``: the months of the city, of a town, of an elder, and who is at risk."""

from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.guard import Reader
from app.accounts.scope import Actor, find
from app.centres.models import Town
from app.core import clock
from app.core.csv import write_csv
from app.core.db import Database, ReadSession, WriteSession, database
from app.core.errors import InvalidInput
from app.core.http import QueryId, problems
from app.core.paging import PageRequest, WhichPage
from app.core.weeks import Month
from app.elders.models import Elder
from app.elders.repository import names_of
from app.entitlements.allowance import EntitlementPolicy
from app.entitlements.holidays import calendar_known
from app.entitlements.ledger import LedgerLine, ledger_lines, policy_of, totals, totals_by_town
from app.entitlements.ledger_export import LedgerFilter, cells, header, record_export
from app.entitlements.ledger_schemas import (
    LedgerPage,
    LedgerSummary,
    TownTotalsView,
    show_line,
    show_totals,
)
from app.entitlements.loading import Scope

router = APIRouter(prefix="/api/v1/ledger", tags=["ledger"])


def _asked_month(month: Annotated[str, Query(max_length=7, examples=["2026-11"])]) -> Month:
    try:
        return Month.parse(month)
    except ValueError:
        raise InvalidInput.of("query.month", "a month such as 2026-11", month) from None


def _policy(request: Request) -> EntitlementPolicy:
    return policy_of(request.app.state.settings)


AskedMonth = Annotated[Month, Depends(_asked_month)]
Policy = Annotated[EntitlementPolicy, Depends(_policy)]
AtRisk = Annotated[bool | None, Query(description="true: only those who may not reach their grant")]


@router.get("", responses=problems(401, 403, 404))
def read_ledger(
    session: ReadSession,
    actor: Reader,
    month: AskedMonth,
    page: WhichPage,
    policy: Policy,
    town_id: QueryId = None,
    elder_id: QueryId = None,
    at_risk: AtRisk = None,
) -> LedgerPage:
    """Show the month of your towns' elders: granted, planned, delivered, excused, remaining, short; and why.

    Minutes. The sums of all that was asked for come with the first page.
    """
    scope = _scope(session, actor, town_id, elder_id)
    first_page = page.after == 0
    if first_page or at_risk is not None:
        every = ledger_lines(session, month, scope, clock.today(), policy)
        lines = [line for line in every if at_risk in (None, line.at_risk) and line.elder_id > page.after]
    else:
        every = lines = ledger_lines(session, month, _page_of(session, month, scope, page), clock.today(), policy)
    shown = lines[: page.limit]
    names = names_of(session, actor, (line.elder_id for line in shown))
    return LedgerPage(
        month=str(month),
        calendar_known=calendar_known(month.year),
        totals=show_totals(totals(every)) if first_page else None,
        items=[show_line(line, *names[line.elder_id]) for line in shown],
        next_after=shown[-1].elder_id if len(lines) > page.limit else None,
    )


@router.get(
    ".csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **problems(401, 403)},
)
def export_ledger(
    session: WriteSession,
    actor: Reader,
    request: Request,
    month: AskedMonth,
    policy: Policy,
    town_id: QueryId = None,
    at_risk: AtRisk = None,
    lang: Annotated[Literal["zh", "en"], Query(description="the language of headers and words")] = "zh",
) -> StreamingResponse:
    """Stream the month as CSV that opens in Excel and WPS as it is; names only for who may see them."""
    wanted = LedgerFilter(month, _scope(session, actor, town_id, None), at_risk, town_id)
    record_export(session, actor, wanted)
    pieces = _csv_pieces(database(request), actor, wanted, policy, lang)
    headers = {"Content-Disposition": f'attachment; filename="jiuling-ledger-{month}.csv"'}
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)


def _csv_pieces(
    store: Database, actor: Actor, wanted: LedgerFilter, policy: EntitlementPolicy, lang: Literal["zh", "en"]
) -> Iterator[bytes]:
    with store.read() as session:
        lines = ledger_lines(session, wanted.month, wanted.scope, clock.today(), policy)
        chosen = [line for line in lines if wanted.at_risk in (None, line.at_risk)]
        yield from write_csv(header(actor, lang), cells(session, actor, wanted.month, chosen, lang))


@router.get("/summary", responses=problems(401, 403))
def read_summary(session: ReadSession, actor: Reader, month: AskedMonth, policy: Policy) -> LedgerSummary:
    """Show the sums of each of your towns, and of all of them."""
    lines: list[LedgerLine] = ledger_lines(session, month, Scope(actor.town_ids), clock.today(), policy)
    by_town = totals_by_town(lines)
    towns = session.scalars(select(Town).where(actor.within(Town.id)).order_by(Town.id))
    return LedgerSummary(
        month=str(month),
        calendar_known=calendar_known(month.year),
        totals=show_totals(totals(lines)),
        towns=[
            TownTotalsView(
                town_id=town.id,
                town_name=town.name,
                town_name_en=town.name_en,
                **show_totals(by_town.get(town.id, totals(()))).model_dump(),
            )
            for town in towns
        ],
    )


def _scope(session: Session, actor: Actor, town_id: int | None, elder_id: int | None) -> Scope:
    if town_id is not None:
        actor.require_town(town_id)
    if elder_id is not None:
        find(session, actor, Elder, elder_id)
    return Scope(
        town_ids=actor.town_ids if town_id is None else frozenset({town_id}),
        elder_ids=None if elder_id is None else frozenset({elder_id}),
    )


def _page_of(session: Session, month: Month, scope: Scope, page: PageRequest) -> Scope:
    """Return the scope of the elders of one page, and one more to know whether others follow."""
    query = select(Elder.id).where(
        Elder.id > page.after,
        Elder.joined_on < month.end,
        or_(Elder.ended_on.is_(None), Elder.ended_on > month.first),
    )
    if scope.town_ids is not None:
        query = query.where(Elder.town_id.in_(scope.town_ids))
    if scope.elder_ids is not None:
        query = query.where(Elder.id.in_(scope.elder_ids))
    ids = session.scalars(query.order_by(Elder.id).limit(page.limit + 1))
    return Scope(elder_ids=frozenset(ids))
