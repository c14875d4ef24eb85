"""The ledger and the special days over the API."""

import csv
import io
from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.centres.models import Town
from app.core.crypto import mask_name
from app.elders.models import Elder
from app.entitlements.models import SpecialDay
from tests.app import given
from tests.app.conftest import SignInAs

LEDGER = "/api/v1/ledger"
DAYS = "/api/v1/special-days"


@pytest.fixture
def towns(session: Session) -> list[Town]:
    """Two towns with three and two elders with 4 hours; the last has no care plan."""
    found = [given.town(session), given.town(session)]
    for town, n in zip(found, (3, 2), strict=True):
        for i in range(n):
            elder = given.elder(session, town)
            given.grant(session, elder)
            if town is found[0] or i == 0:
                given.care_plan(session, elder)
    session.commit()
    return found


def test_pages_and_sums_of_the_city(client: TestClient, sign_in_as: SignInAs, towns: list[Town]) -> None:
    headers = sign_in_as(Role.AUDITOR)
    first = client.get(LEDGER, params={"month": "2098-12", "limit": 3}, headers=headers).json()
    assert first["totals"]["elders"] == 5
    assert first["totals"]["granted"] == 1200
    assert first["totals"]["reasons"][0]["code"] == "no_care_plan"
    assert first["calendar_known"] is False
    assert len(first["items"]) == 3
    params = {"month": "2098-12", "limit": 3, "after": first["next_after"]}
    second = client.get(LEDGER, params=params, headers=headers).json()
    assert second["totals"] is None
    assert second["next_after"] is None
    ids = [item["elder_id"] for item in first["items"] + second["items"]]
    assert len(ids) == 5
    assert ids == sorted(ids)


def test_those_at_risk_with_plain_words(client: TestClient, sign_in_as: SignInAs, towns: list[Town]) -> None:
    params = {"month": "2098-12", "at_risk": "true"}
    found = client.get(LEDGER, params=params, headers=sign_in_as(Role.DISPATCHER)).json()
    assert found["totals"]["elders"] == 5
    assert [item["town_id"] for item in found["items"]] == [towns[1].id]
    assert found["items"][0]["short"] == 240
    assert found["items"][0]["reasons"][0]["zh"] == "没有服务方案"


@pytest.mark.parametrize(("role", "names"), [(Role.DISPATCHER, True), (Role.AUDITOR, False)])
def test_the_month_as_a_table(
    client: TestClient, session: Session, sign_in_as: SignInAs, towns: list[Town], role: Role, names: bool
) -> None:
    elder = session.scalars(select(Elder).order_by(Elder.id)).first()
    assert elder is not None
    elder.name = "=1+1"
    session.commit()
    headers = sign_in_as(role)
    path = f"{LEDGER}.csv"
    answer = client.get(path, params={"month": "2098-12", "lang": "en"}, headers=headers)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0]["elder number"] == elder.number
    assert [row["granted minutes"] for row in rows] == ["240"] * 5
    assert rows[0].get("elder name") == ("'=1+1" if names else None)
    risky = client.get(path, params={"month": "2098-12", "at_risk": True, "town_id": towns[1].id}, headers=headers)
    (row,) = csv.DictReader(io.StringIO(risky.content.decode("utf-8-sig")))
    assert (row["缺口（分钟）"], row["有风险"], row["原因"]) == ("240", "是", "没有服务方案")
    taken = session.scalars(select(AuditEntry).where(AuditEntry.entity == "ledger").order_by(AuditEntry.id)).all()
    assert [entry.town_id for entry in taken] == [None, towns[1].id]
    assert taken[0].changes == {"form": "csv", "month": "2098-12", "at_risk": None, "personal": names}


def test_names_of_the_ledger_are_masked_for_auditors(
    client: TestClient, session: Session, sign_in_as: SignInAs, towns: list[Town]
) -> None:
    known = {elder.id: (elder.number, elder.name) for elder in session.scalars(select(Elder))}
    session.commit()
    for role, seen in ((Role.DISPATCHER, str), (Role.AUDITOR, mask_name)):
        items = client.get(LEDGER, params={"month": "2026-11"}, headers=sign_in_as(role)).json()["items"]
        assert [item["elder_name"] for item in items] == [seen(known[item["elder_id"]][1]) for item in items]
        assert [item["elder_number"] for item in items] == [known[item["elder_id"]][0] for item in items]


def test_one_elder_and_one_town(client: TestClient, sign_in_as: SignInAs, session: Session, towns: list[Town]) -> None:
    headers = sign_in_as(Role.DISPATCHER, [towns[0].id])
    ours = session.scalars(select(Elder.id).where(Elder.town_id == towns[0].id)).first()
    theirs = session.scalars(select(Elder.id).where(Elder.town_id == towns[1].id)).first()
    assert len(client.get(LEDGER, params={"month": "2026-11"}, headers=headers).json()["items"]) == 3
    one = client.get(LEDGER, params={"month": "2026-11", "elder_id": ours}, headers=headers).json()
    assert [item["elder_id"] for item in one["items"]] == [ours]
    hidden = client.get(LEDGER, params={"month": "2026-11", "elder_id": theirs}, headers=headers)
    assert hidden.status_code == 404
    refused = client.get(LEDGER, params={"month": "2026-11", "town_id": towns[1].id}, headers=headers)
    assert refused.status_code == 403
    by_town = client.get(LEDGER, params={"month": "2026-11", "town_id": towns[0].id}, headers=headers).json()
    assert by_town["totals"]["elders"] == 3


