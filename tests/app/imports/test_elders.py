"""Elders from files: what is read, what is refused, what is stored."""

import io
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.centres.coordinates import gcj02_to_wgs84
from app.centres.models import Town, Village
from app.core.db import Database
from app.elders.models import CarePlan, Elder
from app.entitlements.models import Grant
from tests.app import given
from tests.app.conftest import SignInAs

URL = "/api/v1/imports/elders"
BORN = date(1932, 5, 1)


@pytest.fixture
def town(session: Session) -> Town:
    town = given.town(session, name="稠城街道")
    given.village(session, town, name="江滨社区")
    session.commit()
    return town


@pytest.fixture
def village(session: Session, town: Town) -> Village:
    found = session.scalars(select(Village).where(Village.town_id == town.id)).one()
    session.commit()  # or the session keeps the only place of a writer
    return found


@pytest.fixture
def dispatcher(sign_in_as: SignInAs, town: Town) -> dict[str, str]:
    return sign_in_as(Role.DISPATCHER, [town.id])


def row(n: int = 1, **cells: Any) -> dict[str, Any]:
    """Return one row in Chinese; a cell of None leaves its column out."""
    full = {
        "编号": f"E{n:04d}",
        "姓名": "王秀英",
        "身份证号": given.id_number(BORN, "female", n),
        "镇街": "稠城街道",
        "村社": "江滨社区",
        "住址": "江滨路1号",
        "能力等级": "轻度失能",
        "加入日期": "2026-01-05",
    } | cells
    return {title: cell for title, cell in full.items() if cell is not None}


def csv_of(*rows: dict[str, Any]) -> str:
    titles = list(dict.fromkeys(title for one in rows for title in one))
    lines = [",".join(titles), *(",".join(str(one.get(title, "")) for title in titles) for one in rows)]
    return "\r\n".join(lines) + "\r\n"


