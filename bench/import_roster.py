"""Import 3,000 elders with their care plans and grants, as CSV and as XLSX, on a dry run and for real.

The peer inserts the same rows, encrypted and complete as they ended up, with nothing read or checked.
Each import runs in a process of its own, so that the memory is its own.
"""

import argparse
import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter
from sqlalchemy import Table, insert, select

from app.accounts.scope import Actor
from app.centres.models import Town, Village
from app.core.csv import write_csv
from app.core.db import Database
from app.demo.options import FULL_ELDERS, CityOptions, Staffing
from app.demo.places import make_places
from app.elders.models import CarePlan, Elder
from app.entitlements.models import Grant
from app.imports.columns import ELDERS, YES_NO_EN
from app.imports.service import import_file
from app.terms import LABELS
from bench.installation import WEEK, Installation, empty_installation, fill
from bench.measure import counted, in_its_own_process, ratio, timed

_TABLES = (Elder.__table__, CarePlan.__table__, Grant.__table__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say how many people."""
    parser.add_argument("--elders", type=int, default=FULL_ELDERS)


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Take the demo city's elders as a file, and import them where only the places are known."""
    with empty_installation() as made:
        fill(made, elders=chosen.elders, staffing=Staffing.SLACK, seed=1)
        rows = elder_rows(made)
    files = {"csv": as_csv(rows), "xlsx": as_xlsx(rows)}
    found: dict[str, Any] = {}
    for name, content in files.items():
        for dry_run in (True, False):
            taken = in_its_own_process(imported, content, chosen.elders, dry_run=dry_run)
            found[f"{name}_{'dry_run' if dry_run else 'real'}"] = {**taken.value, "peak_mb": taken.peak_mb}
    peer = in_its_own_process(inserted, files["csv"], chosen.elders)
    return {
        "elders": len(rows),
        "file_mb": {name: round(len(content) / 1e6, 3) for name, content in files.items()},
        **found,
        "peer": {"what": "INSERT of the same rows, nothing read or checked", **peer.value},
        "csv_to_peer": ratio(found["csv_real"]["seconds"], peer.value["seconds"]),
        "xlsx_to_peer": ratio(found["xlsx_real"]["seconds"], peer.value["seconds"]),
    }


def imported(content: bytes, elders: int, *, dry_run: bool) -> Mapping[str, Any]:
    """Import a file into a city of places."""
    with empty_installation() as here:
        make_only_places(here, elders)
        with counted(here.database.engine) as asked, timed() as took, here.database.write() as session:
            report = import_file(session, Actor.operator(), "elders", content, lang="en", dry_run=dry_run)
    if report.errors or report.created != elders:
        raise RuntimeError(f"{report.created} of {elders} rows were taken; first error: {report.errors[:1]}")
    return {"seconds": round(took.seconds, 3), "queries": asked.queries, "created": report.created}


def inserted(content: bytes, elders: int) -> Mapping[str, Any]:
    """Import once to know the rows, then insert them into another database."""
    with empty_installation() as here:
        make_only_places(here, elders)
        with here.database.write() as session:
            import_file(session, Actor.operator(), "elders", content, lang="en")
        rows = {table: raw_rows(here.database, table) for table in _TABLES if isinstance(table, Table)}
    with empty_installation() as here:
        make_only_places(here, elders)
        engine = here.database.engine.execution_options(jiuling_writes=True)
        with timed() as took, engine.begin() as connection:
            for table, values in rows.items():
                connection.execute(insert(table), values)
    return {"seconds": round(took.seconds, 3), "rows": sum(len(values) for values in rows.values())}


def make_only_places(here: Installation, elders: int) -> None:
    """Fill an empty database with the towns, villages and centres that the elders' city has."""
    with here.database.write() as session:
        make_places(session, CityOptions(as_of=WEEK.monday, elders=elders, seed=1))


def raw_rows(database: Database, table: Table) -> list[dict[str, Any]]:
    """Return a table's rows; what is encrypted is encrypted again by the insert."""
    with database.engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(select(table))]


# --- the file --------------------------------------------------------------------------------------


def elder_rows(made: Installation) -> list[dict[str, str]]:
    """Return the city's elders as somebody would write them down, in English."""
    with made.database.read() as session:
        towns = {town.id: town.name for town in session.scalars(select(Town))}
        villages = {village.id: village.code for village in session.scalars(select(Village))}
        plans = {plan.elder_id: plan for plan in session.scalars(select(CarePlan))}
        grants = {grant.elder_id: grant for grant in session.scalars(select(Grant))}
        return [
            {
                **_person(elder),
                "town": towns[elder.town_id],
                "village": villages[elder.village_id],
                **_service(plans[elder.id], grants[elder.id]),
            }
            for elder in session.scalars(select(Elder).order_by(Elder.id))
        ]


def _person(elder: Elder) -> dict[str, str]:
    return {
        "number": elder.number,
        "name": elder.name,
        "id_number": elder.id_number or "",
        "phone": elder.phone or "",
        "address": elder.address,
        "way_in": elder.way_in or "",
        "latitude": f"{elder.home[0]:.6f}",
        "longitude": f"{elder.home[1]:.6f}",
        "datum": "WGS-84",
        "dialects": _words("dialect", elder.dialects),
        "disability_grade": _words("disability_grade", [elder.disability_grade]),
        "lives_alone": YES_NO_EN[not elder.lives_alone],
        "low_income": YES_NO_EN[not elder.low_income],
        "joined_on": str(elder.joined_on),
    }


def _service(plan: CarePlan, grant: Grant) -> dict[str, str]:
    window = next(iter(plan.windows), None)
    hours = "" if window is None else f"Mon-Sun {_clock(window['opens'])}-{_clock(window['closes'])}"
    return {
        "visit_minutes": str(plan.visit_minutes),
        "items": _words("service_item", plan.items),
        "extra_skills": _words("skill", plan.extra_skills),
        "hands": str(plan.hands),
        "min_days_between": str(plan.min_days_between),
        "max_carers": str(plan.max_carers or ""),
        "required_gender": _words("gender", [plan.required_gender] if plan.required_gender else []),
        "wished_gender": _words("gender", [plan.wished_gender] if plan.wished_gender else []),
        "windows": f"{hours} wished" if window and window["wished"] else hours,
        "holidays_open": YES_NO_EN[not plan.holidays_open],
        "monthly_hours": str(grant.monthly_minutes // 60),
        "approved_by": grant.approved_by,
        "approved_on": str(grant.approved_on),
        "grant_reason": grant.reason,
    }


def _words(kind: str, codes: Sequence[str]) -> str:
    return ", ".join(LABELS[kind][code][1] for code in codes)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def as_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return the rows as the template's CSV."""
    return b"".join(
        write_csv([column.en for column in ELDERS], ([row.get(column.key, "") for column in ELDERS] for row in rows))
    )


def as_xlsx(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return the rows as a workbook of text cells."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("data")
        for place, column in enumerate(ELDERS):
            sheet.write_string(0, place, column.en)
            for line, row in enumerate(rows, 1):
                sheet.write_string(line, place, row.get(column.key, ""))
    return buffer.getvalue()
