"""What can be asked of cases, and what can be done with them: one function a verb.

Cases are their division's: questions about them read as whoever asks, by the scope of their grants (`read_as`). Consultations,
announcements and decisions are everybody's.
"""

import secrets
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.cases import (
    announcing,
    checking,
    enacting,
    guarding,
    neighbours,
    optimising,
    papers_kept,
    queries,
    taking_over,
    writing,
)
from geo_registry.cases.announced import Announced, Flaw, missing_of
from geo_registry.cases.checking import LineFinding
from geo_registry.cases.inputs import (
    MOST_NAMES,
    Amending,
    Announcing,
    Approving,
    CaseChange,
    CommentAnswer,
    Consulting,
    Correcting,
    EnteredCodes,
    Filed,
    FromReview,
    LineChange,
    LineClearing,
    NewCase,
    NewComment,
    NewLine,
    SortClearing,
    Split,
    TakenOver,
    Taking,
)
from geo_registry.cases.lifecycle import Event, entered, open_steps
from geo_registry.cases.neighbours import Neighbour
from geo_registry.cases.notices import CaseNotice, notices_of
from geo_registry.cases.optimising import LeftOut
from geo_registry.cases.papers_kept import NewDocument
from geo_registry.cases.queries import (
    AnnouncementRow,
    Answered,
    CaseQuery,
    CaseRow,
    CommentRow,
    ConsultationRow,
    DecisionRow,
    DocumentRow,
    LineRow,
    StepRow,
    Sums,
)
from geo_registry.cases.terms import Due
from geo_registry.cases.writing import BEFORE_HANDLING, IN_THE_OFFICE, Standing
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.revisions import WHICHEVER, Seen, require_seen
from geo_registry.db.session import PrivateRead, ReadSession, WriteSession, read_as, say_why
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import DivisionRow
from geo_registry.errors import (
    AlreadyExists,
    CaseDateAhead,
    CaseFindingsOpen,
    CaseFindingsWeigh,
    CaseFindingUnknown,
    CaseIncomplete,
    CaseLineUnknown,
    CaseNothingToAmend,
    CaseTooLarge,
    ConsultationOver,
    NothingOfTheReview,
)
from geo_registry.model import (
    Announcement,
    CaseClearance,
    CaseDocument,
    Consultation,
    ConsultationComment,
    DocumentContent,
    NamingCase,
)
from geo_registry.places import service as places
from geo_registry.places.clearing import FindingRow
from geo_registry.places.inputs import NewPlace, PlaceCorrection
from geo_registry.places.service import PlaceTold
from geo_registry.vocabulary import (
    CasePaper,
    CaseState,
    CaseStep,
    ConsultationKind,
    DocumentKind,
    Duty,
    DutyState,
    FindingCode,
    LineState,
    NameAction,
    PaperFormat,
    PlaceClass,
    PositionQuality,
    Severity,
)

if TYPE_CHECKING:
    from geo_registry.cases.drafting import Made

COMMENT_DIGITS = 10
AT_ONCE = 1_000
"""Findings of a review that are read at a time."""
PER_NAME = 20
"""More findings than names have; a review that has more than so many for each name of a full case isn't one case's."""
APPLIED_FOR = frozenset({NameAction.NAME, NameAction.RENAME})
"""What article 11 asks a plan and reasons for, whatever the case is called."""
EVERY_COMMENT = Page(limit=10_000)
"""A report on opinions has all of them."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What a case lacks for a step."""

    part: str
    """What of it: `names`, `plan`, `reasons` or `heritage`."""
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class CaseTold:
    """All that is told of one case, but for its findings."""

    case: CaseRow
    lines: Sequence[LineRow]
    steps: Sequence[StepRow]
    documents: Sequence[DocumentRow]
    consultations: Sequence[ConsultationRow]
    announcements: Sequence[AnnouncementRow]
    dues: Sequence[Due]
    open_steps: Sequence[CaseStep]
    """What can be done now, what leads on first."""
    taken_over: int | None = None
    """How many places came with the dataset that it took over; None where it took over none."""
    notices: Sequence[CaseNotice] = ()
    """What should be known of it, and refuses nothing."""

    @property
    def wanting(self) -> Sequence[DocumentKind]:
        """The reports of article 11 that aren't there; none of a case that gives no name."""
        gives = any(line.action in checking.GIVES_A_NAME and line.state is not LineState.STRUCK for line in self.lines)
        there = {each.kind for each in self.documents}
        return [each for each in papers_kept.REPORTS if gives and each not in there]


def list_cases(session: ReadSession, query: CaseQuery, page: Page, *, actor: Actor) -> Listing[CaseRow]:
    """One page of the cases that are asked for, of those that the actor may see, in the order that they were opened.

    Raises
    ------
    Forbidden
        The actor works in no office.
    DivisionCodeInvalid
        `division` isn't a code.
    """
    policy.require(actor, Verb.LIST_CASES)
    with _as(session, actor):
        rows = queries.cases_matching(session, query, after=page.after, limit=page.limit + 1)
    return listing(rows, page, lambda row: row.fid)


def list_incoming(session: ReadSession, page: Page, *, actor: Actor) -> Listing[CaseRow]:
    """One page of the cases that were sent to the actor's office for filing (art. 13), in the order that they were opened.

    A county's go to the registrars of its city, a department's to those of its own level. A page may be short, or empty,
    and others follow.

    Raises
    ------
    Forbidden
        The actor works in no office.
    """
    policy.require(actor, Verb.LIST_CASES)
    query = CaseQuery(states=(CaseState.APPROVED,), filing=DutyState.SENT)
    with _as(session, actor):
        rows = queries.cases_matching(session, query, after=page.after, limit=page.limit + 1)
        found = listing(rows, page, lambda row: row.fid)
        # It is asked once of each division and body, however many cases they sent.
        senders = {(row.division_code, row.approver): row for row in found.rows}
        ours = {sender for sender, row in senders.items() if _receives(session, row, actor)}
        return replace(found, rows=[row for row in found.rows if (row.division_code, row.approver) in ours])


INCOMING_AT_ONCE = 500


def every_incoming(session: ReadSession, *, actor: Actor) -> Sequence[CaseRow]:
    """All cases that were sent to the actor's office for filing, page after page, in the order that they were opened.

    Raises
    ------
    Forbidden
        As `list_incoming`.
    """
    policy.require(actor, Verb.LIST_CASES)
    rows: list[CaseRow] = []
    after: int | None = 0
    while after is not None:
        found = list_incoming(session, Page(limit=INCOMING_AT_ONCE, after=after), actor=actor)
        rows += found.rows
        after = found.next_after
    return rows


def _receives(session: ReadSession, row: CaseRow, actor: Actor) -> bool:
    division = announcing.receiving_division(session, row)
    # It is listed to the office, also by a token that is for reading alone.
    office = replace(actor, scopes=None)
    return division is not None and policy.refusal(office, Verb.FOLLOW_UP_CASE, division=division) is None


