"""From one cell to a value: whatever spreadsheets make of digits, dates and words."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from app.imports.reading import Cell
from app.terms import LABELS


class Misread(ValueError):
    """The cell doesn't hold what its column is for; the column says what that is."""


_EXCEL_EPOCH = date(1899, 12, 30)
_EXACT_DIGITS = 1e15
"""From here on a spreadsheet's number has lost digits."""

_LONGEST_LIST = 1_000

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00?:00(?::00)?)?|(\d{4})(\d{2})(\d{2})")
_SEPARATORS = re.compile(r"[、,，;；|\n]+")
_RANGE = r"(\d{1,2}:\d{2})\s*(?:-|–|—|~|至|到|to)\s*(\d{1,2}:\d{2})"
_WINDOW = re.compile(rf"(?P<days>.+?)\s*{_RANGE}\s*(?P<wish>希望|wished)?", re.IGNORECASE)
_WEEKDAYS = {
    name: weekday
    for weekday, names in enumerate(
        [
            ("周一", "星期一", "一", "1", "mon", "monday"),
            ("周二", "星期二", "二", "2", "tue", "tuesday"),
            ("周三", "星期三", "三", "3", "wed", "wednesday"),
            ("周四", "星期四", "四", "4", "thu", "thursday"),
            ("周五", "星期五", "五", "5", "fri", "friday"),
            ("周六", "星期六", "六", "6", "sat", "saturday"),
            ("周日", "星期日", "星期天", "周天", "日", "7", "sun", "sunday"),
        ]
    )
    for name in names
}
_DAYS = {"每天": range(7), "daily": range(7), "工作日": range(5), "workdays": range(5)}
_YES = frozenset({"是", "有", "y", "yes", "true", "1", "√", "对"})
_NO = frozenset({"否", "无", "没有", "n", "no", "false", "0", "×", "x"})


def text(cell: Cell) -> str:
    """Return what a person sees in a cell, without space around it or the apostrophe that makes it text."""
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == datetime.min.time() else cell).isoformat()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT_DIGITS else str(cell)
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(cell).lower()
    seen = str(cell).strip("\ufeff\u200b \t\r\n\u3000\xa0")
    if seen.startswith('="') and seen.endswith('"') and len(seen) > 2:
        seen = seen[2:-1]
    return seen.removeprefix("'").strip("\ufeff\u200b \t\r\n\u3000\xa0")


def plain(cell: Cell) -> str:
    """Return the text with full-width letters and digits made ordinary ones."""
    return unicodedata.normalize("NFKC", text(cell)).strip()


def digits(cell: Cell) -> str:
    """Return a phone or identity number."""
    if isinstance(cell, int | float) and abs(cell) >= _EXACT_DIGITS:
        raise Misread
    seen = re.sub(r"[\s‐-―]", lambda match: "" if match[0].isspace() else "-", plain(cell))
    if re.fullmatch(r"[0-9.]+E\+?[0-9]+", seen, re.IGNORECASE):
        raise Misread
    return seen


def day(cell: Cell) -> date:
    """Return a date: ISO, 2026/1/5, 2026年1月5日, 20260105, or a spreadsheet's own."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and cell == int(cell) and 0 < cell < 200_000:
        return _EXCEL_EPOCH + timedelta(days=int(cell))
    match = _DAY.fullmatch(plain(cell))
    if match is None:
        raise Misread
    year, month, day_of_month = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, day_of_month)
    except ValueError:
        raise Misread from None


def number(cell: Cell) -> float:
    """Return a number such as 29.3 or 120.07."""
    try:
        return float(plain(cell))
    except ValueError:
        raise Misread from None


def whole(cell: Cell) -> int:
    """Return a whole number."""
    seen = plain(cell)
    if not re.fullmatch(r"-?[0-9]{1,12}", seen):
        raise Misread
    return int(seen)


def yes(cell: Cell) -> bool:
    """Return whether it says yes."""
    seen = plain(cell).casefold()
    if seen not in _YES | _NO:
        raise Misread
    return seen in _YES


def choice(labels: Mapping[str, tuple[str, str]]) -> Callable[[Cell], str]:
    """Return the reader of one of some words, by code or by its Chinese or English name."""
    codes = {name.casefold(): code for code, names in labels.items() for name in (code, *names)}

    def read(cell: Cell) -> str:
        found = codes.get(plain(cell).casefold())
        if found is None:
            raise Misread
        return found

    return read


def choices(labels: Mapping[str, tuple[str, str]]) -> Callable[[Cell], list[str]]:
    """Return the reader of several of some words, divided by 、 or a comma."""
    one = choice(labels)
    return lambda cell: [one(part) for part in _parts(cell)]


def hours(cell: Cell) -> int:
    """Return the minutes of a number of hours such as 4, 4小时 or 1.5h."""
    match = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,2})?)\s*(?:小时|工时|h|hours)?", plain(cell), re.IGNORECASE)
    minutes = float(match[1]) * 60 if match else 0.5
    if not minutes.is_integer():
        raise Misread
    return int(minutes)


def windows(cell: Cell) -> list[dict[str, Any]]:
    """Return windows of weekdays such as ``周一至周五 08:00-11:00；周三 14:00-17:00 希望``."""
    found: list[dict[str, Any]] = []
    for part in _parts(cell, r"[;；\n]+"):
        match = _WINDOW.fullmatch(part)
        if match is None:
            raise Misread
        opens, closes = _minute(match[2]), _minute(match[3])
        for weekday in _weekdays(match["days"]):
            found.append({"weekday": weekday, "opens": opens, "closes": closes, "wished": match["wish"] is not None})
    return found


def working_hours(cell: Cell) -> list[dict[str, int]]:
    """Return hours of weekdays such as ``周一至周五 07:30-18:00``."""
    found = windows(cell)
    if any(window["wished"] for window in found):
        raise Misread
    return [{"weekday": window["weekday"], "starts": window["opens"], "ends": window["closes"]} for window in found]


def certificates(cell: Cell) -> list[dict[str, Any]]:
    """Return certificates such as ``养老护理 2025-01-01至2030-12-31；助浴 2025-01-01至2028-12-31``."""
    skill = choice(LABELS["skill"])
    found = []
    for part in _parts(cell, r"[;；\n]+"):
        match = re.fullmatch(r"(\D+?)\s*(\d[\d/.年月日-]*?)\s*(?:~|至|到|to|\s-\s|–|—)\s*(\d[\d/.年月日-]*)", part)
        if match is None:
            raise Misread
        found.append({"skill": skill(match[1]), "issued_on": day(match[2]), "expires_on": day(match[3])})
    return found


def _parts(cell: Cell, separators: str | re.Pattern[str] = _SEPARATORS) -> list[str]:
    seen = plain(cell)
    if len(seen) > _LONGEST_LIST:
        raise Misread
    return [part.strip() for part in re.split(separators, seen) if part.strip()]


def _minute(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    if int(minute) > 59 or int(hour) * 60 + int(minute) > 1440:
        raise Misread
    return int(hour) * 60 + int(minute)


def _weekdays(words: str) -> list[int]:
    found: list[int] = []
    for word in re.split(r"[、,\s和]+", words.strip().casefold()):
        if word in _DAYS:
            found += _DAYS[word]
            continue
        first, _, last = re.sub(r"\s*(?:-|–|—|~|至|到)\s*", "~", word).partition("~")
        if first not in _WEEKDAYS or (last and last not in _WEEKDAYS):
            raise Misread
        found += range(_WEEKDAYS[first], _WEEKDAYS[last or first] + 1)
    return found
