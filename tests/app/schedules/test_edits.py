"""Hand-edits: judged by the judge, priced by the cost, stored once."""

from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.core.db import Database
from app.schedules.models import PlanRun
from app.schedules.planning import to_plan
from app.schedules.repository import problem_of, visits_of
from app.schedules.store import unpack_problem
from solver.cost import cost
from solver.judge import judge
from tests.app.schedules.conftest import WEEK, Api, ApiAs, SmallCity


@pytest.fixture
def draft(dispatcher: Api, city: SmallCity) -> Any:
    return dispatcher.draft()


def edit(api: Api, draft: Any, *edits: Any, **query: Any) -> Any:
    return api.call(
        "POST",
        f"/{draft['id']}/edits",
        json={"edits": list(edits)},
        headers={"If-Match": draft["etag"]},
        params={"lang": "en", **query},
    )


def move(visit: Any, **changes: Any) -> Any:
    stands = {
        "visit_id": visit["id"],
        "day": visit["day"],
        "start": visit["start_minute"],
        "caregiver_ids": visit["caregiver_ids"],
    }
    return {"move": {**stands, **changes}}


def a_free_place(api: Api, draft: Any, visit: Any) -> Any:
    """Return the first allowed move of a visit to another day."""
    for day in WEEK.days[:5]:
        for start in range(480, 1000, 60):
            tried = move(visit, day=str(day), start=start)
            if str(day) != visit["day"] and edit(api, draft, tried, dry_run=True).json().get("allowed"):
                return tried
    raise AssertionError("no free place")


def test_an_allowed_move_is_stored_priced_and_audited(dispatcher: Api, draft: Any, database: Database) -> None:
    visit = dispatcher.visits(draft["id"])[0]
    moved = a_free_place(dispatcher, draft, visit)
    assert dispatcher.read(draft["id"])["etag"] == draft["etag"], "a dry run stores nothing"

    answer = edit(dispatcher, draft, moved)
    assert answer.status_code == 200, answer.text
    after = dispatcher.read(draft["id"])
    assert after["etag"] == answer.headers["ETag"] != draft["etag"]
    [stored] = [each for each in dispatcher.visits(draft["id"]) if each["id"] == visit["id"]]
    assert (stored["day"], stored["start_minute"]) == (moved["move"]["day"], moved["move"]["start"])
    with database.read() as session:
        run_id = session.scalars(select(PlanRun.id)).one()
        problem = unpack_problem(problem_of(session, run_id))
        plan = to_plan(problem, visits_of(session, draft["id"]), WEEK)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "edit")).one()
    assert judge(problem, plan) == ()
    assert after["cost"]["total"] == pytest.approx(cost(problem, plan).total)
    assert answer.json()["cost_after"] == after["cost"]
    assert entry.changes["edits"][0]["visit"] == visit["id"]


def test_a_move_that_breaks_a_rule_is_refused_with_rule_and_visit(dispatcher: Api, draft: Any) -> None:
    visits = dispatcher.visits(draft["id"])
    one, other = next(
        (one, other)
        for one in visits
        for other in visits
        if one["caregiver_ids"] == other["caregiver_ids"] and one["elder_id"] != other["elder_id"]
    )
    clash = move(one, day=other["day"], start=other["start_minute"])

    told = edit(dispatcher, draft, clash, dry_run=True)
    assert told.status_code == 200
    assert told.json()["allowed"] is False
    assert "overlap" in {broken["rule"] for broken in told.json()["violations"]}

    refused = edit(dispatcher, draft, clash)
    assert refused.status_code == 409
    overlap = next(broken for broken in refused.json()["violations"] if broken["rule"] == "overlap")
    assert overlap["visit_id"] in (one["id"], other["id"])
    assert overlap["words"].startswith("two visits at the same time")
    assert dispatcher.read(draft["id"])["etag"] == draft["etag"]
    assert dispatcher.visits(draft["id"]) == visits


@pytest.mark.parametrize(("start", "allowed"), [(449, False), (450, True), (1079, True), (1080, False)])
def test_the_window_binds_on_both_sides(dispatcher: Api, draft: Any, start: int, allowed: bool) -> None:
    visit = dispatcher.visits(draft["id"])[0]
    rules = {
        broken["rule"]
        for broken in edit(dispatcher, draft, move(visit, start=start), dry_run=True).json()["violations"]
    }
    assert ("window" not in rules) is allowed


def test_a_pinned_visit_stands_until_it_is_unpinned(dispatcher: Api, draft: Any) -> None:
    visit = dispatcher.visits(draft["id"])[0]
    moved = a_free_place(dispatcher, draft, visit)
    which = {"visit_id": visit["id"]}
    assert edit(dispatcher, draft, {"pin": which}).status_code == 200
    pinned = dispatcher.read(draft["id"])

    refused = edit(dispatcher, pinned, moved)
    assert refused.status_code == 409
    assert [broken["rule"] for broken in refused.json()["violations"]] == ["pinned"]
    assert edit(dispatcher, pinned, {"unpin": which}, moved).status_code == 200


