"""The SELECTs of the room: cases as they are listed, and what is told of one; announcements, consultations, decisions."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, String, and_, false, func, literal, or_, select, text, true, tuple_
from sqlalchemy import case as by_case
from sqlalchemy.orm import aliased

from geo_registry.cases.announced import GIVEN
from geo_registry.cases.inputs import NewComment
from geo_registry.cases.lifecycle import Case, Event, decided_before, replay
from geo_registry.db.revisions import version_of
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions.queries import within
from geo_registry.errors import (
    AnnouncementUnknown,
    CaseDocumentUnknown,
    CaseLineUnknown,
    CaseUnknown,
    CommentUnknown,
    ConsultationUnknown,
)
from geo_registry.geo import geojson
from geo_registry.geo.geojson import GeometryJson
from geo_registry.model import (
    Announcement,
    CaseClearance,
    CaseDocument,
    CaseName,
    CaseStepTaken,
    Consultation,
    ConsultationComment,
    Dataset,
    Division,
    DocumentContent,
    NameDecision,
    NamingCase,
    Place,
)
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
    LineState,
    NameAction,
    PlaceClass,
)

GEOJSON_DIGITS = 6
"""Decimals of a degree: a decimetre."""

ENDED = (CaseState.REJECTED.value, CaseState.WITHDRAWN.value)
"""States in which nothing is to be done any more."""

PENDING = text("SELECT place_id, number FROM case_pending_of(CAST(:places AS uuid[]), :besides)")
WHOSE = text("SELECT division_of_case(:case)")
OF_DATASET = text("SELECT case_of_dataset(:dataset)")
FIDS = 40
"""Bits of a position in the list of announcements that its number has."""
BESIDE = text("SELECT * FROM open_case_names(:inside, :besides)")
HOLD = text("SELECT pg_advisory_xact_lock(hashtext('cases of a city'), hashtext(left(:code, 4)))")
NUMBER = text("SELECT next_case_number(:beginning)")
SAY = text("SELECT say_in_consultation(:id, :consultation, :number, :said, :proposed, :person, :reach, :today)")
ANSWERED = text("SELECT consultation_id, received_at, outcome, answer FROM comment_with_number(:number)")


SOON_DAYS = 3
"""So many days before its last one, a duty is said to be due soon."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Where cases wait for somebody: the states of the decision, and whether filing and announcing are theirs."""

    states: frozenset[CaseState]
    follows_up: bool


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """Which cases are asked for; what is None doesn't matter."""

    division: str | None = None
    """A code, or its first digits: cases of that division and all below it."""
    kind: CaseKind | None = None
    states: tuple[CaseState, ...] = ()
    open: bool | None = None
    """Whether anything is still to be done."""
    filing: DutyState | None = None
    has_filing: bool = False
    """Only those that are, or were, to be filed: of what was taken over nobody may know."""
    late_on: date | None = None
    """Those with something that is late on this day."""
    due_from: date | None = None
    """Those with something that is due on this day or later."""
    due_by: date | None = None
    """Those with something that is due on this day or earlier."""
    place: UUID | None = None
    text: str | None = None
    """Part of the number, the title or a name."""
    turn: Mapping[str, Turn] | None = None
    """Those whose next step is one's own: by the first digits of divisions, where their cases wait for somebody."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case as it is listed."""

    fid: int
    id: UUID
    number: str
    kind: CaseKind
    title: str
    division_code: str
    division_name: str
    origin: CaseOrigin
    applicant: str
    plan: str
    reasons: str
    approver: Approver
    approving_body: str
    state: CaseState
    consulted_until: date | None
    approved_on: date | None
    approval_number: str
    filing: DutyState | None
    filing_due_on: date | None
    filed_on: date | None
    filing_number: str
    announcing: DutyState | None
    announcement_due_on: date | None
    announced_on: date | None
    due_on: date | None
    names: int
    first_name: str | None
    synthetic: bool
    recorded_at: datetime
    turns: int
    dataset: UUID | None = None
    """The dataset that was taken over, whose places are its names."""

    @property
    def version(self) -> str:
        """A word that is another one whenever something of the case, or of what hangs on it, differs."""
        return version_of(self.id, self.turns)

    @property
    def known_approver(self) -> Approver | None:
        """Who approved, or is to; None where that was taken over without being known."""
        unknown = self.origin is CaseOrigin.TAKEN_OVER and not self.approving_body
        return None if unknown else self.approver

    @property
    def is_open(self) -> bool:
        """Whether anything is still to be done."""
        if self.state is not CaseState.APPROVED:
            return self.state.value not in ENDED
        done = {DutyState.DONE, DutyState.CORRECTED, None}
        return not (self.filing in done and self.announcing in done)


