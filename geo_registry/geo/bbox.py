"""Bounding boxes in degrees, longitude first (CRS84)."""

import math
from dataclasses import dataclass, replace
from typing import Self

from geo_registry.errors import BBoxInvalid

MAX_LON = 180.0
MAX_LAT = 90.0


@dataclass(frozen=True, slots=True)
class BBox:
    """West, south, east and north in degrees, all inclusive; west > east crosses the 180° meridian (RFC 7946 §5.2)."""

    west: float
    south: float
    east: float
    north: float

    def widened(self, by_deg: float) -> Self:
        """The box with so many degrees more on each side."""
        return replace(
            self, west=self.west - by_deg, south=self.south - by_deg, east=self.east + by_deg, north=self.north + by_deg
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``minlon,minlat,maxlon,maxlat`` (OGC API Features, requirement 22); six numbers drop their heights.

        Raises
        ------
        BBoxInvalid
            It isn't four (or six) finite numbers within ±180 and ±90 degrees, south not above north.
        """
        try:
            numbers = [float(part) for part in text.split(",")]
        except ValueError:
            raise BBoxInvalid(text=text, reason="4 × number") from None
        if len(numbers) == 6:
            numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
        if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
            raise BBoxInvalid(text=text, reason="4 × number")
        west, south, east, north = numbers
        if max(abs(west), abs(east)) > MAX_LON:
            raise BBoxInvalid(text=text, reason=f"|lon| > {MAX_LON:g}")
        if max(abs(south), abs(north)) > MAX_LAT:
            raise BBoxInvalid(text=text, reason=f"|lat| > {MAX_LAT:g}")
        if south > north:
            raise BBoxInvalid(text=text, reason="minlat > maxlat")
        return cls(west=west, south=south, east=east, north=north)

    @property
    def crosses_antimeridian(self) -> bool:
        """Whether it goes eastwards over 180°."""
        return self.west > self.east

    def parts(self) -> tuple["BBox", ...]:
        """The box as one or two boxes with west ≤ east, cut at the 180° meridian."""
        if not self.crosses_antimeridian:
            return (self,)
        return (
            BBox(self.west, self.south, MAX_LON, self.north),
            BBox(-MAX_LON, self.south, self.east, self.north),
        )

    def contains(self, lon: float, lat: float) -> bool:
        """Whether a point in degrees lies in the box or on its edge."""
        return any(part.west <= lon <= part.east and part.south <= lat <= part.north for part in self.parts())
