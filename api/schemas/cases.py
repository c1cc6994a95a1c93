"""Cases, filings, consultations and announcements over the wire."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.names import FindingOut
from geo_registry.cases.announced import Announced, AnnouncedName, Flaw
from geo_registry.cases.checking import LineFinding
from geo_registry.cases.neighbours import Neighbour
from geo_registry.cases.notices import CaseNotice
from geo_registry.cases.queries import (
    AnnouncementRow,
    Answered,
    CaseRow,
    ClearanceRow,
    CommentRow,
    ConsultationRow,
    DecisionRow,
    DocumentRow,
    LineRow,
    Part,
    StepRow,
)
from geo_registry.cases.service import CaseTold, Opened
from geo_registry.cases.terms import Due
from geo_registry.cases.wording import sentence
from geo_registry.exchange.case_names import NamesRead
from geo_registry.vocabulary import (
    Approver,
    CaseKind,
    CaseOrigin,
    CaseState,
    CaseStep,
    CommentOutcome,
    Compass,
    ConsultationKind,
    DocumentKind,
    Duty,
    DutyState,
    FlawCode,
    LineState,
    NameAction,
    NoticeCode,
    PartFate,
    PlaceClass,
    PositionQuality,
    Severity,
)


class CaseOut(BaseModel):
    """A case as it is listed."""

    id: UUID
    fid: Annotated[int, Field(description="Counts up as cases are opened")]
    number: Annotated[str, Field(examples=["330702-2026-0001"])]
    kind: CaseKind
    title: str
    division_code: str
    division_name: str
    origin: CaseOrigin
    applicant: str
    plan: str
    reasons: str
    approver: Annotated[Approver | None, Field(description="Null where it was taken over without being known")]
    approving_body: str
    state: CaseState
    open: Annotated[bool, Field(description="Whether anything is still to be done")]
    consulted_until: date | None
    approved_on: Annotated[
        date | None, Field(description="The date of the document: since then its names are in force")
    ]
    approval_number: str
    filing: DutyState | None
    filing_due_on: date | None
    filed_on: date | None
    filing_number: str
    announcement: DutyState | None
    announcement_due_on: date | None
    announced_on: date | None
    due_on: Annotated[date | None, Field(description="The last day of what has to be done next")]
    names: Annotated[int, Field(description="How many")]
    first_name: str | None
    dataset: Annotated[
        UUID | None,
        Field(description="The dataset that it took over: its names are those of `/api/v1/places?dataset=`"),
    ]
    synthetic: Annotated[bool, Field(description="Whether it is made up, for the demonstration")]
    recorded_at: datetime

    @classmethod
    def of(cls, row: CaseRow) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            fid=row.fid,
            number=row.number,
            kind=row.kind,
            title=row.title,
            division_code=row.division_code,
            division_name=row.division_name,
            origin=row.origin,
            applicant=row.applicant,
            plan=row.plan,
            reasons=row.reasons,
            approver=row.known_approver,
            approving_body=row.approving_body,
            state=row.state,
            open=row.is_open,
            consulted_until=row.consulted_until,
            approved_on=row.approved_on,
            approval_number=row.approval_number,
            filing=row.filing,
            filing_due_on=row.filing_due_on,
            filed_on=row.filed_on,
            filing_number=row.filing_number,
            announcement=row.announcing,
            announcement_due_on=row.announcement_due_on,
            announced_on=row.announced_on,
            due_on=row.due_on,
            names=row.names,
            first_name=row.first_name,
            dataset=row.dataset,
            synthetic=row.synthetic,
            recorded_at=row.recorded_at,
        )


class CasePartOut(BaseModel):
    """A place that a name takes in."""

    id: UUID
    name: str

    @classmethod
    def of(cls, part: Part) -> Self:
        """As it is sent."""
        return cls(id=part.id, name=part.name)


class CaseNameOut(BaseModel):
    """A name of a case, and what bears it."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    id: UUID
    position: int
    action: NameAction
    place: Annotated[UUID | None, Field(description="The place; of a new one null until the approval")]
    place_name: Annotated[str | None, Field(description="What the place is called now")]
    name: str
    place_class: Annotated[PlaceClass, Field(alias="class")]
    romanized: Annotated[str | None, Field(description="As it was decided on; null where it is as the rules spell it")]
    meaning: str
    origin: str
    division_code: str | None
    division_name: str | None
    geometry: Annotated[dict[str, Any] | None, Field(description="GeoJSON, longitude and latitude in degrees (CRS84)")]
    detail: dict[str, Any]
    absorbs: list[CasePartOut]
    splits: list[CasePartOut]
    aliases: Annotated[list[str], Field(description="Other names that it goes by")]
    state: LineState
    struck_why: str
    working: Annotated[bool, Field(description="Whether the name stands there only until one is found")]

    @classmethod
    def of(cls, row: LineRow) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            position=row.position,
            action=row.action,
            place=row.place,
            place_name=row.place_name,
            name=row.name,
            place_class=row.place_class,
            romanized=row.romanized,
            meaning=row.meaning,
            origin=row.origin,
            division_code=row.division_code,
            division_name=row.division_name,
            geometry=dict(row.geometry) if row.geometry is not None else None,
            detail=dict(row.detail),
            absorbs=[CasePartOut.of(each) for each in row.absorbs],
            splits=[CasePartOut.of(each) for each in row.splits],
            aliases=list(row.aliases),
            state=row.state,
            struck_why=row.struck_why,
            working=row.working,
        )


