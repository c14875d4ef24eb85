"""Every route × every role × own and other town, each cell by a real request."""

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from app.assignments.service import assign_centres
from app.core import clock
from tests.app.permissions import ROUTES, STALE, Line
from tests.app.two_towns import PEOPLE, TwoTowns, counted, two_towns

pytestmark = pytest.mark.xdist_group("permissions")  # some cells sign people out: their order counts

REFUSED = {"1": 401, "3": 403, "4": 404, "2": 422}
ALLOWED = (200, 201, 202, 204, 409, 412)
"""409 and 412 come after the authorisation."""


@pytest.fixture(scope="module")
def towns(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoTowns]:
    """One database for all cells."""
    with two_towns(template, tmp_path_factory.mktemp("permissions")) as made:
        with made.database.write() as session:
            assign_centres(session, None, clock.today())  # the latest is read, whichever cell comes first
        yield made


def _filled(towns: TwoTowns, value: Any) -> Any:
    """Put the two towns' ids where a value says ``$name``."""
    if isinstance(value, dict):
        return {key: _filled(towns, item) for key, item in value.items()}
    if not (isinstance(value, str) and value.startswith("$")):
        return value
    name = value[1:]
    if name == "calendar_secret":
        return towns.calendar_secret()
    if name == "refresh_token":
        return towns.tokens("door").refresh_token
    return _id(towns, name)


def _id(towns: TwoTowns, name: str) -> Any:
    known = {"user_id": towns.users["spare"], "door": towns.door, **towns.ids}
    return known[name] if name in known else getattr(towns.own, name)


def call(towns: TwoTowns, line: Line, person: str) -> Any:
    """Send the request of a line as somebody."""
    method, path = line.route.split(" ")
    path = path.replace(":path}", "}")
    parameters = re.findall(r"{(\w+)}", path)
    values = {name: _filled(towns, line.path.get(name, f"${name}")) for name in parameters}
    fresh = path.startswith("/api/v1/auth/")  # these end sessions
    headers = towns.headers(person, fresh=fresh) | (STALE if line.stale else {})
    if line.origin:
        headers |= {"Origin": str(towns.client.base_url)}
    more: dict[str, Any] = {}
    if line.body is not None:
        more["json"] = _filled(towns, line.body(towns))
    if line.content is not None:
        more |= line.content(towns)
    towns.client.cookies.clear()  # nobody goes on with the session that another has opened
    return towns.client.request(
        method, path.format(**values), headers=headers, params=_filled(towns, line.query), **more
    )


def _cells(line: Line) -> dict[str, str]:
    return dict(zip(PEOPLE, line.cells.replace(" ", ""), strict=True))


@pytest.mark.parametrize("line", ROUTES, ids=str)
def test_a_route_is_open_to_whom_the_table_says(towns: TwoTowns, line: Line) -> None:
    before = counted(towns.database, "sign_ins", "audit_entries")
    wrong = []
    cells = _cells(line)
    for person in sorted(cells, key=lambda each: cells[each] == "+"):  # the refused ones first
        if cells[person] == "+":
            continue
        answer = call(towns, line, person)
        if answer.status_code != REFUSED[cells[person]]:
            wrong.append(f"{person}: {answer.status_code}, not {REFUSED[cells[person]]}: {answer.text[:200]}")
        elif answer.headers["content-type"] != "application/problem+json":
            wrong.append(f"{person}: {answer.headers['content-type']}")
    assert counted(towns.database, "sign_ins", "audit_entries") == before
    for person in cells:
        if cells[person] == "+":
            answer = call(towns, line, person)
            if answer.status_code not in ALLOWED:
                wrong.append(f"{person}: {answer.status_code}, not allowed: {answer.text[:300]}")
    assert not wrong, "\n".join(wrong)


def test_no_route_is_missing_from_the_table(towns: TwoTowns) -> None:
    offered = {
        f"{method} {route.path}"
        for route in iter_route_contexts(towns.app.routes)
        for method in set(route.methods or ()) - {"HEAD", "OPTIONS"}
    }
    listed = {line.route for line in ROUTES}
    assert offered - listed == set(), "add these to tests/app/permissions.py"
    assert listed - offered == set(), "these are gone"


def test_the_cells_share_one_process(request: pytest.FixtureRequest) -> None:
    """pytest 9.2 with xdist 3.8 spread them without a word (pytest-xdist issue 1386)."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith("@permissions")


def test_every_line_has_a_cell_for_everybody() -> None:
    for line in ROUTES:
        assert set(_cells(line).values()) <= set("+1342"), line


def _scalars(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _scalars(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _scalars(item, key.removesuffix("s"))
    else:
        yield key, value


LISTS = [line for line in ROUTES if line.route.startswith("GET /api/v1/") or line.route.endswith("/search")]


@pytest.mark.parametrize("line", LISTS, ids=str)
@pytest.mark.parametrize("person", ["dispatcher of the other town", "auditor of the other town"])
def test_nothing_of_another_town_is_in_an_answer(towns: TwoTowns, line: Line, person: str) -> None:
    answer = call(towns, line, person)
    if answer.status_code != 200 or not answer.headers["content-type"].startswith("application/json"):
        return  # refused, as the table says, or a document that has its own tests
    if "openapi" in line.route:
        return
    hidden = {
        (name, getattr(towns.own, name))
        for name in ("town_id", "village_id", "centre_id", "elder_id", "caregiver_id", "visit_key")
    }
    found = hidden.intersection(_scalars(json.loads(answer.text)))
    assert not found
