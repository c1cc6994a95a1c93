"""`/names/unnamed` in a browser: a lane opened on the map and by keyboard, named, dropped; on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.main import create_app
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database
from geo_registry.settings import Settings
from geo_registry.vocabulary import Role
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.browser.test_names import PASSWORD, sign_in
from tests.conftest import TestUrls
from tests.factories import make_account
from tests.http.conftest import served
from tests.integration.test_unnamed import fill, find


@pytest.fixture
def office(committed: TestUrls, tmp_path: Path) -> Iterator[str]:
    """Where a registry is served whose lanes were looked for; a registrar has an account."""
    settings = Settings(data_dir=tmp_path, password_memory_mb=8, password_passes=1)
    database = Database.connect(committed.app)
    fill(database)
    with database.write(actor="test") as session:
        passwords = passwords_for(settings)
        make_account(session, "li.ming", Grant(Role.REGISTRAR, "330702"), password=PASSWORD, passwords=passwords)
    find(database, tmp_path)
    with served(create_app(settings, database)) as service:
        yield service.url
    database.dispose()


def test_a_lane_is_opened_and_named_by_what_is_offered(watched: Watched, office: str) -> None:
    page = watched.page
    sign_in(page, office, "/names/unnamed")
    expect(page.locator("ol.lanes > li")).to_have_count(3)
    page.locator("ol.lanes > li", has_text="胡公庙附近").get_by_role("link").click()
    offers = page.locator(".offers")
    expect(offers).to_contain_text("胡公庙")
    name = offers.get_by_role("button").first.inner_text()
    offers.get_by_role("button").first.click()
    expect(page.get_by_text("已拟名。")).to_be_visible()
    expect(page.locator("ol.lanes")).to_contain_text(name)
    assert watched.complaints == []


def test_keys_alone_open_a_lane_and_drop_it(watched: Watched, office: str) -> None:
    page = watched.page
    sign_in(page, office, "/names/unnamed")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**lane=**")
    reason = page.get_by_label("不命名的理由")
    reason.focus()
    page.keyboard.type("机耕路")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已记为不命名，理由留存。")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_is_accessible(watched: Watched, office: str, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, office, "/names/unnamed")
    page.locator("ol.lanes > li").first.get_by_role("link").click()
    page.wait_for_url("**lane=**")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
