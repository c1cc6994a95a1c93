"""What a lane begins and ends at, in words: 起于…，止于…."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_registry.network.arrays import Int64
from geo_registry.unnamed.plane import Lines, metre_at, on_plane
from geo_registry.vocabulary import LaneEnd

AT_ROAD_M = 25.0
"""A lane that ends this near to a street's extent ends at that street: extents are drawn along the middle of the road."""
NEAR_FEATURE_M = 200.0
"""What people still say that a lane ends near."""


CUT, NOT_KNOWN = -1, -2
"""Instead of how many roads meet at an end: a border cut it, or nobody knows."""


@dataclass(frozen=True, slots=True)
class End:
    """What one end lies at; `name` where that has one."""

    at: LaneEnd
    name: str = ""

    def says(self, locale: str) -> str:
        """The end in words, in zh or en."""
        english = locale.startswith("en")
        if self.at is LaneEnd.ROAD:
            return self.name
        if self.at is LaneEnd.FEATURE:
            return f"near {self.name}" if english else f"{self.name}附近"
        return self.at.label(locale)


def between(begins: End, ends: End, locale: str) -> str:
    """From where to where, in words."""
    if locale.startswith("en"):
        return f"from {begins.says(locale)} to {ends.says(locale)}"
    return f"起于{begins.says(locale)}，止于{ends.says(locale)}"


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """Things that have names: their geometries in degrees of EPSG:4490, and their names."""

    geometries: Lines
    names: Sequence[str]


def ends_of(points: Lines, *, met: Sequence[str], goes_on: Int64, streets: Named, features: Named) -> Sequence[End]:
    """What each end lies at.

    Parameters
    ----------
    points
        The ends, degrees of EPSG:4490, shape (n,).
    met
        The name of a road of the network that each end meets; empty without one.
    goes_on
        How many ends of roads meet there; `CUT` where a border cut it, `NOT_KNOWN` of what somebody drew.
    """
    lat = shapely.get_y(points)
    places = on_plane(points)
    street = _nearest(places, streets, AT_ROAD_M * metre_at(lat))
    feature = _nearest(places, features, NEAR_FEATURE_M * metre_at(lat))
    return [_end(met[i] or street[i], feature[i], int(goes_on[i])) for i in range(points.size)]


def _end(road: str, feature: str, meeting: int) -> End:
    if road:
        return End(LaneEnd.ROAD, road)
    if meeting == CUT:
        return End(LaneEnd.BORDER)
    if feature:
        return End(LaneEnd.FEATURE, feature)
    if meeting == NOT_KNOWN:
        return End(LaneEnd.UNKNOWN)
    return End(LaneEnd.UNNAMED if meeting > 1 else LaneEnd.NOWHERE)


def _nearest(places: Lines, named: Named, reach: np.ndarray) -> list[str]:
    """The name of the nearest thing within reach of each place; empty where there is none."""
    found = [""] * places.size
    if not named.geometries.size or not places.size:
        return found
    shapes = on_plane(named.geometries)
    place, shape = shapely.STRtree(shapes).query(places, predicate="dwithin", distance=reach)
    away = shapely.distance(places[place], shapes[shape])
    # The nearest first; of two as near the one that is called so first.
    for at in np.lexsort((np.array(named.names, dtype=str)[shape], np.round(away, 2), place))[::-1]:
        found[int(place[at])] = named.names[int(shape[at])]
    return found
