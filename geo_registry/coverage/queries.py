"""The SELECTs of the room: what a run reads, and what runs there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

import numpy as np
from geoalchemy2 import WKBElement
from sqlalchemy import ColumnElement, Text, cast, func, select
from sqlalchemy.orm import aliased

from geo_registry import clock
from geo_registry.coverage.reach import NO_ZONE, Floats, Longs
from geo_registry.db.history import as_of
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.revisions import Revision, as_revisions, version_of, versions_of
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions.queries import in_box
from geo_registry.divisions.rules import prefix_of
from geo_registry.errors import BasisMismatch, DatasetUnknown, GroupUnknown, NotRecordedThen, RunUnknown
from geo_registry.facilities.filtering import condition
from geo_registry.facilities.queries import stands_on
from geo_registry.geo.bbox import BBox
from geo_registry.model import (
    CoverageFacility,
    CoveragePoint,
    CoverageRun,
    CoverageZone,
    Dataset,
    DemandPoint,
    Division,
    Facility,
    RoadSegment,
)
from geo_registry.settings import get_settings
from geo_registry.vocabulary import (
    DatasetKind,
    DivisionLevel,
    FacilityKind,
    PointState,
    PopulationBasis,
    PositionQuality,
    RunState,
    TravelMode,
)

LEVELS_FROM_TOP = tuple(DivisionLevel)

OPEN_STATES = (RunState.QUEUED.value, RunState.RUNNING.value)
"""A run in any other has come to its end."""

POINTS_AT_ONCE = 50_000
"""Demand points fetched at a time: memory holds the arrays and one such batch."""


@dataclass(frozen=True, slots=True)
class Demand:
    """The people of one group at their demand points; arrays of shape (n,), in the order of `fid`.

    `zone` is an index into the zones' arrays, `NO_ZONE` outside every registered division.
    `without_group` counts points that say nothing about the group: they aren't zeros, and aren't in the arrays.
    """

    fid: Longs
    source_id: tuple[str, ...]
    lon: Floats
    lat: Floats
    people: Floats
    zone: Longs
    without_group: int


@dataclass(frozen=True, slots=True)
class Zones:
    """The divisions that demand points lie in and all above them, a code once; shape (z,), parents by index.

    `of_division` tells the zone of every division that was folded into one, whatever its vintage, by the text of its id.
    """

    id: tuple[UUID, ...]
    code: tuple[str, ...]
    name: tuple[str, ...]
    level: tuple[str, ...]
    parent: Longs
    of_division: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Facilities:
    """Facilities that serve; arrays and tuples of shape (f,), in the order of `fid`."""

    fid: Longs
    id: tuple[UUID, ...]
    name: tuple[str, ...]
    kind: tuple[str, ...]
    lon: Floats
    lat: Floats
    confirmed_on: tuple[date | None, ...]
    quality: tuple[str, ...]


def populations(session: ReadSession) -> Sequence[Dataset]:
    """Every population dataset, the newest first: by the date that the data is of, then by when it was first imported."""
    return session.scalars(
        select(Dataset)
        .where(Dataset.kind == DatasetKind.POPULATION.value)
        .order_by(Dataset.as_of.desc().nulls_last(), Dataset.fid.desc())
    ).all()


def population(session: ReadSession, key: str | None, basis: PopulationBasis) -> Dataset:
    """The population dataset called `key`, or without a key the newest that counts people of `basis`.

    Newest is by the date that the data is of, then by when it was first imported.

    Raises
    ------
    DatasetUnknown
        There is none; the error names those that there are.
    BasisMismatch
        The one that was named, or all that there are, count other people.
    """
    there = populations(session)
    named = [one for one in there if key is None or one.key == key]
    if not named:
        raise DatasetUnknown(
            kind=DatasetKind.POPULATION.value,
            kind_zh=DatasetKind.POPULATION.zh,
            key=key or "",
            known=", ".join(one.key for one in there) or "–",
        )
    for candidate in named:
        if candidate.basis == basis.value:
            return candidate
    found = PopulationBasis.of(str(named[0].basis))
    raise BasisMismatch(key=named[0].key, wanted_zh=basis.zh, wanted_en=basis.en, found_zh=found.zh, found_en=found.en)


def zones(session: ReadSession, people: Dataset) -> Zones:
    """The divisions of a population's points, with every ancestor; children may come before or after parents.

    A code counts once, however many vintages of it points lie in: a point in an abolished village and one in its
    neighbour that lives on belong to the same county. The newest vintage gives the name.
    """
    own = select(DemandPoint.division_id).where(DemandPoint.dataset_id == people.id).distinct()
    chain = select(Division.id, Division.parent_id).where(Division.id.in_(own)).cte("chain", recursive=True)
    above = aliased(Division)
    chain = chain.union(select(above.id, above.parent_id).join(chain, chain.c.parent_id == above.id))
    parent = aliased(Division)
    rows = session.execute(
        select(Division.id, Division.code, Division.name, Division.level, parent.code.label("parent_code"))
        .outerjoin(parent, parent.id == Division.parent_id)
        .where(Division.id.in_(select(chain.c.id)))
        .order_by(Division.code, Division.vintage)
    ).all()
    newest = {row.code: row for row in rows}
    at = {code: number for number, code in enumerate(newest)}
    parent_of = {row.code: row.parent_code for row in rows if row.parent_code is not None}
    return Zones(
        id=tuple(row.id for row in newest.values()),
        code=tuple(newest),
        name=tuple(row.name for row in newest.values()),
        level=tuple(row.level for row in newest.values()),
        parent=np.array([at[parent_of[code]] if code in parent_of else NO_ZONE for code in newest], dtype=np.int64),
        of_division={str(row.id): at[row.code] for row in rows},
    )


def demand(session: ReadSession, people: Dataset, group: str, known: Zones, zone: str | None = None) -> Demand:
    """The people of `group`, everywhere or in the division `zone` (a code, or the digits that it begins with).

    Raises
    ------
    GroupUnknown
        No point of the dataset says anything about the group.
    """
    count = DemandPoint.counts[group].as_float()
    question = (
        select(
            DemandPoint.fid,
            DemandPoint.source_id,
            func.ST_X(DemandPoint.geom).label("lon"),
            func.ST_Y(DemandPoint.geom).label("lat"),
            count.label("people"),
            # As text: a hundred thousand UUID objects cost more than the rest of the row.
            cast(DemandPoint.division_id, Text).label("division_id"),
        )
        .where(DemandPoint.dataset_id == people.id, DemandPoint.counts.has_key(group), *_lives_in(zone))
        .order_by(DemandPoint.fid)
    )
    if not _has_group(session, people, group):
        raise GroupUnknown(key=people.key, group=group, known=", ".join(_groups(session, people)) or "–")
    silent = (DemandPoint.dataset_id == people.id, ~DemandPoint.counts.has_key(group))
    without = session.scalar(select(func.count()).where(*silent)) or 0
    source_ids: list[str] = []
    batches = [np.empty((0, 5))]
    for batch in session.execute(question.execution_options(yield_per=POINTS_AT_ONCE)).partitions():
        source_ids.extend(row.source_id for row in batch)
        zone_of = known.of_division
        batches.append(
            np.array([(row.fid, row.lon, row.lat, row.people, zone_of.get(row.division_id, NO_ZONE)) for row in batch])
        )
    # A double holds whole numbers up to 2^53 exactly: more points than any registry has.
    fid, lon, lat, count_of, zone_at = np.ascontiguousarray(np.concatenate(batches).T)
    return Demand(
        fid=fid.astype(np.int64),
        source_id=tuple(source_ids),
        lon=lon,
        lat=lat,
        people=count_of,
        zone=zone_at.astype(np.int64),
        without_group=without,
    )


def _lives_in(zone: str | None) -> Sequence[ColumnElement[bool]]:
    """Demand points of a division (a code, or the digits that it begins with); all without one."""
    if zone is None:
        return ()
    inside = select(Division.id).where(Division.code.startswith(prefix_of(zone), autoescape=True))
    return (DemandPoint.division_id.in_(inside),)


def position_qualities(session: ReadSession, people: Dataset, group: str, zone: str | None = None) -> dict[str, int]:
    """How many of the points that `demand` reads lie how well, by the word of `PositionQuality`."""
    question = (
        select(DemandPoint.position_quality, func.count())
        .where(DemandPoint.dataset_id == people.id, DemandPoint.counts.has_key(group), *_lives_in(zone))
        .group_by(DemandPoint.position_quality)
        .order_by(DemandPoint.position_quality)
    )
    return {quality: int(count) for quality, count in session.execute(question)}


def _has_group(session: ReadSession, people: Dataset, group: str) -> bool:
    question = select(DemandPoint.fid).where(DemandPoint.dataset_id == people.id, DemandPoint.counts.has_key(group))
    return session.scalar(question.limit(1)) is not None


def _groups(session: ReadSession, people: Dataset) -> Sequence[str]:
    keys = select(func.jsonb_object_keys(DemandPoint.counts).label("key")).where(DemandPoint.dataset_id == people.id)
    return session.scalars(select(keys.subquery().c.key).distinct().order_by("key")).all()


def serving(
    session: ReadSession, kinds: Sequence[FacilityKind], where: str | None = None, on: date | None = None
) -> Facilities:
    """Facilities of `kinds` that serve today, or stood on the date `on`, and fulfil the condition `where` (CQL2 text).

    A past date reads each record as the registry held it at the end of that date (in its first form where the
    registry learnt of it later); its opening and closing dates decide whether it stood.

    Raises
    ------
    BadQuery
        The condition can't be parsed, or names a field that facilities don't have.
    """
    if on is None:
        then, day = Facility, clock.today(get_settings().zone)
    else:
        then, day = as_of(Facility, clock.end_of(on, get_settings().zone), or_first_known=True), on
    question = (
        select(
            then.fid,
            then.id,
            then.name,
            then.kind,
            func.ST_X(then.geom).label("lon"),
            func.ST_Y(then.geom).label("lat"),
            then.confirmed_on,
            then.position_quality,
        )
        .where(then.kind.in_([kind.value for kind in kinds]), stands_on(then, day))
        .order_by(then.fid)
    )
    if where:
        question = question.where(condition(where, then))
    rows = session.execute(question).all()
    return Facilities(
        fid=np.array([row.fid for row in rows], dtype=np.int64),
        id=tuple(row.id for row in rows),
        name=tuple(row.name for row in rows),
        kind=tuple(row.kind for row in rows),
        lon=np.array([row.lon for row in rows], dtype=np.float64),
        lat=np.array([row.lat for row in rows], dtype=np.float64),
        confirmed_on=tuple(row.confirmed_on for row in rows),
        quality=tuple(row.position_quality for row in rows),
    )


@dataclass(frozen=True, slots=True)
class PopulationRow:
    """One demand point as it is listed; `counts` is people by group."""

    fid: int
    id: UUID
    dataset: str
    source_id: str
    basis: str
    as_of: date
    division_code: str | None
    counts: dict[str, float]
    lon: float
    lat: float
    position_quality: str


def list_population(
    session: ReadSession,
    page: Page,
    *,
    dataset_key: str | None = None,
    division: str | None = None,
    bbox: BBox | None = None,
    at: datetime | None = None,
) -> Listing[PopulationRow]:
    """Demand points by keyset, of one dataset or all, in a division (code or its first digits), in a box.

    Now, or as the registry held them at a moment.
    """
    point: type[DemandPoint] = as_of(DemandPoint, at) if at is not None else DemandPoint
    dataset: type[Dataset] = as_of(Dataset, at) if at is not None else Dataset
    place: type[Division] = as_of(Division, at) if at is not None else Division
    question = (
        select(
            point.fid,
            point.id,
            dataset.key.label("dataset"),
            point.source_id,
            dataset.basis,
            dataset.as_of,
            place.code.label("division_code"),
            point.counts,
            func.ST_X(point.geom).label("lon"),
            func.ST_Y(point.geom).label("lat"),
            point.position_quality,
        )
        .join(dataset, dataset.id == point.dataset_id)
        .outerjoin(place, place.id == point.division_id)
        .where(point.fid > page.after)
        .order_by(point.fid)
        .limit(page.limit + 1)
    )
    if dataset_key is not None:
        question = question.where(dataset.key == dataset_key)
    if division is not None:
        question = question.where(place.code.startswith(prefix_of(division), autoescape=True))
    if bbox is not None:
        question = question.where(in_box(point.geom, bbox))
    rows = [PopulationRow(**row) for row in session.execute(question).mappings()]
    return listing(rows, page, lambda row: row.fid)


def get_run(session: ReadSession, run: UUID) -> CoverageRun:
    """One run.

    Raises
    ------
    RunUnknown
        There is none of that id.
    """
    found = session.get(CoverageRun, run)
    if found is None:
        raise RunUnknown(run=run)
    return found


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run as the registry held it at a moment."""

    fid: int
    id: UUID
    state: str
    standard: dict[str, object]
    question: dict[str, object]
    inputs: dict[str, object] | None
    totals: dict[str, object] | None
    error: dict[str, object] | None
    job_id: int | None
    actor: str
    recorded_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def run_at(session: ReadSession, run: UUID, moment: datetime) -> PastRun:
    """One run as the registry held it at a moment; before runs had a history, as the first of it has it.

    Raises
    ------
    RunUnknown
        There is none of that id.
    NotRecordedThen
        It was ordered later.
    """
    get_run(session, run)
    versions = versions_of(CoverageRun, run)
    question = select(*_past(versions.rows)).where(versions.at(moment)).order_by(versions.number).limit(1)
    found = session.execute(question).mappings().one_or_none()
    if found is None:
        raise NotRecordedThen(moment=moment.isoformat())
    return PastRun(**found)