def inbox(session: ReadSession, query: CaseQuery, *, actor: Actor, limit: int = 200) -> tuple[Sequence[CaseRow], Sums]:
    """The cases that are asked for by what is due first, and how many stand where.

    Raises
    ------
    Forbidden, DivisionCodeInvalid
        As `list_cases`.
    """
    policy.require(actor, Verb.LIST_CASES)
    with _as(session, actor):
        return queries.inbox(session, query, limit=limit), queries.sums_of(session, query, writing.today())


def count_cases(session: ReadSession, query: CaseQuery, *, actor: Actor) -> Sums:
    """How many of the cases that are asked for stand where, and are late or due soon.

    Raises
    ------
    Forbidden, DivisionCodeInvalid
        As `list_cases`.
    """
    policy.require(actor, Verb.LIST_CASES)
    with _as(session, actor):
        return queries.sums_of(session, query, writing.today())


def due_for(asker: Actor, session: ReadSession) -> Sums | None:
    """How many of the cases that somebody may see are late or due soon; None where they see no cases.

    What every page of theirs may say: it raises nothing.
    """
    if policy.refusal(asker, Verb.LIST_CASES) is not None:
        return None
    with _as(session, asker):
        return queries.sums_of(session, CaseQuery(open=True), writing.today())


def find_case(session: ReadSession, number: str, *, actor: Actor) -> CaseRow:
    """The case of that number.

    Raises
    ------
    Forbidden
        The actor works in no office.
    CaseUnknown
        There is none of that number, or it is another division's.
    """
    policy.require(actor, Verb.LIST_CASES)
    with _as(session, actor):
        return queries.case_with_id(session, queries.id_with_number(session, number))


def tell_case(session: ReadSession, case: UUID, *, actor: Actor) -> CaseTold:
    """One case with its names, steps, papers, consultations and announcements, and what has to be done by when.

    Raises
    ------
    Forbidden, CaseUnknown
        As `find_case`.
    """
    policy.require(actor, Verb.LIST_CASES)
    with _as(session, actor):
        return _told(session, case)


def check_case(
    session: ReadSession, case: UUID, *, actor: Actor, only: Collection[UUID] | None = None
) -> Mapping[UUID, Sequence[LineFinding]]:
    """What the rules say of the names of a case, by the ids of its lines, with what was settled.

    Raises
    ------
    Forbidden, CaseUnknown
        As `find_case`.
    """
    policy.require(actor, Verb.LIST_CASES)
    with _as(session, actor):
        row = queries.case_with_id(session, case)
        return checking.findings_of(session, case, noticed_on=row.approved_on or writing.today(), only=only)


def neighbours_of(session: ReadSession, case: UUID, line: UUID, *, actor: Actor) -> Sequence[Neighbour]:
    """The places within 500 m of a name of a case, the nearest first, at most twenty.

    Raises
    ------
    Forbidden, CaseUnknown
        As `find_case`.
    CaseLineUnknown
        It has no such line.
    """
    policy.require(actor, Verb.LIST_CASES)
    with _as(session, actor):
        queries.case_with_id(session, case)
        if all(each.id != line for each in queries.lines_of(session, case)):
            raise CaseLineUnknown(line=line)
        return neighbours.neighbours_of(session, case, line)


def open_case(session: WriteSession, new: NewCase, *, actor: Actor, synthetic: bool = False) -> CaseTold:
    """Open a case, as a draft, with its first names.

    Raises
    ------
    Forbidden
        The actor may not, in that division.
    DivisionUnknown, DivisionCodeInvalid
        The division isn't registered.
    CaseApproverNeeded
        The law leaves to other rules who approves, and nobody says it.
    CasePlacePending, CasePlaceAbolished, CaseElsewhere, PlaceUnknown, PlaceUnsound, SpellingInvalid
        Something of a name can't be.
    """
    division = divisions.get_division(session, new.division)
    policy.require(actor, Verb.OPEN_CASE, division=division.code)
    if new.why:
        say_why(session, new.why)
    classes = [_class_of(session, line) for line in new.names[:1]]
    record = NamingCase(
        number=writing.number_of_new(session, division),
        kind=new.kind.value,
        title=new.title,
        division_id=division.id,
        applicant=new.applicant,
        plan=new.plan,
        reasons=new.reasons,
        approver=writing.approver_of(new.approver, new.names, classes, division.code).value,
        approving_body=new.approving_body,
        # What is decided on in a registry of examples is an example.
        synthetic=synthetic or division.position_quality == PositionQuality.SYNTHETIC.value,
        state=CaseState.DRAFT.value,
        turns=1,
    )
    session.add(record)
    session.flush()
    if new.names:
        writing.add_lines(session, record, division, new.names)
    return _told(session, record.id)


@dataclass(frozen=True, slots=True)
class Opened:
    """The cases that a review's findings were put into, and the names that went into none."""

    cases: Sequence[CaseRow]
    left: Sequence[LeftOut]


def open_cases_of_review(session: WriteSession, asked: FromReview, *, actor: Actor) -> Opened:
    """Open cases of names that the last review found something about: one for each division and approving body.

    A name that waits for another case, or that no case can be about, is told and left out; where none is left, nothing is.

    Raises
    ------
    Forbidden
        The actor may not, in one of the divisions: nothing is opened then.
    NothingOfTheReview
        No name goes into a case; the error tells why of the first ones.
    DivisionUnknown, DivisionCodeInvalid, PlaceUnknown, CaseTooLarge
        As `open_case`.
    """
    policy.require(actor, Verb.OPEN_CASE, division=policy.somewhere(actor, Verb.OPEN_CASE))
    policy.require(actor, Verb.LIST_FINDINGS)
    for division in optimising.divisions_asked(session, asked):
        policy.require(actor, Verb.OPEN_CASE, division=division)
    rows = [*_all_findings(session, asked, actor)]
    proposed = optimising.proposed_of(session, asked, rows)
    if not proposed.cases:
        first = proposed.left[:5]
        raise NothingOfTheReview(
            reasons_zh="；".join(f"{each.name}：{each.zh}" for each in first) or "没有符合条件的审查意见",
            reasons_en="; ".join(f"{each.name}: {each.en}" for each in first) or "no finding is like that",
        )
    return Opened([open_case(session, new, actor=actor).case for new in proposed.cases], proposed.left)


def _all_findings(session: ReadSession, asked: FromReview, actor: Actor) -> Iterator[FindingRow]:
    query, after, count = optimising.query_of(asked), 0, 0
    while True:
        page = places.list_findings(session, query, Page(after=after, limit=AT_ONCE), actor=actor)
        count += len(page.rows)
        if count > MOST_NAMES * PER_NAME:
            raise CaseTooLarge(most=MOST_NAMES)
        yield from page.rows
        if page.next_after is None:
            return
        after = page.next_after


