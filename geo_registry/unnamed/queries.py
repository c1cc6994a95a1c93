"""The SELECTs of the room: what the engine is fed with, and the lanes, wishes and searches that are kept."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import ColumnElement, Row, Select, String, case, func, literal_column, select, text

from geo_registry.db.revisions import revision_number, version_of
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions.queries import in_box, is_newest_of_its_level
from geo_registry.divisions.queries import within as lies_within
from geo_registry.divisions.rules import prefix_of
from geo_registry.errors import LaneUnknown
from geo_registry.geo.bbox import BBox
from geo_registry.model import Dataset, Division, NameWish, Place, RoadSegment, UnnamedLane, UnnamedSearch
from geo_registry.network.arrays import Int64
from geo_registry.unnamed.course import Course, course_of
from geo_registry.unnamed.ends import End, Named
from geo_registry.unnamed.plane import Lines
from geo_registry.unnamed.proposing import GIVING, Wish
from geo_registry.vocabulary import (
    DivisionLevel,
    LaneEnd,
    LaneStatus,
    NamedAfter,
    PlaceClass,
    PlaceState,
    PositionQuality,
)

ROWS_AT_ONCE = 50_000
WAYS = (PlaceClass.STREET, PlaceClass.ROAD, PlaceClass.BRIDGE, PlaceClass.TUNNEL)
"""What a road has its name by, where its extent is known."""
MARGIN_DEG = 0.003
"""How far around lanes features are looked for: what an end lies near to is within 200 m."""
MOST_DRAWN = 50_000
"""Roads under a map: as many as a county has."""

STATUS: ColumnElement[str] = case(
    (
        UnnamedLane.status == literal_column(f"'{LaneStatus.FILED.value}'"),
        func.lane_stands(UnnamedLane.case_name_id, type_=String),
    ),
    else_=UnnamedLane.status,
)
"""How far a lane has come: once it is filed, as far as its case's line, so that both can't get out of step."""

# Facilities are told by their names too: people say "by the meal point".
FEATURES = text("""
    SELECT name, class, geom FROM (
        SELECT standard_name AS name, class, ST_AsBinary(geom) AS geom, fid, 0 AS rank FROM place
        WHERE state <> 'abolished' AND class = ANY(:classes)
            AND geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
        UNION ALL
        SELECT name, 'institution', ST_AsBinary(geom), fid, 1 FROM facility
        WHERE status <> 'closed' AND geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
    ) AS near ORDER BY rank, fid
