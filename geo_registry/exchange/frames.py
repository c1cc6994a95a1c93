"""The registry as GeoDataFrames, for who analyses it in Python: notebooks, scripts, a GIS.

Every frame has its geometry in longitude and latitude, EPSG:4490, and one row a record with the columns that the lists
of the API have. `notebooks/` shows them at work.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

import numpy as np
import shapely
from geoalchemy2.shape import to_shape
from shapely.geometry import shape

from geo_registry.coverage import queries
from geo_registry.coverage.exports import result_of, zone_summary
from geo_registry.db.paging import MAX_LIMIT, Listing, Page
from geo_registry.db.session import ReadSession
from geo_registry.divisions.queries import DivisionQuery
from geo_registry.divisions.service import list_divisions
from geo_registry.facilities.kinds import DETAIL_FIELDS, FieldType
from geo_registry.facilities.queries import FacilityQuery
from geo_registry.facilities.service import list_facilities
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.vocabulary import DivisionLevel

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

Row = TypeVar("Row")

EVERY_DIVISION = DivisionQuery()
EVERY_FACILITY = FacilityQuery()

DATES = ("opened_on", "closed_on", "confirmed_on")
TYPES = {FieldType.COUNT: "Int64", FieldType.QUANTITY: "float64", FieldType.FLAG: "boolean"}
"""What a field of a kind is in a frame, where most rows lack it; texts and lists need no type of their own."""


def divisions(session: ReadSession, query: DivisionQuery = EVERY_DIVISION) -> "GeoDataFrame":
    """The divisions that `query` asks for, by default all of the newest vintages.

    Returns
    -------
    GeoDataFrame
        ``fid, id, code, name, level, vintage, parent_code, parent_name, dataset, position_quality`` and the area, or the
        approximate point where no area is known, to a decimetre (EPSG:4490); by `fid`.

    Raises
    ------
    DivisionCodeInvalid
        `within` or `parent` isn't a code.
    """
    rows = list(_every(lambda page: list_divisions(session, query, page)))
    shapes = [None if row.geometry is None else shape(row.geometry) for row in rows]
    return _frame([asdict(row) for row in rows], DIVISION_COLUMNS, shapes)


def facilities(session: ReadSession, query: FacilityQuery = EVERY_FACILITY) -> "GeoDataFrame":
    """The facilities that `query` asks for, by default all, whatever their status.

    Returns
    -------
    GeoDataFrame
        ``fid, id, kind, name, division_code, division_name, address, status, opened_on, closed_on, capacity,
        position_quality, confirmed_on, dataset``, a column for each field of a kind that any of them fills
        (``beds``, ``meal_modes``, …; empty where a facility hasn't it), and the point (EPSG:4490); by `fid`. Days are
        ``datetime64``, counts ``Int64``, flags ``boolean``.

    Raises
    ------
    BadQuery
        The condition `where` can't be parsed, names an unknown field, or can't be computed.
    DivisionCodeInvalid
        `division` isn't a code.
    """
    rows = list(_every(lambda page: list_facilities(session, query, page)))
    filled = {key for row in rows for key in row.detail}
    details = [key for key in DETAIL_FIELDS if key in filled]
    records = [asdict(row) | {key: row.detail.get(key) for key in details} for row in rows]
    frame = _frame(records, (*FACILITY_COLUMNS, *details), _points(rows))
    types = {key: TYPES[holds] for key in details if (holds := DETAIL_FIELDS[key].holds) in TYPES}
    return frame.astype({"capacity": "Int64", **dict.fromkeys(DATES, "datetime64[s]"), **types})


def run_zones(session: ReadSession, run: UUID, *, level: DivisionLevel | None = None) -> "GeoDataFrame":
    """A finished run's answer by division, of all levels or one.

    Returns
    -------
    GeoDataFrame
        ``code, name, level`` and, in people, ``demand, covered, share, gap, unreachable, unsnapped`` (`share` from 0 to
        1, empty where nobody lives), with the area of each as it is now (EPSG:4490); from the top level down, by code.

    Raises
    ------
    RunUnknown, RunNotDone
        There is no such run, or it has no result.
    """
    zones = [zone for zone in result_of(session, run).zones if level in {None, zone.level}]
    areas = queries.zone_areas(session, zones)
    shapes = [None if (area := areas.get(zone.division_id)) is None else to_shape(area) for zone in zones]
    return _frame([zone_summary(zone) for zone in zones], ZONE_COLUMNS, shapes).astype({"share": "float64"})


def run_points(session: ReadSession, run: UUID) -> "GeoDataFrame":
    """A finished run's answer by demand point.

    Returns
    -------
    GeoDataFrame
        ``fid, source_id, division_code, demand`` (people of the standard's group), ``state``, ``minutes`` to the nearest
        facility, ``cost`` (decimetres on foot, hundredths of a second by car) and its ``facility_fid``, the last three
        empty where no way leads there; the point as it was then (EPSG:4490); by `fid`.

    Raises
    ------
    RunUnknown, RunNotDone
        There is no such run, or it has no result.
    """
    rows = [
        {
            "fid": point.point_fid,
            "source_id": point.source_id,
            "division_code": point.division_code,
            "demand": point.demand,
            "state": point.state,
            "minutes": point.minutes,
            "cost": point.cost,
            "facility_fid": point.facility_fid,
            "geometry": (point.lon, point.lat),
        }
        for point in result_of(session, run).points()
    ]
    positions = np.array([row.pop("geometry") for row in rows], dtype=np.float64).reshape(-1, 2)
    frame = _frame(rows, POINT_COLUMNS, shapely.points(positions))
    return frame.astype({"minutes": "float64", "cost": "Int64", "facility_fid": "Int64"})


def run_facilities(session: ReadSession, run: UUID) -> "GeoDataFrame":
    """The facilities that a finished run counted.

    Returns
    -------
    GeoDataFrame
        ``fid, id, name, kind, snapped`` (whether a road lies within the snapping limit) and, in people, ``nearest_for``
        (nobody twice) and ``within_reach`` (at every facility within reach), with the point as it was then (EPSG:4490);
        by `fid`.

    Raises
    ------
    RunUnknown, RunNotDone
        There is no such run, or it has no result.
    """
    found = result_of(session, run).facilities
    rows = [
        {
            "fid": one.facility_fid,
            "id": one.facility_id,
            "name": one.name,
            "kind": one.kind,
            "snapped": one.snapped,
            "nearest_for": one.nearest_for,
            "within_reach": one.within_reach,
        }
        for one in found
    ]
    return _frame(rows, RUN_FACILITY_COLUMNS, _points(found))


DIVISION_COLUMNS = (
    "fid",
    "id",
    "code",
    "name",
    "level",
    "vintage",
    "parent_code",
    "parent_name",
    "dataset",
    "position_quality",
)
FACILITY_COLUMNS = (
    "fid",
    "id",
    "kind",
    "name",
    "division_code",
    "division_name",
    "address",
    "status",
    "opened_on",
    "closed_on",
    "capacity",
    "position_quality",
    "confirmed_on",
    "dataset",
)
ZONE_COLUMNS = ("code", "name", "level", "demand", "covered", "share", "gap", "unreachable", "unsnapped")
POINT_COLUMNS = ("fid", "source_id", "division_code", "demand", "state", "minutes", "cost", "facility_fid")
RUN_FACILITY_COLUMNS = ("fid", "id", "name", "kind", "snapped", "nearest_for", "within_reach")


class _Positioned(Protocol):
    @property
    def lon(self) -> float: ...
    @property
    def lat(self) -> float: ...


def _every(page_of: Callable[[Page], Listing[Row]]) -> Iterator[Row]:
    """The rows of all pages."""
    page = Page(limit=MAX_LIMIT)
    while True:
        found = page_of(page)
        yield from found.rows
        if found.next_after is None:
            return
        page = Page(after=found.next_after, limit=MAX_LIMIT)


def _points(rows: Iterable[_Positioned]) -> Any:
    return shapely.points(np.array([(row.lon, row.lat) for row in rows], dtype=np.float64).reshape(-1, 2))


def _frame(rows: Sequence[Mapping[str, object]], columns: Sequence[str], shapes: Any) -> "GeoDataFrame":
    # Not at the top: it takes half a second, and of the product only this needs it.
    from geopandas import GeoDataFrame  # noqa: PLC0415

    values = {column: [row[column] for row in rows] for column in columns}
    return GeoDataFrame(values, geometry=shapes, crs=f"EPSG:{STORAGE_SRID}")
