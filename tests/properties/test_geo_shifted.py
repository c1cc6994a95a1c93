"""The shifts of Chinese web maps are undone to within a decimetre, and only inside China."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geo_registry.geo import crs, shifted

WGS84 = Geod(ellps="WGS84")

in_china = st.tuples(st.floats(73.5, 135.0), st.floats(18.0, 53.5))
outside = st.tuples(st.floats(-180, 72), st.floats(-85, 85)) | st.tuples(st.floats(138, 180), st.floats(-85, 85))


def apart_m(one: tuple[shifted.Degrees, shifted.Degrees], other: tuple[shifted.Degrees, shifted.Degrees]) -> float:
    return float(WGS84.inv(one[0][0], one[1][0], other[0][0], other[1][0])[2])


def wgs84_to_gcj02(lon: shifted.Degrees, lat: shifted.Degrees) -> tuple[shifted.Degrees, shifted.Degrees]:
    """What the map services do, inside China; the product only undoes it."""
    shift_lon, shift_lat = shifted._gcj02_shift(lon, lat)
    return lon + shift_lon, lat + shift_lat


@given(in_china)
def test_gcj02_round_trip_is_within_a_decimetre(position: tuple[float, float]) -> None:
    true = (np.array([position[0]]), np.array([position[1]]))
    moved = wgs84_to_gcj02(*true)
    assert 1 < apart_m(true, moved) < 1_000
    assert apart_m(true, shifted.gcj02_to_wgs84(*moved)) < 0.1


@given(in_china)
def test_bd09_round_trip_is_within_a_decimetre(position: tuple[float, float]) -> None:
    true = (np.array([position[0]]), np.array([position[1]]))
    moved = shifted._bd09(*wgs84_to_gcj02(*true))
    assert apart_m(true, shifted.bd09_to_wgs84(*moved)) < 0.1


@given(outside)
def test_outside_china_nothing_is_shifted(position: tuple[float, float]) -> None:
    there = (np.array([position[0]]), np.array([position[1]]))
    for name in ("gcj02", "bd09"):
        system = crs.parse(name)
        assert system is not None
        lon, lat = system.to_storage(*there)
        assert (lon[0], lat[0]) == position


def test_known_point_moves_as_the_map_services_move_it() -> None:
    # The published example of coordtransform: (116.404, 39.915) in WGS 84 is (116.41024, 39.91640) in GCJ-02.
    lon, lat = wgs84_to_gcj02(np.array([116.404]), np.array([39.915]))
    assert abs(lon[0] - 116.41024449916938) < 1e-6
    assert abs(lat[0] - 39.91640428150164) < 1e-6
