"""Caregivers and centres from files, by the rules of their own routes."""

from datetime import date
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.caregivers.models import Caregiver, Certificate, WorkingHours
from app.centres.models import Centre
from app.core.db import Database
from tests.app import given
from tests.app.conftest import SignInAs

CAREGIVERS = "编号,姓名,身份证号,镇街,所属中心编号,出行方式,每周合同工时,入职日期,证书,工作时间\r\n"
CENTRES = "编号,名称,类型,镇街,纬度,经度,坐标系,每月服务能力（小时）,开放日期\r\n"
BORN = date(1980, 3, 8)


def send(client: TestClient, kind: str, headers: dict[str, str], text: str, query: str = "") -> Any:
    return client.post(f"/api/v1/imports/{kind}?{query}", files={"file": text.encode()}, headers=headers)


def caregiver_line(n: int, **cells: str) -> str:
    full = {
        "number": f"G{n}",
        "name": "李小红",
        "id_number": given.id_number(BORN, "female", n),
        "town": "稠城街道",
        "centre": "C1",
        "mode": "电动自行车",
        "hours": "40",
        "hired_on": "2026-01-05",
        "certificates": "养老护理 2025-01-01至2030-12-31；助浴 2025-01-01至2028-12-31",
        "week": "周一至周五 07:30-18:00",
    }
    return ",".join((full | cells).values()) + "\r\n"


def set_up(session: Session, sign_in_as: SignInAs) -> dict[str, str]:
    town = given.town(session, name="稠城街道")
    given.centre(session, town, number="C1")
    session.commit()
    return sign_in_as(Role.DISPATCHER, [town.id])


def count(database: Database, model: type[Any]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def errors(answer: Any) -> list[tuple[int, str]]:
    return [(error["line"], error["column"]) for error in answer.json()["report"]["errors"]]


def test_caregivers_with_certificates_and_hours(
    client: TestClient, session: Session, database: Database, sign_in_as: SignInAs
) -> None:
    headers = set_up(session, sign_in_as)
    answer = send(client, "caregivers", headers, CAREGIVERS + caregiver_line(1) + caregiver_line(2))
    assert answer.status_code == 200, answer.text
    assert answer.json()["created"] == 2
    assert [count(database, model) for model in (Caregiver, Certificate, WorkingHours)] == [2, 4, 10]
    with database.read() as reading:
        first = reading.scalars(select(Caregiver).where(Caregiver.number == "G1")).one()
        assert (first.contract_minutes, first.mode, first.birth_date) == (2400, "ebike", BORN)


def test_wrong_caregivers_are_named_and_none_is_stored(
    client: TestClient, session: Session, database: Database, sign_in_as: SignInAs
) -> None:
    headers = set_up(session, sign_in_as)
    lines = (
        caregiver_line(1)
        + caregiver_line(2, centre="C9")
        + caregiver_line(3, hours="41")
        + caregiver_line(4, certificates="养老护理 2030-01-01至2025-12-31")
        + caregiver_line(5, week="周一 07:30-18:00；周一 19:00-20:00")
        + caregiver_line(6, id_number=given.id_number(BORN, "female", 1))
        + caregiver_line(7, mode="飞机")
        + caregiver_line(8, hired_on="1990-01-01")
    )
    answer = send(client, "caregivers", headers, CAREGIVERS + lines)
    assert answer.status_code == 422
    assert errors(answer) == [
        (3, "所属中心编号"),
        (4, "每周合同工时"),
        (5, "证书"),
        (6, "工作时间"),
        (7, "身份证号"),
        (8, "出行方式"),
        (9, "入职日期"),
    ]
    assert count(database, Caregiver) == 0


def test_update_of_a_caregiver(client: TestClient, session: Session, database: Database, sign_in_as: SignInAs) -> None:
    headers = set_up(session, sign_in_as)
    assert send(client, "caregivers", headers, CAREGIVERS + caregiver_line(1)).status_code == 200
    again = send(client, "caregivers", headers, CAREGIVERS + caregiver_line(1))
    assert errors(again)[0][0] == 2
    same = send(client, "caregivers", headers, CAREGIVERS + caregiver_line(1), "update=true").json()
    assert (same["changed"], same["unchanged"]) == (0, 1)
    changed = caregiver_line(1, hours="20", certificates="", week="周六 08:00-12:00")
    report = send(client, "caregivers", headers, CAREGIVERS + changed, "update=true").json()
    assert [change["column"] for change in report["changes"][0]["changes"]] == ["每周合同工时", "工作时间"]
    assert [count(database, model) for model in (Certificate, WorkingHours)] == [2, 1]


def test_centres_those_above_first(
    client: TestClient, session: Session, database: Database, sign_in_as: SignInAs
) -> None:
    headers = set_up(session, sign_in_as)
    lines = "C2,江滨照料中心,照料中心,稠城街道,29.31,120.08,WGS-84,400,2026-01-05\r\n"
    lines += "D1,稠城示范中心,示范中心,稠城街道,29.31,120.08,WGS-84,1000,2026-01-05\r\n"
    answer = send(client, "centres", headers, CENTRES + lines)
    assert answer.status_code == 200, answer.text
    with database.read() as reading:
        centres = {centre.number: centre for centre in reading.scalars(select(Centre))}
        assert centres["C2"].parent_id == centres["D1"].id
        assert centres["C2"].monthly_capacity_minutes == 24_000


def test_wrong_centres_and_what_may_not_change(
    client: TestClient, session: Session, database: Database, sign_in_as: SignInAs
) -> None:
    headers = set_up(session, sign_in_as)
    good = "C2,江滨照料中心,照料中心,稠城街道,29.31,120.08,WGS-84,400,2026-01-05\r\n"
    bad = good.replace("C2", "C3").replace("29.31", "129.31") + good.replace("C2", "C1")
    assert errors(send(client, "centres", headers, CENTRES + good + bad)) == [(3, "纬度"), (4, "编号")]
    assert count(database, Centre) == 1
    guidance = good.replace("照料中心,稠", "指导中心,稠")
    assert send(client, "centres", headers, CENTRES + guidance).status_code == 422
    assert send(client, "centres", headers, CENTRES + good).status_code == 200
    moved = good.replace(",照料中心,", ",示范中心,")
    assert errors(send(client, "centres", headers, CENTRES + moved, "update=true")) == [(2, "类型")]
    larger = good.replace(",400,", ",500,")
    report = send(client, "centres", headers, CENTRES + larger, "update=true").json()
    assert [(change["before"], change["after"]) for change in report["changes"][0]["changes"]] == [("400", "500")]
