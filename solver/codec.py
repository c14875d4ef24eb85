"""Problems and plans as JSON, with the version of the format in the text; nothing is guessed.

Every field is written and must be there when read: an unknown or missing field, a wrong type, a
number that is not finite or a key given twice raises `InvalidProblem`, which names the path, such as
``needs[3].visits[0].minutes``. Sets are sorted lists; a travel matrix is a list of rows.
"""

import json
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from math import isfinite
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from solver.invalid import InvalidProblem, is_text
from solver.plan import Plan
from solver.problem import Problem

PROBLEM_FORMAT = "jiuling.problem/1"
PLAN_FORMAT = "jiuling.plan/1"

# Beyond this, readers that keep numbers as floats would no longer agree on a whole number.
_LARGEST_WHOLE = 2**53
_MOST_MINUTES = 2**31 - 1
_PLAIN_KEY = re.compile(r"\w+")
_T = TypeVar("_T")


def problem_to_json(problem: Problem) -> str:
    """Return a problem as one line of JSON; reading it gives an equal problem."""
    return _text(problem_to_dict(problem))


def problem_from_json(text: str | bytes) -> Problem:
    """Return the problem that a text holds.

    Raises
    ------
    InvalidProblem
        Naming the path, the value and what was expected.
    """
    return problem_from_dict(_parsed(text))


def problem_to_dict(problem: Problem) -> dict[str, Any]:
    """Return a problem as JSON values."""
    return {"format": PROBLEM_FORMAT, **_written(problem)}


def problem_from_dict(document: object) -> Problem:
    """Return the problem that JSON values hold; raises as `problem_from_json`."""
    return _document(document, PROBLEM_FORMAT, Problem)


def plan_to_json(plan: Plan) -> str:
    """Return a plan as one line of JSON; reading it gives an equal plan."""
    return _text(plan_to_dict(plan))


def plan_from_json(text: str | bytes) -> Plan:
    """Return the plan that a text holds; raises as `problem_from_json`. No rule is judged."""
    return plan_from_dict(_parsed(text))


