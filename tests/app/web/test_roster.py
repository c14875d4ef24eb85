"""The roster, imports and accounts in the browser: what is typed is checked beside its field, and never lost."""

import re
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import FilePayload, Locator, Page, expect
from sqlalchemy import delete

from app.accounts.models import PageSession
from app.core import clock
from app.demo.accounts import DEMO_DISPATCHER, DEMO_PASSWORD
from tests.app.given import id_number
from tests.app.web.colleague import Colleague
from tests.app.web.conftest import City, OpenPage, sign_in, violations

TODAY = clock.today()

# Close the dialog as Escape does; what has the focus in the moment in which it is gone.
FOCUS_WHEN_CLOSED = """() => new Promise((tell) => {
  new MutationObserver((_, watch) => {
    if (document.querySelector("dialog")) return;
    watch.disconnect();
    tell(document.activeElement.textContent);
  }).observe(document.body, { childList: true, subtree: true });
  document.querySelector("dialog").dispatchEvent(new Event("cancel", { cancelable: true }));
})"""


def form(page: Page) -> Locator:
    return page.locator("dialog form:not(.sign-in-form)")


def put(page: Page, **fields: str) -> None:
    """Fill in fields of the open form, whatever they are."""
    for name, value in fields.items():
        field = form(page).locator(f"[name='{name}']")
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def save(page: Page) -> None:
    form(page).locator("footer button.main").click()


def beside(page: Page, name: str) -> Locator:
    """What is wrong with a field, as it is read out with it."""
    return form(page).locator(".field", has=page.locator(f"[name='{name}'][aria-invalid='true']")).locator(".wrong")


def elder_of(city: City, town: int = 0) -> dict[str, Any]:
    colleague = Colleague(city)
    towns = colleague.call("GET", "/api/v1/towns")["items"]
    found: dict[str, Any] = colleague.call("GET", f"/api/v1/elders?town_id={towns[town]['id']}")["items"][-1]
    return found


def open_elder(page: Page, elder: dict[str, Any]) -> None:
    page.goto(f"/roster?elder={elder['id']}")
    page.get_by_role("heading", name=elder["number"]).wait_for()


def test_a_new_elder_is_told_when_she_may_join(city: City, open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("link", name="名册").click()
    page.locator("tbody tr").first.wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="新增老人").click()
    save(page)
    expect(beside(page, "name")).to_have_text("必须填写")
    assert page.evaluate("document.activeElement.name") == "number"
    assert violations(page) == []

    born = TODAY.replace(year=TODAY.year - 90, day=1) + timedelta(days=40)
    village = elder_of(city)
    put(page, number="R1", name="吴桂英", id_number=id_number(born), birth_date=str(born), gender="female")
    put(page, address="江滨路 1 号", disability_grade="mild", town_id=str(village["town_id"]))
    put(page, village_id=str(village["village_id"]))
    save(page)
    may_join = born.replace(year=born.year + 90)
    expect(beside(page, "joined_on")).to_have_text(f"应为：{may_join} 或之后（当天年满 90 周岁）")
    expect(form(page).locator("[name=name]")).to_have_value("吴桂英")
    put(page, joined_on=str(may_join))
    save(page)
    expect(page.locator(".toast.good")).to_have_text("已保存。")

    page.get_by_role("combobox", name="范围").select_option("")
    page.get_by_role("searchbox", name="查找").fill("wgy")
    page.get_by_role("link", name="吴桂英").click()
    expect(page.locator("h1")).to_contain_text("R1")
    assert re.fullmatch(r"[\w/:.?=&-]*", page.url)  # nothing personal in the address
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(1)  # what was looked for is still there


