"""Certificates, working hours and leave over the API."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.caregivers.models import Caregiver, Certificate, Leave, WorkingHours
from app.centres.models import Town
from tests.app import given
from tests.app.conftest import SignInAs

CERTIFICATE = {"skill": "bathing", "issued_on": "2025-01-01", "expires_on": "2025-12-31"}
LEAVE = {"kind": "annual", "first_on": "2026-12-07", "last_on": "2026-12-11"}


@pytest.fixture
def town(session: Session) -> Town:
    """A town."""
    town = given.town(session)
    session.commit()
    return town


@pytest.fixture
def caregiver(session: Session, town: Town) -> Caregiver:
    """A caregiver without certificates and hours."""
    caregiver = given.caregiver(session, town, skills=(), weekdays=())
    session.commit()
    return caregiver


@pytest.fixture
def url(caregiver: Caregiver) -> str:
    """Where her things are."""
    return f"/api/v1/caregivers/{caregiver.id}"


@pytest.fixture
def dispatcher(sign_in_as: SignInAs, town: Town) -> dict[str, str]:
    """The headers of the town's dispatcher."""
    return sign_in_as(Role.DISPATCHER, towns=[town.id])


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("certificates", CERTIFICATE, {"expires_on": "2026-12-31"}),
        ("leaves", LEAVE | {"starts": None, "ends": None, "note": "探亲"}, {"starts": 480, "ends": 720}),
    ],
)
def test_add_list_read_change_delete(
    client: TestClient,
    dispatcher: dict[str, str],
    url: str,
    caregiver: Caregiver,
    session: Session,
    path: str,
    body: dict[str, Any],
    change: dict[str, Any],
) -> None:
    added = client.post(f"{url}/{path}", json=body, headers=dispatcher)
    assert added.status_code == 201, added.text
    assert added.json() == body | {"id": added.json()["id"], "caregiver_id": caregiver.id, "version": 1}
    one = f"{url}/{path}/{added.json()['id']}"
    assert client.get(f"{url}/{path}", headers=dispatcher).json() == [added.json()]
    assert client.get(one, headers=dispatcher).headers["etag"] == added.headers["etag"] == '"1"'
    first, second = {"If-Match": '"1"'}, {"If-Match": '"2"'}
    assert client.patch(one, json=change, headers=dispatcher).status_code == 428
    assert client.patch(one, json=change, headers=dispatcher | second).status_code == 412
    assert client.patch(one, json=change, headers=dispatcher | first).json() == added.json() | change | {"version": 2}
    assert client.delete(one, headers=dispatcher).status_code == 428
    assert client.delete(one, headers=dispatcher | first).status_code == 412
    assert client.delete(one, headers=dispatcher | second).status_code == 204
    assert client.get(one, headers=dispatcher).status_code == 404
    entity = path.removesuffix("s")
    entries = session.scalars(select(AuditEntry).where(AuditEntry.entity == entity).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == [f"{entity}.{verb}" for verb in ("create", "change", "delete")]
    assert {(entry.town_id, entry.changes["caregiver_id"]) for entry in entries} == {(caregiver.town_id, caregiver.id)}
    assert "探亲" not in str([entry.changes for entry in entries])


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("certificates", CERTIFICATE | {"skill": "magic"}, "body.skill"),
        ("certificates", CERTIFICATE | {"expires_on": "2024-12-31"}, "body.expires_on"),
        ("certificates", CERTIFICATE | {"issued_on": "1899-12-31"}, "body.issued_on"),
        ("leaves", LEAVE | {"kind": "party"}, "body.kind"),
        ("leaves", LEAVE | {"last_on": "2026-12-06"}, "body.last_on"),
        ("leaves", LEAVE | {"starts": 480}, "body.ends"),
        ("leaves", LEAVE | {"ends": 480}, "body.starts"),
        ("leaves", LEAVE | {"starts": 480, "ends": 480}, "body.ends"),
        ("leaves", LEAVE | {"starts": -1, "ends": 480}, "body.starts"),
        ("leaves", LEAVE | {"starts": 480, "ends": 1441}, "body.ends"),
        ("leaves", LEAVE | {"note": "x" * 201}, "body.note"),
        ("leaves", LEAVE | {"note": "\0"}, "body.note"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_stored(
    client: TestClient,
    dispatcher: dict[str, str],
    url: str,
    session: Session,
    path: str,
    body: dict[str, Any],
    field: str,
) -> None:
    answer = client.post(f"{url}/{path}", json=body, headers=dispatcher)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    for model in (Certificate, Leave):
        assert session.scalar(select(func.count()).select_from(model)) == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("certificates", CERTIFICATE | {"expires_on": "2025-01-01"}),
        ("leaves", LEAVE | {"last_on": "2026-12-07"}),
        ("leaves", LEAVE | {"starts": 480, "ends": 481}),
        ("leaves", LEAVE | {"starts": 0, "ends": 1440}),
    ],
)
def test_what_is_just_right(
    client: TestClient, dispatcher: dict[str, str], url: str, path: str, body: dict[str, Any]
) -> None:
    assert client.post(f"{url}/{path}", json=body, headers=dispatcher).status_code == 201


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("certificates", CERTIFICATE, {"issued_on": "2026-01-01"}),
        ("certificates", CERTIFICATE, {"skill": None}),
        ("leaves", LEAVE, {"first_on": "2026-12-12"}),
        ("leaves", LEAVE, {"starts": 480}),
        ("leaves", LEAVE, {"first_on": None}),
    ],
)
def test_a_change_keeps_the_rules(
    client: TestClient, dispatcher: dict[str, str], url: str, path: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    made = client.post(f"{url}/{path}", json=body, headers=dispatcher).json()
    one = f"{url}/{path}/{made['id']}"
    assert client.patch(one, json=change, headers=dispatcher | {"If-Match": '"1"'}).status_code == 422
    assert client.get(one, headers=dispatcher).json() == made


@pytest.mark.parametrize(("ending_from", "found"), [("2026-12-11", 1), ("2026-12-12", 0)])
def test_leave_that_lasts_up_to_a_day(
    client: TestClient, dispatcher: dict[str, str], url: str, ending_from: str, found: int
) -> None:
    client.post(f"{url}/leaves", json=LEAVE, headers=dispatcher).raise_for_status()
    listed = client.get(f"{url}/leaves", params={"ending_from": ending_from}, headers=dispatcher)
    assert len(listed.json()) == found


def test_the_week_is_put_as_a_whole(
    client: TestClient, dispatcher: dict[str, str], url: str, caregiver: Caregiver, session: Session
) -> None:
    path = f"{url}/working-hours"
    empty = client.get(path, headers=dispatcher)
    assert (empty.json(), empty.headers["etag"]) == ({"days": []}, '"1"')
    days = [{"weekday": 6, "starts": 0, "ends": 1440}, {"weekday": 0, "starts": 450, "ends": 451}]
    assert client.put(path, json={"days": days}, headers=dispatcher).status_code == 428
    put = client.put(path, json={"days": days}, headers=dispatcher | {"If-Match": '"1"'})
    assert (put.json(), put.headers["etag"]) == ({"days": days[::-1]}, '"2"')
    assert client.put(path, json={"days": []}, headers=dispatcher | {"If-Match": '"1"'}).status_code == 412
    whole = [{"weekday": weekday, "starts": 480, "ends": 1020} for weekday in range(7)]
    again = client.put(path, json={"days": whole}, headers=dispatcher | {"If-Match": '"2"'})
    assert client.get(path, headers=dispatcher).json() == again.json() == {"days": whole}
    assert session.scalar(select(func.count()).select_from(WorkingHours)) == 7
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "caregiver.working_hours"))
    assert [entry.changes for entry in entries] == [{"weekdays": [0, 6]}, {"weekdays": list(range(7))}]


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ([{"weekday": 7, "starts": 450, "ends": 1080}], "body.days.0.weekday"),
        ([{"weekday": -1, "starts": 450, "ends": 1080}], "body.days.0.weekday"),
        ([{"weekday": 0, "starts": 450, "ends": 450}], "body.days.0.ends"),
        ([{"weekday": 0, "starts": 450, "ends": 1441}], "body.days.0.ends"),
        (
            [{"weekday": 0, "starts": 450, "ends": 500}, {"weekday": 0, "starts": 600, "ends": 700}],
            "body.days.1.weekday",
        ),
        ([{"weekday": 0, "starts": 450, "ends": 500}] * 8, "body.days"),
    ],
)
def test_a_wrong_week_is_refused_as_a_whole(
    client: TestClient, dispatcher: dict[str, str], url: str, session: Session, days: list[Any], field: str
) -> None:
    answer = client.put(f"{url}/working-hours", json={"days": days}, headers=dispatcher | {"If-Match": '"1"'})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert session.scalar(select(func.count()).select_from(WorkingHours)) == 0


