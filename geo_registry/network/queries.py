"""Roads and barriers out of the database, as the flat arrays that the graph is compiled from."""

from collections.abc import Collection, Mapping

import numpy as np
import shapely
from sqlalchemy import func, select

from geo_registry.db.session import ReadSession
from geo_registry.errors import DatasetUnknown
from geo_registry.jobs.progress import Progress
from geo_registry.model import Dataset, RoadBarrier, RoadSegment
from geo_registry.network.graph import Barriers, RoadLines
from geo_registry.vocabulary import DatasetKind

ROWS_AT_ONCE = 50_000
"""Rows fetched at a time: memory holds the arrays and one such batch."""


def road_words(session: ReadSession, fids: Collection[int]) -> Mapping[int, tuple[str | None, str]]:
    """Name and OSM class word of the roads called `fids`, by their `fid`."""
    question = select(RoadSegment.fid, RoadSegment.name, RoadSegment.highway).where(RoadSegment.fid.in_(fids))
    return {fid: (name or None, highway) for fid, name, highway in session.execute(question)}


def road_lines(session: ReadSession, roads: Dataset, progress: Progress) -> RoadLines:
    """Every road of a dataset in the order of `fid`; longitude and latitude in degrees, EPSG:4490."""
    total = session.scalar(select(func.count()).where(RoadSegment.dataset_id == roads.id)) or 0
    question = (
        select(
            RoadSegment.fid,
            RoadSegment.highway,
            RoadSegment.oneway,
            func.coalesce(RoadSegment.maxspeed_kmh, 0),
            RoadSegment.foot,
            RoadSegment.motor,
            func.ST_AsBinary(RoadSegment.geom),
        )
        .where(RoadSegment.dataset_id == roads.id)
        .order_by(RoadSegment.fid)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    columns: list[list[object]] = [[] for _ in range(6)]
    counts: list[np.ndarray] = []
    vertices: list[np.ndarray] = []
    for batch in session.execute(question).partitions():
        *plain, wkb = zip(*batch, strict=True)
        for column, values in zip(columns, plain, strict=True):
            column.extend(values)
        lines = shapely.from_wkb(np.array([bytes(line) for line in wkb], dtype=object))
        counts.append(shapely.get_num_coordinates(lines))
        vertices.append(shapely.get_coordinates(lines))
        progress("read roads", len(columns[0]), total)
    points = np.concatenate(vertices) if vertices else np.empty((0, 2))
    fid, highway, oneway, maxspeed, foot, motor = columns
    return RoadLines(
        road_fid=np.array(fid, dtype=np.int64),
        highway=np.array(highway, dtype=np.str_),
        oneway=np.array(oneway, dtype=np.int8),
        maxspeed_kmh=np.array(maxspeed, dtype=np.int16),
        foot=np.array(foot, dtype=np.bool_),
        motor=np.array(motor, dtype=np.bool_),
        vertex_ptr=np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate(counts, dtype=np.int64))])
        if counts
        else np.zeros(1, np.int64),
        lon=np.ascontiguousarray(points[:, 0]),
        lat=np.ascontiguousarray(points[:, 1]),
    )


def barriers(session: ReadSession, roads: Dataset) -> Barriers:
    """The barriers on a dataset's roads."""
    rows = session.execute(
        select(
            func.ST_X(RoadBarrier.geom),
            func.ST_Y(RoadBarrier.geom),
            RoadBarrier.foot_blocked,
            RoadBarrier.motor_blocked,
        )
        .where(RoadBarrier.dataset_id == roads.id)
        .order_by(RoadBarrier.fid)
    ).all()
    lon, lat, foot, motor = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Barriers(
        lon=np.array(lon, dtype=np.float64),
        lat=np.array(lat, dtype=np.float64),
        foot_blocked=np.array(foot, dtype=np.bool_),
        motor_blocked=np.array(motor, dtype=np.bool_),
    )


def roads(session: ReadSession, key: str | None) -> Dataset:
    """The road dataset called `key`; without a key the newest.

    Newest is by the date that the data is of, then by when it was first imported: importing it again changes nothing.

    Raises
    ------
    DatasetUnknown
        There is none; the error names those that there are.
    """
    there = session.scalars(
        select(Dataset)
        .where(Dataset.kind == DatasetKind.ROADS.value)
        .order_by(Dataset.as_of.desc().nulls_last(), Dataset.fid.desc())
    ).all()
    for candidate in there:
        if key is None or candidate.key == key:
            return candidate
    raise DatasetUnknown(
        kind=DatasetKind.ROADS.value,
        kind_zh=DatasetKind.ROADS.zh,
        key=key or "",
        known=", ".join(one.key for one in there) or "–",
    )
