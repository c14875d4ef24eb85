"""A dispatcher at work in the browser: the real service, worker and database, from sign-in to the CSV."""

import csv
import io
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from app.accounts.models import PageSession
from app.demo.accounts import DEMO_DISPATCHER
from app.elders.models import Elder
from tests.app.web.colleague import Colleague
from tests.app.web.conftest import City, OpenPage, sign_in, violations

LONGER_THAN_A_HOLD = 700  # milliseconds; see HOLD in drag.js
NAME = "<script>document.title='wrong'</script>👵🏻" + "长" * 50


@pytest.fixture(scope="module")
def drafted(city: City) -> int:
    """A draft of the week after next, for what does not need one of its own."""
    colleague = Colleague(city)
    made = colleague.draft(city.week.next())
    board = colleague.call("GET", f"/api/v1/schedules/{made}/board")
    with city.database.write() as session:
        session.get_one(Elder, board["elders"]["id"][0]).name = NAME
    return made


def chips(page: Page) -> Any:
    return page.locator(".tl-body .chip")


def open_board(page: Page, schedule_id: int) -> None:
    page.goto(f"/board?schedule={schedule_id}")
    chips(page).first.wait_for()


def move_somewhere(page: Page) -> str:
    """Give the first visit that can take it another start; return that start."""
    for n in range(6):
        chips(page).nth(n).click()
        field = page.locator(".move input[name=time]")
        hour, minute = map(int, field.input_value().split(":"))
        for by in (5, -5, 15, -15, 30):
            wanted = 60 * hour + minute + by
            start = f"{wanted // 60:02d}:{wanted % 60:02d}"
            field.fill(start)
            verdict = page.locator(".verdict p").first
            verdict.wait_for()
            if "good" in (verdict.get_attribute("class") or ""):
                return start
            field.fill("")
            verdict.wait_for(state="detached")
    pytest.fail("no visit can be moved")