def require_opening(session: ReadSession, new: NewCase, *, actor: Actor) -> None:
    """Raise as `open_case` does of who may not, or may not any more."""
    division = divisions.get_division(session, new.division)
    policy.require(actor, Verb.OPEN_CASE, division=division.code)


def take_over(session: WriteSession, taken: TakenOver, *, actor: Actor) -> CaseTold:
    """Take over what was decided on before, as a case that is approved: nothing of its places changes, nothing falls due.

    Places that have ended, or wait for another case, may be named: it says what was, not what is to be.

    Raises
    ------
    Forbidden
        The actor may not, in that division.
    DivisionUnknown, DivisionCodeInvalid
        The division isn't registered.
    CaseDateAhead
        It would have been decided on, filed or announced on a day to come.
    PlaceUnknown, CaseElsewhere
        A place isn't there, or lies outside the division.
    """
    division = divisions.get_division(session, taken.division)
    policy.require(actor, Verb.TAKE_OVER_CASE, division=division.code)
    today = writing.today()
    for day in (taken.approved_on, taken.filed_on, taken.announced_on):
        if day is not None and day > today:
            raise CaseDateAhead(day=day, today=today)
    if taken.why:
        say_why(session, taken.why)
    return _told(session, taking_over.record_decided(session, taken, division))


def require_taking_over(session: ReadSession, taken: TakenOver, *, actor: Actor) -> None:
    """Raise as `take_over` does of who may not, or may not any more."""
    division = divisions.get_division(session, taken.division)
    policy.require(actor, Verb.TAKE_OVER_CASE, division=division.code)


def require_taking_over_of(session: ReadSession, place: UUID, *, actor: Actor) -> None:
    """Raise as `take_over` does of who may not, in the division of a place."""
    policy.require(actor, Verb.TAKE_OVER_CASE, division=places.get_place(session, place).division_code)


def register_place(session: WriteSession, new: NewPlace, *, actor: Actor) -> PlaceTold:
    """Take a place that exists over into the registry, as `places.register_place` does, by a case of its own.

    Raises
    ------
    Forbidden, DivisionUnknown, DivisionCodeInvalid, PlaceUnsound, SpellingInvalid
        As `places.register_place`.
    """
    policy.require(actor, Verb.REGISTER_PLACE, division=policy.somewhere(actor, Verb.REGISTER_PLACE))
    told = places.register_place(session, new, actor=actor)
    taking_over.record_place(session, told.place.id)
    return told


def change_case(session: WriteSession, case: UUID, change: CaseChange, *, seen: Seen | None, actor: Actor) -> CaseTold:
    """Change what a case says that isn't decided on.

    Raises
    ------
    Forbidden, CaseUnknown
        The actor may not, in its division; or there is none.
    CaseNotOpen
        It has gone on.
    VersionNeeded, RecordChanged
        Nothing says which version was seen, or it is another by now.
    """
    policy.require(actor, Verb.CHANGE_CASE, division=queries.division_of(session, case))
    record, _ = _to_edit(session, case, seen=seen, actor=actor)
    say_why(session, change.why)
    for field in change.model_fields_set - {"why", "approver"}:
        value = getattr(change, field)
        setattr(record, field, value if value is not None else "")
    if change.approver is not None:
        record.approver = change.approver.value
    record.turns += 1
    session.flush()
    return _told(session, case)


def add_names(
    session: WriteSession, case: UUID, new: Sequence[NewLine], *, seen: Seen | None, actor: Actor, why: str = ""
) -> CaseTold:
    """Add names to a case that isn't decided on.

    Raises
    ------
    Forbidden, CaseUnknown, CaseNotOpen, VersionNeeded, RecordChanged
        As `change_case`.
    CaseTooLarge, CasePlacePending, CasePlaceAbolished, CaseElsewhere, PlaceUnknown, PlaceUnsound, SpellingInvalid
        Something of a name can't be.
    """
    policy.require(actor, Verb.CHANGE_CASE, division=queries.division_of(session, case))
    record, division = _to_edit(session, case, seen=seen, actor=actor)
    if why:
        say_why(session, why)
    writing.add_lines(session, record, division, new)
    return _told(session, case)


def change_name(
    session: WriteSession, case: UUID, line: UUID, change: LineChange, *, seen: Seen | None, actor: Actor
) -> CaseTold:
    """Change a name of a case, or what bears it, or strike it out with a reason.

    Raises
    ------
    Forbidden, CaseUnknown, CaseNotOpen, VersionNeeded, RecordChanged
        As `change_case`.
    CaseLineUnknown
        It has no such line.
    CasePlacePending, CasePlaceAbolished, CaseElsewhere, PlaceUnknown, PlaceUnsound, SpellingInvalid
        Something of it can't be.
    """
    policy.require(actor, Verb.CHANGE_CASE, division=queries.division_of(session, case))
    record, division = _to_edit(session, case, seen=seen, actor=actor)
    found = queries.line_to_change(session, case, line)
    say_why(session, change.why)
    writing.change_line(session, record, division, found, change)
    return _told(session, case)


def split_case(session: WriteSession, case: UUID, split: Split, *, seen: Seen | None, actor: Actor) -> CaseTold:
    """Have some names of a case go on in a new one, a draft, which is told.

    Raises
    ------
    Forbidden, CaseUnknown, CaseNotOpen, VersionNeeded, RecordChanged
        As `change_case`.
    CaseLineUnknown
        It has no such line.
    CaseIncomplete
        None would be left, or none has such a finding.
    """
    policy.require(actor, Verb.CHANGE_CASE, division=queries.division_of(session, case))
    record, division = _to_edit(session, case, seen=seen, actor=actor)
    say_why(session, split.why)
    chosen = split.lines or _with_findings(session, case, split.findings)
    going = [queries.line_to_change(session, case, line) for line in dict.fromkeys(chosen)]
    if len(going) >= len(queries.records_of_lines(session, case)):
        raise CaseIncomplete(
            step_zh="分出", step_en="split", missing_zh="至少留下一个名称", missing_en="one name at least has to stay"
        )
    new = NamingCase(
        number=writing.number_of_new(session, division),
        kind=record.kind,
        title=split.title or record.title,
        division_id=record.division_id,
        applicant=record.applicant,
        plan=record.plan,
        reasons=record.reasons,
        approver=record.approver,
        approving_body=record.approving_body,
        synthetic=record.synthetic,
        state=CaseState.DRAFT.value,
        turns=1,
    )
    session.add(new)
    session.flush()
    for position, line in enumerate(going, start=1):
        line.case_id, line.position = new.id, position
    record.turns += 1
    session.flush()
    return _told(session, new.id)


def _with_findings(session: ReadSession, case: UUID, codes: Collection[FindingCode]) -> Sequence[UUID]:
    found = checking.findings_of(session, case, noticed_on=writing.today())
    going = [line for line, those in found.items() if any(each.counts and each.finding.code in codes for each in those)]
    if not going:
        raise CaseIncomplete(
            step_zh="分出",
            step_en="split",
            missing_zh="没有名称有这类未排除的意见",
            missing_en="no name has such a finding that isn't settled",
        )
    return going