def test_nothing_of_another_caregiver_or_another_town(
    client: TestClient, dispatcher: dict[str, str], url: str, town: Town, session: Session
) -> None:
    colleague = given.caregiver(session, town, skills=())
    hers = given.certificate(session, colleague), given.leave(session, colleague)
    stranger = given.caregiver(session, given.town(session), skills=())
    theirs = given.certificate(session, stranger), given.leave(session, stranger)
    session.commit()
    headers = dispatcher | {"If-Match": '"1"'}
    others = [f"{url}/certificates/{hers[0].id}", f"{url}/leaves/{hers[1].id}"]
    foreign = f"/api/v1/caregivers/{stranger.id}"
    others += [f"{foreign}/certificates/{theirs[0].id}", f"{foreign}/leaves/{theirs[1].id}"]
    for one in others:
        assert client.get(one, headers=headers).status_code == 404
        assert client.patch(one, json={}, headers=headers).status_code == 404
        assert client.delete(one, headers=headers).status_code == 404
    assert client.get(f"{foreign}/certificates", headers=headers).status_code == 404
    assert client.get(f"{foreign}/leaves", headers=headers).status_code == 404
    assert client.get(f"{foreign}/working-hours", headers=headers).status_code == 404
    assert client.post(f"{foreign}/certificates", json=CERTIFICATE, headers=headers).status_code == 404
    assert client.post(f"{foreign}/leaves", json=LEAVE, headers=headers).status_code == 404
    assert client.put(f"{foreign}/working-hours", json={"days": []}, headers=headers).status_code == 404


