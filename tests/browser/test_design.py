"""`/design`: every component in each state, accessible in every colour and size, and usable without a mouse."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.main import create_app
from geo_registry.db.session import Database
from geo_registry.settings import Settings
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.http.conftest import Service, served


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Service]:
    with served(create_app(Settings(data_dir=tmp_path), database)) as service:
        yield service


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("view", ["standard", "elder"])
@pytest.mark.parametrize("width", [1440, 360])
def test_nobody_is_shut_out(watched: Watched, site: Service, theme: str, view: str, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 900})
    for address in ("/design", "/"):
        page.goto(f"{site.url}{address}?theme={theme}&view={view}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_the_switch_offers_the_other_colours_also_to_who_has_the_system_s(watched: Watched, site: Service) -> None:
    page = watched.page
    page.emulate_media(color_scheme="dark")
    page.goto(f"{site.url}/design?theme=auto")
    expect(page.locator("#theme")).to_have_text("浅色")
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    expect(page.locator("#theme")).to_have_text("深色")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("view", ["standard", "elder"])
def test_the_product_s_name_reads_whole_on_a_phone(watched: Watched, site: Service, language: str, view: str) -> None:
    watched.page.set_viewport_size({"width": 360, "height": 740})
    watched.page.goto(f"{site.url}/?lang={language}&view={view}")
    name, frame, cut = watched.page.evaluate(NAME)
    assert not cut
    assert name["left"] >= 0
    assert name["right"] <= 360
    assert frame["top"] <= name["top"]
    assert name["bottom"] <= frame["bottom"]


NAME = """() => {
    const place = document.querySelector(".product");
    const text = document.createRange();
    text.selectNodeContents(place.querySelector("a").firstChild);
    const cut = getComputedStyle(place).overflow !== "visible" && place.scrollWidth > place.clientWidth;
    return [text.getBoundingClientRect().toJSON(), document.querySelector(".frame").getBoundingClientRect().toJSON(), cut];
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_automatic_colours_are_those_of_the_system(watched: Watched, site: Service, theme: str) -> None:
    page = watched.page
    ground = "getComputedStyle(document.body).backgroundColor"
    for view in ("standard", "elder"):
        page.emulate_media(color_scheme="light")
        page.goto(f"{site.url}/design?theme={theme}&view={view}")
        chosen = page.evaluate(COLOURS)
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.goto(f"{site.url}/design?theme=auto&view={view}")
        assert page.evaluate(COLOURS) == chosen
    assert page.evaluate(ground) == ("rgb(255, 255, 255)" if theme == "light" else "rgb(21, 24, 28)")


COLOURS = """() => {
    const style = getComputedStyle(document.documentElement);
    const tokens = [...document.styleSheets].find((sheet) => sheet.href.endsWith("/tokens.css")).cssRules[0].style;
    return [...tokens].filter((name) => name.startsWith("--")).map((name) => [name, style.getPropertyValue(name)]);
}"""


def test_large_type_is_half_as_large_again(watched: Watched, site: Service) -> None:
    page = watched.page
    sizes = []
    for view in ("standard", "elder"):
        page.goto(f"{site.url}/?view={view}")
        sizes.append(page.evaluate("parseFloat(getComputedStyle(document.querySelector('main')).fontSize)"))
    assert sizes == [16, 24]


def test_a_dialog_is_opened_and_left_by_keyboard(watched: Watched, site: Service) -> None:
    page = watched.page
    page.goto(f"{site.url}/design")
    page.focus("[data-opens=ask]")
    page.keyboard.press("Enter")
    assert page.locator("#ask").is_visible()
    assert page.evaluate("document.activeElement.value") == "cancel"
    page.keyboard.press("Escape")
    assert not page.locator("#ask").is_visible()
    assert page.evaluate("document.activeElement.dataset.opens") == "ask"
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()


def test_a_toast_tells_and_can_be_closed(watched: Watched, site: Service) -> None:
    page = watched.page
    page.goto(f"{site.url}/design")
    page.click("[data-says]")
    toast = page.locator(".toasts[role=status] .toast")
    assert "方案已保存" in toast.inner_text()
    page.click(".toast button")
    assert toast.count() == 0


def test_a_table_is_sorted_by_value_and_what_has_none_comes_last(watched: Watched, site: Service) -> None:
    page = watched.page
    page.goto(f"{site.url}/design")

    def first_cells() -> list[str]:
        return page.locator("tbody th[scope=row]").all_inner_texts()

    page.click("thead button:has-text('人数')")
    assert first_cells() == ["<安地镇>&", "罗店镇", "江南街道"]
    page.click("thead button:has-text('覆盖率')")
    assert first_cells() == ["罗店镇", "江南街道", "<安地镇>&"]
    page.click("thead button:has-text('覆盖率')")
    assert first_cells() == ["江南街道", "罗店镇", "<安地镇>&"]
    assert page.get_attribute("th:has(button:has-text('覆盖率'))", "aria-sort") == "descending"
    assert page.get_attribute("th:has(button:has-text('人数'))", "aria-sort") == "none"


def test_every_token_is_shown(watched: Watched, site: Service) -> None:
    watched.page.goto(f"{site.url}/design")
    tokens = {name for name, _ in watched.page.evaluate(COLOURS)}
    assert len(tokens) > 40
    shown = set(watched.page.locator("main code").all_inner_texts())
    assert tokens - shown == set()


def test_the_page_is_whole_without_its_script(watched: Watched, site: Service) -> None:
    watched.page.route("**/*.js", lambda route: route.abort())
    watched.page.goto(f"{site.url}/design")
    assert watched.page.locator("tbody tr").count() == 3
    watched.page.click("#language")
    assert watched.page.locator("html").get_attribute("lang") == "en"