def test_a_conflict_is_told_and_both_changes_are_kept(city: City, open_page: OpenPage) -> None:
    elder = elder_of(city)
    mine, theirs = open_page(), open_page(lang="en")
    for page, button in ((mine, "修改"), (theirs, "Change")):
        open_elder(page, elder)
        page.locator(".bar").first.get_by_role("button", name=button, exact=True).click()
    put(theirs, phone="13900000001", way_in="Ring twice")
    save(theirs)
    expect(theirs.locator(".toast.good")).to_be_visible()
    put(mine, phone="13900000002", address="<script>alert(1)</script> 👵🏻")
    save(mine)
    dialog = mine.get_by_role("dialog", name="别人先改了")
    expect(dialog).to_contain_text("您的：13900000002；现在：13900000001")
    assert violations(mine) == []
    dialog.get_by_role("button", name="在最新的基础上保存我的").click()
    expect(mine.locator(".facts")).to_contain_text("13900000002")
    expect(mine.locator(".facts")).to_contain_text("Ring twice")
    expect(mine.locator(".facts")).to_contain_text("<script>alert(1)</script> 👵🏻")


def test_a_grant_a_stay_and_a_pair_are_added(city: City, open_page: OpenPage) -> None:
    elder = elder_of(city)
    page = open_page(lang="en")
    open_elder(page, elder)
    first = TODAY + timedelta(days=40)
    page.get_by_role("button", name="New grant").click()
    put(page, valid_from=str(first), monthly_minutes="480", approved_by="王审批", approved_on=str(TODAY), reason="失能")
    save(page)
    row = page.locator(".listing", has=page.get_by_role("heading", name="Grants")).locator("tbody tr").first
    expect(row).to_contain_text("8 hours a month")
    expect(row).to_contain_text("王审批")

    page.get_by_role("button", name="Add a stay").click()
    put(page, kind="hospital", from_on=str(first), to_on=str(first))
    save(page)
    expect(form(page).get_by_role("alert")).to_contain_text("to_on after from_on")
    put(page, to_on=str(first + timedelta(days=3)))
    save(page)
    expect(page.locator(".listing", has=page.get_by_role("heading", name="Stays"))).to_contain_text("hospital")

    pairs = page.locator(".listing", has=page.get_by_role("heading", name="Usual and blocked"))
    known = {row["caregiver_id"] for row in Colleague(city).call("GET", f"/api/v1/elders/{elder['id']}/pairs")["items"]}
    people = Colleague(city).call("GET", f"/api/v1/caregivers?town_id={elder['town_id']}")["items"]
    other = next(person for person in people if person["id"] not in known)
    pairs.get_by_role("button", name="Add").click()
    form(page).get_by_role("searchbox").fill(other["number"])
    form(page).get_by_role("radio", name=other["number"]).check()
    put(page, kind="blocked")
    save(page)
    expect(form(page).get_by_role("alert")).to_contain_text("a reason for a blocked pair")
    put(page, reason="family's wish")
    assert violations(page) == []
    save(page)
    expect(pairs.locator("tr", has_text=other["name"])).to_contain_text("blocked")
    assert violations(page) == []


