"""Coverage runs and their results, by zone, by demand point and by facility."""

from datetime import datetime
from uuid import UUID

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, Integer
from sqlalchemy.dialects.postgresql import CHAR
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Attributed, Base, Identified, one_of
from geo_registry.model.geometry import STORAGE_SRID, tile_geometry
from geo_registry.vocabulary import DivisionLevel, PointState, RunState


class CoverageRun(Identified, Attributed, Base):
    """One evaluation of one service standard, with everything that is needed to repeat it.

    `standard` is the whole definition, `question` what was asked besides (zone, sources, as-of date), `inputs`
    which data answered it (dataset, date, basis, row count and digest of each), `totals` the answer for the whole.
    """

    __tablename__ = "coverage_run"
    __table_args__ = (
        CheckConstraint(one_of("state", RunState), name="state_known"),
        CheckConstraint("state <> 'done' OR totals IS NOT NULL", name="done_has_totals"),
        CheckConstraint("state <> 'failed' OR error IS NOT NULL", name="failed_says_why"),
    )

    state: Mapped[str]
    standard: Mapped[dict[str, object]]
    question: Mapped[dict[str, object]]
    inputs: Mapped[dict[str, object] | None]
    totals: Mapped[dict[str, object] | None]
    error: Mapped[dict[str, object] | None]
    job_id: Mapped[int | None] = mapped_column(index=True)
    actor: Mapped[str]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class CoverageZone(Base):
    """One zone's share of a run's answer; people, not points."""

    __tablename__ = "coverage_zone"
    __table_args__ = (
        CheckConstraint(one_of("level", DivisionLevel), name="level_known"),
        Index("ix_coverage_zone_run_id_level", "run_id", "level"),
    )

    run_id: Mapped[UUID] = mapped_column(ForeignKey("coverage_run.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(CHAR(12), primary_key=True)
    division_id: Mapped[UUID] = mapped_column(ForeignKey("division.id"))
    name: Mapped[str]
    level: Mapped[str]
    demand: Mapped[float] = mapped_column(Double)
    covered: Mapped[float] = mapped_column(Double)
    unreachable: Mapped[float] = mapped_column(Double)
    unsnapped: Mapped[float] = mapped_column(Double)


class CoveragePoint(Base):
    """One demand point's answer: its state, how far the nearest facility is, and which.

    What the point was at the time (`source_id`, position, people) is kept beside, so that a later import doesn't
    change what a run said. `cost` is in decimetres on foot and in hundredths of a second by car, both access legs
    included; it is empty where there is no way. `geom_3857` is the position for tiles, which find it by `lon` and `lat`:
    a spatial index costs a run three times as much to write as a plain one.
    """

    __tablename__ = "coverage_point"
    __table_args__ = (
        CheckConstraint(one_of("state", PointState), name="state_known"),
        CheckConstraint("(state IN ('covered', 'beyond')) = (cost IS NOT NULL)", name="cost_where_there_is_a_way"),
        Index("ix_coverage_point_run_id_lon_lat", "run_id", "lon", "lat"),
    )

    run_id: Mapped[UUID] = mapped_column(ForeignKey("coverage_run.id", ondelete="CASCADE"), primary_key=True)
    point_fid: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str]
    lon: Mapped[float] = mapped_column(Double)
    lat: Mapped[float] = mapped_column(Double)
    division_code: Mapped[str | None] = mapped_column(CHAR(12))
    demand: Mapped[float] = mapped_column(Double)
    state: Mapped[str]
    cost: Mapped[int | None] = mapped_column(Integer)
    minutes: Mapped[float | None] = mapped_column(Double)
    facility_fid: Mapped[int | None]
    geom_3857: Mapped[WKBElement | None] = tile_geometry(
        "POINT", f"ST_SetSRID(ST_MakePoint(lon, lat), {STORAGE_SRID})", deferred=True
    )


class CoverageFacility(Base):
    """One facility's part in a run.

    `nearest_for` counts the people for whom it is the nearest (no person twice), `within_reach` those who can reach
    it within the threshold (a person counts at every facility within reach). `snapped` is false where no road lies
    within the snapping limit: then nobody can reach it, and both are 0.
    """

    __tablename__ = "coverage_facility"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("coverage_run.id", ondelete="CASCADE"), primary_key=True)
    facility_fid: Mapped[int] = mapped_column(primary_key=True)
    facility_id: Mapped[UUID]
    name: Mapped[str]
    kind: Mapped[str]
    lon: Mapped[float] = mapped_column(Double)
    lat: Mapped[float] = mapped_column(Double)
    snapped: Mapped[bool]
    nearest_for: Mapped[float] = mapped_column(Double)
    within_reach: Mapped[float] = mapped_column(Double)
