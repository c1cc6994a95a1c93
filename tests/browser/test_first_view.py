"""What is made ready when a service starts is what the first visitor's map asks for."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, Engine, event, text

from api.main import create_app
from api.web import maps
from geo_registry.db.hot import MAX_AT_ONCE
from geo_registry.db.session import Database
from geo_registry.geo.bbox import BBox
from geo_registry.settings import Settings
from geo_registry.vocabulary import DivisionLevel
from tests.browser.conftest import Watched
from tests.conftest import TestUrls
from tests.factories import make_division, make_facility
from tests.http.conftest import served
from tiles.grid import Tile

CITY = (119.23, 28.53, 120.78, 29.69)
TILE = re.compile(r"/tiles/[\w,-]+/(\d+)/(\d+)/(\d+)\.mvt")


@pytest.fixture
def filled(committed: TestUrls) -> TestUrls:
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        city = make_division(session, "330700000000", level=DivisionLevel.CITY, name="金华市", box=CITY)
        make_facility(session, lon=119.6, lat=29.1, division_id=city.id)
    database.dispose()
    return committed


@pytest.fixture
def made() -> Iterator[Counter[int]]:
    """How many tiles each connection of the process was asked for."""
    counted: Counter[int] = Counter()

    def count(connection: Connection, _: object, statement: str, *__: object) -> None:
        if "ST_AsMVT" in statement and "facility" in statement:
            counted[id(connection.connection.dbapi_connection)] += 1

    event.listen(Engine, "before_cursor_execute", count)
    yield counted
    event.remove(Engine, "before_cursor_execute", count)


@pytest.mark.parametrize("size", [(1440, 900), (1280, 800), (360, 740)])
def test_a_map_that_opens_asks_for_the_tiles_that_are_made_ready(
    watched: Watched, filled: TestUrls, tmp_path: Path, size: tuple[int, int]
) -> None:
    page, asked = watched.page, set[Tile]()

    def hear(url: str) -> None:
        if found := TILE.search(url):
            asked.add(Tile.at(*map(int, found.groups())))

    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.on("request", lambda request: hear(request.url))
    database = Database.connect(filled.app)
    with served(create_app(Settings(data_dir=tmp_path), database)) as service:
        page.goto(f"{service.url}/plan")
        page.wait_for_selector('#map[data-drawn="true"]')
        box = page.locator("#map").bounding_box()
    database.dispose()
    assert asked
    assert asked <= set(maps.opening_tiles(BBox(*CITY))), box


def test_a_service_that_starts_makes_it_on_every_connection(
    filled: TestUrls, tmp_path: Path, made: Counter[int]
) -> None:
    with served(create_app(Settings(data_dir=tmp_path, database_url=filled.app))):
        pass
    assert len(made) == MAX_AT_ONCE
    assert sum(made.values()) >= len(maps.opening_tiles(BBox(*CITY)))


def test_a_database_that_cannot_answer_keeps_no_service_from_starting(
    committed: TestUrls, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    owner = Database.connect(committed.owner)
    with owner.write(actor="test") as session:
        session.execute(text("DROP TABLE coverage_run CASCADE"))
    owner.dispose()
    with served(create_app(Settings(data_dir=tmp_path, database_url=committed.app))) as service:
        assert httpx.get(f"{service.url}/healthz").status_code == 200
    assert "first view" in caplog.text
