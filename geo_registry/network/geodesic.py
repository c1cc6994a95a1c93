"""Lengths on the CGCS2000 ellipsoid: as pyproj gives them, at a tenth of the time.

`pyproj.Geod` takes 0.8 µs a line, which is seconds for a city's roads. Up to two kilometres the straight chord through
the ellipsoid plus its first curvature term is the geodesic within `ERROR_M`; wherever that error could decide a
rounding, and for longer lines, pyproj is asked. So every rounded length equals the one computed with pyproj alone.
"""
# ruff: noqa: PLR0917  - a compiled kernel takes no keywords

import math

import numpy as np
from pyproj import Geod

from geo_registry.network.arrays import Bools, Float64, Int64
from geo_registry.network.compiled import kernel

SEMI_MAJOR_AXIS_M = 6_378_137.0
"""a of the CGCS2000 ellipsoid (GB/T 30168-2013)."""

INVERSE_FLATTENING = 298.257222101
"""1/f of the CGCS2000 ellipsoid (GB/T 30168-2013)."""

ECCENTRICITY_SQUARED = (2 - 1 / INVERSE_FLATTENING) / INVERSE_FLATTENING

DM_PER_M = 10

SHORT_LINE_M = 2_000.0
"""The longest chord that `short_line_m` is trusted with."""

ERROR_M = 1e-7
"""The most that `short_line_m` is off by, for one line.

The curvature term c³/24R² is 8.2 µm at two kilometres. It is taken with the Gaussian mean radius, R² = MN, which
differs from the square of the radius along the line by at most e'² = 0.67 %: 0.06 µm. What rounding of
earth-centred coordinates adds is a tenth of that.
"""

_RADIANS = math.pi / 180
_HALF_DM_M = 0.5 / DM_PER_M


def ellipsoid() -> Geod:
    """The CGCS2000 ellipsoid, for geodesics."""
    return Geod(a=SEMI_MAJOR_AXIS_M, rf=INVERSE_FLATTENING)


def exact_m(lon_a: Float64, lat_a: Float64, lon_b: Float64, lat_b: Float64) -> Float64:
    """Geodesic lengths in metres, shape (n,), by pyproj (Karney 2013): the reference for all others."""
    length_m: Float64 = np.asarray(ellipsoid().inv(lon_a, lat_a, lon_b, lat_b)[2], np.float64)
    return length_m


@kernel("UniTuple(float64, 4)(float64, float64)")
def earth_centred_m(lon: float, lat: float) -> tuple[float, float, float, float]:
    """The place as (x, y, z) from the Earth's centre in metres, and the squared sine of its latitude."""
    sin_lat = math.sin(lat * _RADIANS)
    cos_lat = math.cos(lat * _RADIANS)
    normal_m = SEMI_MAJOR_AXIS_M / math.sqrt(1 - ECCENTRICITY_SQUARED * sin_lat * sin_lat)
    ring_m = normal_m * cos_lat
    return (
        ring_m * math.cos(lon * _RADIANS),
        ring_m * math.sin(lon * _RADIANS),
        normal_m * (1 - ECCENTRICITY_SQUARED) * sin_lat,
        sin_lat * sin_lat,
    )


