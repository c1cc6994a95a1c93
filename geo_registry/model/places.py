"""Places: what a name is given to. Their names, extents and relations are rows of their own, each with its period."""

from datetime import date
from typing import Any
from uuid import UUID

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import CHAR, DATERANGE, JSONB, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Attributed, Base, Identified, one_of
from geo_registry.model.geometry import stored_geometry, tile_geometry
from geo_registry.vocabulary import (
    Certainty,
    NameKind,
    NamingState,
    PlaceClass,
    PlaceRelationKind,
    PlaceState,
    PositionQuality,
    Precision,
    RomanizedBy,
    SpellingStatus,
)

STANDARD_SPELLING = "kind = 'standard' AND status <> 'rejected' AND status <> 'proposed' AND NOT withdrawn"
"""What a place is, or was, called by decision: at no time two of them."""


def _coming(table: str, column: str) -> Index:
    """Finds those whose day may come yet: the few that began or ended since there was this registry."""
    return Index(f"ix_{table}_{column}", column, postgresql_where=text(f"{column} >= '2026-01-01'"))


def _extent_checks() -> tuple[CheckConstraint, ...]:
    """What an extent of a built-up area, the present one or an earlier one, is held to."""
    return (
        CheckConstraint("NOT ST_IsEmpty(geom)", name="geom_not_empty"),
        CheckConstraint("jsonb_typeof(divisions) = 'array'", name="divisions_are_a_list"),
        CheckConstraint(one_of("from_precision", Precision), name="from_precision_known"),
        CheckConstraint(one_of("to_precision", Precision), name="to_precision_known"),
        CheckConstraint("valid_to > valid_from", name="ends_after_it_begins"),
        CheckConstraint(one_of("position_quality", PositionQuality), name="position_quality_known"),
    )


class Place(Identified, Attributed, Base):
    """A place of one class, in a division, with its extent as point, line or area and its standard name.

    `standard_name` and `geom` are those of `place_name` and `place_extent` that are in force, or were last; where none has
    begun, the first that will. Triggers keep them so, and `places/turning.py` when a day comes.
    `national_code` has twenty digits: division 6, township 3, class 5, serial 6. `detail` holds what only its class has
    (`places/details.py`). The place was there from `begun_on` up to, not including, `ended_on`,
    days that are known as exactly as is said beside them, as those of names.
    """

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("dataset_id", "source_id"),
        UniqueConstraint("national_code"),
        CheckConstraint(one_of("class", PlaceClass), name="class_known"),
        CheckConstraint("standard_name <> ''", name="standard_name_given"),
        CheckConstraint(one_of("state", PlaceState), name="state_known"),
        CheckConstraint("national_code ~ '^[0-9]{20}$'", name="national_code_has_twenty_digits"),
        CheckConstraint("jsonb_typeof(detail) = 'object'", name="detail_is_an_object"),
        CheckConstraint("ended_on > begun_on", name="ends_after_it_begins"),
        CheckConstraint(one_of("begun_precision", Precision), name="begun_precision_known"),
        CheckConstraint(one_of("ended_precision", Precision), name="ended_precision_known"),
        CheckConstraint(one_of("position_quality", PositionQuality), name="position_quality_known"),
        CheckConstraint("NOT ST_IsEmpty(geom)", name="geom_not_empty"),
        Index("ix_place_geom", "geom", postgresql_using="gist"),
        Index("ix_place_geom_3857", "geom_3857", postgresql_using="gist"),
        Index("ix_place_class_fid", "class", "fid"),
        _coming("place", "ended_on"),
        Index("ix_place_synthetic", "fid", postgresql_where=text("position_quality = 'synthetic'")),
    )

    place_class: Mapped[str] = mapped_column("class")
    standard_name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=PlaceState.IN_USE.value)
    national_code: Mapped[str | None] = mapped_column(CHAR(20))
    division_id: Mapped[UUID | None] = mapped_column(ForeignKey("division.id"), index=True)
    begun_on: Mapped[date | None]
    begun_precision: Mapped[str] = mapped_column(server_default=Precision.DAY.value)
    ended_on: Mapped[date | None]
    ended_precision: Mapped[str] = mapped_column(server_default=Precision.DAY.value)
    geom: Mapped[WKBElement | None] = stored_geometry("GEOMETRY", nullable=True)
    geom_3857: Mapped[WKBElement | None] = tile_geometry("GEOMETRY")
    detail: Mapped[dict[str, object]] = mapped_column(server_default="{}")
    position_quality: Mapped[str] = mapped_column(server_default=PositionQuality.SOURCE.value)
    dataset_id: Mapped[UUID | None] = mapped_column(ForeignKey("dataset.id"))
    source_id: Mapped[str | None]


