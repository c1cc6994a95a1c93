"""Extents that are drawn for names: areas, courses of rivers, summits; metres of the plane in, degrees out."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon

from geo_registry.demo import plane
from geo_registry.demo.plane import Floats
from geo_registry.demo.terrain import VALLEYS, Terrain, bent

AROUND = 36
"""Vertices of a rounded area."""
COURSE_STEP_M = 260.0
"""Between the vertices of a river."""
ROUNDS = 60
"""Steps by which a point of a bent course is sought; each halves what is left."""
ASTRAY_M = 160.0
"""A point that is farther than this from where it should lie is left out of a course."""


def point(x: float, y: float) -> Point:
    """A point."""
    return Point(*_degrees(np.array([[x, y]]))[0])


def line(points: Sequence[tuple[float, float]] | Floats) -> LineString:
    """A line through points."""
    return LineString(_degrees(np.asarray(points, np.float64)))


def straight(x: float, y: float, length_m: float, bearing_deg: float) -> LineString:
    """A line of a length about its middle, gently bent; the bearing is clockwise from north."""
    turn = np.deg2rad(bearing_deg)
    along = np.linspace(-length_m / 2, length_m / 2, max(int(length_m / 120), 4))
    aside = length_m * 0.03 * np.sin(along / length_m * 2 * np.pi)
    return line(
        np.stack(
            [x + np.sin(turn) * along + np.cos(turn) * aside, y + np.cos(turn) * along - np.sin(turn) * aside], axis=1
        )
    )


def rounded(x: float, y: float, radius_m: float, rng: np.random.Generator, *, long: float = 1.0) -> Polygon:
    """An area without corners of about a radius, `long` times as long as it is wide."""
    angle = np.arange(AROUND) * 2 * np.pi / AROUND
    radius = np.full(AROUND, radius_m)
    for wave, share in ((2, 0.16), (3, 0.1), (5, 0.06)):
        radius += radius_m * share * float(rng.random()) * np.cos(wave * (angle + 2 * np.pi * float(rng.random())))
    turn = np.pi * float(rng.random())
    u, v = radius * np.cos(angle) * long**0.5, radius * np.sin(angle) / long**0.5
    ring = np.stack([x + np.cos(turn) * u - np.sin(turn) * v, y + np.sin(turn) * u + np.cos(turn) * v], axis=1)
    return Polygon(_degrees(ring))


def isles(x: float, y: float, reach_m: float, rng: np.random.Generator) -> MultiPolygon:
    """Seven small islands about a point."""
    angle = np.arange(7) * 2 * np.pi / 7
    away = reach_m * (0.35 + 0.6 * rng.random(7))
    places = zip((x + away * np.cos(angle)).tolist(), (y + away * np.sin(angle)).tolist(), strict=True)
    return MultiPolygon([rounded(east, north, reach_m * 0.09, rng, long=1.6) for east, north in places])


def rectangle(x: float, y: float, width_m: float, depth_m: float, turn: tuple[float, float]) -> Polygon:
    """A rectangle about a point, turned as streets are: by cosine and sine."""
    cosine, sine = turn
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * np.array([width_m, depth_m]) / 2
    u, v = corners[:, 0], corners[:, 1]
    return Polygon(_degrees(np.stack([x + cosine * u - sine * v, y + sine * u + cosine * v], axis=1)))


def course(valley: int, first: float, last: float) -> LineString:
    """The course of a valley's river between two parts of its axis (0 to 1), bent as the terrain is."""
    axis = np.stack(plane.to_plane(*np.array(VALLEYS[valley].axis).T), axis=1)
    whole = LineString(axis)
    marks = np.arange(first * whole.length, last * whole.length, COURSE_STEP_M)
    wanted = shapely.get_coordinates(shapely.line_interpolate_point(whole, marks))
    found = wanted.copy()
    for _ in range(ROUNDS):
        found += 0.5 * (wanted - np.stack(bent(found[:, 0], found[:, 1]), axis=1))
    astray = np.hypot(*(wanted - np.stack(bent(found[:, 0], found[:, 1]), axis=1)).T)
    return line(found[astray < ASTRAY_M])


def summit(terrain: Terrain, x: float, y: float, reach_m: float) -> int:
    """The highest cell around a point."""
    near = np.flatnonzero((terrain.x - x) ** 2 + (terrain.y - y) ** 2 <= reach_m**2)
    return int(near[np.argmax(terrain.height_m[near])])


def smooth(corners: Floats) -> LineString:
    """A line through the neighbourhood of corners, without corners (Chaikin)."""
    for _ in range(3):
        quarter, three = corners[:-1] * 0.75 + corners[1:] * 0.25, corners[:-1] * 0.25 + corners[1:] * 0.75
        corners = np.concatenate([corners[:1], np.stack([quarter, three], axis=1).reshape(-1, 2), corners[-1:]])
    return line(corners)


def _degrees(points: Floats) -> Floats:
    return np.stack(plane.to_degrees(points[:, 0], points[:, 1]), axis=1)
