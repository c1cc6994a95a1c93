"""Signing in, in a browser: by keyboard, on a phone, in both languages; the planner's page goes on working."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from api.main import create_app
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database
from geo_registry.settings import Settings
from geo_registry.vocabulary import Role
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.conftest import TestUrls
from tests.factories import make_account
from tests.http.conftest import served

PASSWORD = "four words that nobody guesses"
NAME = "<b>李明</b>（婺城区民政局地名办公室）"


@pytest.fixture
def office(committed: TestUrls, tmp_path: Path) -> Iterator[str]:
    """Where a registry with one account is served."""
    settings = Settings(data_dir=tmp_path, password_memory_mb=8, password_passes=1)
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        grant = Grant(Role.PLANNER, "330702")
        values = {"password": PASSWORD, "passwords": passwords_for(settings)}
        make_account(session, "li.ming", grant, display_name=NAME, **values)  # type: ignore[arg-type]
    with served(create_app(settings, database)) as service:
        yield service.url
    database.dispose()


def sign_in(page: Page, url: str, *, following: str = "/") -> None:
    page.goto(f"{url}/sign-in?next={following}")
    page.get_by_label("登录名").fill("li.ming")
    page.get_by_label("密码").fill(PASSWORD)
    with page.expect_navigation(url=f"{url}{following}"):
        page.keyboard.press("Enter")


def test_one_signs_in_by_keyboard_and_out_again(watched: Watched, office: str) -> None:
    page = watched.page
    page.goto(f"{office}/design")
    page.get_by_role("link", name="登录", exact=True).click()
    page.get_by_label("登录名").fill("li.ming")
    page.get_by_label("密码").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("登录名或密码不对")
    expect(page.get_by_label("登录名")).to_have_value("li.ming")
    assert violations(page) == []
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{office}/design")
    # What somebody is called is text.
    expect(page.get_by_role("link", name=NAME)).to_be_visible()
    page.get_by_role("button", name="退出", exact=True).click()
    expect(page.get_by_role("link", name="登录", exact=True)).to_be_visible()
    assert watched.elsewhere == []
    # A refused sign-in is answered 401, which the console tells.
    assert [each for each in watched.complaints if "401" not in each] == []


@pytest.mark.parametrize("query", ["", "?lang=en&theme=dark", "?view=elder"])
def test_what_one_is_granted_can_be_read_by_everyone(watched: Watched, office: str, query: str) -> None:
    page = watched.page
    sign_in(page, office)
    page.goto(f"{office}/me{query}")
    expect(page.get_by_role("table")).to_contain_text("330702")
    assert violations(page) == []
    assert watched.complaints == []


def test_nothing_sticks_out_of_a_phone(watched: Watched, office: str) -> None:
    page = watched.page
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/sign-in", "/me", "/design"):
        if path == "/me":
            sign_in(page, office)
        page.goto(office + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("link", name="登录", exact=True)).to_be_visible()


def test_a_page_asks_the_api_as_whoever_is_signed_in(watched: Watched, office: str) -> None:
    """As /plan does: no header of its own making."""
    page = watched.page
    sign_in(page, office, following="/design")
    expect(page).to_have_url(f"{office}/design")
    order = """async () => {
        const body = JSON.stringify({ standard: "care-circle-15min", zone: "330702" });
        const headers = { "Content-Type": "application/json" };
        const answer = await fetch("/api/v1/coverage/runs", { method: "POST", headers, body });
        return [answer.status, (await answer.json()).actor];
    }"""
    assert page.evaluate(order) == [202, "li.ming"]
