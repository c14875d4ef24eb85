"""Every page at 200 % zoom and by keys: nothing is lost, Tab reaches all, dialogs keep the focus and give it back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.app.web.colleague import Colleague
from tests.app.web.conftest import City, OpenPage

HALF = {"width": 683, "height": 384}
"""What is left of 1366 × 768 at 200 %."""

REACH = (Path(__file__).parent / "reach.js").read_text("utf-8")


def check(page: Page) -> None:
    """Look for what is lost at this size, and press Tab until it comes round."""
    if not page.evaluate("'reach' in window"):
        page.evaluate(REACH)  # past the page's own policy, as axe-core is
    assert page.evaluate("reach.lost()") == [], page.url
    for _ in range(page.evaluate("reach.watch()")):
        page.keyboard.press("Tab")
    assert page.evaluate("reach.missed()") == [], page.url


def tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(120):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not lead to {wanted}")


def opened(page: Page, button: Locator, *, ready: str) -> Locator:
    """Open a dialog by keys, and look at it."""
    tab_to(page, button)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.locator(ready).first.wait_for()
    check(page)
    return dialog


def closed(page: Page, button: Locator) -> None:
    """Close it by Escape: the focus is back where it was."""
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()


@pytest.fixture(scope="module")
def published(city: City) -> int:
    """A published week, whichever there is."""
    colleague = Colleague(city)
    for each in colleague.call("GET", "/api/v1/schedules?status=published")["items"]:
        if each["week"] >= str(city.week):
            return int(each["id"])
    made = colleague.draft(city.week.next())
    colleague.publish(made)
    return made


def test_the_board_at_twice_the_size_by_keys(open_page: OpenPage, published: int) -> None:
    page = open_page(lang="en", **HALF)
    page.goto(f"/board?schedule={published}")
    chip = page.locator(".timeline .chip[tabindex='0']")
    chip.wait_for()
    check(page)
    for name, ready in (
        ("Versions", "td"),
        ("Plan a week", "select"),
        ("Understand the week", ".spreads"),
    ):
        button = page.get_by_role("button", name=name, exact=True)
        opened(page, button, ready=ready)
        closed(page, button)

    # a sick call
    button = page.get_by_role("button", name="Sick call…")
    dialog = opened(page, button, ready="select")
    tab_to(page, dialog.get_by_role("button", name="Show what would change"))
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Discard")).to_be_visible()
    check(page)
    closed(page, button)

    # a visit, its panel, and what is offered there
    tab_to(page, chip)
    page.keyboard.press("Enter")
    expect(page.locator(".panel")).to_be_in_viewport()
    check(page)
    button = page.locator(".panel").get_by_role("button", name="One more visit this week…")
    opened(page, button, ready="fieldset input")
    closed(page, button)

    page.goto(f"/board?schedule={published}&rows=map")
    page.locator(".pin").first.wait_for()
    check(page)


def test_the_other_pages_at_twice_the_size_by_keys(city: City, open_page: OpenPage) -> None:
    door = open_page(None, lang="en", **HALF)
    check(door)
    page = open_page("admin", lang="en", **HALF)
    elder, caregiver = (
        Colleague(city).call("GET", f"/api/v1/{kind}?limit=1")["items"][0]["id"] for kind in ("elders", "caregivers")
    )
    for path, ready in (
        ("/month?risk=1", ".weeks text"),
        ("/roster", "tbody tr"),
        (f"/roster?elder={elder}", ".facts"),
        (f"/roster?caregiver={caregiver}", ".facts"),
        ("/import", "input[type=file]"),
        ("/users", "tbody tr"),
    ):
        page.goto(path)
        page.locator(ready).first.wait_for()
        expect(page.get_by_text(re.compile("^One moment"))).to_have_count(0)
        check(page)
    page.goto(f"/roster?caregiver={caregiver}")
    button = page.get_by_role("button", name="Add leave")
    opened(page, button, ready="select")
    closed(page, button)
    phone = open_page("n00001", lang="en", **HALF)
    phone.locator(".tabs").wait_for()
    expect(phone.locator("main .none, main .visit").first).not_to_have_text("One moment…")
    check(phone)