@pytest.mark.parametrize(("role", "reads"), [(Role.AUDITOR, 200), (Role.CAREGIVER, 403)])
def test_who_may_only_read_or_not_even_that(
    client: TestClient,
    sign_in_as: SignInAs,
    url: str,
    caregiver: Caregiver,
    session: Session,
    role: Role,
    reads: int,
) -> None:
    certificate = given.certificate(session, caregiver)
    leave = given.leave(session, caregiver, note="手术")
    session.commit()
    headers = sign_in_as(role, caregiver_id=caregiver.id if role is Role.CAREGIVER else None) | {"If-Match": '"1"'}
    ones = (f"{url}/certificates/{certificate.id}", f"{url}/leaves/{leave.id}")
    for path in (f"{url}/certificates", f"{url}/leaves", f"{url}/working-hours", *ones):
        answer = client.get(path, headers=headers)
        assert answer.status_code == reads
        assert "手术" not in answer.text
    for one in ones:
        assert client.patch(one, json={}, headers=headers).status_code == 403
        assert client.delete(one, headers=headers).status_code == 403
    assert client.post(f"{url}/certificates", json=CERTIFICATE, headers=headers).status_code == 403
    assert client.post(f"{url}/leaves", json=LEAVE, headers=headers).status_code == 403
    assert client.put(f"{url}/working-hours", json={"days": []}, headers=headers).status_code == 403