class PlaceName(Identified, Attributed, Base):
    """One of the names of a place: in one spelling, of one kind, in one language, for one period.

    A period is [`valid_from`, `valid_to`); an end that isn't known, or hasn't come, is empty, and how exactly it is known
    is said beside it: of ``1958`` the day is 1 January and the precision a year. The spelling has a status, and the naming,
    the decision that it came of, has one of its own. `romanized` has tones; who gave it is told, and why if somebody did.
    `language` is a BCP 47 tag. What was told by mistake is `withdrawn`: nothing reads it but its history.
    """

    __tablename__ = "place_name"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name_given"),
        CheckConstraint(one_of("kind", NameKind), name="kind_known"),
        CheckConstraint(one_of("status", SpellingStatus), name="status_known"),
        CheckConstraint(one_of("naming", NamingState), name="naming_known"),
        CheckConstraint("language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'", name="language_well_formed"),
        CheckConstraint(one_of("from_precision", Precision), name="from_precision_known"),
        CheckConstraint(one_of("to_precision", Precision), name="to_precision_known"),
        CheckConstraint("valid_to > valid_from", name="ends_after_it_begins"),
        CheckConstraint("romanized <> ''", name="romanized_given"),
        CheckConstraint(one_of("romanized_by", RomanizedBy), name="romanized_by_known"),
        CheckConstraint("(romanized IS NULL) = (romanized_by IS NULL)", name="romanized_by_somebody"),
        ExcludeConstraint(
            ("place_id", "="),
            ("period", "&&"),
            name="ex_place_name_one_standard_name",
            where=text(STANDARD_SPELLING),
            using="gist",
        ),
        Index("ix_place_name_place_id", "place_id", "fid"),
        _coming("place_name", "valid_from"),
        _coming("place_name", "valid_to"),
    )

    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    name: Mapped[str]
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=SpellingStatus.RECORDED.value)
    naming: Mapped[str] = mapped_column(server_default=NamingState.TAKEN_OVER.value)
    language: Mapped[str] = mapped_column(server_default="zh-Hans")
    romanized: Mapped[str | None]
    romanized_by: Mapped[str | None]
    romanized_why: Mapped[str] = mapped_column(server_default="")
    meaning: Mapped[str] = mapped_column(server_default="")
    origin: Mapped[str] = mapped_column(server_default="")
    source: Mapped[str] = mapped_column(server_default="")
    valid_from: Mapped[date | None]
    from_precision: Mapped[str] = mapped_column(server_default=Precision.DAY.value)
    valid_to: Mapped[date | None]
    to_precision: Mapped[str] = mapped_column(server_default=Precision.DAY.value)
    period: Mapped[Range[date]] = mapped_column(DATERANGE, Computed("daterange(valid_from, valid_to)", persisted=True))
    withdrawn: Mapped[bool] = mapped_column(server_default="false")


class PlaceExtent(Identified, Attributed, Base):
    """How far a place reached in one period, [`valid_from`, `valid_to`); at no time there are two that aren't withdrawn."""

    __tablename__ = "place_extent"
    __table_args__ = (
        CheckConstraint("NOT ST_IsEmpty(geom)", name="geom_not_empty"),
        CheckConstraint(one_of("from_precision", Precision), name="from_precision_known"),
        CheckConstraint(one_of("to_precision", Precision), name="to_precision_known"),
        CheckConstraint("valid_to > valid_from", name="ends_after_it_begins"),
        CheckConstraint(one_of("position_quality", PositionQuality), name="position_quality_known"),
        ExcludeConstraint(
            ("place_id", "="),
            ("period", "&&"),
            name="ex_place_extent_one_at_a_time",
            where=text("NOT withdrawn"),
            using="gist",
        ),
        Index("ix_place_extent_place_id", "place_id", "fid"),
        Index("ix_place_extent_geom", "geom", postgresql_using="gist"),
        _coming("place_extent", "valid_from"),
    )

    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    geom: Mapped[WKBElement] = stored_geometry("GEOMETRY")
    source: Mapped[str] = mapped_column(server_default="")
    position_quality: Mapped[str] = mapped_column(server_default=PositionQuality.SOURCE.value)
    valid_from: Mapped[date | None]
    from_precision: Mapped[str] = mapped_column(server_default=Precision.DAY.value)
    valid_to: Mapped[date | None]
    to_precision: Mapped[str] = mapped_column(server_default=Precision.DAY.value)
    period: Mapped[Range[date]] = mapped_column(DATERANGE, Computed("daterange(valid_from, valid_to)", persisted=True))
    withdrawn: Mapped[bool] = mapped_column(server_default="false")


