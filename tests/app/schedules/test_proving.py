"""Proofs: asked for by the plan or by people, computed by the job, withdrawn when the problem changes."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import Role
from app.core.db import Database
from app.schedules import proofs, proving, repository
from app.schedules.asking import Asking
from app.schedules.models import PlanProof, ProofState, Schedule
from solver.bound import Proof
from tests.app.schedules.conftest import Api, ApiAs, SmallCity


def proved(database: Database) -> None:
    """Run the job of the newest proof here and now."""
    with database.read() as session:
        proof = session.scalars(select(PlanProof).order_by(PlanProof.id.desc())).first()
    assert proof is not None
    assert proving.prove(proof.id, proof.job_id)


def the_proof(database: Database) -> PlanProof:
    with database.read() as session:
        return session.scalars(select(PlanProof)).one()


def test_a_proof_follows_each_plan_and_is_no_more_than_its_cost(
    dispatcher: Api, city: SmallCity, database: Database
) -> None:
    draft = dispatcher.draft()
    asked = dispatcher.call("GET", f"/{draft['id']}/proof").json()
    assert (asked["state"], asked["bound"], asked["seconds_asked"]) == ("queued", None, 2)
    assert asked["words"]["en"] == "nothing is proved yet"
    proved(database)
    found = dispatcher.call("GET", f"/{draft['id']}/proof").json()
    assert found["state"] == "proved"
    assert 0 <= found["bound"] <= found["cost"] + 1e-6
    assert found["gap"] == pytest.approx((found["cost"] - found["bound"]) / found["cost"])
    assert found["least_unserved_minutes"] <= found["unserved_minutes"]
    again = dispatcher.read(draft["id"])
    assert again["etag"] == draft["etag"], "whoever edits the draft meanwhile must not be told to read it again"
    assert (again["bound"], again["gap"]) == (found["bound"], found["gap"])


def test_a_longer_proof_never_forgets_what_was_proved(dispatcher: Api, city: SmallCity, database: Database) -> None:
    draft = dispatcher.draft()
    proved(database)
    first = dispatcher.read(draft["id"])["bound"]
    asked = dispatcher.call("POST", f"/{draft['id']}/proof", json={"seconds": 1})
    assert asked.status_code == 202
    assert asked.headers["Location"] == f"/api/v1/schedules/{draft['id']}/proof"
    assert (asked.json()["state"], asked.json()["bound"]) == ("queued", first)
    proved(database)
    assert dispatcher.read(draft["id"])["bound"] >= first


@pytest.mark.parametrize("body", [{"seconds": 0}, {"seconds": 36_001}, {"seconds": "long"}, {"minutes": 1}])
def test_a_wrong_time_is_refused(dispatcher: Api, city: SmallCity, body: Any) -> None:
    draft = dispatcher.draft()
    assert dispatcher.call("POST", f"/{draft['id']}/proof", json=body).status_code == 422


def test_what_is_not_planned_can_not_be_proved(dispatcher: Api, city: SmallCity) -> None:
    asked = dispatcher.ask()
    assert dispatcher.call("POST", f"/{asked['id']}/proof", json={"seconds": 1}).status_code == 409
    assert dispatcher.call("GET", f"/{asked['id']}/proof").status_code == 404


def test_it_gives_way_to_whoever_asks_for_a_week(dispatcher: Api, city: SmallCity, database: Database) -> None:
    dispatcher.draft()
    proof = the_proof(database)
    ends = Asking(database, PlanProof, proof.id, proof.job_id, every_seconds=0.0)
    assert not ends.asks_to_stop()
    dispatcher.ask()
    assert ends.asks_to_stop()


def test_it_begins_anew_behind_the_week_and_keeps_what_it_proved(
    dispatcher: Api, city: SmallCity, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "Asking", partial(Asking, every_seconds=0.0))
    draft = dispatcher.draft()
    proved(database)
    before = dispatcher.call("GET", f"/{draft['id']}/proof").json()["bound"]
    dispatcher.call("POST", f"/{draft['id']}/proof", json={"seconds": 2})
    asked, waiting = the_proof(database), dispatcher.ask()
    proved(database)
    told, again = dispatcher.call("GET", f"/{draft['id']}/proof").json(), the_proof(database)
    assert (told["state"], told["seconds_asked"]) == ("queued", 2)
    assert told["bound"] >= before
    assert again.job_id != asked.job_id  # for the sweep, which puts it behind the week

    dispatcher.call("POST", f"/{waiting['id']}/cancel")
    proved(database)
    assert dispatcher.call("GET", f"/{draft['id']}/proof").json()["state"] == "proved"


def test_whoever_ends_it_while_it_gives_way_has_ended_it(
    dispatcher: Api, city: SmallCity, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "Asking", partial(Asking, every_seconds=0.0))
    draft = dispatcher.draft()
    dispatcher.ask()
    assert dispatcher.call("DELETE", f"/{draft['id']}/proof").status_code == 200
    proved(database)
    assert dispatcher.call("GET", f"/{draft['id']}/proof").json()["state"] == "proved"


def test_it_ends_early_when_asked_to(dispatcher: Api, city: SmallCity, database: Database) -> None:
    draft = dispatcher.draft()
    assert dispatcher.call("DELETE", f"/{draft['id']}/proof").status_code == 200
    proof = the_proof(database)
    assert Asking(database, PlanProof, proof.id, proof.job_id, every_seconds=0.0).asks_to_stop()
    proved(database)
    assert the_proof(database).state == ProofState.PROVED
    assert dispatcher.call("DELETE", f"/{draft['id']}/proof").status_code == 409


def test_a_proof_cut_off_at_once_says_nothing(dispatcher: Api, city: SmallCity, database: Database) -> None:
    draft = dispatcher.draft()
    proof = the_proof(database)
    proving.keep(database, proof.id, proof.job_id, Proof(points=0.0, unserved_minutes=0))
    told = dispatcher.call("GET", f"/{draft['id']}/proof").json()
    assert (told["bound"], told["gap"]) == (None, None)
    assert told["words"]["en"] == "nothing is proved yet"
    assert dispatcher.read(draft["id"])["gap"] is None


def test_a_job_that_was_replaced_writes_nothing(dispatcher: Api, city: SmallCity, database: Database) -> None:
    draft = dispatcher.draft()
    before = the_proof(database)
    assert dispatcher.call("POST", f"/{draft['id']}/proof", json={"seconds": 7}).status_code == 202
    assert not proving.prove(before.id, before.job_id)
    proving.fail(before.id, before.job_id, "unexpected:ValueError")
    assert Asking(database, PlanProof, before.id, before.job_id, every_seconds=0.0).asks_to_stop()
    after = the_proof(database)
    assert (after.id, after.state, after.seconds_asked) == (before.id, ProofState.QUEUED, 7)


def test_a_changed_problem_withdraws_its_proof(dispatcher: Api, city: SmallCity, database: Database) -> None:
    draft = dispatcher.draft()
    proved(database)
    with database.write() as session:
        proofs.withdraw(session, session.get_one(Schedule, draft["id"]), repository.run_of(session, draft["id"]))
    assert dispatcher.read(draft["id"])["bound"] is None
    assert dispatcher.call("GET", f"/{draft['id']}/proof").status_code == 404


def test_a_part_of_the_towns_does_not_see_the_proof_of_all(
    dispatcher: Api, api_as: ApiAs, city: SmallCity, database: Database
) -> None:
    draft = dispatcher.draft()
    her = api_as(Role.DISPATCHER, [city.towns[0]])
    assert her.call("GET", f"/{draft['id']}/proof").status_code == 403
    assert her.call("POST", f"/{draft['id']}/proof", json={"seconds": 1}).status_code == 403
