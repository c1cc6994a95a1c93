"""Where places lie and how far they reach: from a layer, from columns of coordinates, from the ends of a line, from texts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_registry.exchange.batch import Batch
from geo_registry.exchange.converters import coordinate, text
from geo_registry.exchange.fit import PositionCheck
from geo_registry.exchange.mapping import Positions
from geo_registry.exchange.place_words import contradicts
from geo_registry.exchange.plan import Plan
from geo_registry.exchange.positions import (
    Mask,
    bad_shapes,
    ewkb,
    extent_of,
    shape_of_text,
    shapes_to_storage,
)
from geo_registry.exchange.problems import ProblemCode, Refused
from geo_registry.exchange.source import Shapes
from geo_registry.exchange.subjects.points import coordinates_of
from geo_registry.geo.crs import Crs

ENDS = ("from_lon", "from_lat", "to_lon", "to_lat")


@dataclass(frozen=True, slots=True)
class PlaceShapes:
    """The extents of some rows (EPSG:4490): hexadecimal EWKB, None where there is none, and which are only approximate."""

    written: Sequence[str | None]
    approximate: Sequence[bool]


def place_shapes(batch: Batch, plan: Plan, crs: Crs, check: PositionCheck) -> PlaceShapes:
    """The rows' extents; one that can't be refuses its row, one that says another datum too.

    Of several sayings the fullest counts: a text of geometry, then the ends of a line, then the point or the layer's.

    Raises
    ------
    CrsMisfit
        Most of them can't be: the coordinates are of another CRS.
    """
    shapes, approximate = _shapes_of(batch, plan)
    _draw_ends(batch, shapes, approximate)
    for at, shape in enumerate(batch.get("geometry", shape_of_text)):
        if shape is not None:
            shapes[at], approximate[at] = shape, False
    there: Mask = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    for at, said in enumerate(batch.get("datum", text)):
        if said is not None and there[at] and contradicts(said, crs.datum):
            batch.tell(at, "datum", said, ProblemCode.DATUM_CONTRADICTS, {"crs": crs.name})
    moved = shapes_to_storage(shapes, crs)
    bad, bounds = bad_shapes(moved)
    before = shapely.bounds(shapes)
    check.look(batch, crs, there=there, bad=bad, x=before[:, 0], y=before[:, 1], lon=bounds[:, 0], lat=bounds[:, 1])
    for at in np.flatnonzero(~shapely.is_missing(moved) & ~bad).tolist():
        try:
            moved[at], repaired = extent_of(moved[at])
        except Refused as refusal:
            batch.tell(at, "", None, refusal.code, refusal.details)
        else:
            if repaired:
                batch.tell(at, "", None, ProblemCode.GEOMETRY_REPAIRED, {"reason": repaired})
    return PlaceShapes(ewkb(moved), approximate.tolist())


def _shapes_of(batch: Batch, plan: Plan) -> tuple[Shapes, Mask]:
    """What two columns or the layer say, in the file's CRS."""
    found: Shapes = np.full(len(batch), None, dtype=object)
    approximate: Mask = np.zeros(len(batch), dtype=bool)
    shapes = batch.shapes()
    if plan.positions is Positions.COLUMNS:
        x, y = coordinates_of(batch, plan)
        # Half a position is none; 0, 0 is what forms write where nobody filled in any.
        there = ~(np.isnan(x) | np.isnan(y)) & ~((x == 0) & (y == 0))
        found[there] = shapely.points(x[there], y[there])
    elif shapes is not None and plan.positions is Positions.CENTROID:
        approximate = (shapely.get_type_id(shapes) != shapely.GeometryType.POINT) & ~shapely.is_missing(shapes)
        found = np.array(shapely.centroid(shapes), dtype=object)
    elif shapes is not None:
        found = np.array(shapes, dtype=object)
    return found, approximate


def _draw_ends(batch: Batch, shapes: Shapes, approximate: Mask) -> None:
    """Draw a straight line where a row says only where something begins and ends, as the survey's cards do."""
    if not all(map(batch.has, ENDS[:2])):
        return
    ends = [batch.get(field, coordinate) for field in ENDS]
    for at, (lon, lat, to_lon, to_lat) in enumerate(zip(*ends, strict=True)):
        if lon is None or lat is None or (lon == 0 and lat == 0):
            continue
        if to_lon is None or to_lat is None or (to_lon, to_lat) in {(lon, lat), (0, 0)}:
            if shapely.is_missing(shapes[at]):
                shapes[at] = shapely.Point(lon, lat)
            continue
        shapes[at], approximate[at] = shapely.LineString([(lon, lat), (to_lon, to_lat)]), True
