"""Coordinate reference systems: what `--crs` may say, and how coordinates get into the storage CRS (EPSG:4490)."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
import pyproj
from pyproj.exceptions import CRSError

from geo_registry.errors import CrsUnknown
from geo_registry.geo.shifted import Degrees, bd09_to_wgs84, gcj02_to_wgs84

STORAGE_EPSG = 4490
"""CGCS2000, longitude and latitude in degrees (ADR 0005)."""
SAME_AS_STORAGE = frozenset({4326, 4490})
"""WGS 84 differs from CGCS2000 by centimetres: no transform is paid for (ADR 0005)."""

MAX_LON = 180.0
MAX_LAT = 85.06
"""The Web Mercator square ends here: what lies beyond could be stored and never drawn."""

LARGEST_DEGREES = 360.0
"""Coordinates within it are degrees, whatever is said of them: a metre CRS has no such small places."""

AREA_MARGIN_DEG = 3.0
"""How far outside the area that a CRS is made for a point may lie before the CRS is the wrong one."""


class Shift(StrEnum):
    """The shifted coordinates of Chinese web maps."""

    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True)
class Crs:
    """A coordinate reference system, or one of the shifted coordinates of Chinese web maps."""

    name: str
    """As reports say it: ``EPSG:4326``, ``gcj02``, or the name that a file gives a system without a number."""
    wkt: str
    """The system as WKT 2; empty where it is a `shift`."""
    shift: Shift | None = None
    assumed: bool = False
    """Whether nobody said so: neither the file nor the person who imports it."""

    @property
    def is_storage(self) -> bool:
        """Whether coordinates are stored as they are."""
        return self.shift is None and self.name in {f"EPSG:{code}" for code in SAME_AS_STORAGE}

    @property
    def in_degrees(self) -> bool:
        """Whether coordinates are longitude and latitude, not metres of a projection."""
        return self.shift is not None or _system(self.wkt).is_geographic

    @property
    def datum(self) -> str:
        """The name of what its coordinates stand on (``China 2000``, ``Xian 1980``), or of the shift."""
        if self.shift is not None:
            return self.shift.value
        # Of an ensemble of realisations, as WGS 84 is, the bare name.
        datum = _system(self.wkt).datum
        return datum.name.removesuffix(" ensemble") if datum is not None else ""

    def to_storage(self, x: Degrees, y: Degrees) -> tuple[Degrees, Degrees]:
        """Coordinates of this system (east first) as longitude and latitude in EPSG:4490, in degrees.

        Points that the projection can't have come out as infinity; `implausible` finds them.
        """
        if self.is_storage:
            return x, y
        if self.shift is Shift.GCJ02:
            return gcj02_to_wgs84(x, y)
        if self.shift is Shift.BD09:
            return bd09_to_wgs84(x, y)
        lon, lat = _transformer(self.wkt).transform(x, y)
        return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)

    def misses_its_area(self, lon: Degrees, lat: Degrees) -> bool:
        """Whether every point (degrees, storage CRS) lies far outside the area that this system is made for.

        Then the coordinates are of another system than is claimed.
        """
        area = None if self.shift is not None else _system(self.wkt).area_of_use
        if area is None or not len(lon):
            return False
        fits_lon = (lon >= area.west - AREA_MARGIN_DEG) & (lon <= area.east + AREA_MARGIN_DEG)
        if area.west > area.east:
            fits_lon = (lon >= area.west - AREA_MARGIN_DEG) | (lon <= area.east + AREA_MARGIN_DEG)
        fits_lat = (lat >= area.south - AREA_MARGIN_DEG) & (lat <= area.north + AREA_MARGIN_DEG)
        return not bool((fits_lon & fits_lat).any())


def epsg(code: int) -> Crs:
    """The system of an EPSG number.

    Raises
    ------
    CrsUnknown
        There is no such number, or it isn't a system for places on the ground.
    """
    return _epsg(code)


def parse(text: str) -> Crs | None:
    """Read what `--crs` says: ``auto`` (None: as the file says), ``epsg:N``, ``gcj02`` or ``bd09``; case doesn't count.

    Raises
    ------
    CrsUnknown
        It says something else.
    """
    said = text.strip().lower()
    if said == "auto":
        return None
    if said in set(Shift):
        return Crs(name=said, wkt="", shift=Shift(said))
    number = re.fullmatch(r"epsg:+(\d{1,6})", said)
    if number is None:
        raise CrsUnknown(text=text)
    return epsg(int(number.group(1)))


def from_file(definition: str) -> Crs:
    """The system that a file declares, as authority and number or as WKT.

    Raises
    ------
    CrsUnknown
        It can't be read.
    """
    try:
        system = pyproj.CRS.from_user_input(definition)
    except CRSError:
        raise CrsUnknown(text=definition[:200]) from None
    if system.is_compound:
        # Heights are dropped: only the part on the ground counts.
        system = system.sub_crs_list[0]
    system = system.to_2d()
    if system.to_authority() == ("OGC", "CRS84"):
        return epsg(4326)
    code = system.to_epsg()
    if code is not None:
        return epsg(code)
    return Crs(name=system.name, wkt=system.to_wkt())


def implausible(lon: Degrees, lat: Degrees) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which points, in degrees, can't be places that the registry keeps: not finite, or outside ±180 and ±85.06."""
    with np.errstate(invalid="ignore"):
        good = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= MAX_LON) & (np.abs(lat) <= MAX_LAT)
    bad: np.ndarray[tuple[int], np.dtype[np.bool_]] = ~good
    return bad


