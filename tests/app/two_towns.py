"""Two small towns with a row of every kind, and the people who ask for them: for tests that walk over all routes."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count, product
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import signin
from app.accounts.models import Role, User, UserTown
from app.accounts.scope import Actor
from app.caregivers.models import Caregiver
from app.centres.models import CentreKind
from app.centres.models import Town as CentreTown
from app.core import clock
from app.core.crypto import open_vault
from app.core.db import Base, Database
from app.core.settings import Settings
from app.core.weeks import Week
from app.elders.models import Elder
from app.schedules import run, service, workbench
from app.schedules.models import PlanRun, ScheduledVisit
from app.schedules.schemas import ScheduleNew
from app.schedules.store import pack_plan, unpack_problem
from app.visits.models import CalendarFeed
from solver.judge import judge
from solver.plan import Cost, Plan, PlannedVisit, Reason, Unallocated
from solver.problem import Problem
from tests.app import given, published
from tests.app.conftest import PASSWORD_HASH, application, copy_of

WEEK = Week.of(clock.today()).next().next()
PEOPLE = {
    "administrator": "A",
    "dispatcher of the city": "D",
    "dispatcher of the town": "d",
    "dispatcher of the other town": "x",
    "caregiver of the visit": "g",
    "another caregiver": "h",
    "auditor of the city": "U",
    "auditor of the other town": "u",
    "nobody": "n",
}
"""Who asks, and the letter of her column in ``permissions.ROUTES``; the rows asked for are of *the* town."""

PERSONAL = (
    "欧阳九妹",
    "13855550001",
    "0579-8555001",
    "稠江街道秘密弄九号",
    "钥匙在邻居傅阿婆家",
    "severe",
    "青霉素过敏",
    "司马护工",
    "13955550002",
    "因家属投诉",
    "局长签批",
    "低保且独居之特批",
    "摔伤住院",
    "怀孕产检",
    "怕狗勿按铃",
)
"""What nobody may find in logs, errors, files, tokens, or an auditor's answers."""

_numbers = count(1)


@dataclass
class Town:
    """The ids of one town's rows, by the name of the path parameter or field."""

    name: str
    town_id: int
    village_id: int
    centre_id: int
    elder_id: int
    left_elder_id: int
    plan_id: int
    grant_id: int
    stay_id: int
    caregiver_id: int
    colleague_id: int
    certificate_id: int
    leave_id: int
    identities: tuple[str, ...]
    published_id: int = 0
    draft_id: int = 0
    visit_id: int = 0
    visit_key: str = ""


@dataclass
class TwoTowns:
    """The application on two towns, and what is in them."""

    app: FastAPI
    client: TestClient
    database: Database
    settings: Settings
    own: Town
    other: Town
    ids: dict[str, Any] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    _headers: dict[str, dict[str, str]] = field(default_factory=dict)

    def headers(self, person: str, *, fresh: bool = False) -> dict[str, str]:
        """Return the headers of somebody who is signed in; nobody has none."""
        if person == "nobody":
            return {}
        if fresh or person not in self._headers:
            self._headers[person] = {"Authorization": f"Bearer {self.tokens(person).access_token}"}
        return self._headers[person]

    def forget(self, person: str) -> None:
        """Let somebody sign in anew for her next request."""
        self._headers.pop(person, None)

    @property
    def door(self) -> str:
        """The username of an account that only signs in."""
        with self.database.read() as session:
            return session.get_one(User, self.users["door"]).username

    def tokens(self, person: str) -> signin.Tokens:
        """Open a session of somebody."""
        with self.database.write() as session:
            user = session.get_one(User, self.users[person])
            return signin.open_sign_in(session, self.settings, user)

    def calendar_secret(self) -> str:
        """Open a calendar feed and return its secret."""
        secret = secrets.token_urlsafe(32)
        with self.database.write() as session:
            feed = CalendarFeed(
                caregiver_id=self.other.colleague_id, secret_hash=signin.fingerprint(secret), created_at=clock.now()
            )
            session.add(feed)
        return secret


@contextmanager
def two_towns(template: str, folder: Path, **settings: Any) -> Iterator[TwoTowns]:
    """Make the towns in a database of their own, and the application on them."""
    with copy_of(template, folder) as url:
        chosen = Settings(data_dir=folder, database_url=url, **{"log_level": "error", "prove_seconds": 2, **settings})
        open_vault(chosen.keys)
        database = Database(url)
        with database.write() as session:
            own, other = _town(session), _town(session)
            _publish(session, own)
            _publish(session, other)
            ids = {"special_day_id": given.special_day(session, clock.today() + timedelta(days=40)).id}
            users = _users(session, own, other)
        for town in (own, other):
            town.draft_id = _draft(database, chosen, town)
        ids["both_id"] = _draft(database, chosen, own, other)
        with database.read() as session:
            own.visit_id, other.visit_id = (_visit_of(session, town.draft_id) for town in (own, other))
        app = application(chosen)
        with TestClient(app, raise_server_exceptions=False) as client:
            yield TwoTowns(app, client, database, chosen, own, other, ids, users)
        jobs = getattr(app.state, "jobs", None)
        if jobs is not None:
            jobs.close()
        app.state.database.engine.dispose()
        database.engine.dispose()


def counted(database: Database, *ignored: str) -> dict[str, int]:
    """Count the rows of every table but those ignored."""
    with database.read() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
            if name not in ignored
        }


