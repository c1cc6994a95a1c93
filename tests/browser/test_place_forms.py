"""A place's page in a browser: a registrar's forms, by keyboard, on a phone, in both languages; the code of its extract."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.main import create_app
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database
from geo_registry.places import service
from geo_registry.places.inputs import NewPlace
from geo_registry.search import keeping
from geo_registry.settings import Settings
from geo_registry.vocabulary import Role
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.browser.test_names import PASSWORD, sign_in
from tests.conftest import TestUrls
from tests.factories import make_account, make_division, operator
from tests.http.conftest import served

STREET = {
    "class": "street",
    "name": "中山路",
    "named_on": "1946",
    "geometry": {"type": "LineString", "coordinates": [[119.65, 29.08], [119.66, 29.08]]},
    "names": [{"name": "府前街", "kind": "former", "valid_to": "1946"}],
    "why": "存量",
}
EDGES = """() => {
    const box = document.querySelector(".verifies svg").getBoundingClientRect();
    const code = document.querySelector(".verifies svg path").getBoundingClientRect();
    return [code.left - box.left, code.top - box.top, box.right - code.right, box.bottom - code.bottom];
}"""


@pytest.fixture
def office(committed: TestUrls, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Where a registry with a street is served, and the page of that; a registrar of its county."""
    keeping.install()
    settings = Settings(data_dir=tmp_path, password_memory_mb=8, password_passes=1)
    database = Database.connect(committed.app)
    with database.write(actor=operator()) as session:
        passwords = passwords_for(settings)
        make_account(session, "li.ming", Grant(Role.REGISTRAR, "330702"), password=PASSWORD, passwords=passwords)
        make_division(session, "330702000000", name="婺城区", box=(119, 29, 120, 30))
        place = service.register_place(session, NewPlace.model_validate(STREET), actor=operator()).place.id
    with served(create_app(settings, database)) as service_:
        yield service_.url, f"/places/{place}"
    database.dispose()


def test_a_spelling_is_corrected_and_a_name_withdrawn(watched: Watched, office: tuple[str, str]) -> None:
    page, (url, place) = watched.page, office
    sign_in(page, url, place)
    forms = page.locator("section[aria-labelledby=keeping]")
    first = forms.locator("details").first
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(first).to_contain_text("规则提出：Zhōngshān Lù。")
    first.get_by_label("审定的拼写").fill("Zhongshan road")
    first.get_by_label("含义").fill("纪念孙中山")
    first.get_by_label("理由").fill("核定")
    with page.expect_navigation():
        first.get_by_role("button", name="更正").click()
    expect(first).to_contain_text("不能作为“中山路”的拼写")
    expect(first.get_by_label("含义")).to_have_value("纪念孙中山")
    first.get_by_label("审定的拼写").fill("Zhòngshān Lù")
    with page.expect_navigation():
        first.get_by_role("button", name="更正").click()
    expect(page.get_by_text("已更正。")).to_be_visible()
    expect(page.locator(".standing")).to_contain_text("Zhòngshān Lù")
    withdrawing = forms.locator("details", has_text="撤回“府前街”")
    withdrawing.locator("summary").click()
    withdrawing.get_by_label("理由").fill("录入有误")
    with page.expect_navigation():
        withdrawing.get_by_role("button", name="撤回").click()
    expect(page.locator(".called")).to_have_count(1)
    expect(page.locator(".revisions")).to_contain_text("撤回曾用名“府前街”")
    expect(forms).to_contain_text("恢复“府前街”")
    # A refusal is told by its status.
    assert [each for each in watched.complaints if "422" not in each] == []


@pytest.mark.parametrize("query", ["lang=zh-CN&theme=light", "lang=en&theme=dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_its_forms_can_be_read_by_everyone(watched: Watched, office: tuple[str, str], query: str, width: int) -> None:
    page, (url, place) = watched.page, office
    page.set_viewport_size({"width": width, "height": 740})
    sign_in(page, url, place)
    page.goto(f"{url}{place}?{query}")
    page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    assert watched.complaints == []
    assert watched.elsewhere == []


@pytest.mark.parametrize("width", [1280, 360])
def test_the_code_of_an_extract_is_shown_whole_with_its_margin(
    watched: Watched, office: tuple[str, str], width: int
) -> None:
    page, (url, place) = watched.page, office
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(f"{url}{place}/extract")
    left, top, right, bottom = page.evaluate(EDGES)
    # Four squares of a code of some 49 in 192 px.
    assert all(edge > 12 for edge in (left, top, right, bottom))
