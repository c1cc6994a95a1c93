"""`/` in a browser: readable in both languages, wide and on a phone, with nothing from elsewhere. The search: `test_public.py`."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from api.main import create_app
from geo_registry.coverage.service import fail_run, perform_run
from geo_registry.db.session import Database
from geo_registry.errors import TaskCrashed
from geo_registry.settings import Settings
from geo_registry.vocabulary import DatasetKind
from tests.browser.conftest import Watched
from tests.conftest import TestUrls
from tests.factories import make_dataset, make_demand_point, make_facility, make_road
from tests.http.conftest import Service, served
from tests.http.test_coverage import STANDARD

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def registry(committed: TestUrls) -> Iterator[Database]:
    """A database that a map can ask for several tiles at once."""
    opened = Database.connect(committed.app)
    yield opened
    opened.dispose()


@pytest.fixture
def site(registry: Database, tmp_path: Path) -> Iterator[Service]:
    with served(create_app(Settings(data_dir=tmp_path), registry)) as service:
        yield service


@pytest.fixture
def with_runs(site: Service, registry: Database, tmp_path: Path) -> Service:
    """A registry with a run in each state."""
    with registry.write(actor="test") as session:
        make_road(session, make_dataset(session, DatasetKind.ROADS), [(0, 0), (0.005, 0)])
        people = make_dataset(session, DatasetKind.POPULATION)
        make_demand_point(session, people, lon=0.002, lat=0, counts={"all": 12_345})
        make_demand_point(session, people, lon=0.005, lat=0, counts={"all": 2_000})
        make_facility(session, lon=0, lat=0, name="<b>江南</b>&居家养老服务中心")
    name = {"zh": "十五分钟步行到居家养老服务中心，老年人口", "en": "15 minutes on foot to a home-care centre"}
    order = {"standard": STANDARD | {"name": name}}
    runs = [
        UUID(httpx.post(f"{site.url}/api/v1/coverage/runs", json=order).raise_for_status().json()["id"]) for _ in "123"
    ]
    perform_run(registry, runs[0], data_path=tmp_path)
    fail_run(registry, runs[1], TaskCrashed(task="coverage.run", reference="4f2a"))
    return site


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_page_shows_what_there_is(
    watched: Watched, with_runs: Service, size: dict[str, int], language: str, tmp_path: Path
) -> None:
    page = watched.page
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(f"{with_runs.url}/?lang={language}")
    text = page.inner_text("main")
    assert ("覆盖率" if language == "zh-CN" else "covered") in text
    assert "14,345" in text
    # One is done, one is queued; the one that failed is nothing to come back to.
    assert page.locator("li.run").count() == 2
    assert page.locator("li.run a").first.get_attribute("href").startswith("/plan#run=")  # type: ignore[union-attr]
    assert page.locator("html").get_attribute("lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.screenshot(path=tmp_path / "home.png", full_page=True)
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_an_empty_registry_says_how_to_begin(watched: Watched, site: Service) -> None:
    watched.page.goto(site.url)
    assert "geo-registry import divisions" in watched.page.inner_text("main")
    assert "geo-registry coverage run" in watched.page.inner_text("main")
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_the_other_language_is_one_click_away(watched: Watched, site: Service) -> None:
    watched.page.goto(site.url)
    assert watched.page.locator("html").get_attribute("lang") == "zh-CN"
    watched.page.click("#language")
    assert watched.page.locator("html").get_attribute("lang") == "en"


def test_the_keyboard_gets_to_the_content_first(watched: Watched, site: Service) -> None:
    watched.page.goto(site.url)
    watched.page.keyboard.press("Tab")
    assert watched.page.evaluate("document.activeElement.className") == "skip"


def test_a_runs_map_opens_in_its_sandbox(watched: Watched, with_runs: Service) -> None:
    (done,) = [
        run for run in httpx.get(f"{with_runs.url}/api/v1/coverage/runs").json()["items"] if run["state"] == "done"
    ]
    watched.page.goto(done["links"]["results"]["html"])
    watched.page.wait_for_selector(".leaflet-container")
    assert watched.page.evaluate("window.origin") == "null"
    assert (watched.elsewhere, watched.complaints) == ([], [])