@kernel("float64(UniTuple(float64, 4), UniTuple(float64, 4))")
def short_line_m(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """The geodesic between two places of `earth_centred_m`, in metres, within `ERROR_M` up to `SHORT_LINE_M`."""
    dx = a[0] - b[0]
    dy = a[1] - b[1]
    dz = a[2] - b[2]
    chord_m = math.sqrt(dx * dx + dy * dy + dz * dz)
    flattening = 1 - ECCENTRICITY_SQUARED * (a[3] + b[3]) / 2
    radius_m2 = SEMI_MAJOR_AXIS_M * SEMI_MAJOR_AXIS_M * (1 - ECCENTRICITY_SQUARED) / (flattening * flattening)
    return chord_m + chord_m * chord_m * chord_m / (24 * radius_m2)


@kernel("boolean(float64, int64)")
def rounding_is_open(length_m: float, lines: int) -> bool:
    """Whether `ERROR_M` in each of the `lines` that `length_m` is the sum of could change its decimetre."""
    remainder_m = (length_m + _HALF_DM_M) % (1 / DM_PER_M)
    margin_m = ERROR_M * lines
    return remainder_m < margin_m or remainder_m > 1 / DM_PER_M - margin_m


@kernel("boolean[::1](float64[::1], int64[::1])")
def open_roundings(length_m: Float64, lines: Int64) -> Bools:
    """`rounding_is_open` of each length, shape (n,)."""
    is_open = np.empty(length_m.size, np.bool_)
    for i in range(length_m.size):
        is_open[i] = rounding_is_open(length_m[i], lines[i])
    return is_open


@kernel("void(float64[::1], float64[::1], float64[::1], float64[::1], float64[::1], boolean[::1])")
def _lines_m(lon_a: Float64, lat_a: Float64, lon_b: Float64, lat_b: Float64, length_m: Float64, is_open: Bools) -> None:
    for i in range(lon_a.size):
        line_m = short_line_m(earth_centred_m(lon_a[i], lat_a[i]), earth_centred_m(lon_b[i], lat_b[i]))
        length_m[i] = line_m
        # `not <=` also sends NaN to pyproj.
        is_open[i] = not (line_m <= SHORT_LINE_M) or rounding_is_open(line_m, 1)


@kernel("void(int64[::1], float64[::1], float64[::1], float64[::1], boolean[::1])")
def _along_lines_m(line_ptr: Int64, lon: Float64, lat: Float64, along_m: Float64, is_open: Bools) -> None:
    for line in range(line_ptr.size - 1):
        first, end = line_ptr[line], line_ptr[line + 1]
        total_m = 0.0
        is_long = False
        here = earth_centred_m(lon[first], lat[first])
        along_m[first] = 0.0
        for vertex in range(first + 1, end):
            there = earth_centred_m(lon[vertex], lat[vertex])
            piece_m = short_line_m(here, there)
            is_long |= piece_m > SHORT_LINE_M
            total_m += piece_m
            along_m[vertex] = total_m
            here = there
        is_open[line] = is_long or rounding_is_open(total_m, end - first - 1)


def rounded_dm(length_m: Float64) -> Int64:
    """Metres as decimetres, rounded half up once, shape (n,)."""
    return np.floor(length_m * DM_PER_M + 0.5).astype(np.int64)


def lines_m(lon_a: Float64, lat_a: Float64, lon_b: Float64, lat_b: Float64) -> Float64:
    """Geodesic lengths of straight lines in metres, shape (n,): they round to the decimetre that pyproj's round to.

    Parameters
    ----------
    lon_a, lat_a, lon_b, lat_b
        The two ends, degrees of EPSG:4490, shape (n,).
    """
    length_m = np.empty(lon_a.size)
    is_open = np.empty(lon_a.size, np.bool_)
    _lines_m(lon_a, lat_a, lon_b, lat_b, length_m, is_open)
    asked = np.flatnonzero(is_open)
    if asked.size:
        length_m[asked] = exact_m(lon_a[asked], lat_a[asked], lon_b[asked], lat_b[asked])
    return length_m


def along_lines_m(line_ptr: Int64, lon: Float64, lat: Float64) -> Float64:
    """Geodesic length from each line's start along its vertices, in metres, shape (v,).

    The last of a line is its length, and rounds to the decimetre that the sum of pyproj's pieces rounds to.

    Parameters
    ----------
    line_ptr
        Line `i` has the vertices `line_ptr[i]:line_ptr[i + 1]`, at least one; shape (n + 1,).
    lon, lat
        Degrees of EPSG:4490, shape (v,).
    """
    along_m = np.empty(lon.size)
    is_open = np.empty(line_ptr.size - 1, np.bool_)
    _along_lines_m(line_ptr, lon, lat, along_m, is_open)
    for line in np.flatnonzero(is_open):
        part = slice(line_ptr[line], line_ptr[line + 1])
        along_m[part] = exact_along_m(lon[part], lat[part])
    return along_m


def exact_along_m(lon: Float64, lat: Float64) -> Float64:
    """Geodesic length from the start of one line along its vertices in metres, shape (v,), by pyproj alone."""
    pieces_m = exact_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    return np.concatenate(([0.0], np.cumsum(pieces_m)))
