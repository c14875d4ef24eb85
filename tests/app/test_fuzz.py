"""Generated requests over the whole OpenAPI, as everybody: no 500, and every answer as it is documented.

The ids in paths and bodies are mostly those of real rows, and If-Match mostly the row's version, so that
requests get past the look-up. Some of the invalid cases come without a token (401). The stream of events is
left out: of a schedule that waits in the queue it ends only when a worker has computed it
(``test_permissions`` reads the one of a draft).
"""

from collections import Counter
from pathlib import Path
from traceback import format_exception
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.python.asgi import get_client
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.accounts.models import User
from app.caregivers.models import Caregiver, Certificate, Leave
from app.centres.models import Centre, Town, Village
from app.elders.models import CarePlan, Elder, Stay
from app.entitlements.models import Grant, SpecialDay
from app.schedules.models import Schedule
from tests.app.conftest import BACKEND
from tests.app.two_towns import TwoTowns, two_towns

pytestmark = [
    pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning"),
    pytest.mark.xdist_group("fuzz"),  # what schemathesis works out for an operation serves everybody
]

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXCLUDED = "/api/v1/schedules/{schedule_id}/events"
EXAMPLES = {
    "administrator": 8,
    "dispatcher of the town": 8,
    "auditor of the city": 4,
    "caregiver of the visit": 3,
    "nobody": 2,
}
"""Cases per operation; an operation without any input has fewer different ones."""

FEWEST = {
    "administrator": 700,
    "dispatcher of the town": 700,
    "auditor of the city": 350,
    "caregiver of the visit": 250,
    "nobody": 150,
}
"""Cases at least, 2,150 in all."""

QUICKER = 1 if BACKEND == "sqlite" else 4
"""PostgreSQL gets a quarter of the cases: every table and query is the same, only the database differs."""

OPERATIONS: list[Any] = []

VERSIONED: dict[str, Any] = {
    "user_id": User,
    "town_id": Town,
    "village_id": Village,
    "centre_id": Centre,
    "elder_id": Elder,
    "plan_id": CarePlan,
    "stay_id": Stay,
    "grant_id": Grant,
    "caregiver_id": Caregiver,
    "certificate_id": Certificate,
    "leave_id": Leave,
    "special_day_id": SpecialDay,
    "schedule_id": Schedule,
}


def _known(towns: TwoTowns, salt: int) -> dict[str, Any]:
    """Return real ids by the name of the parameter or field."""
    own = {name: getattr(towns.own, name) for name in VERSIONED if hasattr(towns.own, name)}
    schedules = (towns.own.draft_id, towns.own.published_id, towns.ids["both_id"], towns.other.draft_id)
    return own | {
        "user_id": towns.users["spare"],
        "special_day_id": towns.ids["special_day_id"],
        "schedule_id": schedules[salt % len(schedules)],
        "visit_id": towns.own.visit_id,
        "visit_key": towns.own.visit_key,
        "parent_id": towns.own.published_id,
        "with": towns.own.published_id,
        "town_ids": [towns.own.town_id],
    }


def _aim(towns: TwoTowns, case: Any, salt: int) -> None:
    """Put real ids and the present version into most of the cases."""
    known = _known(towns, salt // 4)
    if salt % 4:
        for name in known.keys() & (case.path_parameters or {}).keys():
            case.path_parameters[name] = known[name]
        if isinstance(case.body, dict):
            for name in known.keys() & case.body.keys():
                case.body[name] = known[name]
        named = [name for name in case.path_parameters or {} if name in VERSIONED]
        if named and case.operation.responses.get("412"):
            with towns.database.read() as session:
                row = session.get(VERSIONED[named[-1]], known[named[-1]])
            case.headers = {**(case.headers or {}), "If-Match": f'"{row.version if row else 1}"'}


class Fuzz:
    """All operations as one person, and what came of it."""

    def __init__(self, towns: TwoTowns, person: str) -> None:
        self.towns, self.person = towns, person
        self.client = get_client(cast(Any, towns.app))
        self.statuses: Counter[int] = Counter()
        self.failures: dict[str, str] = {}

    def run(self, operation: Any, examples: int) -> None:
        """Send some cases of one operation; the first failure of each kind is kept."""

        @seed(90)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=_cases(operation), salt=st.integers(0, 31))
        def send(case: Any, salt: int) -> None:
            _aim(self.towns, case, salt)
            fresh = operation.path.startswith("/api/v1/auth/")
            headers = dict(self.towns.headers(self.person, fresh=fresh))
            if fresh:
                self.towns.forget(self.person)  # these may end all of her sessions
            try:
                response = case.call(session=self.client, headers=headers)
            except Exception as error:  # what the application would log as unexpected
                self.failures.setdefault(f"{operation.label} {error!r}", "".join(format_exception(error)[-3:]))
                return
            self.statuses[response.status_code] += 1
            try:
                case.validate_response(response, checks=CHECKS)
            except BaseExceptionGroup as group:
                self.failures.setdefault(f"{operation.label} {response.status_code}", str(group))

        send()


def _cases(operation: Any) -> Any:
    positive = operation.as_strategy(GenerationMode.POSITIVE)
    if not (operation.body or operation.query or operation.path_parameters):
        return positive
    return st.one_of(positive, positive, operation.as_strategy(GenerationMode.NEGATIVE))


def _operations(towns: TwoTowns) -> list[Any]:
    """Return every operation but one, the same objects each time."""
    if not OPERATIONS:
        schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", towns.app).exclude(path=EXCLUDED)
        for result in schema.get_all_operations():
            assert isinstance(result, Ok), result
            OPERATIONS.append(result.ok())
    return OPERATIONS


@pytest.mark.parametrize("person", EXAMPLES)
def test_every_answer_is_as_documented(
    person: str, template: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with two_towns(template, tmp_path, sign_in_attempts=1000) as towns:
        fuzz = Fuzz(towns, person)
        for operation in _operations(towns):
            fuzz.run(operation, max(1, EXAMPLES[person] // QUICKER))
    sent = fuzz.statuses.total()
    with capsys.disabled():
        print(f"\nfuzz: {person}: {sent} cases, answers {dict(sorted(fuzz.statuses.items()))}")
    assert not fuzz.failures, "\n\n".join(f"{what}\n{how}" for what, how in fuzz.failures.items())
    assert sent >= FEWEST[person] // QUICKER


def test_there_are_2000_cases_in_all() -> None:
    assert sum(FEWEST.values()) >= 2000
