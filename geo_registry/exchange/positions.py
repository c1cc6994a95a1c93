"""From a file's coordinates to stored geometries: into EPSG:4490, checked, as hexadecimal EWKB for COPY."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_registry.exchange.converters import RawValue, coordinate
from geo_registry.exchange.problems import ProblemCode, Refused
from geo_registry.exchange.source import Shapes
from geo_registry.geo.crs import STORAGE_EPSG, Crs, implausible
from geo_registry.geo.shifted import Degrees

Mask: TypeAlias = NDArray[np.bool_]

EWKB_POINT = 0x2000_0001
"""A point with an SRID."""
EWKB_POINT_BYTES = 25
COORDINATE_DECIMALS = 9
"""Decimals of a degree that computed coordinates keep, a tenth of a millimetre: the last bits of a computation depend
on the machine, and a row that didn't change must not look changed."""

POINT = shapely.GeometryType.POINT


@dataclass(frozen=True, slots=True)
class Points:
    """Points in degrees (EPSG:4490), one a row."""

    lon: Degrees
    lat: Degrees
    there: Mask
    """Rows that say a position; `lon` and `lat` of the others mean nothing."""
    bad: Mask
    """Rows whose position can't be."""
    approximate: Mask
    """Rows whose position was derived from a larger shape."""

    def ewkb(self) -> list[str | None]:
        """Each point as hexadecimal EWKB; None where there is none."""
        written = point_ewkb(self.lon, self.lat)
        good = self.there & ~self.bad
        return [hexadecimal if keep else None for hexadecimal, keep in zip(written, good.tolist(), strict=True)]


