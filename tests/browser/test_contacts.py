"""Whom to call at a facility, as the demonstration's steward keeps it from the record: by script and without, on a phone too."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from api.main import create_app
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database
from geo_registry.demo import sign_ins
from geo_registry.demo.datasets import KEY, LICENCES
from geo_registry.settings import Settings
from geo_registry.vocabulary import FacilityKind
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.conftest import TestUrls
from tests.factories import make_dataset, make_division, make_facility, make_granted_divisions, operator
from tests.http.conftest import served

NUMBER = "138 0000 1234"


@dataclass(frozen=True)
class Record:
    """A facility of the county that the demonstration's steward keeps, and where it is served."""

    url: str
    page: str
    database: Database


@pytest.fixture
def record(committed: TestUrls, tmp_path: Path) -> Iterator[Record]:
    settings = Settings(data_dir=tmp_path, password_memory_mb=8, password_passes=1)
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        for kind in LICENCES:
            make_dataset(session, kind, key=KEY)
        make_granted_divisions(session)
        county = make_division(session, "330702000000", name="婺城区", box=(119.5, 29.0, 119.7, 29.2))
        facility = make_facility(
            session, FacilityKind.MEAL_POINT, name="江南助餐点", lon=119.6, lat=29.1, division_id=county.id
        )
        page = f"/facilities/{facility.id}"
    sign_ins.open_all(database, passwords=passwords_for(settings), actor=operator())
    with served(create_app(settings, database)) as service:
        yield Record(service.url, service.url + page, database)
    database.dispose()


def sign_in(page: Page, record: Record, query: str = "") -> None:
    """By a click on the demonstration's steward, back to the record."""
    page.goto(f"{record.page}{query}")
    page.locator(".account a[data-back]").click()
    page.locator('form:has([value="demo-steward"]) button').click()
    page.wait_for_url(f"{record.page}*")


def fill(page: Page, person: str, post: str, phone: str) -> None:
    page.get_by_label("姓名").fill(person)
    page.get_by_label("职务").fill(post)
    page.get_by_label("电话").fill(phone)


def test_the_steward_adds_sees_changes_and_erases_a_contact(watched: Watched, record: Record) -> None:
    page = watched.page
    page.goto(record.page)
    expect(page.get_by_role("heading", name="联系人")).to_have_count(0)
    sign_in(page, record)
    section = page.locator(".contacts")
    expect(section).to_contain_text("未登记")
    section.get_by_text("登记联系人").click()
    fill(page, "王小明", "负责人", "不是号码")
    section.get_by_role("button", name="保存").click()
    # What is wrong is said at its field; what was typed stays.
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("电话")).to_be_focused()
    expect(page.get_by_label("姓名")).to_have_value("王小明")
    assert violations(page) == []
    page.get_by_label("电话").fill(NUMBER)
    page.keyboard.press("Enter")
    expect(section.locator("p[role=status]")).to_contain_text("联系人已保存")
    expect(section.locator("li")).to_contain_text("138****1234")
    assert "0000 1234" not in page.content()
    assert violations(page) == []
    section.get_by_role("button", name="显示号码").click()
    expect(section.locator("li a.figures")).to_have_text(NUMBER)
    expect(section).to_be_in_viewport()
    assert violations(page) == []
    section.get_by_text("修改 王小明").click()
    page.get_by_label("电话").fill("120")
    section.get_by_role("button", name="保存").click()
    expect(section.locator("p[role=status]")).to_contain_text("联系人已保存")
    section.get_by_role("link", name="清除").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("清除联系人")
    assert violations(page) == []
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_be_hidden()
    assert page.url.startswith(record.page)
    section.get_by_role("link", name="清除").click()
    dialog.get_by_role("button", name="清除").click()
    expect(section.locator("p[role=status]")).to_contain_text("联系人已清除")
    expect(section).to_contain_text("未登记")
    with record.database.write(actor="test") as session:
        entries = session.execute(
            text("SELECT operation, actor, verb FROM audit_entry WHERE table_name = 'facility_contact' ORDER BY id")
        ).all()
    assert [tuple(each) for each in entries] == [
        ("insert", "demo-steward", "facilities.set_contact"),
        ("read", "demo-steward", "facilities.see_contact"),
        ("update", "demo-steward", "facilities.set_contact"),
        ("delete", "demo-steward", "facilities.erase_contact"),
    ]
    assert watched.elsewhere == []
    assert [each for each in watched.complaints if "422" not in each] == []


def test_without_scripts_a_page_asks_before_it_is_erased(browser: Browser, record: Record) -> None:
    context = browser.new_context(locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{record.url}/sign-in?next={record.page.removeprefix(record.url)}")
    page.locator('form:has([value="demo-steward"]) button').click()
    section = page.locator(".contacts")
    section.get_by_text("登记联系人").click()
    fill(page, "王小明", "", NUMBER)
    section.get_by_role("button", name="保存").click()
    section.get_by_role("button", name="显示号码").click()
    expect(section.locator("li a.figures")).to_have_text(NUMBER)
    section.get_by_role("link", name="清除").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("清除联系人 王**？")
    page.get_by_role("link", name="取消").click()
    expect(section.locator("li")).to_have_count(1)
    section.get_by_role("link", name="清除").click()
    page.get_by_role("button", name="清除").click()
    expect(section).to_contain_text("未登记")
    context.close()


@pytest.mark.parametrize("query", ["", "?lang=en&theme=dark", "?view=elder"])
def test_on_a_phone_it_can_be_read_by_everyone(watched: Watched, record: Record, query: str) -> None:
    page = watched.page
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page, record)
    page.locator(".contacts summary").click()
    fill(page, "一个名字长得在手机上写不下一行的人" * 3, "负责人", NUMBER)
    page.locator(".contacts form button.strong").click()
    page.goto(f"{record.page}{query}")
    page.locator(".contacts summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert violations(page) == []
    page.locator(".contacts li > form button").click()
    expect(page.locator(".contacts li a.figures")).to_have_text(NUMBER)
    page.locator(".contacts summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert violations(page) == []
    page.locator(".contacts li a.grave").click()
    assert violations(page) == []
    erase = page.locator(".contacts li a.grave").get_attribute("href")
    page.goto(f"{record.url}{erase}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert violations(page) == []
    assert watched.complaints == []
