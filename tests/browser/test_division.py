"""A division's page in a browser: what it became and came from, on the map too; nobody is shut out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.main import create_app
from geo_registry.db.session import Database
from geo_registry.divisions.inputs import NewSuccession, OneOf
from geo_registry.divisions.service import record_succession
from geo_registry.search import keeping
from geo_registry.settings import Settings
from geo_registry.vocabulary import Certainty, DivisionChange, DivisionLevel
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.conftest import TestUrls
from tests.factories import make_division, operator
from tests.http.conftest import served

YANHUA, QIANXI = "330782104261", "330782104279"
NAME = '<img src=x onerror="window.taken=1">沿华村委会'


@pytest.fixture
def url(committed: TestUrls, tmp_path: Path) -> Iterator[str]:
    """A registry with a village that was merged into another."""
    keeping.install()
    registry = Database.connect(committed.app)
    with registry.write(actor="test") as session:
        town = make_division(
            session,
            "330782104000",
            level=DivisionLevel.TOWNSHIP,
            name="上溪镇",
            box=(119.8, 29.2, 119.9, 29.3),
            vintage=2021,
        )
        make_division(session, YANHUA, level=DivisionLevel.VILLAGE, name=NAME, vintage=2018)
        make_division(
            session,
            QIANXI,
            level=DivisionLevel.VILLAGE,
            name="潜溪村村民委员会",
            box=(119.8, 29.2, 119.85, 29.25),
            vintage=2021,
            parent=town,
        )
        merged = NewSuccession(
            before=OneOf(code=YANHUA, vintage=2018),
            after=OneOf(code=QIANXI, vintage=2021),
            change=DivisionChange.MERGED,
            evidence=NAME,
            certainty=Certainty.PROBABLE,
        )
        record_succession(session, merged, actor=operator())
    with served(create_app(Settings(data_dir=tmp_path), registry)) as service:
        yield service.url
    registry.dispose()


@pytest.mark.parametrize(
    ("theme", "view", "width"),
    [("light", "standard", 1440), ("dark", "standard", 360), ("dark", "elder", 1440), ("light", "elder", 360)],
)
def test_nobody_is_shut_out(watched: Watched, url: str, theme: str, view: str, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 900})
    for address in (f"/divisions/{YANHUA}?vintage=2018", f"/divisions/{QIANXI}?vintage=2021", "/?q=沿华"):
        for lang in ("zh-CN", "en"):
            page.goto(f"{url}{address}&theme={theme}&view={view}&lang={lang}")
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("window.taken") is None
    assert watched.complaints == []


def test_a_former_village_is_found_while_typing_and_leads_to_what_it_became(watched: Watched, url: str) -> None:
    page = watched.page
    page.goto(f"{url}/")
    page.focus("#q")
    page.keyboard.type("沿华")
    option = page.locator("#q-options [role=option]")
    expect(option).to_contain_text("曾用名 · 并入 潜溪村村民委员会")
    option.click()
    page.wait_for_url(f"{url}/divisions/{YANHUA}?vintage=2018")
    expect(page.locator("#today + *")).to_contain_text("潜溪村村民委员会")
    page.wait_for_selector("#map[data-drawn=true]")
    page.get_by_role("link", name="潜溪村村民委员会").first.click()
    expect(page.locator("h1.headword")).to_have_text("潜溪村村民委员会")
    expect(page.locator("#came-from + ol")).to_contain_text("沿华村委会")
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_what_is_wrong_is_withdrawn_with_a_reason(watched: Watched, url: str) -> None:
    page = watched.page
    page.goto(f"{url}/divisions/{QIANXI}")
    page.locator("#came-from + ol summary").click()
    page.get_by_label("撤回的理由").fill("误登")
    page.locator("#came-from + ol form button").click()
    expect(page.get_by_role("status").first).to_contain_text("沿革已撤回。")
    expect(page.locator("#came-from + p")).to_have_text("未登记")