def point_ewkb(lon: Degrees, lat: Degrees) -> list[str]:
    """Points (EPSG:4490, degrees) as hexadecimal EWKB."""
    layout = np.dtype([("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("lon", "<f8"), ("lat", "<f8")])
    points = np.empty(len(lon), dtype=layout)
    points["order"] = 1
    points["type"] = EWKB_POINT
    points["srid"] = STORAGE_EPSG
    points["lon"] = lon
    points["lat"] = lat
    written = points.tobytes().hex()
    width = 2 * EWKB_POINT_BYTES
    return [written[start : start + width] for start in range(0, len(written), width)]


def numbers(values: Sequence[RawValue]) -> tuple[Degrees, dict[int, ProblemCode]]:
    """A column of coordinates as numbers, NaN where a row has none, and the rows that hold something else."""
    try:
        return np.array(values, dtype=np.float64), {}
    except (ValueError, TypeError):
        found = np.full(len(values), np.nan)
        wrong: dict[int, ProblemCode] = {}
        for at, value in enumerate(values):
            try:
                converted = coordinate(value)
            except Refused as refusal:
                wrong[at] = refusal.code
            else:
                found[at] = np.nan if converted is None else converted
        return found, wrong


def points_from_columns(x: Degrees, y: Degrees, crs: Crs) -> Points:
    """Points from two columns of coordinates in `crs`, east first.

    Half a position is none. Exactly 0, 0 is none either: it is what forms write where nobody filled in any.
    """
    there = ~(np.isnan(x) | np.isnan(y)) & ~((x == 0) & (y == 0))
    lon, lat = _to_storage(np.where(there, x, 0.0), np.where(there, y, 0.0), crs)
    return Points(lon=lon, lat=lat, there=there, bad=there & implausible(lon, lat), approximate=np.zeros_like(there))


def centres_of(shapes: Shapes) -> tuple[Degrees, Degrees]:
    """The coordinates of points, and of the centroids of anything larger; NaN where there is nothing."""
    centres = np.where(shapely.is_empty(shapes), None, shapely.centroid(shapes))
    return shapely.get_x(centres), shapely.get_y(centres)


def points_from_shapes(shapes: Shapes, crs: Crs) -> Points:
    """Points from geometries: points as they are, of anything larger the centroid."""
    found = points_from_columns(*centres_of(shapes), crs)
    larger = (shapely.get_type_id(shapes) != POINT) & (shapely.get_num_coordinates(shapes) > 1)
    return Points(lon=found.lon, lat=found.lat, there=found.there, bad=found.bad, approximate=larger & found.there)


def shapes_to_storage(shapes: Shapes, crs: Crs) -> Shapes:
    """Geometries with their coordinates in EPSG:4490."""
    if crs.is_storage:
        return shapes

    def move(x: Degrees, y: Degrees) -> tuple[Degrees, Degrees]:
        return _to_storage(x, y, crs)

    moved: Shapes = shapely.transform(shapes, move, interleaved=False)
    return moved


def bad_shapes(shapes: Shapes) -> tuple[Mask, Degrees]:
    """Which geometries (EPSG:4490) have coordinates that can't be, and the bounds of all, shape (n, 4), in degrees."""
    bounds = shapely.bounds(shapes)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    bad = implausible(bounds[:, 0], bounds[:, 1]) | implausible(bounds[:, 2], bounds[:, 3])
    return there & bad, bounds


def ewkb(shapes: Shapes) -> list[str | None]:
    """Geometries (EPSG:4490) as hexadecimal EWKB; None where there is none."""
    written: list[str | None] = shapely.to_wkb(
        shapely.set_srid(shapes, STORAGE_EPSG), hex=True, include_srid=True
    ).tolist()
    return written


def shape_of_text(value: RawValue) -> shapely.Geometry | None:
    """The geometry that a cell writes as WKT (with or without SRID) or GeoJSON, without heights; None for an empty cell.

    Raises
    ------
    Refused
        It can't be read.
    """
    said = "" if value is None else str(value).strip()
    if not said:
        return None
    try:
        shape = shapely.from_geojson(said) if said.startswith("{") else shapely.from_wkt(said.rpartition(";")[2])
        return shapely.force_2d(shape)
    except shapely.GEOSException:
        raise Refused(ProblemCode.GEOMETRY_UNREADABLE) from None


def extent_of(shape: shapely.Geometry | None) -> tuple[shapely.Geometry | None, str]:
    """The extent that a geometry is: points, lines or areas, valid; and what had to be repaired.

    Raises
    ------
    Refused
        It is something else, or nothing is left of it.
    """
    _is_readable(shape)
    if shape is None or shape.is_empty:
        return None, ""
    if not isinstance(shape, Extents):
        raise Refused(ProblemCode.GEOMETRY_UNFIT, found=shape.geom_type, expected="Point, LineString, Polygon")
    if shape.is_valid:
        return shape, ""
    reason = shapely.is_valid_reason(shape)
    kept = [
        part
        for part in _parts(shapely.make_valid(shape))
        if not part.is_empty and shapely.get_dimensions(part) == shapely.get_dimensions(shape)
    ]
    if not kept:
        raise Refused(ProblemCode.GEOMETRY_EMPTY)
    return (kept[0] if len(kept) == 1 else shapely.union_all(kept)), reason


Extents = (
    shapely.Point
    | shapely.MultiPoint
    | shapely.LineString
    | shapely.MultiLineString
    | shapely.Polygon
    | shapely.MultiPolygon
)
"""What the extent of a place may be."""


@dataclass(frozen=True, slots=True)
class Area:
    """A division's geometry: an area or a point, and what had to be repaired."""

    multi_polygon: shapely.MultiPolygon | None = None
    point: shapely.Point | None = None
    repaired: str = ""


def area_of(shape: shapely.Geometry | None) -> Area:
    """The area that a geometry draws, valid, as a multi-polygon; or its point.

    Raises
    ------
    Refused
        It is something else, or no area is left of it.
    """
    _is_readable(shape)
    if shape is None or shape.is_empty:
        return Area()
    if isinstance(shape, shapely.Point):
        return Area(point=shape)
    if isinstance(shape, shapely.MultiPoint) and len(shape.geoms) == 1:
        return Area(point=shape.geoms[0])
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        raise Refused(ProblemCode.GEOMETRY_UNFIT, found=shape.geom_type, expected="Polygon")
    repaired = ""
    if not shape.is_valid:
        repaired = shapely.is_valid_reason(shape)
        shape = shapely.make_valid(shape)
    polygons = [part for part in _parts(shape) if isinstance(part, shapely.Polygon) and not part.is_empty]
    if not polygons:
        raise Refused(ProblemCode.GEOMETRY_EMPTY)
    return Area(multi_polygon=shapely.MultiPolygon(polygons), repaired=repaired)


def lines_of(shape: shapely.Geometry | None) -> list[shapely.LineString]:
    """The lines that a geometry consists of, those without length left out.

    Raises
    ------
    Refused
        It isn't a line, or none has a length.
    """
    _is_readable(shape)
    if shape is None or shape.is_empty:
        raise Refused(ProblemCode.GEOMETRY_EMPTY)
    if not isinstance(shape, shapely.LineString | shapely.MultiLineString):
        raise Refused(ProblemCode.GEOMETRY_UNFIT, found=shape.geom_type, expected="LineString")
    lines = [part for part in _parts(shape) if isinstance(part, shapely.LineString) and part.length > 0]
    if not lines:
        raise Refused(ProblemCode.GEOMETRY_EMPTY)
    return lines


def _is_readable(shape: shapely.Geometry | None) -> None:
    if isinstance(shape, shapely.GeometryCollection) and shape.is_empty:
        raise Refused(ProblemCode.GEOMETRY_UNREADABLE)


def _parts(shape: shapely.Geometry) -> Iterator[shapely.Geometry]:
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from _parts(part)
    else:
        yield shape


def _to_storage(x: Degrees, y: Degrees, crs: Crs) -> tuple[Degrees, Degrees]:
    lon, lat = crs.to_storage(x, y)
    if crs.is_storage:
        return lon, lat
    return np.round(lon, COORDINATE_DECIMALS), np.round(lat, COORDINATE_DECIMALS)
