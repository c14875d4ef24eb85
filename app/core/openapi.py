"""What the OpenAPI says beyond what the routes say themselves: what a body can be refused for, and common words."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI

from app.core.http import PROBLEM_JSON, problem_answer

WORDS = {
    "address": "of her home",
    "all_towns": "whether all towns, now and to come",
    "base": "where she starts and returns to; null: her centre",
    "birth_date": "a day such as 1932-05-01; must agree with the ID number",
    "caregiver_id": "the id of a caregiver",
    "caregiver_ids": "ids of caregivers",
    "centre_id": "the id of a centre",
    "day": "a day such as 2026-11-25",
    "dialects": "those that she speaks",
    "disability_grade": "as assessed",
    "disabled": "true: closed accounts only; false: open ones only",
    "display_name": "shown to others",
    "elder_id": "the id of an elder",
    "ends": "minute of the day, 0 to 1440",
    "entity_id": "the id of what was changed",
    "everywhere": "true: all of one's sessions",
    "expires_on": "the last day on which it is valid",
    "extra_skills": "besides those that the items need",
    "file": "CSV (UTF-8 or GB18030) or XLSX",
    "first_on": "the first day, such as 2026-12-07",
    "from_on": "the first day, such as 2026-11-02",
    "gender": "must agree with the ID number",
    "hands": "caregivers at the same time",
    "health_note": "kept encrypted; never shown to auditors",
    "hired_on": "the first day of work",
    "holidays_open": "whether public holidays are as other days",
    "id_number": "18 characters, with its check digit",
    "if-match": "the ETag that was read",
    "if-none-match": "the ETag of an earlier answer",
    "issued_on": "a day such as 2025-01-01",
    "items": "service items",
    "joined_on": "the first day on the roster; she is 90 or over",
    "kind": "which kind",
    "last_on": "the last day, included",
    "latitude": "degrees, WGS-84",
    "limit": "how many items at most",
    "lives_alone": "whether nobody lives with her",
    "longitude": "degrees, WGS-84",
    "low_income": "whether she is on the low-income register",
    "max_carers": "different caregivers a week at most",
    "min_days_between": "days from one visit to the next at least",
    "minutes": "those delivered; missing: all that were planned",
    "move": "give a visit another time or other caregivers",
    "name": "as written in documents",
    "new_password": "10 characters or more, not the username",
    "note": "at most 200 characters",
    "number": "on the roster; unique in the city",
    "old_password": "the present one",
    "open_on": "only those that are open on this day",
    "opened_on": "the first day on which it is open",
    "overtime_allowed": "whether 44 hours a week are allowed, not 40",
    "password": "10 characters or more, not the username",
    "phone": "a mobile or a landline number",
    "pinned": "true: only those that a new plan may not move",
    "q": "a piece of the name, of its pinyin or of the number",
    "refresh_token": "that of the last answer; it is used up",
    "required_gender": "only caregivers of this gender",
    "seed": "same problem, seed and iterations, same plan",
    "starts": "minute of the day, 0 to 1440",
    "to_on": "the day on which she is home again",
    "town_id": "the id of a town",
    "under_redevelopment": "whether its elders are served by centres around it",
    "unpin": "let a new plan move it again",
    "user_id": "the id of an account",
    "valid_from": "the first day on which it holds",
    "village_id": "the id of a village or community of the town",
    "visit_id": "the id of a visit of this version",
    "visit_minutes": "length of a visit",
    "way_in": "how to get in; kept encrypted",
    "weekday": "0 is Monday",
    "windows": "minutes of weekdays in which a visit may begin",
    "wished": "true: only preferred",
    "wished_gender": "caregivers of this gender are preferred",
}
"""What a field or parameter means wherever it comes, if its own definition doesn't say."""


def complete_openapi(app: FastAPI) -> None:
    """Let the application describe itself in full; call it after the routes are there."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            for operation in (each for path in document["paths"].values() for each in path.values()):
                _complete_answers(operation)
                _explain((each["name"].lower(), each) for each in operation.get("parameters", ()))
            for schema in document.get("components", {}).get("schemas", {}).values():
                _explain(schema.get("properties", {}).items())
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]


def _complete_answers(operation: dict[str, Any]) -> None:
    """Add what happens to a body before the route is called, and leave problem+json as the only kind of error."""
    answers = operation["responses"]
    if "requestBody" in operation:
        answers.update({str(status): problem_answer(status) for status in (400, 413)})
    for answer in answers.values():
        if PROBLEM_JSON in answer.get("content", {}):
            answer["content"] = {PROBLEM_JSON: answer["content"][PROBLEM_JSON]}


def _explain(named: Iterable[tuple[str, dict[str, Any]]]) -> None:
    for name, described in named:
        if "description" not in described and name in WORDS:
            described["description"] = WORDS[name]
