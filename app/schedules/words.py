"""Broken rules in words, Chinese or English."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from solver.judge import Violation

# rule -> (Chinese, English); found and expected are as the rule's module in ``solver/judge`` tells
_RULES: dict[str, tuple[str, str]] = {
    "known": ("方案中的服务或护理员已不存在", "the visit or the caregiver is no longer there"),
    "overlap": ("同一时间有两次服务", "two visits at the same time"),
    "travel": ("路上的时间不够", "not enough time to travel"),
    "window": ("不在可上门的时段内", "outside the times at which the elder can be visited"),
    "skill": ("护理员没有所需的有效证书", "the caregiver lacks a valid certificate"),
    "gender": ("护理员性别不符合老人的要求", "the elder requires a caregiver of the other gender"),
    "blocked": ("老人与护理员不匹配", "this elder and this caregiver must not meet"),
    "availability": ("护理员当时不上班或请假", "the caregiver is not at work or on leave"),
    "daily_limit": ("超过每日工时上限", "more than the daily limit"),
    "weekly_limit": ("超过每周工时上限", "more than the weekly limit"),
    "rest_day": ("每周没有休息日", "no rest day in the week"),
    "meal_break": ("没有午餐休息时间", "no time for the meal break"),
    "double_handed": ("护理员人数不符", "the wrong number of caregivers"),
    "spacing": ("两次服务间隔太近", "too close to another visit of the elder"),
    "hours": ("超过本月核定工时", "more than the month's hours"),
    "eligibility": ("老人当天不能接受服务", "the elder can't be served on that day"),
    "carers": ("一周内护理员人数过多", "too many different caregivers in the week"),
    "pinned": ("服务已锁定", "the visit is pinned"),
}


def rule_words(rule: str) -> tuple[str, str]:
    """Return a rule of the judge in Chinese and English."""
    return _RULES.get(rule.replace(" ", "_").replace("-", "_"), (rule, rule))


class BrokenRule(BaseModel):
    """A hard rule that a plan breaks, at one spot."""

    rule: str = Field(examples=["overlap"])
    visit_id: int | None
    visit_key: str | None
    caregiver_id: int | None
    elder_id: int | None
    day: int | None = Field(description="0 is Monday")
    found: Any = None
    expected: Any = None
    words: str


def in_words(violation: Violation, visit_ids: Mapping[str, int], lang: str) -> BrokenRule:
    """Return a violation with the ids of rows, and one sentence."""
    code = violation.rule.replace(" ", "_").replace("-", "_")
    chinese, english = _RULES.get(code, (violation.rule, violation.rule))
    return BrokenRule(
        rule=code,
        visit_id=None if violation.visit is None else visit_ids.get(violation.visit),
        visit_key=violation.visit,
        caregiver_id=_number(violation.caregiver),
        elder_id=_number(violation.elder),
        day=violation.day,
        found=violation.found,
        expected=violation.expected,
        words=_sentence(violation, chinese if lang == "zh" else english, lang),
    )


def _sentence(violation: Violation, text: str, lang: str) -> str:
    """Return the rule with what was found and expected, where that can be said in clock times or minutes."""
    code = violation.rule.replace(" ", "_").replace("-", "_")
    found, expected = violation.found, violation.expected
    if code == "window" and isinstance(found, int) and isinstance(expected, tuple):
        detail = (_clock(found), "、".join(_hours(window) for window in expected) or "–")
    elif code == "availability" and isinstance(found, tuple):
        detail = (_hours(found), _hours(expected) if isinstance(expected, tuple) else "–")
    elif code == "overlap" and isinstance(found, int) and isinstance(expected, int):
        detail = (_clock(found), f"≥ {_clock(expected)}")
    elif code in _IN_MINUTES and isinstance(found, int) and isinstance(expected, int):
        minutes = "分钟" if lang == "zh" else "min"
        detail = (f"{found} {minutes}", f"{_IN_MINUTES[code]} {expected} {minutes}")
    else:
        return text
    if lang == "zh":
        return f"{text}（现为 {detail[0]}，应为 {detail[1]}）"
    return f"{text} (found {detail[0]}, expected {detail[1].replace('、', ', ')})"


# rule -> how what is found, in minutes, must stand to what is expected
_IN_MINUTES = {"travel": "≥", "meal_break": "≥", "daily_limit": "≤", "weekly_limit": "≤", "hours": "≤"}


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _hours(span: Any) -> str:
    begins, ends = span
    return f"{_clock(begins)}–{_clock(ends)}"


def _number(text: str | None) -> int | None:
    """Return the row's id: of a need that only takes up time, the elder's."""
    tail = "" if text is None else text.rpartition("-")[2]
    return int(tail) if tail.isdigit() else None
