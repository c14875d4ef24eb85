"""Rows for tests: each builder adds one valid row, flushes it and returns it; name only what the test is about.

``given.elder(session, town)`` makes what it needs besides (a village); columns are overridden by name:
``given.elder(session, town, lives_alone=True)``. Numbers and ID numbers are never given twice in a process.
"""

import itertools
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.cn import ric

from app.caregivers.models import Caregiver, Certificate, Leave, WorkingHours
from app.centres.models import Centre, CentreKind, Town, Village
from app.core.crypto import vault
from app.core.db import Base
from app.elders.models import CarePlan, Elder, Stay
from app.entitlements.models import Grant, SpecialDay
from app.pairs.models import Pair
from app.terms import Skill

YIWU = (29.3055, 120.0750)
"""Latitude and longitude (WGS-84, degrees) of the middle of the city."""

JOINED = date(2026, 1, 1)
_numbers = itertools.count(1)


def _add(session: Session, row: Base) -> None:
    session.add(row)
    session.flush()


def id_number(birth_date: date, gender: str = "female", sequence: int | None = None) -> str:
    """Return a valid ID number of Yiwu; ``sequence`` (0 to 499) tells people with one birthday apart."""
    serial = (sequence if sequence is not None else next(_numbers) % 500) * 2 + (gender == "male")
    digits = f"330782{birth_date:%Y%m%d}{serial:03d}"
    return digits + ric.calc_check_digit(digits + "0")


def town(session: Session, **columns: Any) -> Town:
    """Add a town."""
    n = next(_numbers)
    defaults = {
        "code": f"3307{n:05d}000"[-12:],
        "name": f"测试镇{n}",
        "name_en": f"Test town {n}",
        "kind": "town",
        "latitude": YIWU[0],
        "longitude": YIWU[1],
        "coordinate_source": "test",
    }
    row = Town(**(defaults | columns))
    _add(session, row)
    return row


def village(session: Session, town: Town, **columns: Any) -> Village:
    """Add a village of a town."""
    n = next(_numbers)
    defaults = {
        "code": f"330782{n:06d}",
        "name": f"测试村{n}",
        "town_id": town.id,
        "latitude": town.latitude + 0.01,
        "longitude": town.longitude + 0.01,
        "coordinate_source": "test",
    }
    row = Village(**(defaults | columns))
    _add(session, row)
    return row


def centre(session: Session, town: Town, **columns: Any) -> Centre:
    """Add a care centre of a town, with 400 hours a month."""
    n = next(_numbers)
    defaults = {
        "number": f"C{n:05d}",
        "name": f"测试照料中心{n}",
        "kind": CentreKind.CARE,
        "town_id": town.id,
        "latitude": town.latitude,
        "longitude": town.longitude,
        "monthly_capacity_minutes": 24_000,
        "opened_on": date(2020, 1, 1),
    }
    row = Centre(**(defaults | columns))
    _add(session, row)
    return row


def elder(session: Session, town: Town, **columns: Any) -> Elder:
    """Add an elder aged 93 on joining, without grant or care plan, in a village of the town (any, or a new one)."""
    n = next(_numbers)
    birth_date = columns.get("birth_date", date(1932, 5, 1))
    gender = columns.get("gender", "female")
    if "village_id" not in columns:
        found = session.scalars(select(Village).where(Village.town_id == town.id).order_by(Village.id)).first()
        columns["village_id"] = (found or village(session, town)).id
    number_of_identity = columns.get("id_number") or _fresh_id_number(session, Elder, birth_date, gender)
    defaults = {
        "number": f"E{n:05d}",
        "name": "王秀英",
        "id_number": number_of_identity,
        "id_number_index": vault().blind_index("id_number", number_of_identity),
        "phone": "13800001234",
        "address": f"测试路{n}号",
        "way_in": "门口按铃",
        "home": (town.latitude + 0.011, town.longitude + 0.011),
        "birth_date": birth_date,
        "gender": gender,
        "dialects": ["yiwu"],
        "disability_grade": "mild",
        "town_id": town.id,
        "joined_on": JOINED,
    }
    row = Elder(**(defaults | columns))
    _add(session, row)
    return row


