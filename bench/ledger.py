"""Read the whole city's ledger of a month, and the demand of a week.

The peer only fetches the rows that both are made of, and makes nothing of them.
"""

import argparse
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.weeks import Month
from app.demo.options import FULL_ELDERS, Staffing
from app.elders.models import CarePlan, Elder, Stay
from app.entitlements.demand import week_demand
from app.entitlements.ledger import ledger_lines, policy_of, totals
from app.entitlements.loading import Scope
from app.entitlements.models import Booking, Grant
from bench.installation import EVENING, WEEK, Installation, empty_installation, fill, plan, publish
from bench.measure import counted, ratio, timed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say how large the city is."""
    parser.add_argument("--elders", type=int, default=FULL_ELDERS)
    parser.add_argument("--iterations", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=5)


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Measure each a few times, and report the median."""
    with empty_installation() as here:
        fill(here, elders=chosen.elders, staffing=Staffing.SLACK, seed=1)
        publish(here, plan(here, seconds=None, iterations=chosen.iterations, seed=1))
        policy, month = policy_of(here.settings), Month.of(WEEK.monday)
        with here.database.read() as session:
            sums = totals(ledger_lines(session, month, Scope(), clock.day_of(EVENING), policy))
        ledger = median(
            here, lambda session: ledger_lines(session, month, Scope(), clock.day_of(EVENING), policy), chosen.repeats
        )
        demand = median(
            here,
            lambda session: week_demand(session, WEEK.next(), policy=policy, today=clock.day_of(EVENING)),
            chosen.repeats,
        )
        rows = median(here, lambda session: bare_rows(session, month), chosen.repeats)
    return {
        "elders": sums.elders,
        "hours_granted": sums.granted / 60,
        "ledger": ledger,
        "demand": demand,
        "peer": {"what": "the same tables' columns, fetched as tuples", **rows},
        "ledger_to_peer": ratio(ledger["seconds"], rows["seconds"]),
        "demand_to_peer": ratio(demand["seconds"], rows["seconds"]),
    }


def median(here: Installation, read: Callable[[Session], object], repeats: int) -> dict[str, Any]:
    """Return the median seconds of reading in a session of its own, and the queries."""
    found = []
    for _ in range(repeats):
        with here.database.read() as session, counted(here.database.engine) as asked, timed() as took:
            read(session)
        found.append((took.seconds, asked.queries))
    seconds, queries = sorted(found)[repeats // 2]
    return {"seconds": round(seconds, 4), "queries": queries}


def bare_rows(session: Session, month: Month) -> int:
    """Fetch elders, grants, plans, stays and the month's bookings; return how many rows."""
    queries: tuple[Any, ...] = (
        select(Elder.id, Elder.town_id, Elder.centre_id, Elder.birth_date, Elder.joined_on, Elder.ended_on),
        select(Grant.elder_id, Grant.valid_from, Grant.valid_to, Grant.monthly_minutes),
        select(CarePlan.elder_id, CarePlan.valid_from, CarePlan.visit_minutes, CarePlan.windows),
        select(Stay.elder_id, Stay.kind, Stay.from_on, Stay.to_on),
        select(Booking.elder_id, Booking.visit_key, Booking.day, Booking.minutes, Booking.state).where(
            Booking.day >= month.first, Booking.day < month.end
        ),
    )
    return sum(len(session.execute(query).all()) for query in queries)