def test_a_visit_left_out_costs_and_says_who_left_it_out(dispatcher: Api, draft: Any) -> None:
    visit = dispatcher.visits(draft["id"])[0]
    answer = edit(dispatcher, draft, {"unallocate": {"visit_id": visit["id"]}})
    assert answer.status_code == 200, answer.text
    assert answer.json()["cost_change"]["unserved"] >= 1000
    after = dispatcher.read(draft["id"])
    assert after["figures"]["unallocated_by_reason"] == {"left_by_pin": 1}
    assert after["figures"]["placed_minutes"] == draft["figures"]["placed_minutes"] - visit["minutes"]

    back = edit(dispatcher, after, {"unpin": {"visit_id": visit["id"]}}, move(visit))
    assert back.status_code == 200, back.text
    assert dispatcher.read(draft["id"])["figures"] == draft["figures"]
    assert dispatcher.read(draft["id"])["cost"] == pytest.approx(draft["cost"])


def test_of_two_dispatchers_the_second_is_told_that_it_changed(dispatcher: Api, draft: Any, api_as: ApiAs) -> None:
    first, second = dispatcher.visits(draft["id"])[:2]
    assert edit(dispatcher, draft, {"pin": {"visit_id": first["id"]}}).status_code == 200
    late = edit(api_as(), draft, {"pin": {"visit_id": second["id"]}})
    assert late.status_code == 412
    assert dispatcher.visits(draft["id"], pinned=True)[0]["id"] == first["id"]
    missing = dispatcher.call("POST", f"/{draft['id']}/edits", json={"edits": [{"pin": {"visit_id": first["id"]}}]})
    assert missing.status_code == 428


def test_a_dispatcher_of_one_town_edits_only_her_town(
    dispatcher: Api, draft: Any, api_as: ApiAs, city: SmallCity
) -> None:
    her = api_as(Role.DISPATCHER, [city.towns[0]])
    own = her.visits(draft["id"])
    foreign = next(each for each in dispatcher.visits(draft["id"]) if each["town_id"] == city.towns[1])
    assert {each["town_id"] for each in own} == {city.towns[0]}
    assert edit(her, draft, {"pin": {"visit_id": foreign["id"]}}).status_code == 404
    stranger = next(each for each in city.caregivers[1] if each not in own[0]["caregiver_ids"])
    assert edit(her, draft, move(own[0], caregiver_ids=[stranger])).status_code == 403
    assert edit(her, draft, {"pin": {"visit_id": own[0]["id"]}}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"edits": []},
        {"edits": [{}]},
        {"edits": [{"pin": {"visit_id": 1}, "unpin": {"visit_id": 1}}]},
        {"edits": [{"pin": {"visit_id": 2**63}}]},
        {"edits": [{"move": {"visit_id": 1, "day": "2026-13-01", "start": 0, "caregiver_ids": [1]}}]},
        {"edits": [{"move": {"visit_id": 1, "day": "2026-11-25", "start": 1440, "caregiver_ids": [1]}}]},
        {"edits": [{"move": {"visit_id": 1, "day": "2026-11-25", "start": 600, "caregiver_ids": [1, 1]}}]},
        {"edits": [{"move": {"visit_id": 1, "day": "2026-11-25", "start": 600, "caregiver_ids": []}}]},
    ],
)
def test_what_makes_no_sense_is_refused(dispatcher: Api, draft: Any, body: Any) -> None:
    answer = dispatcher.call("POST", f"/{draft['id']}/edits", json=body, headers={"If-Match": draft["etag"]})
    assert answer.status_code == 422, answer.text


def test_unknown_days_and_caregivers_are_named(dispatcher: Api, draft: Any) -> None:
    visit = dispatcher.visits(draft["id"])[0]
    day = edit(dispatcher, draft, move(visit, day=str(WEEK.end)))
    assert day.status_code == 422
    assert day.json()["errors"][0]["field"] == "body.edits.0.move.day"
    caregiver = edit(dispatcher, draft, move(visit, caregiver_ids=[10**9]))
    assert caregiver.status_code == 422
    assert caregiver.json()["errors"][0]["field"] == "body.edits.0.move.caregiver_ids"


def test_a_published_version_is_not_edited(dispatcher: Api, draft: Any) -> None:
    assert dispatcher.publish(draft).status_code == 200
    published = dispatcher.read(draft["id"])
    visit = dispatcher.visits(draft["id"])[0]
    assert edit(dispatcher, published, {"pin": {"visit_id": visit["id"]}}).status_code == 409