class CaseStepOut(BaseModel):
    """A step that was taken, by the date of its document."""

    step: CaseStep
    on: date
    by: str
    recorded_at: datetime
    until: date | None
    number: str
    note: str
    amends: Annotated[CaseStep | None, Field(description="Of `amend`: the step whose date and number these are")]

    @classmethod
    def of(cls, row: StepRow) -> Self:
        """A row as it is sent."""
        return cls(
            step=row.step,
            on=row.on,
            by=row.by,
            recorded_at=row.at,
            until=row.until,
            number=row.number,
            note=row.note,
            amends=row.amends,
        )


class CaseDueOut(BaseModel):
    """A duty after the approval, and its term."""

    duty: Duty
    state: DutyState
    began_on: Annotated[date | None, Field(description="From when its term runs; null where it hasn't begun")]
    last_day: date | None
    certain: Annotated[bool, Field(description="Whether the term was read where it is set, and its days are known")]
    basis: Annotated[str | None, Field(examples=["《地名管理条例》第十三条"])]
    done_on: date | None
    day_off: Annotated[bool, Field(description="Whether offices don't work on the last day, as far as is known")]
    next_working: Annotated[
        date | None,
        Field(description="Then the next day on which they do; whether the term reaches so far isn't verified"),
    ]

    @classmethod
    def of(cls, due: Due) -> Self:
        """As it is sent."""
        return cls(
            duty=due.duty,
            state=due.state,
            began_on=due.began_on,
            last_day=due.last_day,
            certain=due.certain,
            basis=due.term.basis.cited if due.term is not None else None,
            done_on=due.done_on,
            day_off=due.day_off,
            next_working=due.next_working,
        )


class CaseNoticeOut(BaseModel):
    """What should be known of a case, and refuses nothing."""

    code: NoticeCode
    severity: Severity
    zh: str
    en: str
    verified: Annotated[bool, Field(description="Whether what it stands on was read")]

    @classmethod
    def of(cls, notice: CaseNotice) -> Self:
        """As it is sent."""
        return cls(
            code=notice.code,
            severity=notice.severity,
            zh=notice.message("zh"),
            en=notice.message("en"),
            verified=notice.basis.verified,
        )


class CaseDocumentOut(BaseModel):
    """A paper of a case, without what it holds."""

    id: UUID
    kind: DocumentKind
    title: str
    file_name: str
    media_type: str
    bytes: int
    sha256: str
    by: str | None
    recorded_at: datetime

    @classmethod
    def of(cls, row: DocumentRow) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            kind=row.kind,
            title=row.title,
            file_name=row.file_name,
            media_type=row.media_type,
            bytes=row.bytes,
            sha256=row.sha256,
            by=row.by,
            recorded_at=row.at,
        )


class CaseToldOut(CaseOut):
    """A case with its names, steps and papers, and what can be done."""

    model_config = ConfigDict(populate_by_name=True)

    lines: list[CaseNameOut]
    steps: list[CaseStepOut]
    documents: list[CaseDocumentOut]
    dues: list[CaseDueOut]
    open_steps: Annotated[list[CaseStep], Field(description="What can be done now, what leads on first")]
    notices: list[CaseNoticeOut]
    wanting: Annotated[list[DocumentKind], Field(description="Reports of article 11 that aren't attached")]
    consultations: list[UUID]
    announcements: list[UUID]
    taken_over: Annotated[int | None, Field(description="How many places came with the dataset that it took over")]

    @classmethod
    def told(cls, told: CaseTold) -> Self:
        """All of it as it is sent."""
        return cls(
            **CaseOut.of(told.case).model_dump(),
            lines=[CaseNameOut.of(each) for each in told.lines],
            steps=[CaseStepOut.of(each) for each in told.steps],
            documents=[CaseDocumentOut.of(each) for each in told.documents],
            dues=[CaseDueOut.of(each) for each in told.dues],
            open_steps=list(told.open_steps),
            notices=[CaseNoticeOut.of(each) for each in told.notices],
            wanting=list(told.wanting),
            consultations=[each.id for each in told.consultations],
            announcements=[each.id for each in told.announcements],
            taken_over=told.taken_over,
        )