def test_leave_and_hours_of_a_caregiver_by_keyboard_alone(city: City, open_page: OpenPage) -> None:
    person = Colleague(city).call("GET", "/api/v1/caregivers")["items"][0]
    page = open_page()
    page.goto(f"/roster?caregiver={person['id']}")
    page.get_by_role("heading", name=person["number"]).wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="登记请假").focus()
    page.keyboard.press("Enter")
    expect(form(page)).to_be_visible()
    assert page.evaluate("document.activeElement.name") == "kind"
    assert page.evaluate(FOCUS_WHEN_CLOSED) == "登记请假"  # nothing was filled in: it closes
    page.keyboard.press("Enter")  # the focus is back on the button
    expect(form(page).locator("[name=kind]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(form(page)).to_have_count(0)
    page.keyboard.press("Enter")
    expect(form(page).locator("[name=kind]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(form(page).get_by_role("group", name="放弃已填写的内容吗？")).to_be_visible()  # something was: it asks
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(form(page).get_by_role("group", name="放弃已填写的内容吗？")).to_have_count(0)
    expect(form(page).locator("[name=kind]")).to_be_focused()
    form(page).locator("[name=note]").focus()
    page.keyboard.type("看牙")
    page.keyboard.press("Enter")
    leave = page.locator(".listing", has=page.get_by_role("heading", name="请假"))
    expect(leave.locator("tbody tr").first).to_contain_text("看牙")

    page.get_by_role("button", name="修改工作时间").click()
    ends = form(page).get_by_label("结束时间").first
    ends.fill("25:00")
    save(page)
    expect(form(page).locator(".rows ~ .wrong")).to_contain_text("第 1 行：应为：时间，如 09:30")
    ends.fill("18:30")
    save(page)
    expect(page.locator(".listing", has=page.get_by_role("heading", name="工作时间"))).to_contain_text("18:30")


def test_whatever_is_typed_is_answered_and_kept(city: City, open_page: OpenPage) -> None:
    elder = elder_of(city)
    page = open_page()
    open_elder(page, elder)
    page.get_by_role("button", name="修改", exact=True).first.click()
    long = "长" * 200
    put(page, name=long, number="E😀", phone="<script>")
    save(page)
    expect(beside(page, "name")).to_have_text("应为：1–100 个字")
    expect(beside(page, "number")).to_contain_text("个字母、数字")
    expect(beside(page, "phone")).to_contain_text("手机号 11 位")
    expect(form(page).locator("[name=name]")).to_have_value(long)
    assert violations(page) == []

    put(page, name=elder["name"], number=elder["number"], phone="13900000003")
    page.context.set_offline(True)
    save(page)
    expect(form(page).get_by_role("alert")).to_contain_text("连不上服务器，还没有保存")
    page.context.set_offline(False)
    with city.database.write() as session:
        session.execute(delete(PageSession))
    save(page)
    expect(page.get_by_role("dialog", name="登录已过期")).to_be_visible()
    sign_in(page, DEMO_DISPATCHER)
    expect(form(page).get_by_role("alert")).to_contain_text("登录后请再按一次")
    expect(form(page).locator("[name=phone]")).to_have_value("13900000003")
    save(page)
    expect(page.locator(".facts")).to_contain_text("13900000003")


def test_a_town_s_dispatcher_keeps_only_her_own_roster(city: City, open_page: OpenPage) -> None:
    town = Colleague(city).call("GET", "/api/v1/towns")["items"][0]
    page = open_page(f"dispatcher-{''.join(filter(str.isalpha, town['name_en'].lower()))}")
    page.goto("/roster")
    page.locator("tbody tr").first.wait_for()
    assert set(page.locator("tbody td:nth-child(3)").all_inner_texts()) == {town["name"]}
    for other in (elder_of(city, 1)["id"], 99_999):
        page.goto(f"/roster?elder={other}")
        expect(page.get_by_role("alert")).to_contain_text("找不到，或不在您的范围内")
    page.goto("/users")
    page.wait_for_url("**/board*")


def test_an_auditor_sees_masked_names_and_changes_nothing(city: City, open_page: OpenPage) -> None:
    elder = elder_of(city)
    page = open_page("auditor", lang="en")
    page.goto(f"/roster?elder={elder['id']}")
    expect(page.locator("h1")).to_contain_text("*")
    page.locator(".listing tbody tr").first.wait_for()
    assert elder["name"] not in page.locator("main").inner_text()
    assert elder["address"] not in page.locator("main").inner_text()
    expect(page.locator("main").get_by_role("button")).to_have_count(0)


def test_a_file_is_looked_through_before_it_is_stored(city: City, open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/import")
    page.get_by_role("radio", name="照料中心").check()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    header = download.value.path().read_text("utf-8-sig").splitlines()[0]
    town = Colleague(city).call("GET", "/api/v1/towns")["items"][0]
    village = Colleague(city).call("GET", f"/api/v1/villages?town_id={town['id']}")["items"][0]
    row = {
        "编号": "X900",
        "名称": "新照料中心",
        "类型": "照料中心",
        "坐标系": "WGS-84",
        "镇街": town["name"],
        "村社": village["name"],
        "纬度": str(town["latitude"]),
        "经度": str(town["longitude"]),
        "开放日期": "2026-01-01",
    }
    hours = next(name for name in header.split(",") if "小时" in name)

    def file(**cells: str) -> FilePayload:
        line = ",".join(({**row, **cells}).get(name.strip('"'), "") for name in header.split(","))
        return {"name": "centres.csv", "mimeType": "text/csv", "buffer": f"{header}\n{line}\n".encode()}

    store = page.get_by_role("button", name="正式导入")
    expect(store).to_be_disabled()
    page.locator("#file").set_input_files(file(**{hours: "很多"}))
    page.get_by_role("button", name="先试一遍").click()
    wrong = page.locator(".table tbody tr").first
    expect(wrong).to_contain_text("很多")
    expect(wrong.locator("td").first).to_have_text("2")
    expect(store).to_be_disabled()
    assert violations(page) == []

    page.locator("#file").set_input_files(file(**{hours: "200"}))
    expect(page.locator(".table")).to_have_count(0)
    page.get_by_role("button", name="先试一遍").click()
    expect(page.get_by_role("status").first).to_contain_text("没有错误")
    page.get_by_role("checkbox").check()
    expect(store).to_be_disabled()  # another question: it must be looked through again
    page.get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="先试一遍").click()
    expect(store).to_be_enabled()
    store.click()
    expect(page.get_by_role("status").first).to_contain_text("已导入")
    expect(store).to_be_disabled()
    page.goto("/roster?list=centres")
    page.get_by_role("searchbox").fill("X900")
    expect(page.get_by_role("link", name="新照料中心")).to_be_visible()


def test_accounts_and_special_days(city: City, open_page: OpenPage) -> None:
    town = Colleague(city).call("GET", "/api/v1/towns")["items"][1]
    page = open_page("admin")
    page.get_by_role("link", name="账号").click()
    page.get_by_role("button", name="新增账号").click()
    put(page, username="chen.wei", password="short", display_name="陈伟")
    save(page)
    expect(beside(page, "password")).to_have_text("应为：至少 10 个字符")
    put(page, password=DEMO_PASSWORD)
    save(page)
    expect(form(page).locator("fieldset .wrong")).to_have_text("应为：至少一个镇街，或全部镇街")
    form(page).get_by_role("checkbox", name=town["name"]).check()
    assert violations(page) == []
    save(page)
    expect(form(page)).to_have_count(0)
    row = page.locator("tr", has_text="chen.wei")
    page.get_by_role("combobox", name="角色", exact=True).select_option("dispatcher")
    expect(row).to_contain_text(town["name"])
    assert violations(page) == []

    theirs = open_page("chen.wei")
    row.get_by_role("button", name="停用").click()
    page.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(row.get_by_role("button", name="启用")).to_be_visible()
    theirs.goto("/roster")
    theirs.wait_for_url("**/sign-in")

    page.get_by_role("link", name="特殊日期").click()
    page.get_by_role("button", name="新增特殊日期").click()
    day = date(TODAY.year + 1, 3, 3)
    put(page, day=str(day), kind="closed", name="培训日")
    save(page)
    expect(page.locator("tbody tr", has_text=str(day))).to_contain_text("不服务")
    page.locator("tbody tr", has_text=str(day)).get_by_role("button", name="删除").click()
    page.get_by_role("dialog").get_by_role("button", name="删除").click()
    expect(page.locator("tbody tr", has_text=str(day))).to_have_count(0)
    assert violations(page) == []


def test_every_page_is_accessible_and_fits_at_200_per_cent(city: City, open_page: OpenPage) -> None:
    person = Colleague(city).call("GET", "/api/v1/caregivers")["items"][0]
    page = open_page("admin", lang="en", width=683, height=384)
    lists = [f"/roster?list={name}" for name in ("elders", "caregivers", "centres", "villages")]
    records = [f"/roster?centre={person['centre_id']}", f"/roster?elder={elder_of(city)['id']}"]
    for path in (*lists, *records, "/import", "/users"):
        page.goto(path)
        page.locator("h1").wait_for()
        page.wait_for_load_state("networkidle")
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