def runs_at(session: ReadSession, moment: datetime, page: Page) -> Listing[PastRun]:
    """Runs that had been ordered by a moment, as they stood then, the newest first; pages as `list_runs`."""
    run = as_of(CoverageRun, moment)
    question = select(*_past(run)).order_by(run.fid.desc()).limit(page.limit + 1)
    if page.after:
        question = question.where(run.fid < page.after)
    rows = [PastRun(**found) for found in session.execute(question).mappings()]
    return listing(rows, page, lambda each: each.fid)


def _past(run: type[CoverageRun]) -> Sequence[Any]:
    # Columns, not records: of a record, a session would give what it read before.
    return [getattr(run, column.name) for column in fields(PastRun)]


def revisions_of(session: ReadSession, run: UUID, *, after: int, limit: int) -> Sequence[Revision]:
    """At most `limit` revisions of a run, the newest first: ordered, begun, finished, cancelled, tried again."""
    versions = versions_of(CoverageRun, run)
    question = select(
        versions.number.label("number"),
        versions.since.label("since"),
        versions.by.label("by"),
        versions.why.label("why"),
        *[getattr(versions.rows, name) for name in COMPARED],
    ).order_by(versions.number.desc())
    if after:
        question = question.where(versions.number < after)
    found = [dict(row) for row in session.execute(question.limit(limit + 1)).mappings()]
    return as_revisions(found, _compared, limit)


