"""`/heritage` in a browser: names on the map, one told with story and picture, by mouse and by keyboard; on a phone, in both languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.main import create_app
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database
from geo_registry.demo.listed import drawing
from geo_registry.heritage import service
from geo_registry.heritage.inputs import Enlistment, NewHeritage, NewMeasure, NewPicture, NewStory
from geo_registry.settings import Settings
from geo_registry.vocabulary import Role
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.browser.test_names import PASSWORD, sign_in
from tests.conftest import TestUrls
from tests.factories import make_account, make_place, make_two_towns, operator
from tests.http.conftest import served

OPERATOR = operator()
NEW = {"kind": "old-street", "level": "city", "list_name": "第一批地名文化遗产保护名录", "named": "明"}
PROOF = {"what": "《光绪金华县志》卷二", "says": "县治东三里有街曰酒坊", "dated": "光绪", "supports": ["value"]}
DOCUMENT = {
    "listed_on": "2022-11-18",
    "document_number": "金民〔2022〕20号",
    "body": "金华市民政局",
    "taken_over": True,
}


@pytest.fixture
def office(committed: TestUrls, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Where a registry with two listed names is served; the page of one that has a story and a picture; a registrar."""
    settings = Settings(data_dir=tmp_path, password_memory_mb=8, password_passes=1)
    database = Database.connect(committed.app)
    with database.write(actor=OPERATOR) as session:
        passwords = passwords_for(settings)
        grants = (Grant(Role.REGISTRAR, "330702"), Grant(Role.SIGNER, "330702"))
        make_account(session, "li.ming", *grants, password=PASSWORD, passwords=passwords)
        make_two_towns(session)
        place = make_place(session, place_class="street", standard_name="酒坊巷", lon=119.62, lat=29.07)
        for name, where in (("酒坊巷", {"place": place.id}), ("旧市巷", {"lon": 119.66, "lat": 29.08})):
            new = NewHeritage.model_validate({**NEW, "name": name, **where, "evidence": [PROOF]})
            told = service.propose_heritage(session, new, actor=OPERATOR)
            given = Enlistment.model_validate(DOCUMENT)
            service.enlist_heritage(session, told.heritage.id, given, seen=WHICHEVER, actor=OPERATOR)
        one = told.heritage.id
        service.add_story(session, one, NewStory(title="不在了的巷子", story="老住户还这样报门牌。"), actor=OPERATOR)
        rights = {"caption": "巷口", "author": "王某", "licence": "CC BY 4.0", "content": drawing(1)}
        service.add_picture(session, one, NewPicture.model_validate(rights), actor=OPERATOR)
        measure = {"purpose": "renaming", "measure": "原名刻碑立于巷口", "decided_on": "2023-03-01"}
        service.add_measure(session, one, NewMeasure.model_validate(measure), actor=OPERATOR)
    with served(create_app(settings, database)) as service_:
        yield service_.url, f"/heritage/{one}"
    database.dispose()


def test_a_name_is_proposed_told_and_listed_on_its_page(
    watched: Watched, office: tuple[str, str], tmp_path: Path
) -> None:
    page, (url, _) = watched.page, office
    sign_in(page, url, "/heritage")
    expect(page.locator("ol.records li")).to_have_count(2)
    page.locator("summary", has_text="申报名称").click()
    form = page.locator("form[action='/heritage'][method=post]")
    form.get_by_label("名称").fill("后街")
    form.get_by_label("所在区划").fill("330702001")
    form.get_by_label("类别").select_option("ancient-village")
    form.get_by_label("形成年代").fill("唐")
    with page.expect_navigation():
        form.get_by_role("button", name="申报名称").click()
    expect(page.get_by_text("已申报。")).to_be_visible()
    page.locator("summary", has_text="添加依据").click()
    form = page.locator("form[action$='/evidence']")
    form.get_by_label("依据名称").fill("宗谱")
    form.get_by_label("村落形成至今达 1000 年以上").check()
    with page.expect_navigation():
        form.get_by_role("button", name="添加依据").click()
    expect(page.locator(".criteria li", has_text="村落形成")).to_contain_text("符合")
    file = tmp_path / "a.png"
    file.write_bytes(drawing(2))
    page.locator("summary", has_text="添加图片").click()
    form = page.locator("form[action$='/pictures']")
    form.get_by_label("图片文件").set_input_files(file)
    for label in ("图片说明", "作者", "使用许可"):
        form.get_by_label(label).fill("示例")
    with page.expect_navigation():
        form.get_by_role("button", name="添加图片").click()
    expect(page.locator(".pictures img")).to_be_visible()
    page.locator("summary", has_text="列入名录").click()
    form = page.locator("form[action$='/list']")
    form.get_by_label("列入日期").fill("2025-06-01")
    form.get_by_label("文号").fill("1号")
    form.get_by_label("发文机关").fill("市民政局")
    form.get_by_label("接收既有名录").check()
    with page.expect_navigation():
        form.get_by_role("button", name="列入名录").click()
    expect(page.get_by_text("已列入名录。")).to_be_visible()
    assert watched.complaints == []


def test_names_are_walked_by_keyboard(watched: Watched, office: tuple[str, str]) -> None:
    page, (url, one) = watched.page, office
    page.goto(f"{url}/heritage?lang=zh-CN")
    page.locator("body").press("j")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(one)
    expect(page.locator("h1")).to_have_text("旧市巷")
    picture = page.locator(".pictures img")
    picture.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.pictures img').naturalWidth === 480")


@pytest.mark.parametrize("query", ["lang=zh-CN&theme=light", "lang=en&theme=dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_its_pages_can_be_read_by_everyone(watched: Watched, office: tuple[str, str], query: str, width: int) -> None:
    page, (url, one) = watched.page, office
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, url, "/heritage")
    for path in ("/heritage?", f"{one}?"):
        page.goto(f"{url}{path}{query}")
        page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert violations(page) == [], path
    assert watched.complaints == []
