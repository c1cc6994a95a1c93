"""`/built-up-areas` in a browser: areas on the map, one entered from a file and grown; on a phone, in both languages and colours."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from shapely.geometry import box, mapping

from api.main import create_app
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.built_up import service
from geo_registry.built_up.inputs import AreaChange, NewArea
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database
from geo_registry.search import keeping
from geo_registry.settings import Settings
from geo_registry.vocabulary import Role
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.browser.test_names import PASSWORD, sign_in
from tests.conftest import TestUrls
from tests.factories import NEXT_TOWN, TOWN, WEST, make_account, make_two_towns, operator
from tests.http.conftest import served

OPERATOR = operator()


@pytest.fixture
def office(committed: TestUrls, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Where a registry with two towns and two areas is served, one of which grew; the page of that; a registrar."""
    keeping.install()
    settings = Settings(data_dir=tmp_path, password_memory_mb=8, password_passes=1)
    database = Database.connect(committed.app)
    with database.write(actor=OPERATOR) as session:
        passwords = passwords_for(settings)
        make_account(session, "li.ming", Grant(Role.REGISTRAR, "330702"), password=PASSWORD, passwords=passwords)
        make_two_towns(session)
        new = {"name": "婺城区城区", "divisions": [TOWN], "valid_from": "2005", "source": "城市总体规划（2005）"}
        grown = service.register_area(session, NewArea.model_validate(new), actor=OPERATOR).area.id
        over = (WEST[2] - 0.01, WEST[1], WEST[2] + 0.02, WEST[3])
        new = {"name": "白龙桥片", "geometry": mapping(box(*over)), "division": "330702", "source": "现状调查（2020）"}
        service.register_area(session, NewArea.model_validate(new), actor=OPERATOR)
    with database.write(actor=OPERATOR) as session:
        change = {
            "since": "2015-06",
            "divisions": [TOWN, NEXT_TOWN],
            "source": "城市总体规划（2015）",
            "why": "总规修编",
        }
        service.change_area(session, grown, AreaChange.model_validate(change), seen=WHICHEVER, actor=OPERATOR)
    with served(create_app(settings, database)) as service_:
        yield service_.url, f"/built-up-areas/{grown}"
    database.dispose()


def test_an_area_is_entered_from_a_file_and_grows(watched: Watched, office: tuple[str, str], tmp_path: Path) -> None:
    page, (url, _) = watched.page, office
    sign_in(page, url, "/built-up-areas")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody")).to_contain_text("与其他建成区重叠")
    file = tmp_path / "east.geojson"
    file.write_text(json.dumps(mapping(box(119.69, 29.06, 119.7, 29.07))), encoding="utf-8")
    section = page.locator("section[aria-labelledby=register]")
    section.get_by_label("名称").fill("东区")
    section.get_by_label("或上传多边形").set_input_files(file)
    section.get_by_label("起始").fill("2018")
    with page.expect_navigation():
        section.get_by_role("button", name="登记").click()
    expect(page.get_by_text("已登记，正在重新检查全部地名。")).to_be_visible()
    page.locator("summary", has_text="修改").click()
    page.get_by_label("由哪些区划组成").fill(NEXT_TOWN[:9])
    page.get_by_label("自何时起为新的范围").fill("2021")
    page.locator("details", has_text="自何时起为新的范围").get_by_label("理由").fill("扩大")
    with page.expect_navigation():
        page.locator("details", has_text="自何时起为新的范围").get_by_role("button", name="修改").click()
    expect(page.get_by_text("2018年 至 2021年")).to_be_visible()
    expect(page.locator("main dl.facts")).to_contain_text(NEXT_TOWN)
    assert watched.complaints == []


@pytest.mark.parametrize("query", ["lang=zh-CN&theme=light", "lang=en&theme=dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_its_pages_can_be_read_by_everyone(watched: Watched, office: tuple[str, str], query: str, width: int) -> None:
    page, (url, one) = watched.page, office
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, url, "/built-up-areas")
    for path in ("/built-up-areas?", "/built-up-areas?on=2010-01-01&", f"{one}?", f"{one}?on=2010-01-01&"):
        page.goto(f"{url}{path}{query}")
        page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert violations(page) == [], path
    assert watched.complaints == []
    assert watched.elsewhere == []
