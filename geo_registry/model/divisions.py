"""Administrative divisions, by code and vintage."""

from uuid import UUID

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import CHAR
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Attributed, Base, Identified, one_of
from geo_registry.model.geometry import stored_geometry, tile_geometry
from geo_registry.vocabulary import DivisionLevel, PositionQuality

LEVEL_BY_CODE = """level = CASE
    WHEN right(code, 10) = '0000000000' THEN 'province'
    WHEN right(code, 8) = '00000000' THEN 'city'
    WHEN right(code, 6) = '000000' THEN 'county'
    WHEN right(code, 3) = '000' THEN 'township'
    ELSE 'village' END"""


class Division(Identified, Attributed, Base):
    """A division as it stood in one vintage (the year of the code list it is from).

    `code` has twelve digits: province 2, city 2, county 2, township 3, village 3, filled with zeros.
    It has an area (`geom`), or, where no boundary is known, an approximate `point`, or neither.
    `label_3857` is where its name is written on a map: inside the area, or at the point.
    `parent_id` is of the same vintage, and empty where the parent isn't registered.
    """

    __tablename__ = "division"
    __table_args__ = (
        UniqueConstraint("code", "vintage"),
        CheckConstraint("code ~ '^[0-9]{12}$'", name="code_has_twelve_digits"),
        CheckConstraint(one_of("level", DivisionLevel), name="level_known"),
        CheckConstraint(LEVEL_BY_CODE, name="level_follows_code"),
        CheckConstraint("name <> ''", name="name_given"),
        CheckConstraint("vintage BETWEEN 1949 AND 2200", name="vintage_is_a_year"),
        CheckConstraint("parent_id <> id", name="parent_is_another"),
        CheckConstraint(one_of("position_quality", PositionQuality), name="position_quality_known"),
        Index("ix_division_code_prefix", "code", postgresql_ops={"code": "bpchar_pattern_ops"}),
        Index("ix_division_geom", "geom", postgresql_using="gist"),
        Index("ix_division_geom_3857", "geom_3857", postgresql_using="gist"),
        Index("ix_division_point", "point", postgresql_using="gist"),
        Index("ix_division_label_3857", "label_3857", postgresql_using="gist"),
        Index("ix_division_level_vintage", "level", "vintage"),
        Index("ix_division_name", "name"),
        Index("ix_division_synthetic", "fid", postgresql_where=text("position_quality = 'synthetic'")),
    )

    code: Mapped[str] = mapped_column(CHAR(12))
    vintage: Mapped[int] = mapped_column(SmallInteger)
    level: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("division.id"), index=True)
    dataset_id: Mapped[UUID | None] = mapped_column(ForeignKey("dataset.id"), index=True)
    geom: Mapped[WKBElement | None] = stored_geometry("MULTIPOLYGON", nullable=True)
    point: Mapped[WKBElement | None] = stored_geometry("POINT", nullable=True)
    geom_3857: Mapped[WKBElement | None] = tile_geometry("MULTIPOLYGON")
    label_3857: Mapped[WKBElement | None] = tile_geometry("POINT", "coalesce(ST_PointOnSurface(geom), point)")
    position_quality: Mapped[str] = mapped_column(server_default=PositionQuality.SOURCE.value)
