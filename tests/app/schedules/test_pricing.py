"""The price of each goal: asked for, computed by the job goal by goal, and told in words."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

import solver.solve
from app.accounts.models import Role
from app.core import clock
from app.core.db import Database
from app.schedules import pricing
from app.schedules.asking import Asking
from app.schedules.models import PlanPrices, PriceState, Schedule
from app.schedules.price_schemas import show_prices
from solver.plan import Plan
from solver.prices import GOALS
from solver.problem import Problem
from tests.app.schedules.conftest import Api, ApiAs, SmallCity


def asked_row(database: Database) -> PlanPrices:
    with database.read() as session:
        return session.scalars(select(PlanPrices)).one()


def test_each_goal_has_its_price(dispatcher: Api, city: SmallCity, database: Database) -> None:
    draft = dispatcher.draft()
    assert dispatcher.call("GET", f"/{draft['id']}/prices").status_code == 404
    asked = dispatcher.call("POST", f"/{draft['id']}/prices", json={"iterations": 20})
    assert asked.status_code == 202
    assert asked.headers["Location"] == f"/api/v1/schedules/{draft['id']}/prices"
    assert (asked.json()["state"], asked.json()["current"], asked.json()["goals"]) == ("queued", None, [])
    row = asked_row(database)
    assert pricing.price(row.id, row.job_id)
    found = dispatcher.call("GET", f"/{draft['id']}/prices").json()
    assert (found["state"], found["current"]) == ("priced", True)
    assert {each["goal"] for each in found["goals"]} >= {"continuity", "wished_time", "load"}
    assert len(found["goals"]) == found["goals_asked"]
    for each in found["goals"]:
        assert each["travel_minutes"] == found["whole"]["travel_minutes"] - each["without"]["travel_minutes"]
    assert [each["travel_minutes"] for each in found["goals"]] == sorted(
        (each["travel_minutes"] for each in found["goals"]), reverse=True
    )

    visit = dispatcher.visits(draft["id"])[0]
    edits = {"edits": [{"pin": {"visit_id": visit["id"]}}]}
    headers = {"If-Match": dispatcher.read(draft["id"])["etag"]}
    assert dispatcher.call("POST", f"/{draft['id']}/edits", json=edits, headers=headers).status_code == 200
    assert dispatcher.call("GET", f"/{draft['id']}/prices").json()["current"] is False


@pytest.mark.parametrize(
    ("figures", "zh", "en"),
    [
        ((80, 8.0, 0), "固定护理员上门：路上多 80 分钟，多 8.0 公里", "80 more minutes on the way, 8.0 km more"),
        ((-5, 0.2, 90), "固定护理员上门：路上少 5 分钟，多 0.2 公里，少服务 1.5 小时", "1.5 h of care less"),
        ((20, 2.0, 0), "固定护理员上门：路上多 20 分钟，多 2.0 公里", "20 more minutes"),
        ((19, 1.9, 0), "固定护理员上门：几乎没有代价", "visits by usual caregivers: costs next to nothing"),
        ((0, 0.0, -30), "固定护理员上门：多服务 0.5 小时", "0.5 h of care more"),
    ],
)
def test_a_price_is_told_in_words(figures: tuple[int, float, int], zh: str, en: str) -> None:
    without = {"travel_minutes": 1980, "kilometres": 198.0, "unserved_minutes": 60}
    whole = {name: value + by for (name, value), by in zip(without.items(), figures, strict=True)}
    found = {"whole": {**whole, "usual_share": None}, "without": {"continuity": {**without, "usual_share": None}}}
    asked = PlanPrices(state=PriceState.PRICED, priced_version=1, goals_asked=1, found=found, queued_at=clock.now())
    (told,) = show_prices(asked, Schedule(id=1, version=2)).goals
    assert told.words.zh == zh
    assert en in told.words.en


def test_it_gives_way_ends_early_and_a_replaced_job_writes_nothing(
    dispatcher: Api, city: SmallCity, database: Database
) -> None:
    draft = dispatcher.draft()
    path = f"/{draft['id']}/prices"
    dispatcher.call("POST", path, json={})
    before = asked_row(database)
    assert dispatcher.call("POST", path, json={"iterations": 20}).status_code == 202
    assert not pricing.price(before.id, before.job_id)
    pricing.fail(before.id, before.job_id, "unexpected:ValueError")
    now = asked_row(database)
    assert (now.id, now.state, now.error) == (before.id, PriceState.QUEUED, None)

    def ends() -> bool:
        return Asking(database, PlanPrices, now.id, now.job_id, every_seconds=0.0).asks_to_stop()

    assert not ends()
    waiting = dispatcher.ask()
    assert ends()
    dispatcher.call("POST", f"/{waiting['id']}/cancel")
    assert not ends()
    assert dispatcher.call("DELETE", path).status_code == 200
    assert ends()
    assert pricing.price(now.id, now.job_id)
    found = dispatcher.call("GET", path).json()
    assert found["state"] == "priced"
    assert dispatcher.call("DELETE", path).status_code == 409


def test_it_gives_way_and_goes_on_where_it_was(
    dispatcher: Api, city: SmallCity, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[dict[str, float]] = []
    real = solver.solve.solve

    def solve(problem: Problem, **how: Any) -> Plan:
        searched.append({name: getattr(problem.policy, name) for names in GOALS.values() for name in names})
        if len(searched) == 4:  # the whole week and two goals are done: somebody asks for a week
            waiting.append(dispatcher.ask())
        return real(problem, **how)

    waiting: list[dict[str, Any]] = []
    monkeypatch.setattr(pricing, "Asking", partial(Asking, every_seconds=0.0))
    monkeypatch.setattr("solver.prices.solve", solve)
    draft = dispatcher.draft()
    path = f"/{draft['id']}/prices"
    dispatcher.call("POST", path, json={"iterations": 20})
    first = asked_row(database)
    assert pricing.price(first.id, first.job_id)
    found = dispatcher.call("GET", path).json()
    done = {each["goal"] for each in found["goals"]}
    assert (found["state"], len(done), found["error"]) == ("queued", 2, None)
    again = asked_row(database)
    assert again.job_id != first.job_id  # for the sweep, which puts it behind the week

    dispatcher.call("POST", f"/{waiting[0]['id']}/cancel")
    before = len(searched)
    assert pricing.price(again.id, again.job_id)
    found = dispatcher.call("GET", path).json()
    assert (found["state"], len(found["goals"])) == ("priced", found["goals_asked"])
    assert len(searched) - before == 1 + found["goals_asked"] - len(done)  # the whole week, and what was missing

    # asked once more when all is there, it begins anew; after another number of iterations too
    assert dispatcher.call("POST", path, json={"iterations": 20}).status_code == 202
    assert len(dispatcher.call("GET", path).json()["goals"]) == found["goals_asked"]
    before, now = len(searched), asked_row(database)
    assert pricing.price(now.id, now.job_id)
    assert len(searched) - before == 1 + found["goals_asked"]
    dispatcher.call("POST", path, json={"iterations": 30})
    assert dispatcher.call("GET", path).json()["goals"] == []


@pytest.mark.parametrize("body", [{"iterations": 0}, {"iterations": 1_000_001}, {"goals": 1}])
def test_a_wrong_body_is_refused(dispatcher: Api, city: SmallCity, body: dict[str, int]) -> None:
    asked = dispatcher.ask()
    assert dispatcher.call("POST", f"/{asked['id']}/prices", json=body).status_code == 422


def test_what_is_not_planned_has_no_prices(dispatcher: Api, city: SmallCity) -> None:
    asked = dispatcher.ask()
    assert dispatcher.call("POST", f"/{asked['id']}/prices", json={}).status_code == 409


def test_a_part_of_the_towns_does_not_see_the_prices_of_all(dispatcher: Api, api_as: ApiAs, city: SmallCity) -> None:
    draft = dispatcher.draft(iterations=1)
    dispatcher.call("POST", f"/{draft['id']}/prices", json={})
    her = api_as(Role.DISPATCHER, [city.towns[0]])
    assert her.call("GET", f"/{draft['id']}/prices").status_code == 403
    assert her.call("POST", f"/{draft['id']}/prices", json={}).status_code == 403
