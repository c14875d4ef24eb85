"""Elders from a file, with their care plans and grants: the rules are those of the API, the inserts go in batches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.audit.record import record
from app.core.db import Versioned
from app.core.errors import InvalidInput
from app.elders import care_plans, repository, rules, service
from app.elders.care_plan_schemas import CarePlanNew
from app.elders.models import CarePlan, Elder
from app.elders.repository import Known
from app.elders.schemas import ElderNew
from app.entitlements import grants
from app.entitlements.models import Grant
from app.entitlements.schemas import GrantNew
from app.imports.columns import in_lang
from app.imports.resolving import facts_of, find_town, find_village, point_of
from app.imports.schemas import FieldChange
from app.imports.telling import told_change
from app.imports.work import Row, Work

ELDER = {name: name for name in ElderNew.model_fields if name not in ("town_id", "village_id", "centre_id")}
PLAN = {name: name for name in CarePlanNew.model_fields} | {"valid_from": "plan_from", "note": "plan_note"}
GRANT = {
    "valid_from": "grant_from",
    "monthly_minutes": "monthly_hours",
    "approved_by": "approved_by",
    "approved_on": "approved_on",
    "reason": "grant_reason",
}
_BLAMED = ELDER | {"town_id": "town", "village_id": "village", "centre_id": "village", "home": "latitude"}


@dataclass(frozen=True, slots=True)
class Draft:
    """What one row asks for; ``elder`` is whom it changes."""

    row: Row
    body: ElderNew
    elder: Elder | None
    plan: CarePlanNew | None
    grant: GrantNew | None


def take(work: Work) -> None:
    """Check all rows; if nothing is wrong with any, store them."""
    work.find_repeated("number", "id_number")
    stored = _stored(work) if work.update else {}
    drafts = [draft for row in work.rows if (draft := _draft(work, row, stored)) is not None]
    known = service.known_for(work.session, [draft.body for draft in drafts])
    for draft in drafts:
        for error in rules.broken(draft.body, known, work.actor, draft.elder.id if draft.elder else None):
            work.blame_error(draft.row, error, _BLAMED)
    if work.errors:
        return
    _create(work, [draft for draft in drafts if draft.elder is None], known)
    for draft in drafts:
        if draft.elder is not None:
            _change(work, draft, draft.elder, known)


def _stored(work: Work) -> dict[str, Elder]:
    numbers = [row.values["number"] for row in work.rows if "number" in row.values]
    return {
        elder.number: elder
        for chunk in repository.chunks(numbers)
        for elder in work.session.scalars(select(Elder).where(Elder.number.in_(chunk)))
    }


def _draft(work: Work, row: Row, stored: Mapping[str, Elder]) -> Draft | None:
    elder = stored.get(row.values.get("number", ""))
    if elder is not None and not work.actor.sees_town(elder.town_id):
        work.blame(row, "number", "您负责的镇街的老人编号", "the number of an elder of your towns")
        return None
    sent = row.pick(ELDER) | point_of(work, row) | _place(work, row, elder)
    if elder is None:
        body = work.body(row, ElderNew, _BLAMED, facts_of(work, row) | sent)
    else:
        try:
            body = service.changed_body(elder, sent)
        except InvalidInput as error:
            work.blame_error(row, error, _BLAMED)
            return None
    plan, grant = _plan(work, row, elder), _grant(work, row, elder)
    return Draft(row, body, elder, plan, grant) if body is not None else None


def _place(work: Work, row: Row, elder: Elder | None) -> dict[str, Any]:
    town_id = find_town(work, row) or (elder.town_id if elder and "town" not in row.cells else None)
    village_id = find_village(work, row, town_id)
    return {name: key for name, key in (("town_id", town_id), ("village_id", village_id)) if key is not None}


def _plan(work: Work, row: Row, elder: Elder | None) -> CarePlanNew | None:
    sent = row.pick(PLAN)
    if not sent:
        return None
    plans = repository.care_plans_of(work.session, elder.id) if elder else ()
    if not plans:
        joined_on = row.values.get("joined_on") or (elder.joined_on if elder else None)
        more = {} if "valid_from" in sent or joined_on is None else {"valid_from": joined_on}
        return work.body(row, CarePlanNew, PLAN, sent | more)
    same_day = [plan for plan in plans if plan.valid_from == sent.get("valid_from")]
    try:
        return care_plans.changed_body((same_day or plans)[-1], sent)
    except InvalidInput as error:
        work.blame_error(row, error, PLAN)
        return None


def _grant(work: Work, row: Row, elder: Elder | None) -> GrantNew | None:
    sent = row.pick(GRANT)
    if not sent:
        return None
    stored = grants.grants_of(work.session, elder.id) if elder else ()
    first = sent.get("valid_from") or (stored[-1].valid_from if stored else None)
    first = first or row.values.get("joined_on") or (elder.joined_on if elder else None)
    if any(grant.valid_from == first for grant in stored):
        same = next(grant for grant in stored if grant.valid_from == first)
        if same.monthly_minutes != sent.get("monthly_minutes", same.monthly_minutes):
            work.blame(
                row,
                "grant_from",
                f"新工时的起始日期（{first} 起的核定不能改写）",
                f"the day from which the new hours hold (the grant from {first} can't be rewritten)",
            )
        return None
    return work.body(row, GrantNew, GRANT, sent | ({"valid_from": first} if first else {}))


def _create(work: Work, drafts: list[Draft], known: Known) -> None:
    """Insert in three batches: elders, then what refers to them."""
    made = [(service.make(draft.body, known), draft) for draft in drafts]
    elders = [elder for elder, _ in made]
    work.session.add_all(elders)
    service.record_created(work.session, work.actor, elders)
    plans = [(elder, care_plans.make(elder.id, draft.plan)) for elder, draft in made if draft.plan]
    given = [(elder, grants.make(elder.id, draft.grant)) for elder, draft in made if draft.grant]
    work.session.add_all(row for _, row in (*plans, *given))
    work.session.flush()
    _record(work, "care_plan.create", plans)
    _record(work, "grant.create", given)
    work.created += len(elders)
    placeless = sum(draft.body.latitude is None for draft in drafts)
    if placeless:
        work.notices.append(
            in_lang(
                (
                    f"{placeless} 位老人没有坐标，暂用村社坐标",
                    f"{placeless} homes without coordinates: their village's are used",
                ),
                work.lang,
            )
        )


def _record(work: Work, action: str, rows: Iterable[tuple[Elder, Versioned]]) -> None:
    for elder, row in rows:
        record(
            work.session,
            user_id=work.actor.user_id,
            action=action,
            entity=type(row).__name__.lower(),
            entity_id=row.id,
            town_id=elder.town_id,
            request_id=work.actor.request_id,
            changes={"elder_id": elder.id},
        )


def _change(work: Work, draft: Draft, elder: Elder, known: Known) -> None:
    before = {name: getattr(elder, name) for name in service.columns_of(draft.body, known)}
    changed = service.put(work.session, work.actor, elder, draft.body, known)
    told = [told_change(work, _BLAMED.get(name, name), before[name], getattr(elder, name)) for name in changed]
    told += _change_plan(work, draft, elder) + _give(work, draft, elder)
    work.tell_change(draft.row, elder.number, told)


def _change_plan(work: Work, draft: Draft, elder: Elder) -> list[FieldChange]:
    plan = draft.plan
    if plan is None:
        return []
    plans = repository.care_plans_of(work.session, elder.id)
    stored = next((other for other in plans if other.valid_from == plan.valid_from), None)
    before = _plan_columns(stored or (plans[-1] if plans else None))
    after = care_plans.columns_of(plan)
    told = [
        told_change(work, PLAN[name], before.get(name), value)
        for name, value in after.items()
        if before.get(name) != value and name in PLAN
    ]
    if stored is not None:
        care_plans.put(work.session, work.actor, elder, stored, plan)
        return told
    work.attempt(draft.row, PLAN, lambda: care_plans.create(work.session, work.actor, elder.id, plan))
    return told


def _plan_columns(plan: CarePlan | None) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in CarePlanNew.model_fields} if plan else {}


def _give(work: Work, draft: Draft, elder: Elder) -> list[FieldChange]:
    grant = draft.grant
    if grant is None:
        return []
    given: tuple[Grant, Grant | None] | None = work.attempt(
        draft.row, GRANT, lambda: grants.give(work.session, work.actor, elder.id, grant)
    )
    if given is None:
        return []
    before = given[1].monthly_minutes if given[1] else None
    return [
        told_change(work, "monthly_hours", before, grant.monthly_minutes),
        told_change(work, "grant_from", None, grant.valid_from),
    ]
