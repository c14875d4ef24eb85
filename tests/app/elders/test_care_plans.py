"""Care plans over the API."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.elders.care_plan_schemas import VISIT_MINUTES
from app.elders.models import Elder
from tests.app import given
from tests.app.conftest import SignInAs

FIRST = {"If-Match": '"1"'}
PLAN: dict[str, Any] = {"valid_from": "2026-01-01", "visit_minutes": 60, "items": ["meals"]}


def set_up(session: Session, sign_in_as: SignInAs) -> tuple[Elder, dict[str, str], str]:
    town = given.town(session)
    elder = given.elder(session, town)
    session.commit()
    return elder, sign_in_as(Role.DISPATCHER, [town.id]), f"/api/v1/elders/{elder.id}/care-plans"


def window(**fields: Any) -> dict[str, Any]:
    return {"windows": [{"weekday": 0, "opens": 480, "closes": 660} | fields]}


def test_create_list_and_change(client: TestClient, session: Session, sign_in_as: SignInAs) -> None:
    _, headers, url = set_up(session, sign_in_as)
    made = client.post(url, json=PLAN | window(wished=True) | {"extra_skills": ["dementia"]}, headers=headers)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"'), made.text
    assert made.json()["windows"] == [{"weekday": 0, "opens": 480, "closes": 660, "wished": True}]
    same_day = client.post(url, json=PLAN, headers=headers)
    assert (same_day.status_code, same_day.json()["errors"][0]["field"]) == (409, "body.valid_from")
    assert client.post(url, json=PLAN | {"valid_from": "2026-06-15"}, headers=headers).status_code == 201
    listed = client.get(url, headers=headers).json()
    assert [plan["valid_from"] for plan in listed] == ["2026-01-01", "2026-06-15"]
    one = f"{url}/{listed[0]['id']}"
    assert client.patch(one, json={"hands": 2}, headers=headers).status_code == 428
    changed = client.patch(one, json={"hands": 2, "note": "轻声"}, headers=headers | FIRST)
    assert (changed.json()["hands"], changed.json()["items"], changed.headers["etag"]) == (2, ["meals"], '"2"')
    assert client.patch(one, json={"hands": 1}, headers=headers | FIRST).status_code == 412
    taken = client.patch(one, json={"valid_from": "2026-06-15"}, headers=headers | {"If-Match": '"2"'})
    assert taken.status_code == 409
    assert client.get(url, headers=sign_in_as(Role.AUDITOR)).json()[0]["note"] == "***"


@pytest.mark.parametrize("minutes", VISIT_MINUTES)
def test_lengths_of_which_a_grant_is_whole_visits(minutes: int) -> None:
    assert 240 % minutes == 0
    assert 480 % minutes == 0


def test_every_length_that_divides_is_offered() -> None:
    assert tuple(minutes for minutes in range(30, 241) if 240 % minutes == 0) == VISIT_MINUTES


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"visit_minutes": 29}, 422),
        ({"visit_minutes": 30}, 201),
        ({"visit_minutes": 90}, 422),
        ({"visit_minutes": 240}, 201),
        ({"visit_minutes": 241}, 422),
        ({"hands": 0}, 422),
        ({"hands": 3}, 422),
        ({"min_days_between": 6}, 201),
        ({"min_days_between": 7}, 422),
        ({"min_days_between": -1}, 422),
        ({"hands": 2, "max_carers": 2}, 201),
        ({"hands": 2, "max_carers": 1}, 422),
        (window(opens=480, closes=480), 422),
        (window(opens=479, closes=480), 201),
        (window(closes=1440), 201),
        (window(closes=1441), 422),
        (window(weekday=6), 201),
        (window(weekday=7), 422),
        ({"items": []}, 422),
        ({"items": ["dancing"]}, 422),
        ({"items": ["meals", "meals"]}, 422),
        ({"extra_skills": ["flying"]}, 422),
        ({"required_gender": "female", "wished_gender": "male"}, 422),
        ({"required_gender": "female", "wished_gender": "female"}, 201),
    ],
)
def test_limits(
    client: TestClient, session: Session, sign_in_as: SignInAs, fields: dict[str, Any], status: int
) -> None:
    _, headers, url = set_up(session, sign_in_as)
    answer = client.post(url, json=PLAN | fields, headers=headers)
    assert answer.status_code == status, answer.text
    assert len(client.get(url, headers=headers).json()) == (status == 201)


def test_a_wrong_length_says_which_are_right(client: TestClient, session: Session, sign_in_as: SignInAs) -> None:
    _, headers, url = set_up(session, sign_in_as)
    error = client.post(url, json=PLAN | {"visit_minutes": 90}, headers=headers).json()["errors"][0]
    assert error["field"] == "body.visit_minutes"
    assert "30, 40, 48, 60, 80, 120, 240" in error["expected"]


def test_of_another_town(client: TestClient, session: Session, sign_in_as: SignInAs) -> None:
    elder, _, url = set_up(session, sign_in_as)
    elsewhere = given.town(session)
    plan = given.care_plan(session, elder)
    session.commit()
    other = sign_in_as(Role.DISPATCHER, [elsewhere.id])
    assert client.get(url, headers=other).status_code == 404
    assert client.get(f"{url}/{plan.id}", headers=other).status_code == 404
    assert client.get(f"{url}/{plan.id}", headers=sign_in_as(Role.AUDITOR)).headers["etag"] == '"1"'
    assert client.post(url, json=PLAN, headers=other).status_code == 404
    assert client.patch(f"{url}/{plan.id}", json={"hands": 2}, headers=other | FIRST).status_code == 404
    assert client.post(url, json=PLAN, headers=sign_in_as(Role.AUDITOR)).status_code == 403
