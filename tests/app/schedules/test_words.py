"""Broken rules are told in clock times and minutes, in both languages."""

import pytest

from app.schedules.words import in_words
from solver.judge import Violation


@pytest.mark.parametrize(
    ("violation", "zh", "en"),
    [
        (Violation(rule="window", found=300, expected=((450, 720), (780, 1080))), "05:00", "07:30–12:00, 13:00–18:00"),
        (Violation(rule="availability", found=(296, 1038), expected=(480, 1080)), "04:56–17:18", "08:00–18:00"),
        (Violation(rule="availability", found=(296, 1038), expected=None), "04:56–17:18", "expected –"),
        (Violation(rule="overlap", found=540, expected=600), "09:00", "≥ 10:00"),
        (Violation(rule="daily limit", found=481, expected=480), "481 分钟", "≤ 480 min"),
        (Violation(rule="travel", found=3, expected=9), "3 分钟", "≥ 9 min"),
        (Violation(rule="blocked", found="7", expected=None), "不匹配", "must not meet"),
    ],
)
def test_words(violation: Violation, zh: str, en: str) -> None:
    assert zh in in_words(violation, {}, "zh").words
    assert en in in_words(violation, {}, "en").words


def test_what_cannot_be_said_is_left_out() -> None:
    words = in_words(Violation(rule="spacing", found=(1, 2), expected=2), {}, "en").words
    assert words == "too close to another visit of the elder"
