"""From the bytes of a CSV or XLSX file to lines of cells."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import python_calamine

from app.imports.unpacking import MAX_COLUMN, check_workbook
from app.imports.unreadable import Unreadable

Cell = str | float | bool | date | datetime | time | timedelta | None

MAX_ROWS = 20_000
COMMENT = "#"
"""A line that begins with it is a note for people."""

_OLE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file, with its number as spreadsheets count (from 1)."""

    number: int
    cells: tuple[Cell, ...]


def read_lines(content: bytes) -> list[Line]:
    """Return the lines with something in them that aren't comments, the header first.

    Raises
    ------
    Unreadable
        If it is neither CSV (UTF-8 or GB18030) nor XLSX, or too large, or empty.
    """
    if content.startswith(b"PK"):
        lines = _read_workbook(content)
    elif content.startswith(_OLE):
        raise Unreadable(
            "不支持 .xls 或加密的工作簿，请另存为 .xlsx 或 CSV",
            "an .xls or encrypted workbook: save it as .xlsx or CSV",
        )
    else:
        lines = _read_csv(_decode(content))
    filled = [line for line in lines if any(not is_blank(cell) for cell in line.cells) and not _is_comment(line)]
    if not filled:
        raise Unreadable("文件是空的", "the file is empty")
    if len(filled) - 1 > MAX_ROWS:
        raise Unreadable(f"最多 {MAX_ROWS} 行数据，请拆分文件", f"at most {MAX_ROWS} rows of data: split the file")
    return filled


def is_blank(cell: Cell) -> bool:
    """Whether there is nothing in a cell but space."""
    return cell is None or (isinstance(cell, str) and not cell.strip("\ufeff\u200b \t\r\n\u3000\xa0'"))


def _is_comment(line: Line) -> bool:
    return isinstance(line.cells[0], str) and line.cells[0].lstrip().startswith(COMMENT)


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable(
        "文件不是 CSV（UTF-8 或 GB18030 编码）或 .xlsx",
        "the file is neither CSV in UTF-8 or GB18030 nor an .xlsx workbook",
    )


def _read_csv(text: str) -> list[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[Line] = []
    begins = 1
    try:
        for cells in reader:
            if len(cells) > MAX_COLUMN:
                raise Unreadable(
                    f"第 {begins} 行超过 {MAX_COLUMN} 列", f"line {begins} has more than {MAX_COLUMN} columns"
                )
            if cells:
                lines.append(Line(begins, tuple(cells)))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(
            f"第 {begins} 行不是有效的 CSV（引号不成对？）", f"line {begins} is not valid CSV: {error}"
        ) from error
    return lines


def _read_workbook(content: bytes) -> list[Line]:
    check_workbook(content)
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except BaseException as error:
        # A panic of the reader, which is written in Rust, is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise Unreadable(
            "工作簿无法读取，请另存为 .xlsx 后重试", "the workbook can't be read: save it as .xlsx again"
        ) from error
    return [Line(n, tuple(cells)) for n, cells in enumerate(rows, 1) if cells]
