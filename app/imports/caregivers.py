"""Caregivers from a file, with certificates and working hours: by the very functions of the API."""

from datetime import date
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select

from app.caregivers import availability, repository, service
from app.caregivers.availability_schemas import CertificateNew, WorkingWeek
from app.caregivers.models import Caregiver, Certificate
from app.caregivers.schemas import CaregiverChange, CaregiverNew
from app.core.errors import InvalidInput
from app.imports.resolving import facts_of, find_town, point_of
from app.imports.schemas import FieldChange
from app.imports.telling import told_change
from app.imports.work import Row, Work

_SAME = (
    "number",
    "name",
    "id_number",
    "birth_date",
    "gender",
    "phone",
    "dialects",
    "mode",
    "overtime_allowed",
    "hired_on",
)
_COLUMNS = {name: name for name in _SAME} | {
    "centre_id": "centre",
    "base": "latitude",
    "contract_minutes": "contract_hours",
}
_WEEK = {"days": "hours"}
_CERTIFICATE = {"skill": "certificates", "issued_on": "certificates", "expires_on": "certificates"}


def take(work: Work) -> None:
    """Put the caregiver of each row on the roster, or change her."""
    work.find_repeated("number", "id_number")
    for row in work.rows:
        caregiver = _stored(work, row) if work.update else None
        sent = _sent(work, row, caregiver)
        week, certificates = _week(work, row), _certificates(work, row)
        if caregiver is None:
            _create(work, row, sent, week, certificates)
        else:
            _change(work, row, caregiver, sent, week, certificates)


def _stored(work: Work, row: Row) -> Caregiver | None:
    return work.session.scalars(select(Caregiver).where(Caregiver.number == row.values.get("number"))).one_or_none()


def _sent(work: Work, row: Row, caregiver: Caregiver | None) -> dict[str, Any]:
    sent = row.pick({name: column for name, column in _COLUMNS.items() if name not in ("centre_id", "base")})
    point = point_of(work, row)
    if "latitude" in point and "longitude" in point:
        sent["base"] = point
    town_id = find_town(work, row) or (caregiver.town_id if caregiver else None)
    if "centre" in row.values and town_id is not None:
        found = work.places.centres.get((town_id, row.values["centre"].casefold()))
        if found is None:
            work.blame(row, "centre")
        else:
            sent["centre_id"] = found
    return sent


def _week(work: Work, row: Row) -> WorkingWeek | None:
    if "hours" not in row.values:
        return None
    return work.body(row, WorkingWeek, _WEEK, row.pick(_WEEK))


def _certificates(work: Work, row: Row) -> list[CertificateNew]:
    try:
        return [CertificateNew.model_validate(one) for one in row.values.get("certificates", ())]
    except ValidationError as error:
        work.blame_error(row, InvalidInput.from_validation(error), _CERTIFICATE)
        return []


def _create(
    work: Work, row: Row, sent: dict[str, Any], week: WorkingWeek | None, certificates: list[CertificateNew]
) -> None:
    body = work.body(row, CaregiverNew, _COLUMNS, facts_of(work, row) | sent)
    if body is None or work.is_blamed(row):
        return
    caregiver = work.attempt(row, _COLUMNS, lambda: service.create(work.session, work.actor, body))
    if caregiver is not None:
        _set_hours(work, row, caregiver, week, certificates)
        work.created += 1


def _change(
    work: Work,
    row: Row,
    caregiver: Caregiver,
    sent: dict[str, Any],
    week: WorkingWeek | None,
    certificates: list[CertificateNew],
) -> None:
    if not work.actor.sees_town(caregiver.town_id):
        work.blame(row, "number", "您负责的镇街的护理员编号", "the number of a caregiver of your towns")
        return
    body = work.body(row, CaregiverChange, _COLUMNS, sent)
    if body is None or work.is_blamed(row):
        return
    before = {name: getattr(caregiver, name) for name in CaregiverNew.model_fields}
    session = work.session

    def deed() -> bool:
        service.change(session, work.actor, caregiver, body)
        return True

    if not work.attempt(row, _COLUMNS, deed):
        return
    told = [
        told_change(work, _COLUMNS[name], old, getattr(caregiver, name))
        for name, old in before.items()
        if old != getattr(caregiver, name)
    ]
    new_week, new_certificates = _new(work, caregiver, week, certificates)
    told += _set_hours(work, row, caregiver, new_week, new_certificates)
    work.tell_change(row, caregiver.number, told)


def _new(
    work: Work, caregiver: Caregiver, week: WorkingWeek | None, certificates: list[CertificateNew]
) -> tuple[WorkingWeek | None, list[CertificateNew]]:
    """Return what of a week and some certificates isn't stored yet; those that aren't in the file stay."""
    stored = {(hours.weekday, hours.starts, hours.ends) for hours in _hours(work, caregiver)}
    if week is not None and {(day.weekday, day.starts, day.ends) for day in week.days} == stored:
        week = None
    held = {_key(one) for one in repository.certificates_of(work.session, caregiver.id)}
    return week, [one for one in certificates if _key(one) not in held]


def _hours(work: Work, caregiver: Caregiver) -> list[Any]:
    return list(repository.working_hours_of(work.session, caregiver.id))


def _key(certificate: Certificate | CertificateNew) -> tuple[str, date, date]:
    return str(certificate.skill), certificate.issued_on, certificate.expires_on


def _set_hours(
    work: Work, row: Row, caregiver: Caregiver, week: WorkingWeek | None, certificates: list[CertificateNew]
) -> list[FieldChange]:
    told: list[FieldChange] = []
    if week is not None:
        before = [{"weekday": day.weekday, "opens": day.starts, "closes": day.ends} for day in _hours(work, caregiver)]
        after = [{"weekday": day.weekday, "opens": day.starts, "closes": day.ends} for day in week.days]

        def set_week() -> None:
            availability.set_week(work.session, work.actor, caregiver, week)

        work.attempt(row, _WEEK, set_week)
        told.append(told_change(work, "hours", before, after))
    for one in certificates:

        def add(one: CertificateNew = one) -> None:
            certificate = Certificate(**one.model_dump())
            availability.add(work.session, work.actor, caregiver, certificate)

        work.attempt(row, _CERTIFICATE, add)
        told.append(told_change(work, "certificates", None, [str(one.skill), one.issued_on, one.expires_on]))
    return told
