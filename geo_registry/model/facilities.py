"""Civil-affairs facilities of every kind in one table; what only one kind has stands in `detail`."""

from datetime import date
from uuid import UUID

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Attributed, Base, Identified, one_of
from geo_registry.model.geometry import stored_geometry, tile_geometry
from geo_registry.vocabulary import FacilityKind, FacilityStatus, PositionQuality


class Facility(Identified, Attributed, Base):
    """A facility at a point.

    `capacity` is in the kind's own unit (beds, places, graves, niches; `facilities/kinds.py`).
    `detail` holds the kind's own fields and is checked against them before it is written.
    `division_id` is as given, or derived by location, or empty.
    """

    __tablename__ = "facility"
    __table_args__ = (
        UniqueConstraint("dataset_id", "source_id"),
        CheckConstraint(one_of("kind", FacilityKind), name="kind_known"),
        CheckConstraint(one_of("status", FacilityStatus), name="status_known"),
        CheckConstraint(one_of("position_quality", PositionQuality), name="position_quality_known"),
        CheckConstraint("name <> ''", name="name_given"),
        CheckConstraint("capacity >= 0", name="capacity_not_negative"),
        CheckConstraint("closed_on >= opened_on", name="closes_after_it_opens"),
        CheckConstraint("jsonb_typeof(detail) = 'object'", name="detail_is_an_object"),
        CheckConstraint("NOT ST_IsEmpty(geom)", name="geom_not_empty"),
        Index("ix_facility_geom", "geom", postgresql_using="gist"),
        Index("ix_facility_geom_3857", "geom_3857", postgresql_using="gist"),
        Index("ix_facility_kind_fid", "kind", "fid"),
        Index("ix_facility_synthetic", "fid", postgresql_where=text("position_quality = 'synthetic'")),
    )

    kind: Mapped[str]
    name: Mapped[str]
    division_id: Mapped[UUID | None] = mapped_column(ForeignKey("division.id"), index=True)
    address: Mapped[str] = mapped_column(server_default="")
    geom: Mapped[WKBElement] = stored_geometry("POINT")
    geom_3857: Mapped[WKBElement | None] = tile_geometry("POINT")
    status: Mapped[str] = mapped_column(server_default=FacilityStatus.OPEN.value)
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    capacity: Mapped[int | None]
    detail: Mapped[dict[str, object]] = mapped_column(server_default="{}")
    position_quality: Mapped[str] = mapped_column(server_default=PositionQuality.SOURCE.value)
    confirmed_on: Mapped[date | None]
    confirmed_by: Mapped[str | None]
    dataset_id: Mapped[UUID | None] = mapped_column(ForeignKey("dataset.id"))
    source_id: Mapped[str | None]
