"""A week as an XLSX workbook: frozen header, filters, text cells for what is not an amount."""

from collections.abc import Iterable
from pathlib import Path

import xlsxwriter

from app.core.csv import DigitText
from app.exports.columns import Column, Lang, cells, header
from app.exports.rows import ExportRow

_WIDTH = {"地址": 28, "照料中心": 24, "服务项目": 18, "服务编号": 20, "日期": 11}


def write_workbook(target: Path, columns: tuple[Column, ...], rows: Iterable[ExportRow], lang: Lang, title: str) -> int:
    """Write the workbook; return how many rows it has below the header."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    with xlsxwriter.Workbook(str(target), options) as workbook:
        bold = workbook.add_format({"bold": True, "bg_color": "#DDEBF7", "bottom": 1})
        text = workbook.add_format({"num_format": "@"})
        sheet = workbook.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        for position, column in enumerate(columns):
            sheet.set_column(position, position, _WIDTH.get(column.zh, 13))
        sheet.write_row(0, 0, header(columns, lang), bold)
        for count, row in enumerate(rows, 1):
            for position, value in enumerate(cells(columns, row, lang)):
                if isinstance(value, DigitText):
                    sheet.write_string(count, position, value, text)
                elif isinstance(value, str):
                    sheet.write_string(count, position, value)
                elif value is not None:
                    sheet.write_number(count, position, value)
        sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
    return count