def attach(session: WriteSession, case: UUID, new: NewDocument, *, actor: Actor) -> DocumentRow:
    """Add a paper to a case; the same one of the same kind is there once.

    Raises
    ------
    Forbidden, CaseUnknown
        The actor may not, in its division; or there is none.
    DocumentRefused
        It is none of the formats that are kept, too large, or empty.
    """
    policy.require(actor, Verb.ATTACH_DOCUMENT, division=queries.division_of(session, case))
    record = queries.case_to_change(session, case)
    told = papers_kept.described(new)
    known = next(
        (each for each in queries.documents_of(session, case) if (each.kind, each.sha256) == (new.kind, told.sha256)),
        None,
    )
    if known is not None:
        return known
    document = CaseDocument(
        id=uuid4(),
        case_id=case,
        kind=new.kind.value,
        title=told.title,
        file_name=told.file_name,
        media_type=told.media_type,
        bytes=len(new.content),
        sha256=told.sha256,
    )
    session.add(document)
    session.flush()
    session.add(DocumentContent(id=document.id, content=new.content))
    record.turns += 1
    session.flush()
    return queries.document_with_id(session, case, document.id)


def withdraw_document(session: WriteSession, case: UUID, document: UUID, why: str, *, actor: Actor) -> None:
    """Take a paper out of a case that isn't decided on; that it was there stays in the history.

    Raises
    ------
    Forbidden, CaseUnknown, CaseDocumentUnknown
        The actor may not; or there is no such case, or paper.
    CaseNotOpen
        It is decided on.
    """
    policy.require(actor, Verb.ATTACH_DOCUMENT, division=queries.division_of(session, case))
    record = queries.case_to_change(session, case)
    writing.require_open(record, set(CaseState) - {CaseState.APPROVED, CaseState.REJECTED, CaseState.WITHDRAWN})
    queries.document_with_id(session, case, document)
    say_why(session, why)
    session.get_one(CaseDocument, document).withdrawn = True
    record.turns += 1
    session.flush()


def read_document(session: ReadSession, case: UUID, document: UUID, *, actor: Actor) -> tuple[DocumentRow, bytes]:
    """A paper of a case, and what it holds.

    Raises
    ------
    Forbidden, CaseUnknown, CaseDocumentUnknown
        The actor works in no office; there is no such case, or paper, or it is another division's.
    """
    policy.require(actor, Verb.LIST_CASES)
    with _as(session, actor):
        queries.case_with_id(session, case)
        found = queries.document_with_id(session, case, document)
        return found, queries.content_of(session, document)


def clear_finding(
    session: WriteSession, case: UUID, line: UUID, settling: LineClearing, *, actor: Actor
) -> Sequence[LineFinding]:
    """Let a name of a case stand in spite of a finding, for a reason that is kept; the findings about the line.

    Raises
    ------
    Forbidden, CaseUnknown, CaseLineUnknown
        The actor may not; or there is no such case, or line.
    CaseFindingUnknown
        There is no such finding about it.
    AlreadyExists
        It is settled already.
    """
    policy.require(actor, Verb.CLEAR_CASE_FINDING, division=queries.division_of(session, case))
    record = queries.case_to_change(session, case)
    found = queries.line_to_change(session, case, line)
    findings = checking.findings_of(session, case, noticed_on=record.approved_on or writing.today(), only={line}).get(
        line, ()
    )
    met = [each for each in findings if each.finding.code is settling.code and each.other == settling.collides_name]
    if not met:
        raise CaseFindingUnknown(name=found.name, finding=settling.code.value)
    if met[0].cleared is not None:
        raise AlreadyExists(constraint="uq_case_clearance_in_force", detail=met[0].cleared.reason)
    say_why(session, settling.reason)
    session.add(_clearance(line, found.name, met[0], settling.reason))
    record.turns += 1
    session.flush()
    return checking.findings_of(session, case, noticed_on=record.approved_on or writing.today(), only={line})[line]


def _clearance(line: UUID, name: str, settled: LineFinding, reason: str) -> CaseClearance:
    collision = settled.finding.collides_with
    return CaseClearance(
        line_id=line,
        name=name,
        code=settled.finding.code.value,
        collides_with=collision.id if collision is not None else None,
        collides_name=settled.other,
        reason=reason,
    )


def clear_findings(
    session: WriteSession, case: UUID, settling: SortClearing, *, seen: Seen | None, actor: Actor
) -> int:
    """Let all names of a case stand in spite of the findings of one sort, for one reason that is kept with each; how many.

    What a rule forbids is settled one by one.

    Raises
    ------
    Forbidden, CaseUnknown, VersionNeeded, RecordChanged
        As `change_case`.
    CaseFindingUnknown
        There is no such finding that counts.
    CaseFindingsWeigh
        One is an error.
    """
    policy.require(actor, Verb.CLEAR_CASE_FINDING, division=queries.division_of(session, case))
    record = queries.case_to_change(session, case)
    row = queries.case_with_id(session, case)
    require_seen(seen, row.version)
    names = {line.id: line.name for line in queries.lines_of(session, case)}
    found = checking.findings_of(session, case, noticed_on=row.approved_on or writing.today())
    met = [
        (line, each)
        for line, those in found.items()
        for each in those
        if each.counts and each.finding.code is settling.code
    ]
    if not met:
        raise CaseFindingUnknown(name=row.title, finding=settling.code.value)
    if any(each.finding.severity is Severity.ERROR for _, each in met):
        raise CaseFindingsWeigh(finding_zh=settling.code.zh, finding_en=settling.code.en)
    say_why(session, settling.reason)
    # Of two findings that are alike in all that a clearance holds, one settles both.
    alike: dict[tuple[UUID, str], LineFinding] = {}
    for line, each in met:
        alike.setdefault((line, each.other), each)
    session.add_all(_clearance(line, names[line], each, settling.reason) for (line, _), each in alike.items())
    record.turns += 1
    session.flush()
    return len(met)


def submit(
    session: WriteSession, case: UUID, step: CaseStep, taking: Taking, *, seen: Seen | None, actor: Actor
) -> CaseTold:
    """Submit a case, or withdraw it.

    Raises
    ------
    Forbidden, CaseUnknown, VersionNeeded, RecordChanged
        As `change_case`.
    CaseStepNotOpen, CaseDatesOutOfOrder, CaseDateAhead
        It can't be taken where the case stands, or on that day.
    CaseIncomplete
        There is no name in it, or no plan or reasons, which the law asks for.
    """
    policy.require(actor, Verb.SUBMIT_CASE, division=queries.division_of(session, case))
    record, division = _to_take(session, case, step, {CaseStep.SUBMIT, CaseStep.WITHDRAW}, seen)
    if step is CaseStep.SUBMIT:
        _refuse_incomplete(session, record, step)
    _take(session, record, division, step, taking, actor=actor)
    if step is CaseStep.WITHDRAW:
        _close_consultations(session, case, taking)
    return _told(session, case)


