"""Advice on a visit: the reasons and fixes that are offered work with one click, within the dispatcher's towns."""

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.caregivers.models import Caregiver
from app.core.crypto import mask_name
from app.core.db import Database
from app.schedules import proofs
from app.schedules.models import PlanRun, ScheduleException
from tests.app import given
from tests.app.schedules.conftest import WEEK, Api, ApiAs, SmallCity, build


def reasons(api: Api, draft: Any, visit: Any) -> Any:
    answer = api.call("GET", f"/{draft['id']}/visits/{visit['id']}/reasons")
    assert answer.status_code == 200, answer.text
    return answer.json()


def choose(api: Api, draft: Any, visit: Any, fix: Any, **said: Any) -> Any:
    return api.call(
        "POST",
        f"/{draft['id']}/visits/{visit['id']}/fixes",
        json={"fix_id": fix["id"], **said},
        headers={"If-Match": draft["etag"]},
        params={"lang": "en"},
    )


def unallocated(api: Api, draft: Any) -> list[Any]:
    return [visit for visit in api.visits(draft["id"]) if visit["state"] == "unallocated"]


def of_kind(found: Any, kind: str) -> Any:
    return next(fix for fix in found["fixes"] if fix["kind"] == kind)


@pytest.fixture
def short(session: Session) -> SmallCity:
    """A town with one caregiver, whose week is too short for its elders."""
    city = build(session, towns=1, elders=8, caregivers=1)
    session.execute(update(Caregiver).values(contract_minutes=360))
    session.commit()
    return city


def given_name(database: Database, city: SmallCity) -> str:
    with database.read() as session:
        return session.get_one(Caregiver, city.caregivers[0][0]).name


def test_the_words_of_a_fix_name_her_as_the_reader_may_see_her(
    short: SmallCity, dispatcher: Api, api_as: ApiAs, database: Database
) -> None:
    draft = dispatcher.draft()
    visit = unallocated(dispatcher, draft)[0]
    words = of_kind(reasons(api_as(Role.AUDITOR), draft, visit), "extra_minutes")["words"]
    name = given_name(database, short)
    assert name not in words["en"] + words["zh"]
    assert mask_name(name) in words["en"]


def test_an_extra_hour_places_a_visit_with_one_click_and_is_published(
    short: SmallCity, dispatcher: Api, database: Database
) -> None:
    draft = dispatcher.draft()
    visit = unallocated(dispatcher, draft)[0]
    found = reasons(dispatcher, draft, visit)
    assert found["reason"] == "no_minutes_left"
    assert found["funnel"][0] == {
        "gate": "caregivers",
        "caregivers": 1,
        "words": {"zh": "全部护理员", "en": "all caregivers"},
    }
    assert [(rule["rule"], rule["caregivers"]) for rule in found["closed_by"]] == [("weekly_limit", 1)]
    assert found["impossible"] is None
    assert found["why"] is None
    fix = of_kind(found, "extra_minutes")
    assert fix["exception"]["caregiver_id"] == short.caregivers[0][0]
    name = given_name(database, short)
    assert f"ask caregiver {name} for" in fix["words"]["en"]
    assert f"请护理员 {name} " in fix["words"]["zh"]
    assert "多做" in fix["words"]["zh"]

    unconfirmed = choose(dispatcher, draft, visit, fix)
    assert unconfirmed.status_code == 409
    assert unconfirmed.json()["exception"] == fix["exception"]
    assert name not in unconfirmed.text, "an error names nobody"
    assert dispatcher.read(draft["id"])["etag"] == draft["etag"]

    answer = choose(dispatcher, draft, visit, fix, apply_to="this_week")
    assert answer.status_code == 200, answer.text
    assert answer.json()["fix"] == fix
    after = dispatcher.read(draft["id"])
    assert after["etag"] == answer.headers["ETag"] != draft["etag"]
    [placed] = [each for each in dispatcher.visits(draft["id"]) if each["id"] == visit["id"]]
    [stand] = [each for each in fix["stands"] if each["visit_id"] == visit["id"]]
    assert (placed["day"], placed["start_minute"]) == (stand["day"], stand["start_minute"])
    assert after["cost"]["total"] == pytest.approx(draft["cost"]["total"] + fix["cost_change"]["total"])
    with database.read() as session:
        [exception] = session.scalars(select(ScheduleException)).all()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "edit")).one()
        contract = session.scalars(select(Caregiver.contract_minutes)).one()
    assert (exception.kind, exception.visit_key) == ("extra_minutes", visit["key"])
    assert exception.granted_by == entry.user_id is not None
    assert entry.changes["exceptions"][0]["kind"] == "extra_minutes"
    assert contract == 360, "the roster stays as it is"

    published = dispatcher.publish(after)
    assert published.status_code == 200, published.text


