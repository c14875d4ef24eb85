"""The OpenAPI is complete: whoever writes a client needs nothing else."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.settings import Settings
from tests.app.conftest import application
from tests.app.permissions import ROUTES, Line

pytestmark = pytest.mark.xdist_group("openapi")  # it takes seconds to make
Operation = tuple[str, dict[str, Any]]
SAYS_ITSELF = {"$ref", "enum", "const", "examples", "description"}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The OpenAPI as it is served; no database is asked for it."""
    web = application(Settings(data_dir=tmp_path_factory.mktemp("openapi"), log_level="error"))
    found: dict[str, Any] = TestClient(web).get("/api/v1/openapi.json").json()
    return found


@pytest.fixture
def operations(document: dict[str, Any]) -> list[Operation]:
    """Every operation under its name in the table of permissions."""
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_says_what_it_does(operations: list[Operation]) -> None:
    silent = [
        (name, part)
        for name, operation in operations
        for part in ("summary", "description", "tags", "operationId", "responses")
        if not operation.get(part)
    ]
    assert not silent


def test_operation_ids_are_unique(operations: list[Operation]) -> None:
    counted = Counter(operation["operationId"] for _, operation in operations)
    assert [each for each, times in counted.items() if times > 1] == []


def test_what_the_table_of_permissions_says_is_documented(operations: list[Operation]) -> None:
    documented = {name: set(operation["responses"]) for name, operation in operations}
    missing = [
        (line.route, sorted(missing))
        for line in ROUTES
        if line.route in documented and (missing := _answers_of(line) - documented[line.route])
    ]
    assert not missing


def _answers_of(line: Line) -> set[str]:
    answers = {"1": "401", "3": "403", "4": "404", "2": "422"}
    return {answers[cell] for cell in line.cells if cell in answers} | ({"412"} if line.stale else set())


def test_guarded_operations_say_so(operations: list[Operation]) -> None:
    open_ones = {line.route for line in ROUTES if "1" not in line.cells}
    for name, operation in operations:
        assert ("security" in operation) == (name not in open_ones), name


def test_errors_are_problems_and_nothing_else(operations: list[Operation]) -> None:
    for name, operation in operations:
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert set(answer["content"]) == {"application/problem+json"}, (name, status)
                assert answer["description"], (name, status)


def test_a_body_says_that_it_may_be_unreadable_or_too_large(operations: list[Operation]) -> None:
    with_body = [operation for _, operation in operations if "requestBody" in operation]
    assert len(with_body) > 20
    for operation in with_body:
        assert {"400", "413", "422"} <= set(operation["responses"])


def test_a_change_of_a_version_asks_for_if_match(operations: list[Operation]) -> None:
    for name, operation in operations:
        headers = {each["name"].lower() for each in operation.get("parameters", ()) if each["in"] == "header"}
        assert ("412" in operation["responses"]) == ("if-match" in headers), name


def test_every_parameter_is_explained(operations: list[Operation]) -> None:
    silent = [
        (name, parameter["name"])
        for name, operation in operations
        for parameter in operation.get("parameters", ())
        if parameter["in"] != "path" and not _is_plain(parameter) and not _is_plain(parameter["schema"])
    ]
    assert not silent


def test_every_field_of_a_body_is_explained(document: dict[str, Any], operations: list[Operation]) -> None:
    schemas = document["components"]["schemas"]
    sent = set(_references([operation.get("requestBody") for _, operation in operations], schemas, set()))
    assert len(sent) > 30
    silent = [
        (name, field)
        for name in sorted(sent)
        for field, schema in schemas[name].get("properties", {}).items()
        if not _is_plain(schema)
    ]
    assert not silent
    undescribed = [name for name in sorted(sent) if not schemas[name].get("description")]
    assert [name for name in undescribed if not re.match(r"Body_", name)] == []  # FastAPI's own, of a form


def _is_plain(schema: dict[str, Any]) -> bool:
    """Whether a field says what it means, or what it may be."""
    return bool(SAYS_ITSELF & schema.keys()) or any(
        _is_plain(each) for each in schema.get("anyOf", ()) if each != {"type": "null"}
    )


def _references(part: Any, schemas: dict[str, Any], seen: set[str]) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _references(each, schemas, seen)
    elif isinstance(part, dict):
        name = str(part.get("$ref", "")).removeprefix("#/components/schemas/")
        if name and name not in seen:
            seen.add(name)
            yield name
            yield from _references(schemas[name], schemas, seen)
        yield from _references([value for key, value in part.items() if key != "$ref"], schemas, seen)


def test_the_limits_of_ids_are_in_the_schema(operations: list[Operation]) -> None:
    for name, operation in operations:
        for parameter in operation.get("parameters", ()):
            schema = parameter["schema"]
            for each in (schema, *schema.get("anyOf", ())):
                if each.get("type") == "integer":
                    assert {"maximum", "exclusiveMaximum", "enum"} & each.keys() | {"enum"} & schema.keys(), (
                        name,
                        parameter["name"],
                    )