def _town(session: Session) -> Town:
    town = given.town(session)
    village = given.village(session, town)
    given.centre(session, town, kind=CentreKind.DEMONSTRATION)
    centre = given.centre(session, town, village_id=village.id)
    elder = given.elder(
        session,
        town,
        name="欧阳九妹",
        phone="13855550001",
        address="稠江街道秘密弄九号",
        way_in="钥匙在邻居傅阿婆家",
        disability_grade="severe",
        health_note="青霉素过敏",
        centre_id=centre.id,
    )
    left = given.elder(
        session, town, phone="0579-8555001", ended_on=clock.today() - timedelta(days=3), end_reason="moved_away"
    )
    caregiver = given.caregiver(
        session, town, name="司马护工", phone="13955550002", centre_id=centre.id, base=given.YIWU
    )
    colleague = given.caregiver(session, town, centre_id=centre.id)
    given.pair(session, elder, caregiver)
    given.pair(session, elder, colleague, kind="blocked", reason="因家属投诉")
    certificate = given.certificate(session, caregiver, skill="nursing")
    leave = given.leave(session, caregiver, note="怀孕产检")
    return Town(
        name=town.name,
        town_id=town.id,
        village_id=village.id,
        centre_id=centre.id,
        elder_id=elder.id,
        left_elder_id=left.id,
        plan_id=given.care_plan(session, elder, note="怕狗勿按铃").id,
        grant_id=given.grant(session, elder, approved_by="局长签批", reason="低保且独居之特批").id,
        stay_id=given.stay(session, elder, note="摔伤住院").id,
        caregiver_id=caregiver.id,
        colleague_id=colleague.id,
        certificate_id=certificate.id,
        leave_id=leave.id,
        identities=(elder.id_number, caregiver.id_number),
    )


def _publish(session: Session, town: Town) -> None:
    """Add a published week of one town, with a visit and one that has no place."""
    week = published.schedule(session, WEEK, [session.get_one(CentreTown, town.town_id)])
    now = clock.now()
    session.add(PlanRun(schedule_id=week.id, job_id=f"test-{week.id}", seed=1, stage="finished", queued_at=now))
    elder = session.get_one(Elder, town.elder_id)
    caregiver = session.get_one(Caregiver, town.caregiver_id)
    visit = published.visit(session, week, elder, [caregiver], WEEK.monday)
    published.unallocated(session, week, elder)
    town.published_id, town.visit_key = week.id, visit.visit_key


def _draft(database: Database, settings: Settings, *towns: Town) -> int:
    """Plan the week as the worker does, but for the search, and return the draft."""
    operator = Actor.operator()
    asked = ScheduleNew(week=str(WEEK), town_ids=[town.town_id for town in towns], iterations=20)
    with database.write() as session:
        draft = service.ask(session, operator, asked, settings, clock.today()).id
        run_id = session.scalars(select(PlanRun.id).where(PlanRun.schedule_id == draft)).one()
    workbench.set_up(database, settings)
    assert run.read(run_id)
    with database.write() as session:
        row = session.get_one(PlanRun, run_id)
        row.best, row.stage = pack_plan(_planned_by_hand(unpack_problem(row.problem or b""))), "solved"
    assert run.file(run_id)
    return draft


def _planned_by_hand(problem: Problem) -> Plan:
    """Put each visit where the judge first lets it be; the search has tests of its own."""
    wanted = [visit for need in problem.needs for visit in need.visits]
    plan = Plan(
        visits=(),
        unallocated=tuple(Unallocated(visit.id, Reason.COULD_BE_PLACED) for visit in wanted),
        cost=Cost(),
    )
    for visit in wanted:
        left = tuple(each for each in plan.unallocated if each.visit != visit.id)
        places = product(range(5), (480, 600, 840, 960), problem.caregivers)
        tries = (
            replace(plan, visits=(*plan.visits, PlannedVisit(visit.id, day, start, (who.id,))), unallocated=left)
            for day, start, who in places
        )
        plan = next((each for each in tries if not judge(problem, each)), plan)
    return plan


def _visit_of(session: Session, schedule_id: int) -> int:
    query = select(ScheduledVisit.id).where(ScheduledVisit.schedule_id == schedule_id).order_by(ScheduledVisit.id)
    return session.scalars(query.limit(1)).one()


def _users(session: Session, own: Town, other: Town) -> dict[str, int]:
    def user(role: Role, **columns: Any) -> int:
        row = User(
            username=f"user{next(_numbers)}", password_hash=PASSWORD_HASH, role=role, display_name="测试员", **columns
        )
        session.add(row)
        session.flush()
        return row.id

    return {
        "administrator": user(Role.ADMINISTRATOR, all_towns=True),
        "dispatcher of the city": user(Role.DISPATCHER, all_towns=True),
        "dispatcher of the town": user(Role.DISPATCHER, towns=[UserTown(town_id=own.town_id)]),
        "dispatcher of the other town": user(Role.DISPATCHER, towns=[UserTown(town_id=other.town_id)]),
        "caregiver of the visit": user(Role.CAREGIVER, caregiver_id=own.caregiver_id),
        "another caregiver": user(Role.CAREGIVER, caregiver_id=own.colleague_id),
        "auditor of the city": user(Role.AUDITOR, all_towns=True),
        "auditor of the other town": user(Role.AUDITOR, towns=[UserTown(town_id=other.town_id)]),
        "caregiver with a calendar": user(Role.CAREGIVER, caregiver_id=other.colleague_id),
        "spare": user(Role.DISPATCHER, towns=[UserTown(town_id=own.town_id)]),
        "door": user(Role.AUDITOR, all_towns=True),
    }
