"""Geometry columns: stored in EPSG:4490, with a derived EPSG:3857 twin that tiles read (ADR 0005)."""

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import Computed
from sqlalchemy.orm import MappedColumn, mapped_column

STORAGE_SRID = 4490
"""CGCS2000, longitude and latitude in degrees."""
TILE_SRID = 3857
"""Web Mercator, metres."""


def stored_geometry(geometry_type: str, *, nullable: bool = False) -> MappedColumn[WKBElement]:
    """A column of `geometry_type` in EPSG:4490; its GiST index is declared by the table."""
    column_type = Geometry(geometry_type, srid=STORAGE_SRID, spatial_index=False)
    return mapped_column(column_type, nullable=nullable)


def tile_geometry(geometry_type: str, source: str = "geom", *, deferred: bool = False) -> MappedColumn[WKBElement]:
    """The EPSG:3857 twin of a column, or of an SQL expression in EPSG:4490, kept by the database.

    `deferred` leaves it out when records are loaded whole: only tiles read it, and there may be many records.

    The SRID in `ST_Transform` is an integer on purpose: as text it was a thousand times slower.
    """
    column_type = Geometry(geometry_type, srid=TILE_SRID, spatial_index=False)
    computed = Computed(f"ST_Transform({source}, {TILE_SRID})", persisted=True)
    return mapped_column(column_type, computed, nullable=True, deferred=deferred)
