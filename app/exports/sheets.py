"""Week sheets to print: one A4 page a caregiver, from a template that escapes what it shows."""

from collections.abc import Iterable, Iterator
from pathlib import Path

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
    },
}


def write_sheets(rows: Iterable[ExportRow], week: Week, lang: Lang) -> Iterator[str]:
    """Yield an HTML document with one page a caregiver, in order of their numbers."""
    by_caregiver: dict[str, tuple[Person, list[ExportRow]]] = {}
    for row in rows:
        for person in row.caregivers:
            by_caregiver.setdefault(person.number, (person, []))[1].append(row)
    template = _TEMPLATES.get_template("sheets.html")
    yield from template.generate(
        sheets=[by_caregiver[number] for number in sorted(by_caregiver)],
        week=week,
        lang=lang,
        words=WORDS[lang],
        clock_time=clock_time,
        item_words=lambda items: item_words(items, lang),
        weekday=lambda day: ("周" if lang == "zh" else "") + WEEKDAYS[lang][day.weekday()],
    )
