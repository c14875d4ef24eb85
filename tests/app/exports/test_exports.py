"""A week leaves the service: as a spreadsheet opens it, and to whom."""

import csv
import io
from dataclasses import dataclass
from datetime import date

import pytest
import python_calamine
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.centres.models import Town
from app.core.db import Database
from app.core.weeks import Week
from app.schedules.models import Schedule
from tests.app import given, published
from tests.app.conftest import SignInAs

WEEK = Week.parse("2026-W48")
MONDAY = date(2026, 11, 23)


@dataclass
class Exported:
    schedule_id: int
    town_id: int
    other_town_id: int
    centre_id: int
    caregiver_id: int


@pytest.fixture
def week(database: Database) -> Exported:
    with database.write() as session:
        town, other = given.town(session), given.town(session)
        first, second = given.caregiver(session, town), given.caregiver(session, town, name="=cmd()")
        schedule = published.schedule(session, WEEK, [town, other])
        elder = given.elder(session, town, name="=1+1", phone="13800001234", centre_id=first.centre_id)
        published.visit(session, schedule, elder, [first, second], MONDAY)
        published.visit(session, schedule, given.elder(session, other, name="陈兰香"), [first], MONDAY, 700)
        published.unallocated(session, schedule, given.elder(session, town), "no_skill")
        return Exported(schedule.id, town.id, other.id, first.centre_id, second.id)


def _rows(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_chinese_csv_with_bom_text_phones_and_no_formulas(
    client: TestClient, sign_in_as: SignInAs, week: Exported
) -> None:
    answer = client.get(f"/api/v1/schedules/{week.schedule_id}.csv", headers=sign_in_as(Role.DISPATCHER))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    first, second = _rows(answer.content)
    assert first["日期"] == "2026-11-23"
    assert (first["星期"], first["开始"], first["结束"]) == ("周一", "09:00", "10:00")
    assert first["老人姓名"] == "'=1+1"
    assert first["老人电话"] == "\t13800001234"
    assert first["同行护理员姓名"] == "'=cmd()"
    assert first["服务项目"] == "助餐、精神慰藉"
    assert second["老人姓名"] == "陈兰香"
    assert not second["同行护理员编号"]


def test_english_and_unallocated_with_reason(client: TestClient, sign_in_as: SignInAs, week: Exported) -> None:
    headers = sign_in_as(Role.DISPATCHER)
    address = f"/api/v1/schedules/{week.schedule_id}.csv"
    (row,) = _rows(client.get(address, params={"lang": "en", "which": "unallocated"}, headers=headers).content)
    assert (row["state"], row["reason"], row["date"]) == ("unallocated", "nobody with the skill", "")
    assert len(_rows(client.get(address, params={"which": "all"}, headers=headers).content)) == 3


def test_filters(client: TestClient, sign_in_as: SignInAs, week: Exported) -> None:
    headers = sign_in_as(Role.ADMINISTRATOR)

    def count(**params: int) -> int:
        return len(
            _rows(client.get(f"/api/v1/schedules/{week.schedule_id}.csv", params=params, headers=headers).content)
        )

    assert count() == 2
    assert count(town_id=week.other_town_id) == 1
    assert count(centre_id=week.centre_id) == 1
    assert count(caregiver_id=week.caregiver_id) == 1


def test_an_auditor_gets_no_personal_columns(client: TestClient, sign_in_as: SignInAs, week: Exported) -> None:
    headers = sign_in_as(Role.AUDITOR)
    content = client.get(f"/api/v1/schedules/{week.schedule_id}.csv", headers=headers).content
    assert "老人编号" in _rows(content)[0]
    for personal in ("姓名", "电话", "地址", "13800001234", "陈兰香", "测试路"):
        assert personal not in content.decode()
    sheets = client.get(f"/api/v1/schedules/{week.schedule_id}/sheets", headers=headers).text
    assert "陈兰香" not in sheets


def test_another_town_is_refused_and_a_shared_week_is_cut(
    client: TestClient, sign_in_as: SignInAs, week: Exported, database: Database
) -> None:
    address = f"/api/v1/schedules/{week.schedule_id}.csv"
    own = sign_in_as(Role.DISPATCHER, towns=[week.other_town_id])
    assert [row["老人姓名"] for row in _rows(client.get(address, headers=own).content)] == ["陈兰香"]
    assert client.get(address, params={"town_id": week.town_id}, headers=own).status_code == 403
    assert client.get(address, params={"centre_id": week.centre_id}, headers=own).status_code == 404
    with database.write() as session:
        stranger = given.town(session).id
    foreign = sign_in_as(Role.DISPATCHER, towns=[stranger])
    for form in (".csv", ".xlsx", "/sheets"):
        assert client.get(f"/api/v1/schedules/{week.schedule_id}{form}", headers=foreign).status_code == 404


def test_each_export_is_in_the_audit_log(
    client: TestClient, sign_in_as: SignInAs, week: Exported, database: Database
) -> None:
    headers = sign_in_as(Role.DISPATCHER)
    for form in (".csv", ".xlsx", "/sheets"):
        assert client.get(f"/api/v1/schedules/{week.schedule_id}{form}", headers=headers).status_code == 200
    with database.read() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "export").order_by(AuditEntry.id)).all()
        assert [entry.changes["form"] for entry in entries] == ["csv", "xlsx", "sheets"]