def workbook_of(*rows: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    as_date = workbook.add_format({"num_format": "yyyy-mm-dd"})
    sheet = workbook.add_worksheet()
    titles = list(dict.fromkeys(title for one in rows for title in one))
    sheet.write_row(0, 0, titles)
    for n, one in enumerate(rows, 1):
        for place, title in enumerate(titles):
            cell = one.get(title)
            if isinstance(cell, datetime):
                sheet.write_datetime(n, place, cell, as_date)
            elif cell is not None:
                sheet.write(n, place, cell)
    sheet.write_blank(len(rows) + 30, 0, None, as_date)
    workbook.close()
    return buffer.getvalue()


def send(client: TestClient, headers: dict[str, str], content: bytes | str, query: str = "") -> Any:
    content = content.encode() if isinstance(content, str) else content
    return client.post(f"{URL}?{query}", files={"file": ("老人.csv", content)}, headers=headers)


def count(database: Database, model: type[Any] = Elder) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def errors(answer: Any) -> list[tuple[int, str]]:
    body = answer.json()
    report = body.get("report", body)
    return [(error["line"], error["column"]) for error in report["errors"]]


def test_a_row_with_care_plan_and_grant(
    client: TestClient, database: Database, village: Village, dispatcher: dict[str, str]
) -> None:
    full = row(
        电话="'13800001234",
        纬度="29.310000",
        经度="120.080000",
        坐标系="GCJ-02",
        方言="义乌话、普通话",
        独居="是",
        每次分钟="60",
        服务项目="助餐、助洁",
        服务时段="周一至周五 08:00-11:00；周三 14:00-17:00 希望",
        每月工时="4",
        核定人="民政局",
        核定日期="2025/12/20",
        核定理由="轻度失能",
        加入日期="2026/1/5",
    )
    answer = send(client, dispatcher, csv_of(full))
    assert answer.status_code == 200, answer.text
    assert {name: answer.json()[name] for name in ("stored", "rows", "created", "errors")} == {
        "stored": True,
        "rows": 1,
        "created": 1,
        "errors": [],
    }
    with database.read() as session:
        elder = session.scalars(select(Elder)).one()
        assert (elder.name, elder.phone, elder.gender) == ("王秀英", "13800001234", "female")
        assert elder.birth_date == BORN
        assert elder.home == pytest.approx(gcj02_to_wgs84(29.31, 120.08), abs=1e-6)
        assert elder.dialects == ["yiwu", "mandarin"]
        assert elder.lives_alone is True
        assert elder.joined_on == date(2026, 1, 5)
        plan = session.scalars(select(CarePlan)).one()
        assert (plan.visit_minutes, plan.items, plan.valid_from) == (60, ["meals", "cleaning"], elder.joined_on)
        assert len(plan.windows) == 6
        assert plan.windows[0] == {"weekday": 0, "opens": 480, "closes": 660, "wished": False}
        assert plan.windows[5] == {"weekday": 2, "opens": 840, "closes": 1020, "wished": True}
        grant = session.scalars(select(Grant)).one()
        assert (grant.monthly_minutes, grant.valid_from, grant.approved_on) == (
            240,
            elder.joined_on,
            date(2025, 12, 20),
        )
        audited = [entry.action for entry in session.scalars(select(AuditEntry)) if not entry.action.startswith("sign")]
        assert sorted(audited) == ["care_plan.create", "elder.create", "grant.create", "import.elders"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(
    client: TestClient, database: Database, village: Village, dispatcher: dict[str, str], encoding: str
) -> None:
    assert send(client, dispatcher, csv_of(row(姓名="单㑇英")).encode(encoding)).status_code == 200
    with database.read() as session:
        assert session.scalars(select(Elder)).one().name == "单㑇英"


def test_a_workbook_with_its_oddities(
    client: TestClient, database: Database, village: Village, dispatcher: dict[str, str]
) -> None:
    odd = row(
        身份证号="'" + given.id_number(BORN, "female", 1) + " ",
        电话=13800001234,
        加入日期=datetime(2026, 1, 5),  # noqa: DTZ001 (a spreadsheet's date has no zone)
        姓名=" 王秀英　",
        每次分钟=60,
        服务项目="助洁",
    )
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    full_width = row(2, 身份证号=given.id_number(BORN, "female", 2).translate(wide), 电话="１３８００００１２３４")
    answer = send(client, dispatcher, workbook_of(odd, full_width))
    assert answer.status_code == 200, answer.text
    assert answer.json()["rows"] == 2
    with database.read() as session:
        first, second = session.scalars(select(Elder).order_by(Elder.number))
        assert (first.name, first.phone, first.joined_on) == ("王秀英", "13800001234", date(2026, 1, 5))
        assert (second.phone, second.id_number) == ("13800001234", given.id_number(BORN, "female", 2))


def test_an_identity_number_that_a_spreadsheet_rounded_is_refused(
    client: TestClient, village: Village, dispatcher: dict[str, str]
) -> None:
    answer = send(client, dispatcher, workbook_of(row(身份证号=330782193205010022)))
    assert errors(answer) == [(2, "身份证号")]
    assert errors(send(client, dispatcher, csv_of(row(身份证号="3.30782E+17")))) == [(2, "身份证号")]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"身份证号": "330782193205010020"}, "身份证号"),
        ({"出生日期": "1932-05-02"}, "出生日期"),
        ({"性别": "男"}, "性别"),
        ({"性别": "阿婆"}, "性别"),
        ({"加入日期": "2022-04-30"}, "加入日期"),
        ({"加入日期": "2026-02-30"}, "加入日期"),
        ({"镇街": "别处"}, "镇街"),
        ({"村社": "别处"}, "村社"),
        ({"能力等级": ""}, "能力等级"),
        ({"编号": "E 1"}, "编号"),
        ({"电话": "12"}, "电话"),
        ({"独居": "也许"}, "独居"),
        ({"纬度": "29.3", "经度": "120.08"}, "坐标系"),
        ({"纬度": "29.3", "坐标系": "WGS-84"}, "经度"),
        ({"纬度": "120.08", "经度": "29.3", "坐标系": "WGS-84"}, "纬度"),
        ({"每次分钟": "50", "服务项目": "助洁"}, "每次分钟"),
        ({"每次分钟": "60"}, "服务项目"),
        ({"每次分钟": "60", "服务项目": "助洁", "服务时段": "周一 11:00-08:00"}, "服务时段"),
        ({"每月工时": "5", "核定人": "民政局", "核定日期": "2026-01-01", "核定理由": "无"}, "每月工时"),
        ({"每月工时": "4"}, "核定人"),
        ({"方言": "英语"}, "方言"),
    ],
)
def test_each_wrong_cell_is_named_and_nothing_is_stored(
    client: TestClient,
    database: Database,
    village: Village,
    dispatcher: dict[str, str],
    cells: dict[str, str],
    column: str,
) -> None:
    answer = send(client, dispatcher, csv_of(row(1), row(2, **cells)))
    assert answer.status_code == 422, answer.text
    assert (3, column) in errors(answer)
    assert {line for line, _ in errors(answer)} == {3}
    assert count(database) == 0


