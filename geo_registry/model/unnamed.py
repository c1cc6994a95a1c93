"""Roads that have no name, the names that are proposed for them, and what people wish (乡村著名行动)."""

from typing import Any
from uuid import UUID

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint, Double, ForeignKey, Index
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Attributed, Base, Identified, one_of
from geo_registry.model.geometry import stored_geometry
from geo_registry.vocabulary import LaneOrigin, LaneStatus, NamedAfter, PositionQuality


class UnnamedSearch(Identified, Attributed, Base):
    """A time that lanes were looked for: where, in which roads, what came of it."""

    __tablename__ = "unnamed_search"

    division_id: Mapped[UUID | None] = mapped_column(ForeignKey("division.id"), index=True)
    roads_id: Mapped[UUID] = mapped_column(ForeignKey("dataset.id"))
    lanes_found: Mapped[int]
    lanes_new: Mapped[int]
    lanes_named: Mapped[int]
    lanes_gone: Mapped[int]
    seconds: Mapped[float] = mapped_column(Double)


class UnnamedLane(Identified, Attributed, Base):
    """A lane that no name covers, as the network or a person drew it, and what was decided of it.

    It is told from its western or southern end (`unnamed/course.py`): `begins` and `ends` are what lies there, as
    ``{"at", "name"}``; its course follows from its line. `proposed_name` may be that of several lanes: they are one road
    then; `other_names` are names by which the same road goes as well. Why it is called so is `meaning`; why it needs no
    name, `reason`. `width_m` and `surface` are what a surveyor saw. `case_name_id` is the line of the case that it was filed
    with: of what is `filed`, that line says how far it has come (`lane_stands`).
    """

    __tablename__ = "unnamed_lane"
    __table_args__ = (
        CheckConstraint(one_of("origin", LaneOrigin), name="origin_known"),
        CheckConstraint(one_of("status", LaneStatus), name="status_known"),
        CheckConstraint(one_of("named_after", NamedAfter), name="named_after_known"),
        CheckConstraint(one_of("position_quality", PositionQuality), name="position_quality_known"),
        CheckConstraint("NOT ST_IsEmpty(geom)", name="geom_not_empty"),
        CheckConstraint("length_m > 0", name="length_positive"),
        CheckConstraint("width_m > 0", name="width_positive"),
        CheckConstraint("proposed_name <> ''", name="proposed_name_given"),
        CheckConstraint(
            "status NOT IN ('proposed', 'filed') OR proposed_name IS NOT NULL", name="proposed_lanes_have_a_name"
        ),
        CheckConstraint("status <> 'dropped' OR reason <> ''", name="dropped_lanes_have_a_reason"),
        Index("ix_unnamed_lane_geom", "geom", postgresql_using="gist"),
    )

    search_id: Mapped[UUID | None] = mapped_column(ForeignKey("unnamed_search.id"))
    origin: Mapped[str]
    division_id: Mapped[UUID | None] = mapped_column(ForeignKey("division.id"), index=True)
    geom: Mapped[WKBElement] = stored_geometry("LINESTRING")
    length_m: Mapped[float] = mapped_column(Double)
    highway: Mapped[str] = mapped_column(server_default="")
    begins: Mapped[dict[str, Any]] = mapped_column(JSONB)
    ends: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(server_default=LaneStatus.FOUND.value)
    reason: Mapped[str] = mapped_column(server_default="")
    proposed_name: Mapped[str | None]
    other_names: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    meaning: Mapped[str] = mapped_column(server_default="")
    named_after: Mapped[str | None]
    width_m: Mapped[float | None] = mapped_column(Double)
    surface: Mapped[str] = mapped_column(server_default="")
    position_quality: Mapped[str] = mapped_column(server_default=PositionQuality.SOURCE.value)
    case_name_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_name.id"), index=True)


class NameWish(Identified, Attributed, Base):
    """What people wish that a lane, or some lane of their village, be called; `by_whom` in general terms, no person."""

    __tablename__ = "name_wish"
    __table_args__ = (CheckConstraint("name <> ''", name="name_given"),)

    division_id: Mapped[UUID] = mapped_column(ForeignKey("division.id"), index=True)
    lane_id: Mapped[UUID | None] = mapped_column(ForeignKey("unnamed_lane.id"))
    name: Mapped[str]
    meaning: Mapped[str] = mapped_column(server_default="")
    by_whom: Mapped[str] = mapped_column(server_default="")
    synthetic: Mapped[bool] = mapped_column(server_default="false")
    withdrawn: Mapped[bool] = mapped_column(server_default="false")