def _fresh_id_number(session: Session, model: type[Elder] | type[Caregiver], birth_date: date, gender: str) -> str:
    for sequence in range(500):
        number = id_number(birth_date, gender, sequence)
        index = vault().blind_index("id_number", number)
        if session.scalars(select(model.id).where(model.id_number_index == index)).first() is None:
            return number
    raise AssertionError("500 people have this birthday and gender: give id_number or another birth_date")


def stay(session: Session, elder: Elder, **columns: Any) -> Stay:
    """Add a stay in hospital in the first week of February 2026."""
    defaults = {
        "elder_id": elder.id,
        "kind": "hospital",
        "from_on": date(2026, 2, 2),
        "to_on": date(2026, 2, 9),
    }
    row = Stay(**(defaults | columns))
    _add(session, row)
    return row


def care_plan(session: Session, elder: Elder, **columns: Any) -> CarePlan:
    """Add a care plan of one-hour visits from the day she joined."""
    defaults = {"elder_id": elder.id, "valid_from": elder.joined_on, "visit_minutes": 60, "items": ["cleaning"]}
    row = CarePlan(**(defaults | columns))
    _add(session, row)
    return row


def grant(session: Session, elder: Elder, **columns: Any) -> Grant:
    """Add a grant of 240 minutes a month from the day she joined, without end."""
    defaults = {
        "elder_id": elder.id,
        "valid_from": elder.joined_on,
        "monthly_minutes": 240,
        "approved_by": "民政局",
        "approved_on": elder.joined_on,
        "reason": "年满九十",
    }
    row = Grant(**(defaults | columns))
    _add(session, row)
    return row


def caregiver(
    session: Session,
    town: Town,
    *,
    skills: tuple[str, ...] = (Skill.CARE, Skill.BATHING),
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4),
    **columns: Any,
) -> Caregiver:
    """Add a full-time caregiver of a care centre of the town (any, or a new one), Monday to Friday 7:30 to 18:00."""
    n = next(_numbers)
    birth_date = columns.get("birth_date", date(1980, 3, 8))
    gender = columns.get("gender", "female")
    if "centre_id" not in columns:
        found = session.scalars(select(Centre).where(Centre.town_id == town.id).order_by(Centre.id)).first()
        columns["centre_id"] = (found or centre(session, town)).id
    number_of_identity = columns.get("id_number") or _fresh_id_number(session, Caregiver, birth_date, gender)
    defaults = {
        "number": f"G{n:05d}",
        "name": "李小红",
        "id_number": number_of_identity,
        "id_number_index": vault().blind_index("id_number", number_of_identity),
        "phone": "13900005678",
        "birth_date": birth_date,
        "gender": gender,
        "dialects": ["yiwu", "mandarin"],
        "town_id": town.id,
        "base": None,
        "mode": "ebike",
        "contract_minutes": 2400,
        "hired_on": date(2025, 1, 1),
    }
    row = Caregiver(**(defaults | columns))
    _add(session, row)
    for skill in skills:
        certificate(session, row, skill=skill)
    for weekday in weekdays:
        _add(session, WorkingHours(caregiver_id=row.id, weekday=weekday, starts=450, ends=1080))
    return row


def certificate(session: Session, caregiver: Caregiver, **columns: Any) -> Certificate:
    """Add a certificate of care, valid from 2025 to 2030."""
    defaults = {
        "caregiver_id": caregiver.id,
        "skill": Skill.CARE,
        "issued_on": date(2025, 1, 1),
        "expires_on": date(2030, 12, 31),
    }
    row = Certificate(**(defaults | columns))
    _add(session, row)
    return row


def leave(session: Session, caregiver: Caregiver, **columns: Any) -> Leave:
    """Add a week of annual leave in the second week of February 2026."""
    defaults = {
        "caregiver_id": caregiver.id,
        "first_on": date(2026, 2, 9),
        "last_on": date(2026, 2, 15),
        "kind": "annual",
    }
    row = Leave(**(defaults | columns))
    _add(session, row)
    return row


def pair(session: Session, elder: Elder, caregiver: Caregiver, **columns: Any) -> Pair:
    """Add a usual pair of weight 1."""
    row = Pair(**({"elder_id": elder.id, "caregiver_id": caregiver.id, "kind": "usual"} | columns))
    _add(session, row)
    return row


def special_day(session: Session, day: date, **columns: Any) -> SpecialDay:
    """Add a day that is closed whatever the calendar says."""
    row = SpecialDay(**({"day": day, "kind": "closed", "name": "测试"} | columns))
    _add(session, row)
    return row