def test_from_sign_in_to_the_csv(city: City, open_page: OpenPage) -> None:
    page = open_page(None)
    assert violations(page) == []
    page.locator("input[name=username]").fill(DEMO_DISPATCHER)
    page.locator("input[name=password]").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_have_text("用户名或密码不正确。")
    sign_in(page, DEMO_DISPATCHER)

    # ask, by keys as all that follows but the dragging; that Tab leads there, the walk of all pages shows
    page.wait_for_url("**/board*")
    page.get_by_role("button", name="下一周").press("Enter")
    page.get_by_role("heading", name=f"{city.week} 还没有排班表").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="排一周").last.press("Enter")
    expect(page.locator("dialog select[name=week]")).to_have_value(str(city.week))
    assert violations(page) == []
    page.get_by_role("radio", name="快速").press("Space")
    page.get_by_role("button", name="开始排班").press("Enter")

    # watch, and stop early
    keep = page.get_by_role("button", name="提前结束，用目前最好的")
    expect(keep).to_be_enabled(timeout=60_000)
    expect(page.locator(".progress")).to_contain_text("小时")
    keep.press("Enter")
    expect(page.locator(".badge.draft")).to_be_visible(timeout=60_000)
    chips(page).first.wait_for()
    assert violations(page) == []

    # a rule that would break, then a place that is allowed, and back
    chips(page).first.press("Enter")
    page.locator(".move input[name=time]").fill("05:00")
    expect(page.locator(".verdict .bad")).to_be_visible()
    expect(page.get_by_role("button", name="确定改动")).to_be_disabled()
    expect(page.locator(".verdict li").first).to_contain_text("时段")
    start = move_somewhere(page)
    assert violations(page) == []
    page.get_by_role("button", name="确定改动").press("Enter")
    expect(page.locator(".toast.good")).to_contain_text(start)
    expect(page.locator(".panel dl")).to_contain_text(f"{start}–")
    page.keyboard.press("Control+z")
    expect(page.locator(".toast.good")).to_contain_text("已撤销")
    expect(page.locator(".panel dl")).not_to_contain_text(f" {start}–")
    page.get_by_role("button", name="重做").press("Enter")
    expect(page.locator(".panel dl")).to_contain_text(f"{start}–")

    # dragged to where it can't be
    held = chips(page).first
    before = held.get_attribute("aria-label")
    box = held.bounding_box()
    assert box is not None
    row = page.locator(".tl-row.person").last.bounding_box()
    assert row is not None
    page.mouse.move(box["x"] + 3, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(row["x"] + row["width"] - 3, box["y"] + 10, steps=5)  # it would end after everybody's hours
    expect(page.locator(".ghost .hint.no")).to_be_visible()
    page.mouse.up()
    refused = page.get_by_role("dialog", name="不能这样改")
    expect(refused.locator("li").first).to_be_visible()
    refused.get_by_role("button", name="知道了").click()
    assert chips(page).first.get_attribute("aria-label") == before

    # pin and unpin
    page.get_by_role("button", name="锁定", exact=True).click()
    expect(page.locator(".chip.selected.pinned")).to_be_visible()
    page.get_by_role("button", name="解锁", exact=True).click()
    expect(page.locator(".chip.selected.pinned")).to_have_count(0)

    # leave out, and undo
    page.get_by_role("button", name="不排", exact=True).click()
    expect(page.locator(".tl-tray .chip.warn.selected")).to_be_visible()
    page.get_by_role("button", name="撤销", exact=True).first.click()
    expect(page.locator(".tl-body .chip.selected")).to_be_visible()

    # who else could, and a way out that the service has found
    page.locator("summary", has_text="为什么是这位护理员").click()
    expect(page.locator(".else")).to_contain_text(re.compile("位护理员可以上门|没有别人"))
    page.get_by_role("button", name="不排", exact=True).click()
    expect(page.locator(".why")).to_contain_text("锁定为不排")  # what it says moves the buttons below it
    page.get_by_role("button", name="解锁", exact=True).click()
    expect(page.locator(".why")).to_contain_text("可以这样解决")
    assert violations(page) == []
    page.locator(".why .fixes button").first.click()
    expect(page.locator(".tl-body .chip.selected").first).to_be_visible()
    time_found = page.locator(".panel dl dd").first
    expect(time_found).to_contain_text(re.compile(r"\d\d:\d\d–"))
    start = re.findall(r"(\d\d:\d\d)–", time_found.inner_text())[0]  # where the way out puts her

    # publish
    page.get_by_role("button", name="发布").press("Enter")
    expect(page.locator(".checks .good").first).to_contain_text("违反规则：0 项")
    assert violations(page) == []
    page.get_by_role("dialog").get_by_role("button", name="发布").press("Enter")
    expect(page.locator(".badge.published")).to_be_visible()

    # take away
    page.locator("summary", has_text="导出与打印").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    text = download.value.path().read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    placed = page.evaluate("document.querySelectorAll('.tl-body .chip').length")
    assert 0 < placed <= len(rows)
    assert start in {row["开始"] for row in rows}

    # nothing personal in the address, and out again
    assert re.fullmatch(r"[\w/:.?=&-]*", page.url)
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/sign-in")
    page.goto("/board")
    page.wait_for_url("**/sign-in")


def test_whoever_comes_second_is_told_and_nothing_is_lost(city: City, open_page: OpenPage, drafted: int) -> None:
    page, colleague = open_page(), Colleague(city)
    open_board(page, drafted)
    theirs = int(chips(page).nth(0).get_attribute("data-visit") or 0)
    chips(page).nth(1).click()
    mine = chips(page).nth(1).get_attribute("data-visit")
    colleague.pin(drafted, theirs)
    page.get_by_role("button", name="锁定", exact=True).click()
    dialog = page.get_by_role("dialog", name="别人先改了")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="读取最新的，再试我的改动").click()
    expect(page.locator(f".tl-body .chip.pinned[data-visit='{mine}']").first).to_be_visible()
    expect(page.locator(f".tl-body .chip.pinned[data-visit='{theirs}']").first).to_be_visible()


