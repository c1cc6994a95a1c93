"""Dates, units and marks as pages say them, in either language."""

from datetime import date

import httpx
import pytest

from api.web.vendored import library
from geo_registry.db.session import WriteSession
from geo_registry.vocabulary import DatasetKind, PositionQuality
from tests.factories import make_dataset, make_facility, make_road


@pytest.mark.parametrize(("language", "day"), [("zh-CN", "2020年11月1日"), ("en", "1 Nov 2020")])
def test_the_date_of_a_population_is_said_as_people_say_it(
    client: httpx.Client, session: WriteSession, language: str, day: str
) -> None:
    make_dataset(session, DatasetKind.POPULATION, as_of=date(2020, 11, 1))
    session.commit()
    page = client.get("/plan", headers={"Accept-Language": language}).text
    assert f"· {day}" in page
    assert "2020-11-01" not in page


@pytest.mark.parametrize("quality", [PositionQuality.SYNTHETIC, PositionQuality.SURVEYED])
def test_a_map_over_example_roads_alone_is_marked(
    client: httpx.Client, session: WriteSession, quality: PositionQuality
) -> None:
    assert library("maplibre-gl") is not None
    make_facility(session)
    make_road(session, make_dataset(session, DatasetKind.ROADS), [(0, 0), (1, 0)], position_quality=quality.value)
    session.commit()
    is_made_up = quality is PositionQuality.SYNTHETIC
    assert ('class="on-map"' in client.get("/").text) is is_made_up
    (mark,) = [line for line in client.get("/plan").text.splitlines() if 'class="on-map"' in line]
    # Here it is at hand for a run's people, who may be made up.
    assert (" hidden>" in mark) is not is_made_up


def test_a_maps_scale_is_in_m_and_km(client: httpx.Client, session: WriteSession) -> None:
    make_facility(session)
    session.commit()
    for language in ("zh-CN", "en"):
        page = client.get("/", headers={"Accept-Language": language}).text
        assert "&#34;ScaleControl.Meters&#34;: &#34;m&#34;" in page
        assert "&#34;ScaleControl.Kilometers&#34;: &#34;km&#34;" in page
