"""The tile grid of web maps (WebMercatorQuad, OGC 17-083r4): which tile lies where. Values in, values out.

At zoom z the Web Mercator square is cut into 2^z by 2^z tiles; x counts from the west, y from the north.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from geo_registry.errors import TileOutOfRange
from geo_registry.geo.bbox import BBox

EARTH_RADIUS_M = 6_378_137.0
WORLD_M = 2 * math.pi * EARTH_RADIUS_M
"""The side of the Web Mercator square (EPSG:3857), metres at the equator."""

MAX_LAT = math.degrees(math.atan(math.sinh(math.pi)))
"""Where the square ends in the north and south, degrees."""

MAX_ZOOM = 22
"""A unit of such a tile is two millimetres: nobody needs more, and x and y stay far from the end of an integer."""

EXTENT = 4_096
"""Units along a tile's side (Mapbox Vector Tile 2.1, 4.1)."""

TILE_PX = 512
"""Pixels along a tile's side on a screen of ordinary density, as MapLibre draws it."""


MIN_SHARE = 1e-9
"""Of the square's side, some centimetres: what a box without any extent is taken for."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile's address."""

    z: int
    x: int
    y: int

    @classmethod
    def at(cls, z: int, x: int, y: int) -> Self:
        """The tile z/x/y.

        Raises
        ------
        TileOutOfRange
            The grid has no such tile.
        """
        if not 0 <= z <= MAX_ZOOM:
            raise TileOutOfRange(z=z, x=x, y=y, most=f"z ≤ {MAX_ZOOM}")
        if not (0 <= x < 2**z and 0 <= y < 2**z):
            raise TileOutOfRange(z=z, x=x, y=y, most=f"x, y ≤ {2**z - 1}")
        return cls(z, x, y)

    @classmethod
    def around(cls, lon: float, lat: float, z: int) -> Self:
        """The tile that a position in degrees lies in; on an edge, the one to the east or south."""
        side = 2**z
        across, down = _across(lon) * side, _down(lat) * side
        return cls(z, min(max(int(across), 0), side - 1), min(max(int(down), 0), side - 1))

    @classmethod
    def shown_around(cls, box: BBox, *, width_px: float, height_px: float, most: int) -> Sequence[Self]:
        """The tiles that a map shows which opens on a box in degrees so that it just fits, as MapLibre's `fitBounds` does.

        Parameters
        ----------
        width_px, height_px
            The map's own size in pixels, without what is kept free at its edges.
        most
            The last zoom that there are tiles of; the map enlarges them from there on.
        """
        west, north, east, south = _across(box.west), _down(box.north), _across(box.east), _down(box.south)
        fits = min(
            width_px / TILE_PX / max(east - west, MIN_SHARE), height_px / TILE_PX / max(south - north, MIN_SHARE)
        )
        zoom = max(math.log2(fits), 0)
        z = min(math.floor(zoom), most)
        middle_x, middle_y = (west + east) / 2, (north + south) / 2
        half_x, half_y = (side / TILE_PX / 2**zoom / 2 for side in (width_px, height_px))
        columns = _tiles_between(middle_x - half_x, middle_x + half_x, z)
        rows = _tiles_between(middle_y - half_y, middle_y + half_y, z)
        return [cls(z, x, y) for y in rows for x in columns]

    @property
    def side_m(self) -> float:
        """Metres (EPSG:3857) along its side."""
        return float(WORLD_M / 2**self.z)

    @property
    def pixel_m(self) -> float:
        """Metres (EPSG:3857) of one pixel when it is drawn at its own zoom."""
        return self.side_m / TILE_PX

    def bounds(self, *, buffer: int = 0) -> BBox:
        """Its box in degrees, grown on each side by `buffer` units of the tile; not beyond the world's edges."""
        side, margin = 2**self.z, buffer / EXTENT
        west, east = max(self.x - margin, 0), min(self.x + 1 + margin, side)
        north, south = max(self.y - margin, 0), min(self.y + 1 + margin, side)
        return BBox(_lon(west / side), _lat(south / side), _lon(east / side), _lat(north / side))


def _tiles_between(start: float, end: float, z: int) -> range:
    """Columns or rows between two shares of the square's side; none beyond its edges."""
    side = 2**z
    return range(max(math.floor(start * side), 0), min(math.floor(end * side), side - 1) + 1)


def _across(lon: float) -> float:
    """How far from the square's west edge, as a share of its side."""
    return (lon + 180) / 360


def _down(lat: float) -> float:
    """How far from its north edge, likewise."""
    return (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2


def _lon(across: float) -> float:
    return across * 360 - 180


def _lat(down: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * down))))