class NeighbourOut(BaseModel):
    """A place near a name of a case."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    id: UUID
    name: str
    place_class: Annotated[PlaceClass, Field(alias="class")]
    class_label: str
    distance_m: Annotated[float, Field(description="From extent to extent; 0 where they touch")]
    direction: Annotated[Compass | None, Field(description="Where it lies, from the name; null where they touch")]
    direction_label: str | None
    synthetic: bool


class NeighboursOut(BaseModel):
    """The places near a name of a case, the nearest first."""

    items: list[NeighbourOut]

    @classmethod
    def of(cls, rows: Sequence[Neighbour], *, locale: str) -> Self:
        """Them as they are sent."""
        return cls(
            items=[
                NeighbourOut(
                    id=row.id,
                    name=row.name,
                    place_class=row.place_class,
                    class_label=row.place_class.label(locale),
                    distance_m=round(row.distance_m, 1),
                    direction=row.direction,
                    direction_label=row.direction.label(locale) if row.direction is not None else None,
                    synthetic=row.position_quality == PositionQuality.SYNTHETIC.value,
                )
                for row in rows
            ]
        )


class CaseRowOut(BaseModel):
    """What is wrong with a row of a table."""

    row: Annotated[int, Field(description="Rows count from 1, behind the header")]
    column: str
    value: str
    code: str
    severity: Annotated[
        str, Field(description="`refused`: it was left out; `warning`: it was taken, and is to be looked at")
    ]
    message: str


class CaseTableOut(BaseModel):
    """What became of a table: the case with its names, and what is told of its rows."""

    case: CaseToldOut
    read: Annotated[int, Field(description="Its rows")]
    added: Annotated[int, Field(description="Names that were added")]
    refused: Annotated[int, Field(description="Rows that were left out")]
    rows: list[CaseRowOut]

    @classmethod
    def of(cls, told: CaseTold, read: NamesRead, *, locale: str) -> Self:
        """It as it is sent."""
        return cls(
            case=CaseToldOut.told(told),
            read=read.read,
            added=len(read.lines),
            refused=read.refused,
            rows=[
                CaseRowOut(
                    row=each.row,
                    column=each.column,
                    value=each.value,
                    code=each.name,
                    severity=each.code.severity.value,
                    message=each.message(locale),
                )
                for each in read.problems
            ],
        )


class CaseClearanceOut(BaseModel):
    """What settled a finding."""

    id: UUID
    reason: str
    by: str | None
    recorded_at: datetime

    @classmethod
    def of(cls, row: ClearanceRow) -> Self:
        """A row as it is sent."""
        return cls(id=row.id, reason=row.reason, by=row.by, recorded_at=row.at)


class CaseFindingOut(BaseModel):
    """A finding about a name of a case."""

    line: UUID
    name: str
    finding: FindingOut
    cleared: CaseClearanceOut | None

    @classmethod
    def of(cls, line: LineRow, found: LineFinding, *, locale: str) -> Self:
        """As it is sent."""
        return cls(
            line=line.id,
            name=line.name,
            finding=FindingOut.of(found.finding, locale=locale),
            cleared=CaseClearanceOut.of(found.cleared) if found.cleared is not None else None,
        )


class CaseFindingsOut(BaseModel):
    """The findings about the names of a case, the weightiest of each name first."""

    items: list[CaseFindingOut]
    open: Annotated[int, Field(description="Errors and warnings that nobody settled")]

    @classmethod
    def of(cls, lines: Sequence[LineRow], findings: Mapping[UUID, Sequence[LineFinding]], *, locale: str) -> Self:
        """As they are sent."""
        items = [CaseFindingOut.of(line, each, locale=locale) for line in lines for each in findings.get(line.id, ())]
        return cls(items=items, open=sum(each.counts for those in findings.values() for each in those))


class LeftOutOut(BaseModel):
    """A name that a review found something about and that went into no case, and why."""

    id: UUID
    name: str
    reason: str


class OpenedOut(BaseModel):
    """The cases that were opened of a review's findings."""

    cases: list[CaseOut]
    left: Annotated[list[LeftOutOut], Field(description="Names that went into none")]

    @classmethod
    def of(cls, opened: Opened, *, locale: str) -> Self:
        """As it is sent."""
        left = [LeftOutOut(id=each.record, name=each.name, reason=each.message(locale)) for each in opened.left]
        return cls(cases=[CaseOut.of(row) for row in opened.cases], left=left)