""")


@dataclass(frozen=True, slots=True)
class Zone:
    """A division with its boundary, by which lanes are told apart; degrees of EPSG:4490."""

    id: UUID
    code: str
    name: str
    level: DivisionLevel
    area: shapely.MultiPolygon


@dataclass(frozen=True, slots=True, eq=False)
class RoadWords:
    """What the roads of a dataset are called and of which class they are, by their `fid`, which counts up."""

    fid: Int64
    highway: npt.NDArray[np.str_]
    name: npt.NDArray[np.str_]


def words_of_roads(session: ReadSession, roads: Dataset) -> RoadWords:
    """Names and classes of a dataset's roads; a name is empty where there is none."""
    question = (
        select(RoadSegment.fid, RoadSegment.highway, func.btrim(RoadSegment.name))
        .where(RoadSegment.dataset_id == roads.id)
        .order_by(RoadSegment.fid)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    columns: list[list[Any]] = [[], [], []]
    for batch in session.execute(question).partitions():
        for column, values in zip(columns, zip(*batch, strict=True), strict=True):
            column.extend(values)
    return RoadWords(np.array(columns[0], np.int64), np.array(columns[1], np.str_), np.array(columns[2], np.str_))


def is_synthetic(session: ReadSession, roads: Dataset) -> bool:
    """Whether roads of a dataset are made up."""
    made_up = (RoadSegment.dataset_id == roads.id) & (RoadSegment.position_quality == PositionQuality.SYNTHETIC.value)
    return session.scalar(select(RoadSegment.fid).where(made_up).limit(1)) is not None


def zones_within(session: ReadSession, prefix: str, levels: Sequence[DivisionLevel]) -> Sequence[Zone]:
    """The divisions of some levels that lie in one, of the newest vintage of each level, with boundaries.

    In the order of the levels, then of their codes. Without one in it, the division itself stands for all.
    """
    question = (
        select(Division.id, Division.code, Division.name, Division.level, func.ST_AsBinary(Division.geom))
        .where(Division.geom.is_not(None), Division.level.in_([level.value for level in levels]))
        .where(is_newest_of_its_level())
        .order_by(Division.code)
    )
    if prefix:
        question = question.where(lies_within(Division.code, prefix))
    zones = [
        Zone(id_, code, name, DivisionLevel.of(level), shapely.from_wkb(bytes(area)))
        for id_, code, name, level, area in session.execute(question)
    ]
    return [zone for level in levels for zone in zones if zone.level is level]


def box_around(shapes: Lines) -> BBox:
    """The box of degrees that holds some shapes."""
    west, south, east, north = (float(each) for each in shapely.total_bounds(shapes))
    return BBox(west, south, east, north)


def streets_near(session: ReadSession, box: BBox | None) -> Named:
    """The registered names that roads bear, with their extents as lines or areas; in a box of degrees, or everywhere."""
    question = (
        select(Place.standard_name, func.ST_AsBinary(Place.geom))
        .where(Place.place_class.in_([each.value for each in WAYS]), Place.state != PlaceState.ABOLISHED.value)
        .where(func.ST_Dimension(Place.geom) >= 1)
        .order_by(Place.fid)
    )
    if box is not None:
        question = question.where(in_box(Place.geom, box))
    rows = session.execute(question).all()
    return Named(_shapes([geom for _, geom in rows]), [name for name, _ in rows])


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What a map of lanes shows under them; degrees of EPSG:4490."""

    roads: Lines = field(default_factory=lambda: np.empty(0, object))
    names: Sequence[tuple[str, shapely.Point]] = ()
    approval: str = ""
    """The map's approval number (审图号)."""


def roads_near(session: ReadSession, box: BBox) -> Lines:
    """The roads in a box of degrees, as a map draws them under its lanes; at most `MOST_DRAWN`."""
    question = (
        select(func.ST_AsBinary(RoadSegment.geom))
        .where(in_box(RoadSegment.geom, box))
        .order_by(RoadSegment.fid)
        .limit(MOST_DRAWN)
    )
    return _shapes(list(session.scalars(question)))


@dataclass(frozen=True, slots=True, eq=False)
class Features(Named):
    """Named things that are no roads, and what they are."""

    classes: Sequence[PlaceClass] = ()


def features_near(session: ReadSession, box: BBox) -> Features:
    """What people know a spot by, in a box of degrees and a little around it."""
    west, south, east, north = box.west, box.south, box.east, box.north
    rows = session.execute(
        FEATURES,
        {
            "classes": [each.value for each in GIVING],
            "west": west - MARGIN_DEG,
            "south": south - MARGIN_DEG,
            "east": east + MARGIN_DEG,
            "north": north + MARGIN_DEG,
        },
    ).all()
    return Features(
        _shapes([row.geom for row in rows]), [row.name for row in rows], [PlaceClass.of(row[1]) for row in rows]
    )


def _shapes(found: Sequence[bytes]) -> Lines:
    shapes: Lines = shapely.from_wkb(np.array([bytes(each) for each in found], dtype=object))
    return shapes


@dataclass(frozen=True, slots=True)
class LaneQuery:
    """Which lanes are asked for; what is None doesn't matter."""

    division: str | None = None
    """A code, or its first digits."""
    status: LaneStatus | None = None
    bbox: BBox | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One lane as it is kept."""

    fid: int
    id: UUID
    origin: str
    division_id: UUID | None
    division_code: str | None
    division_name: str | None
    line: shapely.LineString
    """Degrees of EPSG:4490, from its western or southern end."""
    length_m: float
    highway: str
    begins: End
    ends: End
    status: LaneStatus
    reason: str
    proposed_name: str | None
    other_names: Sequence[str]
    meaning: str
    named_after: NamedAfter | None
    width_m: float | None
    surface: str
    position_quality: str
    case_name_id: UUID | None
    """The line of a case that it was filed with."""
    revision: int

    @property
    def version(self) -> str:
        """A word that is another one whenever something that is shown of the lane differs."""
        return version_of(self.id, self.revision, self.status, self.division_code, self.division_name)

    @property
    def course(self) -> Course:
        """How it runs."""
        points = shapely.get_coordinates(self.line)
        return course_of(np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1]))


def rows_matching(session: ReadSession, query: LaneQuery, *, after: int, limit: int | None) -> Sequence[LaneRow]:
    """At most `limit` lanes with a `fid` greater than `after`, by `fid`."""
    question = _rows().where(UnnamedLane.fid > after).order_by(UnnamedLane.fid)
    if limit is not None:
        question = question.limit(limit)
    if query.division is not None:
        question = question.where(lies_within(Division.code, query.division))
    if query.status is not None:
        question = question.where(STATUS.in_([query.status.value]))
    if query.bbox is not None:
        question = question.where(in_box(UnnamedLane.geom, query.bbox))
    if query.name is not None:
        question = question.where(UnnamedLane.proposed_name == query.name)
    return [_row(found) for found in session.execute(question)]


def rows_called(session: ReadSession, lanes: Collection[UUID]) -> Sequence[LaneRow]:
    """The lanes of some ids, by `fid`; those that aren't there are missing."""
    return [
        _row(found) for found in session.execute(_rows().where(UnnamedLane.id.in_(lanes)).order_by(UnnamedLane.fid))
    ]


def row_with_id(session: ReadSession, lane: UUID) -> LaneRow:
    """One lane.

    Raises
    ------
    LaneUnknown
        There is none of that id.
    """
    found = session.execute(_rows().where(UnnamedLane.id == lane)).one_or_none()
    if found is None:
        raise LaneUnknown(lane=lane)
    return _row(found)


def lane_to_change(session: WriteSession, lane: UUID) -> UnnamedLane:
    """A lane's record, kept from everybody else who would change it until the unit of work ends.

    Raises
    ------
    LaneUnknown
        There is none of that id.
    """
    found = session.get(UnnamedLane, lane, populate_existing=True, with_for_update={"key_share": True})
    if found is None:
        raise LaneUnknown(lane=lane)
    return found


def lanes_to_change(session: WriteSession, lanes: Collection[UUID]) -> Mapping[UUID, UnnamedLane]:
    """The records of some lanes, as `lane_to_change` keeps one; in one order, so that nobody waits for each other."""
    question = (
        select(UnnamedLane)
        .where(UnnamedLane.id.in_(lanes))
        .order_by(UnnamedLane.fid)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {record.id: record for record in session.scalars(question)}


@dataclass(frozen=True, slots=True)
class WishRow:
    """A wish as it is kept."""

    fid: int
    id: UUID
    division_code: str
    division_name: str
    lane_id: UUID | None
    name: str
    meaning: str
    by_whom: str
    synthetic: bool


def wishes_matching(session: ReadSession, division: str | None, *, after: int, limit: int) -> Sequence[WishRow]:
    """Wishes that hold, of a division and below, by `fid`."""
    question = (
        select(
            NameWish.fid,
            NameWish.id,
            Division.code,
            Division.name,
            NameWish.lane_id,
            NameWish.name.label("wished"),
            NameWish.meaning,
            NameWish.by_whom,
            NameWish.synthetic,
        )
        .join(Division, Division.id == NameWish.division_id)
        .where(NameWish.withdrawn.is_(False), NameWish.fid > after)
        .order_by(NameWish.fid)
        .limit(limit)
    )
    if division is not None:
        question = question.where(lies_within(Division.code, division))
    return [WishRow(*found) for found in session.execute(question)]


def wishes_for(session: ReadSession, lane: LaneRow) -> Sequence[Wish]:
    """What people wish for a lane: those for it first, then those for any of its village."""
    if lane.division_code is None:
        return []
    question = (
        select(NameWish.name, NameWish.meaning, NameWish.lane_id)
        .join(Division, Division.id == NameWish.division_id)
        .where(NameWish.withdrawn.is_(False), Division.code == lane.division_code)
        .order_by(NameWish.fid)
    )
    rows = [row for row in session.execute(question) if row.lane_id in {None, lane.id}]
    return [Wish(row.name, row.meaning) for row in sorted(rows, key=lambda row: row.lane_id is None)]


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far a division has come: how many lanes of each status, and their length."""

    code: str
    name: str
    level: DivisionLevel
    lanes: Mapping[LaneStatus, int]
    km: Mapping[LaneStatus, float]
    signs: int | None = None
    """Signs that are planned for what is filed or named; None where that is too much to count at once."""


def progress_of(session: ReadSession, division: str | None) -> Sequence[Progressed]:
    """How far the divisions that lanes lie in have come, by code: villages, and townships as the sum of theirs."""
    question = (
        select(
            Division.code,
            STATUS.label("status"),
            func.count().label("lanes"),
            func.sum(UnnamedLane.length_m).label("length_m"),
        )
        .join(Division, Division.id == UnnamedLane.division_id)
        .group_by(Division.code, STATUS)
    )
    if division is not None:
        question = question.where(lies_within(Division.code, division))
    lanes: dict[str, dict[LaneStatus, int]] = {}
    metres: dict[str, dict[LaneStatus, float]] = {}
    for code, status, count, length_m in session.execute(question):
        for zone in {code, f"{code[:9]}000"}:
            of = LaneStatus.of(status)
            lanes.setdefault(zone, {}).setdefault(of, 0)
            metres.setdefault(zone, {}).setdefault(of, 0.0)
            lanes[zone][of] += count
            metres[zone][of] += length_m
    named = session.execute(
        select(Division.code, Division.name, Division.level)
        .where(Division.code.in_(list(lanes)), is_newest_of_its_level())
        .order_by(Division.code)
    )
    return [
        Progressed(code, name, DivisionLevel.of(level), lanes[code], {of: m / 1_000 for of, m in metres[code].items()})
        for code, name, level in named
    ]


@dataclass(frozen=True, slots=True)
class RunRow:
    """A search as it is kept."""

    id: UUID
    at: datetime
    division_code: str | None
    roads: str
    found: int
    new: int
    named: int
    gone: int
    seconds: float


def last_run(session: ReadSession, division: str | None = None) -> RunRow | None:
    """The last search in a division, one above or one below it; None where there was none."""
    question = (
        select(
            UnnamedSearch.id,
            UnnamedSearch.recorded_at,
            Division.code,
            Dataset.key,
            UnnamedSearch.lanes_found,
            UnnamedSearch.lanes_new,
            UnnamedSearch.lanes_named,
            UnnamedSearch.lanes_gone,
            UnnamedSearch.seconds,
        )
        .outerjoin(Division, Division.id == UnnamedSearch.division_id)
        .join(Dataset, Dataset.id == UnnamedSearch.roads_id)
        .order_by(UnnamedSearch.fid.desc())
    )
    asked = prefix_of(division) if division else ""
    for found in session.execute(question):
        whole = prefix_of(found.code) if found.code else ""
        if whole.startswith(asked) or asked.startswith(whole):
            return RunRow(*found)
    return None


def _rows() -> Select[*tuple[Any, ...]]:
    return select(
        UnnamedLane.fid,
        UnnamedLane.id,
        UnnamedLane.origin,
        UnnamedLane.division_id,
        Division.code,
        Division.name,
        func.ST_AsBinary(UnnamedLane.geom).label("line"),
        UnnamedLane.length_m,
        UnnamedLane.highway,
        UnnamedLane.begins,
        UnnamedLane.ends,
        STATUS.label("status"),
        UnnamedLane.reason,
        UnnamedLane.proposed_name,
        UnnamedLane.other_names,
        UnnamedLane.meaning,
        UnnamedLane.named_after,
        UnnamedLane.width_m,
        UnnamedLane.surface,
        UnnamedLane.position_quality,
        UnnamedLane.case_name_id,
        revision_number(UnnamedLane).label("revision"),
    ).outerjoin(Division, Division.id == UnnamedLane.division_id)


def _row(found: Row[*tuple[Any, ...]]) -> LaneRow:
    return LaneRow(
        fid=found.fid,
        id=found.id,
        origin=found.origin,
        division_id=found.division_id,
        division_code=found.code,
        division_name=found.name,
        line=shapely.from_wkb(bytes(found.line)),
        length_m=found.length_m,
        highway=found.highway,
        begins=end_of(found.begins),
        ends=end_of(found.ends),
        status=LaneStatus.of(found.status),
        reason=found.reason,
        proposed_name=found.proposed_name,
        other_names=tuple(found.other_names),
        meaning=found.meaning,
        named_after=NamedAfter.of(found.named_after) if found.named_after else None,
        width_m=found.width_m,
        surface=found.surface,
        position_quality=found.position_quality,
        case_name_id=found.case_name_id,
        revision=found.revision,
    )


def end_of(kept: Mapping[str, str]) -> End:
    """An end as it is kept."""
    return End(LaneEnd.of(kept["at"]), kept.get("name", ""))


def as_kept(end: End) -> dict[str, str]:
    """An end as it is to be kept."""
    return {"at": end.at.value, "name": end.name} if end.name else {"at": end.at.value}
