"""Weeks in which there is little or nothing to plan, or nobody to do it."""

from typing import Any

from tests.app import given
from tests.app.schedules.conftest import Api


def test_a_town_without_caregivers_leaves_every_visit_out_and_says_why(dispatcher: Api, session: Any) -> None:
    town = given.town(session)
    for _ in range(3):
        elder = given.elder(session, town)
        given.care_plan(session, elder)
        given.grant(session, elder)
    session.commit()
    draft = dispatcher.draft()
    assert draft["status"] == "draft", draft["run"]
    assert draft["figures"]["placed_minutes"] == 0
    assert draft["figures"]["unallocated_without_reason"] == 0
    assert all(visit["state"] == "unallocated" and visit["reason"] for visit in dispatcher.visits(draft["id"]))
    assert dispatcher.publish(draft).status_code == 200


def test_a_town_without_elders_has_an_empty_week(dispatcher: Api, session: Any) -> None:
    given.caregiver(session, given.town(session))
    session.commit()
    draft = dispatcher.draft()
    assert draft["status"] == "draft", draft["run"]
    assert draft["figures"]["visits_due"] == 0
    assert dispatcher.visits(draft["id"]) == []
    assert dispatcher.publish(draft).status_code == 200


def test_a_double_handed_visit_is_made_by_two_at_once(dispatcher: Api, session: Any) -> None:
    town = given.town(session)
    caregivers = [given.caregiver(session, town).id for _ in range(2)]
    elder = given.elder(session, town)
    given.care_plan(session, elder, hands=2, items=["bathing"])
    given.grant(session, elder)
    session.commit()
    draft = dispatcher.draft()
    visits = dispatcher.visits(draft["id"])
    assert visits
    assert all(sorted(visit["caregiver_ids"]) == caregivers for visit in visits)
    assert draft["figures"]["due_minutes"] == sum(visit["minutes"] for visit in visits)


def test_a_skill_that_nobody_has_is_the_reason(dispatcher: Api, session: Any) -> None:
    town = given.town(session)
    given.caregiver(session, town)
    elder = given.elder(session, town)
    given.care_plan(session, elder, items=["medical"])
    given.grant(session, elder)
    session.commit()
    draft = dispatcher.draft()
    assert set(draft["figures"]["unallocated_by_reason"]) == {"no_skill"}
