"""Lanes as GeoJSON (RFC 7946): what `names unnamed -o FILE.geojson` writes. Values in, values out."""

from collections.abc import Mapping, Sequence

import shapely

from geo_registry.unnamed.queries import LaneRow
from geo_registry.unnamed.signing import PlannedSign
from geo_registry.vocabulary import PositionQuality

DIGITS_DEG = 7


def collection(rows: Sequence[LaneRow], locale: str) -> Mapping[str, object]:
    """The lanes as a FeatureCollection, words in zh or en."""
    return {"type": "FeatureCollection", "features": [_feature(row, locale) for row in rows]}


def _feature(row: LaneRow, locale: str) -> Mapping[str, object]:
    points = shapely.get_coordinates(row.line).round(DIGITS_DEG).tolist()
    return {
        "type": "Feature",
        "id": str(row.id),
        "geometry": {"type": "LineString", "coordinates": points},
        "properties": properties(row, locale),
    }


def properties(row: LaneRow, locale: str) -> dict[str, object]:
    """What is told of a lane, but for its line."""
    return {
        "id": str(row.id),
        "status": row.status.value,
        "division": row.division_code,
        "division_name": row.division_name,
        "length_m": row.length_m,
        "highway": row.highway,
        "course": row.course.says(locale),
        "begins": row.begins.says(locale),
        "ends": row.ends.says(locale),
        "proposed_name": row.proposed_name,
        "other_names": list(row.other_names),
        "meaning": row.meaning,
        "width_m": row.width_m,
        "surface": row.surface,
        "reason": row.reason,
        "origin": row.origin,
        "synthetic": row.position_quality == PositionQuality.SYNTHETIC.value,
        "version": row.version,
    }


def signs_collection(signs: Sequence[PlannedSign], locale: str) -> Mapping[str, object]:
    """The planned signs as a FeatureCollection, words in zh or en."""
    return {"type": "FeatureCollection", "features": [_sign_feature(sign, locale) for sign in signs]}


def _sign_feature(sign: PlannedSign, locale: str) -> Mapping[str, object]:
    place = [round(sign.spot.lon, DIGITS_DEG), round(sign.spot.lat, DIGITS_DEG)]
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": place},
        "properties": {
            "lane": str(sign.lane.id),
            "name": sign.name,
            "romanized": sign.romanized,
            "at": sign.spot.at.value,
            "bearing_deg": round(sign.spot.bearing_deg, 1),
            "axis": sign.spot.axis.value,
            "axis_text": sign.spot.axis.label(locale),
            "status": sign.lane.status.value,
            "division": sign.lane.division_code,
            "division_name": sign.lane.division_name,
            "synthetic": sign.synthetic,
        },
    }
