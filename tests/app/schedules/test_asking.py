"""Who may ask for which week, what is refused, and how a computation is watched and stopped."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.accounts.models import Role
from app.core import clock
from app.core.db import Database
from app.core.weeks import Week
from app.schedules import run
from app.schedules.models import PlanRun, Schedule
from app.schedules.store import unpack_problem
from tests.app.schedules.conftest import WEEK, Api, ApiAs, SmallCity


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Schedule)) or 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"week": "2026-W54"}, "body.week"),
        ({"week": "W48"}, "body.week"),
        ({"week": "2026-48"}, "body.week"),
        ({"week": 48}, "body.week"),
        ({"week": "1999-W01"}, "body.week"),
        ({"seconds": 0}, "body.seconds"),
        ({"seconds": 3601}, "body.seconds"),
        ({"iterations": -1}, "body.iterations"),
        ({"iterations": 10_000_001}, "body.iterations"),
        ({"seed": 2**31}, "body.seed"),
        ({"town_ids": []}, "body.town_ids"),
        ({"town_ids": [2**63]}, "body.town_ids.0"),
        ({"town_ids": [10**9]}, "body.town_ids"),
        ({"policy": {"not_usal": 1}}, "body.policy.not_usal"),
        ({"policy": {"not_usual": -1}}, "body.policy.not_usual"),
        ({"policy": {"not_usual": 1e300}}, "body.policy.not_usual"),
        ({"policy": {"meal_minutes": 0}}, "body.policy.meal_minutes"),
        ({"note": "x" * 201}, "body.note"),
        ({"note": "a\x00b"}, "body.note"),
        ({"from_day": "2020-01-01"}, "body.from_day"),
        ({"wek": "2026-W48"}, "body.wek"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    dispatcher: Api, city: SmallCity, database: Database, body: Any, field: str
) -> None:
    answer = dispatcher.call("POST", "", json={"week": str(WEEK), **body})
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert count(database) == 0


def test_a_week_that_is_over_is_refused_and_this_week_is_not(dispatcher: Api, city: SmallCity) -> None:
    this = Week.of(clock.today())
    over = Week.of(this.monday - timedelta(days=1))
    assert dispatcher.call("POST", "", json={"week": str(over)}).status_code == 422
    assert dispatcher.call("POST", "", json={"week": str(this)}).status_code == 202
    far = Week.of(this.monday + timedelta(weeks=53))
    assert dispatcher.call("POST", "", json={"week": str(far)}).status_code == 202
    assert dispatcher.call("POST", "", json={"week": str(far.next().next())}).status_code == 422


def test_a_week_that_has_begun_is_planned_from_today(
    dispatcher: Api, city: SmallCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monday, thursday, sunday = WEEK.days[0], WEEK.days[3], WEEK.days[6]
    assert dispatcher.ask()["run"]["from_day"] is None
    monkeypatch.setattr(clock, "today", lambda: monday)
    assert dispatcher.ask()["run"]["from_day"] is None
    monkeypatch.setattr(clock, "today", lambda: sunday)
    assert dispatcher.ask()["run"]["from_day"] == str(sunday)
    assert dispatcher.ask(from_day=str(monday))["run"]["from_day"] is None
    monkeypatch.setattr(clock, "today", lambda: thursday)
    draft = dispatcher.draft()
    assert draft["run"]["from_day"] == str(thursday)
    placed = dispatcher.visits(draft["id"], state="placed")
    assert placed
    assert all(visit["day"] >= str(thursday) for visit in placed)


def test_a_week_that_the_year_does_not_have_is_told_in_one_sentence(dispatcher: Api, city: SmallCity) -> None:
    [error] = dispatcher.call("POST", "", json={"week": "2026-W54"}).json()["errors"]
    assert error["expected"] == "a week that the year has, and 2026 has no week 54"


def test_an_answer_says_where_to_look(dispatcher: Api, city: SmallCity) -> None:
    answer = dispatcher.call("POST", "", json={"week": str(WEEK), "policy": {"not_usual": 30}})
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/api/v1/schedules/{answer.json()['id']}"
    assert answer.json()["run"]["policy"] == {"not_usual": 30.0}
    assert answer.json()["run"]["seconds"] == 45


def test_a_dispatcher_asks_for_her_own_towns(dispatcher: Api, api_as: ApiAs, city: SmallCity) -> None:
    one, other = city.towns
    her = api_as(Role.DISPATCHER, [one])
    assert her.call("POST", "", json={"week": str(WEEK), "town_ids": [other]}).status_code == 403
    own = her.draft()
    assert own["town_ids"] == [one]
    assert {visit["town_id"] for visit in her.visits(own["id"])} == {one}
    whole = dispatcher.draft()
    seen = her.read(whole["id"])
    assert seen["town_ids"] == [one]
    assert seen["cost"] == {}
    assert seen["figures"]["visits_due"] == own["figures"]["visits_due"] < whole["figures"]["visits_due"]
    foreign = dispatcher.ask(town_ids=[other])
    assert her.call("GET", f"/{foreign['id']}").status_code == 404
    assert her.call("GET", f"/{foreign['id']}/visits").status_code == 404
    assert her.call("GET", f"/{foreign['id']}/progress").status_code == 404
    assert her.call("POST", f"/{foreign['id']}/cancel").status_code == 404
    assert her.call("POST", f"/{whole['id']}/replan", json={}).status_code == 403
    listed = her.call("GET", "", params={"week": str(WEEK)}).json()["items"]
    assert [item["id"] for item in listed] == [own["id"], whole["id"]]
    assert her.call("GET", "", params={"town_id": other}).status_code == 403


def test_caregivers_and_auditors_do_not_ask(api_as: ApiAs, city: SmallCity, database: Database) -> None:
    assert api_as(Role.AUDITOR).call("POST", "", json={"week": str(WEEK)}).status_code == 403
    assert api_as(Role.AUDITOR).call("GET", "").status_code == 200
    assert count(database) == 0


def test_lists_and_visits_are_filtered(dispatcher: Api, city: SmallCity) -> None:
    draft = dispatcher.draft()
    dispatcher.ask()
    drafts = dispatcher.call("GET", "", params={"status": "draft"}).json()["items"]
    assert [item["id"] for item in drafts] == [draft["id"]]
    assert dispatcher.call("GET", "", params={"status": "lost"}).status_code == 422
    visits = dispatcher.visits(draft["id"])
    first = visits[0]
    for name, value in (
        ("town_id", first["town_id"]),
        ("elder_id", first["elder_id"]),
        ("day", first["day"]),
        ("state", "placed"),
    ):
        assert dispatcher.visits(draft["id"], **{name: value}) == [each for each in visits if each[name] == value]
    maker = first["caregiver_ids"][0]
    mine = [each for each in visits if maker in each["caregiver_ids"]]
    assert dispatcher.visits(draft["id"], caregiver_id=maker) == mine
    page = dispatcher.call("GET", f"/{draft['id']}/visits", params={"limit": 5}).json()
    assert (page["items"], page["next_after"]) == (visits[:5], visits[4]["id"])


def test_the_same_seed_and_iterations_give_the_same_plan(dispatcher: Api, city: SmallCity) -> None:
    def stands(schedule: Any) -> Any:
        names = ("key", "day", "start_minute", "caregiver_ids")
        return [[visit[name] for name in names] for visit in dispatcher.visits(schedule["id"])]

    first, again = dispatcher.draft(seed=7), dispatcher.draft(seed=7)
    assert stands(first) == stands(again)
    assert first["run"]["versions"].keys() >= {"jiuling", "ortools", "numba"}


def test_a_queued_run_is_cancelled_at_once_and_never_computed(
    dispatcher: Api, city: SmallCity, database: Database
) -> None:
    asked = dispatcher.ask()
    assert dispatcher.call("POST", f"/{asked['id']}/cancel").json()["status"] == "cancelled"
    assert dispatcher.call("POST", f"/{asked['id']}/cancel").status_code == 200
    assert dispatcher.computed(asked["id"])["status"] == "cancelled"
    assert dispatcher.visits(asked["id"]) == []


def test_a_run_that_is_thrown_away_while_it_solves_writes_nothing(
    dispatcher: Api, city: SmallCity, database: Database
) -> None:
    asked = dispatcher.ask()
    with database.read() as session:
        run_id = session.scalars(select(PlanRun.id)).one()
    assert run.read(run_id) is True
    assert dispatcher.read(asked["id"])["status"] == "planning"
    assert dispatcher.call("POST", f"/{asked['id']}/cancel").json()["status"] == "cancelled"
    assert run.solve(run_id) is False
    assert run.file(run_id) is False
    assert dispatcher.read(asked["id"])["status"] == "cancelled"


def test_stopping_early_keeps_the_best(dispatcher: Api, city: SmallCity, database: Database) -> None:
    asked = dispatcher.ask(iterations=10_000_000)
    with database.read() as session:
        run_id = session.scalars(select(PlanRun.id)).one()
    assert run.read(run_id) is True
    stopping = dispatcher.call("POST", f"/{asked['id']}/cancel", params={"keep": "best"}).json()
    assert (stopping["status"], stopping["stopping"]) == ("planning", True)
    assert run.solve(run_id) is True
    assert run.file(run_id) is True
    draft = dispatcher.read(asked["id"])
    assert draft["status"] == "draft"
    assert draft["figures"]["placed_minutes"] == draft["figures"]["due_minutes"]


def test_a_draft_is_not_cancelled_but_thrown_away(dispatcher: Api, city: SmallCity) -> None:
    draft = dispatcher.draft()
    assert dispatcher.call("POST", f"/{draft['id']}/cancel").status_code == 409
    assert dispatcher.call("DELETE", f"/{draft['id']}").status_code == 428
    assert dispatcher.call("DELETE", f"/{draft['id']}", headers={"If-Match": '"99"'}).status_code == 412
    assert dispatcher.call("DELETE", f"/{draft['id']}", headers={"If-Match": draft["etag"]}).status_code == 204
    gone = dispatcher.read(draft["id"])
    assert gone["status"] == "cancelled"
    assert dispatcher.publish(gone).status_code == 409


def test_each_step_may_run_again(dispatcher: Api, city: SmallCity, database: Database) -> None:
    asked = dispatcher.ask()
    with database.read() as session:
        run_id = session.scalars(select(PlanRun.id)).one()
    assert [run.read(run_id), run.read(run_id)] == [True, True]
    assert [run.solve(run_id), run.solve(run_id)] == [True, True]
    assert [run.file(run_id), run.file(run_id), run.solve(run_id), run.read(run_id)] == [True, False, False, False]
    draft = dispatcher.read(asked["id"])
    assert len(dispatcher.visits(asked["id"])) == draft["figures"]["visits_due"]
    assert draft["run"]["attempts"] == 1


def test_a_failure_says_a_short_code(dispatcher: Api, city: SmallCity, database: Database) -> None:
    asked = dispatcher.ask()
    with database.read() as session:
        run_id = session.scalars(select(PlanRun.id)).one()
    run.fail(run_id, run.code_of(ValueError("王秀英")))
    progress = dispatcher.call("GET", f"/{asked['id']}/progress").json()
    assert (progress["status"], progress["error"]) == ("failed", "unexpected:ValueError")
    run.fail(run_id, "again")
    assert dispatcher.read(asked["id"])["run"]["error"] == "unexpected:ValueError"


def test_events_end_with_the_draft_and_are_not_repeated(dispatcher: Api, city: SmallCity) -> None:
    draft = dispatcher.draft()
    answer = dispatcher.call("GET", f"/{draft['id']}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = answer.text.strip().split("\n")
    assert [line.split(":")[0] for line in lines] == ["id", "event", "data"]
    assert lines[1] == "event: end"
    assert json.loads(lines[2].removeprefix("data: "))["status"] == "draft"
    seen = lines[0].removeprefix("id: ")
    assert dispatcher.call("GET", f"/{draft['id']}/events", headers={"Last-Event-ID": seen}).status_code == 204
    assert dispatcher.call("GET", f"/{draft['id']}/events", headers={"Last-Event-ID": "x"}).status_code == 422


def test_a_city_without_towns_has_nothing_to_plan(api_as: ApiAs, database: Database) -> None:
    answer = api_as().call("POST", "", json={"week": str(WEEK)})
    assert answer.status_code == 409
    assert "no towns" in answer.json()["detail"]


def test_the_stored_problem_names_nobody(dispatcher: Api, city: SmallCity, database: Database) -> None:
    dispatcher.draft()
    with database.read() as session:
        packed = session.scalars(select(PlanRun.problem)).one()
    assert packed is not None
    problem = unpack_problem(packed)
    assert {need.id for need in problem.needs} <= {str(each) for town in city.elders for each in town}
