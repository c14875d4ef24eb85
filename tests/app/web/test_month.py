"""The month's page: the ledger, who is at risk, why and what to do."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from app.accounts.models import PageSession
from app.core import clock
from app.demo.accounts import DEMO_DISPATCHER
from tests.app import given
from tests.app.web.colleague import Colleague
from tests.app.web.conftest import City, OpenPage, sign_in, violations

NAME = "<script>document.title='wrong'</script>👵🏻" + "长" * 50


@pytest.fixture(scope="module")
def planless(city: City) -> int:
    """An elder with a grant and no care plan, so that nobody can plan her hours."""
    colleague = Colleague(city)
    (other,) = colleague.call("GET", "/api/v1/elders?limit=1")["items"]
    today = str(clock.today())
    born = date(1931, 5, 6)
    elder = {
        "number": "E999999",
        "name": NAME,
        "id_number": given.id_number(born),
        "birth_date": str(born),
        "gender": "female",
        "address": "新路1号",
        "disability_grade": "mild",
        "town_id": other["town_id"],
        "village_id": other["village_id"],
        "joined_on": today,
    }
    made: int = colleague.call("POST", "/api/v1/elders", json=elder)["id"]
    grant = {"valid_from": today, "monthly_minutes": 240, "approved_by": "局", "approved_on": today, "reason": "失能"}
    colleague.call("POST", f"/api/v1/elders/{made}/grants", json=grant)
    return made


def no_wider_than_the_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


# The second is the first at 200 %.
@pytest.mark.parametrize(("lang", "width", "height"), [("zh", 1366, 768), ("en", 683, 384)])
def test_who_is_at_risk_why_and_what_to_do(
    open_page: OpenPage, planless: int, lang: str, width: int, height: int
) -> None:
    page = open_page(lang=lang, width=width, height=height)
    following = clock.today().replace(day=28).toordinal() + 7
    page.goto(f"/month?month={date.fromordinal(following):%Y-%m}")
    words = {
        "zh": ("只看有风险的", "没有服务方案", "制定服务方案。", "下一月", "上一月", "导出 CSV", "看排班："),
        "en": (
            "Only those at risk",
            "no care plan",
            "Write a care plan.",
            "after",
            "before",
            "Export CSV",
            "Visits of ",
        ),
    }[lang]
    reach = page.locator(".reach tr", has_text="E999999")
    expect(reach).to_contain_text(words[1])
    expect(reach).to_contain_text(words[2])
    page.get_by_label(words[0]).check()
    line = page.locator("tr.risk")
    expect(line).to_have_count(1)
    expect(line).to_contain_text(NAME)
    expect(line).to_contain_text(words[1])
    assert "risk=1" in page.url
    assert violations(page) == []
    assert no_wider_than_the_window(page)
    assert "wrong" not in page.title()
    with page.expect_download() as download:
        page.get_by_role("link", name=words[5]).click()
    text = download.value.path().read_text("utf-8-sig")
    assert text.count("\n") == 2
    assert "E999999" in text

    # by the keyboard: to another month and back, and what is looked at is kept
    page.get_by_role("button", name=words[3]).press("Enter")
    expect(page.locator("tr.risk")).to_have_count(1)
    page.get_by_role("button", name=words[4]).press("Enter")
    expect(page.locator(".reach tr", has_text="E999999")).to_be_visible()
    page.locator("tr.risk").get_by_role("link", name=words[6]).press("Enter")
    page.wait_for_url(f"**/board?*elder={planless}*")


def test_a_lost_connection_and_an_ended_session_are_told_and_nothing_is_lost(
    city: City, open_page: OpenPage, planless: int
) -> None:
    page = open_page()
    page.goto("/month")
    page.get_by_label("查找老人").fill("E999999")
    page.get_by_role("button", name="E999999").click()
    expect(page.locator("tbody tr", has_text="E999999")).to_be_visible()
    assert "E999999" not in page.url
    page.context.set_offline(True)
    page.get_by_role("button", name="下一月").click()
    expect(page.get_by_role("alert")).to_contain_text("连接不上服务")
    page.context.set_offline(False)
    page.get_by_role("button", name="重试").click()
    expect(page.locator("tr.risk", has_text="E999999")).to_be_visible()
    with city.database.write() as session:
        session.execute(delete(PageSession))
    page.get_by_role("button", name="上一月").click()
    expect(page.get_by_role("dialog", name="登录已过期")).to_be_visible()
    assert violations(page) == []
    sign_in(page, DEMO_DISPATCHER)
    expect(page.locator("tbody tr", has_text="E999999").first).to_be_visible()