class FilingOut(BaseModel):
    """The filing of an approved case: where it stands, and by when it is due (art. 13)."""

    case: UUID
    case_number: str
    title: str
    division_code: str
    division_name: str
    state: DutyState
    approved_on: date | None
    approval_number: str
    due_on: date | None
    filed_on: date | None
    filing_number: str
    days_late: Annotated[int, Field(description="Past the last day, as long as it isn't done")]
    names: int

    @classmethod
    def of(cls, row: CaseRow, today: date) -> Self:
        """A row as it is sent."""
        waits = row.filing in {DutyState.DUE, DutyState.RETURNED}
        late = (today - row.filing_due_on).days if waits and row.filing_due_on is not None else 0
        return cls(
            case=row.id,
            case_number=row.number,
            title=row.title,
            division_code=row.division_code,
            division_name=row.division_name,
            state=row.filing or DutyState.DUE,
            approved_on=row.approved_on,
            approval_number=row.approval_number,
            due_on=row.filing_due_on,
            filed_on=row.filed_on,
            filing_number=row.filing_number,
            days_late=max(0, late),
            names=row.names,
        )


class FormerNameOut(BaseModel):
    """A name that a decision ended or took from."""

    name: str
    fate: PartFate
    part: str


class AnnouncedNameOut(BaseModel):
    """A name as it is announced."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    name: str
    place_class: Annotated[PlaceClass, Field(alias="class")]
    action: NameAction
    romanized: str
    former: list[FormerNameOut]
    division: str
    position: str
    detail: dict[str, Any]
    meaning: str
    reason: str
    lon: float | None
    lat: float | None
    place: UUID | None
    working: Annotated[bool, Field(description="Whether the name stands there only until one is found")]
    sentence: Annotated[str, Field(description="As it reads in the announcement")]

    @classmethod
    def of(cls, name: AnnouncedName, *, locale: str) -> Self:
        """As it is sent."""
        return cls(
            name=name.name,
            place_class=name.place_class,
            action=name.action,
            romanized=name.romanized,
            former=[FormerNameOut(name=each.name, fate=each.fate, part=each.part) for each in name.former],
            division=name.division,
            position=name.position,
            detail=dict(name.detail),
            meaning=name.meaning,
            reason=name.reason,
            lon=name.lon,
            lat=name.lat,
            place=name.place_id,
            working=name.working,
            sentence=sentence(name, locale),
        )


class AnnouncementOut(BaseModel):
    """An announcement as it is listed."""

    id: UUID
    fid: Annotated[int, Field(description="Counts up as announcements are published")]
    number: str
    title: str
    office: str
    published_on: date
    division_code: str
    division_name: str
    corrects: Annotated[UUID | None, Field(description="The announcement that this one corrects")]
    corrected_by: UUID | None
    synthetic: bool

    @classmethod
    def of(cls, row: AnnouncementRow) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            fid=row.fid,
            number=row.number,
            title=row.title,
            office=row.office,
            published_on=row.published_on,
            division_code=row.division_code,
            division_name=row.division_name,
            corrects=row.corrects,
            corrected_by=row.corrected_by,
            synthetic=row.synthetic,
        )


class AnnouncementToldOut(AnnouncementOut):
    """An announcement with all that it says."""

    approving_body: str
    approved_on: date | None
    approval_number: str
    basis: list[str]
    correction: str
    paragraphs: list[str]
    channels: Annotated[str, Field(description="Where it was published; empty where nobody said")]
    names: list[AnnouncedNameOut]

    @classmethod
    def told(cls, row: AnnouncementRow, said: Announced, *, locale: str) -> Self:
        """All of it as it is sent."""
        return cls(
            **AnnouncementOut.of(row).model_dump(),
            approving_body=said.approving_body,
            approved_on=said.approved_on,
            approval_number=said.approval_number,
            basis=[each.cited for each in said.basis],
            correction=said.reason,
            paragraphs=list(said.paragraphs),
            channels=said.channels,
            names=[AnnouncedNameOut.of(each, locale=locale) for each in said.names],
        )


class FlawOut(BaseModel):
    """What an announcement lacks, or what in it can't be so."""

    code: FlawCode
    severity: Severity
    field: str
    name: str
    message: str

    @classmethod
    def of(cls, flaw: Flaw, *, locale: str) -> Self:
        """As it is sent."""
        return cls(
            code=flaw.code, severity=flaw.severity, field=flaw.field, name=flaw.name, message=flaw.message(locale)
        )


