import numpy as np
import pytest
import shapely

from geo_registry.exchange.positions import (
    area_of,
    ewkb,
    lines_of,
    numbers,
    point_ewkb,
    points_from_columns,
    points_from_shapes,
    shapes_to_storage,
)
from geo_registry.exchange.problems import ProblemCode, Refused
from geo_registry.geo import crs

WGS84 = crs.epsg(4326)


def test_point_is_written_as_shapely_writes_it() -> None:
    lon, lat = np.array([119.6, -51.2]), np.array([29.1, -30.0])
    assert [written.upper() for written in point_ewkb(lon, lat)] == ewkb(shapely.points(lon, lat))


def test_numbers_are_read_from_texts_at_once_or_one_by_one() -> None:
    plain, wrong = numbers(["119.6", "120"])
    assert (plain.tolist(), wrong) == ([119.6, 120.0], {})
    mixed, wrong = numbers(["119.6", "", "１２０", "east", None])
    assert mixed[0] == 119.6
    assert mixed[2] == 120
    assert np.isnan(mixed[[1, 3, 4]]).all()
    assert wrong == {3: ProblemCode.NOT_A_NUMBER}


def test_missing_zero_and_impossible_positions_are_told_apart() -> None:
    x = np.array([119.6, np.nan, 0.0, 500.0, 119.6])
    y = np.array([29.1, np.nan, 0.0, 29.1, np.nan])
    points = points_from_columns(x, y, WGS84)
    assert points.there.tolist() == [True, False, False, True, False]
    assert points.bad.tolist() == [False, False, False, True, False]
    assert [written is not None for written in points.ewkb()] == [True, False, False, False, False]


def test_anything_larger_than_a_point_gives_its_centroid() -> None:
    shapes = np.array([shapely.Point(1, 2), shapely.box(0, 0, 2, 2), None, shapely.Point()], dtype=object)
    points = points_from_shapes(shapes, WGS84)
    assert points.there.tolist() == [True, True, False, False]
    assert points.approximate.tolist() == [False, True, False, False]
    assert (points.lon[1], points.lat[1]) == (1, 1)


def test_metres_of_a_projection_become_degrees_that_repeat_exactly() -> None:
    shapes = np.array([shapely.LineString([(500_000, 3_217_000), (500_100, 3_217_000)])], dtype=object)
    moved = shapes_to_storage(shapes, crs.epsg(4549))
    assert shapely.get_coordinates(moved)[0][0] == 120.0
    assert np.array_equal(shapely.get_coordinates(moved).round(9), shapely.get_coordinates(moved))


def test_area_is_a_valid_multi_polygon() -> None:
    area = area_of(shapely.box(0, 0, 1, 1))
    assert isinstance(area.multi_polygon, shapely.MultiPolygon)
    assert not area.repaired
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    repaired = area_of(bow_tie)
    assert repaired.multi_polygon is not None
    assert repaired.multi_polygon.is_valid
    assert "intersection" in repaired.repaired


def test_division_may_have_a_point_or_nothing_but_no_line() -> None:
    assert area_of(shapely.Point(1, 2)).point == shapely.Point(1, 2)
    assert area_of(None).multi_polygon is None
    with pytest.raises(Refused):
        area_of(shapely.LineString([(0, 0), (1, 1)]))


def test_area_without_extent_is_refused() -> None:
    with pytest.raises(Refused):
        area_of(shapely.Polygon([(0, 0), (1, 1), (2, 2), (0, 0)]))


def test_line_of_several_parts_is_taken_apart() -> None:
    parts = lines_of(shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)], [(4, 4), (4, 4)]]))
    assert len(parts) == 2
    for wrong in (None, shapely.LineString(), shapely.Point(1, 1), shapely.LineString([(1, 1), (1, 1)])):
        with pytest.raises(Refused):
            lines_of(wrong)