def test_a_draft_that_gets_ready_does_not_slip_under_an_open_dialog(
    city: City, open_page: OpenPage, drafted: int
) -> None:
    colleague = Colleague(city)
    asked = colleague.ask(city.week.next(), seconds=600)
    page = open_page()
    open_board(page, drafted)
    expect(page.locator(".progress")).to_contain_text("小时")
    page.get_by_role("button", name="发布", exact=True).click()
    dialog = page.get_by_role("dialog", name=f"发布 {city.week.next()}")
    expect(dialog).to_be_visible()
    colleague.call("POST", f"/api/v1/schedules/{asked}/cancel?keep=best")
    expect(page.locator(".toast.good")).to_contain_text("草稿已排好", timeout=60_000)
    expect(dialog).to_be_visible()
    expect(page.locator(".badge.draft")).to_contain_text(f"#{drafted} ")
    dialog.get_by_role("button", name="取消").click()
    page.locator(".toast").get_by_role("button", name="打开").click()
    expect(page.locator(".badge.draft")).to_contain_text(f"#{asked} ")


def test_a_session_that_ended_is_taken_up_again_on_the_same_page(city: City, open_page: OpenPage, drafted: int) -> None:
    page = open_page()
    open_board(page, drafted)
    chips(page).nth(2).click()
    with city.database.write() as session:
        session.execute(delete(PageSession))
    page.get_by_role("button", name="不排", exact=True).click()
    dialog = page.get_by_role("dialog", name="登录已过期")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    sign_in(page, DEMO_DISPATCHER)
    expect(page.locator(".panel")).to_be_visible()
    page.get_by_role("button", name="不排", exact=True).click()
    expect(page.locator(".tl-tray .chip.selected")).to_be_visible()


def test_a_lost_connection_is_told_and_tried_again(open_page: OpenPage, drafted: int) -> None:
    page = open_page(lang="en")
    open_board(page, drafted)
    chips(page).nth(3).click()
    page.context.set_offline(True)
    page.get_by_role("button", name="Leave out", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("can't be reached")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".toast.good")).to_contain_text("left out")


def test_whatever_is_typed_is_only_looked_for(open_page: OpenPage, drafted: int) -> None:
    page = open_page()
    open_board(page, drafted)
    field = page.get_by_role("combobox", name="查找姓名、拼音或编号")
    for typed in ("<script>alert(1)</script>", "👵🏻" * 60, "长" * 200):
        field.fill(typed)
        expect(page.get_by_text("没有找到")).to_be_visible()
        assert typed[:5] not in page.url
        field.fill("")
        expect(page.get_by_text("没有找到")).to_have_count(0)


def test_somebody_is_found_by_pinyin_and_the_address_keeps_her_number_only(
    city: City, open_page: OpenPage, drafted: int
) -> None:
    page = open_page()
    open_board(page, drafted)
    name = page.locator(".tl-row.person .tl-name strong").first.inner_text()
    field = page.get_by_role("combobox", name="查找姓名、拼音或编号")
    field.fill(name)
    expect(page.get_by_role("option").first).to_contain_text(name)
    field.press("Enter")
    expect(page.locator(".tl-row.person")).to_have_count(1)
    assert re.search(r"caregiver=\d+", page.url)
    page.reload()
    expect(page.locator(".tl-row.person")).to_have_count(1)
    page.get_by_role("button", name="显示全部").click()
    assert page.locator(".tl-row.person").count() > 1


def test_the_keyboard_alone_reaches_every_visit_and_moves_one(open_page: OpenPage, drafted: int) -> None:
    page = open_page(lang="en")
    open_board(page, drafted)
    expect(page.locator(".chip[tabindex='0']")).to_have_count(1)
    page.locator(".chip[tabindex='0']").focus()
    first = page.evaluate("document.activeElement.ariaLabel")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.ariaLabel") != first
    for key in ("ArrowDown", "ArrowUp", "PageDown", "End", "Home"):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.matches('.chip[tabindex=\"0\"]')"), key
    page.keyboard.press("Enter")
    expect(page.locator(".panel .move")).to_be_visible()
    expect(page.locator(".panel a[href^='/roster?elder=']")).to_be_visible()
    page.locator(".move input[name=time]").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_have_count(0)
    assert page.evaluate("document.activeElement.classList.contains('chip')")