def handle(
    session: WriteSession, case: UUID, step: CaseStep, taking: Taking, *, seen: Seen | None, actor: Actor
) -> CaseTold:
    """Take a case on, return it, open or conclude a consultation, or say that it is handled.

    A consultation is opened with a `Consulting`.

    Raises
    ------
    Forbidden, CaseUnknown, VersionNeeded, RecordChanged, CaseStepNotOpen, CaseDatesOutOfOrder, CaseDateAhead
        As `submit`.
    CaseIncomplete
        A name that is a working one would be shown as proposed.
    CaseIncomplete, CaseFindingsOpen
        It is said to be handled, and something that `submit` asks for is gone, or findings are settled by nobody.
    HeritageUnprotected
        It is said to be handled, a name of it is on a protection list, and no measures before a renaming are recorded.
    """
    policy.require(actor, Verb.HANDLE_CASE, division=queries.division_of(session, case))
    record, division = _to_take(
        session,
        case,
        step,
        {CaseStep.CHECK, CaseStep.RETURN, CaseStep.CONSULT, CaseStep.CONCLUDE, CaseStep.HANDLE},
        seen,
    )
    if isinstance(taking, Consulting) and taking.kind is ConsultationKind.NOTICE:
        _refuse_working(session, record, step)
    if step is CaseStep.HANDLE:
        _refuse_working(session, record, step)
        _refuse_incomplete(session, record, step)
        guarding.require_measures(session, queries.lines_of(session, case), taking.on or writing.today())
        _refuse_findings(session, record)
    standing = _take(session, record, division, step, taking, actor=actor)
    if step is CaseStep.CONSULT:
        _consult(session, record, standing, taking)
    if step in {CaseStep.CONCLUDE, CaseStep.RETURN}:
        _close_consultations(session, case, taking)
    return _told(session, case)


def sign(
    session: WriteSession, case: UUID, step: CaseStep, taking: Taking, *, seen: Seen | None, actor: Actor
) -> CaseTold:
    """Review a case, sign it, or send it back to whoever handled it.

    Raises
    ------
    Forbidden, CaseUnknown, VersionNeeded, RecordChanged, CaseStepNotOpen, CaseDatesOutOfOrder, CaseDateAhead
        As `submit`.
    CaseSignedByItsAuthor
        Whoever handled it would sign it.
    """
    policy.require(actor, Verb.SIGN_CASE, division=queries.division_of(session, case))
    record, division = _to_take(session, case, step, {CaseStep.REVIEW, CaseStep.SIGN, CaseStep.SEND_BACK}, seen)
    _take(session, record, division, step, taking, actor=actor)
    return _told(session, case)


def decide(
    session: WriteSession, case: UUID, step: CaseStep, taking: Taking, *, seen: Seen | None, actor: Actor
) -> CaseTold:
    """Enter what was decided: the approval, by which the names take effect on the day of the document; or a refusal.

    An approval may be entered with an `Approving`, which says by which body.

    Raises
    ------
    Forbidden, CaseUnknown, VersionNeeded, RecordChanged, CaseStepNotOpen, CaseDatesOutOfOrder, CaseDateAhead
        As `submit`.
    CaseIncomplete
        It is approved, and nothing tells by which body.
    NameNotInForce, PeriodsOverlap, PlaceUnsound
        A name can't take effect on that day.
    CaseFindingsOpen
        A rule forbids one by now, as where another case took it.
    HeritageUnprotected
        As `handle`; the measures have to be as old as the approval.
    """
    policy.require(actor, Verb.DECIDE_CASE, division=queries.division_of(session, case))
    if step is CaseStep.APPROVE:
        queries.hold(session, queries.division_of(session, case) or "")
    record, division = _to_take(session, case, step, {CaseStep.APPROVE, CaseStep.REJECT, CaseStep.RETURN}, seen)
    if step is CaseStep.APPROVE and record.state == CaseState.SIGNED.value:
        # What was decided on since it was handled may have taken one of its names.
        _refuse_findings(session, record, weighing=frozenset({Severity.ERROR}))
    _take(session, record, division, step, taking, actor=actor)
    if step is CaseStep.APPROVE:
        row = _approved_by(session, record, taking)
        guarding.require_measures(session, queries.lines_of(session, case), taking.on or writing.today())
        say_why(session, f"{row.title} {row.approval_number}".strip())
        assert row.approved_on is not None, "an approval has its day"
        enacting.enact(session, row, row.approved_on, announcing.body_of(session, row), actor=actor)
    return _told(session, case)


def _approved_by(session: WriteSession, record: NamingCase, taking: Taking) -> CaseRow:
    """The case with the body that approved it: the one that its document names wins over the one that was expected."""
    if isinstance(taking, Approving) and taking.approving_body:
        record.approving_body = taking.approving_body
        session.flush()
    row = queries.case_with_id(session, record.id)
    if not announcing.body_of(session, row):
        raise CaseIncomplete(
            step_zh=CaseStep.APPROVE.zh,
            step_en=CaseStep.APPROVE.en,
            missing_zh="缺批准机关：请填写批准文件上的机关全称（approving_body）",
            missing_en="no approving body: give the name of the body on the document (approving_body)",
        )
    return row


def follow_up(
    session: WriteSession, case: UUID, step: CaseStep, taking: Taking, *, seen: Seen | None, actor: Actor
) -> CaseTold:
    """Send a case for filing, enter the receipt or that it was returned; announce it, or correct the announcement.

    A receipt is entered with a `Filed`, an announcement with an `Announcing`, a correction with a `Correcting`.

    Raises
    ------
    Forbidden, CaseUnknown, VersionNeeded, RecordChanged, CaseStepNotOpen, CaseDatesOutOfOrder, CaseDateAhead
        As `submit`.
    CaseIncomplete
        The announcement lacks something of the legal minimum; or a filing is sent after its last day, without the reason.
    """
    policy.require(actor, Verb.FOLLOW_UP_CASE, division=queries.division_of(session, case))
    record, division = _to_take(
        session,
        case,
        step,
        {CaseStep.FILE, CaseStep.FILED, CaseStep.FILING_RETURNED, CaseStep.ANNOUNCE, CaseStep.CORRECT},
        seen,
    )
    standing = _take(session, record, division, step, taking, actor=actor)
    if step is CaseStep.FILE and not taking.note.strip():
        _refuse_late_without_reason(standing)
    if step is CaseStep.FILED:
        _enter_receipt(session, record, taking, actor)
    if step in {CaseStep.ANNOUNCE, CaseStep.CORRECT}:
        _announce(session, record, standing, taking, step)
    return _told(session, case)