@dataclass(frozen=True, slots=True)
class Part:
    """A place that a line takes in."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """A name of a case."""

    id: UUID
    position: int
    action: NameAction
    place: UUID | None
    place_name: str | None
    """What the place is called until the approval."""
    name: str
    place_class: PlaceClass
    romanized: str | None
    meaning: str
    origin: str
    division_code: str | None
    division_name: str | None
    geometry: GeometryJson | None
    lon: float | None
    lat: float | None
    """A point on it, in degrees (EPSG:4490): as far as it is to reach, or, where nothing is said of that, as it reaches now."""
    detail: Mapping[str, Any]
    """What the case says of it."""
    known: Mapping[str, Any]
    """What is known of the place, and what the case says of it; once it is in force, what was corrected since wins."""
    absorbs: Sequence[Part]
    splits: Sequence[Part]
    aliases: Sequence[str]
    state: LineState
    struck_why: str
    working: bool = False
    """Whether the name stands there only until one is found."""
    ends: tuple[tuple[float, float], tuple[float, float]] | None = None
    """Where it begins and ends, in degrees (EPSG:4490), as `lon` and `lat`; None where it isn't one line."""
    national_code: str | None = None
    """Twenty digits, once they came back with a receipt."""


@dataclass(frozen=True, slots=True)
class OpenName:
    """A name that another case is to give, as anybody of an office may know it."""

    line: UUID
    number: str
    name: str
    place_class: PlaceClass
    division_code: str | None
    lon: float | None
    lat: float | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step that was taken."""

    step: CaseStep
    on: date
    by: str
    at: datetime
    until: date | None
    number: str
    note: str
    amends: CaseStep | None = None
    """Of one that amends another: which."""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A paper of a case, without what it holds."""

    id: UUID
    kind: DocumentKind
    title: str
    file_name: str
    media_type: str
    bytes: int
    sha256: str
    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ClearanceRow:
    """That a finding about a line is settled, and why."""

    id: UUID
    line: UUID
    name: str
    code: str
    collides_with: UUID | None
    collides_name: str
    reason: str
    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ConsultationRow:
    """What the public is, or was, asked."""

    fid: int
    id: UUID
    case: UUID
    kind: ConsultationKind
    title: str
    body: str
    names: Sequence[Mapping[str, Any]]
    division_code: str
    division_name: str
    opened_on: date
    closes_on: date
    closed_on: date | None
    synthetic: bool

    @property
    def version(self) -> str:
        """A word that is another one once it is closed."""
        return version_of(self.id, self.closed_on)

    def is_open(self, today: date) -> bool:
        """Whether it takes opinions on a day."""
        return self.closed_on is None and self.opened_on <= today <= self.closes_on


@dataclass(frozen=True, slots=True)
class CommentRow:
    """What somebody said in a consultation, and what became of it."""

    fid: int
    id: UUID
    number: str
    said: str
    proposed_name: str
    person: str
    reach: str
    outcome: CommentOutcome
    answer: str
    at: datetime

    @property
    def version(self) -> str:
        """A word that is another one whenever the outcome or the answer differs."""
        return version_of(self.id, self.outcome.value, self.answer)


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of what somebody said, for whoever knows its number."""

    consultation: UUID
    at: datetime
    outcome: CommentOutcome
    answer: str


@dataclass(frozen=True, slots=True)
class AnnouncementRow:
    """An announcement as it was published."""

    fid: int
    id: UUID
    case: UUID
    number: str
    title: str
    office: str
    published_on: date
    division_code: str
    division_name: str
    corrects: UUID | None
    corrected_by: UUID | None
    correction: str
    content: Mapping[str, Any]
    synthetic: bool
    recorded_at: datetime

    @property
    def position(self) -> int:
        """Where it stands in the list."""
        return (self.published_on.toordinal() << FIDS) + self.fid

    @property
    def version(self) -> str:
        """A word that is another one once another announcement corrects it."""
        return version_of(self.id, self.corrected_by)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What everybody may know of the decision on a name of a place; of what was taken over it may not be known when and by whom."""

    case: UUID
    case_number: str | None
    place: UUID
    name: str
    action: NameAction
    body: str
    approved_on: date | None
    approval_number: str
    filed_on: date | None
    filing_number: str
    announcement: UUID | None
    announced_on: date | None
    taken_over: bool = False
    """Whether it came with what exists, of which nothing is known but that."""


@dataclass(frozen=True, slots=True)
class Sums:
    """How many cases of what is asked for stand where."""

    by_state: Mapping[CaseState, int] = field(default_factory=dict)
    late: int = 0
    soon: int = 0
    """How many have something that is due soon, and nothing that is late."""


