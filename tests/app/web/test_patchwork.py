"""A week in which one version holds in these towns, another in those: the board shows what holds, whichever is open."""

import re
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import expect
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.accounts.scope import Actor
from app.caregivers.models import Caregiver
from app.centres.models import Town
from app.core import clock
from app.core.weeks import Week
from app.elders.models import Elder
from app.schedules.models import PlanRun, Schedule, ScheduleStatus, ScheduleTown
from app.web.board import which_week
from tests.app import given, published
from tests.app.conftest import SignInAs
from tests.app.web.colleague import Colleague
from tests.app.web.conftest import City, OpenPage, violations

WEEK = Week.of(clock.today()).next()


@dataclass(frozen=True)
class Patchwork:
    """Three towns; ``newer`` holds in the first, ``whole`` in the others, and ``draft`` is of the second."""

    towns: list[Town]
    elders: list[Elder]
    whole: int
    newer: int
    draft: int


@pytest.fixture
def patchwork(session: Session) -> Patchwork:
    towns = [given.town(session) for _ in range(3)]
    elders = [given.elder(session, town) for town in towns]
    caregivers = [given.caregiver(session, town) for town in towns]

    def version(covered: list[int], at: int) -> Schedule:
        made = published.schedule(session, WEEK, [towns[n] for n in covered])
        now = clock.now()
        session.add(PlanRun(schedule_id=made.id, job_id=f"test-{made.id}", seed=1, stage="finished", queued_at=now))
        for n in covered:
            published.visit(session, made, elders[n], [caregivers[n]], WEEK.monday, at)
        # whoever is of the first town helps out in the third
        if 2 in covered:
            _help(session, made, elders[2], caregivers[0])
        return made

    whole, newer = version([0, 1, 2], 540), version([0], 600)
    draft = Schedule(monday=WEEK.monday, all_towns=False, status=ScheduleStatus.DRAFT)
    draft.towns = [ScheduleTown(town_id=towns[1].id)]
    session.add(draft)
    session.flush()
    session.add(PlanRun(schedule_id=draft.id, job_id=f"test-{draft.id}", seed=1, queued_at=clock.now()))
    published.visit(session, draft, elders[1], [caregivers[1]], WEEK.monday, 660)
    session.commit()
    return Patchwork(towns, elders, whole.id, newer.id, draft.id)


def _help(session: Session, schedule: Schedule, elder: Elder, helper: Caregiver) -> None:
    key = f"{elder.id}-{WEEK}-2"
    published.visit(session, schedule, elder, [helper], WEEK.days[1], 840, visit_key=key)


def shown(client: TestClient, headers: dict[str, str], schedule_id: int) -> dict[str, set[tuple[int, int | None]]]:
    """Return the towns of a board, and in each the version and the start of its visits."""
    answer = client.get(f"/api/v1/schedules/{schedule_id}/board", headers=headers)
    assert answer.status_code == 200, answer.text
    board = answer.json()
    found: dict[str, set[tuple[int, int | None]]] = {}
    for version, elder, start in zip(*(board["visits"][name] for name in ("schedule", "elder", "start")), strict=True):
        town = board["elders"]["town"][elder]
        name = board["towns"]["name"][board["towns"]["id"].index(town)]
        found.setdefault(name, set()).add((version, start))
    places = client.get(f"/api/v1/schedules/{schedule_id}/map", headers=headers).json()
    assert sorted(places["elders"]["id"]) == sorted(board["elders"]["id"])
    return found


def test_a_board_shows_what_holds_beside_the_version(
    client: TestClient, sign_in_as: SignInAs, patchwork: Patchwork
) -> None:
    headers = sign_in_as(Role.DISPATCHER)
    a, b, c = (town.name for town in patchwork.towns)
    whole, newer, draft = patchwork.whole, patchwork.newer, patchwork.draft
    held = {a: {(newer, 600)}, b: {(whole, 540)}, c: {(whole, 540), (whole, 840)}}
    assert shown(client, headers, whole) == held
    assert shown(client, headers, newer) == held
    assert shown(client, headers, draft) == held | {b: {(draft, 660)}}


def test_a_version_that_holds_nowhere_is_shown_as_it_was(
    client: TestClient, sign_in_as: SignInAs, session: Session, patchwork: Patchwork
) -> None:
    published.schedule(session, WEEK, patchwork.towns)
    session.execute(update(Schedule).where(Schedule.id == patchwork.whole).values(status=ScheduleStatus.SUPERSEDED))
    session.commit()
    found = shown(client, sign_in_as(Role.DISPATCHER), patchwork.whole)
    assert {version for visits in found.values() for version, _ in visits} == {patchwork.whole}
    assert len(found) == 3


def test_a_town_s_dispatcher_sees_her_town_only_and_when_her_caregivers_are_away(
    client: TestClient, sign_in_as: SignInAs, patchwork: Patchwork
) -> None:
    town = patchwork.towns[0]
    headers = sign_in_as(Role.DISPATCHER, towns=[town.id])
    for version in (patchwork.whole, patchwork.newer):
        assert shown(client, headers, version) == {town.name: {(patchwork.newer, 600)}}
        board = client.get(f"/api/v1/schedules/{version}/board", headers=headers).json()
        assert board["caregivers"]["elsewhere"] == [[[1, 840, 900]]]  # another version's visit, in another town
        assert set(board["elders"]["town"]) == {town.id}
    assert client.get(f"/api/v1/schedules/{patchwork.draft}/board", headers=headers).status_code == 404


