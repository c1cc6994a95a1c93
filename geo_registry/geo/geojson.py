"""GeoJSON geometries (RFC 7946): longitude and latitude in degrees, as dictionaries that JSON takes."""

import json
from typing import TypeAlias, TypedDict

Position: TypeAlias = list[float]


class PointJson(TypedDict):
    """A point."""

    type: str
    coordinates: Position


class GeometryJson(TypedDict):
    """Any geometry with coordinates; how deep they nest follows from the type."""

    type: str
    coordinates: list[object]


def point(lon: float, lat: float) -> PointJson:
    """The point at `lon`, `lat`, both in degrees."""
    return {"type": "Point", "coordinates": [lon, lat]}


def loads(text: str | None) -> GeometryJson | None:
    """A geometry from the text that the database's `ST_AsGeoJSON` writes; None stays None."""
    if text is None:
        return None
    geometry = json.loads(text)
    return GeometryJson(type=geometry["type"], coordinates=geometry["coordinates"])