def cases_matching(session: ReadSession, query: CaseQuery, *, after: int, limit: int) -> Sequence[CaseRow]:
    """At most `limit` cases with a `fid` greater than `after`, by `fid`."""
    question = _cases().where(NamingCase.fid > after, *_conditions(query)).order_by(NamingCase.fid).limit(limit)
    return [_case(found) for found in session.execute(question)]


def inbox(session: ReadSession, query: CaseQuery, *, limit: int) -> Sequence[CaseRow]:
    """At most `limit` cases by what is due first; those without a day behind them, the newest first."""
    order = (NamingCase.due_on.asc().nulls_last(), NamingCase.fid.desc())
    question = _cases().where(*_conditions(query)).order_by(*order).limit(limit)
    return [_case(found) for found in session.execute(question)]


def sums_of(session: ReadSession, query: CaseQuery, today: date) -> Sums:
    """How many of the cases that are asked for stand where, and how many have something that is late."""
    soon = and_(NamingCase.due_on >= today, NamingCase.due_on <= today + timedelta(days=SOON_DAYS))
    question = (
        select(
            NamingCase.state,
            func.count(),
            func.count().filter(NamingCase.due_on < today),
            func.count().filter(soon),
        )
        .join(Division, Division.id == NamingCase.division_id)
        .where(*_conditions(query))
        .group_by(NamingCase.state)
    )
    rows = session.execute(question).all()
    by_state = {CaseState.of(row[0]): row[1] for row in rows}
    return Sums(by_state, late=sum(row[2] for row in rows), soon=sum(row[3] for row in rows))


def case_with_id(session: ReadSession, case: UUID) -> CaseRow:
    """The case of that id, of those that may be read.

    Raises
    ------
    CaseUnknown
        There is none, or it isn't to be seen.
    """
    found = session.execute(_cases().where(NamingCase.id == case)).one_or_none()
    if found is None:
        raise CaseUnknown(case=case)
    return _case(found)


def division_of(session: ReadSession, case: UUID) -> str:
    """The code of the division whose case it is, for whoever may not see the case too.

    Raises
    ------
    CaseUnknown
        There is none of that id.
    """
    found = session.execute(WHOSE, {"case": case}).scalar_one()
    if found is None:
        raise CaseUnknown(case=case)
    return str(found)


def id_with_number(session: ReadSession, number: str) -> UUID:
    """The id of the case of that number.

    Raises
    ------
    CaseUnknown
        There is none, or it isn't to be seen.
    """
    found = session.scalar(select(NamingCase.id).where(NamingCase.number == number))
    if found is None:
        raise CaseUnknown(case=number)
    return found


def case_to_change(session: WriteSession, case: UUID) -> NamingCase:
    """A case's record, kept from everybody else who would change it until the unit of work ends.

    Raises
    ------
    CaseUnknown
        There is none of that id.
    """
    found = session.get(NamingCase, case, populate_existing=True, with_for_update={"key_share": True})
    if found is None:
        raise CaseUnknown(case=case)
    return found


def lines_of(session: ReadSession, case: UUID) -> Sequence[LineRow]:
    """The names of a case, by their positions: of what is in force, where it lies as the registry has it corrected by now."""
    in_force = CaseName.state == LineState.IN_FORCE.value
    proposed, present = func.coalesce(CaseName.geom, Place.geom), func.coalesce(Place.geom, CaseName.geom)
    reach = by_case((in_force, present), else_=proposed)
    home = by_case((in_force, func.coalesce(Place.division_id, CaseName.division_id)), else_=CaseName.division_id)
    # Several parts that join are one line; whatever is none has no ends.
    begins, ends = (of(func.ST_LineMerge(reach)) for of in (func.ST_StartPoint, func.ST_EndPoint))
    question = (
        select(
            CaseName,
            Place.standard_name.label("place_name"),
            Division.code.label("division_code"),
            Division.name.label("division_name"),
            func.ST_AsGeoJSON(CaseName.geom, GEOJSON_DIGITS).label("shape"),
            func.ST_X(func.ST_PointOnSurface(reach)).label("lon"),
            func.ST_Y(func.ST_PointOnSurface(reach)).label("lat"),
            Place.detail.label("place_detail"),
            Place.national_code.label("national_code"),
            func.ST_X(begins).label("begins_lon"),
            func.ST_Y(begins).label("begins_lat"),
            func.ST_X(ends).label("ends_lon"),
            func.ST_Y(ends).label("ends_lat"),
        )
        .outerjoin(Place, Place.id == CaseName.place_id)
        .outerjoin(Division, Division.id == home)
        .where(CaseName.case_id == case)
        .order_by(CaseName.position)
    )
    rows = session.execute(question).all()
    parts = {each for row in rows for each in (*row[0].absorbs, *row[0].splits)}
    called = names_of_places(session, parts)
    return [_line(row, called) for row in rows]


