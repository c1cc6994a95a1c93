"""What the checks found over the whole registry, and what a person cleared of it, with the reason."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, Integer, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import CHAR
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Attributed, Base, Identified, one_of
from geo_registry.vocabulary import FindingCode, Named, Severity


class NameReview(Base):
    """A time that all names were checked: how many there were, what was found, how long it took."""

    __tablename__ = "name_review"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.transaction_timestamp())
    names: Mapped[int]
    findings: Mapped[int]
    seconds: Mapped[float] = mapped_column(Double)
    ordered_by: Mapped[str]


class NameFinding(Base):
    """One finding about one name, as the last review made it; derived, and made anew by the next.

    `basis` and `details` are those of `places/rules/findings.py`: what it stands on and what its words are filled with.
    `code` is the finding's, `division_code` the twelve digits of where the name is given. `weight` puts errors before
    warnings before notes, and each of them in the order of the checks (`clearing.weight_of`).
    """

    __tablename__ = "name_finding"
    __table_args__ = (
        CheckConstraint(one_of("type", Named), name="type_known"),
        CheckConstraint(one_of("code", FindingCode), name="code_known"),
        CheckConstraint(one_of("severity", Severity), name="severity_known"),
        Index("ix_name_finding_weight_fid", "weight", "fid"),
        Index("ix_name_finding_division_code", "division_code", postgresql_ops={"division_code": "bpchar_pattern_ops"}),
        Index("ix_name_finding_record_id", "record_id"),
    )

    fid: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[UUID] = mapped_column(ForeignKey("name_review.id"))
    type: Mapped[str]
    record_id: Mapped[UUID]
    name: Mapped[str]
    kind: Mapped[str]
    division_code: Mapped[str | None] = mapped_column(CHAR(12))
    lon: Mapped[float | None] = mapped_column(Double)
    lat: Mapped[float | None] = mapped_column(Double)
    code: Mapped[str]
    severity: Mapped[str]
    weight: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    basis: Mapped[dict[str, object]]
    details: Mapped[dict[str, object]]
    collides_with: Mapped[UUID | None]
    collides_name: Mapped[str | None]
    collides_kind: Mapped[str | None]
    collides_division: Mapped[str | None] = mapped_column(CHAR(12))
    distance_m: Mapped[int | None] = mapped_column(Integer)


class FindingClearance(Identified, Attributed, Base):
    """That a person looked at a finding and lets the name stand, and why: of a place's name, or of a division's.

    It holds for that name, that code and what it collides with, from either side: `collides_name` is what the other was
    called. When one of the two gets another name, it is looked at anew.
    """

    __tablename__ = "finding_clearance"
    __table_args__ = (
        CheckConstraint("num_nonnulls(place_id, division_id) = 1", name="of_one_record"),
        CheckConstraint(one_of("code", FindingCode), name="code_known"),
        CheckConstraint("reason <> ''", name="reason_given"),
        Index(
            "uq_finding_clearance_in_force",
            "place_id",
            "division_id",
            "name",
            "code",
            "collides_with",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("NOT withdrawn"),
        ),
        Index("ix_finding_clearance_collides_with", "collides_with", postgresql_where=text("NOT withdrawn")),
    )

    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    division_id: Mapped[UUID | None] = mapped_column(ForeignKey("division.id"))
    name: Mapped[str]
    code: Mapped[str]
    collides_with: Mapped[UUID | None]
    collides_name: Mapped[str | None]
    reason: Mapped[str]
    withdrawn: Mapped[bool] = mapped_column(server_default="false")
