"""Planning a week again around its pins, and what changed between two versions."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import Role
from app.caregivers.models import Caregiver
from app.core import clock
from app.core.db import Database
from app.core.weeks import Week
from app.entitlements.models import Booking
from app.schedules.models import PlanRun
from tests.app import given
from tests.app.schedules.conftest import WEEK, Api, ApiAs, SmallCity, build
from tests.app.schedules.test_edits import a_free_place, edit


def replanned(api: Api, schedule: Any, **body: Any) -> Any:
    answer = api.call("POST", f"/{schedule['id']}/replan", json={"iterations": 500, **body})
    assert answer.status_code == 202, answer.text
    assert answer.json()["parent_id"] == schedule["id"]
    return api.computed(answer.json()["id"])


def compared(api: Api, new: Any, old: Any, **query: Any) -> Any:
    answer = api.call("GET", f"/{new['id']}/compare", params={"with": old["id"], **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def stands(visits: Any) -> dict[str, Any]:
    return {each["key"]: (each["day"], each["start_minute"], each["caregiver_ids"]) for each in visits}


def test_a_pin_survives_the_next_plan(dispatcher: Api, city: SmallCity) -> None:
    draft = dispatcher.draft()
    visit = dispatcher.visits(draft["id"])[0]
    moved = a_free_place(dispatcher, draft, visit)
    left = next(each for each in dispatcher.visits(draft["id"]) if each["elder_id"] != visit["elder_id"])
    answer = edit(
        dispatcher, draft, moved, {"pin": {"visit_id": visit["id"]}}, {"unallocate": {"visit_id": left["id"]}}
    )
    assert answer.status_code == 200, answer.text
    second = replanned(dispatcher, draft, seed=5)
    after = {each["key"]: each for each in dispatcher.visits(second["id"])}
    kept = after[visit["key"]]
    assert (kept["day"], kept["start_minute"], kept["pinned"]) == (
        moved["move"]["day"],
        moved["move"]["start"],
        True,
    )
    assert (after[left["key"]]["state"], after[left["key"]]["reason"]) == ("unallocated", "left_by_pin")


def test_a_plan_stays_close_to_what_is_published(dispatcher: Api, city: SmallCity) -> None:
    first = dispatcher.published()
    second = replanned(dispatcher, first, seed=9)
    found = compared(dispatcher, second, first)
    assert found["changed"] == 0
    assert found["unchanged"] == first["figures"]["visits_due"]


def test_a_sick_caregiver_changes_her_visits_and_they_are_told(
    dispatcher: Api, city: SmallCity, database: Database
) -> None:
    first = dispatcher.published()
    before = dispatcher.visits(first["id"])
    sick = before[0]["caregiver_ids"][0]
    hers = {each["key"] for each in before if sick in each["caregiver_ids"]}
    with database.write() as session:
        given.leave(session, session.get_one(Caregiver, sick), first_on=WEEK.monday, last_on=WEEK.days[6], kind="sick")
    second = replanned(dispatcher, first)
    after = stands(dispatcher.visits(second["id"]))
    assert second["figures"]["placed_minutes"] == second["figures"]["due_minutes"]
    assert not [key for key, (_, _, makers) in after.items() if sick in makers]
    found = compared(dispatcher, second, first)
    assert hers <= {item["visit_key"] for item in found["items"]}
    assert found["counts"]["other_caregiver"] >= len(hers)
    assert found["counts"]["added"] == found["counts"]["removed"] == found["counts"]["left_out"] == 0
    assert found["changed"] + found["unchanged"] == len(before)
    for item in found["items"]:
        assert item["after"] is not None
        assert set(item["kinds"]) <= {"moved_day", "moved_time", "other_caregiver"}
    assert dispatcher.publish(second).status_code == 200


def test_a_comparison_is_paged_and_bound_to_the_readers_towns(dispatcher: Api, api_as: ApiAs, city: SmallCity) -> None:
    draft = dispatcher.draft()
    one = dispatcher.visits(draft["id"], town_id=city.towns[0])[:3]
    other = dispatcher.visits(draft["id"], town_id=city.towns[1])[0]
    edits = [{"unallocate": {"visit_id": each["id"]}} for each in (*one, other)]
    assert edit(dispatcher, draft, *edits).status_code == 200
    again = dispatcher.draft(seed=1)
    found = compared(dispatcher, again, draft, limit=2)
    assert found["counts"]["placed"] == 4
    assert len(found["items"]) == 2
    rest = compared(dispatcher, again, draft, limit=2, after=found["next_after"])
    keys = [item["visit_key"] for item in (*found["items"], *rest["items"])]
    assert keys == sorted(keys)
    assert set(keys) == {each["key"] for each in (*one, other)}
    assert rest["next_after"] is None
    her = api_as(Role.DISPATCHER, [city.towns[1]])
    assert [item["visit_key"] for item in compared(her, again, draft)["items"]] == [other["key"]]


def test_only_versions_of_one_week_are_compared(dispatcher: Api, city: SmallCity) -> None:
    one, other = dispatcher.ask(), dispatcher.ask(week=str(WEEK.next()))
    answer = dispatcher.call("GET", f"/{one['id']}/compare", params={"with": other["id"]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "query.with"
    assert dispatcher.call("GET", f"/{one['id']}/compare", params={"with": 10**6}).status_code == 404
    asked = dispatcher.call("POST", f"/{one['id']}/replan", json={})
    assert asked.status_code == 409, "a plan that isn't there can't be planned again"
    other_week = dispatcher.call("POST", "", json={"week": str(WEEK.next()), "parent_id": one["id"]})
    assert other_week.status_code == 422


def test_lent_caregivers_are_not_sent_to_two_towns_at_once(
    dispatcher: Api, api_as: ApiAs, database: Database, session: Any
) -> None:
    # One caregiver for two towns: the plan of the town without one must not take her from the other.
    both = build(session, towns=2, elders=6, caregivers=2)
    whole = dispatcher.published()
    one = both.towns[0]
    her = api_as(Role.DISPATCHER, [one])
    second = her.draft(seed=3)
    assert her.publish(second).status_code == 200
    taken: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for schedule, town in ((second, one), (whole, both.towns[1])):
        for visit in dispatcher.visits(schedule["id"], town_id=town, state="placed"):
            for caregiver in visit["caregiver_ids"]:
                span = (visit["start_minute"], visit["start_minute"] + visit["minutes"])
                taken.setdefault((caregiver, visit["day"]), []).append(span)
    for spans in taken.values():
        for (_, ends), (starts, _) in zip(sorted(spans), sorted(spans)[1:], strict=False):
            assert ends <= starts


def test_a_week_that_has_begun_keeps_its_days_gone(
    dispatcher: Api, city: SmallCity, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = dispatcher.published()
    thursday = WEEK.days[3]
    monkeypatch.setattr(clock, "today", lambda: thursday)
    second = replanned(dispatcher, first, seed=11)
    assert second["run"]["from_day"] == str(thursday)
    before, after = stands(dispatcher.visits(first["id"])), stands(dispatcher.visits(second["id"]))
    gone = {key for key, (day, _, _) in before.items() if day < str(thursday)}
    assert gone
    assert {key: after[key] for key in gone} == {key: before[key] for key in gone}
    assert all(day >= str(thursday) for key, (day, _, _) in after.items() if key not in gone and day)
    settled = next(each for each in dispatcher.visits(second["id"]) if each["key"] in gone)
    refused = edit(dispatcher, second, {"unpin": {"visit_id": settled["id"]}})
    assert refused.status_code == 409
    assert "settled" in refused.json()["detail"]
    assert dispatcher.publish(second).status_code == 200
    with database.read() as session:
        assert set(session.scalars(select(Booking.visit_key))) == set(after)
        assert session.scalars(select(PlanRun.from_day).order_by(PlanRun.id)).all()[-1] == thursday


def test_next_week_follows_this_week(dispatcher: Api, city: SmallCity) -> None:
    dispatcher.published()
    following = dispatcher.draft(week=str(WEEK.next()))
    assert following["figures"]["due_minutes"] > 0
    assert Week.parse(following["week"]).monday == WEEK.monday + timedelta(days=7)
    assert dispatcher.publish(following).status_code == 200