def names_of_places(session: ReadSession, places: Collection[UUID]) -> Mapping[UUID, str]:
    """What places are called now, by their ids."""
    if not places:
        return {}
    return {
        row.id: row.standard_name
        for row in session.execute(select(Place.id, Place.standard_name).where(Place.id.in_(places)))
    }


def positions_of(session: ReadSession, places: Collection[UUID]) -> Mapping[UUID, tuple[str, float, float]]:
    """What places are called now, and a point on each in degrees (EPSG:4490), by their ids; those without one aren't there."""
    if not places:
        return {}
    point = func.ST_PointOnSurface(Place.geom)
    question = select(Place.id, Place.standard_name, func.ST_X(point).label("lon"), func.ST_Y(point).label("lat"))
    rows = session.execute(question.where(Place.id.in_(places), Place.geom.is_not(None)))
    return {row.id: (row.standard_name, row.lon, row.lat) for row in rows}


def line_to_change(session: WriteSession, case: UUID, line: UUID) -> CaseName:
    """The record of a line of a case.

    Raises
    ------
    CaseLineUnknown
        It has none of that id.
    """
    found = session.get(CaseName, line, populate_existing=True)
    if found is None or found.case_id != case:
        raise CaseLineUnknown(line=line)
    return found


def records_of_lines(session: WriteSession, case: UUID) -> Sequence[CaseName]:
    """The records of the names of a case, by their positions."""
    return session.scalars(select(CaseName).where(CaseName.case_id == case).order_by(CaseName.position)).all()


def steps_of(session: ReadSession, case: UUID) -> Sequence[StepRow]:
    """The steps that were taken of a case, in their order."""
    question = select(CaseStepTaken).where(CaseStepTaken.case_id == case).order_by(CaseStepTaken.fid)
    return [
        StepRow(
            step=CaseStep.of(row.step),
            on=row.happened_on,
            by=row.recorded_by or "",
            at=row.recorded_at,
            until=row.until,
            number=row.number,
            note=row.note,
            amends=CaseStep.of(row.amends) if row.amends else None,
        )
        for row in session.scalars(question)
    ]


def actions_of(session: ReadSession, case: UUID) -> frozenset[NameAction]:
    """What is done to the names of a case that aren't struck out."""
    question = select(CaseName.action).where(CaseName.case_id == case, CaseName.state != LineState.STRUCK.value)
    return frozenset(map(NameAction.of, session.scalars(question.distinct())))


def as_case(case: CaseRow | NamingCase, actions: frozenset[NameAction], steps: Sequence[StepRow]) -> Case:
    """What the steps of a case come to; by whom and on what day each might be taken was asked when it was.

    What was taken over has none.
    """
    approver = Approver.of(case.approver)
    if CaseOrigin.of(case.origin) is CaseOrigin.TAKEN_OVER:
        return decided_before(actions, approver, case.approved_on, case.approval_number)
    begun = Case(actions=actions, approver=approver, apart=frozenset(), asks_dates=False)
    return replay(
        begun, [Event(each.step, each.on, each.by, each.until, each.number, each.note, each.amends) for each in steps]
    )


def documents_of(session: ReadSession, case: UUID) -> Sequence[DocumentRow]:
    """The papers of a case that weren't withdrawn, in the order that they came."""
    question = select(CaseDocument).where(CaseDocument.case_id == case, CaseDocument.withdrawn.is_(False))
    return [_document(row) for row in session.scalars(question.order_by(CaseDocument.fid))]


def document_with_id(session: ReadSession, case: UUID, document: UUID) -> DocumentRow:
    """One paper of a case.

    Raises
    ------
    CaseDocumentUnknown
        It has none of that id.
    """
    found = session.get(CaseDocument, document)
    if found is None or found.case_id != case or found.withdrawn:
        raise CaseDocumentUnknown(document=document)
    return _document(found)


def content_of(session: ReadSession, document: UUID) -> bytes:
    """What a paper holds."""
    return session.execute(select(DocumentContent.content).where(DocumentContent.id == document)).scalar_one()


def clearances_of(session: ReadSession, case: UUID) -> Sequence[ClearanceRow]:
    """What was settled of the findings about a case's lines."""
    question = (
        select(CaseClearance)
        .join(CaseName, CaseName.id == CaseClearance.line_id)
        .where(CaseName.case_id == case, CaseClearance.withdrawn.is_(False))
        .order_by(CaseClearance.fid)
    )
    return [
        ClearanceRow(
            id=row.id,
            line=row.line_id,
            name=row.name,
            code=row.code,
            collides_with=row.collides_with,
            collides_name=row.collides_name,
            reason=row.reason,
            by=row.recorded_by,
            at=row.recorded_at,
        )
        for row in session.scalars(question)
    ]


