"""Cases: what the office decides on, with its names, steps, papers and consultations; and what everybody is told of it."""

from datetime import date
from typing import Any
from uuid import UUID

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Attributed, Base, Identified, one_of
from geo_registry.model.geometry import stored_geometry
from geo_registry.vocabulary import (
    Approver,
    CaseKind,
    CaseOrigin,
    CaseState,
    CaseStep,
    CommentOutcome,
    ConsultationKind,
    DocumentKind,
    DutyState,
    FindingCode,
    LineState,
    NameAction,
    PlaceClass,
)


class NamingCase(Identified, Attributed, Base):
    """A case: what is to be decided on, of which division, by whom; one case holds one or many names (`case_name`).

    Its steps (`case_step`) are what happened; `state` and the dates beside it are what they come to (`cases/lifecycle.py`),
    kept so that lists can ask for them. `turns` counts the writes to the case and all that hangs on it. `due_on` is the last
    day of whatever has to be done next, where a term is known. `synthetic` marks what is made up for the demonstration.
    """

    __tablename__ = "naming_case"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("number <> ''", name="number_given"),
        CheckConstraint("title <> ''", name="title_given"),
        CheckConstraint(one_of("kind", CaseKind), name="kind_known"),
        CheckConstraint(one_of("origin", CaseOrigin), name="origin_known"),
        CheckConstraint(one_of("approver", Approver), name="approver_known"),
        CheckConstraint(one_of("state", CaseState), name="state_known"),
        CheckConstraint(one_of("filing", DutyState), name="filing_known"),
        CheckConstraint(one_of("announcing", DutyState), name="announcing_known"),
        CheckConstraint(
            "(state = 'approved') = (approved_on IS NOT NULL) OR origin = 'taken-over'", name="approved_on_a_day"
        ),
        Index("ix_naming_case_due_on_fid", "due_on", "fid"),
    )

    number: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    division_id: Mapped[UUID] = mapped_column(ForeignKey("division.id"), index=True)
    origin: Mapped[str] = mapped_column(server_default=CaseOrigin.APPLICATION.value)
    applicant: Mapped[str] = mapped_column(server_default="")
    plan: Mapped[str] = mapped_column(server_default="")
    reasons: Mapped[str] = mapped_column(server_default="")
    approver: Mapped[str]
    approving_body: Mapped[str] = mapped_column(server_default="")
    synthetic: Mapped[bool] = mapped_column(server_default="false")
    turns: Mapped[int] = mapped_column(server_default="0")
    state: Mapped[str] = mapped_column(server_default=CaseState.DRAFT.value)
    consulted_until: Mapped[date | None]
    approved_on: Mapped[date | None]
    approval_number: Mapped[str] = mapped_column(server_default="")
    filing: Mapped[str | None]
    filing_due_on: Mapped[date | None]
    filed_on: Mapped[date | None]
    filing_number: Mapped[str] = mapped_column(server_default="")
    announcing: Mapped[str | None]
    announcement_due_on: Mapped[date | None]
    announced_on: Mapped[date | None]
    due_on: Mapped[date | None]