COMPARED = ("state", "started_at", "finished_at", "error", "inputs", "totals")
"""What becomes of a run; what it was asked, it is asked for good."""


def _compared(row: Mapping[str, Any]) -> Mapping[str, object]:
    return {name: row[name].isoformat() if isinstance(row[name], datetime) else row[name] for name in COMPARED}


def version_of_run(run: CoverageRun | PastRun) -> str:
    """A word that is another one whenever a run comes to another state; how far it has come is its job's to tell."""
    return version_of(run.id, run.state, run.started_at, run.finished_at)


def run_to_change(session: WriteSession, run: UUID) -> CoverageRun:
    """One run as it stands, kept from everybody else who would change it until the unit of work ends.

    Its results may be written meanwhile: who cancels it doesn't wait for them.

    Raises
    ------
    RunUnknown
        There is none of that id.
    """
    found = session.get(CoverageRun, run, populate_existing=True, with_for_update={"key_share": True})
    if found is None:
        raise RunUnknown(run=run)
    return found


def unfinished_without_job(session: WriteSession) -> Sequence[CoverageRun]:
    """Runs that a process performs, or performed, without the queue, and that have no end yet; kept as `run_to_change` does."""
    return session.scalars(
        select(CoverageRun)
        .where(CoverageRun.job_id.is_(None), CoverageRun.state.in_(OPEN_STATES))
        .with_for_update(key_share=True)
    ).all()