def pending_of(session: ReadSession, places: Collection[UUID], besides: UUID | None) -> Mapping[UUID, str]:
    """Of places that another open case is about, the number of that case."""
    if not places:
        return {}
    rows = session.execute(PENDING, {"places": list(places), "besides": besides})
    found: dict[UUID, str] = {}
    for row in rows:
        found.setdefault(row.place_id, row.number)
    return found


def open_names_beside(session: ReadSession, case: UUID, inside: str) -> Sequence[OpenName]:
    """The names that other cases of a division and all below it are to give, of those that are applied for and not decided on."""
    return [
        OpenName(
            row.line,
            row.number,
            row.name,
            PlaceClass.of(row[3]),
            row.division_code,
            row.lon,
            row.lat,
            row.detail,
        )
        for row in session.execute(BESIDE, {"inside": inside, "besides": case})
    ]


def hold(session: WriteSession, division: str) -> None:
    """Wait until nobody else in the city puts places into cases or approves one: what is looked at then stays so."""
    session.execute(HOLD, {"code": division})


def next_number(session: WriteSession, beginning: str) -> str:
    """The next number of a case that begins so; whoever else wants one waits until the unit of work ends."""
    return str(session.execute(NUMBER, {"beginning": beginning}).scalar_one())


def consultations_matching(
    session: ReadSession, today: date, *, open_now: bool | None, division: str | None, after: int, limit: int
) -> Sequence[ConsultationRow]:
    """At most `limit` consultations, the newest first; `after` counts downwards, 0 begins."""
    question = _consultations().order_by(Consultation.fid.desc()).limit(limit)
    if after:
        question = question.where(Consultation.fid < after)
    if division is not None:
        question = question.where(within(Division.code, division))
    if open_now is not None:
        open_then = and_(
            Consultation.closed_on.is_(None), Consultation.closes_on >= today, Consultation.opened_on <= today
        )
        question = question.where(open_then if open_now else ~open_then)
    return [_consultation(row) for row in session.execute(question)]


def consultation_with_id(session: ReadSession, consultation: UUID) -> ConsultationRow:
    """One consultation.

    Raises
    ------
    ConsultationUnknown
        There is none of that id.
    """
    found = session.execute(_consultations().where(Consultation.id == consultation)).one_or_none()
    if found is None:
        raise ConsultationUnknown(consultation=consultation)
    return _consultation(found)


def consultations_of(session: ReadSession, case: UUID) -> Sequence[ConsultationRow]:
    """The consultations of a case, in their order."""
    question = _consultations().where(Consultation.case_id == case).order_by(Consultation.fid)
    return [_consultation(row) for row in session.execute(question)]


def records_of_consultations(session: WriteSession, case: UUID) -> Sequence[Consultation]:
    """The records of the consultations of a case that weren't closed."""
    question = select(Consultation).where(Consultation.case_id == case, Consultation.closed_on.is_(None))
    return session.scalars(question).all()


def say(session: WriteSession, consultation: UUID, number: str, new: NewComment, today: date) -> None:
    """Write down what somebody says; whoever may say it may not read it again."""
    said = {"said": new.said, "proposed": new.proposed_name, "person": new.person, "reach": new.reach}
    session.execute(SAY, {"id": uuid4(), "consultation": consultation, "number": number, "today": today, **said})


def comments_of(session: ReadSession, consultation: UUID, *, after: int, limit: int) -> Sequence[CommentRow]:
    """At most `limit` of what was said in a consultation, with a `fid` greater than `after`."""
    question = (
        select(ConsultationComment)
        .where(ConsultationComment.consultation_id == consultation, ConsultationComment.fid > after)
        .order_by(ConsultationComment.fid)
        .limit(limit)
    )
    return [comment_row(row) for row in session.scalars(question)]


def comment_to_answer(session: WriteSession, consultation: UUID, comment: UUID) -> ConsultationComment:
    """The record of what somebody said, locked.

    Raises
    ------
    CommentUnknown
        Nothing of that id was said there.
    """
    found = session.get(ConsultationComment, comment, populate_existing=True, with_for_update=True)
    if found is None or found.consultation_id != consultation:
        raise CommentUnknown(comment=comment)
    return found


def comment_row(row: ConsultationComment) -> CommentRow:
    """What somebody said, as it is told."""
    return CommentRow(
        fid=row.fid,
        id=row.id,
        number=row.number,
        said=row.said,
        proposed_name=row.proposed_name,
        person=row.person,
        reach=row.reach,
        outcome=CommentOutcome.of(row.outcome),
        answer=row.answer,
        at=row.recorded_at,
    )