def test_errors_say_what_was_expected_in_the_language_asked_for(
    client: TestClient, village: Village, dispatcher: dict[str, str]
) -> None:
    young = csv_of(row(身份证号=given.id_number(date(1936, 11, 23), "female", 1), 加入日期="2026-11-22"))
    zh = send(client, dispatcher, young).json()["report"]["errors"][0]
    assert zh == {
        "line": 2,
        "column": "加入日期",
        "value": "2026-11-22",
        "expected": "2026-11-23 或之后（当天年满 90 周岁）",
    }
    en = send(client, dispatcher, young, "lang=en").json()["report"]["errors"][0]
    assert (en["column"], en["expected"]) == ("Joined on", "2026-11-23 or later: she is 90 on that day")


def test_english_headers_and_words(
    client: TestClient, database: Database, village: Village, dispatcher: dict[str, str]
) -> None:
    lines = (
        "Number,Name,ID number,Town,Village,Address,Disability grade,Joined on,Lives alone\n"
        f"E1,Wang,{given.id_number(BORN)},稠城街道,{village.code},Road 1,mild,2026-01-05,yes\n"
    )
    assert send(client, dispatcher, lines, "lang=en").status_code == 200
    assert count(database) == 1


def test_repeated_in_the_file_and_known_already(
    client: TestClient, session: Session, database: Database, town: Town, dispatcher: dict[str, str]
) -> None:
    stored = given.elder(session, town, number="E0009")
    session.commit()
    twice = csv_of(row(1), row(2, 编号="E0001"), row(3, 身份证号=given.id_number(BORN, "female", 1)))
    assert errors(send(client, dispatcher, twice)) == [(3, "编号"), (4, "身份证号")]
    known = csv_of(row(1, 身份证号=stored.id_number), row(2, 编号="E0009"))
    assert errors(send(client, dispatcher, known)) == [(2, "身份证号"), (3, "编号")]
    assert count(database) == 1


def test_a_dry_run_says_what_would_happen_and_stores_nothing(
    client: TestClient, database: Database, village: Village, dispatcher: dict[str, str]
) -> None:
    good = send(client, dispatcher, csv_of(row(1), row(2)), "dry_run=true").json()
    assert (good["stored"], good["created"], good["errors"]) == (False, 2, [])
    bad = send(client, dispatcher, csv_of(row(1), row(2, 电话="12")), "dry_run=true")
    assert (bad.status_code, errors(bad)) == (200, [(3, "电话")])
    assert count(database) == 0
    with database.read() as session:
        assert not [entry for entry in session.scalars(select(AuditEntry)) if entry.entity in ("elder", "import")]


