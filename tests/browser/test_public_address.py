"""A registry that has a public address, on a page that was opened by another: its map asks where the page came from."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.main import create_app
from geo_registry.db.session import Database
from geo_registry.settings import Settings
from tests.browser.conftest import Watched
from tests.conftest import TestUrls
from tests.factories import make_division, make_facility
from tests.http.conftest import Service, served

PUBLIC = "https://registry.example"


@pytest.fixture
def site(committed: TestUrls, tmp_path: Path) -> Iterator[Service]:
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        make_division(session, box=(119.2, 28.9, 119.9, 29.4))
        make_facility(session, lon=119.6, lat=29.1)
    with served(create_app(Settings(data_dir=tmp_path, public_url=PUBLIC), database)) as service:
        yield service
    database.dispose()


def test_programs_are_told_the_public_address(site: Service) -> None:
    sources = httpx.get(f"{site.url}/tiles/style.json").json()["sources"]
    assert all(source["url"].startswith(f"{PUBLIC}/tiles/") for source in sources.values())
    assert httpx.get(f"{site.url}/tiles/facilities.json").json()["tiles"][0].startswith(f"{PUBLIC}/tiles/")


def test_a_page_that_was_opened_by_another_has_its_tiles(watched: Watched, site: Service) -> None:
    tiles: list[str] = []
    watched.page.on("response", lambda answer: tiles.append(answer.url) if ".mvt" in answer.url and answer.ok else None)
    watched.page.goto(site.url)
    watched.page.wait_for_selector("#map[data-drawn=true]", timeout=60_000)
    assert (watched.elsewhere, watched.complaints) == ([], [])
    assert any("/tiles/facilities/" in address for address in tiles)
    assert all(address.startswith(site.url) for address in tiles)
