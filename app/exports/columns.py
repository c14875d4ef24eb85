"""The columns of an exported week, in order, with their headers in both languages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.core.csv import DigitText
from app.exports.rows import ExportRow, Person
from app.terms import LABELS

Lang = Literal["zh", "en"]

WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
STATES = {
    "placed": {"zh": "已排", "en": "placed"},
    "unallocated": {"zh": "未排", "en": "unallocated"},
}
REASONS = {
    "left_by_pin": ("按锁定不排", "left by pin"),
    "pin_conflict": ("锁定互相矛盾", "pins contradict"),
    "not_eligible": ("当周不符合服务条件", "not eligible"),
    "no_hours_left": ("当月工时已用完", "no hours left in the month"),
    "no_window": ("没有可用时间窗", "no window"),
    "no_skill": ("没有持证护理员", "nobody with the skill"),
    "gender_or_blocked": ("性别要求或不匹配", "gender wish or blocked pair"),
    "nobody_at_work": ("时间窗内无人上班", "nobody at work in the window"),
    "out_of_reach": ("路程太远", "out of reach"),
    "too_many_carers": ("护理员人数已达上限", "too many caregivers"),
    "no_minutes_left": ("护理员当日或当周工时已满", "no minutes left"),
    "no_route_fits": ("行程排不进", "no route fits"),
    "could_be_placed": ("可以补排", "could be placed"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``personal`` ones are written only for those who may see them."""

    zh: str
    en: str
    value: Callable[[ExportRow, Lang], Any]
    personal: bool = False


def clock_time(minute: int | None) -> str:
    """Return ``09:30`` for 570."""
    return "" if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"


def reason_words(reason: str | None, lang: Lang) -> str:
    """Return a reason code in words."""
    if not reason:
        return ""
    words = REASONS.get(reason)
    return reason if words is None else words[0 if lang == "zh" else 1]


def item_words(items: Sequence[str], lang: Lang) -> str:
    """Return service items in words."""
    labels = LABELS["service_item"]
    if lang == "zh":
        return "、".join(labels[item][0] for item in items)
    return ", ".join(labels[item][1] for item in items)


def _weekday(row: ExportRow, lang: Lang) -> str:
    return "" if row.day is None else ("周" if lang == "zh" else "") + WEEKDAYS[lang][row.day.weekday()]


def _nth(row: ExportRow, n: int) -> Person | None:
    return row.caregivers[n] if n < len(row.caregivers) else None


def _caregiver_number(n: int) -> Callable[[ExportRow, Lang], Any]:
    return lambda row, _lang: person.number if (person := _nth(row, n)) else None


def _caregiver_name(n: int) -> Callable[[ExportRow, Lang], Any]:
    return lambda row, _lang: person.name if (person := _nth(row, n)) else None


def _caregiver_phone(n: int) -> Callable[[ExportRow, Lang], Any]:
    return lambda row, _lang: DigitText(person.phone) if (person := _nth(row, n)) and person.phone else None


COLUMNS: tuple[Column, ...] = (
    Column("日期", "date", lambda row, _: row.day.isoformat() if row.day else None),
    Column("星期", "weekday", _weekday),
    Column("开始", "start", lambda row, _: clock_time(row.start_minute)),
    Column("结束", "end", lambda row, _: clock_time(row.end_minute)),
    Column("时长（分钟）", "minutes", lambda row, _: row.minutes),
    Column("镇街", "town", lambda row, lang: row.town if lang == "zh" else row.town_en),
    Column("村社", "village", lambda row, _: row.village),
    Column("照料中心", "centre", lambda row, _: row.centre),
    Column("老人编号", "elder number", lambda row, _: row.elder.number),
    Column("老人姓名", "elder name", lambda row, _: row.elder.name, personal=True),
    Column("老人电话", "elder phone", lambda row, _: row.elder.phone and DigitText(row.elder.phone), personal=True),
    Column("地址", "address", lambda row, _: row.address, personal=True),
    Column("进门方式", "way in", lambda row, _: row.way_in, personal=True),
    Column("服务项目", "service items", lambda row, lang: item_words(row.items, lang)),
    Column("护理员编号", "caregiver number", _caregiver_number(0)),
    Column("护理员姓名", "caregiver name", _caregiver_name(0), personal=True),
    Column("护理员电话", "caregiver phone", _caregiver_phone(0), personal=True),
    Column("同行护理员编号", "second caregiver number", _caregiver_number(1)),
    Column("同行护理员姓名", "second caregiver name", _caregiver_name(1), personal=True),
    Column("同行护理员电话", "second caregiver phone", _caregiver_phone(1), personal=True),
    Column("路程（分钟）", "travel minutes", lambda row, _: row.travel_minutes),
    Column("状态", "state", lambda row, lang: STATES[row.state][lang]),
    Column("锁定", "pinned", lambda row, lang: {"zh": "是", "en": "yes"}[lang] if row.pinned else None),
    Column("未排原因", "reason", lambda row, lang: reason_words(row.reason, lang)),
    Column("服务编号", "visit key", lambda row, _: row.visit_key),
)


def columns_for(sees_personal: bool) -> tuple[Column, ...]:
    """Return the columns that somebody may see."""
    return tuple(column for column in COLUMNS if sees_personal or not column.personal)


def header(columns: Sequence[Column], lang: Lang) -> list[str]:
    """Return the headers in one language."""
    return [column.zh if lang == "zh" else column.en for column in columns]


def cells(columns: Sequence[Column], row: ExportRow, lang: Lang) -> list[Any]:
    """Return one row's values, not yet guarded."""
    return [column.value(row, lang) for column in columns]
