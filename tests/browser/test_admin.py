"""`/admin` in a browser: by keyboard, on a phone, in both languages and colours; and the demonstration's accounts by a click."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.main import create_app
from geo_registry.accounts import service
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database
from geo_registry.demo import sign_ins
from geo_registry.demo.datasets import KEY, LICENCES
from geo_registry.errors import TaskCrashed
from geo_registry.jobs import queue
from geo_registry.jobs.ledger import note_error
from geo_registry.search import keeping
from geo_registry.settings import Settings
from geo_registry.vocabulary import Role, TokenScope
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.conftest import TestUrls
from tests.factories import make_account, make_dataset, make_granted_divisions, operator
from tests.http.conftest import served

PASSWORD = "four words that nobody guesses"
PAGES = (
    "/admin/users",
    "/admin/users/li.ming",
    "/admin/teams",
    "/admin/teams/wucheng",
    "/admin/tokens",
    "/admin/jobs",
    "/me",
)


@pytest.fixture
def office(committed: TestUrls, tmp_path: Path) -> Iterator[str]:
    """Where a registry with an administrator, a team, tokens and jobs is served."""
    settings = Settings(data_dir=tmp_path, password_memory_mb=8, password_passes=1)
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        make_granted_divisions(session)
        make_account(
            session,
            "root",
            Grant(Role.ADMIN),
            password=PASSWORD,
            passwords=passwords_for(settings),
            display_name="方管",
        )
        make_account(session, "li.ming", Grant(Role.REGISTRAR, "330702"), display_name="李明")
        service.keep_team(session, "wucheng", name="婺城区民政局", join=["li.ming"], actor=operator())
        service.grant_role(session, service.Holder(team="wucheng"), Grant(Role.STEWARD, "330702"), actor=operator())
        for login in ("root", "li.ming"):
            service.issue_token(session, login, name="每晚同步", scopes=[TokenScope.READ], days=9, actor=operator())
        jobs = [queue.defer(session, keeping.TASK) for _ in range(2)]
        queue.cancel(session, jobs[0])
    note_error(database, jobs[0], TaskCrashed(task="coverage.run", reference="abc123"))
    with served(create_app(settings, database)) as service_:
        yield service_.url
    database.dispose()


def sign_in(page: Page, url: str, following: str) -> None:
    page.goto(f"{url}/sign-in?next={following}")
    page.get_by_label("登录名").fill("root")
    page.get_by_label("密码").fill(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_an_account_is_made_and_granted_by_keyboard(watched: Watched, office: str) -> None:
    page = watched.page
    sign_in(page, office, "/admin")
    expect(page).to_have_url(f"{office}/admin/users")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="root", exact=True)).to_be_focused()
    page.get_by_label("登录名").fill("Wang Wu")
    page.get_by_label("显示名").fill("王五")
    page.keyboard.press("Enter")
    # What is wrong is said on top, linked to the field; what was typed stays.
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("登录名")).to_be_focused()
    expect(page.get_by_label("显示名")).to_have_value("王五")
    assert violations(page) == []
    page.get_by_label("登录名").fill("wang.wu")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="账号已建立")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="去授权").click()
    page.get_by_label("角色").select_option("steward")
    page.get_by_label("区划", exact=True).fill("330702")
    page.get_by_text("只限某些设施类别").click()
    page.get_by_label("公墓").check()
    page.get_by_role("button", name="授予", exact=True).click()
    expect(page.locator("p[role=status]")).to_contain_text("已授权")
    expect(page.get_by_role("table")).to_contain_text("公墓")
    # What ends something asks first; Escape and Enter on the first button leave it as it is.
    page.get_by_role("button", name="收回").focus()
    for harmless in ("Escape", "Enter"):
        page.keyboard.press("Enter")
        question = page.get_by_role("dialog", name="收回授权")
        expect(question.get_by_role("button", name="取消")).to_be_focused()
        assert violations(page) == []
        page.keyboard.press(harmless)
        expect(question).to_be_hidden()
        expect(page.get_by_role("button", name="收回")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("p[role=status]")).to_contain_text("授权已收回")
    page.get_by_role("button", name="停用账号").click()
    page.get_by_role("dialog", name="停用账号").get_by_role("button", name="停用账号").click()
    expect(page.get_by_role("button", name="恢复账号")).to_be_visible()
    assert watched.elsewhere == []
    assert [each for each in watched.complaints if "422" not in each] == []


@pytest.mark.parametrize("query", ["", "?lang=en&theme=dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_of_it_can_be_read_by_everyone(watched: Watched, office: str, query: str, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 740})
    sign_in(page, office, "/")
    for path in PAGES:
        page.goto(f"{office}{path}{query}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert violations(page) == [], path
    assert watched.complaints == []


def test_a_job_is_taken_back(watched: Watched, office: str) -> None:
    page = watched.page
    sign_in(page, office, "/admin/jobs")
    expect(page.get_by_role("alert")).to_contain_text("没有工作进程")
    expect(page.get_by_role("table")).to_contain_text("abc123")
    page.get_by_role("button", name="取消").click()
    expect(page.locator("p[role=status]")).to_contain_text("任务已取消")
    page.get_by_label("状态").select_option("queued")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_role("heading", name="没有任务")).to_be_visible()


def test_a_visitor_of_the_demonstration_signs_in_by_a_click_and_is_where_they_were(
    watched: Watched, committed: TestUrls, tmp_path: Path
) -> None:
    page = watched.page
    settings = Settings(data_dir=tmp_path, password_memory_mb=8, password_passes=1)
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        for kind in LICENCES:
            make_dataset(session, kind, key=KEY)
        make_granted_divisions(session)
    sign_ins.open_all(database, passwords=passwords_for(settings), actor=operator())
    with served(create_app(settings, database)) as demo:
        page.goto(f"{demo.url}/plan?lang=zh-CN#at=12/29.1/119.6")
        expect(page.get_by_text("查看已有的结果无须登录")).to_be_visible()
        page.locator(".sign-in-first a").click()
        expect(page.get_by_role("heading", name="示例账号")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="规划", exact=True).click()
        expect(page).to_have_url(f"{demo.url}/plan?lang=zh-CN#at=12/29.1/119.6")
        expect(page.get_by_text("查看已有的结果无须登录")).to_have_count(0)
        assert page.get_by_role("link", name="管理").count() == 0
        cookies = {each["name"]: each["value"] for each in page.context.cookies()}
        assert httpx.get(f"{demo.url}/api/v1/me", cookies=cookies).json()["login"] == "demo-planner"
    database.dispose()
