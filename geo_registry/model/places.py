"""Places: what a name is given to. Their names come in tables of their own."""

from uuid import UUID

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Attributed, Base, Identified, one_of
from geo_registry.model.geometry import stored_geometry, tile_geometry
from geo_registry.vocabulary import PlaceClass, PositionQuality


class Place(Identified, Attributed, Base):
    """A place of one class, in a division, with its extent as point, line or area and its standard name."""

    __tablename__ = "place"
    __table_args__ = (
        CheckConstraint(one_of("class", PlaceClass), name="class_known"),
        CheckConstraint("standard_name <> ''", name="standard_name_given"),
        CheckConstraint(one_of("position_quality", PositionQuality), name="position_quality_known"),
        CheckConstraint("NOT ST_IsEmpty(geom)", name="geom_not_empty"),
        Index("ix_place_geom", "geom", postgresql_using="gist"),
        Index("ix_place_geom_3857", "geom_3857", postgresql_using="gist"),
    )

    place_class: Mapped[str] = mapped_column("class")
    standard_name: Mapped[str]
    division_id: Mapped[UUID | None] = mapped_column(ForeignKey("division.id"), index=True)
    geom: Mapped[WKBElement | None] = stored_geometry("GEOMETRY", nullable=True)
    geom_3857: Mapped[WKBElement | None] = tile_geometry("GEOMETRY")
    position_quality: Mapped[str] = mapped_column(server_default=PositionQuality.SOURCE.value)
