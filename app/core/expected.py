"""What a field of the wrong form was expected to be, in English and in Chinese, by the kind of pydantic's error."""

from collections.abc import Mapping
from typing import Any

_WHOLE = ("a whole number", "整数")
_NUMBER = ("a number", "数字")
_YES = ("true or false", "true 或 false")
_DAY = ("a day, such as 2026-11-23", "日期，如 2026-11-23")
_TIME = ("a time with its offset, such as 2026-11-23T09:00:00+08:00", "带时区的时间，如 2026-11-23T09:00:00+08:00")
_LIST = ("a list", "列表")
_OBJECT = ("an object of named fields", "由字段组成的对象")
_CHOICE = ("{choice}", "{choice_zh}")

_WORDS: Mapping[str, tuple[str, str]] = {
    "missing": ("a value", "必填"),
    "extra_forbidden": ("no field of this name", "没有这个字段"),
    "json_invalid": (
        "JSON; from character {place} on it can't be read ({error})",
        "JSON（从第 {place} 个字符起无法读取）",
    ),
    "string_type": ("text", "文字"),
    "string_too_short": ("at least {min_length} characters", "至少 {min_length} 个字符"),
    "string_too_long": ("at most {max_length} characters", "至多 {max_length} 个字符"),
    "string_pattern_mismatch": ("text of the form {pattern}", "形如 {pattern} 的文字"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "greater_than": ("more than {gt}", "大于 {gt}"),
    "greater_than_equal": ("at least {ge}", "不小于 {ge}"),
    "less_than": ("less than {lt}", "小于 {lt}"),
    "less_than_equal": ("at most {le}", "不大于 {le}"),
    "bool_type": _YES,
    "bool_parsing": _YES,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "timezone_aware": _TIME,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "too_short": ("at least {min_length} of them", "至少 {min_length} 项"),
    "too_long": ("at most {max_length} of them", "至多 {max_length} 项"),
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "union_tag_invalid": _CHOICE,
    "union_tag_not_found": ("a value: it says what the other fields are", "必填：它决定其余字段"),
}


def words(kind: str, context: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return what was expected; None: the error has words of its own.

    Parameters
    ----------
    kind, context
        ``type`` and ``ctx`` of one of pydantic's errors; of JSON that can't be read the ``place`` too.
    """
    said = _WORDS.get(kind)
    if said is None:
        return None
    choices = str(context.get("expected", context.get("expected_tags", "")))
    known = {**context, "choice": f"one of {choices}" if "," in choices else choices}
    known["choice_zh"] = f"{choices.replace(', ', '、').replace(' or ', '、')} 之一"
    return said[0].format_map(known), said[1].format_map(known)
