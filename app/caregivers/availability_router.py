"""``/api/v1/caregivers/{id}/…``: certificates, working hours, leave."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.accounts.guard import Editor, Reader
from app.accounts.scope import Actor, find
from app.caregivers import availability, repository
from app.caregivers.availability_schemas import (
    CertificateChange,
    CertificateNew,
    CertificateView,
    LeaveChange,
    LeaveKind,
    LeaveNew,
    LeaveView,
    WorkingDay,
    WorkingWeek,
)
from app.caregivers.models import Caregiver, Certificate, Leave
from app.core.db import ReadSession, WriteSession
from app.core.http import ExpectedVersion, PathId, QueryDay, problems, set_etag

router = APIRouter(prefix="/api/v1/caregivers/{caregiver_id}", tags=["caregivers"])

_READ = problems(401, 403, 404)
_ADD = problems(401, 403, 404, 409)
_CHANGE = problems(401, 403, 404, 409, 412, 428)


def _show_leave(leave: Leave, actor: Actor) -> LeaveView:
    return LeaveView(
        id=leave.id,
        caregiver_id=leave.caregiver_id,
        kind=LeaveKind(leave.kind),
        first_on=leave.first_on,
        last_on=leave.last_on,
        starts=leave.starts,
        ends=leave.ends,
        note=actor.shown(leave.note),
        version=leave.version,
    )


@router.get("/certificates", responses=_READ)
def list_certificates(caregiver_id: PathId, actor: Reader, session: ReadSession) -> list[CertificateView]:
    """List a caregiver's certificates, those that ended too."""
    caregiver = find(session, actor, Caregiver, caregiver_id)
    return [CertificateView.model_validate(row) for row in repository.certificates_of(session, caregiver.id)]


@router.post("/certificates", status_code=201, responses=_ADD)
def add_certificate(
    caregiver_id: PathId, body: CertificateNew, actor: Editor, session: WriteSession, response: Response
) -> CertificateView:
    """Add a certificate."""
    row = Certificate(**body.model_dump())
    availability.add(session, actor, find(session, actor, Caregiver, caregiver_id), row)
    set_etag(response, row)
    return CertificateView.model_validate(row)


@router.get("/certificates/{certificate_id}", responses=_READ)
def read_certificate(
    caregiver_id: PathId, certificate_id: PathId, actor: Reader, session: ReadSession, response: Response
) -> CertificateView:
    """Show a certificate."""
    caregiver = find(session, actor, Caregiver, caregiver_id)
    row = availability.find_own(session, caregiver, Certificate, certificate_id)
    set_etag(response, row)
    return CertificateView.model_validate(row)


@router.patch("/certificates/{certificate_id}", responses=_CHANGE)
def change_certificate(
    caregiver_id: PathId,
    certificate_id: PathId,
    body: CertificateChange,
    actor: Editor,
    session: WriteSession,
    expected: ExpectedVersion,
    response: Response,
) -> CertificateView:
    """Change a certificate; what is left out stays."""
    caregiver = find(session, actor, Caregiver, caregiver_id)
    row = availability.find_own(session, caregiver, Certificate, certificate_id, expected)
    availability.change(session, actor, caregiver, row, body.values())
    set_etag(response, row)
    return CertificateView.model_validate(row)


@router.delete("/certificates/{certificate_id}", status_code=204, responses=_CHANGE)
def remove_certificate(
    caregiver_id: PathId, certificate_id: PathId, actor: Editor, session: WriteSession, expected: ExpectedVersion
) -> None:
    """Delete a certificate that was entered by mistake."""
    caregiver = find(session, actor, Caregiver, caregiver_id)
    row = availability.find_own(session, caregiver, Certificate, certificate_id, expected)
    availability.remove(session, actor, caregiver, row)


@router.get("/working-hours", responses=_READ)
def read_working_hours(caregiver_id: PathId, actor: Reader, session: ReadSession, response: Response) -> WorkingWeek:
    """Show a caregiver's week; the ETag is the caregiver's."""
    caregiver = find(session, actor, Caregiver, caregiver_id)
    rows = repository.working_hours_of(session, caregiver.id)
    set_etag(response, caregiver)
    return WorkingWeek(days=[WorkingDay(weekday=row.weekday, starts=row.starts, ends=row.ends) for row in rows])


@router.put("/working-hours", responses=_CHANGE)
def set_working_hours(
    caregiver_id: PathId,
    body: WorkingWeek,
    actor: Editor,
    session: WriteSession,
    expected: ExpectedVersion,
    response: Response,
) -> WorkingWeek:
    """Replace a caregiver's whole week; If-Match is the caregiver's ETag."""
    caregiver = find(session, actor, Caregiver, caregiver_id, expected)
    availability.set_week(session, actor, caregiver, body)
    return read_working_hours(caregiver_id, actor, session, response)


@router.get("/leaves", responses=_READ)
def list_leaves(
    caregiver_id: PathId,
    actor: Reader,
    session: ReadSession,
    ending_from: Annotated[QueryDay, Query(description="only leave that lasts up to this day or longer")] = None,
) -> list[LeaveView]:
    """List a caregiver's leave in order of its first day."""
    caregiver = find(session, actor, Caregiver, caregiver_id)
    return [_show_leave(row, actor) for row in repository.leaves_of(session, caregiver.id, ending_from)]


@router.post("/leaves", status_code=201, responses=_ADD)
def add_leave(
    caregiver_id: PathId, body: LeaveNew, actor: Editor, session: WriteSession, response: Response
) -> LeaveView:
    """Add leave; schedules that are published already don't change by it."""
    row = Leave(**body.model_dump())
    availability.add(session, actor, find(session, actor, Caregiver, caregiver_id), row)
    set_etag(response, row)
    return _show_leave(row, actor)


@router.get("/leaves/{leave_id}", responses=_READ)
def read_leave(
    caregiver_id: PathId, leave_id: PathId, actor: Reader, session: ReadSession, response: Response
) -> LeaveView:
    """Show leave."""
    row = availability.find_own(session, find(session, actor, Caregiver, caregiver_id), Leave, leave_id)
    set_etag(response, row)
    return _show_leave(row, actor)


@router.patch("/leaves/{leave_id}", responses=_CHANGE)
def change_leave(
    caregiver_id: PathId,
    leave_id: PathId,
    body: LeaveChange,
    actor: Editor,
    session: WriteSession,
    expected: ExpectedVersion,
    response: Response,
) -> LeaveView:
    """Change leave; what is left out stays."""
    caregiver = find(session, actor, Caregiver, caregiver_id)
    row = availability.find_own(session, caregiver, Leave, leave_id, expected)
    availability.change(session, actor, caregiver, row, body.values())
    set_etag(response, row)
    return _show_leave(row, actor)


@router.delete("/leaves/{leave_id}", status_code=204, responses=_CHANGE)
def remove_leave(
    caregiver_id: PathId, leave_id: PathId, actor: Editor, session: WriteSession, expected: ExpectedVersion
) -> None:
    """Delete leave that is not taken."""
    caregiver = find(session, actor, Caregiver, caregiver_id)
    row = availability.find_own(session, caregiver, Leave, leave_id, expected)
    availability.remove(session, actor, caregiver, row)
