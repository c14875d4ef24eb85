"""``/api/v1/ledger/feasibility``: who can't reach her hours of a month, at any day of it."""

from fastapi import APIRouter

from app.accounts.guard import Reader
from app.core import clock
from app.core.db import ReadSession
from app.core.http import QueryId, problems
from app.core.paging import WhichPage
from app.elders.repository import names_of
from app.entitlements.ledger_router import AskedMonth, Policy
from app.months.feasibility import state_month
from app.months.reading import read_month
from app.months.schemas import FeasibilityView, show_statement

router = APIRouter(prefix="/api/v1/ledger", tags=["ledger"])


@router.get("/feasibility", responses=problems(401, 403))
def read_feasibility(
    session: ReadSession, actor: Reader, month: AskedMonth, page: WhichPage, policy: Policy, town_id: QueryId = None
) -> FeasibilityView:
    """Say who of your towns' elders can't reach her hours of a month any more, why, and what would help.

    As of today, whatever is planned from today on. `proved` means that no plan can give the hours: her own days
    don't hold the visits, nobody who may visit her is at work, or together elders need more of the same caregivers
    than there are, even if nobody travelled. The rest is to be expected from the usual share of travel. Also shows the
    load of each week, laid out by the month's model, against what the caregivers can give.
    """
    if town_id is not None:
        actor.require_town(town_id)
    statement = state_month(read_month(session, month, policy, clock.today()))
    towns = actor.town_ids if town_id is None else frozenset({town_id})
    statement = statement.within(towns)
    names = names_of(session, actor, (each.elder_id for each in statement.out_of_reach))
    return show_statement(statement, names, page.after, page.limit)
