"""Whatever is sent, the answer is a problem+json that says what was wrong, and nothing is stored."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.core import clock
from app.core.db import Database
from app.core.settings import Settings
from app.core.weeks import Week
from app.schedules import run, workbench
from app.schedules.models import PlanRun
from tests.app import given
from tests.app.conftest import SignInAs
from tests.app.two_towns import TwoTowns, counted, two_towns

WEEK = Week.of(clock.today()).next().next()
BEYOND = 2**63
MEGABYTE = 1_000_000
_numbers = count(1)
AS_JSON = {"Content-Type": "application/json"}


class Desk:
    """A dispatcher's calls that are refused."""

    def __init__(self, towns: TwoTowns) -> None:
        self.client, self.database = towns.client, towns.database
        self.headers = towns.headers("administrator")
        self.elder_id, self.caregiver_id = towns.own.elder_id, towns.own.caregiver_id
        self.town_id, self.village_id = towns.own.town_id, towns.own.village_id

    def refuse(self, status: int, method: str, path: str, **more: Any) -> Any:
        """Send a request; check that it is refused as every one should be, and return the problem."""
        before = counted(self.database)
        headers = {**self.headers, **more.pop("headers", {})}
        answer = self.client.request(method, f"/api/v1{path}", headers=headers, **more)
        assert answer.status_code == status, answer.text[:500]
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == status
        assert problem["type"].startswith("urn:jiuling:problem:")
        assert problem["title"]
        assert problem["detail"]
        assert problem["request_id"] == answer.headers["x-request-id"]
        assert counted(self.database) == before
        return problem

    def fields(self, method: str, path: str, **more: Any) -> list[str]:
        """Send a request that is refused as invalid, and return the names of the fields."""
        problem = self.refuse(422, method, path, **more)
        assert all(error["expected"] for error in problem["errors"])
        for error in problem["errors"]:
            assert not error["expected"].startswith(("Input ", "Field ", "String ", "List ")), "pydantic's own words"
        return [error["field"] for error in problem["errors"]]

    def elder(self, **fields: Any) -> dict[str, Any]:
        """Return the body of a new elder, valid but for what is named."""
        return {
            "number": f"E9{next(_numbers):04d}",
            "name": "王秀英",
            "id_number": given.id_number(date(1931, 5, 1)),
            "birth_date": "1931-05-01",
            "gender": "female",
            "address": "江滨路1号",
            "disability_grade": "mild",
            "town_id": self.town_id,
            "village_id": self.village_id,
            "joined_on": "2026-01-01",
            **fields,
        }


