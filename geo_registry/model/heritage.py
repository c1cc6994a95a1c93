"""Names on protection lists (地名保护名录), and what is told of them: evidence, stories, pictures, protective measures."""

from datetime import date
from uuid import UUID

from geoalchemy2 import WKBElement
from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Attributed, Base, Identified, one_of
from geo_registry.model.geometry import stored_geometry
from geo_registry.vocabulary import HeritageKind, HeritageLevel, HeritageStatus, MeasurePurpose


class Heritage(Identified, Attributed, Base):
    """A name on one protection list, or proposed for it: a place's present name, a former one, or that of what is gone.

    `founded`, `named`, `disused` and `restored` are years as they were said (`heritage/years.py`): since when what is named
    has been there, since when it was called so, since when no more, since when again. `claims` says of each criterion that
    isn't a matter of years whether it is met. `geom` is where it was, of what is no place of the registry; `synthetic`
    marks an example.
    """

    __tablename__ = "heritage"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name_given"),
        CheckConstraint(one_of("kind", HeritageKind), name="kind_known"),
        CheckConstraint(one_of("level", HeritageLevel), name="level_known"),
        CheckConstraint(one_of("status", HeritageStatus), name="status_known"),
        CheckConstraint("jsonb_typeof(claims) = 'object'", name="claims_are_an_object"),
        CheckConstraint(
            "status = 'proposed' OR (listed_on IS NOT NULL AND document_number <> '' AND body <> '')",
            name="listed_by_a_document",
        ),
        CheckConstraint("(status = 'delisted') = (delisted_on IS NOT NULL)", name="delisted_on_a_day"),
        CheckConstraint("delisted_on >= listed_on", name="delisted_after_listed"),
        CheckConstraint("delisted_on IS NULL OR delisted_why <> ''", name="delisted_for_a_reason"),
        CheckConstraint("NOT ST_IsEmpty(geom)", name="geom_not_empty"),
        Index(
            "uq_heritage_one_listing",
            "place_id",
            "name",
            "list_name",
            unique=True,
            postgresql_where=text("place_id IS NOT NULL AND status <> 'delisted'"),
        ),
    )

    name: Mapped[str]
    romanized: Mapped[str] = mapped_column(server_default="")
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"), index=True)
    division_id: Mapped[UUID | None] = mapped_column(ForeignKey("division.id"), index=True)
    geom: Mapped[WKBElement | None] = stored_geometry("POINT", nullable=True)
    kind: Mapped[str]
    level: Mapped[str]
    list_name: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str] = mapped_column(server_default=HeritageStatus.PROPOSED.value)
    listed_on: Mapped[date | None]
    document_number: Mapped[str] = mapped_column(server_default="")
    body: Mapped[str] = mapped_column(server_default="")
    delisted_on: Mapped[date | None]
    delisted_document: Mapped[str] = mapped_column(server_default="")
    delisted_why: Mapped[str] = mapped_column(server_default="")
    founded: Mapped[str] = mapped_column(server_default="")
    named: Mapped[str] = mapped_column(server_default="")
    disused: Mapped[str] = mapped_column(server_default="")
    restored: Mapped[str] = mapped_column(server_default="")
    claims: Mapped[dict[str, object]] = mapped_column(server_default="{}")
    synthetic: Mapped[bool] = mapped_column(server_default="false")


class HeritageEvidence(Identified, Attributed, Base):
    """What tells of a heritage name: what it is, its date as it is said, where it is kept; and the criteria that it bears out."""

    __tablename__ = "heritage_evidence"
    __table_args__ = (
        CheckConstraint("what <> ''", name="what_given"),
        Index("ix_heritage_evidence_heritage_id", "heritage_id", "fid"),
    )

    heritage_id: Mapped[UUID] = mapped_column(ForeignKey("heritage.id"))
    what: Mapped[str]
    says: Mapped[str] = mapped_column(server_default="")
    dated: Mapped[str] = mapped_column(server_default="")
    source: Mapped[str] = mapped_column(server_default="")
    supports: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    withdrawn: Mapped[bool] = mapped_column(server_default="false")


class HeritageStory(Identified, Attributed, Base):
    """A story that is told of a heritage name, with its source."""

    __tablename__ = "heritage_story"
    __table_args__ = (
        CheckConstraint("story <> ''", name="story_given"),
        Index("ix_heritage_story_heritage_id", "heritage_id", "fid"),
    )

    heritage_id: Mapped[UUID] = mapped_column(ForeignKey("heritage.id"))
    title: Mapped[str] = mapped_column(server_default="")
    story: Mapped[str]
    source: Mapped[str] = mapped_column(server_default="")
    withdrawn: Mapped[bool] = mapped_column(server_default="false")


class HeritagePicture(Identified, Attributed, Base):
    """A picture of a heritage name: its caption, whose it is and under which licence, and the file itself.

    `content` has been stripped of what cameras write into files (`heritage/pictures.py`); `checksum` is its SHA-256.
    """

    __tablename__ = "heritage_picture"
    __table_args__ = (
        CheckConstraint("caption <> ''", name="caption_given"),
        CheckConstraint("author <> '' AND licence <> ''", name="author_and_licence_given"),
        CheckConstraint("media_type IN ('image/jpeg', 'image/png', 'image/webp')", name="media_type_known"),
        CheckConstraint("width_px > 0 AND height_px > 0", name="size_known"),
        CheckConstraint("octet_length(content) BETWEEN 1 AND 2000000", name="content_of_a_size"),
        CheckConstraint("octet_length(checksum) = 32", name="checksum_whole"),
        Index("ix_heritage_picture_heritage_id", "heritage_id", "fid"),
    )

    heritage_id: Mapped[UUID] = mapped_column(ForeignKey("heritage.id"))
    caption: Mapped[str]
    author: Mapped[str]
    licence: Mapped[str]
    taken: Mapped[str] = mapped_column(server_default="")
    media_type: Mapped[str]
    width_px: Mapped[int] = mapped_column(Integer)
    height_px: Mapped[int] = mapped_column(Integer)
    checksum: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    withdrawn: Mapped[bool] = mapped_column(server_default="false")


class HeritageMeasure(Identified, Attributed, Base):
    """A protective measure: what is done, for what, decided on when, by whom and with which document."""

    __tablename__ = "heritage_measure"
    __table_args__ = (
        CheckConstraint("measure <> ''", name="measure_given"),
        CheckConstraint(one_of("purpose", MeasurePurpose), name="purpose_known"),
        Index("ix_heritage_measure_heritage_id", "heritage_id", "fid"),
    )

    heritage_id: Mapped[UUID] = mapped_column(ForeignKey("heritage.id"))
    purpose: Mapped[str]
    measure: Mapped[str]
    decided_on: Mapped[date]
    document_number: Mapped[str] = mapped_column(server_default="")
    body: Mapped[str] = mapped_column(server_default="")
    withdrawn: Mapped[bool] = mapped_column(server_default="false")
