"""Population as demand points: where people are, how many of each group."""

from uuid import UUID

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Base, Identified, one_of
from geo_registry.model.geometry import stored_geometry, tile_geometry
from geo_registry.vocabulary import PositionQuality

COUNTS_ARE_NUMBERS = """jsonb_typeof(counts) = 'object'
    AND NOT jsonb_path_exists(counts, '$.* ? (@.type() != "number" || @ < 0)')"""


class DemandPoint(Identified, Base):
    """A cell's or a village's people at one point; the dataset says the basis and the date.

    `counts` is `{group: people}`, people ≥ 0 and possibly fractional (gridded sources are); groups are free words:
    `all`, `60+`, `80+`, `female:60-64`, `disabled`, … Groups overlap: nothing is ever summed across them.
    """

    __tablename__ = "demand_point"
    __table_args__ = (
        UniqueConstraint("dataset_id", "source_id"),
        CheckConstraint(COUNTS_ARE_NUMBERS, name="counts_are_numbers"),
        CheckConstraint(one_of("position_quality", PositionQuality), name="position_quality_known"),
        CheckConstraint("NOT ST_IsEmpty(geom)", name="geom_not_empty"),
        Index("ix_demand_point_geom", "geom", postgresql_using="gist"),
        Index("ix_demand_point_geom_3857", "geom_3857", postgresql_using="gist"),
        Index("ix_demand_point_dataset_id_fid", "dataset_id", "fid"),
    )

    dataset_id: Mapped[UUID] = mapped_column(ForeignKey("dataset.id"))
    source_id: Mapped[str]
    division_id: Mapped[UUID | None] = mapped_column(ForeignKey("division.id"), index=True)
    geom: Mapped[WKBElement] = stored_geometry("POINT")
    geom_3857: Mapped[WKBElement | None] = tile_geometry("POINT")
    counts: Mapped[dict[str, float]]
    position_quality: Mapped[str] = mapped_column(server_default=PositionQuality.SOURCE.value)
