"""The audit in a browser: narrowed by a form, opened by its number, read before and after."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.main import create_app
from geo_registry.db.session import Database
from geo_registry.settings import Settings
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.conftest import TestUrls
from tests.factories import make_facility
from tests.http.conftest import served

SCRIPT = "<script>document.title = 'taken'</script>"


@pytest.fixture
def office(committed: TestUrls, tmp_path: Path) -> Iterator[str]:
    """Where a registry is served in which a name was changed to a script."""
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        made = make_facility(session, name="旧名")
    with database.write(actor="li.ming", why=SCRIPT) as session:
        session.add(made)
        made.name = SCRIPT
    with served(create_app(Settings(data_dir=tmp_path), database)) as service:
        yield service.url
    database.dispose()


def test_a_change_is_found_and_read_before_and_after(watched: Watched, office: str) -> None:
    page = watched.page
    page.goto(f"{office}/admin/audit")
    page.get_by_label("何人（登录名）").fill("li.ming")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("table")).to_contain_text(SCRIPT)
    assert violations(page) == []
    page.get_by_role("table").get_by_role("link").click()
    expect(page.get_by_role("deletion")).to_have_text("旧名")
    expect(page.get_by_role("insertion")).to_have_text(SCRIPT)
    expect(page.get_by_text("与当时的摘要一致")).to_be_visible()
    assert violations(page) == []
    assert "taken" not in page.title()
    assert (watched.complaints, watched.elsewhere) == ([], [])


@pytest.mark.parametrize("query", ["?lang=en&theme=dark", "?who=li.ming"])
def test_nothing_sticks_out_of_a_phone(watched: Watched, office: str, query: str) -> None:
    page = watched.page
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{office}/admin/audit{query}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
