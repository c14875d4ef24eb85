"""Reasons and fixes in words, Chinese and English."""

from collections.abc import Mapping
from typing import Any

from app.schedules.proof_schemas import Words
from app.schedules.words import rule_words
from solver.plan import Reason

_EN_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")

_REASONS: dict[Reason, tuple[str, str]] = {
    Reason.LEFT_BY_PIN: ("已由调度员锁定为不排", "a dispatcher left it out and pinned that"),
    Reason.PIN_CONFLICT: ("锁定的位置与其他规则或锁定冲突", "its pin contradicts a rule or another pin"),
    Reason.NOT_ELIGIBLE: ("老人本周没有可上门的日子", "the elder can't be visited on any day of this week"),
    Reason.NO_HOURS_LEFT: ("本月核定工时已用完", "no hours of the month are left"),
    Reason.NO_WINDOW: ("可上门的日子里没有可上门的时段", "no time is open on the days that are left"),
    Reason.TOO_CLOSE: ("离老人的其他服务太近", "every day that is open is too close to her other visits"),
    Reason.OUT_OF_REACH: ("没有护理员够得到", "nobody is near enough"),
    Reason.NO_SKILL: ("没有持有效证书的护理员", "nobody near enough has the certificates"),
    Reason.GENDER_OR_BLOCKED: (
        "持证者性别不符或不匹配",
        "those with the certificates are of the other gender, or blocked",
    ),
    Reason.NOBODY_AT_WORK: ("能去的人在可上门的时段都不上班", "nobody who could go is at work when she can be visited"),
    Reason.TOO_MANY_CARERS: ("老人一周内的护理员人数已到上限", "she has as many caregivers this week as she may"),
    Reason.NO_MINUTES_LEFT: (
        "能去的人当天或本周工时已满",
        "those who could go have no minutes left in the day or the week",
    ),
    Reason.NO_ROUTE_FITS: ("能去的人当天路线都排不进", "it fits into nobody's day"),
    Reason.COULD_BE_PLACED: ("现在可以排入", "it could be placed as things stand"),
}

# what stops one caregiver at a gate
_SHUT: dict[Reason, tuple[str, str]] = {
    Reason.OUT_OF_REACH: ("离得太远", "too far away"),
    Reason.NO_SKILL: ("没有所需的有效证书", "without the certificates"),
    Reason.GENDER_OR_BLOCKED: ("性别不符或不匹配", "of the other gender, or blocked"),
    Reason.NOBODY_AT_WORK: ("可上门的时段不上班或请假", "not at work when the elder can be visited"),
    Reason.TOO_MANY_CARERS: ("会超过每周护理员人数", "one caregiver too many in the week"),
    Reason.NO_MINUTES_LEFT: ("当天或本周工时已满", "no minutes left in the day or the week"),
    Reason.NO_ROUTE_FITS: ("当天路线排不进", "it does not fit into her day"),
    Reason.COULD_BE_PLACED: ("可以去，但总体更差", "she could, and it would cost more"),
}

_GATES: dict[str, tuple[str, str]] = {
    "caregivers": ("全部护理员", "all caregivers"),
    "in_reach": ("够得到", "near enough"),
    "with_skill": ("有所需证书", "with the certificates"),
    "gender_and_not_blocked": ("性别相符且匹配", "of the right gender and not blocked"),
    "at_work": ("在可上门的时段上班", "at work when she can be visited"),
    "within_carers": ("不超过每周护理员人数", "within her number of caregivers"),
    "with_minutes_left": ("当天和本周还有工时", "with minutes left in day and week"),
    "route_fits": ("路线排得进", "whose day can take it"),
}


def of_reason(reason: Reason) -> Words:
    """Return a reason as a sentence."""
    return Words(zh=_REASONS[reason][0], en=_REASONS[reason][1])


def of_gate(gate: str) -> Words:
    """Return who is left behind a gate."""
    zh, en = _GATES[gate]
    return Words(zh=zh, en=en)


def of_gate_shut(reason: Reason) -> Words:
    """Return what keeps one caregiver from making a visit."""
    zh, en = _SHUT[reason]
    return Words(zh=zh, en=en)


def of_rule(rule: str) -> Words:
    """Return a rule of the judge as a sentence."""
    zh, en = rule_words(rule)
    return Words(zh=zh, en=en)


def of_fix(kind: str, exception: Mapping[str, Any] | None, moved: int, *, who: str | None = None) -> Words:
    """Return what has to be done, with days and clock times.

    Parameters
    ----------
    who
        The caregiver who is asked, as the reader may see her name; None: by her id.
    """
    zh, en = _what(kind, exception or {}, who)
    if kind != "move_other" and moved:
        zh += f"；另有 {moved} 次服务改时间"
        en += f"; {moved} other visit(s) start at another time"
    return Words(zh=zh, en=en)


def _what(kind: str, said: Mapping[str, Any], who: str | None) -> tuple[str, str]:
    if kind == "place":
        return "直接排入", "place it as things stand"
    if kind == "move_other":
        return "移动另一次服务，腾出位置", "move one other visit to make room"
    zh_day, en_day = _DAYS[said["day"]], _EN_DAYS[said["day"]]
    if kind == "widen_window":
        span = f"{_clock(said['opens'])}–{_clock(said['closes'])}"
        minutes = said["size_minutes"]
        return (
            f"征得同意：{zh_day}可在 {span} 开始（放宽 {minutes} 分钟）",
            f"ask whether the visit may start {span} on {en_day} ({minutes} min more)",
        )
    if kind == "another_day":
        return (
            f"征得同意：改在{zh_day}上门{_nearer(said, 'zh')}",
            f"ask whether she can be visited on {en_day}{_nearer(said, 'en')}",
        )
    minutes, span = said["size_minutes"], f"{_clock(said['starts'])}–{_clock(said['ends'])}"
    hours = f"{said['weekly_limit_minutes'] / 60:g}"
    who = who or said["caregiver"]
    return (
        f"请护理员 {who} 多做 {minutes} 分钟：{zh_day} {span}，本周至多 {hours} 小时",
        f"ask caregiver {who} for {minutes} min more: {en_day} {span}, {hours} h this week at most",
    )


def _nearer(said: Mapping[str, Any], lang: str) -> str:
    days = said["min_days_between"]
    if said["windows"]:
        return "（平时不安排）" if lang == "zh" else " (not one of her days)"
    return f"（与其他服务至少相隔 {days} 天）" if lang == "zh" else f" ({days} day(s) from her other visits)"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