def enter_codes(session: WriteSession, case: UUID, given: EnteredCodes, *, seen: Seen | None, actor: Actor) -> CaseTold:
    """Enter the national codes of names of an approved case, with the receipt's number or the case's as the reason.

    Raises
    ------
    Forbidden, CaseUnknown, VersionNeeded, RecordChanged
        As `change_case`.
    CaseNotOpen
        It isn't approved.
    CaseLineUnknown
        It has no such name, or one that was struck out.
    AlreadyExists
        Another place has the code.
    """
    policy.require(actor, Verb.FOLLOW_UP_CASE, division=queries.division_of(session, case))
    record = queries.case_to_change(session, case)
    require_seen(seen, queries.case_with_id(session, case).version)
    writing.require_open(record, {CaseState.APPROVED})
    _enter_codes(session, record, given.codes, actor)
    record.turns += 1
    session.flush()
    return _told(session, case)


def entered_of(told: CaseTold, step: CaseStep) -> tuple[date, str] | None:
    """The date and number of a document that terms run from, as a case tells them now; None where there is none yet."""
    return entered(_standing(told.case, told.lines, told.steps).case, step)


def amend(session: WriteSession, case: UUID, amending: Amending, *, seen: Seen | None, actor: Actor) -> CaseTold:
    """Have the date or the number right of an approval, a filing, a receipt or an announcement that was mistyped.

    It is a step of its own, with the reason; the one that it amends stays written. Terms are reckoned anew. What was
    published stays as it was: to change what it says, the announcement is corrected.

    Raises
    ------
    Forbidden, CaseUnknown, VersionNeeded, RecordChanged, CaseDatesOutOfOrder, CaseDateAhead
        As `submit`.
    CaseNothingToAmend
        There is no such step, or nothing of it would differ.
    CaseEffectFixed
        It is the date of the approval, from which the names hold.
    """
    policy.require(actor, Verb.SIGN_CASE, division=queries.division_of(session, case))
    record = queries.case_to_change(session, case)
    row = queries.case_with_id(session, case)
    require_seen(seen, row.version)
    standing = _standing(row, queries.lines_of(session, case), queries.steps_of(session, case))
    present = entered(standing.case, amending.step)
    on = amending.on or (present[0] if present else writing.today())
    number = amending.number if amending.number is not None else present[1] if present else ""
    if present == (on, number):
        raise CaseNothingToAmend(step_zh=amending.step.zh, step_en=amending.step.en)
    if on > writing.today():
        raise CaseDateAhead(day=on, today=writing.today())
    say_why(session, amending.why)
    event = Event(CaseStep.AMEND, on, actor.name, number=number, why=amending.why, amends=amending.step)
    writing.take(session, record, event, row.division_code)
    _tell_papers(session, record)
    return _told(session, case)


def draft_announcement(session: ReadSession, case: UUID, *, actor: Actor) -> tuple[Announced, Sequence[Flaw]]:
    """The announcement of a case as it would be made now, and what it lacks.

    Raises
    ------
    Forbidden, CaseUnknown
        As `find_case`.
    """
    policy.require(actor, Verb.LIST_CASES)
    with _as(session, actor):
        told = _told(session, case)
        drafted = announcing.announced_of(session, told.case, told.lines, told.dues)
    return drafted, missing_of(drafted)


def draft_paper(
    session: ReadSession, case: UUID, paper: CasePaper, wanted: PaperFormat, *, actor: Actor, locale: str = "zh-CN"
) -> "Made":
    """A paper of a case as it would be made now, as a file; what the public said is in the report on opinions alone.

    Raises
    ------
    Forbidden, CaseUnknown
        As `find_case`; of the report on opinions, as `list_comments`.
    PaperNotMadeSo
        It isn't made in that format, or the case isn't there yet.
    PaperFontMissing
        It is to be a PDF, and this machine has no Chinese face.
    """
    # What writes documents takes a while to load: nobody waits for it who makes none.
    from geo_registry.cases import drafting  # noqa: PLC0415

    policy.require(actor, Verb.LIST_CASES)
    with _as(session, actor):
        told = _told(session, case)
    said = [
        (each, list_comments(session, each.id, EVERY_COMMENT, actor=actor).rows if paper is CasePaper.OPINIONS else ())
        for each in told.consultations
    ]
    material = drafting.Material(told.case, told.lines, told.steps, told.documents, told.dues, said)
    return drafting.made_of(session, material, paper, wanted, today=writing.today(), locale=locale)


def announcement_paper(
    session: ReadSession, announcement: UUID, wanted: PaperFormat, *, locale: str = "zh-CN"
) -> "Made":
    """An announcement as it was published, as a file.

    Raises
    ------
    AnnouncementUnknown
        There is none of that id.
    PaperFontMissing
        As `draft_paper`.
    """
    from geo_registry.cases import drafting  # noqa: PLC0415

    row, said = get_announcement(session, announcement)
    return drafting.announced_as(said, wanted, row.number or row.published_on.isoformat(), locale)


def list_consultations(
    session: ReadSession, page: Page, *, open_now: bool | None = None, division: str | None = None
) -> Listing[ConsultationRow]:
    """One page of consultations, the newest first; `page.after` counts downwards.

    Raises
    ------
    DivisionCodeInvalid
        `division` isn't a code.
    """
    rows = queries.consultations_matching(
        session, writing.today(), open_now=open_now, division=division, after=page.after, limit=page.limit + 1
    )
    return listing(rows, page, lambda row: row.fid)


def get_consultation(session: ReadSession, consultation: UUID) -> ConsultationRow:
    """One consultation.

    Raises
    ------
    ConsultationUnknown
        There is none of that id.
    """
    return queries.consultation_with_id(session, consultation)


def comment(session: WriteSession, consultation: UUID, new: NewComment, *, actor: Actor) -> str:
    """Say something in a consultation; the number by which its answer can be asked for.

    Raises
    ------
    ConsultationUnknown
        There is none of that id.
    ConsultationOver
        It takes no opinions today.
    """
    policy.require(actor, Verb.COMMENT)
    row = queries.consultation_with_id(session, consultation)
    if not row.is_open(writing.today()):
        raise ConsultationOver(opened_on=row.opened_on, closes_on=row.closed_on or row.closes_on)
    number = "".join(secrets.choice("0123456789") for _ in range(COMMENT_DIGITS))
    queries.say(session, consultation, number, new, writing.today())
    return number


def answered(session: ReadSession, number: str) -> Answered:
    """What became of what somebody said, by the number that they were given.

    Raises
    ------
    CommentUnknown
        Nothing has that number.
    """
    return queries.answered(session, number)


def list_comments(session: ReadSession, consultation: UUID, page: Page, *, actor: Actor) -> Listing[CommentRow]:
    """One page of what was said in a consultation, with who said it: the audit notes who read it.

    Raises
    ------
    Forbidden
        The actor may not, in its division.
    ConsultationUnknown
        There is none of that id.
    """
    policy.require(actor, Verb.LIST_COMMENTS, division=get_consultation(session, consultation).division_code)
    with read_as(session, policy.reader(actor, Verb.LIST_COMMENTS)):
        rows = queries.comments_of(session, consultation, after=page.after, limit=page.limit + 1)
    if rows:
        session.note(
            PrivateRead(
                actor,
                ConsultationComment.__tablename__,
                rows=len(rows),
                records=[row.id for row in rows],
                verb=Verb.LIST_COMMENTS.value,
            )
        )
    return listing(rows, page, lambda row: row.fid)


