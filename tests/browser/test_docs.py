"""`/docs` in a browser: every operation and schema, for everybody, under the strict policy and with no internet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.main import create_app
from geo_registry.db.session import Database
from geo_registry.settings import Settings
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.http.conftest import Service, served

ALIKE = "article:nth-of-type(n+3)"
"""One template makes every operation and schema: the first ones of each chapter stand for the rest."""


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Service]:
    with served(create_app(Settings(data_dir=tmp_path), database)) as service:
        yield service


def test_everything_is_there_and_links_lead_to_it(watched: Watched, site: Service) -> None:
    watched.page.goto(f"{site.url}/docs")
    described = site.app.openapi()
    operations = {each["operationId"] for methods in described["paths"].values() for each in methods.values()}
    schemas = {f"schema-{name}" for name in described["components"]["schemas"]}
    shown = watched.page.evaluate("[...document.querySelectorAll('article')].map((each) => each.id)")
    assert len(shown) == len(operations) + len(schemas)
    assert set(shown) == operations | schemas
    nowhere = """[...document.querySelectorAll("main a[href^='#']")].map((each) => each.hash.slice(1))
        .filter((id) => !document.getElementById(id))"""
    assert watched.page.evaluate(nowhere) == []
    assert (watched.elsewhere, watched.complaints) == ([], [])


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_nobody_is_shut_out(watched: Watched, site: Service, theme: str, width: int) -> None:
    watched.page.set_viewport_size({"width": width, "height": 800})
    watched.page.goto(f"{site.url}/docs?theme={theme}")
    assert violations(watched.page, but=(ALIKE,)) == []
    ids = watched.page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert len(ids) == len(set(ids))
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_is_gone_through_by_keyboard(watched: Watched, site: Service) -> None:
    watched.page.goto(f"{site.url}/docs")
    for _ in range(3):
        watched.page.keyboard.press("j")
    watched.page.keyboard.press("Enter")
    assert watched.page.url.endswith("#list_divisions")