@lru_cache(maxsize=64)
def _epsg(code: int) -> Crs:
    try:
        system = pyproj.CRS.from_epsg(code)
    except CRSError:
        raise CrsUnknown(text=f"epsg:{code}") from None
    if not (system.is_geographic or system.is_projected):
        raise CrsUnknown(text=f"epsg:{code} ({system.type_name})")
    return Crs(name=f"EPSG:{code}", wkt=system.to_wkt())


@lru_cache(maxsize=64)
def _system(wkt: str) -> pyproj.CRS:
    return pyproj.CRS.from_wkt(wkt)


@lru_cache(maxsize=16)
def _transformer(wkt: str) -> pyproj.Transformer:
    # East first whatever the authority's axis order: files and people write x,y.
    return pyproj.Transformer.from_crs(_system(wkt), STORAGE_EPSG, always_xy=True)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to try with coordinates that don't fit the CRS that they were taken for."""

    zh: str
    en: str


GAUSS_KRUGER_3_DEGREES = (25, 45, 4513)
"""First and last zone number of the 3-degree strips of CGCS2000 and the EPSG number of the first."""
GAUSS_KRUGER_6_DEGREES = (16, 23, 4494)
"""Zones 13 to 15, in the far west, are left to Web Mercator, whose eastings of the whole east look the same."""
ZONE_EASTING_M = 1_000_000
"""An easting with its zone number in front has it in the millions."""


def advice(x: float, y: float) -> Advice:
    """What coordinates that don't fit their CRS probably are: degrees, perhaps swapped, Gauss-Krüger metres, Web Mercator.

    Parameters
    ----------
    x, y
        The coordinates as the file has them, what it calls east (or longitude) first.
    """
    if abs(x) <= MAX_LAT < abs(y) <= MAX_LON:
        return Advice(
            "经度和纬度可能写反了：请对调 lon 与 lat。",
            "Longitude and latitude may be swapped: exchange lon and lat.",
        )
    if abs(x) <= MAX_LON and abs(y) <= MAX_LAT:
        return Advice(
            "坐标像经纬度：请试 --crs epsg:4326（或 gcj02、bd09）。",
            "They look like degrees: try --crs epsg:4326 (or gcj02, bd09).",
        )
    zone = int(x // ZONE_EASTING_M)
    for first, last, number in (GAUSS_KRUGER_3_DEGREES, GAUSS_KRUGER_6_DEGREES):
        if first <= zone <= last and ZONE_EASTING_M < y < 7 * ZONE_EASTING_M:
            return _try(f"epsg:{number + zone - first}")
    if ZONE_EASTING_M // 10 <= x < ZONE_EASTING_M < y < 7 * ZONE_EASTING_M:
        return Advice(
            "坐标像高斯投影的米：请按中央经线用 --crs 指明，例如 120° 用 --crs epsg:4549，117° 用 epsg:4548。",
            "They look like Gauss-Krüger metres: name the system of the central meridian with --crs, as --crs epsg:4549 for 120° or epsg:4548 for 117°.",
        )
    if max(abs(x), abs(y)) <= WEB_MERCATOR_EDGE_M:
        return _try("epsg:3857")
    return Advice("请检查坐标列。", "Look at the columns of coordinates.")


WEB_MERCATOR_EDGE_M = 20_037_508.35


def _try(crs: str) -> Advice:
    return Advice(f"请试 --crs {crs}。", f"Try --crs {crs}.")