def answered(session: ReadSession, number: str) -> Answered:
    """What became of what somebody said, by the number that they were given.

    Raises
    ------
    CommentUnknown
        Nothing has that number.
    """
    found = session.execute(ANSWERED, {"number": number}).one_or_none()
    if found is None:
        raise CommentUnknown(comment=number)
    return Answered(found.consultation_id, found.received_at, CommentOutcome.of(found.outcome), found.answer)


def announcements_matching(
    session: ReadSession, *, division: str | None = None, words: str | None = None, after: int = 0, limit: int
) -> Sequence[AnnouncementRow]:
    """At most `limit` announcements, those of the last day first; `after` is a position, 0 begins."""
    newest = (Announcement.published_on.desc(), Announcement.fid.desc())
    question = _announcements().order_by(*newest).limit(limit)
    if after:
        day, fid = divmod(after, 1 << FIDS)
        last = tuple_(literal(date.fromordinal(min(max(day, 1), date.max.toordinal()))), literal(fid))
        question = question.where(tuple_(Announcement.published_on, Announcement.fid) < last)
    if division is not None:
        question = question.where(within(Division.code, division))
    if words:
        pattern = f"%{_escaped(words)}%"
        names = func.jsonb_path_query_array(Announcement.content, text("'$.names[*].name'")).cast(String)
        question = question.where(
            or_(Announcement.title.ilike(pattern), Announcement.number.ilike(pattern), names.ilike(pattern))
        )
    return [_announcement(row) for row in session.execute(question)]


def announcement_with_id(session: ReadSession, announcement: UUID) -> AnnouncementRow:
    """One announcement.

    Raises
    ------
    AnnouncementUnknown
        There is none of that id.
    """
    found = session.execute(_announcements().where(Announcement.id == announcement)).one_or_none()
    if found is None:
        raise AnnouncementUnknown(announcement=announcement)
    return _announcement(found)


def announcements_of(session: ReadSession, case: UUID) -> Sequence[AnnouncementRow]:
    """The announcements of a case, in their order."""
    question = _announcements().where(Announcement.case_id == case).order_by(Announcement.fid)
    return [_announcement(row) for row in session.execute(question)]


def decisions_of(session: ReadSession, place: UUID) -> Sequence[DecisionRow]:
    """The decisions on the names of a place, the newest first; the number of the case for who may see the case."""
    question = (
        select(
            NameDecision,
            NamingCase.number,
            func.coalesce(Announcement.published_on, NameDecision.announced_on).label("published_on"),
        )
        .outerjoin(NamingCase, NamingCase.id == NameDecision.case_id)
        .outerjoin(Announcement, Announcement.id == NameDecision.announcement_id)
        .where(NameDecision.place_id == place)
        .order_by(NameDecision.approved_on.desc().nulls_last(), NameDecision.fid.desc())
    )
    found = session.execute(question).all()
    return [
        DecisionRow(
            case=row.case_id,
            case_number=number,
            place=row.place_id,
            name=row.name,
            action=NameAction.of(row.action),
            body=row.body,
            approved_on=row.approved_on,
            approval_number=row.approval_number,
            filed_on=row.filed_on,
            filing_number=row.filing_number,
            announcement=row.announcement_id,
            announced_on=announced_on,
            taken_over=row.approved_on is None,
        )
        for row, number, announced_on in found
    ] or _taken_over(session, place)


def _taken_over(session: ReadSession, place: UUID) -> Sequence[DecisionRow]:
    """That a place came with a dataset, where no decision on it is known."""
    of = session.execute(select(Place.dataset_id, Place.standard_name).where(Place.id == place)).one_or_none()
    if of is None or of.dataset_id is None:
        return ()
    case = session.execute(OF_DATASET, {"dataset": of.dataset_id}).scalar_one()
    if case is None:
        return ()
    return (
        DecisionRow(
            case=case,
            case_number=None,
            place=place,
            name=of.standard_name,
            action=NameAction.NAME,
            body="",
            approved_on=None,
            approval_number="",
            filed_on=None,
            filing_number="",
            announcement=None,
            announced_on=None,
            taken_over=True,
        ),
    )


def decision_records(session: WriteSession, case: UUID) -> Sequence[NameDecision]:
    """The records of what everybody may know of a case's decisions."""
    return session.scalars(select(NameDecision).where(NameDecision.case_id == case)).all()


def cases_of_place(session: ReadSession, place: UUID) -> Sequence[CaseRow]:
    """The cases that are, or were, about a place, of those that may be read; the newest first."""
    question = _cases().where(_is_about(place)).order_by(NamingCase.fid.desc())
    return [_case(row) for row in session.execute(question)]


