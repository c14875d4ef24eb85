"""A caregiver's phone: her visits, large, and there without a network once they were read."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select

from app.accounts.models import PageSession
from app.core import clock
from app.elders.models import Elder
from app.entitlements.models import Booking
from app.schedules.models import ScheduledVisit
from app.web import assets
from app.web.shell import modules_of
from tests.app.web.colleague import Colleague
from tests.app.web.conftest import City, OpenPage, sign_in, violations

NAME = "<script>document.title='wrong'</script>👵🏻" + "长" * 50


@pytest.fixture(scope="module")
def published(city: City) -> int:
    """The published version of the week after this one."""
    dispatcher = Colleague(city)
    schedule = dispatcher.draft(city.week)
    dispatcher.publish(schedule)
    return schedule


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_caregiver_has_her_week_in_her_pocket(city: City, open_page: OpenPage, published: int, lang: str) -> None:
    board = Colleague(city).call("GET", f"/api/v1/schedules/{published}/board")
    maker = next(makers[0] for makers in board["visits"]["caregivers"] if makers)
    elders = {
        board["elders"]["name"][board["visits"]["elder"][place]]
        for place, makers in enumerate(board["visits"]["caregivers"])
        if maker in makers
    }
    page = open_page(board["caregivers"]["number"][maker].lower(), lang=lang, width=360, height=640)
    page.wait_for_url("**/my")
    of_today = page.locator(".visit")  # if this week has one for her; else she is told when she is next expected
    expect(of_today.or_(page.get_by_text("下次服务" if lang == "zh" else "Next:")).first).to_be_visible()
    page.locator(".tabs button").nth(1).click()
    expect(page.locator(".visit").first).to_be_visible()
    assert elders <= set(page.locator(".visit h3").all_inner_texts())
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    smallest = (
        "Math.min(...[...document.querySelectorAll('.visit p')].map((e) => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert page.evaluate(smallest) >= 18
    assert (page.locator(".visit a.button").first.get_attribute("href") or "").startswith("https://")
    for n in (0, 2, 3):
        page.locator(".tabs button").nth(n).click()
        assert violations(page) == []

    # in the calendar of the phone
    page.locator("main .buttons button").first.click()
    feed = page.locator(".note a").inner_text()
    assert page.request.get(feed).headers["content-type"].startswith("text/calendar")

    # on the road without a network
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    page.reload()
    page.locator(".tabs button").nth(1).click()
    expect(page.locator(".visit").first).to_be_visible()
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(".note")).to_be_visible()
    page.locator(".tabs button").nth(1).click()
    assert elders <= set(page.locator(".visit h3").all_inner_texts())
    page.context.set_offline(False)

    # and nothing of it is left behind
    page.locator(".tabs button").nth(3).click()
    page.locator("main .buttons button").last.click()
    page.wait_for_url("**/sign-in")
    assert page.evaluate("localStorage.length") == 0


def visit_of_today(city: City, published: int, nth: int) -> tuple[str, str]:
    """Make a published visit one of today; return its key and its maker's username."""
    board = Colleague(city).call("GET", f"/api/v1/schedules/{published}/board")
    place = [i for i, makers in enumerate(board["visits"]["caregivers"]) if len(makers) == 1][nth]
    with city.database.write() as session:
        visit = session.get_one(ScheduledVisit, board["visits"]["id"][place])
        visit.day = clock.today()
        session.scalars(select(Booking).where(Booking.visit_key == visit.visit_key)).one().day = clock.today()
        session.get_one(Elder, visit.elder_id).name = NAME
        return visit.visit_key, board["caregivers"]["number"][board["visits"]["caregivers"][place][0]].lower()


def booked(city: City, key: str) -> Booking:
    with city.database.read() as session:
        return session.scalars(select(Booking).where(Booking.visit_key == key)).one()


API = "**/api/**"


def offline(page: Page) -> None:
    """Take the network away, calls too: now and then Chromium lets the first one of a reloaded page through."""
    page.context.set_offline(True)
    page.context.route(API, lambda route: route.abort("internetdisconnected"))


