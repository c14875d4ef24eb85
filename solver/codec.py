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
    read: _T = _object("", {key: value for key, value in document.items() if key != "format"}, kind)
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


# Reading: by the type that the field has in its dataclass.

_Reader = Callable[[str, Any], Any]


def _object(path: str, value: object, kind: Any) -> Any:
    if not isinstance(value, dict):
        raise InvalidProblem(path, value, "an object")
    readers = _readers(kind)
    for name in value.keys() - readers.keys():
        raise InvalidProblem(_joined(path, name), value[name], f"no such field; there are {', '.join(readers)}")
    for name in readers:
        if name not in value:
            raise InvalidProblem(_joined(path, name), None, "a value; the field is missing")
    read = {name: reader(_joined(path, name), value[name]) for name, reader in readers.items()}
    try:
        return kind(**read)
    except InvalidProblem as error:
        raise error.under(path) from error


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
        return lambda path, value: None if value is None else reader(path, value)
    if origin is tuple:
        each = _reader(inner[0]) if inner[-1] is Ellipsis else None
        if each is not None:
            return lambda path, value: tuple(_list(path, value, each))
        parts = [_reader(part) for part in inner]
        return lambda path, value: _row(path, value, parts)
    if origin is frozenset:
        member = _reader(inner[0])
        return lambda path, value: _set(path, value, member)
    if origin is Mapping:
        entry = _reader(inner[1])
        return lambda path, value: _mapping(path, value, entry)
    if origin is np.ndarray:
        return _matrix
    if is_dataclass(hint):
        return lambda path, value: _object(path, value, hint)
    if issubclass(hint, StrEnum):
        return lambda path, value: _member(path, value, hint)
    return _SCALARS[hint]


def _list(path: str, value: object, reader: _Reader) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidProblem(path, value, "a list")
    return [reader(f"{path}[{i}]", each) for i, each in enumerate(value)]


def _row(path: str, value: object, readers: list[_Reader]) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(value) != len(readers):
        raise InvalidProblem(path, value, f"a list of {len(readers)}")
    return tuple(reader(f"{path}[{i}]", each) for i, (reader, each) in enumerate(zip(readers, value, strict=True)))


def _set(path: str, value: object, reader: _Reader) -> frozenset[Any]:
    members = _list(path, value, reader)
    if len(set(members)) != len(members):
        raise InvalidProblem(path, value, "each member once")
    return frozenset(members)


def _mapping(path: str, value: object, reader: _Reader) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidProblem(path, value, "an object")
    return {key: reader(_joined(path, key), each) for key, each in value.items()}


def _matrix(path: str, value: object) -> Any:
    rows = _list(path, value, lambda where, row: _list(where, row, _minutes))
    for i, row in enumerate(rows):
        if len(row) != len(rows):
            raise InvalidProblem(f"{path}[{i}]", row, f"a list of {len(rows)}")
    return np.array(rows, dtype=np.int32).reshape(len(rows), len(rows))


def _minutes(path: str, value: object) -> int:
    if type(value) is not int or not 0 <= value <= _MOST_MINUTES:
        raise InvalidProblem(path, value, "whole minutes")
    return value


def _member(path: str, value: object, kind: type[StrEnum]) -> StrEnum:
    try:
        return kind(_string(path, value))
    except InvalidProblem:
        raise
    except ValueError as error:
        raise InvalidProblem(path, value, f"one of {', '.join(kind)}") from error


def _string(path: str, value: object) -> str:
    if not is_text(value):
        raise InvalidProblem(path, value, "a text")
    return str(value)


def _whole(path: str, value: object) -> int:
    if type(value) is not int or abs(value) > _LARGEST_WHOLE:
        raise InvalidProblem(path, value, "a whole number")
    return value


def _number(path: str, value: object) -> float:
    if type(value) is int and abs(value) <= _LARGEST_WHOLE:
        return float(value)
    if type(value) is not float or not isfinite(value):
        raise InvalidProblem(path, value, "a finite number")
    return value


def _boolean(path: str, value: object) -> bool:
    if type(value) is not bool:
        raise InvalidProblem(path, value, "true or false")
    return value


_SCALARS: Mapping[Any, _Reader] = {str: _string, int: _whole, float: _number, bool: _boolean}


def _joined(path: str, name: str) -> str:
    """Return the path of a field or key; keys that are no plain word stand in brackets."""
    if not _PLAIN_KEY.fullmatch(name):
        return f"{path}[{json.dumps(name, ensure_ascii=False)}]"
    return f"{path}.{name}" if path else name
