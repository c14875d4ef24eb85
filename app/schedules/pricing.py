"""The durable job that prices the goals of a planned week: a search without each of them.

It gives way to whoever asks for a week (`asking`). What is priced is stored goal by goal, so that it goes on
where it was.
"""

import logging
import os
from dataclasses import asdict
from typing import Any

from app import jobs
from app.accounts.scope import Actor
from app.core import clock
from app.core.db import Database
from app.schedules import advice, prices
from app.schedules.asking import Asking
from app.schedules.models import PlanPrices, PlanRun, PriceState, Schedule
from app.schedules.workbench import here
from solver.fixes import Situation

log = logging.getLogger("jiuling.pricing")


@jobs.workflow(prices.WORKFLOW)
def price_schedule(argument: jobs.Json) -> jobs.Json:
    """Price the goals; ``argument`` is what `prices.argument_of` gives."""
    prices_id, job_id = int(argument["prices_id"]), str(argument["job_id"])
    try:
        price(prices_id, job_id)
    except Exception as error:
        # The edge of the job; the text of an error may hold more than a log should know.
        log.error("pricing %s: %s", prices_id, type(error).__name__)
        fail(prices_id, job_id, f"unexpected:{type(error).__name__}"[:200])
    return {"prices_id": prices_id}


@jobs.step("price")
def price(prices_id: int, job_id: str) -> bool:
    """Price goal by goal; False if nobody wants it any more."""
    from solver.prices import goals_of, prices_as_found

    database, settings = here().database, here().settings
    begun = _begin(database, prices_id, job_id)
    if begun is None:
        return False
    situation, iterations, before = begun
    ends = Asking(database, PlanPrices, prices_id, job_id)
    found = prices_as_found(
        situation.week.problem,
        situation.plan,
        goals=[goal for goal in goals_of(situation.week.problem) if goal not in before],
        iterations=iterations,
        workers=settings.solver_workers or len(os.sched_getaffinity(0)),
        cancelled=ends.asks_to_stop,
    )
    for each in found:
        with database.write() as session:
            asked = prices.mine(session, prices_id, job_id)
            if asked is None:
                return False
            without = before | {goal: asdict(figures) for goal, figures in each.without.items()}
            asked.found = {"whole": asdict(each.whole), "without": without}
    if jobs.current_job_id() is not None and jobs.stopped(job_id):
        raise jobs.GiveUp(job_id)
    with database.write() as session:
        asked = prices.mine(session, prices_id, job_id)
        if asked is not None and ends.gives_way and not asked.stop_asked:
            prices.wait(asked)
        elif asked is not None:
            asked.state, asked.finished_at = PriceState.PRICED, clock.now()
    return True


def _begin(
    database: Database, prices_id: int, job_id: str
) -> tuple[Situation, int | None, dict[str, dict[str, Any]]] | None:
    """Return what is priced, how, and the goals that have their price already."""
    from solver.prices import goals_of

    with database.read() as session:
        asked = session.get(PlanPrices, prices_id)
        if asked is None or asked.job_id != job_id or asked.state not in prices.OPEN:
            return None
        schedule = session.get_one(Schedule, session.get_one(PlanRun, asked.run_id).schedule_id)
        version, iterations = schedule.version, asked.iterations_asked
        situation = advice.as_it_stands(session, Actor.operator(), schedule.id, database_url=database.url)
    with database.write() as session:
        asked = prices.mine(session, prices_id, job_id)
        if asked is None:
            return None
        before = asked.found.get("without", {}) if asked.priced_version == version else {}
        goals = goals_of(situation.week.problem)
        if all(goal in before for goal in goals):  # asked once more
            before = {}
        asked.state, asked.priced_version, asked.goals_asked = PriceState.PRICING, version, len(goals)
        asked.found = {"whole": asked.found["whole"], "without": before} if before else {}
    return situation, iterations, before


@jobs.step("fail-prices")
def fail(prices_id: int, job_id: str, code: str) -> None:
    """Say that the pricing failed; the goals that are priced stay."""
    with here().database.write() as session:
        asked = prices.mine(session, prices_id, job_id)
        if asked is not None:
            asked.state, asked.error, asked.finished_at = PriceState.FAILED, code, clock.now()
