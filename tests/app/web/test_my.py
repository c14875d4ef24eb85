"""A caregiver's phone: her visits, large, and there without a network once they were read."""

import pytest
from playwright.sync_api import expect

from tests.app.web.colleague import Colleague
from tests.app.web.conftest import City, OpenPage, violations


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
    page.locator("main .buttons button").nth(1).click()
    page.wait_for_url("**/sign-in")
    assert page.evaluate("localStorage.length") == 0