def _is_about(place: UUID) -> ColumnElement[bool]:
    lines = select(CaseName.case_id).where(
        or_(CaseName.place_id == place, CaseName.absorbs.contains([place]), CaseName.splits.contains([place]))
    )
    came_with = select(Place.dataset_id).where(Place.id == place).scalar_subquery()
    return or_(NamingCase.id.in_(lines), NamingCase.dataset_id == came_with)


def places_taken_over(session: ReadSession, dataset: UUID) -> int:
    """How many places a dataset has."""
    return session.execute(select(func.count()).where(Place.dataset_id == dataset)).scalar_one()


def case_taking_over(session: ReadSession, dataset: UUID) -> UUID | None:
    """The case by which a dataset was taken over; None where there is none yet."""
    return session.scalar(select(NamingCase.id).where(NamingCase.dataset_id == dataset))


def name_of_dataset(session: ReadSession, dataset: UUID) -> str:
    """What a dataset is called: its title, else its key."""
    found = session.execute(select(Dataset.title, Dataset.key).where(Dataset.id == dataset)).one()
    return str(found.title or found.key)


def first_division(session: ReadSession) -> str:
    """The least code of a registered division, which stands before those of the divisions in it; empty where none is."""
    return session.scalar(select(func.min(Division.code))) or ""


def codes_of_dataset(session: ReadSession, dataset: UUID) -> Sequence[str | None]:
    """The codes of the divisions that a dataset's places lie in; None for those that lie in none."""
    lying = select(Place.division_id).where(Place.dataset_id == dataset).distinct().subquery()
    question = select(Division.code).select_from(lying).outerjoin(Division, Division.id == lying.c.division_id)
    return session.scalars(question).all()


def _conditions(query: CaseQuery) -> Iterator[ColumnElement[bool]]:
    yield true()
    if query.division is not None:
        yield within(Division.code, query.division)
    if query.kind is not None:
        yield NamingCase.kind == query.kind.value
    if query.states:
        yield NamingCase.state.in_([each.value for each in query.states])
    if query.open is not None:
        over = (DutyState.DONE.value, DutyState.CORRECTED.value)
        done = and_(
            NamingCase.state == CaseState.APPROVED.value,
            func.coalesce(NamingCase.filing, DutyState.DONE.value).in_(over),
            func.coalesce(NamingCase.announcing, DutyState.DONE.value).in_(over),
        )
        ended = or_(NamingCase.state.in_(ENDED), done)
        yield ~ended if query.open else ended
    yield from _filed(query)
    yield from _due(query)
    if query.place is not None:
        yield _is_about(query.place)
    if query.text:
        pattern = f"%{_escaped(query.text)}%"
        named = select(CaseName.case_id).where(CaseName.name.ilike(pattern))
        yield or_(NamingCase.number.ilike(pattern), NamingCase.title.ilike(pattern), NamingCase.id.in_(named))


def _filed(query: CaseQuery) -> Iterator[ColumnElement[bool]]:
    if query.filing is not None:
        yield NamingCase.filing == query.filing.value
    if query.has_filing:
        yield NamingCase.filing.is_not(None)


def _due(query: CaseQuery) -> Iterator[ColumnElement[bool]]:
    if query.late_on is not None:
        yield NamingCase.due_on < query.late_on
    if query.due_from is not None:
        yield NamingCase.due_on >= query.due_from
    if query.due_by is not None:
        yield NamingCase.due_on <= query.due_by
    if query.turn is not None:
        yield or_(false(), *(_waits_for(digits, turn) for digits, turn in query.turn.items()))


def _waits_for(digits: str, turn: Turn) -> ColumnElement[bool]:
    waits: ColumnElement[bool] = NamingCase.state.in_([each.value for each in turn.states])
    if turn.follows_up:
        due = (DutyState.DUE.value, DutyState.RETURNED.value)
        follows = or_(NamingCase.filing.in_(due), NamingCase.announcing == DutyState.DUE.value)
        waits = or_(waits, and_(NamingCase.state == CaseState.APPROVED.value, follows))
    return and_(within(Division.code, digits) if digits else true(), waits)


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _cases() -> Select[*tuple[Any, ...]]:
    line = aliased(CaseName)
    names = select(func.count()).where(CaseName.case_id == NamingCase.id).correlate(NamingCase).scalar_subquery()
    first = (
        select(line.name)
        .where(line.case_id == NamingCase.id)
        .order_by(line.position)
        .limit(1)
        .correlate(NamingCase)
        .scalar_subquery()
    )
    return select(
        NamingCase,
        Division.code.label("division_code"),
        Division.name.label("division_name"),
        names.label("names"),
        first.label("first_name"),
    ).join(Division, Division.id == NamingCase.division_id)