def test_an_exception_holds_when_the_week_is_planned_again(short: SmallCity, dispatcher: Api) -> None:
    draft = dispatcher.draft()
    visit = unallocated(dispatcher, draft)[0]
    fix = of_kind(reasons(dispatcher, draft, visit), "extra_minutes")
    assert choose(dispatcher, draft, visit, fix, apply_to="this_week").status_code == 200
    assert dispatcher.publish(dispatcher.read(draft["id"])).status_code == 200
    before = len(unallocated(dispatcher, draft))
    again = dispatcher.computed(
        dispatcher.call("POST", f"/{draft['id']}/replan", json={"iterations": 500}).json()["id"]
    )
    assert len(unallocated(dispatcher, again)) <= before
    other = unallocated(dispatcher, again)[0]
    assert reasons(dispatcher, again, other)["closed_by"][0]["rule"] == "weekly_limit"
    assert dispatcher.publish(again).status_code == 200


def test_an_exception_does_not_outlive_its_ground(short: SmallCity, dispatcher: Api, session: Session) -> None:
    """The caregiver takes leave on the morning that was stretched: publishing says so."""
    draft = dispatcher.draft()
    visit = unallocated(dispatcher, draft)[0]
    fix = of_kind(reasons(dispatcher, draft, visit), "extra_minutes")
    assert choose(dispatcher, draft, visit, fix, apply_to="this_week").status_code == 200
    caregiver = session.get_one(Caregiver, short.caregivers[0][0])
    given.leave(session, caregiver, first_on=WEEK.monday, last_on=WEEK.days[6], starts=450, ends=500)
    session.commit()
    refused = dispatcher.publish(dispatcher.read(draft["id"]))
    assert refused.status_code == 409
    assert "weekly_limit" in {broken["rule"] for broken in refused.json()["violations"]}


def test_what_fits_is_placed_without_asking_anybody(dispatcher: Api, city: SmallCity) -> None:
    draft = dispatcher.draft()
    visit = dispatcher.visits(draft["id"])[0]
    left_out = edit(dispatcher, draft, {"unallocate": {"visit_id": visit["id"]}})
    assert left_out.status_code == 200
    draft = dispatcher.read(draft["id"])
    found = reasons(dispatcher, draft, visit)
    assert (found["reason"], found["fixes"]) == ("left_by_pin", [])
    assert [rule["rule"] for rule in found["closed_by"]] == ["pinned"]

    assert edit(dispatcher, draft, {"unpin": {"visit_id": visit["id"]}}).status_code == 200
    draft = dispatcher.read(draft["id"])
    found = reasons(dispatcher, draft, visit)
    fix = found["fixes"][0]
    assert (found["reason"], fix["kind"], fix["exception"]) == ("could_be_placed", "place", None)
    assert choose(dispatcher, draft, visit, fix).status_code == 200
    assert unallocated(dispatcher, draft) == []


def edit(api: Api, draft: Any, *edits: Any) -> Any:
    return api.call("POST", f"/{draft['id']}/edits", json={"edits": list(edits)}, headers={"If-Match": draft["etag"]})


def test_what_was_agreed_is_taken_back_with_its_visit(short: SmallCity, dispatcher: Api, session: Session) -> None:
    draft = dispatcher.draft()
    visit, *_ = unallocated(dispatcher, draft)
    fix = of_kind(reasons(dispatcher, draft, visit), "extra_minutes")
    assert choose(dispatcher, draft, visit, fix, apply_to="this_week").status_code == 200
    draft = dispatcher.read(draft["id"])
    path = f"/{draft['id']}/visits/{visit['id']}/exceptions"
    held = dispatcher.call("DELETE", path, headers={"If-Match": draft["etag"]})
    assert held.status_code == 409, "it has its place by this"
    for kind in ("unallocate", "unpin"):
        assert edit(dispatcher, draft, {kind: {"visit_id": visit["id"]}}).status_code == 200
        draft = dispatcher.read(draft["id"])
    assert dispatcher.call("DELETE", path, headers={"If-Match": '"999"'}).status_code == 412
    gone = dispatcher.call("DELETE", path, headers={"If-Match": draft["etag"]})
    assert gone.status_code == 204
    assert session.scalars(select(ScheduleException)).all() == []
    draft = dispatcher.read(draft["id"])
    assert gone.headers["etag"] == draft["etag"]
    assert of_kind(reasons(dispatcher, draft, visit), "extra_minutes"), "it is on offer again"


def test_why_a_placed_visit_is_made_by_whom(dispatcher: Api, city: SmallCity) -> None:
    draft = dispatcher.draft()
    visit = dispatcher.visits(draft["id"])[0]
    found = reasons(dispatcher, draft, visit)
    assert (found["reason"], found["fixes"], found["funnel"]) == (None, [], [])
    told = found["why"]
    assert told["could"] >= 2
    assert len(told["next"]) == 2
    for other in told["next"]:
        move = {
            "visit_id": visit["id"],
            "day": other["day"],
            "start": other["start_minute"],
            "caregiver_ids": other["caregiver_ids"],
        }
        tried = api_dry_run(dispatcher, draft, {"move": move})
        if tried["allowed"]:  # else others of that day must start at another minute
            assert tried["cost_change"]["total"] == pytest.approx(other["cost_change"]["total"])


