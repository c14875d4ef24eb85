"""The columns of the three kinds of file: their headers in both languages, how a cell is read, what it should hold."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.imports import cells
from app.imports.reading import Cell
from app.terms import LABELS

DATUMS = {"wgs84": ("WGS-84", "WGS-84"), "gcj02": ("GCJ-02", "GCJ-02")}
YES_NO = ("是", "否")
YES_NO_EN = ("yes", "no")
CENTRE_KINDS = {
    "guidance": ("指导中心", "guidance"),
    "demonstration": ("示范中心", "demonstration"),
    "care": ("照料中心", "care"),
}
SHORT = ("不超过 200 字", "text of at most 200 characters")
A_DAY = ("日期，如 2026-01-05", "a date such as 2026-01-05")


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``expected``, ``example`` and ``offered`` are Chinese and English."""

    key: str
    zh: str
    en: str
    read: Callable[[Cell], Any]
    expected: tuple[str, str]
    example: tuple[str, str] = ("", "")
    required: bool = False
    offered: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def header(self, lang: str) -> str:
        """Return its header."""
        return self.zh if lang == "zh" else self.en


def in_lang(pair: tuple[Any, Any], lang: str) -> Any:
    """Return the Chinese or the English one."""
    return pair[0] if lang == "zh" else pair[1]


def _text(key: str, zh: str, en: str, example: str = "", **more: Any) -> Column:
    expected = more.pop("expected", SHORT)
    return Column(key, zh, en, more.pop("read", cells.text), expected, (example, example), **more)


def _day(key: str, zh: str, en: str, example: str = "", **more: Any) -> Column:
    return Column(key, zh, en, cells.day, more.pop("expected", A_DAY), (example, example), **more)


def _yes(key: str, zh: str, en: str) -> Column:
    return Column(key, zh, en, cells.yes, ("是 或 否", "yes or no"), ("否", "no"), offered=(YES_NO, YES_NO_EN))


def _one(key: str, zh: str, en: str, labels: dict[str, tuple[str, str]], example: str = "", **more: Any) -> Column:
    words = _words(labels)
    expected = ("、".join(words[0]) + " 之一", "one of " + ", ".join(words[1]))
    shown = labels.get(example, ("", ""))
    return Column(key, zh, en, cells.choice(labels), expected, shown, offered=words, **more)


def _some(key: str, zh: str, en: str, labels: dict[str, tuple[str, str]], example: str = "", **more: Any) -> Column:
    words = _words(labels)
    expected = ("以顿号分隔：" + "、".join(words[0]), "divided by commas: " + ", ".join(words[1]))
    return Column(key, zh, en, cells.choices(labels), expected, labels.get(example, ("", "")), **more)


