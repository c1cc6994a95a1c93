"""The SELECTs of a run's picture: borders, roads, demand points, and everybody by minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy import Integer, Numeric, case, cast, func, select, text

from geo_registry.coverage import queries
from geo_registry.coverage.mapfile import MINUTE_CLASSES, TRUE_DECIMALS
from geo_registry.coverage.picture import CLASSES, STATE_CLASSES, Floats, Points, Road, class_of
from geo_registry.db.session import ReadSession
from geo_registry.divisions.queries import in_box
from geo_registry.geo.bbox import BBox
from geo_registry.model import CoveragePoint, CoverageZone, Dataset, Division, RoadSegment
from geo_registry.model.roads import MAIN_ROADS
from geo_registry.vocabulary import DatasetKind, DivisionLevel, PointState, TravelMode

POINTS_DRAWN = 200_000
"""Demand points that a picture draws one by one; more wouldn't be told apart on a sheet."""

ROADS_DRAWN = 100_000
"""Roads are a backdrop: where there are more in the area, none is drawn."""

DOTS_ACROSS = 4_000
"""Lines are simplified to this part of the area's width: less than a dot of the picture."""

BORDERS_DRAWN = (DivisionLevel.COUNTY, DivisionLevel.TOWNSHIP)


@dataclass(frozen=True, slots=True)
class Border:
    """A zone's border: rings of shape (k, 2), in degrees, and a place inside; both empty where no area is known."""

    rings: tuple[Floats, ...]
    at: tuple[float, float] | None


def people_by_class(session: ReadSession, run: UUID) -> tuple[float, ...]:
    """Everybody of a run, by `picture.CLASSES`."""
    minutes = func.round(cast(CoveragePoint.minutes, Numeric), TRUE_DECIMALS)
    beyond = sum(
        (cast(minutes > end, Integer) for end in MINUTE_CLASSES[1:]), cast(minutes > MINUTE_CLASSES[0], Integer)
    )
    others = case(STATE_CLASSES, value=CoveragePoint.state, else_=None)
    class_at = case((CoveragePoint.state == PointState.COVERED.value, beyond), else_=others).label("class_at")
    question = select(class_at, func.sum(CoveragePoint.demand)).where(CoveragePoint.run_id == run).group_by(class_at)
    found = {at: float(people) for at, people in session.execute(question)}
    return tuple(found.get(at, 0.0) for at in range(len(CLASSES)))


def points(session: ReadSession, run: UUID, count: int) -> Points:
    """A run's demand points as they are drawn: one by one, or, where they are more than `POINTS_DRAWN`, together."""
    if count > POINTS_DRAWN:
        cells = queries.point_cells(session, run, POINTS_DRAWN)
        return _points([(one.lon, one.lat, one.demand, class_of(one.state, one.minutes)) for one in cells])
    columns = (CoveragePoint.lon, CoveragePoint.lat, CoveragePoint.demand, CoveragePoint.state, CoveragePoint.minutes)
    question = select(*columns).where(CoveragePoint.run_id == run).order_by(CoveragePoint.point_fid)
    rows = session.execute(question.execution_options(yield_per=queries.POINTS_AT_ONCE))
    return _points([(lon, lat, demand, class_of(state, minutes)) for lon, lat, demand, state, minutes in rows])


def _points(rows: Sequence[tuple[float, float, float, int]]) -> Points:
    lon, lat, people, class_at = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    return Points(lon=lon, lat=lat, people=people, class_at=class_at.astype(np.int64))


def borders(session: ReadSession, zones: Sequence[CoverageZone]) -> dict[str, Border]:
    """The borders of a run's counties and townships, by code; simplified to what a sheet of paper can show."""
    drawn = [zone.division_id for zone in zones if DivisionLevel.of(zone.level) in BORDERS_DRAWN]
    if not drawn:
        return {}
    areas = select(func.ST_XMax(func.ST_Extent(Division.geom)) - func.ST_XMin(func.ST_Extent(Division.geom)))
    wide_deg = session.scalar(areas.where(Division.id.in_(drawn))) or 0.0
    label = func.coalesce(func.ST_PointOnSurface(Division.geom), Division.point)
    outline = func.ST_SimplifyPreserveTopology(Division.geom, wide_deg / DOTS_ACROSS)
    question = select(
        Division.code, func.ST_AsBinary(outline).label("area"), func.ST_X(label).label("x"), func.ST_Y(label).label("y")
    ).where(Division.id.in_(drawn))
    return {
        row.code: Border(rings=_rings(row.area), at=None if row.x is None else (row.x, row.y))
        for row in session.execute(question)
    }


def _rings(area: memoryview | bytes | None) -> tuple[Floats, ...]:
    if area is None:
        return ()
    parts = shapely.get_parts(shapely.from_wkb(bytes(area)))
    rings = shapely.get_rings(parts)
    return tuple(shapely.get_coordinates(ring) for ring in rings)


def main_roads(session: ReadSession, key: str, mode: TravelMode, box: BBox) -> Sequence[Road]:
    """The main roads of a dataset in a box (all that `mode` may use, where none is a main one); none if too many."""
    usable = RoadSegment.foot if mode is TravelMode.WALK else RoadSegment.motor
    tolerance_deg = (box.east - box.west) / DOTS_ACROSS
    line = func.ST_AsBinary(func.ST_Simplify(RoadSegment.geom, tolerance_deg, True))  # noqa: FBT003 - SQL's preserveCollapsed
    every = (
        select(RoadSegment.highway, line)
        .join(Dataset, Dataset.id == RoadSegment.dataset_id)
        .where(Dataset.kind == DatasetKind.ROADS.value, Dataset.key == key, in_box(RoadSegment.geom, box))
        .order_by(RoadSegment.fid)
        .limit(ROADS_DRAWN + 1)
    )
    rows = session.execute(every.where(text(MAIN_ROADS))).all() or session.execute(every.where(usable)).all()
    if len(rows) > ROADS_DRAWN:
        return ()
    return [
        Road(highway=highway.removesuffix("_link"), line=shapely.get_coordinates(shapely.from_wkb(bytes(drawn))))
        for highway, drawn in rows
    ]