def plan_to_dict(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON values."""
    return {"format": PLAN_FORMAT, **_written(plan)}


def plan_from_dict(document: object) -> Plan:
    """Return the plan that JSON values hold; raises as `problem_from_json`."""
    return _document(document, PLAN_FORMAT, Plan)


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _parsed(text: str | bytes) -> object:
    try:
        return json.loads(text, parse_constant=_not_finite, object_pairs_hook=_unique)
    except InvalidProblem:
        raise
    except (ValueError, RecursionError) as error:
        # Besides broken JSON: bytes that are no text, numbers of thousands of digits, endless nesting.
        raise InvalidProblem("", str(error), "a JSON text") from error


def _not_finite(constant: str) -> float:
    raise InvalidProblem("", constant, "a finite number")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InvalidProblem(twice, twice, "each key once")
    return document


def _document(document: object, format_: str, kind: type[_T]) -> _T:
    if not isinstance(document, dict):
        raise InvalidProblem("", document, "an object")
    if document.get("format") != format_:
        raise InvalidProblem("format", document.get("format"), repr(format_))
    read: _T = _object({key: value for key, value in document.items() if key != "format"}, kind)
    return read


# Writing: by the value.


def _written(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _written(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {key: _written(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    return value.value if isinstance(value, StrEnum) else value


# Reading: by the type that the field has in its dataclass. A path is put together only where something is wrong,
# from the inside out: most of a city's time would go into it.

_Reader = Callable[[Any], Any]


def _object(value: object, kind: Any) -> Any:
    if not isinstance(value, dict):
        raise InvalidProblem("", value, "an object")
    readers = _readers(kind)
    if value.keys() != readers.keys():
        raise _wrong_fields(value, readers)
    read = {}
    for name, reader in readers.items():
        try:
            read[name] = reader(value[name])
        except InvalidProblem as error:
            raise _within(_step(name), error) from error
    return kind(**read)


def _wrong_fields(value: Mapping[str, Any], readers: Mapping[str, _Reader]) -> InvalidProblem:
    for name in value:
        if name not in readers:
            return InvalidProblem(_step(name), value[name], f"no such field; there are {', '.join(readers)}")
    missing = next(name for name in readers if name not in value)
    return InvalidProblem(missing, None, "a value; the field is missing")


def _within(step: str, error: InvalidProblem) -> InvalidProblem:
    """Return an error with its path told from one step further outside."""
    joined = step + error.field if not error.field or error.field.startswith("[") else f"{step}.{error.field}"
    return InvalidProblem(joined, error.value, error.expected)


@cache
def _readers(kind: Any) -> Mapping[str, _Reader]:
    hints = get_type_hints(kind)
    return {field.name: _reader(hints[field.name]) for field in fields(kind)}


def _reader(hint: Any) -> _Reader:
    """Return the function that reads a value of this type, or refuses it."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (some,) = (each for each in inner if each is not types.NoneType)
        reader = _reader(some)
        return lambda value: None if value is None else reader(value)
    if origin is tuple:
        each = _reader(inner[0]) if inner[-1] is Ellipsis else None
        if each is not None:
            return lambda value: tuple(_list(value, each))
        parts = [_reader(part) for part in inner]
        return lambda value: _row(value, parts)
    if origin is frozenset:
        member = _reader(inner[0])
        return lambda value: _set(value, member)
    if origin is Mapping:
        entry = _reader(inner[1])
        return lambda value: _mapping(value, entry)
    if origin is np.ndarray:
        return _matrix
    if is_dataclass(hint):
        return lambda value: _object(value, hint)
    if issubclass(hint, StrEnum):
        return lambda value: _member(value, hint)
    return _SCALARS[hint]


def _list(value: object, reader: _Reader) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidProblem("", value, "a list")
    read: list[Any] = []
    try:
        for each in value:
            read.append(reader(each))
    except InvalidProblem as error:
        raise _within(f"[{len(read)}]", error) from error
    return read


def _row(value: object, readers: list[_Reader]) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(value) != len(readers):
        raise InvalidProblem("", value, f"a list of {len(readers)}")
    following = iter(readers)
    return tuple(_list(value, lambda each: next(following)(each)))


def _set(value: object, reader: _Reader) -> frozenset[Any]:
    members = _list(value, reader)
    if len(set(members)) != len(members):
        raise InvalidProblem("", value, "each member once")
    return frozenset(members)


def _mapping(value: object, reader: _Reader) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidProblem("", value, "an object")
    read = {}
    for key, each in value.items():
        try:
            read[key] = reader(each)
        except InvalidProblem as error:
            raise _within(_step(key), error) from error
    return read


def _matrix(value: object) -> Any:
    rows = _list(value, lambda row: _list(row, _minutes))
    for i, row in enumerate(rows):
        if len(row) != len(rows):
            raise InvalidProblem(f"[{i}]", row, f"a list of {len(rows)}")
    return np.array(rows, dtype=np.int32).reshape(len(rows), len(rows))


def _minutes(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _MOST_MINUTES:
        raise InvalidProblem("", value, "whole minutes")
    return value


def _member(value: object, kind: type[StrEnum]) -> StrEnum:
    try:
        return kind(_string(value))
    except InvalidProblem:
        raise
    except ValueError as error:
        raise InvalidProblem("", value, f"one of {', '.join(kind)}") from error


def _string(value: object) -> str:
    if not is_text(value):
        raise InvalidProblem("", value, "a text")
    return str(value)


def _whole(value: object) -> int:
    if type(value) is not int or abs(value) > _LARGEST_WHOLE:
        raise InvalidProblem("", value, "a whole number")
    return value


def _number(value: object) -> float:
    if type(value) is int and abs(value) <= _LARGEST_WHOLE:
        return float(value)
    if type(value) is not float or not isfinite(value):
        raise InvalidProblem("", value, "a finite number")
    return value


def _boolean(value: object) -> bool:
    if type(value) is not bool:
        raise InvalidProblem("", value, "true or false")
    return value


_SCALARS: Mapping[Any, _Reader] = {str: _string, int: _whole, float: _number, bool: _boolean}


def _step(name: str) -> str:
    """Return the step of a path to a field or key; keys that are no plain word stand in brackets."""
    return name if _PLAIN_KEY.fullmatch(name) else f"[{json.dumps(name, ensure_ascii=False)}]"