def _case(found: Any) -> CaseRow:
    row: NamingCase = found[0]
    return CaseRow(
        fid=row.fid,
        id=row.id,
        number=row.number,
        kind=CaseKind.of(row.kind),
        title=row.title,
        division_code=found.division_code,
        division_name=found.division_name,
        origin=CaseOrigin.of(row.origin),
        applicant=row.applicant,
        plan=row.plan,
        reasons=row.reasons,
        approver=Approver.of(row.approver),
        approving_body=row.approving_body,
        state=CaseState.of(row.state),
        consulted_until=row.consulted_until,
        approved_on=row.approved_on,
        approval_number=row.approval_number,
        filing=DutyState.of(row.filing) if row.filing else None,
        filing_due_on=row.filing_due_on,
        filed_on=row.filed_on,
        filing_number=row.filing_number,
        announcing=DutyState.of(row.announcing) if row.announcing else None,
        announcement_due_on=row.announcement_due_on,
        announced_on=row.announced_on,
        due_on=row.due_on,
        names=found.names,
        first_name=found.first_name,
        synthetic=row.synthetic,
        recorded_at=row.recorded_at,
        turns=row.turns,
        dataset=row.dataset_id,
    )


def _line(found: Any, called: Mapping[UUID, str]) -> LineRow:
    row: CaseName = found[0]
    return LineRow(
        id=row.id,
        position=row.position,
        action=NameAction.of(row.action),
        place=row.place_id,
        place_name=row.former or found.place_name,
        name=row.name,
        place_class=PlaceClass.of(row.place_class),
        romanized=row.romanized,
        meaning=row.meaning,
        origin=row.origin,
        division_code=found.division_code,
        division_name=found.division_name,
        geometry=geojson.loads(found.shape) if found.shape else None,
        lon=found.lon,
        lat=found.lat,
        detail=row.detail,
        known=_known(row, found.place_detail or {}),
        absorbs=[Part(each, called.get(each, "")) for each in row.absorbs],
        splits=[Part(each, called.get(each, "")) for each in row.splits],
        aliases=tuple(row.aliases),
        state=LineState.of(row.state),
        struck_why=row.struck_why,
        working=row.working,
        ends=(
            ((found.begins_lon, found.begins_lat), (found.ends_lon, found.ends_lat))
            if found.begins_lon is not None
            else None
        ),
        national_code=found.national_code,
    )


def _known(row: CaseName, place: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is known of what a line is about: the place has what the line said from the approval on, and corrections since."""
    if row.state != LineState.IN_FORCE.value:
        return {**place, **row.detail}
    return place if NameAction.of(row.action) in GIVEN else {**row.detail, **place}


def _document(row: CaseDocument) -> DocumentRow:
    return DocumentRow(
        id=row.id,
        kind=DocumentKind.of(row.kind),
        title=row.title,
        file_name=row.file_name,
        media_type=row.media_type,
        bytes=row.bytes,
        sha256=row.sha256,
        by=row.recorded_by,
        at=row.recorded_at,
    )


def _consultations() -> Select[*tuple[Any, ...]]:
    return select(Consultation, Division.code.label("division_code"), Division.name.label("division_name")).join(
        Division, Division.id == Consultation.division_id
    )


def _consultation(found: Any) -> ConsultationRow:
    row: Consultation = found[0]
    return ConsultationRow(
        fid=row.fid,
        id=row.id,
        case=row.case_id,
        kind=ConsultationKind.of(row.kind),
        title=row.title,
        body=row.body,
        names=row.names,
        division_code=found.division_code,
        division_name=found.division_name,
        opened_on=row.opened_on,
        closes_on=row.closes_on,
        closed_on=row.closed_on,
        synthetic=row.synthetic,
    )


def _announcements() -> Select[*tuple[Any, ...]]:
    later = aliased(Announcement)
    return (
        select(
            Announcement,
            Division.code.label("division_code"),
            Division.name.label("division_name"),
            later.id.label("corrected_by"),
        )
        .join(Division, Division.id == Announcement.division_id)
        .outerjoin(later, later.corrects_id == Announcement.id)
    )


def _announcement(found: Any) -> AnnouncementRow:
    row: Announcement = found[0]
    return AnnouncementRow(
        fid=row.fid,
        id=row.id,
        case=row.case_id,
        number=row.number,
        title=row.title,
        office=row.office,
        published_on=row.published_on,
        division_code=found.division_code,
        division_name=found.division_name,
        corrects=row.corrects_id,
        corrected_by=found.corrected_by,
        correction=row.correction,
        content=row.content,
        synthetic=row.synthetic,
        recorded_at=row.recorded_at,
    )