def list_runs(session: ReadSession, page: Page, *, to_come_back_to: bool = False) -> Listing[CoverageRun]:
    """Runs, the newest first; `page.after` counts downwards, 0 begins.

    With `to_come_back_to` those alone that have an answer, or will.
    """
    question = select(CoverageRun).order_by(CoverageRun.fid.desc()).limit(page.limit + 1)
    if to_come_back_to:
        question = question.where(CoverageRun.state.in_((RunState.DONE.value, *OPEN_STATES)))
    if page.after:
        question = question.where(CoverageRun.fid < page.after)
    return listing(session.scalars(question).all(), page, lambda run: run.fid)


def list_zones(session: ReadSession, run: UUID, *, level: DivisionLevel | None = None) -> Sequence[CoverageZone]:
    """A run's zones, from the top level down, by code within a level."""
    order = {level.value: at for at, level in enumerate(LEVELS_FROM_TOP)}
    question = select(CoverageZone).where(CoverageZone.run_id == run)
    if level is not None:
        question = question.where(CoverageZone.level == level.value)
    rows = session.scalars(question).all()
    return sorted(rows, key=lambda zone: (order[zone.level], zone.code))


def zone_areas(session: ReadSession, zones: Sequence[CoverageZone]) -> Mapping[UUID, WKBElement | None]:
    """The areas of a run's zones as they are now (EPSG:4490), by `division_id`; None where none is known."""
    question = select(Division.id, Division.geom).where(Division.id.in_([zone.division_id for zone in zones]))
    return {row.id: row.geom for row in session.execute(question)}


