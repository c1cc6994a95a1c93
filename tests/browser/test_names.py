"""`/names` in a browser: a name checked, a finding cleared by keyboard; on a phone, in both languages and colours."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from api.main import create_app
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database
from geo_registry.model import Division
from geo_registry.places import service
from geo_registry.search import keeping
from geo_registry.settings import Settings
from geo_registry.vocabulary import DivisionLevel, Role
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.conftest import TestUrls
from tests.factories import make_account, make_division, make_place, operator
from tests.http.conftest import served

PASSWORD = "four words that nobody guesses"
CHECK = "/names?name=曼哈顿路&class=street&division=330702001000&at=119.65,29.08"


@pytest.fixture
def office(committed: TestUrls, tmp_path: Path) -> Iterator[str]:
    """Where a registry with names that were reviewed is served, and a registrar of its county."""
    keeping.install()
    settings = Settings(data_dir=tmp_path, password_memory_mb=8, password_passes=1)
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        passwords = passwords_for(settings)
        make_account(session, "li.ming", Grant(Role.REGISTRAR, "330702"), password=PASSWORD, passwords=passwords)
        county = make_division(session, "330702000000", name="婺城区")
        make_division(session, "330702001000", name="江南街道", level=DivisionLevel.TOWNSHIP, parent=county)
        town = session.scalars(select(Division.id).where(Division.code == "330702001000")).one()
        for name, lon in (("曼哈顿路", 119.66), ("毛泽东路", 119.67), ("曼哈顿路", 119.68)):
            make_place(session, place_class="street", standard_name=name, division_id=town, lon=lon)
    service.review_now(database, actor=operator())
    with served(create_app(settings, database)) as service_:
        yield service_.url
    database.dispose()


def sign_in(page: Page, url: str, following: str = "/names") -> None:
    page.goto(f"{url}/sign-in?next={following}")
    page.get_by_label("登录名").fill("li.ming")
    page.get_by_label("密码").fill(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_name_is_checked_and_a_finding_cleared_by_keyboard(watched: Watched, office: str) -> None:
    page = watched.page
    sign_in(page, office)
    page.get_by_role("textbox", name="名称").fill("曼哈顿路")
    page.get_by_label("所在区划").fill("江南街道")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    cards = page.locator(".finding")
    expect(cards.first).to_contain_text("与“曼哈顿路”重名")
    expect(cards.first).to_contain_text("婺城区江南街道")
    expect(cards.first).to_contain_text("同一个建成区内的街路巷名称")
    page.get_by_role("link", name="全部地名").click()
    page.get_by_label("问题").select_option("leader-name")
    page.get_by_role("button", name="筛选", exact=True).click()
    expect(cards).to_have_count(1)
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("与国家领导人无关")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("已排除，理由留存。")).to_be_visible()
    page.get_by_label("处理").select_option("true")
    page.get_by_role("button", name="筛选", exact=True).click()
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text("与国家领导人无关")
    assert watched.complaints == []


def test_the_list_and_the_form_are_reached_by_keyboard(watched: Watched, office: str) -> None:
    """As docs/public.md says of every list: / to its field, j and k along the rows, ? for what there is."""
    page = watched.page
    sign_in(page, office)
    page.locator("h1").click()
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name="名称")).to_be_focused()
    page.goto(f"{office}/names/review")
    page.keyboard.press("j")
    expect(page.locator(".finding").first.locator("a").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(".finding").nth(1).locator("a").first).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys [data-key=rows]").first).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_label("所在区划")).to_be_focused()


def test_what_is_ticked_for_a_case_is_counted(watched: Watched, office: str) -> None:
    page = watched.page
    sign_in(page, office, "/names/review")
    boxes, ticked = page.locator("input[name=places]"), page.locator("#ticked")
    expect(ticked).to_be_empty()
    boxes.first.check()
    expect(ticked).to_have_text("已勾选 1 处")
    page.get_by_role("button", name="勾选本页全部").click()
    places = {box.get_attribute("value") for box in boxes.all()}
    assert len(places) == 3
    expect(ticked).to_have_text("已勾选 3 处")
    for box in page.locator(f'input[name=places][value="{places.pop()}"]').all():
        box.uncheck()
    expect(ticked).to_have_text("已勾选 2 处")
    assert watched.complaints == []


def test_a_point_is_chosen_on_the_map_or_typed(watched: Watched, office: str) -> None:
    page = watched.page
    sign_in(page, office)
    page.get_by_text("在地图上选点").click()
    page.wait_for_selector("#map[data-drawn=true]")
    box = page.locator("#map").bounding_box()
    assert box is not None
    field = page.get_by_label("经度,纬度")
    chosen = []
    for share in (0.5, 0.6):
        page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
        expect(page.locator("#chosen")).to_contain_text(field.input_value())
        chosen.append([float(each) for each in field.input_value().split(",")])
    (lon, lat), (east, same) = chosen
    west, south, far_east, north = json.loads(str(page.get_attribute("#map", "data-bounds")))
    assert (west < lon < far_east, south < lat < north) == (True, True)
    assert east > lon
    assert same == pytest.approx(lat, abs=1e-4)
    field.fill("119.66,29.08")
    page.get_by_role("textbox", name="名称").fill("曼哈顿路")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_label("经度,纬度").input_value() == "119.66,29.08"
    # What was asked of stands on the map, which opens there.
    page.wait_for_selector("#choosing[open] #map[data-drawn=true]")
    assert watched.complaints == []


@pytest.mark.parametrize("query", ["lang=zh-CN&theme=light", "lang=en&theme=dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_its_pages_can_be_read_by_everyone(watched: Watched, office: str, query: str, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 740})
    sign_in(page, office)
    for path in (
        "/names?",
        f"{CHECK}&",
        "/names?name=x&at=1&",
        "/names/review?",
        "/names/review?cleared=true&",
        "/names/review?division=无此区&",
    ):
        page.goto(f"{office}{path}{query}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert violations(page) == [], path
    # A position that isn't one, and a division that isn't registered.
    assert [each.partition("status of ")[2][:3] for each in watched.complaints] == ["400", "404"]
    assert watched.elsewhere == []