def proposed_of(comments: Sequence[CommentRow]) -> Sequence[tuple[str, int]]:
    """The names that were proposed in what was said, how often each, what was proposed most first."""
    return Counter(each.proposed_name for each in comments if each.proposed_name).most_common()


def answer_comment(
    session: WriteSession, consultation: UUID, comment: UUID, answer: CommentAnswer, *, seen: Seen | None, actor: Actor
) -> CommentRow:
    """Say what became of what somebody said, and answer it.

    Raises
    ------
    Forbidden
        The actor may not, in its division.
    ConsultationUnknown, CommentUnknown
        There is no such consultation, or nothing of that id was said there.
    VersionNeeded, RecordChanged
        Nothing says which version was seen, or it is another by now.
    """
    policy.require(actor, Verb.ANSWER_COMMENT, division=get_consultation(session, consultation).division_code)
    record = queries.comment_to_answer(session, consultation, comment)
    require_seen(seen, queries.comment_row(record).version)
    record.outcome, record.answer = answer.outcome.value, answer.answer
    session.flush()
    return queries.comment_row(record)


def list_announcements(
    session: ReadSession, page: Page, *, division: str | None = None, words: str | None = None
) -> Listing[AnnouncementRow]:
    """One page of announcements, that of the last day first; `page.after` is a position.

    Raises
    ------
    DivisionCodeInvalid
        `division` isn't a code.
    """
    rows = queries.announcements_matching(
        session, division=division, words=words, after=page.after, limit=page.limit + 1
    )
    return listing(rows, page, lambda row: row.position)


def get_announcement(session: ReadSession, announcement: UUID) -> tuple[AnnouncementRow, Announced]:
    """One announcement, and what it says.

    Raises
    ------
    AnnouncementUnknown
        There is none of that id.
    """
    found = queries.announcement_with_id(session, announcement)
    return found, announcing.from_content(found.content)


def decisions_of(session: ReadSession, place: UUID) -> Sequence[DecisionRow]:
    """The decisions on the names of a place, the newest first: what everybody may know.

    Raises
    ------
    PlaceUnknown
        There is no such place.
    """
    places.get_place(session, place)
    return [replace(each, case_number=None) for each in queries.decisions_of(session, place)]


def cases_for(asker: Actor, session: ReadSession, place: UUID) -> Sequence[CaseRow] | None:
    """The cases that are, or were, about a place; None where whoever asks sees no cases.

    Raises
    ------
    PlaceUnknown
        There is no such place.
    """
    places.get_place(session, place)
    if policy.refusal(asker, Verb.LIST_CASES) is not None:
        return None
    with _as(session, asker):
        return queries.cases_of_place(session, place)


def _told(session: ReadSession, case: UUID) -> CaseTold:
    row = queries.case_with_id(session, case)
    steps = queries.steps_of(session, case)
    lines = queries.lines_of(session, case)
    standing = _standing(row, lines, steps)
    consultations = queries.consultations_of(session, case)
    return CaseTold(
        case=row,
        lines=lines,
        steps=steps,
        documents=queries.documents_of(session, case),
        consultations=consultations,
        announcements=queries.announcements_of(session, case),
        dues=standing.dues,
        open_steps=open_steps(standing.case),
        taken_over=queries.places_taken_over(session, row.dataset) if row.dataset is not None else None,
        notices=notices_of(row, lines, consultations, standing.dues),
    )


def _standing(row: CaseRow, lines: Sequence[LineRow], steps: Sequence[StepRow]) -> Standing:
    return writing.standing(row, _actions(lines), row.division_code, steps)


def _actions(lines: Sequence[LineRow]) -> frozenset[NameAction]:
    """What is done to the names that aren't struck out."""
    return frozenset(line.action for line in lines if line.state is not LineState.STRUCK)


@contextmanager
def _as(session: ReadSession, actor: Actor) -> Iterator[None]:
    """Read as whoever asks: the cases of their divisions."""
    if isinstance(session, WriteSession):
        yield
        return
    with read_as(session, policy.reader(actor, Verb.LIST_CASES)):
        yield


def _to_edit(session: WriteSession, case: UUID, *, seen: Seen | None, actor: Actor) -> tuple[NamingCase, DivisionRow]:
    """A case whose content is to be changed, locked; whoever only applies may until it is submitted.

    Raises
    ------
    CaseUnknown, CaseNotOpen, VersionNeeded, RecordChanged, Forbidden
        As `change_case`.
    """
    record = queries.case_to_change(session, case)
    row = queries.case_with_id(session, case)
    require_seen(seen, row.version)
    writing.require_open(record, BEFORE_HANDLING | IN_THE_OFFICE)
    if CaseState.of(record.state) in IN_THE_OFFICE:
        policy.require(actor, Verb.HANDLE_CASE, division=row.division_code)
    return record, divisions.get_division(session, row.division_code)


def _to_take(
    session: WriteSession, case: UUID, step: CaseStep, allowed: Collection[CaseStep], seen: Seen | None
) -> tuple[NamingCase, DivisionRow]:
    """A case that a step is to be taken of, locked, as the actor saw it."""
    assert step in allowed, f"{step} is for another verb"
    record = queries.case_to_change(session, case)
    row = queries.case_with_id(session, case)
    require_seen(seen, row.version)
    return record, divisions.get_division(session, row.division_code)


def _take(
    session: WriteSession, record: NamingCase, division: DivisionRow, step: CaseStep, taking: Taking, *, actor: Actor
) -> Standing:
    today = writing.today()
    on = taking.on or today
    if on > today:
        raise CaseDateAhead(day=on, today=today)
    if taking.note:
        say_why(session, taking.note)
    until = taking.until if isinstance(taking, Consulting) else None
    event = Event(step, on, actor.name, until=until, number=taking.number, why=taking.note)
    return writing.take(session, record, event, division.code)


def _refuse_incomplete(session: ReadSession, record: NamingCase, step: CaseStep) -> None:
    """Raise where an application lacks what article 11 asks for."""
    lines = queries.lines_of(session, record.id)
    missing: list[Missing] = []
    if not any(line.state is LineState.OPEN for line in lines):
        missing.append(Missing("names", "没有名称", "it has no name"))
    if not _actions(lines).isdisjoint(APPLIED_FOR):
        if not record.plan.strip():
            missing.append(Missing("plan", "缺命名、更名方案（条例第十一条）", "no plan (art. 11)"))
        if not record.reasons.strip():
            missing.append(Missing("reasons", "缺理由（条例第十一条）", "no reasons (art. 11)"))
    missing += _without_another_name(lines)
    listless = guarding.unproposed(session, lines)
    if listless:
        names = "、".join(listless)
        missing.append(
            Missing(
                "heritage",
                f"{names}尚未在“地名文化遗产”（/heritage）登记为拟列入",
                f"{names} isn't proposed for a list at /heritage yet",
            )
        )
    if missing:
        raise CaseIncomplete(
            step_zh=step.zh,
            step_en=step.en,
            missing_zh="；".join(each.zh for each in missing),
            missing_en="; ".join(each.en for each in missing),
            parts=missing,
        )


