"""Which roads a registered name covers: those that lie along its extent, not those that merely cross it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo_registry.network.arrays import Bools, Float64
from geo_registry.unnamed.plane import Lines, latitudes, metre_at, on_plane

TOLERANCE_M = 15.0
"""How far a road may lie from the extent that is drawn for its name: two sources draw one road that far apart."""
COVERED_SHARE = 0.6
"""As much of a road's length along one extent, and it bears that name."""
SAMPLES = 10
"""Places of a road that are looked at, in equal parts of it."""
ALONG_DEG = 30.0
"""What runs alongside deviates by less; what crosses deviates by more."""

Pairs = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What counts as covered."""

    within_m: float = TOLERANCE_M
    share: float = COVERED_SHARE


@dataclass(frozen=True, slots=True, eq=False)
class Alongside:
    """Which road lies along which extent, and with what share of its length; three arrays of the same shape."""

    road: Pairs
    extent: Pairs
    share: Float64


def covered(roads: Lines, extents: Lines, tolerance: Tolerance | None = None) -> Bools:
    """Whether each road lies along one of the extents, shape (n,); lines in degrees of EPSG:4490, extents of any type.

    Of all its parts `share` must lie along one extent: two that it passes between don't add up.
    """
    limits = tolerance or Tolerance()
    found = alongside(roads, extents, limits.within_m)
    result = np.zeros(roads.size, np.bool_)
    result[found.road[found.share >= limits.share]] = True
    return result


def alongside(roads: Lines, extents: Lines, within_m: float = TOLERANCE_M) -> Alongside:
    """How much of each road lies along which extents, where that is anything.

    A road is looked at in equal parts: a part counts where the extent is near, and, if the extent is a line, runs the
    same way there.
    """
    nothing = np.empty(0, np.intp)
    if not roads.size or not extents.size:
        return Alongside(nothing, nothing, np.empty(0))
    lines, shapes = on_plane(roads), on_plane(extents)
    reach = within_m * metre_at(latitudes(roads))
    pieces, extent_of = _straight_pieces(shapes)
    tree = shapely.STRtree(pieces)
    near = np.unique(tree.query(lines, predicate="dwithin", distance=reach)[0])
    if not near.size:
        return Alongside(nothing, nothing, np.empty(0))
    places, facing = _samples(lines[near])
    place, piece = tree.query(places, predicate="dwithin", distance=np.repeat(reach[near], SAMPLES))
    along = _runs_along(facing[place], pieces[piece])
    parts = np.unique(np.stack([place[along], extent_of[piece[along]]], axis=1), axis=0)
    pairs, count = np.unique(np.stack([parts[:, 0] // SAMPLES, parts[:, 1]], axis=1), axis=0, return_counts=True)
    return Alongside(near[pairs[:, 0]], pairs[:, 1], count / SAMPLES)


def _straight_pieces(shapes: Lines) -> tuple[Lines, Pairs]:
    """Lines as their straight pieces, areas and points as they are, and which shape each is of."""
    parts, shape_of = shapely.get_parts(shapes, return_index=True)
    is_line = np.isin(shapely.get_type_id(parts), [shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING])
    points, line_of = shapely.get_coordinates(parts[is_line], return_index=True)
    follows = np.flatnonzero(np.diff(line_of) == 0)
    ends = np.stack([points[follows], points[follows + 1]], axis=1)
    straight = shapely.linestrings(ends) if follows.size else np.empty(0, object)
    is_area = shapely.get_dimensions(parts) == 2
    return (
        np.concatenate([straight, parts[is_area]]),
        np.concatenate([shape_of[is_line][line_of[follows]], shape_of[is_area]]),
    )


def _samples(lines: Lines) -> tuple[Lines, Float64]:
    """The middles of equal parts of each line, shape (n · SAMPLES,), and the direction of each part in radians."""
    bounds = np.linspace(0, 1, SAMPLES + 1)
    at = shapely.get_coordinates(
        shapely.line_interpolate_point(lines[:, None], bounds[None, :], normalized=True).ravel()
    )
    at = at.reshape(lines.size, SAMPLES + 1, 2)
    reach = np.diff(at, axis=1).reshape(-1, 2)
    middles = shapely.line_interpolate_point(lines[:, None], (bounds[:-1] + bounds[1:])[None, :] / 2, normalized=True)
    return middles.ravel(), np.arctan2(reach[:, 1], reach[:, 0])


def _runs_along(facing: Float64, pieces: Lines) -> Bools:
    """Whether each piece runs as the road faces there, either way; an area always does."""
    is_area = shapely.get_dimensions(pieces) == 2
    result: Bools = is_area.copy()
    ends = shapely.get_coordinates(pieces[~is_area]).reshape(-1, 2, 2)
    reach = ends[:, 1] - ends[:, 0]
    apart = np.degrees(np.abs(facing[~is_area] - np.arctan2(reach[:, 1], reach[:, 0]))) % 180
    result[~is_area] = np.minimum(apart, 180 - apart) <= ALONG_DEG
    return result
