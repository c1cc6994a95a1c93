"""The browser of these tests reaches nothing but this machine: that pages need no more is shown by every other test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Error

from api.main import create_app
from geo_registry.db.session import Database
from geo_registry.settings import Settings
from tests.browser.conftest import Watched
from tests.http.conftest import Service, served


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Service]:
    with served(create_app(Settings(data_dir=tmp_path), database)) as service:
        yield service


@pytest.mark.parametrize("elsewhere", ["http://localhost:{port}", "http://registry.example", "http://192.0.2.1"])
def test_the_browser_refuses_every_other_address(watched: Watched, site: Service, elsewhere: str) -> None:
    port = site.url.rsplit(":", 1)[1]
    watched.page.goto(f"{site.url}/healthz")
    address = elsewhere.format(port=port)
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        watched.page.goto(address)
    assert [each.rstrip("/") for each in watched.elsewhere] == [address]