def test_xlsx_keeps_phones_and_formulas_as_text(client: TestClient, sign_in_as: SignInAs, week: Exported) -> None:
    answer = client.get(f"/api/v1/schedules/{week.schedule_id}.xlsx", headers=sign_in_as(Role.DISPATCHER))
    header, first, _ = python_calamine.load_workbook(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    row = dict(zip(header, first, strict=True))
    assert row["老人姓名"] == "=1+1"
    assert row["老人电话"] == "13800001234"
    assert row["时长（分钟）"] == 60


def test_sheets_have_a_page_for_each_caregiver_and_escape_names(
    client: TestClient, sign_in_as: SignInAs, week: Exported, database: Database
) -> None:
    with database.write() as session:
        elder = given.elder(session, session.get_one(Town, week.town_id), name="<script>alert(1)</script>")
        schedule = session.get_one(Schedule, week.schedule_id)
        published.visit(session, schedule, elder, [given.caregiver(session, elder_town(session, week))], MONDAY, 800)
    html = client.get(f"/api/v1/schedules/{week.schedule_id}/sheets", headers=sign_in_as(Role.DISPATCHER)).text
    assert html.count("<section>") == 3
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_an_elders_sheet_is_large_and_tells_nothing_of_her_home(
    client: TestClient, sign_in_as: SignInAs, week: Exported
) -> None:
    address = f"/api/v1/schedules/{week.schedule_id}/sheets"
    html = client.get(address, params={"each": "elder"}, headers=sign_in_as(Role.DISPATCHER)).text
    assert html.count("<section>") == 2
    assert "陈兰香" in html
    for private in ("13800001234", "测试路"):
        assert private not in html
    masked = client.get(address, params={"each": "elder"}, headers=sign_in_as(Role.AUDITOR)).text
    assert "陈兰香" not in masked
    own = sign_in_as(Role.DISPATCHER, towns=[week.other_town_id])
    assert client.get(address, params={"each": "elder"}, headers=own).text.count("<section>") == 1
    assert client.get(address, params={"each": "nobody"}, headers=own).status_code == 422


def elder_town(session: Session, week: Exported) -> Town:
    return session.get_one(Town, week.town_id)


@pytest.mark.parametrize("bad", ["0", "-1", str(2**63), "abc"])
def test_ids_out_of_bounds_are_named(client: TestClient, sign_in_as: SignInAs, bad: str) -> None:
    answer = client.get(f"/api/v1/schedules/{bad}.csv", headers=sign_in_as(Role.DISPATCHER))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "path.schedule_id"