class AnnouncementDraftOut(BaseModel):
    """The announcement of a case as it would be made now."""

    title: str
    office: str
    approving_body: str
    approved_on: date | None
    approval_number: str
    basis: list[str]
    names: list[AnnouncedNameOut]
    flaws: list[FlawOut]

    @classmethod
    def of(cls, said: Announced, flaws: Sequence[Flaw], *, locale: str) -> Self:
        """As it is sent."""
        return cls(
            title=said.title,
            office=said.office,
            approving_body=said.approving_body,
            approved_on=said.approved_on,
            approval_number=said.approval_number,
            basis=[each.cited for each in said.basis],
            names=[AnnouncedNameOut.of(each, locale=locale) for each in said.names],
            flaws=[FlawOut.of(each, locale=locale) for each in flaws],
        )


class ConsultationOut(BaseModel):
    """What the public is, or was, asked."""

    id: UUID
    fid: Annotated[int, Field(description="Counts up as consultations are opened")]
    kind: ConsultationKind
    title: str
    body: str
    division_code: str
    division_name: str
    opened_on: date
    closes_on: Annotated[date, Field(description="The last day on which it takes opinions")]
    closed_on: date | None
    open: Annotated[bool, Field(description="Whether it takes opinions today")]
    names: list[AnnouncedNameOut]
    synthetic: bool

    @classmethod
    def of(cls, row: ConsultationRow, names: Sequence[AnnouncedName], *, today: date, locale: str) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            fid=row.fid,
            kind=row.kind,
            title=row.title,
            body=row.body,
            division_code=row.division_code,
            division_name=row.division_name,
            opened_on=row.opened_on,
            closes_on=row.closes_on,
            closed_on=row.closed_on,
            open=row.is_open(today),
            names=[AnnouncedNameOut.of(each, locale=locale) for each in names],
            synthetic=row.synthetic,
        )


class CommentSaidOut(BaseModel):
    """That something was said."""

    number: Annotated[str, Field(description="Ask by it what became of it", examples=["0418273645"])]


class CommentOut(BaseModel):
    """What somebody said in a consultation, with who it is as far as they told."""

    id: UUID
    number: str
    said: str
    proposed_name: Annotated[str, Field(description="The name that they propose; empty where they propose none")]
    person: str
    reach: str
    outcome: CommentOutcome
    answer: str
    recorded_at: datetime
    version: Annotated[str, Field(description="Send it as If-Match, in quotes, to answer")]

    @classmethod
    def of(cls, row: CommentRow) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            number=row.number,
            said=row.said,
            proposed_name=row.proposed_name,
            person=row.person,
            reach=row.reach,
            outcome=row.outcome,
            answer=row.answer,
            recorded_at=row.at,
            version=row.version,
        )


class CommentAnsweredOut(BaseModel):
    """What became of what somebody said."""

    consultation: UUID
    recorded_at: datetime
    outcome: CommentOutcome
    answer: str

    @classmethod
    def of(cls, answered: Answered) -> Self:
        """As it is sent."""
        return cls(
            consultation=answered.consultation,
            recorded_at=answered.at,
            outcome=answered.outcome,
            answer=answered.answer,
        )


class DecisionOut(BaseModel):
    """What everybody may know of the decision on a name of a place."""

    name: str
    action: NameAction
    body: Annotated[str, Field(description="Empty where it isn't known")]
    approved_on: Annotated[date | None, Field(description="Null where it was taken over without being known")]
    approval_number: str
    filed_on: date | None
    filing_number: str
    announcement: UUID | None
    announced_on: date | None
    taken_over: Annotated[bool, Field(description="Whether it came with what exists, the approval unknown")]

    @classmethod
    def of(cls, row: DecisionRow) -> Self:
        """A row as it is sent."""
        return cls(
            name=row.name,
            action=row.action,
            body=row.body,
            approved_on=row.approved_on,
            approval_number=row.approval_number,
            filed_on=row.filed_on,
            filing_number=row.filing_number,
            announcement=row.announcement,
            announced_on=row.announced_on,
            taken_over=row.taken_over,
        )
