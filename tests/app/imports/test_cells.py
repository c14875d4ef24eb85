"""One cell becomes one value, however a spreadsheet shows it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from app.imports import cells
from app.imports.reading import Cell
from app.terms import LABELS


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [
        (cells.text, "　王秀英 ", "王秀英"),
        (cells.text, "'+1", "+1"),
        (cells.text, '="0123"', "0123"),
        (cells.digits, 13800001234.0, "13800001234"),
        (cells.digits, "0579－8512 3456", "0579-85123456"),
        (cells.digits, "３３０７８２", "330782"),
        (cells.day, "2026-1-5", date(2026, 1, 5)),
        (cells.day, "2026/01/05", date(2026, 1, 5)),
        (cells.day, "2026年1月5日", date(2026, 1, 5)),
        (cells.day, "2026-01-05 00:00:00", date(2026, 1, 5)),
        (cells.day, 20260105.0, date(2026, 1, 5)),
        (cells.day, 46027.0, date(2026, 1, 5)),
        (cells.day, datetime(2026, 1, 5), date(2026, 1, 5)),  # noqa: DTZ001 (a spreadsheet's has no zone)
        (cells.whole, 60.0, 60),
        (cells.number, "２９．３", 29.3),
        (cells.yes, "否", False),
        (cells.yes, True, True),
        (cells.hours, "1.5h", 90),
        (cells.hours, 8.0, 480),
        (cells.choice(LABELS["skill"]), "Dementia care", "dementia"),
        (cells.choices(LABELS["dialect"]), "义乌话，普通话", ["yiwu", "mandarin"]),
        (
            cells.working_hours,
            "周六、周日 07:30-12:00",
            [{"weekday": 5, "starts": 450, "ends": 720}, {"weekday": 6, "starts": 450, "ends": 720}],
        ),
        (
            cells.certificates,
            "养老护理 2025-01-01至2030/12/31",
            [{"skill": "care", "issued_on": date(2025, 1, 1), "expires_on": date(2030, 12, 31)}],
        ),
    ],
)
def test_reads(read: Callable[[Cell], Any], cell: Cell, value: object) -> None:
    assert read(cell) == value


@pytest.mark.parametrize(
    ("read", "cell"),
    [
        (cells.digits, 1e15),
        (cells.digits, "3.3E+17"),
        (cells.day, "46027"),
        (cells.day, "5/1/2026"),
        (cells.day, 2e5),
        (cells.day, "2026-02-29"),
        (cells.whole, "1.5"),
        (cells.number, "29°18′"),
        (cells.yes, "maybe"),
        (cells.hours, "four"),
        (cells.hours, "0.01"),
        (cells.windows, "周一 08:60-09:00"),
        (cells.windows, "周一 08:00-24:01"),
        (cells.windows, "某天 08:00-09:00"),
        (cells.working_hours, "周一 08:00-09:00 希望"),
        (cells.certificates, "养老护理 2025-01-01"),
        (cells.choices(LABELS["dialect"]), "义乌话、" * 1000),
    ],
)
def test_misreads(read: Callable[[Cell], Any], cell: Cell) -> None:
    with pytest.raises(cells.Misread):
        read(cell)


def test_the_last_minute_of_the_day_is_one() -> None:
    assert cells.windows("每天 23:00-24:00")[6] == {"weekday": 6, "opens": 1380, "closes": 1440, "wished": False}