class CaseName(Identified, Attributed, Base):
    """A line of a case: a name, what is done to it, and what bears it.

    `place_id` is the place that bears, or is to bear, the name; of a new one it is empty until the approval has made it.
    `former` is what the place was called until the approval; empty as long as that is what it is called.
    `absorbs` are places that end and whose extent goes to this one, `splits` those whose extent goes to this one in part.
    `detail` holds what a place of the class has (`places/details.py`).
    """

    __tablename__ = "case_name"
    __table_args__ = (
        UniqueConstraint("case_id", "position"),
        CheckConstraint("name <> ''", name="name_given"),
        CheckConstraint(one_of("action", NameAction), name="action_known"),
        CheckConstraint(one_of("class", PlaceClass), name="class_known"),
        CheckConstraint(one_of("state", LineState), name="state_known"),
        CheckConstraint("action = 'name' OR place_id IS NOT NULL", name="of_a_place"),
        CheckConstraint("jsonb_typeof(detail) = 'object'", name="detail_is_an_object"),
        CheckConstraint("NOT ST_IsEmpty(geom)", name="geom_not_empty"),
        CheckConstraint("state <> 'struck' OR struck_why <> ''", name="struck_for_a_reason"),
        Index("ix_case_name_place_id", "place_id"),
        Index("ix_case_name_absorbs", "absorbs", postgresql_using="gin"),
        Index("ix_case_name_splits", "splits", postgresql_using="gin"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("naming_case.id"))
    position: Mapped[int]
    action: Mapped[str]
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    name: Mapped[str]
    former: Mapped[str] = mapped_column(server_default="")
    place_class: Mapped[str] = mapped_column("class")
    romanized: Mapped[str | None]
    meaning: Mapped[str] = mapped_column(server_default="")
    origin: Mapped[str] = mapped_column(server_default="")
    division_id: Mapped[UUID | None] = mapped_column(ForeignKey("division.id"))
    geom: Mapped[WKBElement | None] = stored_geometry("GEOMETRY", nullable=True)
    detail: Mapped[dict[str, object]] = mapped_column(server_default="{}")
    absorbs: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")
    splits: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")
    state: Mapped[str] = mapped_column(server_default=LineState.OPEN.value)
    struck_why: Mapped[str] = mapped_column(server_default="")


class CaseStepTaken(Identified, Attributed, Base):
    """A step that was taken, never changed: by the date of its document, who, and what it says."""

    __tablename__ = "case_step"
    __table_args__ = (
        CheckConstraint(one_of("step", CaseStep), name="step_known"),
        Index("ix_case_step_case_id", "case_id", "fid"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("naming_case.id"))
    step: Mapped[str]
    happened_on: Mapped[date]
    until: Mapped[date | None]
    number: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")


class CaseDocument(Identified, Attributed, Base):
    """A paper of a case; what it holds is a row of `document_content`."""

    __tablename__ = "case_document"
    __table_args__ = (
        CheckConstraint(one_of("kind", DocumentKind), name="kind_known"),
        CheckConstraint("title <> ''", name="title_given"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_well_formed"),
        Index("ix_case_document_case_id", "case_id", "fid"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("naming_case.id"))
    kind: Mapped[str]
    title: Mapped[str]
    file_name: Mapped[str]
    media_type: Mapped[str]
    bytes: Mapped[int]
    sha256: Mapped[str]
    withdrawn: Mapped[bool] = mapped_column(server_default="false")


class DocumentContent(Base):
    """What a paper holds: written once, apart from what is told of it, whose history is kept."""

    __tablename__ = "document_content"

    id: Mapped[UUID] = mapped_column(ForeignKey("case_document.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class CaseClearance(Identified, Attributed, Base):
    """That a person looked at a finding about a line of a case and lets the name stand, and why.

    It holds for that name, that code and what it collides with; the line under another name is looked at anew.
    """

    __tablename__ = "case_clearance"
    __table_args__ = (
        CheckConstraint(one_of("code", FindingCode), name="code_known"),
        CheckConstraint("reason <> ''", name="reason_given"),
        Index(
            "uq_case_clearance_in_force",
            "line_id",
            "name",
            "code",
            "collides_name",
            unique=True,
            postgresql_where=text("NOT withdrawn"),
        ),
    )

    line_id: Mapped[UUID] = mapped_column(ForeignKey("case_name.id"))
    name: Mapped[str]
    code: Mapped[str]
    collides_with: Mapped[UUID | None]
    collides_name: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str]
    withdrawn: Mapped[bool] = mapped_column(server_default="false")


class Consultation(Identified, Attributed, Base):
    """What the public is asked about a case: open until the end of `closes_on`, unless it was closed before.

    `names` is what is told of the lines, as they were when it opened: what everybody sees lies in no private row.
    """

    __tablename__ = "consultation"
    __table_args__ = (
        CheckConstraint(one_of("kind", ConsultationKind), name="kind_known"),
        CheckConstraint("title <> ''", name="title_given"),
        CheckConstraint("closes_on >= opened_on", name="closes_after_it_opens"),
        CheckConstraint("jsonb_typeof(names) = 'array'", name="names_are_a_list"),
        Index("ix_consultation_case_id", "case_id"),
        Index("ix_consultation_closes_on", "closes_on"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("naming_case.id"))
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str] = mapped_column(server_default="")
    names: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    division_id: Mapped[UUID] = mapped_column(ForeignKey("division.id"))
    opened_on: Mapped[date]
    closes_on: Mapped[date]
    closed_on: Mapped[date | None]
    synthetic: Mapped[bool] = mapped_column(server_default="false")


class ConsultationComment(Identified, Attributed, Base):
    """What somebody said in a consultation: private; who is named and can be reached as far as they want to be.

    `digest_key` is random, as that of a contact: digests in the audit tell nobody what was said.
    """

    __tablename__ = "consultation_comment"
    __table_args__ = (
        CheckConstraint("said <> ''", name="said_something"),
        CheckConstraint(one_of("outcome", CommentOutcome), name="outcome_known"),
        CheckConstraint("outcome = 'received' OR answer <> ''", name="answered_with_words"),
        UniqueConstraint("number"),
        Index("ix_consultation_comment_consultation_id", "consultation_id", "fid"),
    )

    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultation.id"))
    number: Mapped[str]
    said: Mapped[str]
    person: Mapped[str] = mapped_column(server_default="")
    reach: Mapped[str] = mapped_column(server_default="")
    outcome: Mapped[str] = mapped_column(server_default=CommentOutcome.RECEIVED.value)
    answer: Mapped[str] = mapped_column(server_default="")
    digest_key: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))


class Announcement(Identified, Attributed, Base):
    """An announcement as it was published, never changed: a correction is another one, of the same case.

    `content` is all that it says (`cases/announced.py`), as it was said.
    """

    __tablename__ = "announcement"
    __table_args__ = (
        CheckConstraint("title <> ''", name="title_given"),
        CheckConstraint("jsonb_typeof(content) = 'object'", name="content_is_an_object"),
        Index("ix_announcement_case_id", "case_id"),
        Index("ix_announcement_published_on_fid", "published_on", "fid"),
        Index("ix_announcement_corrects_id", "corrects_id", unique=True),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("naming_case.id"))
    number: Mapped[str] = mapped_column(server_default="")
    title: Mapped[str]
    office: Mapped[str]
    published_on: Mapped[date]
    division_id: Mapped[UUID] = mapped_column(ForeignKey("division.id"), index=True)
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("announcement.id"))
    correction: Mapped[str] = mapped_column(server_default="")
    content: Mapped[dict[str, object]]
    synthetic: Mapped[bool] = mapped_column(server_default="false")


class NameDecision(Identified, Attributed, Base):
    """What everybody may know of the decision on a name of a place: by whom, when, by which document; filed, announced."""

    __tablename__ = "name_decision"
    __table_args__ = (
        UniqueConstraint("case_id", "place_id", "action"),
        CheckConstraint(one_of("action", NameAction), name="action_known"),
        Index("ix_name_decision_place_id", "place_id"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("naming_case.id"))
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    name: Mapped[str]
    action: Mapped[str]
    body: Mapped[str]
    approved_on: Mapped[date]
    approval_number: Mapped[str] = mapped_column(server_default="")
    filed_on: Mapped[date | None]
    filing_number: Mapped[str] = mapped_column(server_default="")
    announcement_id: Mapped[UUID | None] = mapped_column(ForeignKey("announcement.id"))
