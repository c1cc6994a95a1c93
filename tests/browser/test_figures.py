"""Figures for people in the browser: the same rule as in Python, case by case."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.main import create_app
from geo_registry.db.session import Database
from geo_registry.settings import Settings
from tests.browser.conftest import Watched
from tests.http.conftest import Service, served

CASES = json.loads((Path(__file__).parents[1] / "golden/figures.json").read_text(encoding="utf-8"))["cases"]

WRITTEN = """async (cases) => {
    const figures = await import("/static/js/figures.js");
    return Object.entries(cases).flatMap(([name, each]) => each.map(({ input }) => [name, input, figures[name](input)]));
}"""


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Service]:
    with served(create_app(Settings(data_dir=tmp_path), database)) as service:
        yield service


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("en", "en")])
def test_figures_are_written_as_python_writes_them(watched: Watched, site: Service, locale: str, language: str) -> None:
    watched.page.goto(f"{site.url}/design?lang={locale}")
    written = watched.page.evaluate(WRITTEN, CASES)
    expected = [[name, case["input"], case[language]] for name, cases in CASES.items() for case in cases]
    assert written == expected


def test_dates_are_written_as_people_of_the_language_do(watched: Watched, site: Service) -> None:
    for locale, expected in (("zh-CN", "2020年11月1日"), ("en", "1 Nov 2020")):
        watched.page.goto(f"{site.url}/design?lang={locale}")
        written = watched.page.evaluate("async () => (await import('/static/js/figures.js')).day('2020-11-01')")
        assert written == expected