def list_points(session: ReadSession, run: UUID, page: Page) -> Listing[CoveragePoint]:
    """A run's demand points by keyset of their `fid`."""
    question = (
        select(CoveragePoint)
        .where(CoveragePoint.run_id == run, CoveragePoint.point_fid > page.after)
        .order_by(CoveragePoint.point_fid)
        .limit(page.limit + 1)
    )
    return listing(session.scalars(question).all(), page, lambda point: point.point_fid)


@dataclass(frozen=True, slots=True)
class PointColumns:
    """A run's demand points in the order of their `fid`, column by column, each of shape (p,)."""

    point_fid: Sequence[int]
    lon: Sequence[float]
    lat: Sequence[float]
    source_id: Sequence[str]
    division_code: Sequence[str | None]
    demand: Sequence[float]
    state: Sequence[str]
    minutes: Sequence[float | None]
    facility_fid: Sequence[int | None]


def point_columns(session: ReadSession, run: UUID, *, most: int) -> PointColumns | None:
    """All demand points of a run, or None where there are more than `most`."""
    names = [column.name for column in fields(PointColumns)]
    question = select(*(getattr(CoveragePoint, name) for name in names)).where(CoveragePoint.run_id == run)
    rows = session.execute(question.order_by(CoveragePoint.point_fid).limit(most + 1)).all()
    if len(rows) > most:
        return None
    return PointColumns(*(zip(*rows, strict=True) if rows else ((),) * len(names)))


@dataclass(frozen=True, slots=True)
class PointCell:
    """Demand points of one state that lie together in a cell; `minutes` is the mean over their people."""

    lon: float
    lat: float
    state: str
    points: int
    demand: float
    minutes: float | None