def test_the_summary_by_town(client: TestClient, sign_in_as: SignInAs, towns: list[Town]) -> None:
    found = client.get(f"{LEDGER}/summary", params={"month": "2098-12"}, headers=sign_in_as(Role.AUDITOR)).json()
    assert [(town["town_id"], town["elders"], town["at_risk"]) for town in found["towns"]] == [
        (towns[0].id, 3, 0),
        (towns[1].id, 2, 1),
    ]
    assert found["totals"]["elders"] == 5
    mine = client.get(
        f"{LEDGER}/summary", params={"month": "2098-12"}, headers=sign_in_as(Role.DISPATCHER, [towns[1].id])
    ).json()
    assert [town["town_id"] for town in mine["towns"]] == [towns[1].id]
    assert mine["totals"]["elders"] == 2


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "2026-00", "1999-12", "2200-01", "2026-1", "x" * 7])
@pytest.mark.parametrize("path", [LEDGER, f"{LEDGER}/summary", f"{LEDGER}.csv"])
def test_what_is_no_month_is_refused(client: TestClient, sign_in_as: SignInAs, month: str, path: str) -> None:
    answer = client.get(path, params={"month": month}, headers=sign_in_as(Role.AUDITOR))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "query.month"


@pytest.mark.parametrize("month", ["2000-01", "2199-12"])
def test_the_first_and_the_last_month_are_answered(client: TestClient, sign_in_as: SignInAs, month: str) -> None:
    assert client.get(LEDGER, params={"month": month}, headers=sign_in_as(Role.AUDITOR)).json()["items"] == []


def test_a_caregiver_may_not_see_the_ledger(client: TestClient, session: Session, sign_in_as: SignInAs) -> None:
    caregiver = given.caregiver(session, given.town(session))
    session.commit()
    headers = sign_in_as(Role.CAREGIVER, caregiver_id=caregiver.id)
    assert client.get(LEDGER, params={"month": "2026-11"}, headers=headers).status_code == 403
    assert client.get(f"{LEDGER}/summary", params={"month": "2026-11"}, headers=headers).status_code == 403
    assert client.get(DAYS, headers=headers).status_code == 200


def test_special_days_are_made_changed_and_removed(client: TestClient, session: Session, sign_in_as: SignInAs) -> None:
    headers = sign_in_as(Role.ADMINISTRATOR)
    body = {"day": "2027-02-06", "kind": "closed", "name": "春节"}
    made = client.post(DAYS, json=body, headers=headers)
    assert made.status_code == 201
    assert made.headers["etag"] == '"1"'
    path = f"{DAYS}/{made.json()['id']}"
    twice = client.post(DAYS, json=body, headers=headers)
    assert (twice.status_code, twice.json()["errors"][0]["field"]) == (409, "body.day")
    assert client.patch(path, json={"kind": "open"}, headers=headers).status_code == 428
    changed = client.patch(path, json={"kind": "open"}, headers=headers | {"If-Match": '"1"'})
    assert (changed.json()["kind"], changed.json()["name"], changed.headers["etag"]) == ("open", "春节", '"2"')
    assert client.patch(path, json={"kind": "closed"}, headers=headers | {"If-Match": '"1"'}).status_code == 412
    assert client.get(path, headers=headers).json()["kind"] == "open"
    listed = client.get(DAYS, params={"first_on": "2027-02-06", "last_on": "2027-02-06"}, headers=headers).json()
    assert len(listed["items"]) == 1
    assert client.get(DAYS, params={"first_on": "2027-02-07"}, headers=headers).json()["items"] == []
    assert client.delete(path, headers=headers | {"If-Match": '"1"'}).status_code == 412
    assert client.delete(path, headers=headers | {"If-Match": '"2"'}).status_code == 204
    assert client.get(path, headers=headers).status_code == 404
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.entity == "specialday"))
    assert list(actions) == ["special_day.create", "special_day.change", "special_day.delete"]


@pytest.mark.parametrize(
    "body",
    [
        {"day": "2200-01-01", "kind": "closed", "name": "x"},
        {"day": "1899-12-31", "kind": "closed", "name": "x"},
        {"day": "2026-02-30", "kind": "closed", "name": "x"},
        {"day": "2026-02-03", "kind": "half", "name": "x"},
        {"day": "2026-02-03", "kind": "open", "name": " "},
        {"day": "2026-02-03", "kind": "open", "name": "x\u0000"},
        {"day": "2026-02-03", "kind": "open", "name": "x", "more": 1},
    ],
)
def test_what_is_no_special_day_is_refused(
    client: TestClient, session: Session, sign_in_as: SignInAs, body: dict[str, object]
) -> None:
    assert client.post(DAYS, json=body, headers=sign_in_as(Role.ADMINISTRATOR)).status_code == 422
    assert session.scalars(select(SpecialDay)).all() == []


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.AUDITOR])
def test_only_an_administrator_changes_special_days(
    client: TestClient, session: Session, sign_in_as: SignInAs, role: Role
) -> None:
    row = given.special_day(session, date(2027, 2, 6))
    session.commit()
    headers = sign_in_as(role) | {"If-Match": '"1"'}
    body = {"day": "2027-02-07", "kind": "closed", "name": "春节"}
    assert client.post(DAYS, json=body, headers=headers).status_code == 403
    assert client.patch(f"{DAYS}/{row.id}", json={"kind": "open"}, headers=headers).status_code == 403
    assert client.delete(f"{DAYS}/{row.id}", headers=headers).status_code == 403
    assert client.get(f"{DAYS}/{row.id}", headers=headers).status_code == 200
    assert client.get(DAYS, headers={}).status_code == 401