def _first_of(names: Sequence[str]) -> str:
    """The first ten names, and that there are more."""
    return "、".join(names[:10]) + ("…" if len(names) > 10 else "")


def _refuse_working(session: ReadSession, record: NamingCase, step: CaseStep) -> None:
    """Raise where a name stands there only until one is found: what is decided on, or shown as proposed, has its own."""
    lines = queries.lines_of(session, record.id)
    working = [line.name for line in lines if line.working and line.state is LineState.OPEN]
    if working:
        names = _first_of(working)
        raise CaseIncomplete(
            step_zh=step.zh,
            step_en=step.en,
            missing_zh=f"{names}是暂用名称，还没有拟定名称",
            missing_en=f"{names} is a working name: none is proposed yet",
        )


def _without_another_name(lines: Sequence[LineRow]) -> Sequence[Missing]:
    """What is renamed has another name: cases that a review opened don't know it yet."""
    waiting = [
        line.name
        for line in lines
        if line.action is NameAction.RENAME and line.state is LineState.OPEN and line.name == line.place_name
    ]
    names = _first_of(waiting)
    return [Missing("names", f"{names}还没有拟定新名称", f"{names} has no other name yet")] if waiting else []


def _refuse_findings(
    session: ReadSession, record: NamingCase, weighing: frozenset[Severity] = frozenset(Severity)
) -> None:
    found = checking.findings_of(session, record.id, noticed_on=writing.today())
    lines = {line.id: line.name for line in queries.lines_of(session, record.id)}
    waiting = {
        line: [each for each in those if each.counts and each.finding.severity in weighing]
        for line, those in found.items()
    }
    waiting = {line: those for line, those in waiting.items() if those}
    if waiting:
        names = [lines[line] for line in waiting]
        raise CaseFindingsOpen(count=sum(map(len, waiting.values())), names=_first_of(names))


def _consult(session: WriteSession, record: NamingCase, standing: Standing, taking: Taking) -> None:
    assert isinstance(taking, Consulting), "a consultation has a last day"
    row = queries.case_with_id(session, record.id)
    drafted = announcing.announced_of(session, row, queries.lines_of(session, record.id), standing.dues)
    session.add(
        Consultation(
            case_id=record.id,
            kind=taking.kind.value,
            title=taking.title or record.title,
            body=taking.body,
            names=announcing.in_public(drafted.names),
            division_id=record.division_id,
            opened_on=taking.on or writing.today(),
            closes_on=taking.until,
            synthetic=record.synthetic,
        )
    )
    session.flush()


def _close_consultations(session: WriteSession, case: UUID, taking: Taking) -> None:
    """Take no more opinions on a case that isn't before the public any more."""
    for consultation in queries.records_of_consultations(session, case):
        consultation.closed_on = max(taking.on or writing.today(), consultation.opened_on)
    session.flush()


def _refuse_late_without_reason(standing: Standing) -> None:
    late = next((due.late_by(writing.today()) for due in standing.dues if due.duty is Duty.FILING), 0)
    if late:
        raise CaseIncomplete(
            step_zh=CaseStep.FILE.zh,
            step_en=CaseStep.FILE.en,
            missing_zh=f"已逾期 {late} 天，请在说明（note）中写明逾期原因",
            missing_en=f"it is {late} day(s) late: say why in note",
        )


def _enter_receipt(session: WriteSession, record: NamingCase, taking: Taking, actor: Actor) -> None:
    _enter_codes(session, record, taking.codes if isinstance(taking, Filed) else {}, actor)
    _tell_papers(session, record)


def _enter_codes(session: WriteSession, record: NamingCase, codes: Mapping[UUID, str], actor: Actor) -> None:
    for line, code in codes.items():
        place = queries.line_to_change(session, record.id, line).place_id
        if place is None:
            raise CaseLineUnknown(line=line)
        change = PlaceCorrection(national_code=code, why=record.filing_number or record.number)
        places.correct_place(session, place, change, seen=WHICHEVER, actor=actor)


def _tell_papers(session: WriteSession, record: NamingCase) -> None:
    """Have what everybody may know of a case's decisions say the numbers and dates of its papers."""
    for decision in queries.decision_records(session, record.id):
        decision.approval_number = record.approval_number
        decision.filed_on, decision.filing_number = record.filed_on, record.filing_number
    session.flush()


def _announce(session: WriteSession, record: NamingCase, standing: Standing, taking: Taking, step: CaseStep) -> None:
    assert isinstance(taking, Announcing), "an announcement is made of its own"
    row = queries.case_with_id(session, record.id)
    on = taking.on or writing.today()
    before = queries.announcements_of(session, record.id)
    corrects = before[-1] if step is CaseStep.CORRECT else None
    announced = announcing.announced_of(
        session,
        row,
        queries.lines_of(session, record.id),
        standing.dues,
        on=on,
        number=taking.number,
        title=taking.title or "",
        office=taking.office,
        paragraphs=[each for each in taking.body.split("\n") if each.strip()],
        channels=taking.channels,
        corrects=(corrects.number or corrects.title) if corrects is not None else None,
        reason=taking.note if isinstance(taking, Correcting) else "",
    )
    errors = [flaw for flaw in missing_of(announced) if flaw.severity is Severity.ERROR][:10]
    missing = [(flaw.message("zh"), flaw.message("en")) for flaw in errors]
    if not announced.office:
        missing.append(("缺发布单位：请填写（office）", "nobody announces: give the office"))
    if missing:
        raise CaseIncomplete(
            step_zh=step.zh,
            step_en=step.en,
            missing_zh="；".join(zh for zh, _ in missing),
            missing_en="; ".join(en for _, en in missing),
        )
    made = Announcement(
        case_id=record.id,
        number=taking.number,
        title=announced.title,
        office=announced.office,
        published_on=on,
        division_id=record.division_id,
        corrects_id=corrects.id if corrects is not None else None,
        correction=announced.reason,
        content=announcing.as_content(announced),
        synthetic=record.synthetic,
    )
    session.add(made)
    session.flush()
    for decision in queries.decision_records(session, record.id):
        decision.announcement_id = made.id
    session.flush()


def _class_of(session: ReadSession, line: NewLine) -> PlaceClass:
    if line.place is not None:
        return PlaceClass.of(places.get_place(session, line.place).place_class)
    assert line.place_class is not None, "a new place says its class (inputs.NewLine)"
    return line.place_class
