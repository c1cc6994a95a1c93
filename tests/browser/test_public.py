"""What everyone opens, in a browser: the search by keyboard and pointer, the map, a facility's record, refusals."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect

from api.main import create_app
from geo_registry.db.session import Database, WriteSession
from geo_registry.model import Facility
from geo_registry.search import keeping
from geo_registry.settings import Settings
from geo_registry.vocabulary import DivisionLevel, FacilityKind, PositionQuality
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.conftest import TestUrls
from tests.factories import make_division, make_facility
from tests.http.conftest import served
from tiles.style import PALETTES, Family, Theme

NAME = '<img src=x onerror="window.taken=1">&白沙敬老院=1'
DRAWN = "#map[data-drawn=true]"
OPTIONS = "#q-options [role=option]"


@dataclass(frozen=True)
class Town:
    """A registry of one county with two towns and some facilities, and where it is served."""

    url: str
    facility: str
    """The id of the facility whose name is an attack."""


@pytest.fixture
def registry(committed: TestUrls) -> Iterator[Database]:
    """A database that a map can ask for several tiles at once."""
    keeping.install()
    opened = Database.connect(committed.app)
    yield opened
    opened.dispose()


@pytest.fixture
def town(registry: Database, tmp_path: Path) -> Iterator[Town]:
    with registry.write(actor="test") as session:
        facility = _make(session)
    with registry.write(actor="test", why=NAME) as session:
        # A second revision, of an attack too.
        session.get_one(Facility, UUID(facility)).address = f"{NAME} 2"
    with served(create_app(Settings(data_dir=tmp_path), registry)) as service:
        yield Town(url=service.url, facility=facility)


def _make(session: WriteSession) -> str:
    city = make_division(
        session, "330700000000", level=DivisionLevel.CITY, name="金华市", box=(119.5, 29.0, 119.9, 29.3)
    )
    county = make_division(session, "330702000000", name="婺城区", parent=city, box=(119.5, 29.0, 119.7, 29.2))
    for code, name, west in (("330702005000", "江南街道", 119.5), ("330702100000", "白沙镇", 119.6)):
        make_division(
            session,
            code,
            level=DivisionLevel.TOWNSHIP,
            name=name,
            parent=county,
            box=(west, 29.0, west + 0.1, 29.2),
            position_quality=PositionQuality.SYNTHETIC.value,
        )
    attacked = make_facility(
        session,
        FacilityKind.CARE_INSTITUTION,
        name=NAME,
        lon=119.65,
        lat=29.1,
        division_id=county.id,
        address=NAME,
        detail={"beds": 120, "theme": NAME},
        position_quality=PositionQuality.SYNTHETIC.value,
    )
    make_facility(session, FacilityKind.CEMETERY, name="白沙公墓", lon=119.55, lat=29.05, division_id=county.id)
    return str(attacked.id)


def _type(watched: Watched, text: str) -> None:
    watched.page.focus("#q")
    watched.page.keyboard.type(text)
    watched.page.wait_for_selector(OPTIONS)


@pytest.mark.parametrize(
    # Every pair of two; `/design` has all eight.
    ("theme", "view", "width"),
    [("light", "standard", 1440), ("dark", "standard", 360), ("dark", "elder", 1440), ("light", "elder", 360)],
)
def test_nobody_is_shut_out(watched: Watched, town: Town, theme: str, view: str, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 900})
    for address in (
        "/",
        "/?q=白沙&division=330702",
        "/facilities",
        "/facilities?q=。&division=330702",
        "/facilities?kind=incubator",
        f"/facilities/{town.facility}",
        "/nothing",
    ):
        mark = "&" if "?" in address else "?"
        page.goto(f"{town.url}{address}{mark}theme={theme}&view={view}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{town.url}/")
    _type(watched, "bs")
    page.keyboard.press("ArrowDown")
    assert violations(page) == []
    assert page.evaluate("window.taken") is None
    assert watched.elsewhere == []
    # That a page is missing, or can't be asked so, is what was asked for.
    assert [each for each in watched.complaints if "404" not in each and "400" not in each] == []


def test_the_search_is_driven_by_the_keyboard(watched: Watched, town: Town) -> None:
    page = watched.page
    page.goto(town.url)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    _type(watched, "白沙")
    box = page.locator("#q")
    assert (box.get_attribute("role"), box.get_attribute("aria-expanded")) == ("combobox", "true")
    assert page.inner_text("#q-said") == "找到 3 条"
    assert page.locator(OPTIONS).first.inner_text().startswith("白沙镇")
    assert page.locator(f"{OPTIONS} mark").first.inner_text() == "白沙"
    page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == "q-option-0"
    assert page.locator("#q-option-0").get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") == "q-option-2"
    page.keyboard.press("Escape")
    assert page.locator("#q-options").is_hidden()
    assert box.get_attribute("aria-expanded") == "false"
    assert box.input_value() == "白沙"
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_a_facility_that_is_chosen_opens_its_page(watched: Watched, town: Town) -> None:
    page = watched.page
    page.goto(town.url)
    _type(watched, "白沙公墓")
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.inner_text("h1.headword") == "白沙公墓"
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_a_division_that_is_chosen_is_shown_where_one_is(watched: Watched, town: Town) -> None:
    page = watched.page
    page.goto(town.url)
    page.wait_for_selector(DRAWN)
    page.evaluate("window.same = true")
    _type(watched, "jiangn")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#facts[data-code='330702005000']")
    assert page.evaluate("document.activeElement.id") == "facts-title"
    assert page.inner_text("#facts-title") == "江南街道"
    assert "division=330702005000" in page.url
    assert "江南街道" in page.title()
    assert "division=330702005000" in str(page.get_attribute("#language", "href"))
    page.click("#facts .path a:has-text('婺城区')")
    page.wait_for_selector("#facts[data-code='330702000000']")
    assert page.evaluate("window.same") is True
    page.go_back()
    page.wait_for_selector("#facts[data-code='330702005000']")
    page.reload()
    assert page.inner_text("#facts-title") == "江南街道"
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_without_a_network_what_is_shown_stays(watched: Watched, town: Town) -> None:
    page = watched.page
    page.goto(f"{town.url}/?division=330702005000")
    page.wait_for_selector(DRAWN)
    page.context.set_offline(True)
    page.click("#facts .path a:has-text('婺城区')")
    page.wait_for_selector("#facts .wrong")
    assert "连不上服务" in page.inner_text("#facts .wrong")
    assert page.inner_text("#facts-title") == "江南街道"
    page.context.set_offline(False)
    page.click("#facts .path a:has-text('婺城区')")
    page.wait_for_selector("#facts[data-code='330702000000']")


def test_enter_alone_searches_for_what_was_typed(watched: Watched, town: Town) -> None:
    page = watched.page
    page.goto(town.url)
    _type(watched, "白沙")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".hits li").count() == 3
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "白沙镇"


HERE = "document.activeElement.textContent.trim()"


def test_every_list_is_gone_through_by_keyboard(watched: Watched, town: Town) -> None:
    page = watched.page
    page.goto(f"{town.url}/facilities")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("baishag")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".records li").count() == 1
    page.goto(f"{town.url}/facilities")
    for key, name in [("j", NAME), ("j", "白沙公墓"), ("j", "白沙公墓"), ("k", NAME), ("k", NAME), ("j", "白沙公墓")]:
        page.keyboard.press(key)
        assert page.evaluate(HERE) == name
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.inner_text("h1.headword") == "白沙公墓"
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_the_lists_of_the_first_page_follow_each_other(watched: Watched, town: Town) -> None:
    page = watched.page
    page.goto(f"{town.url}/?division=330702")
    names = []
    for _ in range(5):
        page.keyboard.press("j")
        names.append(page.evaluate(HERE))
    assert names == ["江南街道", "白沙镇", "养老机构", "公墓", "公墓"]
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.inner_text("h1") == "婺城区的民政设施"
    assert page.locator(".records a").all_inner_texts() == ["白沙公墓"]


def test_the_help_names_the_keys_that_the_page_has_something_for(watched: Watched, town: Town) -> None:
    page = watched.page
    for address, keys in [
        ("/facilities", ["/", "j k", "Enter", "?", "Esc"]),
        ("/facilities?kind=incubator", ["/", "?", "Esc"]),
        (f"/facilities/{town.facility}", ["?", "Esc"]),
    ]:
        page.goto(f"{town.url}{address}")
        page.keyboard.press("?")
        assert page.locator("#keys dt:visible").all_inner_texts() == keys
        assert page.locator("#keys dd:visible").count() == len(keys)


def test_names_do_nothing_but_stand_there(watched: Watched, town: Town) -> None:
    page = watched.page
    page.goto(town.url)
    _type(watched, "白沙敬老")
    assert NAME in page.inner_text(OPTIONS)
    for address in (f"/facilities/{town.facility}", "/?q=白沙"):
        page.goto(f"{town.url}{address}")
        assert NAME in page.inner_text("main")
    assert page.evaluate("window.taken") is None
    assert page.locator("main img").count() == 0
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_the_search_works_without_a_script(watched: Watched, town: Town) -> None:
    page = watched.page
    page.route("**/*.js", lambda route: route.abort())
    page.goto(town.url)
    page.fill("#q", "bs")
    page.click("#search button")
    expect(page.locator(".hits li")).to_have_count(2)
    page.click(".hits a:has-text('白沙镇')")
    assert page.inner_text("#facts-title") == "白沙镇"
    page.goto(f"{town.url}/?q=白沙公墓")
    page.click(".hits a:has-text('白沙公墓')")
    assert page.inner_text("h1.headword") == "白沙公墓"


def _on_screen(watched: Watched, lon: float, lat: float) -> tuple[float, float]:
    """Where a position is in the page; the map is found by what it put into its element."""
    west, south, east, north = watched.page.evaluate("JSON.parse(document.getElementById('facts').dataset.bounds)")
    box = watched.page.locator("#map").bounding_box()
    assert box is not None

    # The box lies in the middle of the map, as large as its shorter side lets it be, 24 pixels from the edge.
    def northing(at: float) -> float:
        return math.log(math.tan(math.pi / 4 + math.radians(at) / 2))

    wide, high = math.radians(east - west), northing(north) - northing(south)
    scale = min((box["width"] - 48) / wide, (box["height"] - 48) / high)
    x = box["x"] + box["width"] / 2 + math.radians(lon - (west + east) / 2) * scale
    y = box["y"] + box["height"] / 2 - (northing(lat) - (northing(south) + northing(north)) / 2) * scale
    return x, y


def test_the_map_says_what_the_pointer_is_on_and_opens_it(watched: Watched, town: Town) -> None:
    page = watched.page
    page.goto(f"{town.url}/?division=330702")
    page.wait_for_selector(DRAWN)
    x, y = _on_screen(watched, 119.55, 29.05)
    page.mouse.move(x, y)
    page.wait_for_selector("#under-pointer:not([hidden])")
    assert page.inner_text("#under-pointer") == "白沙公墓"
    with page.expect_navigation():
        page.mouse.click(x, y)
    assert page.inner_text("h1.headword") == "白沙公墓"
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_a_cluster_opens_where_it_is_clicked(watched: Watched, town: Town, registry: Database) -> None:
    with registry.write(actor="test") as session:
        for step in range(4):
            make_facility(session, FacilityKind.MEAL_POINT, name=f"点{step}", lon=119.58 + step * 1e-4, lat=29.15)
    page = watched.page
    page.goto(f"{town.url}/?division=330702")
    page.wait_for_selector(DRAWN)
    before = page.inner_text(".maplibregl-ctrl-scale")
    page.mouse.click(*_on_screen(watched, 119.58015, 29.15))
    expect(page.locator(".maplibregl-ctrl-scale")).not_to_have_text(before)
    assert page.url.endswith("division=330702")
    assert (watched.elsewhere, watched.complaints) == ([], [])


ON_MAP = """async () => {
    const { openMap } = await import("/static/js/map.js");
    const place = document.getElementById("map").cloneNode(false);
    place.id = "map-again";
    document.getElementById("map").replaceWith(place);
    const map = openMap(place);
    await new Promise((done) => map.once("idle", done));
    const names = map.getStyle().layers.map((layer) => layer.id).filter((id) => id.includes("names"));
    const marks = ["facilities-clusters", "facilities-marks"];
    const under = (mark) => {
        const { x, y } = map.project(mark.geometry.coordinates);
        const count = mark.properties.count;
        const radius = (count > 1 ? 10 + 4 * Math.log10(count) : 10) - 1;
        return map.queryRenderedFeatures([[x - radius, y - radius], [x + radius, y + radius]], { layers: names });
    };
    return {
        shown: map.queryRenderedFeatures({ layers: names }).map((name) => name.properties.name),
        marks: map.queryRenderedFeatures({ layers: marks }).length,
        cut: map.queryRenderedFeatures({ layers: marks }).flatMap(under).map((name) => name.properties.name),
    };
}"""
"""A map as the page's own, asked which names it shows, and which of them lie under a circle."""