def test_update_reports_what_changes(
    client: TestClient, database: Database, village: Village, dispatcher: dict[str, str]
) -> None:
    plan = {"每次分钟": "60", "服务项目": "助洁"}
    hours = {"每月工时": "4", "核定人": "民政局", "核定日期": "2026-01-01", "核定理由": "年满九十"}
    assert send(client, dispatcher, csv_of(row(1, **plan, **hours), row(2))).status_code == 200
    lines = "编号,姓名,独居,每次分钟,每月工时,核定起始日期,核定人,核定日期,核定理由\r\n"
    lines += "E0001,,是,120,8,2026-06-15,民政局,2026-06-01,中度失能\r\nE0002,王秀英,,,,,,,\r\n"
    tried = send(client, dispatcher, lines, "update=true&dry_run=true").json()
    done = send(client, dispatcher, lines, "update=true")
    assert done.status_code == 200, done.text
    report = done.json()
    assert (report["created"], report["changed"], report["unchanged"]) == (0, 1, 1)
    assert tried["changes"] == report["changes"]
    told = {change["column"]: (change["before"], change["after"]) for change in report["changes"][0]["changes"]}
    assert told == {
        "独居": ("否", "是"),
        "每次分钟": ("60", "120"),
        "每月工时": ("4", "8"),
        "核定起始日期": ("", "2026-06-15"),
    }
    with database.read() as session:
        elder = session.scalars(select(Elder).where(Elder.number == "E0001")).one()
        assert (elder.lives_alone, elder.version) == (True, 2)
        grants = session.scalars(select(Grant).order_by(Grant.valid_from)).all()
        assert [(grant.monthly_minutes, grant.valid_to) for grant in grants] == [(240, date(2026, 6, 15)), (480, None)]
    again = send(client, dispatcher, lines, "update=true").json()
    assert (again["changed"], again["unchanged"]) == (0, 2)


def test_a_stored_grant_is_not_rewritten_by_an_update(
    client: TestClient, village: Village, dispatcher: dict[str, str]
) -> None:
    hours = {"每月工时": "4", "核定人": "民政局", "核定日期": "2026-01-01", "核定理由": "年满九十"}
    assert send(client, dispatcher, csv_of(row(1, **hours))).status_code == 200
    answer = send(client, dispatcher, csv_of(row(1, **hours | {"每月工时": "8"})), "update=true")
    assert errors(answer) == [(2, "核定起始日期")]


def test_only_into_towns_of_ones_own(
    client: TestClient, session: Session, database: Database, village: Village, dispatcher: dict[str, str]
) -> None:
    other = given.town(session, name="佛堂镇")
    given.village(session, other, name="江滨社区")
    theirs = given.elder(session, other, number="E0007")
    session.commit()
    assert errors(send(client, dispatcher, csv_of(row(镇街="佛堂镇")))) == [(2, "镇街")]
    assert errors(send(client, dispatcher, csv_of(row(7)), "update=true")) == [(2, "编号")]
    assert count(database) == 1
    assert theirs.town_id == other.id


def test_who_may_import(client: TestClient, town: Town, sign_in_as: SignInAs) -> None:
    assert send(client, {}, csv_of(row())).status_code == 401
    assert send(client, sign_in_as(Role.AUDITOR), csv_of(row())).status_code == 403
    assert client.get(f"{URL}/template.csv", headers=sign_in_as(Role.AUDITOR)).status_code == 200
    nothing = client.post("/api/v1/imports/cats", files={"file": b"x"}, headers=sign_in_as(Role.ADMINISTRATOR))
    assert nothing.status_code == 422


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", ["elders", "caregivers", "centres"])
def test_a_template_can_be_sent_back_as_it_is(
    client: TestClient, database: Database, sign_in_as: SignInAs, kind: str, lang: str, suffix: str
) -> None:
    headers = sign_in_as(Role.ADMINISTRATOR)
    template = client.get(f"/api/v1/imports/{kind}/template.{suffix}?lang={lang}", headers=headers)
    assert template.status_code == 200
    files = {"file": template.content}
    answer = client.post(f"/api/v1/imports/{kind}?lang={lang}", files=files, headers=headers)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["rows"], count(database)) == (0, 0)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_example_of_the_template_is_a_valid_row(
    client: TestClient, session: Session, database: Database, dispatcher: dict[str, str], lang: str, town: Town
) -> None:
    given.village(session, town, name="江滨社区居委会")
    session.commit()
    template = client.get(f"{URL}/template.csv?lang={lang}", headers=dispatcher).content.decode("utf-8-sig")
    answer = send(client, dispatcher, template.replace("EXAMPLE", "E1"), f"lang={lang}")
    assert answer.status_code == 200, answer.text
    assert (count(database), count(database, CarePlan), count(database, Grant)) == (1, 1, 1)
