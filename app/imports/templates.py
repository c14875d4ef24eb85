"""The files to fill in: headers, an example, and what each column should hold."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from app.core.csv import DigitText, write_csv
from app.imports.columns import A_DAY, Column, in_lang
from app.imports.reading import COMMENT, MAX_ROWS

_DIGITS = ("id_number", "phone")
_LONGEST_LIST = 255  # characters that a spreadsheet takes in a list of choices


def csv_template(columns: Sequence[Column], lang: str) -> bytes:
    """Return the CSV template: the header, a line of notes (passed over when imported), an example."""
    notes = [in_lang(column.expected, lang) for column in columns]
    notes[0] = f"{COMMENT} {notes[0]}"
    return b"".join(write_csv([column.header(lang) for column in columns], [notes, _example(columns, lang)]))


def xlsx_template(columns: Sequence[Column], lang: str) -> bytes:
    """Return the workbook: a sheet to fill in, with choices to pick from, and a sheet of notes."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold, needed = workbook.add_format({"bold": True}), workbook.add_format({"bold": True, "font_color": "#C00000"})
    as_text = workbook.add_format({"num_format": "@"})
    sheet = workbook.add_worksheet("数据" if lang == "zh" else "data")
    sheet.freeze_panes(1, 2)
    for place, (column, example) in enumerate(zip(columns, _example(columns, lang), strict=True)):
        # All cells are text: a number format would eat the last digits of an identity number.
        sheet.set_column(place, place, 16, as_text)
        sheet.write_string(0, place, column.header(lang), needed if column.required else bold)
        sheet.write_string(1, place, example, as_text)
        _offer(sheet, place, column, lang)
    _write_notes(workbook, columns, lang)
    workbook.close()
    return buffer.getvalue()


def _example(columns: Sequence[Column], lang: str) -> list[str]:
    return [
        DigitText(found) if column.key in _DIGITS else found
        for column in columns
        for found in [str(in_lang(column.example, lang))]
    ]


def _offer(sheet: Any, place: int, column: Column, lang: str) -> None:
    title, said = column.header(lang)[:32], str(in_lang(column.expected, lang))[:_LONGEST_LIST]
    offered = in_lang(column.offered, lang)
    rule: dict[str, Any] = {"input_title": title, "input_message": said, "validate": "any"}
    if offered and len(",".join(offered)) <= _LONGEST_LIST:
        rule |= {"validate": "list", "source": list(offered), "error_title": title, "error_message": said}
    sheet.data_validation(1, place, MAX_ROWS, place, rule)


def _write_notes(workbook: Any, columns: Sequence[Column], lang: str) -> None:
    titles = ("列", "必填", "填写要求", "示例") if lang == "zh" else ("column", "required", "expected", "example")
    sheet = workbook.add_worksheet("说明" if lang == "zh" else "notes")
    sheet.set_column(0, 1, 18)
    sheet.set_column(2, 3, 70)
    for place, title in enumerate(titles):
        sheet.write_string(0, place, title, workbook.add_format({"bold": True}))
    for n, column in enumerate(columns, 1):
        required = in_lang(("是", "yes") if column.required else ("否", "no"), lang)
        cells = (column.header(lang), required, in_lang(column.expected, lang), in_lang(column.example, lang))
        for place, cell in enumerate(cells):
            sheet.write_string(n, place, cell)
    more = {
        "zh": f"日期：{A_DAY[0]}、2026/1/5 或表格日期。以 {COMMENT} 开头的行和未改动的示例行不导入。",
        "en": f"Dates: {A_DAY[1]}, 2026/1/5 or a date of the spreadsheet. "
        f"Lines that begin with {COMMENT} and the example, if unchanged, are passed over.",
    }
    sheet.write_string(len(columns) + 2, 0, more[lang])
