"""The map that a coverage run writes opens from the disk, with no internet, wide and on a phone."""

from pathlib import Path

import pytest

from geo_registry.coverage.mapfile import MapInput, write_map
from tests.browser.conftest import Watched

NAME = '</script><script>document.title="taken"</script>=1&'


ATTACK = '<img src="x" onerror="window.taken = 1">'


AT = """(place) => {
    const map = Object.values(window).find((value) => value instanceof L.Map);
    const at = map.latLngToContainerPoint(place);
    return [at.x, at.y];
}"""
"""Where a latitude and longitude are on the screen."""


def point(lon: float, people: float, state: str, minutes: float | None) -> dict[str, object]:
    properties = {"source_id": NAME, "demand": people, "state": state, "minutes": minutes}
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, 29.0]}, "properties": properties}


@pytest.fixture
def map_file(tmp_path: Path) -> Path:
    facility = {"name": NAME, "kind": "home-care-centre", "nearest_for": 90.0, "within_reach": 40.0}
    road = {"type": "LineString", "coordinates": [[119.6, 29.0], [119.7, 29.0]]}
    shown = MapInput(
        title_zh="一刻钟养老服务圈</title><script>window.taken = 1</script>",
        title_en="15-minute care circle",
        minutes=15,
        share=0.745,
        summary=[("人数 demand", "150"), ("来源 source", NAME)],
        roads=[{"type": "Feature", "geometry": road, "properties": {}}],
        zones=[
            {
                "type": "Feature",
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[119.6, 28.99], [119.72, 28.99], [119.72, 29.01], [119.6, 29.01], [119.6, 28.99]]],
                },
                "properties": {"name": ATTACK, "demand": 150.0, "covered": 100.0, "share": 0.67},
            }
        ],
        facilities=[
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [119.61, 29.0]}, "properties": facility}
        ],
        points=[
            point(119.62, 40, "covered", 4.2),
            point(119.63, 60, "covered", 14.9),
            point(119.65, 30, "beyond", 22.0),
            point(119.7, 20, "unreachable", None),
        ],
        synthetic=True,
    )
    path = tmp_path / "map.html"
    write_map(shown, path)
    return path


def test_map_opens_with_no_internet(watched: Watched, map_file: Path) -> None:
    watched.page.goto(map_file.as_uri())
    watched.page.wait_for_selector(".leaflet-control-scale")
    assert watched.elsewhere == []
    assert watched.complaints == []
    legend = watched.page.inner_text("#legend")
    assert "一刻钟养老服务圈" in legend
    assert "74.5%" in legend
    assert "示例数据" in legend
    assert "≤ 5 min · 40 人" in legend
    assert watched.page.get_attribute("html", "lang") == "zh-CN"


def test_name_that_is_markup_stays_text(watched: Watched, map_file: Path) -> None:
    watched.page.goto(map_file.as_uri())
    watched.page.wait_for_selector(".leaflet-control-scale")
    assert watched.page.title() != "taken"
    assert watched.page.evaluate("window.taken") is None
    watched.page.click("summary")
    assert NAME in watched.page.inner_text("#legend")


def test_point_under_the_mouse_says_who_lives_there(watched: Watched, map_file: Path) -> None:
    page = watched.page
    page.goto(map_file.as_uri())
    page.wait_for_selector(".leaflet-control-scale")
    position = page.evaluate(AT, [29.0, 119.7])
    page.mouse.move(*position)
    tooltip = page.wait_for_selector(".leaflet-tooltip")
    assert tooltip is not None
    assert "不可达" in tooltip.inner_text()


def test_facility_under_the_mouse_tells_its_kind_in_words(watched: Watched, map_file: Path) -> None:
    page = watched.page
    page.goto(map_file.as_uri())
    page.wait_for_selector(".leaflet-control-scale")
    page.mouse.move(*page.evaluate(AT, [29.0, 119.61]))
    tooltip = page.wait_for_selector(".leaflet-tooltip")
    assert tooltip is not None
    assert "居家养老" in tooltip.inner_text()
    assert "home-care-centre" not in tooltip.inner_text()


def test_division_whose_name_is_markup_shows_it_as_text(watched: Watched, map_file: Path) -> None:
    page = watched.page
    page.goto(map_file.as_uri())
    page.wait_for_selector(".leaflet-control-scale")
    # Inside it, where nothing else lies.
    position = page.evaluate(AT, [28.995, 119.68])
    page.mouse.move(*position)
    tooltip = page.wait_for_selector(".leaflet-tooltip")
    assert tooltip is not None
    assert ATTACK in tooltip.inner_text()
    assert "67.0%" in tooltip.inner_text()
    assert page.evaluate("window.taken") is None


def test_legend_leaves_room_for_the_map_on_a_phone(watched: Watched, map_file: Path) -> None:
    watched.page.set_viewport_size({"width": 360, "height": 740})
    watched.page.goto(map_file.as_uri())
    legend = watched.page.wait_for_selector("#legend")
    assert legend is not None
    box = legend.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert box["height"] <= 740 * 0.5
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 360
