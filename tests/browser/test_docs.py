"""`/docs` in a browser: every operation, tried from the page, under the strict policy and with no internet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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


def test_every_operation_is_there(watched: Watched, site: Service) -> None:
    watched.page.goto(f"{site.url}/docs")
    watched.page.wait_for_selector(".opblock")
    operations = sum(len(each) for each in site.app.openapi()["paths"].values())
    assert watched.page.locator(".opblock").count() == operations
    assert (watched.elsewhere, watched.complaints) == ([], [])


@pytest.mark.parametrize("width", [1280, 360])
def test_an_operation_can_be_tried(watched: Watched, site: Service, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site.url}/docs")
    page.click("#operations-service-healthz .opblock-summary-control")
    page.click("#operations-service-healthz .try-out__btn")
    page.click("#operations-service-healthz .execute")
    page.wait_for_selector("#operations-service-healthz .live-responses-table .response")
    assert '"alive"' in page.inner_text("#operations-service-healthz .live-responses-table")
    assert (watched.elsewhere, watched.complaints) == ([], [])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_shut_out_of_what_is_ours(watched: Watched, site: Service, theme: str) -> None:
    watched.page.goto(f"{site.url}/docs?theme={theme}")
    watched.page.wait_for_selector(".opblock")
    # What swagger-ui draws is its own: several of axe's rules fail in it, landmarks and contrast among them.
    assert violations(watched.page, but=("#swagger-ui",)) == []