def point_cells(session: ReadSession, run: UUID, most: int) -> Sequence[PointCell]:
    """A run's demand points drawn together on a grid over their extent of about `most` cells, state by state."""
    extent = session.execute(
        select(
            func.max(CoveragePoint.lon) - func.min(CoveragePoint.lon),
            func.max(CoveragePoint.lat) - func.min(CoveragePoint.lat),
        ).where(CoveragePoint.run_id == run)
    ).one()
    wide_deg, high_deg = (float(side or 0) or DISPLAY_TOLERANCE_DEG for side in extent)
    cell_deg = (wide_deg * high_deg / most) ** 0.5
    column, row = func.floor(CoveragePoint.lon / cell_deg), func.floor(CoveragePoint.lat / cell_deg)
    people = func.sum(CoveragePoint.demand)
    weighted = func.sum(CoveragePoint.minutes * CoveragePoint.demand) / func.nullif(people, 0)
    question = (
        select(
            func.avg(CoveragePoint.lon).label("lon"),
            func.avg(CoveragePoint.lat).label("lat"),
            CoveragePoint.state,
            func.count().label("points"),
            people.label("demand"),
            func.coalesce(weighted, func.avg(CoveragePoint.minutes)).label("minutes"),
        )
        .where(CoveragePoint.run_id == run)
        .group_by(column, row, CoveragePoint.state)
        .order_by(column, row, CoveragePoint.state)
    )
    return [PointCell(**found) for found in session.execute(question).mappings()]


def points_in_state(session: ReadSession, run: UUID, state: PointState, *, most: int) -> Sequence[CoveragePoint]:
    """A run's demand points in one state, those with the most people first."""
    question = (
        select(CoveragePoint)
        .where(CoveragePoint.run_id == run, CoveragePoint.state == state.value)
        .order_by(CoveragePoint.demand.desc(), CoveragePoint.point_fid)
        .limit(most)
    )
    return session.scalars(question).all()


def list_facilities(session: ReadSession, run: UUID) -> Sequence[CoverageFacility]:
    """A run's facilities, in the order of their `fid`."""
    question = select(CoverageFacility).where(CoverageFacility.run_id == run)
    return session.scalars(question.order_by(CoverageFacility.facility_fid)).all()


ROADS_SHOWN = 60_000
"""A file's map draws no more roads than this: beyond it no viewer is quick, and the roads are a backdrop."""
DISPLAY_TOLERANCE_DEG = 0.00002
"""About two metres."""
DISPLAY_DIGITS = 5


def road_lines_for_display(session: ReadSession, key: str, mode: TravelMode) -> Sequence[str]:
    """The roads of a dataset that `mode` may use, as simplified GeoJSON geometries; none where there are too many."""
    usable = RoadSegment.foot if mode is TravelMode.WALK else RoadSegment.motor
    line = func.ST_AsGeoJSON(func.ST_Simplify(RoadSegment.geom, DISPLAY_TOLERANCE_DEG, True), DISPLAY_DIGITS)  # noqa: FBT003 - SQL's preserveCollapsed
    question = (
        select(line)
        .join(Dataset, Dataset.id == RoadSegment.dataset_id)
        .where(Dataset.kind == DatasetKind.ROADS.value, Dataset.key == key, usable)
        .order_by(RoadSegment.fid)
        .limit(ROADS_SHOWN + 1)
    )
    lines = session.scalars(question).all()
    return lines if len(lines) <= ROADS_SHOWN else []


def holds_synthetic_data(session: ReadSession, datasets: Sequence[Dataset], facilities: Facilities) -> bool:
    """Whether any input of a run is example data; wherever its result shows, that is said."""
    if PositionQuality.SYNTHETIC.value in facilities.quality:
        return True
    return any(
        session.scalar(
            select(rows.fid)
            .where(rows.dataset_id == dataset.id, rows.position_quality == PositionQuality.SYNTHETIC.value)
            .limit(1)
        )
        is not None
        for dataset in datasets
        for rows in (DemandPoint, RoadSegment)
    )
