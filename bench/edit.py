"""Judge one hand-edit on the whole city's draft: which rules it breaks, and what it costs.

Half of the edits move a visit in time, half give it to somebody else. The peer judges and prices the whole
week, as it was and as it would be, for each.
"""

import argparse
import random
from typing import Any

from app.accounts.scope import Actor
from app.demo.options import FULL_ELDERS, Staffing
from app.schedules import edits, repository
from app.schedules.edit_schemas import Edit, Move
from app.schedules.planning import to_plan
from app.schedules.rows import VisitRow
from app.schedules.store import unpack_problem
from bench.installation import WEEK, Installation, empty_installation, fill, plan
from bench.measure import milliseconds, ratio, timed
from solver.cost import cost_of
from solver.judge import judge_week
from solver.week import Week as Index

_LATER = (-60, -30, -15, 15, 30, 60)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say how large the draft is, and how many edits are judged."""
    parser.add_argument("--elders", type=int, default=FULL_ELDERS)
    parser.add_argument("--iterations", type=int, default=2000)
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--peer-edits", type=int, default=5, help="the peer is slow")


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Judge edits as dry runs: nothing is stored, the draft stays as it was."""
    with empty_installation() as here:
        fill(here, elders=chosen.elders, staffing=Staffing.SLACK, seed=1)
        schedule_id = plan(here, seconds=None, iterations=chosen.iterations, seed=1)
        with here.database.read() as session:
            visits = [visit for visit in repository.visits_of(session, schedule_id) if visit.day is not None]
        moves = drawn(visits, chosen.edits)
        first, took, allowed = judged(here, schedule_id, moves)
        peer = judged_whole(here, schedule_id, chosen.peer_edits)
    return {
        "visits": len(visits),
        "edits": len(moves),
        "allowed": allowed,
        "first_ms": round(1000 * first, 2),
        **milliseconds(took),
        "peer": {
            "what": "the whole week judged and priced, before and after",
            "edits": chosen.peer_edits,
            **milliseconds(peer),
        },
        "median_to_peer": ratio(milliseconds(took)["median_ms"], milliseconds(peer)["median_ms"]),
    }


def drawn(visits: list[VisitRow], n: int) -> list[Edit]:
    """Return edits by chance, the same each time."""
    chance = random.Random(1)
    everybody = sorted({each for visit in visits for each in visit.caregivers})
    found = []
    for i in range(n):
        visit = chance.choice(visits)
        assert visit.day is not None
        assert visit.start_minute is not None
        caregivers, start = list(visit.caregivers), visit.start_minute
        if i % 2:
            start += chance.choice(_LATER)
        else:
            caregivers = chance.sample([each for each in everybody if each not in caregivers], len(caregivers))
        found.append(Edit(move=Move(visit_id=visit.id, day=visit.day, start=start, caregiver_ids=caregivers)))
    return found


def judged(here: Installation, schedule_id: int, moves: list[Edit]) -> tuple[float, list[float], int]:
    """Return the seconds of the first edit (which decodes the problem), of each other, and how many are allowed."""
    took, allowed = [], 0
    for move in [moves[0], *moves]:
        with timed() as one, here.database.read() as session:
            version = repository.get_schedule(session, schedule_id).version
            answer = edits.edit(
                session,
                Actor.operator(),
                schedule_id,
                version,
                [move],
                database_url=here.database.url,
                dry_run=True,
                lang="en",
            )
        took.append(one.seconds)
        allowed += answer.allowed
    return took[0], took[1:], allowed


def judged_whole(here: Installation, schedule_id: int, n: int) -> list[float]:
    """Return the seconds of judging and pricing everything twice, the problem being decoded already."""
    with here.database.read() as session:
        run_id = repository.run_of(session, schedule_id).id
        index = Index(unpack_problem(repository.problem_of(session, run_id)))
    found = []
    for _ in range(n):
        with timed() as one, here.database.read() as session:
            rows = repository.visits_of(session, schedule_id)
            for _before_and_after in range(2):
                whole = to_plan(index.problem, rows, WEEK)
                judge_week(index, whole)
                cost_of(index, whole)
        found.append(one.seconds)
    return found
