"""Reading the audit log over the API."""

from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.centres.models import Town
from tests.app import given
from tests.app.conftest import SignInAs

URL = "/api/v1/audit"


@pytest.fixture
def towns(session: Session) -> list[Town]:
    """Two towns."""
    towns = [given.town(session), given.town(session)]
    session.commit()
    return towns


@pytest.fixture
def auditor(sign_in_as: SignInAs) -> dict[str, str]:
    """The headers of an auditor of the whole city."""
    return sign_in_as(Role.AUDITOR)


def _entry(session: Session, **columns: Any) -> int:
    defaults = {
        "at": datetime(2026, 3, 1, 12, tzinfo=UTC),
        "user_id": 7,
        "action": "elder.change",
        "entity": "elder",
        "entity_id": 5,
        "changes": {"phone": "changed"},
    }
    entry = AuditEntry(**(defaults | columns))
    session.add(entry)
    session.commit()
    return entry.id


def _found(client: TestClient, headers: dict[str, str], **parameters: Any) -> list[int]:
    answer = client.get(URL, params=parameters, headers=headers)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"] if item["action"] != "sign-in"]


def test_newest_first_page_by_page(client: TestClient, auditor: dict[str, str], session: Session) -> None:
    ids = [_entry(session) for _ in range(5)]
    first = client.get(URL, params={"limit": 2}, headers=auditor).json()
    assert [item["id"] for item in first["items"]] == [ids[4], ids[3]]
    assert first["items"][0]["changes"] == {"phone": "changed"}
    assert first["items"][0]["at"] == "2026-03-01T12:00:00Z"
    second = client.get(URL, params={"limit": 2, "before": first["next_before"]}, headers=auditor).json()
    assert [item["id"] for item in second["items"]] == [ids[2], ids[1]]
    last = client.get(URL, params={"limit": 500, "before": second["next_before"]}, headers=auditor).json()
    assert last["next_before"] is None
    assert last["items"][0]["id"] == ids[0]


def test_filters(client: TestClient, auditor: dict[str, str], session: Session) -> None:
    ids = [
        _entry(session),
        _entry(session, user_id=8),
        _entry(session, entity="centre", action="centre.close"),
        _entry(session, entity_id=6),
    ]
    assert _found(client, auditor, user_id=8) == [ids[1]]
    assert _found(client, auditor, entity="centre") == [ids[2]]
    assert _found(client, auditor, action="centre.close") == [ids[2]]
    assert _found(client, auditor, entity="elder", entity_id=6) == [ids[3]]
    assert _found(client, auditor, entity="visit") == []


def test_days_are_days_in_china_and_both_ends_are_in(
    client: TestClient, auditor: dict[str, str], session: Session
) -> None:
    ids = [
        _entry(session, at=datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC)),
        _entry(session, at=datetime(2026, 2, 28, 16, 0, 0, tzinfo=UTC)),
        _entry(session, at=datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)),
        _entry(session, at=datetime(2026, 3, 1, 16, 0, 0, tzinfo=UTC)),
    ]
    assert _found(client, auditor, from_on="2026-03-01", to_on="2026-03-01") == [ids[2], ids[1]]
    assert _found(client, auditor, to_on="2026-02-28") == [ids[0]]
    assert _found(client, auditor, from_on="2026-03-02") == [ids[3]]


def test_an_auditor_of_some_towns_sees_only_theirs(
    client: TestClient, sign_in_as: SignInAs, towns: list[Town], session: Session
) -> None:
    own, foreign = _entry(session, town_id=towns[0].id), _entry(session, town_id=towns[1].id)
    city = _entry(session)
    headers = sign_in_as(Role.AUDITOR, towns=[towns[0].id])
    assert _found(client, headers) == [own]
    assert client.get(URL, params={"town_id": towns[1].id}, headers=headers).status_code == 403
    assert _found(client, sign_in_as(Role.ADMINISTRATOR)) == [city, foreign, own]
    assert _found(client, sign_in_as(Role.ADMINISTRATOR), town_id=towns[1].id) == [foreign]


def test_who_may_not_read_it(client: TestClient, sign_in_as: SignInAs, towns: list[Town], session: Session) -> None:
    caregiver = given.caregiver(session, towns[0])
    session.commit()
    assert client.get(URL).status_code == 401
    assert client.get(URL, headers=sign_in_as(Role.DISPATCHER)).status_code == 403
    assert client.get(URL, headers=sign_in_as(Role.CAREGIVER, caregiver_id=caregiver.id)).status_code == 403


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": 0},
        {"limit": 501},
        {"before": 0},
        {"before": 2**63},
        {"user_id": -1},
        {"entity": "a b"},
        {"action": "x" * 61},
        {"from_on": "1899-12-31"},
        {"to_on": "2200-01-01"},
    ],
)
def test_wrong_questions(client: TestClient, auditor: dict[str, str], parameters: dict[str, Any]) -> None:
    assert client.get(URL, params=parameters, headers=auditor).status_code == 422


@pytest.mark.parametrize("parameters", [{"limit": 500}, {"before": 2**63 - 1}, {"to_on": "2199-12-31"}])
def test_questions_at_the_edge(client: TestClient, auditor: dict[str, str], parameters: dict[str, Any]) -> None:
    assert client.get(URL, params=parameters, headers=auditor).status_code == 200