def test_a_finger_that_rests_lifts_a_visit_and_one_that_moves_scrolls(open_page: OpenPage, drafted: int) -> None:
    page = open_page(lang="en")
    open_board(page, drafted)
    finger = page.context.new_cdp_session(page)
    box = chips(page).first.bounding_box()
    assert box is not None
    x, y = box["x"] + 8, box["y"] + 8

    def touch(kind: str, *points: tuple[float, float]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    touch("touchStart", (x, y))
    expect(page.locator(".ghost .chip")).to_be_visible()
    row = page.locator(".tl-row.person").nth(1).bounding_box()
    assert row is not None
    end = (row["x"] + row["width"] - 12, row["y"] + 12)
    touch("touchMove", (x + 60, y + 4))
    touch("touchMove", end)
    expect(page.locator(".ghost .hint.no")).to_be_visible()
    touch("touchEnd")
    refused = page.get_by_role("dialog", name="This change is not possible")
    expect(refused.locator("li").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(refused).to_have_count(0)

    # last, since a finger put down while the board still rolls stops it and lifts nothing
    page.evaluate("addEventListener('pointercancel', () => { window.scrolled = true })")
    touch("touchStart", (x, y))
    touch("touchMove", (x, y + 40))
    page.wait_for_function("window.scrolled")
    page.wait_for_timeout(LONGER_THAN_A_HOLD)
    assert page.locator(".ghost").count() == 0
    touch("touchEnd")


@pytest.mark.parametrize("rolls", [False, True])
def test_a_finger_that_stops_a_rolling_board_lifts_nothing(open_page: OpenPage, drafted: int, rolls: bool) -> None:
    page = open_page(lang="en")
    open_board(page, drafted)
    # as a browser tells of a finger: while it scrolls, nobody may keep the next one from scrolling
    chips(page).first.evaluate(
        """(chip, rolls) => {
            const down = { bubbles: true, pointerType: "touch", isPrimary: true, button: 0 };
            chip.dispatchEvent(new PointerEvent("pointerdown", down));
            chip.dispatchEvent(new Event("touchstart", { bubbles: true, cancelable: !rolls }));
        }""",
        rolls,
    )
    page.wait_for_timeout(LONGER_THAN_A_HOLD)
    assert page.locator(".ghost").count() == (0 if rolls else 1)


def test_a_dispatcher_of_a_town_sees_and_changes_only_hers(city: City, open_page: OpenPage, drafted: int) -> None:
    everything = Colleague(city).call("GET", f"/api/v1/schedules/{drafted}/board")
    town = everything["towns"]["name_en"][0]
    username = f"dispatcher-{''.join(filter(str.isalpha, town.lower()))}"
    page = open_page(username, lang="en")
    open_board(page, drafted)
    expect(page.locator(".tl-row.group").first).to_contain_text(town)
    own = everything["towns"]["id"][0]
    hers = {
        everything["elders"]["number"][place]
        for place, where in enumerate(everything["elders"]["town"])
        if where == own
    }
    shown = Colleague(city, username).call("GET", f"/api/v1/schedules/{drafted}/board")
    assert set(shown["elders"]["number"]) == hers
    for where, hours in zip(shown["caregivers"]["town"], shown["caregivers"]["at_work"], strict=True):
        assert (hours is None) == (where != own)  # of who is lent by another town only her visits here are told
    page.get_by_role("button", name="Elders", exact=True).click()
    expect(page.locator(".tl-row.group")).to_have_count(1)


# The second is the first at 200 %.
@pytest.mark.parametrize(("lang", "width", "height"), [("zh", 1366, 768), ("en", 683, 384)])
def test_every_view_is_accessible_and_fits(
    open_page: OpenPage, drafted: int, lang: str, width: int, height: int
) -> None:
    page = open_page(lang=lang, width=width, height=height)
    open_board(page, drafted)
    for view in ("", "&rows=elders", "&zoom=day&day=2"):
        page.goto(f"/board?schedule={drafted}{view}")
        chips(page).first.wait_for()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.title() != "wrong"
        if "elders" in view:
            expect(page.locator(".tl-name strong", has_text=NAME)).to_have_count(1)
    page.get_by_role("button", name="版本与对比" if lang == "zh" else "Versions").click()
    page.locator(".versions td").first.wait_for()
    assert violations(page) == []
