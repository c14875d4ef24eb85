"""Week sheets to print, from templates that escape what they show: one A4 page a caregiver, or an elder."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.core.weeks import Week
from app.exports.columns import WEEKDAYS, Lang, clock_time, item_words
from app.exports.rows import ExportRow, Person

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)

WORDS = {
    "zh": {
        "title": "护理员周排班表",
        "week": "周",
        "date": "日期",
        "time": "时间",
        "elder": "老人",
        "address": "地址与进门方式",
        "items": "服务项目",
        "with": "同行",
        "phone": "电话",
        "total": "合计",
        "hours": "小时",
        "visits": "次服务",
        "personal": "内含个人信息，请妥善保管，用后销毁。",
        "none": "本周没有服务。",
        "elder_title": "本周上门服务",
        "caregiver": "护理员",
        "and": "、",
        "ask_centre": "有事请找：",
    },
    "en": {
        "title": "Week sheet",
        "week": "week",
        "date": "Date",
        "time": "Time",
        "elder": "Elder",
        "address": "Address and way in",
        "items": "Service items",
        "with": "With",
        "phone": "phone",
        "total": "Total",
        "hours": "hours",
        "visits": "visits",
        "personal": "Personal data: keep it safe, destroy it after use.",
        "none": "No visits this week.",
        "elder_title": "Your visits this week",
        "caregiver": "Caregiver",
        "and": " and ",
        "ask_centre": "Questions:",
    },
}


def write_sheets(rows: Iterable[ExportRow], week: Week, lang: Lang) -> Iterator[str]:
    """Yield an HTML document with one page a caregiver, in order of their numbers."""
    by_caregiver: dict[str, tuple[Person, list[ExportRow]]] = {}
    for row in rows:
        for person in row.caregivers:
            by_caregiver.setdefault(person.number, (person, []))[1].append(row)
    yield from _written("sheets.html", [by_caregiver[number] for number in sorted(by_caregiver)], week, lang)


def write_elder_sheets(rows: Iterable[ExportRow], week: Week, lang: Lang) -> Iterator[str]:
    """Yield an HTML document with one page an elder in large type, by centre, in order of their numbers.

    It hangs on her wall: nothing of where she lives, how one gets in, or anybody's phone.
    """
    by_elder: dict[tuple[str, str], tuple[Person, str | None, list[ExportRow]]] = {}
    for row in rows:
        if row.day is not None:
            key = (row.centre or "", row.elder.number)
            by_elder.setdefault(key, (row.elder, row.centre, []))[2].append(row)
    yield from _written("elder_sheets.html", [by_elder[key] for key in sorted(by_elder)], week, lang)


def _written(template: str, sheets: Sequence[Any], week: Week, lang: Lang) -> Iterator[str]:
    yield from _TEMPLATES.get_template(template).generate(
        sheets=sheets,
        week=week,
        lang=lang,
        words=WORDS[lang],
        clock_time=clock_time,
        item_words=lambda items: item_words(items, lang),
        weekday=lambda day: _weekday(day, lang),
        day_words=lambda day: _day_words(day, lang),
    )


def _weekday(day: date, lang: Lang) -> str:
    return ("周" if lang == "zh" else "") + WEEKDAYS[lang][day.weekday()]


def _day_words(day: date, lang: Lang) -> str:
    if lang == "zh":
        return f"{day.month}月{day.day}日 星期{WEEKDAYS['zh'][day.weekday()]}"
    return f"{_weekday(day, lang)} {day.day}/{day.month}"
