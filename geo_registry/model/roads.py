"""Roads as their source draws them, and the barriers on them. The graph is compiled from both by `network`."""

from uuid import UUID

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Base, Identified, one_of
from geo_registry.model.geometry import stored_geometry, tile_geometry
from geo_registry.vocabulary import PositionQuality

MAIN_ROADS = """highway IN
    ('motorway', 'motorway_link', 'trunk', 'trunk_link', 'primary', 'primary_link', 'secondary', 'secondary_link')"""
"""What maps of a whole city or country draw: a tenth of the segments at most, with an index of their own."""


class RoadSegment(Identified, Base):
    """A line of road; two meet where they share a vertex (to 1e-7 degree).

    `highway` is OSM's class word. `foot` and `motor` say which mode may use it (`network/access.py` reads them from
    tags). `oneway`: 1 along the line, -1 against it, 0 both ways; it binds vehicles only.
    """

    __tablename__ = "road_segment"
    __table_args__ = (
        UniqueConstraint("dataset_id", "source_id"),
        CheckConstraint("oneway IN (-1, 0, 1)", name="oneway_known"),
        CheckConstraint("maxspeed_kmh BETWEEN 1 AND 200", name="maxspeed_plausible"),
        CheckConstraint(one_of("position_quality", PositionQuality), name="position_quality_known"),
        CheckConstraint("ST_NPoints(geom) >= 2", name="geom_is_a_line"),
        Index("ix_road_segment_geom", "geom", postgresql_using="gist"),
        Index("ix_road_segment_geom_3857", "geom_3857", postgresql_using="gist"),
        Index("ix_road_segment_main_3857", "geom_3857", postgresql_using="gist", postgresql_where=text(MAIN_ROADS)),
        Index("ix_road_segment_dataset_id_fid", "dataset_id", "fid"),
        Index("ix_road_segment_synthetic", "dataset_id", postgresql_where=text("position_quality = 'synthetic'")),
    )

    dataset_id: Mapped[UUID] = mapped_column(ForeignKey("dataset.id"))
    source_id: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    highway: Mapped[str]
    oneway: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    foot: Mapped[bool]
    motor: Mapped[bool]
    maxspeed_kmh: Mapped[int | None] = mapped_column(SmallInteger)
    geom: Mapped[WKBElement] = stored_geometry("LINESTRING")
    geom_3857: Mapped[WKBElement | None] = tile_geometry("LINESTRING")
    position_quality: Mapped[str] = mapped_column(server_default=PositionQuality.SOURCE.value)


class RoadBarrier(Identified, Base):
    """A point on roads that a mode can't pass: a bollard stops cars, a locked gate everyone."""

    __tablename__ = "road_barrier"
    __table_args__ = (
        UniqueConstraint("dataset_id", "source_id"),
        CheckConstraint("foot_blocked OR motor_blocked", name="blocks_someone"),
        Index("ix_road_barrier_geom", "geom", postgresql_using="gist"),
    )

    dataset_id: Mapped[UUID] = mapped_column(ForeignKey("dataset.id"))
    source_id: Mapped[str]
    barrier: Mapped[str]
    foot_blocked: Mapped[bool]
    motor_blocked: Mapped[bool]
    geom: Mapped[WKBElement] = stored_geometry("POINT")