class PlaceRelation(Identified, Attributed, Base):
    """What one place is to another, written once and read from both: `place_id` (the later, the part) to `other_id`."""

    __tablename__ = "place_relation"
    __table_args__ = (
        UniqueConstraint("place_id", "other_id", "kind"),
        CheckConstraint("place_id <> other_id", name="other_is_another"),
        CheckConstraint(one_of("kind", PlaceRelationKind), name="kind_known"),
        CheckConstraint(one_of("certainty", Certainty), name="certainty_known"),
        CheckConstraint(one_of("since_precision", Precision), name="since_precision_known"),
        CheckConstraint("evidence <> ''", name="evidence_given"),
    )

    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    kind: Mapped[str]
    since: Mapped[date | None]
    since_precision: Mapped[str] = mapped_column(server_default=Precision.DAY.value)
    evidence: Mapped[str]
    certainty: Mapped[str] = mapped_column(server_default=Certainty.CERTAIN.value)
    withdrawn: Mapped[bool] = mapped_column(server_default="false")


class BuiltUpArea(Identified, Attributed, Base):
    """A built-up area, within which names of streets and of estates are told apart (地名管理条例 art. 9): an area, now.

    It has reached so far since `valid_from`, and does until `valid_to`: without one it is in force, and the rules of names
    read it. Earlier extents are rows of `built_up_extent`. Where it was said by divisions, `divisions` has them as
    ``{"code", "vintage"}``, those whose boundaries were taken; else it was drawn.
    """

    __tablename__ = "built_up_area"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("dataset_id", "source_id"),
        CheckConstraint("key ~ '^[a-z0-9][a-z0-9-]{0,39}$'", name="key_well_formed"),
        CheckConstraint("name <> ''", name="name_given"),
        *_extent_checks(),
        Index("ix_built_up_area_geom", "geom", postgresql_using="gist"),
    )

    key: Mapped[str]
    name: Mapped[str]
    division_id: Mapped[UUID | None] = mapped_column(ForeignKey("division.id"), index=True)
    geom: Mapped[WKBElement] = stored_geometry("MULTIPOLYGON")
    divisions: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    source: Mapped[str] = mapped_column(server_default="")
    position_quality: Mapped[str] = mapped_column(server_default=PositionQuality.SOURCE.value)
    valid_from: Mapped[date | None]
    from_precision: Mapped[str] = mapped_column(server_default=Precision.DAY.value)
    valid_to: Mapped[date | None]
    to_precision: Mapped[str] = mapped_column(server_default=Precision.DAY.value)
    period: Mapped[Range[date]] = mapped_column(DATERANGE, Computed("daterange(valid_from, valid_to)", persisted=True))
    dataset_id: Mapped[UUID | None] = mapped_column(ForeignKey("dataset.id"))
    source_id: Mapped[str | None]


class BuiltUpExtent(Identified, Attributed, Base):
    """How far a built-up area reached before it grew, in [`valid_from`, `valid_to`); at no time there are two."""

    __tablename__ = "built_up_extent"
    __table_args__ = (
        *_extent_checks(),
        ExcludeConstraint(
            ("area_id", "="),
            ("period", "&&"),
            name="ex_built_up_extent_one_at_a_time",
            where=text("NOT withdrawn"),
            using="gist",
        ),
        Index("ix_built_up_extent_area_id", "area_id", "fid"),
    )

    area_id: Mapped[UUID] = mapped_column(ForeignKey("built_up_area.id"))
    geom: Mapped[WKBElement] = stored_geometry("MULTIPOLYGON")
    divisions: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    source: Mapped[str] = mapped_column(server_default="")
    position_quality: Mapped[str] = mapped_column(server_default=PositionQuality.SOURCE.value)
    valid_from: Mapped[date | None]
    from_precision: Mapped[str] = mapped_column(server_default=Precision.DAY.value)
    valid_to: Mapped[date]
    to_precision: Mapped[str] = mapped_column(server_default=Precision.DAY.value)
    period: Mapped[Range[date]] = mapped_column(DATERANGE, Computed("daterange(valid_from, valid_to)", persisted=True))
    withdrawn: Mapped[bool] = mapped_column(server_default="false")