@pytest.mark.parametrize("count", [1, 250])
def test_names_step_aside_for_circles(watched: Watched, town: Town, registry: Database, count: int) -> None:
    with registry.write(actor="test") as session:
        for step in range(count):
            make_facility(session, FacilityKind.MEAL_POINT, name=f"点{step}", lon=119.6 + step * 1e-7, lat=29.1)
    page = watched.page
    # Around the point of the county's name, so that the circle lies on it.
    page.goto(f"{town.url}/?division=330702")
    page.wait_for_selector(DRAWN)
    found = page.evaluate(ON_MAP)
    assert "婺城区" in found["shown"]
    assert found["marks"] >= 2
    assert found["cut"] == []
    assert (watched.elsewhere, watched.complaints) == ([], [])


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_record_has_its_map_and_can_be_copied(watched: Watched, town: Town, language: str) -> None:
    page = watched.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{town.url}/facilities/{town.facility}?lang={language}")
    page.wait_for_selector(DRAWN)
    assert NAME in str(page.get_attribute(".maplibregl-canvas", "aria-label"))
    assert page.inner_text(".revisions .why") == NAME
    assert page.inner_text(".revisions ins") == f"{NAME} 2"
    page.click("[data-copies='#citation']")
    page.wait_for_selector(".toast")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"{town.url}/facilities/{town.facility}" in copied
    assert NAME in copied
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_a_mark_has_the_maps_colours(watched: Watched, town: Town) -> None:
    for theme in Theme:
        watched.page.goto(f"{town.url}/?theme={theme.value}")
        palette = PALETTES[theme]
        for name, colour in {
            **{each.value: palette.families[each] for each in Family},
            "on-mark": palette.on_mark,
        }.items():
            shown = watched.page.evaluate(
                f"getComputedStyle(document.documentElement).getPropertyValue('--{name}').trim()"
            )
            assert (name, shown) == (name, colour)


def test_large_type_leaves_the_map_away(watched: Watched, town: Town) -> None:
    page = watched.page
    page.goto(town.url)
    page.click("#view")
    assert page.locator("#map").count() == 0
    assert page.locator("#facts").is_visible()
    _type(watched, "bs")
    assert page.locator(OPTIONS).count() == 2
    assert (watched.elsewhere, watched.complaints) == ([], [])
