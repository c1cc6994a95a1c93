"""Where the name signs of roads are planned: at each end, and at each junction with another road. Pure.

A sign stands beside the road and shows along which axis it runs there: blue east–west, green north–south (`names.md` §8).
Places that lie near one another share a sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_registry.network.arrays import Float64, Int64
from geo_registry.unnamed.plane import Lines, latitudes, metre_at, off_plane, on_plane
from geo_registry.vocabulary import PlateAxis, SignAt

MERGED_M = 10.0
"""What lies no farther apart is served by one sign."""
REACH_M = 2.0
"""How far from a lane a road still meets it: sources end a side road short of the middle of the other one."""
STUB_M = 10.0
"""What of another road is shorter, beyond that reach, is how the lane was drawn, and no road."""
FACED_M = 5.0
"""How far to both sides the direction of a lane is taken."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for a sign.

    Attributes
    ----------
    lane
        Which lane it stands at, by its position among those that were given.
    bearing_deg
        Along which bearing the lane runs there, clockwise from north, either way: 0 to 180.
    """

    lane: int
    at: SignAt
    lon: float
    lat: float
    bearing_deg: float

    @property
    def axis(self) -> PlateAxis:
        """The axis that the plate shows; as near to both, east–west."""
        return PlateAxis.EAST_WEST if 45.0 <= self.bearing_deg <= 135.0 else PlateAxis.NORTH_SOUTH


def planned(lanes: Lines, road: Int64, others: Lines) -> Sequence[Spot]:
    """The signs of some roads, road by road: their ends first, then their junctions along them.

    Parameters
    ----------
    lanes
        Degrees of EPSG:4490, shape (n,).
    road
        Which road each lane is of, from 0 on: lanes of one name in one township are one.
    others
        The roads of the network around them, the lanes' own among them; degrees.
    """
    if not lanes.size:
        return []
    scale = float(metre_at(latitudes(lanes).mean()))
    plain = _shrunk(lanes, scale)
    length_m = shapely.length(plain)
    every = np.arange(lanes.size)
    lane, along, is_end = np.tile(every, 2), np.concatenate([0 * length_m, length_m]), np.ones(2 * lanes.size, np.bool_)
    met, where = _junctions(plain, road, _shrunk(others, scale))
    lane, along = np.concatenate([lane, met]), np.concatenate([along, where])
    is_end = np.concatenate([is_end, np.zeros(met.size, np.bool_)])
    order = np.lexsort((along, lane, ~is_end, road[lane]))
    lane, along, is_end = lane[order], along[order], is_end[order]
    places = _at(plain[lane], along)
    kept = _apart(places, road[lane])
    lane, along, is_end, places = lane[kept], along[kept], is_end[kept], places[kept]
    reach = _at(plain[lane], np.minimum(along + FACED_M, length_m[lane])) - _at(
        plain[lane], np.maximum(along - FACED_M, 0.0)
    )
    bearing = np.degrees(np.arctan2(reach[:, 0], reach[:, 1])) % 180
    degrees = off_plane(places * scale).tolist()
    return [
        Spot(of, SignAt.END if end else SignAt.JUNCTION, lon, lat, bears)
        for of, end, (lon, lat), bears in zip(lane.tolist(), is_end.tolist(), degrees, bearing.tolist(), strict=True)
    ]


def _shrunk(lines: Lines, scale: float) -> Lines:
    shrunk: Lines = shapely.transform(on_plane(lines), lambda points: points / scale)
    return shrunk


def _at(lines: Lines, along_m: Float64) -> Float64:
    found: Float64 = shapely.get_coordinates(shapely.line_interpolate_point(lines, along_m))
    return found


def _junctions(lanes: Lines, road: Int64, others: Lines) -> tuple[Int64, Float64]:
    """Where other roads meet the lanes: which lane, and how far along it. What runs within a lane's reach is the lane."""
    nothing = np.empty(0, np.int64), np.empty(0)
    if not others.size:
        return nothing
    order = np.argsort(road, kind="stable")
    known, of_road = np.unique(road[order], return_inverse=True)
    whole: Lines = shapely.multilinestrings(lanes[order], indices=of_road)
    near = shapely.buffer(whole, REACH_M, cap_style="flat")
    pair, other = shapely.STRtree(others).query(whole, predicate="dwithin", distance=REACH_M)
    beyond, at = shapely.get_parts(shapely.difference(others[other], near[pair]), return_index=True)
    long = shapely.length(beyond) >= STUB_M
    beyond, of = beyond[long], known[pair[at[long]]]
    if not beyond.size:
        return nothing
    ends = shapely.get_point(beyond[:, None], np.array([[0, -1]])).ravel()
    of = of.repeat(2)
    place, lane = shapely.STRtree(lanes).query(ends, predicate="dwithin", distance=REACH_M * 1.01)
    own = road[lane] == of[place]
    place, lane = place[own], lane[own]
    away = shapely.distance(ends[place], lanes[lane])
    nearest = np.lexsort((lane, away, place))
    _, first = np.unique(place[nearest], return_index=True)
    place, lane = place[nearest][first], lane[nearest][first]
    return lane.astype(np.int64), shapely.line_locate_point(lanes[lane], ends[place])


def _apart(places: Float64, road: Int64) -> Int64:
    """Which places have a sign of their own: those that lie near none before them of the same road."""
    kept: list[int] = []
    last, own = -1, np.empty((0, 2))
    for at, (place, of) in enumerate(zip(places, road.tolist(), strict=True)):
        if of != last:
            last, own = of, np.empty((0, 2))
        if not own.size or np.hypot(*(own - place).T).min() > MERGED_M:
            own = np.vstack([own, place])
            kept.append(at)
    return np.array(kept, np.int64)
