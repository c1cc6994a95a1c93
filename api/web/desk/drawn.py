"""Where a name's place lies, as it is typed and as it is shown: positions a line, or GeoJSON. Values in, values out."""

import json
import re
from collections.abc import Sequence
from typing import Any

from shapely import GeometryCollection
from shapely.geometry import shape

from api.web.desk.frame import wrong
from geo_registry.cases.queries import LineRow
from geo_registry.db.session import ReadSession
from geo_registry.divisions import service as divisions
from geo_registry.geo.bbox import BBox
from geo_registry.geo.geojson import GeometryJson
from geo_registry.vocabulary import LineState

PAIR = re.compile(r"\(?\s*(-?\d+(?:\.\d+)?)\s*[,，\s]\s*(-?\d+(?:\.\d+)?)\s*\)?")
SHAPES = ("Point", "LineString", "Polygon")
RING = 4
AROUND_DEG = 0.004


def geometry_typed(text: str, kind: str) -> object:
    """GeoJSON, or pairs of longitude and latitude (one a line, or parted by semicolons), as a point, a line or an area.

    Raises
    ------
    CaseUnsound
        It is neither.
    """
    text = text.strip()
    if text.startswith("{"):
        return _geojson(text)
    pairs = [_pair(line.strip()) for line in re.split(r"[;；\n]", text) if line.strip()]
    if kind == "Polygon" and len(pairs) > 1:
        ring = pairs if pairs[0] == pairs[-1] else [*pairs, pairs[0]]
        if len(ring) < RING:
            raise wrong("geometry", "面至少有三点", "an area has three points at least")
        return {"type": "Polygon", "coordinates": [ring]}
    if kind == "Point" and len(pairs) > 1:
        raise wrong("geometry", "点只有一对经纬度", "a point is one pair")
    if len(pairs) == 1:
        return {"type": "Point", "coordinates": pairs[0]}
    return {"type": "LineString", "coordinates": pairs}


def _geojson(text: str) -> object:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise wrong("geometry", "不是 GeoJSON", "it is no GeoJSON") from None
    return found.get("geometry") if isinstance(found, dict) and found.get("type") == "Feature" else found


def _pair(line: str) -> list[float]:
    met = PAIR.fullmatch(line)
    if met is None:
        raise wrong(
            "geometry",
            f"“{line[:40]}”不是经纬度：每行一点，如 119.65,29.08",
            f"{line[:40]} is no position: one a line, such as 119.65,29.08",
        )
    return [float(met[1]), float(met[2])]


def coordinates_said(geometry: GeometryJson | None) -> str:
    """A geometry as it is typed: a position a line where it is one point, line or area, else as GeoJSON."""
    if geometry is None:
        return ""
    found: Any = geometry["coordinates"]  # type: ignore[typeddict-item,unused-ignore]
    match geometry["type"]:
        case "Point":
            pairs = [found]
        case "LineString":
            pairs = found
        case "Polygon" if len(found) == 1:
            pairs = found[0]
        case _:
            return json.dumps(geometry, separators=(",", ":"))
    return "\n".join(f"{lon:.6f},{lat:.6f}" for lon, lat, *_ in pairs)


def opens_on(session: ReadSession, lines: Sequence[LineRow], division: str) -> BBox | None:
    """What a case's map shows first: its names, else its division; None where neither is drawn."""
    return box_of(lines) or divisions.bounds_of(session, division)


def box_of(lines: Sequence[LineRow]) -> BBox | None:
    """A box around the names of a case; None where none is drawn."""
    shapes = [
        shape(line.geometry) for line in lines if line.geometry is not None and line.state is not LineState.STRUCK
    ]
    if not shapes:
        return None
    west, south, east, north = GeometryCollection(shapes).bounds
    return BBox(west - AROUND_DEG, south - AROUND_DEG, east + AROUND_DEG, north + AROUND_DEG)
