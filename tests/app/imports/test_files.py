"""Files that are no roster: each is one clear error, none is a 500, nothing is stored."""

import io
import zipfile
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.imports import unpacking
from app.imports.reading import MAX_ROWS, read_lines
from app.imports.unreadable import Unreadable
from tests.app import given
from tests.app.conftest import SignInAs

HEADER = "编号,姓名,身份证号,镇街,村社,住址,能力等级,加入日期\r\n"
WORKBOOK = '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'


def zipped(**parts: bytes | str) -> bytes:
    """Return a zip with ``xl/workbook.xml`` and some more parts of ``xl/``.

    The same bytes at any time of day, as each process of the tests must name a test alike: `ZipInfo` says 1980.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in {"workbook": WORKBOOK, **parts}.items():
            archive.writestr(zipfile.ZipInfo(f"xl/{name}.xml"), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def sheet(*cells: str) -> str:
    return f"<worksheet><sheetData><row>{''.join(cells)}</row></sheetData></worksheet>"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空"),
        (b"\r\n , \r\n", "空"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".xls"),
        (b"PK\x03\x04 not a zip", "损坏"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "CSV"),
        ("编号\0".encode(), "CSV"),
        (HEADER.encode() + b'"E1,x\r\n', "引号"),
        (HEADER.replace("姓名", "名称").encode(), "名称"),
        (HEADER.replace("姓名", "编号").encode(), "重复"),
        (HEADER.replace("姓名,身份证号,", "").encode(), "姓名、身份证号"),
        (("," * 100).encode() + b"x", "100"),
        (zipped(), "无法读取"),
        (zipped(sheet1=f'<?xml version="1.0" encoding="UbF-8"?>{sheet("<c/>")}'), "无法读取"),
        (
            zipped(
                sheet1="<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet><sheetData><row><c/></row></sheetData></worksheet>"
            ),
            "损坏",
        ),
    ],
)
def test_what_is_no_roster_is_one_clear_error(
    client: TestClient, session: Session, sign_in_as: SignInAs, content: bytes, said: str
) -> None:
    given.town(session)
    session.commit()
    headers = sign_in_as(Role.ADMINISTRATOR)
    answer = client.post("/api/v1/imports/elders", files={"file": content}, headers=headers)
    assert answer.status_code == 422, answer.text
    problem: dict[str, Any] = answer.json()
    assert [error["field"] for error in problem["errors"]] == ["body.file"]
    assert said in problem["errors"][0]["expected"]


def test_no_file_at_all(client: TestClient, sign_in_as: SignInAs) -> None:
    assert client.post("/api/v1/imports/elders", headers=sign_in_as(Role.ADMINISTRATOR)).status_code == 422


def test_as_many_rows_as_allowed_and_one_more() -> None:
    line = "E1,x\r\n"
    assert len(read_lines((HEADER + line * MAX_ROWS).encode())) == MAX_ROWS + 1
    with pytest.raises(Unreadable, match="20000"):
        read_lines((HEADER + line * (MAX_ROWS + 1)).encode())


def test_lines_are_counted_as_a_spreadsheet_does() -> None:
    text = '# 说明\r\n编号,住址\r\n\r\nE1,"江滨路\r\n1号"\r\nE2,x\r\n ,　\r\n'
    assert [line.number for line in read_lines(text.encode())] == [2, 4, 6]


def test_a_zip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_INFLATED_BYTES", 100_000)
    unpacking.check_workbook(zipped(sheet1=b" " * 99_000))
    with pytest.raises(Unreadable, match="too large"):
        unpacking.check_workbook(zipped(sheet1=b" " * 100_000))


def test_a_zip_that_lies_about_its_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_INFLATED_BYTES", 100_000)
    honest = zipped(sheet1=b" " * 1_000_000)
    lying = honest.replace((1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(Unreadable, match="too large"):
        unpacking.check_workbook(lying)


@pytest.mark.parametrize("place", ["A21001", "CW1", "XFD1048576"])
def test_a_cell_out_of_reach_is_refused(place: str) -> None:
    unpacking.check_workbook(zipped(sheet1=sheet('<c r="CV21000"><v>1</v></c>')))
    with pytest.raises(Unreadable, match=place):
        unpacking.check_workbook(zipped(sheet1=sheet(f'<c r="{place}"><v>1</v></c>')))


def test_an_empty_cell_out_of_reach_does_no_harm() -> None:
    unpacking.check_workbook(zipped(sheet1=sheet('<c r="XFD1048576" s="1"/>')))


def test_one_long_string_named_by_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_TEXT_CHARACTERS", 10_000)
    strings = f"<sst><si><t>{'x' * 100}</t></si></sst>"
    cell = '<c r="A1" t="s"><v>0</v></c>'
    unpacking.check_workbook(zipped(sharedStrings=strings, sheet1=sheet(cell * 100)))
    with pytest.raises(Unreadable, match="too large"):
        unpacking.check_workbook(zipped(sharedStrings=strings, sheet1=sheet(cell * 101)))
