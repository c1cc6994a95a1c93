"""GCJ-02 and BD-09, the shifted coordinates of Chinese web maps, and how to undo the shift.

Both are WGS 84 moved by up to 700 m by a published trick, not datums; they exist only at the registry's border
(ADR 0005). The forward formulas are those that the map services' clients use (e.g. coordtransform); the inverses
here are exact: they iterate the forward formula until the result maps onto the input.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Degrees: TypeAlias = NDArray[np.float64]

CHINA_WEST, CHINA_EAST = 72.004, 137.8347
CHINA_SOUTH, CHINA_NORTH = 0.8293, 55.8271
"""The box, in degrees, inside which the services shift; outside they don't."""

SEMI_MAJOR_AXIS_M = 6_378_245.0
"""Krasovsky 1940, the ellipsoid that the shift is computed on."""
ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
BAIDU_LON_OFFSET, BAIDU_LAT_OFFSET = 0.0065, 0.006
BAIDU_ANGLE = np.pi * 3000.0 / 180.0

TOLERANCE_DEG = 1e-9
"""A tenth of a millimetre: where the iteration stops."""
MAX_ITERATIONS = 50
"""The shift changes by less than 2 % of a step, so each round wins two digits; ten are plenty."""


def in_china(lon: Degrees, lat: Degrees) -> NDArray[np.bool_]:
    """Where the map services shift coordinates (a box, not a border)."""
    return (lon > CHINA_WEST) & (lon < CHINA_EAST) & (lat > CHINA_SOUTH) & (lat < CHINA_NORTH)


def gcj02_to_wgs84(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """GCJ-02 degrees as WGS 84 degrees, to a tenth of a millimetre; unchanged outside China."""
    inside = in_china(lon, lat)
    guess_lon, guess_lat = lon.copy(), lat.copy()
    for _ in range(MAX_ITERATIONS):
        shift_lon, shift_lat = _gcj02_shift(guess_lon, guess_lat)
        error_lon, error_lat = guess_lon + shift_lon - lon, guess_lat + shift_lat - lat
        guess_lon, guess_lat = guess_lon - error_lon, guess_lat - error_lat
        if not inside.any() or max(np.abs(error_lon[inside]).max(), np.abs(error_lat[inside]).max()) < TOLERANCE_DEG:
            break
    return np.where(inside, guess_lon, lon), np.where(inside, guess_lat, lat)


def bd09_to_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """BD-09 degrees as GCJ-02 degrees, to a tenth of a millimetre; unchanged outside China."""
    inside = in_china(lon, lat)
    guess_lon, guess_lat = lon - BAIDU_LON_OFFSET, lat - BAIDU_LAT_OFFSET
    for _ in range(MAX_ITERATIONS):
        shifted_lon, shifted_lat = _bd09(guess_lon, guess_lat)
        error_lon, error_lat = shifted_lon - lon, shifted_lat - lat
        guess_lon, guess_lat = guess_lon - error_lon, guess_lat - error_lat
        if not inside.any() or max(np.abs(error_lon[inside]).max(), np.abs(error_lat[inside]).max()) < TOLERANCE_DEG:
            break
    return np.where(inside, guess_lon, lon), np.where(inside, guess_lat, lat)


def bd09_to_wgs84(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """BD-09 degrees as WGS 84 degrees; unchanged outside China."""
    inside = in_china(lon, lat)
    there_lon, there_lat = gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))
    return np.where(inside, there_lon, lon), np.where(inside, there_lat, lat)


def _gcj02_shift(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """By how many degrees the services move a point of WGS 84."""
    x, y = lon - 105.0, lat - 35.0
    waves = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north_m = (
        -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * np.sqrt(np.abs(x))
        + waves
        + (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
        + (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    )
    east_m = (
        300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * np.sqrt(np.abs(x))
        + waves
        + (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
        + (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    )
    radians = np.radians(lat)
    magic = 1.0 - ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    meridian_radius_m = SEMI_MAJOR_AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / (magic * np.sqrt(magic))
    parallel_radius_m = SEMI_MAJOR_AXIS_M / np.sqrt(magic) * np.cos(radians)
    return np.degrees(east_m / parallel_radius_m), np.degrees(north_m / meridian_radius_m)


def _bd09(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BAIDU_ANGLE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BAIDU_ANGLE)
    return radius * np.cos(angle) + BAIDU_LON_OFFSET, radius * np.sin(angle) + BAIDU_LAT_OFFSET