def test_a_check_without_a_network_is_kept_and_sent_later(city: City, open_page: OpenPage, published: int) -> None:
    key, username = visit_of_today(city, published, 0)
    page = open_page(username, width=360, height=640)
    card = page.locator(".visit", has_text=NAME)
    expect(card).to_be_visible()
    assert page.title() != "wrong"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    page.reload()
    expect(card).to_be_visible()
    offline(page)
    # The session ends meanwhile, so that a call which Chromium lets through all the same books nothing.
    with city.database.write() as session:
        session.execute(delete(PageSession))
    card.get_by_role("button", name="签到").click()
    expect(card.locator(".note")).to_contain_text("签到，已存在手机里")
    card.get_by_role("button", name="签退").click()
    expect(card.locator(".note")).to_have_count(2)
    assert violations(page) == []

    # neither a new start nor signing out loses it
    page.reload()
    expect(card.locator(".note")).to_have_count(2)
    page.locator(".tabs button").nth(3).click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("alert")).to_contain_text("还有 2 条")
    assert booked(city, key).checked_in_at is None

    # nor does a session that has ended meanwhile
    page.context.unroute(API)
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="登录已过期")).to_be_visible()

    # nor does a colleague who signs in on the same phone: hers wait for her
    colleague = next(each for each in ("n00001", "n00002") if each != username)
    sign_in(page, colleague)
    waiting = page.locator(".note", has_text="2 条签到或签退没有发送，等她登录后自动发送")
    expect(waiting).to_be_visible()
    expect(page.get_by_role("alert")).to_be_empty()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".tabs button").nth(3).click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/sign-in")
    assert booked(city, key).checked_in_at is None
    sign_in(page, username)
    expect(card).to_contain_text("已服务")
    expect(waiting).to_have_count(0)
    expect(card.locator(".note")).to_have_count(0)
    done = booked(city, key)
    assert done.state == "delivered"
    assert done.checked_in_at is not None
    assert done.checked_out_at is not None
    assert done.checked_in_at < done.checked_out_at < clock.now()


def test_a_check_that_is_not_accepted_is_told(city: City, open_page: OpenPage, published: int) -> None:
    key, username = visit_of_today(city, published, 1)
    page = open_page(username, lang="en", width=360, height=640)
    card = page.locator(".visit", has_text=NAME).filter(has=page.get_by_role("button", name="Check in")).first
    expect(card).to_be_visible()
    Colleague(city).call("POST", f"/api/v1/visits/{key}/outcome", json={"state": "missed"})
    card.get_by_role("button", name="Check in").click()
    expect(page.get_by_role("alert")).to_contain_text("was not accepted")
    assert booked(city, key).state == "missed"
    assert page.evaluate("localStorage.getItem('jiuling-my-checks')") is None


def test_old_phones_can_read_the_page() -> None:
    """Chrome and WebView 80, Safari of iOS 13.4: modules, ``?.`` and ``??``, but no import map and nothing newer."""
    newer = re.compile(
        r"\?\?=|\|\|=|&&=|\.(?:at|with|findLast|toSorted|toReversed|replaceAll|groupBy|hasOwn|any)\(|structuredClone"
        r"|\bstatic \{|\bthis\.#|/v;|\(\?<[!=]|crypto\.randomUUID"
    )
    for module in (*modules_of("my"), *(f"vendor/{path}" for path in assets.PACKAGES.values())):
        found = assets.find(module)
        if found is None:
            pytest.fail(f"no {module}")
        code = re.sub(r"^\s*(?://|\*|/\*).*$", "", found.raw.decode(), flags=re.MULTILINE)
        assert newer.findall(code) == [], module
        assert not re.search(r'\b(?:from|import) ?"[^./]', code), module
    style = (Path(assets.STATIC) / "my.css").read_text()
    assert not re.search(r"\binset:|:has\(|@layer|\bdvh\b", style)