def test_a_week_opens_with_the_newest_draft_else_with_what_holds_in_most_towns(
    session: Session, patchwork: Patchwork
) -> None:
    def opened(actor: Actor) -> int | None:
        return which_week(session, actor, str(WEEK), "", clock.today()).schedule_id

    city = Actor.operator()
    town = Actor(user_id=1, role=Role.DISPATCHER, town_ids=frozenset({patchwork.towns[0].id}))
    assert opened(city) == patchwork.draft
    assert opened(town) == patchwork.newer
    session.execute(update(Schedule).where(Schedule.id == patchwork.draft).values(status=ScheduleStatus.CANCELLED))
    assert opened(city) == patchwork.whole


def test_a_draft_of_one_town_stands_among_what_is_published_in_the_other(city: City, open_page: OpenPage) -> None:
    week = city.week.next().next().next().next().next()
    colleague = Colleague(city)
    whole = colleague.draft(week)
    colleague.publish(whole)
    towns = colleague.call("GET", f"/api/v1/schedules/{whole}")["town_ids"]
    draft = colleague.draft(week, town_ids=towns[:1])
    names = {town["id"]: town["name"] for town in colleague.call("GET", "/api/v1/towns?limit=200")["items"]}

    page = open_page()
    page.goto(f"/board?week={week}")
    expect(page.locator(".badge.draft")).to_contain_text(f"#{draft} ")
    expect(page.locator(".scope")).to_have_text(names[towns[0]])
    beside = page.locator(".tl-body .chip.beside").first
    beside.scroll_into_view_if_needed()
    expect(beside).to_have_attribute("aria-label", re.compile(f"版本 #{whole}$"))
    assert violations(page) == []
    beside.click()
    expect(page.locator(".panel")).to_contain_text(f"已发布的版本 #{whole}")
    expect(page.locator(".panel form, .panel .verdict")).to_have_count(0)
    page.locator("summary", has_text="为什么是这位护理员").click()
    expect(page.locator(".else")).to_contain_text(re.compile("位护理员可以上门|没有别人"))  # asked of its own version
    expect(page.locator(".else button")).to_have_count(0)
    page.get_by_role("button", name=f"打开版本 #{whole}").click()
    expect(page.locator(".badge.published")).to_contain_text(f"#{whole} ")
    expect(page.locator(".scope")).to_have_count(0)

    # published, it holds in its town; the week is opened as it holds everywhere, and is put right in either
    colleague.publish(draft)
    page.goto(f"/board?week={week}")
    expect(page.locator(".badge.published")).to_be_visible()
    expect(page.locator(".scope")).to_be_visible()
    assert page.locator(".chip.beside").count() == 0
    for town, version in ((towns[0], draft), (towns[1], whole)):
        page.goto(f"/board?week={week}&town={town}&rows=elders")
        page.locator(".tl-body .chip").first.click()
        page.get_by_role("button", name="取消、延迟或住院…").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("radio", name="取消这次服务").check()
        with page.expect_request(re.compile(r"/repairs\?")) as asked:
            dialog.get_by_role("button", name="先看影响").click()
        assert f"/schedules/{version}/repairs" in asked.value.url
        expect(dialog.locator(".diff tbody tr").first).to_be_visible()
        page.keyboard.press("Escape")


def test_a_sick_call_goes_to_the_version_with_most_of_her_visits(city: City, open_page: OpenPage) -> None:
    page = open_page()
    page.locator("script[type=module][src*='board.js']").wait_for(state="attached")
    asked = """async ([from, until]) => {
        const page = document.querySelector("script[type=module][src*='board.js']").src;
        const { versionIn, versionsOf, versionToRepair } = await import(page.replace("board.js", "board/model.js"));
        const made = (schedule, day, town, ...ids) =>
          ({ schedule, day, elder: { town }, caregivers: ids.map((id) => ({ id })) });
        const visits = [made(2, 0, 1, 7), made(2, 0, 1, 7, 8), made(3, 1, 2, 7), made(3, 4, 2, 7), made(3, 4, 2, 7)];
        visits.push(made(3, null, 2));
        const caregiverOf = new Map([[7, { town: 1 }], [8, { town: 1 }], [1, { town: 2 }], [2, { town: 5 }]]);
        const board = { schedule: { id: 9 }, caregiverOf, visits: new Map(visits.entries()) };
        const repaired = [7, 8, 1, 2, 99].map((id) => versionToRepair(board, id, from, until));
        const towns = [2, 5].map((town) => versionIn(board, town));
        return [versionsOf(board, 7, from, until), versionsOf(board, 1), ...towns, repaired];
    }"""
    # of a caregiver without a visit in those days: what holds in her town
    assert page.evaluate(asked, [0, 6]) == [[[3, 3], [2, 2]], [], 3, 9, [3, 2, 3, 9, 9]]
    early = page.evaluate(asked, [0, 3])
    assert (early[0], early[4]) == ([[2, 2], [3, 1]], [2, 2, 3, 9, 9])
    assert page.evaluate(asked, [5, 6])[4] == [2, 2, 3, 9, 9]
