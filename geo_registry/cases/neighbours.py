"""What is registered around a name of a case: the nearest places, how far they are and where they lie."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from geo_registry.db.session import ReadSession
from geo_registry.geo.geojson import GeometryJson
from geo_registry.vocabulary import Compass, PlaceClass

WITHIN_M = 500
"""How far from the name's extent its neighbours are."""
MOST = 20
"""Neighbours that are told of, the nearest first."""
COMPASS = tuple(Compass)

# By the index of extents: what touches the box around the name's, measured on the ellipsoid then. The shape is what a map
# around it shows of a place; the bearing is from where the name's extent comes nearest.
AROUND = text("""
    WITH own AS MATERIALIZED (
        SELECT line.place_id, coalesce(line.geom, place.geom) AS geom
        FROM case_name AS line LEFT JOIN place ON place.id = line.place_id
        WHERE line.case_id = :case AND line.id = :line
    ), box AS MATERIALIZED (
        SELECT place_id, geom, ST_Expand(
            geom,
            1.01 * :within / (111320 * cos(radians(ST_Y(ST_Centroid(geom))))),
            1.01 * :within / 110574.0
        ) AS around
        FROM own
    )
    SELECT place.id, place.standard_name AS name, place.class, place.position_quality,
        ST_Distance(CAST(place.geom AS geography), CAST(box.geom AS geography)) AS distance_m,
        ST_Azimuth(
            CAST(ST_ClosestPoint(box.geom, ST_PointOnSurface(place.geom)) AS geography),
            CAST(ST_PointOnSurface(place.geom) AS geography)
        ) AS bearing,
        ST_AsGeoJSON(ST_ClipByBox2D(place.geom, CAST(box.around AS box2d)), 7) AS shape
    FROM box JOIN place ON place.geom && box.around AND place.state <> 'abolished' AND place.id IS DISTINCT FROM box.place_id
    WHERE ST_DWithin(CAST(place.geom AS geography), CAST(box.geom AS geography), :within)
    ORDER BY distance_m, place.fid LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A place near a name of a case."""

    id: UUID
    name: str
    place_class: PlaceClass
    position_quality: str
    distance_m: float
    """From extent to extent; 0 where they touch."""
    direction: Compass | None
    """Where it lies from the name's extent; None where they touch."""
    geometry: GeometryJson | None
    """As much of it as lies around."""


def neighbours_of(session: ReadSession, case: UUID, line: UUID) -> Sequence[Neighbour]:
    """The places around a name of a case, the nearest first; none where it isn't known where the name lies."""
    asked = {"case": case, "line": line, "within": WITHIN_M, "most": MOST}
    return [
        Neighbour(
            id=row.id,
            name=row.name,
            place_class=PlaceClass.of(row[2]),
            position_quality=row.position_quality,
            distance_m=row.distance_m,
            direction=direction_of(row.bearing) if row.distance_m else None,
            geometry=json.loads(row.shape) if row.shape else None,
        )
        for row in session.execute(AROUND, asked)
    ]


def direction_of(bearing: float | None) -> Compass | None:
    """The direction of a bearing in radians, clockwise from the north."""
    if bearing is None:
        return None
    return COMPASS[round((math.pi / 2 - bearing) / (math.pi / 4)) % len(COMPASS)]