def test_a_proof_says_that_no_plan_serves_more(short: SmallCity, dispatcher: Api, session: Session) -> None:
    draft = dispatcher.draft()
    visit, *_ = unallocated(dispatcher, draft)
    unserved = sum(each["minutes"] for each in unallocated(dispatcher, draft))
    run = session.scalars(select(PlanRun).where(PlanRun.schedule_id == draft["id"])).one()
    assert reasons(dispatcher, draft, visit)["hours_proved"] is False
    proof = proofs.ask(session, run, 1)
    for minutes, proved in ((unserved - 1, False), (unserved, True)):
        proof.unserved_minutes = minutes
        session.commit()
        assert reasons(dispatcher, draft, visit)["hours_proved"] is proved
    fix = of_kind(reasons(dispatcher, draft, visit), "extra_minutes")
    assert choose(dispatcher, draft, visit, fix, apply_to="this_week").status_code == 200
    session.expire_all()
    assert proofs.proof_of(session, run.id) is None, "it was proved of another problem"


def api_dry_run(api: Api, draft: Any, *edits: Any) -> Any:
    answer = api.call(
        "POST",
        f"/{draft['id']}/edits",
        json={"edits": list(edits)},
        headers={"If-Match": draft["etag"]},
        params={"dry_run": True},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_town_is_offered_its_own_people_and_told_of_other_towns(
    session: Session, dispatcher: Api, api_as: ApiAs
) -> None:
    """The town's own caregivers have an hour a week: its dispatcher is told where to ask, and no more."""
    city = build(session, towns=2, elders=4, caregivers=2)
    session.execute(update(Caregiver).where(Caregiver.town_id == city.towns[0]).values(contract_minutes=60))
    session.commit()
    draft = dispatcher.draft()
    visit = dispatcher.visits(draft["id"], town_id=city.towns[0])[0]
    for kind in ("unallocate", "unpin"):
        assert edit(dispatcher, draft, {kind: {"visit_id": visit["id"]}}).status_code == 200
        draft = dispatcher.read(draft["id"])
    town = api_as(Role.DISPATCHER, [city.towns[0]])
    found = reasons(town, draft, visit)
    theirs = set(city.caregivers[1])
    assert not theirs & {who for fix in found["fixes"] for stand in fix["stands"] for who in stand["caregiver_ids"]}
    assert found["other_towns"] == [city.towns[1]]
    assert reasons(dispatcher, draft, visit)["other_towns"] == []
    other = api_as(Role.DISPATCHER, [city.towns[1]])
    assert other.call("GET", f"/{draft['id']}/visits/{visit['id']}/reasons").status_code == 404


def test_a_towns_own_week_is_told_where_somebody_could_be_lent(session: Session, dispatcher: Api) -> None:
    """The other town's only caregiver has a published week of her own, and an hour left beside it."""
    city = build(session, towns=2, elders=3, caregivers=1)
    own, other = city.caregivers[0][0], city.caregivers[1][0]
    session.execute(update(Caregiver).where(Caregiver.id == own).values(contract_minutes=60))
    session.commit()
    assert dispatcher.published(town_ids=[city.towns[1]])["status"] == "published"
    draft = dispatcher.draft(town_ids=[city.towns[0]])
    visit = unallocated(dispatcher, draft)[0]
    assert reasons(dispatcher, draft, visit)["other_towns"] == [city.towns[1]]
    session.execute(update(Caregiver).where(Caregiver.id == other).values(contract_minutes=60))
    session.commit()
    assert reasons(dispatcher, draft, visit)["other_towns"] == [], "her week is full now"


def test_a_fix_must_be_on_offer_for_this_version_of_a_draft(short: SmallCity, dispatcher: Api) -> None:
    draft = dispatcher.draft()
    visit, *_ = unallocated(dispatcher, draft)
    fix = of_kind(reasons(dispatcher, draft, visit), "extra_minutes")
    unknown = choose(dispatcher, draft, visit, {"id": "0" * 12}, apply_to="this_week")
    assert unknown.status_code == 409
    assert choose(dispatcher, {**draft, "etag": '"999"'}, visit, fix, apply_to="this_week").status_code == 412
    placed = next(each for each in dispatcher.visits(draft["id"]) if each["state"] == "placed")
    assert choose(dispatcher, draft, placed, fix, apply_to="this_week").status_code == 409
    assert dispatcher.publish(draft).status_code == 200
    draft = dispatcher.read(draft["id"])
    assert reasons(dispatcher, draft, visit)["fixes"] == []
    assert choose(dispatcher, draft, visit, fix, apply_to="this_week").status_code == 409
