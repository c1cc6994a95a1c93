"""What a search is asked, validated: values in, values out."""

import math
from dataclasses import dataclass
from typing import Self

from geo_registry.errors import NearInvalid, SearchEmpty, SearchTooLong
from geo_registry.geo.bbox import MAX_LAT, MAX_LON
from geo_registry.text.folding import folded

MAX_CHARS = 100
"""The longest names of places have some thirty characters; whoever pastes a page means something else."""

MAX_HITS = 50


@dataclass(frozen=True, slots=True)
class Near:
    """Where hits should be close to: longitude and latitude in degrees."""

    lon: float
    lat: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``lon,lat``.

        Raises
        ------
        NearInvalid
            It isn't two finite numbers within ±180 and ±90 degrees.
        """
        try:
            lon, lat = map(float, text.split(","))
        except ValueError:
            raise NearInvalid(text=text) from None
        if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= MAX_LON and abs(lat) <= MAX_LAT):
            raise NearInvalid(text=text)
        return cls(lon=lon, lat=lat)


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched for, as it was typed and as it is compared."""

    text: str
    plain: str
    """`text` folded: letters and figures alone."""
    limit: int
    near: Near | None = None

    @classmethod
    def parse(cls, text: str, *, limit: int, near: Near | None = None) -> Self:
        """A question that can be asked; more hits than `MAX_HITS` count as so many.

        Raises
        ------
        SearchEmpty, SearchTooLong
            Nothing in it can be searched for; or it is longer than names are.
        """
        asked = text.strip()
        if len(asked) > MAX_CHARS:
            raise SearchTooLong(length=len(asked), limit=MAX_CHARS)
        plain = folded(asked)
        if not plain:
            raise SearchEmpty
        return cls(text=asked, plain=plain, limit=max(1, min(limit, MAX_HITS)), near=near)