@pytest.fixture(scope="module")
def desk(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One database for all refusals, since none of them may change it; the administrator may do the most."""
    with two_towns(template, tmp_path_factory.mktemp("bad_input")) as towns:
        yield Desk(towns)


def test_the_elder_of_these_tests_is_good_but_for_what_is_wrong(desk: Desk) -> None:
    answer = desk.client.post("/api/v1/elders", json=desk.elder(), headers=desk.headers)
    assert answer.status_code == 201, answer.text


# --- numbers ----------------------------------------------------------------------------------------

OF_ROWS = ("elders", "caregivers", "centres", "towns", "villages", "users", "schedules", "special-days")


@pytest.mark.parametrize("rows", OF_ROWS)
def test_ids_up_to_2_to_the_63_are_looked_up_and_no_others(desk: Desk, rows: str) -> None:
    desk.refuse(404, "GET", f"/{rows}/{BEYOND - 1}")
    for wrong in (BEYOND, 10**400, -1, 0, "1.5", "one", "0x1", "½", "٣٣٣٣٣٣٣"):
        desk.refuse(422, "GET", f"/{rows}/{wrong}")


def test_json_that_ends_too_soon_is_told_where(desk: Desk) -> None:
    headers = {**desk.headers, **AS_JSON}
    problem = desk.refuse(422, "POST", "/schedules", content='{"week": ', headers=headers)
    (error,) = problem["errors"]
    assert (error["field"], error["code"]) == ("body", "json_invalid")
    assert "character 9" in error["expected"]
    assert "第 9 个字符" in error["expected_zh"]


def test_ids_beyond_2_to_the_63_in_query_and_body(desk: Desk) -> None:
    assert desk.fields("GET", "/elders", params={"town_id": BEYOND}) == ["query.town_id"]
    assert desk.fields("POST", "/elders", json=desk.elder(town_id=BEYOND)) == ["body.town_id"]
    assert desk.fields("POST", "/schedules", json={"week": str(WEEK), "town_ids": [BEYOND]}) == ["body.town_ids.0"]


@pytest.mark.parametrize(
    "path", ["/elders", "/caregivers", "/users", "/schedules", "/pairs", "/audit", "/special-days"]
)
def test_limits_are_1_to_500(desk: Desk, path: str) -> None:
    for right in (1, 500):
        answer = desk.client.get(f"/api/v1{path}", params={"limit": right}, headers=desk.headers)
        assert answer.status_code == 200
    for wrong in (-1, 0, 501, BEYOND):
        assert desk.fields("GET", path, params={"limit": wrong}) == ["query.limit"]


def test_pages_begin_after_0_or_more(desk: Desk) -> None:
    assert desk.fields("GET", "/elders", params={"after": -1}) == ["query.after"]
    assert desk.fields("GET", "/elders", params={"after": BEYOND}) == ["query.after"]
    answer = desk.client.get("/api/v1/elders", params={"after": BEYOND - 1}, headers=desk.headers)
    assert answer.json() == {"items": [], "next_after": None}


@pytest.mark.parametrize(
    "number", ["1" + "0" * 4000, "-1" + "0" * 4000, "1" + "0" * 4400, "1e19", "1e308", "-1", "0.5"]
)
def test_huge_numbers(desk: Desk, number: str) -> None:
    plan = json.dumps({"valid_from": "2027-01-01", "visit_minutes": 0, "items": ["meals"]}).replace(
        ": 0", f": {number}"
    )
    before = counted(desk.database)
    path = f"/api/v1/elders/{desk.elder_id}/care-plans"
    answer = desk.client.post(path, content=plan, headers={**desk.headers, **AS_JSON})
    assert answer.status_code in (400, 422)  # Python reads no integer of more than 4,300 digits
    assert answer.headers["content-type"] == "application/problem+json"
    assert counted(desk.database) == before


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_numbers_that_are_none(desk: Desk, number: str) -> None:
    body = json.dumps(desk.elder(latitude=0, longitude=120.1)).replace('"latitude": 0', f'"latitude": {number}')
    problem = desk.refuse(422, "POST", "/elders", content=body, headers=AS_JSON)
    assert problem["errors"][0]["field"] == "body.latitude"


def test_coordinates_stay_on_the_globe(desk: Desk) -> None:
    for field, wrong in (("latitude", 90.1), ("latitude", -90.1), ("longitude", 180.1), ("longitude", -180.1)):
        body = desk.elder(latitude=29.3, longitude=120.1) | {field: wrong}
        assert desk.fields("POST", "/elders", json=body) == [f"body.{field}"]


# --- text -------------------------------------------------------------------------------------------


def test_nul_bytes(desk: Desk) -> None:
    assert desk.fields("POST", "/elders", json=desk.elder(name="王\x00秀")) == ["body.name"]
    assert desk.fields("POST", "/elders", json=desk.elder(number="E1\x00")) == ["body.number"]
    assert desk.fields("GET", "/centres?q=%00") == ["query.q"]
    assert desk.fields("GET", "/audit?entity=%00") == ["query.entity"]
    desk.refuse(422, "GET", "/elders/1%00")
    desk.refuse(422, "POST", "/visits/%00/outcome", json={"state": "excused"})
    desk.refuse(422, "GET", "/calendar/00000000000000000000%00.ics")
    name = {"username": "a\x00b", "password": "x\x00y"}
    assert desk.fields("POST", "/auth/token", json=name) == ["body.username", "body.password"]


@pytest.mark.parametrize("control", ["\x01", "\x1b", "\x7f", "\x85", "\r"])
def test_control_characters(desk: Desk, control: str) -> None:
    assert desk.fields("POST", "/elders", json=desk.elder(name=f"王{control}秀")) == ["body.name"]
    assert desk.fields("POST", "/elders", json=desk.elder(address=f"路{control}1号")) == ["body.address"]


def test_half_a_surrogate_pair(desk: Desk) -> None:
    body = json.dumps(desk.elder(name="王?")).replace("?", "\\ud800")
    assert desk.refuse(422, "POST", "/elders", content=body, headers=AS_JSON)["errors"]


def test_bytes_that_are_not_utf_8(desk: Desk) -> None:
    body = json.dumps(desk.elder(name="王"), ensure_ascii=False).encode("gb18030")
    desk.refuse(400, "POST", "/elders", content=body, headers=AS_JSON)
    answer = desk.client.get("/api/v1/centres?q=%ff%fe", headers=desk.headers)
    assert answer.status_code == 200  # read as the replacement character, which is in no name
    assert answer.json()["items"] == []


def test_text_that_is_too_long_or_empty(desk: Desk) -> None:
    for wrong in ("", "   ", "王" * 101):
        assert desk.fields("POST", "/elders", json=desk.elder(name=wrong)) == ["body.name"]
    assert desk.fields("POST", "/elders", json=desk.elder(health_note="字" * 2001)) == ["body.health_note"]
    assert desk.fields("GET", "/centres", params={"q": "a" * 101}) == ["query.q"]
    assert desk.fields("POST", "/elders/search", json={"q": "a" * 101}) == ["body.q"]


def test_an_answer_does_not_repeat_more_than_a_hundred_characters(desk: Desk) -> None:
    problem = desk.refuse(422, "POST", "/elders", json=desk.elder(name="王" * 5000))
    assert len(problem["errors"][0]["value"]) == 100


# --- bodies -----------------------------------------------------------------------------------------


def test_a_body_of_10_megabytes_that_is_announced(desk: Desk) -> None:
    content = b'{"name": "' + b"x" * (10 * MEGABYTE) + b'"}'
    problem = desk.refuse(413, "POST", "/elders", content=content, headers=AS_JSON)
    assert "8000000" in problem["detail"]


@pytest.mark.parametrize("path", ["/elders", "/auth/token", "/imports/elders"])
def test_a_body_of_10_megabytes_that_comes_in_chunks(desk: Desk, path: str) -> None:
    sent = []

    def chunks() -> Iterator[bytes]:
        for n in range(10):
            sent.append(n)
            yield b"x" * MEGABYTE

    kind = {"Content-Type": "multipart/form-data; boundary=x" if "imports" in path else "application/json"}
    assert desk.refuse(413, "POST", path, content=chunks(), headers=kind)["type"].endswith("too-large")
    assert sent


def test_a_body_of_almost_8_megabytes_is_read(desk: Desk) -> None:
    content = json.dumps(desk.elder(name="王")).encode().rstrip(b"}")
    body = content + b" " * (7_999_999 - len(content)) + b"}"
    answer = desk.client.post("/api/v1/elders", content=body, headers={**desk.headers, **AS_JSON})
    assert answer.status_code == 201


@pytest.mark.parametrize("length", ["-1", "one", "9" * 30, ""])
def test_a_length_that_is_none(desk: Desk, length: str) -> None:
    desk.refuse(413, "POST", "/elders", content=b"{}", headers={**AS_JSON, "Content-Length": length})


@pytest.mark.parametrize(
    "content", [b"", b"{", b"{]}", b"'", b'{"name"}', b"\xff\xfe", b"null", b"[]", b'"text"', b"1"]
)
def test_malformed_json(desk: Desk, content: bytes) -> None:
    before = counted(desk.database)
    answer = desk.client.post("/api/v1/elders", content=content, headers={**desk.headers, **AS_JSON})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert counted(desk.database) == before


@pytest.mark.parametrize("depth", [100, 1_000, 100_000, 1_000_000])
@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")])
def test_json_that_is_deeply_nested(desk: Desk, depth: int, opens: str, closes: str) -> None:
    content = opens * depth + "1" + closes * depth
    before = counted(desk.database)
    answer = desk.client.post("/api/v1/elders", content=content, headers={**desk.headers, **AS_JSON})
    assert answer.status_code in (400, 422), answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert counted(desk.database) == before


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense", ""],
)
def test_another_kind_of_content(desk: Desk, kind: str) -> None:
    content = json.dumps(desk.elder())
    desk.refuse(422, "POST", "/elders", content=content, headers={"Content-Type": kind})


def test_a_form_without_its_boundary(desk: Desk) -> None:
    kind = {"Content-Type": "multipart/form-data"}
    desk.refuse(400, "POST", "/imports/elders", content=b"--x", headers=kind)


def test_unknown_fields_are_refused(desk: Desk) -> None:
    bodies: dict[str, Any] = {
        "/elders": desk.elder(),
        "/auth/token": {"username": "a", "password": "b"},
        "/schedules": {"week": str(WEEK)},
        f"/elders/{desk.elder_id}/grants": {
            "valid_from": "2027-01-01",
            "monthly_minutes": 240,
            "approved_by": "民政局",
            "approved_on": "2026-01-01",
            "reason": "年满九十",
        },
    }
    for path, body in bodies.items():
        assert desk.fields("POST", path, json=body | {"nmae": 1}) == ["body.nmae"]
    nested = {"week": str(WEEK), "policy": {"unserved_huor": 1}}
    assert desk.fields("POST", "/schedules", json=nested) == ["body.policy.unserved_huor"]


# --- days, weeks, windows ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "week",
    ["2026-W54", "2026-W00", "abc", "", "2026W48", "2026-w48", "2025-W53", "1999-W01", "2200-W01", "２０２６-W48", 48],
)
def test_wrong_weeks(desk: Desk, week: object) -> None:
    problem = desk.refuse(422, "POST", "/schedules", json={"week": week})
    assert problem["errors"][0]["field"] == "body.week"
    if isinstance(week, str):
        desk.refuse(422, "GET", "/schedules", params={"week": week})


def test_a_year_of_53_weeks_has_a_53rd(desk: Desk) -> None:
    answer = desk.client.get("/api/v1/schedules", params={"week": "2026-W53"}, headers=desk.headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "2026-1", "abc", "", "20266-1"])
def test_wrong_months(desk: Desk, month: str) -> None:
    assert desk.fields("GET", "/ledger", params={"month": month}) == ["query.month"]


@pytest.mark.parametrize(
    "day", ["2026-02-29", "2026-13-01", "0", "1e3", "1899-12-31", "2200-01-01", "2026-1-1", "today"]
)
def test_wrong_days(desk: Desk, day: str) -> None:
    assert desk.fields("GET", "/elders", params={"active_on": day}) == ["query.active_on"]
    assert desk.fields("POST", "/elders", json=desk.elder(joined_on=day)) == ["body.joined_on"]


@pytest.mark.parametrize(("opens", "closes", "right"), [(600, 599, False), (600, 600, False), (600, 601, True)])
def test_a_window_ends_after_it_starts(desk: Desk, opens: int, closes: int, right: bool) -> None:
    window = {"weekday": 0, "opens": opens, "closes": closes}
    plan = {"valid_from": "2027-02-01", "visit_minutes": 60, "items": ["meals"], "windows": [window]}
    path = f"/elders/{desk.elder_id}/care-plans"
    if right:
        assert desk.client.post(f"/api/v1{path}", json=plan, headers=desk.headers).status_code == 201
    else:
        assert desk.fields("POST", path, json=plan) == ["body.windows.0"]


def test_hours_of_work_and_leave_end_after_they_start(desk: Desk) -> None:
    path = f"/caregivers/{desk.caregiver_id}"
    version = desk.client.get(f"/api/v1{path}", headers=desk.headers).headers["etag"]
    hours = {"days": [{"weekday": 0, "starts": 1080, "ends": 450}]}
    desk.refuse(422, "PUT", f"{path}/working-hours", json=hours, headers={"If-Match": version})
    days = {"kind": "annual", "first_on": "2027-01-02", "last_on": "2027-01-01"}
    desk.refuse(422, "POST", f"{path}/leaves", json=days)
    minutes = {"kind": "annual", "first_on": "2027-01-01", "last_on": "2027-01-01", "starts": 600, "ends": 600}
    desk.refuse(422, "POST", f"{path}/leaves", json=minutes)
    certificate = {"skill": "care", "issued_on": "2026-01-01", "expires_on": "2025-12-31"}
    desk.refuse(422, "POST", f"{path}/certificates", json=certificate)


def test_whoever_was_born_on_29_february_is_90_on_1_march(desk: Desk) -> None:
    born = {"birth_date": "1936-02-29", "id_number": given.id_number(date(1936, 2, 29))}
    problem = desk.refuse(422, "POST", "/elders", json=desk.elder(joined_on="2026-02-28", **born))
    assert problem["may_join_on"] == "2026-03-01"
    answer = desk.client.post("/api/v1/elders", json=desk.elder(joined_on="2026-03-01", **born), headers=desk.headers)
    assert answer.status_code == 201, answer.text


def test_29_february_of_a_year_without_one(desk: Desk) -> None:
    assert desk.fields("POST", "/elders", json=desk.elder(birth_date="1935-02-29")) == ["body.birth_date"]


# --- routes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/elders/1/nothing", "/nothing", "/elders/1/grants/2/3", "/%2e%2e/etc/passwd", "/%00"]
)
def test_unknown_paths(desk: Desk, path: str) -> None:
    desk.refuse(404, "GET", path)
    desk.refuse(404, "POST", path, json={})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/elders/1"),
        ("PUT", "/elders"),
        ("DELETE", "/elders/1"),
        ("PATCH", "/ledger"),
        ("POST", "/audit"),
        ("GET", "/auth/token"),
        ("TRACE", "/elders"),
        ("BREW", "/elders"),
    ],
)
def test_methods_that_a_route_does_not_have(desk: Desk, method: str, path: str) -> None:
    desk.refuse(405, method, path)


@pytest.mark.parametrize("value", ["Basic eDp5", "Bearer", "Bearer ", "Bearer x.y.z", "Bearer \u00ff", "bearer a b c"])
def test_tokens_that_are_none(desk: Desk, value: str) -> None:
    desk.refuse(401, "GET", "/elders", headers={"Authorization": value.encode("latin-1")})


@pytest.mark.parametrize("tag", ["", "1", '"one"', '"-1"', '"99999999999999999999"', "*", '"1", "2"', '"1'])
def test_if_match_that_is_no_version(desk: Desk, tag: str) -> None:
    fields = desk.fields("PATCH", f"/elders/{desk.elder_id}", json={"lives_alone": True}, headers={"If-Match": tag})
    assert fields == ["header.if-match"]


def test_a_change_without_if_match(desk: Desk) -> None:
    desk.refuse(428, "PATCH", f"/elders/{desk.elder_id}", json={"lives_alone": True})


# --- thin cities ------------------------------------------------------------------------------------

Plan = Callable[[], dict[str, Any]]


@pytest.fixture
def plan(client: TestClient, sign_in_as: SignInAs, database: Database, settings: Settings) -> Plan:
    """Ask for a week of the city, compute it in this process, and return the draft."""
    headers = sign_in_as(Role.DISPATCHER)

    def ask() -> dict[str, Any]:
        asked = client.post("/api/v1/schedules", json={"week": str(WEEK), "iterations": 50}, headers=headers)
        assert asked.status_code == 202, asked.text
        path = f"/api/v1/schedules/{asked.json()['id']}"
        workbench.set_up(database, settings)
        with database.read() as session:
            run_id = session.scalars(select(PlanRun.id).where(PlanRun.schedule_id == asked.json()["id"])).one()
        assert run.read(run_id)
        assert run.solve(run_id)
        assert run.file(run_id)
        draft: dict[str, Any] = client.get(path, headers=headers).json()
        assert draft["status"] == "draft"
        draft["visits"] = client.get(f"{path}/visits", headers=headers).json()["items"]
        return draft

    return ask


def test_a_caregiver_without_a_base_starts_from_her_centre(plan: Plan, session: Session) -> None:
    town = given.town(session)
    caregiver = given.caregiver(session, town, base=None)
    elder = given.elder(session, town)
    given.care_plan(session, elder)
    given.grant(session, elder)
    session.commit()
    draft = plan()
    assert draft["figures"]["visits_unallocated"] == 0
    assert {tuple(visit["caregiver_ids"]) for visit in draft["visits"]} == {(caregiver.id,)}
    assert all(visit["travel_minutes"][0] > 0 for visit in draft["visits"])


def test_a_town_without_caregivers_has_a_draft_of_reasons(plan: Plan, session: Session) -> None:
    town = given.town(session)
    elder = given.elder(session, town)
    given.care_plan(session, elder)
    given.grant(session, elder)
    session.commit()
    draft = plan()
    assert draft["visits"]
    assert all(visit["state"] == "unallocated" and visit["reason"] for visit in draft["visits"])


def test_a_city_of_towns_without_anybody_has_an_empty_draft(plan: Plan, session: Session) -> None:
    given.town(session)
    given.town(session)
    session.commit()
    draft = plan()
    assert draft["visits"] == []
    assert draft["figures"]["due_minutes"] == 0


def test_a_city_without_towns_has_nothing_to_plan(client: TestClient, sign_in_as: SignInAs, database: Database) -> None:
    headers = sign_in_as(Role.DISPATCHER)
    before = counted(database)
    answer = client.post("/api/v1/schedules", json={"week": str(WEEK)}, headers=headers)
    assert answer.status_code == 409
    assert counted(database) == before
    for path in ("elders", "caregivers", "centres", "towns", "villages", "schedules", "pairs", "special-days"):
        listed = client.get(f"/api/v1/{path}", headers=headers)
        assert listed.json() == {"items": [], "next_after": None}
    ledger = client.get("/api/v1/ledger", params={"month": "2026-11"}, headers=headers).json()
    assert ledger["items"] == []
    assert ledger["totals"]["granted"] == 0
