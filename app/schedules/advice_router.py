"""Advice on one visit of a schedule, and the fix that a dispatcher chooses."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from app.accounts.guard import Editor, Reader
from app.core.db import ReadSession, WriteSession, database
from app.core.http import ExpectedVersion, PathId, problems, set_etag
from app.schedules import advice
from app.schedules.advice_schemas import FixAnswer, FixChoice, ReasonsView

router = APIRouter(prefix="/api/v1/schedules/{schedule_id}/visits/{visit_id}", tags=["schedules"])


@router.get("/reasons", responses=problems(401, 403, 404))
def read_reasons(
    schedule_id: PathId, visit_id: PathId, session: ReadSession, actor: Reader, request: Request
) -> ReasonsView:
    """Say why a visit has no place and what would give it one; or why it has the caregiver that it has.

    The funnel counts the caregivers left behind each gate, and which rule turns the others away. Up to three
    fixes are offered, cheapest first and one of a kind, each of them tried on the whole week: nothing else loses
    its place and no rule breaks. Of a placed visit the next two caregivers are told, with what they would cost.
    """
    return advice.reasons(session, actor, schedule_id, visit_id, database_url=database(request).url)


@router.post("/fixes", responses=problems(401, 403, 404, 409, 412, 428))
def apply_fix(
    schedule_id: PathId,
    visit_id: PathId,
    body: FixChoice,
    expected: ExpectedVersion,
    actor: Editor,
    request: Request,
    response: Response,
    lang: Annotated[Literal["zh", "en"], Query(description="of the words in the answer")] = "zh",
) -> FixAnswer:
    """Apply a fix that `reasons` offered for this version of a draft: the visit is placed.

    A fix that needs something beside the roster (a wider window, another day, a caregiver's extra minutes) is
    refused (409; `exception` says what) until `apply_to` confirms that it is agreed for this week. The
    exception is stored with the schedule and audited, holds when the week is published or planned again, and
    leaves the roster as it is.
    """
    store = database(request)
    # Found without holding the database: trying a fix takes a second, and the version says that nothing changed.
    with store.read() as session:
        chosen = advice.choose(session, actor, schedule_id, visit_id, expected, body, database_url=store.url)
    with store.write() as session:
        answer = advice.apply(session, actor, schedule_id, expected, chosen, database_url=store.url, lang=lang)
    response.headers["ETag"] = f'"{answer.version}"'
    return answer


@router.delete("/exceptions", status_code=204, responses=problems(401, 403, 404, 409, 412, 428))
def take_back_exceptions(
    schedule_id: PathId,
    visit_id: PathId,
    session: WriteSession,
    expected: ExpectedVersion,
    actor: Editor,
    response: Response,
) -> None:
    """Take back what was agreed this week for a visit of a draft, once the visit is left out again.

    What else relies on it is named by the judge when the week is published.
    """
    set_etag(response, advice.take_back(session, actor, schedule_id, visit_id, expected))
