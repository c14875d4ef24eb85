"""A field of the wrong form is answered in plain words of both languages, whatever it should have been."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.core.errors import InvalidInput


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


@pytest.mark.parametrize(
    ("kind", "value", "code", "english", "chinese"),
    [
        (int, "x", "int_parsing", "a whole number", "整数"),
        (int, 1.5, "int_from_float", "a whole number", "整数"),
        (int, None, "int_type", "a whole number", "整数"),
        (int, "9" * 5000, "int_parsing_size", "a whole number", "整数"),
        (float, "x", "float_parsing", "a number", "数字"),
        (Annotated[float, Field(allow_inf_nan=False)], float("inf"), "finite_number", "a number", "数字"),
        (Annotated[int, Field(ge=1)], 0, "greater_than_equal", "at least 1", "不小于 1"),
        (Annotated[int, Field(gt=1)], 0, "greater_than", "more than 1", "大于 1"),
        (Annotated[int, Field(le=1)], 2, "less_than_equal", "at most 1", "不大于 1"),
        (Annotated[int, Field(lt=1)], 2, "less_than", "less than 1", "小于 1"),
        (bool, "x", "bool_parsing", "true or false", "true 或 false"),
        (str, 1, "string_type", "text", "文字"),
        (Annotated[str, Field(min_length=2)], "a", "string_too_short", "at least 2 characters", "至少 2 个字符"),
        (Annotated[str, Field(max_length=2)], "abc", "string_too_long", "at most 2 characters", "至多 2 个字符"),
        (
            Annotated[str, Field(pattern="^a$")],
            "b",
            "string_pattern_mismatch",
            "text of the form ^a$",
            "形如 ^a$ 的文字",
        ),
        (date, "x", "date_from_datetime_parsing", "a day, such as 2026-11-23", "日期，如 2026-11-23"),
        (list[int], 1, "list_type", "a list", "列表"),
        (frozenset[int], 1, "frozen_set_type", "a list", "列表"),
        (Annotated[list[int], Field(min_length=1)], [], "too_short", "at least 1 of them", "至少 1 项"),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "too_long", "at most 1 of them", "至多 1 项"),
        (dict[str, int], 1, "dict_type", "an object of named fields", "由字段组成的对象"),
        (Cat, 1, "model_type", "an object of named fields", "由字段组成的对象"),
        (Colour, "green", "enum", "'red' or 'blue'", "'red'、'blue' 之一"),
        (Literal["a", "b", "c"], "d", "literal_error", "one of 'a', 'b' or 'c'", "'a'、'b'、'c' 之一"),
    ],
)
def test_what_was_expected_is_said_in_both_languages(
    kind: Any, value: Any, code: str, english: str, chinese: str
) -> None:
    (error,) = errors(kind, value)
    assert (error.code, error.expected, error.expected_zh) == (code, english, chinese)


def test_a_field_that_is_missing_unknown_or_decides_about_the_others() -> None:
    (missing,) = errors(Cat, {})
    assert (missing.field, missing.expected, missing.expected_zh) == ("body.kind", "a value", "必填")
    (unknown,) = errors(Closed, {"nmae": 1})
    assert (unknown.field, unknown.expected_zh) == ("body.nmae", "没有这个字段")
    either = Annotated[Cat | Dog, Field(discriminator="kind")]
    (other,) = errors(either, {"kind": "cow"})
    assert (other.field, other.expected, other.value) == ("body.kind", "one of 'cat', 'dog'", "cow")
    (none,) = errors(either, {})
    assert (none.field, none.value) == ("body.kind", None)
    assert none.expected_zh.startswith("必填")


@pytest.mark.parametrize("value", ["x", "2026-11-23T09:00", None, []])
def test_a_time_is_told_to_have_an_offset(value: Any) -> None:
    (error,) = errors(AwareDatetime, value)
    assert "+08:00" in error.expected
    assert "+08:00" in error.expected_zh


def errors(kind: Any, value: Any) -> Any:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    return InvalidInput.from_validation(caught.value).errors
