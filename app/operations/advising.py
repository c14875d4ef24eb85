"""``jiuling why`` and ``jiuling price``: the reasons of one visit, and what each goal of a week costs."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.core.db import Database
from app.core.errors import NotFound
from app.schedules import advice, proofs, repository
from app.schedules.advice_schemas import FixView, ReasonsView


def why_here(database: Database, schedule_id: int, visit: str) -> ReasonsView:
    """Return why a visit (its id or its key) has no place, and what would help; or why it has its own."""
    with database.read() as session:
        visit_id = _visit_id(session, schedule_id, visit)
        return advice.reasons(session, Actor.operator(), schedule_id, visit_id, database_url=database.url)


def _visit_id(session: Session, schedule_id: int, visit: str) -> int:
    for row in repository.visits_of(session, schedule_id):
        if visit in (row.key, str(row.id)):
            return row.id
    raise NotFound.of("visit", visit)


def lines_of(found: ReasonsView) -> Iterator[str]:
    """Yield the reasons line by line, in English."""
    if found.words is not None:
        yield f"no place: {found.words.en}"
    if found.impossible_words is not None:
        yield f"no plan at all could place it: {found.impossible_words.en}"
    if found.hours_proved:
        yield "proved: no plan of this week serves more minutes as it stands"
    for gate in found.funnel:
        yield f"{gate.caregivers:6} {gate.words.en}"
    for rule in found.closed_by:
        yield f"{rule.caregivers:6} turned away: {rule.words.en}"
    for fix in found.fixes:
        yield f"fix {fix.id} ({fix.points:.0f} points): {fix.words.en}{_where(fix)}"
    if found.why is not None:
        points = found.why.cost["total"] - found.why.cost["unserved"]
        yield f"it costs {points:.0f} points where it stands; {found.why.could} others could make it"
        for other in found.why.next:
            yield f"{other.cost_change['total']:+6.0f} points with caregiver {_all(other.caregiver_ids)}, {other.day}"
        for away in found.why.kept_away:
            yield f"usual caregiver {away.caregiver_id}: {away.words.en}"


def _where(fix: FixView) -> str:
    stand = fix.stands[0]  # the visit itself comes first
    time = f"{stand.start_minute // 60:02d}:{stand.start_minute % 60:02d}"
    return f"; caregiver {_all(stand.caregiver_ids)}, {stand.day} {time}"


def _all(ids: list[int]) -> str:
    return ", ".join(map(str, ids))


def price_here(database: Database, schedule_id: int, *, iterations: int | None, seed: int) -> dict[str, Any]:
    """Return what each goal of a week costs the others, and what a proof says of one more hour, if there is one."""
    from solver.prices import goal_prices

    with database.read() as session:
        situation = advice.as_it_stands(session, Actor.operator(), schedule_id, database_url=database.url)
        proof = proofs.proof_of(session, repository.run_of(session, schedule_id).id)
    found = goal_prices(situation.week.problem, situation.plan, iterations=iterations, seed=seed)
    return {
        "schedule_id": schedule_id,
        "whole": asdict(found.whole),
        "goals": {
            goal: {
                "kilometres": round(found.kilometres(goal), 1),
                "travel_minutes": found.travel_minutes(goal),
                "unserved_minutes": found.unserved_minutes(goal),
                "without": asdict(without),
            }
            for goal, without in found.without.items()
        },
        "one_more_hour": proof.prices if proof is not None else {},
    }