def _words(labels: dict[str, tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(zh for zh, _ in labels.values()), tuple(en for _, en in labels.values())


def _whole(key: str, zh: str, en: str, first: int, last: int, example: str = "", **more: Any) -> Column:
    expected = (f"{first} 至 {last} 的整数", f"a whole number from {first} to {last}")
    return Column(key, zh, en, cells.whole, expected, (example, example), **more)


def _number(key: str) -> Column:
    return _text(
        key,
        "编号",
        "Number",
        "EXAMPLE",
        required=True,
        read=cells.plain,
        expected=("字母、数字、- 或 _，最多 20 位，不重复", "letters, digits, - or _, at most 20, unique"),
    )


_NAME = _text(
    "name", "姓名", "Name", "王秀英", required=True, expected=("姓名，最多 100 字", "a name of at most 100 characters")
)
_IDENTITY = _text(
    "id_number",
    "身份证号",
    "ID number",
    "33078219320501002X",
    required=True,
    read=cells.digits,
    expected=(
        "18 位身份证号，单元格设为文本（数字格式会丢失末几位）",
        "18 characters, in a cell formatted as text (a number loses the last digits)",
    ),
)
_PERSON = (
    _day(
        "birth_date",
        "出生日期",
        "Birth date",
        expected=(
            "日期，与身份证号一致；不填则取自身份证号",
            "a date that agrees with the ID number; empty: taken from it",
        ),
    ),
    _one("gender", "性别", "Gender", LABELS["gender"]),
    _text(
        "phone",
        "电话",
        "Phone",
        "13800001234",
        read=cells.digits,
        expected=("手机号或固定电话", "a Chinese mobile or landline number"),
    ),
)
_TOWN = _text(
    "town",
    "镇街",
    "Town",
    "稠城街道",
    required=True,
    expected=("您负责的镇街名称或代码", "name or code of one of your towns"),
)
_VILLAGE = _text(
    "village",
    "村社",
    "Village",
    "江滨社区居委会",
    expected=("该镇街的村社名称或代码", "name or code of a village of the town"),
)
_LATITUDE = Column(
    "latitude",
    "纬度",
    "Latitude",
    cells.number,
    ("-90 至 90，如 29.306512", "-90 to 90, such as 29.306512"),
    ("29.306512", "29.306512"),
)
_LONGITUDE = Column(
    "longitude",
    "经度",
    "Longitude",
    cells.number,
    ("-180 至 180，如 120.075123", "-180 to 180, such as 120.075123"),
    ("120.075123", "120.075123"),
)
_DATUM = _one("datum", "坐标系", "Datum", DATUMS, "wgs84")
_PLACE = (_LATITUDE, _LONGITUDE, _DATUM)

ELDERS = (
    _number("number"),
    _NAME,
    _IDENTITY,
    *_PERSON,
    _TOWN,
    _text("village", "村社", "Village", "江滨社区居委会", required=True, expected=_VILLAGE.expected),
    _text(
        "address",
        "住址",
        "Address",
        "江滨路1号",
        required=True,
        expected=("住址，最多 200 字", "an address of at most 200 characters"),
    ),
    _text("way_in", "进门方式", "Way in"),
    *_PLACE,
    _some("dialects", "方言", "Dialects", LABELS["dialect"], "yiwu"),
    _one("disability_grade", "能力等级", "Disability grade", LABELS["disability_grade"], "mild", required=True),
    _text("health_note", "健康备注", "Health note", expected=("不超过 2000 字", "text of at most 2000 characters")),
    _yes("lives_alone", "独居", "Lives alone"),
    _yes("low_income", "低收入", "Low income"),
    _day(
        "joined_on",
        "加入日期",
        "Joined on",
        "2026-01-05",
        required=True,
        expected=("日期，当天须年满 90 周岁", "a date on which she is 90 or over"),
    ),
    Column(
        "visit_minutes",
        "每次分钟",
        "Visit minutes",
        cells.whole,
        ("30、40、48、60、80、120、240 之一", "one of 30, 40, 48, 60, 80, 120, 240"),
        ("60", "60"),
    ),
    _some("items", "服务项目", "Service items", LABELS["service_item"], "cleaning"),
    _some("extra_skills", "另需资质", "Extra skills", LABELS["skill"]),
    _whole("hands", "每次人数", "Hands", 1, 2, "1"),
    _whole("min_days_between", "间隔天数", "Days between", 0, 6, "1"),
    _whole("max_carers", "每周护理员上限", "Most carers a week", 1, 10),
    _one("required_gender", "要求护理员性别", "Required gender", LABELS["gender"]),
    _one("wished_gender", "希望护理员性别", "Wished gender", LABELS["gender"]),
    Column(
        "windows",
        "服务时段",
        "Windows",
        cells.windows,
        ("如 周一至周五 08:00-11:00；周三 14:00-17:00 希望", "such as Mon-Fri 08:00-11:00; Wed 14:00-17:00 wished"),
        ("周一至周五 08:00-11:00；周三 14:00-17:00 希望", "Mon-Fri 08:00-11:00; Wed 14:00-17:00 wished"),
    ),
    _yes("holidays_open", "节假日可服务", "Holidays open"),
    _text("plan_note", "方案备注", "Plan note"),
    _day(
        "plan_from",
        "方案起始日期",
        "Plan from",
        expected=("日期；不填则为加入日期", "a date; empty: the day of joining"),
    ),
    Column(
        "monthly_hours",
        "每月工时",
        "Hours a month",
        cells.hours,
        ("4 或 8（小时）", "4 or 8 (hours)"),
        ("4", "4"),
        offered=(("4", "8"), ("4", "8")),
    ),
    _day(
        "grant_from",
        "核定起始日期",
        "Grant from",
        expected=("日期；不填则为加入日期", "a date; empty: the day of joining"),
    ),
    _text("approved_by", "核定人", "Approved by", "民政局", expected=("最多 100 字", "text of at most 100 characters")),
    _day("approved_on", "核定日期", "Approved on", "2025-12-20"),
    _text("grant_reason", "核定理由", "Reason of the grant", "轻度失能"),
)

CAREGIVERS = (
    _number("number"),
    _NAME,
    _IDENTITY,
    *_PERSON,
    _some("dialects", "方言", "Dialects", LABELS["dialect"], "yiwu"),
    _TOWN,
    _text(
        "centre",
        "所属中心编号",
        "Centre number",
        "C00001",
        required=True,
        read=cells.plain,
        expected=("该镇街开放中的中心编号", "the number of an open centre of the town"),
    ),
    *_PLACE,
    _one("mode", "出行方式", "Travel mode", LABELS["mode"], "ebike", required=True),
    Column(
        "contract_hours",
        "每周合同工时",
        "Contract hours a week",
        cells.hours,
        ("1 至 40（小时）", "1 to 40 (hours)"),
        ("40", "40"),
        required=True,
    ),
    _yes("overtime_allowed", "可加班", "Overtime allowed"),
    _day("hired_on", "入职日期", "Hired on", "2026-01-05", required=True),
    Column(
        "certificates",
        "证书",
        "Certificates",
        cells.certificates,
        (
            "如 养老护理 2025-01-01至2030-12-31；助浴 2025-01-01至2028-12-31",
            "such as care 2025-01-01 to 2030-12-31; bathing 2025-01-01 to 2028-12-31",
        ),
        ("养老护理 2025-01-01至2030-12-31", "care 2025-01-01 to 2030-12-31"),
    ),
    Column(
        "hours",
        "工作时间",
        "Working hours",
        cells.working_hours,
        ("如 周一至周五 07:30-18:00，每天一段", "such as Mon-Fri 07:30-18:00, one stretch a day"),
        ("周一至周五 07:30-18:00", "Mon-Fri 07:30-18:00"),
    ),
)

CENTRES = (
    _number("number"),
    _text(
        "name",
        "名称",
        "Name",
        "江滨社区照料中心",
        required=True,
        expected=("名称，最多 100 字", "a name of at most 100 characters"),
    ),
    _one("kind", "类型", "Kind", CENTRE_KINDS, "care", required=True),
    _TOWN,
    _VILLAGE,
    *_PLACE,
    Column(
        "monthly_capacity_hours",
        "每月服务能力（小时）",
        "Capacity a month (hours)",
        cells.hours,
        ("0 至 160000（小时）", "0 to 160000 (hours)"),
        ("400", "400"),
        required=True,
    ),
    _day("opened_on", "开放日期", "Opened on", "2026-01-05", required=True),
)
