"""A run's map as a document: what it shows first, and that it is whole in itself."""

import re
from pathlib import Path

from geo_registry.coverage.mapfile import MapInput, ground, point_classes, self_contained, write_map


def feature(lon: float, lat: float, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": properties}


def facility(lon: float, nearest_for: float) -> dict[str, object]:
    return feature(lon, 29.0, name="中心", kind="home-care-centre", nearest_for=nearest_for, within_reach=0.0)


def point(lon: float) -> dict[str, object]:
    return feature(lon, 29.0, source_id="1", demand=10.0, state="covered", minutes=4.0)


def corners(path: Path, *, facilities: list[dict[str, object]], points: list[dict[str, object]]) -> list[float]:
    """West and east of what the map shows when it opens."""
    shown = MapInput(
        title_zh="圈",
        title_en="circle",
        minutes=15,
        share=None,
        summary=[],
        roads=[],
        zones=[],
        facilities=facilities,
        points=points,
        synthetic=True,
    )
    write_map(shown, path)
    found = re.search(r"fitBounds\(\s*\[\[[\d.]+, ([\d.]+)\], \[[\d.]+, ([\d.]+)\]\]", path.read_text(encoding="utf-8"))
    assert found is not None
    return [float(found.group(1)), float(found.group(2))]


def test_facilities_that_are_nobodys_nearest_dont_draw_it_out(tmp_path: Path) -> None:
    around = [facility(119.5, 10.0), facility(118.0, 0.0)]
    assert corners(tmp_path / "a.html", facilities=around, points=[point(119.6)]) == [119.5, 119.6]


def test_where_nobody_lives_it_shows_the_facilities(tmp_path: Path) -> None:
    around = [facility(119.5, 0.0), facility(118.0, 0.0)]
    assert corners(tmp_path / "a.html", facilities=around, points=[]) == [118.0, 119.5]


def test_a_map_has_its_libraries_in_it_and_its_title_as_text() -> None:
    document = self_contained(ground(), title="<b>圈 & circle", body='<p id="beside">beside</p>')
    assert "<title>&lt;b&gt;圈 &amp; circle</title>" in document
    assert '<p id="beside">beside</p>' in document
    assert not re.search(r"<(script|link|img)\b[^>]*\b(src|href)=", document)
    assert "leafletjs.com" in document


def test_what_takes_longer_than_a_class_is_not_in_it() -> None:
    points = [feature(119.6, 29.0, demand=1.0, state="covered", minutes=each) for each in (5.0, 5.004, 15.000_000_002)]
    assert [each.label for each in point_classes(points)] == ["≤ 5 min", "5–10 min", "10–15 min"]


def test_people_in_its_legend_and_tooltips_are_whole(tmp_path: Path) -> None:
    shown = MapInput(
        title_zh="圈",
        title_en="circle",
        minutes=15,
        share=0.0625,
        summary=[],
        roads=[],
        zones=[],
        facilities=[facility(119.5, 1300.5)],
        points=[feature(119.6, 29.0, source_id="1", demand=300.5, state="covered", minutes=4.25)],
        synthetic=True,
    )
    write_map(shown, tmp_path / "a.html")
    document = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "6.3% <small>≤ 15 min" in document
    assert "301 人 people" in document
    assert all(told in document for told in ('"demand": "301"', '"minutes": "4.3"', '"nearest_for": "1,301"'))
