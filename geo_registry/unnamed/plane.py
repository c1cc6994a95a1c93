"""The plane that lanes are compared in: Mercator on the sphere, whose angles are true and whose scale is its latitude's."""

import math

import numpy as np
import numpy.typing as npt
import shapely

from geo_registry.network.arrays import Float64

RADIUS_M = 6_371_008.8
"""Of the sphere with the Earth's mean radius: within 0.4 % of any ground length, which tolerances allow."""
STEEPEST_LAT = 89.0
"""Where Mercator's plane is cut: no road lies beyond."""

Lines = npt.NDArray[np.object_]
"""Shapely geometries."""


def on_plane(geometries: Lines) -> Lines:
    """The geometries, degrees of EPSG:4490, on the plane."""
    projected: Lines = shapely.transform(geometries, _projected)
    return projected


def _projected(points: Float64) -> Float64:
    lat = np.radians(np.clip(points[:, 1], -STEEPEST_LAT, STEEPEST_LAT))
    return np.stack([RADIUS_M * np.radians(points[:, 0]), RADIUS_M * np.arcsinh(np.tan(lat))], axis=1)


def off_plane(points: Float64) -> Float64:
    """Points on the plane, shape (n, 2), in degrees of EPSG:4490."""
    lon, lat = np.degrees(points[:, 0] / RADIUS_M), np.degrees(np.arctan(np.sinh(points[:, 1] / RADIUS_M)))
    return np.stack([lon, lat], axis=1)


def metre_at(lat: Float64 | float) -> Float64:
    """How long one metre of ground is on the plane, at a latitude in degrees."""
    scale: Float64 = 1 / np.cos(np.radians(np.clip(lat, -STEEPEST_LAT, STEEPEST_LAT)))
    return scale


def latitudes(geometries: Lines) -> Float64:
    """The middle latitude of each geometry in degrees, shape (n,)."""
    bounds = shapely.bounds(geometries)
    middle: Float64 = (bounds[:, 1] + bounds[:, 3]) / 2
    return middle


def in_metres(lines: Lines) -> Lines:
    """The lines on the plane, each shrunk to its own latitude's metres."""
    scale = metre_at(latitudes(lines))
    points, line_of = shapely.get_coordinates(on_plane(lines), return_index=True)
    shrunk: Lines = shapely.linestrings(points / scale[line_of, None], indices=line_of)
    return shrunk


FULL_TURN = 2 * math.pi
