"""Papers made from a case: its application, the report on opinions, the filing papers, the announcement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from geo_registry.cases import announcing
from geo_registry.cases.announced import Announced
from geo_registry.cases.papers.announcement import annex_xlsx, announcement_docx, announcement_pdf
from geo_registry.cases.papers.application import ApplicationDraft, application_docx
from geo_registry.cases.papers.filing import (
    PAPERS,
    Card,
    FilingDraft,
    filing_form_docx,
    filing_form_xlsx,
    filing_report_docx,
)
from geo_registry.cases.papers.opinions import Opinion, OpinionsDraft, changes_since, opinions_report_docx
from geo_registry.cases.queries import CaseRow, CommentRow, ConsultationRow, DocumentRow, LineRow, StepRow
from geo_registry.cases.terms import Due
from geo_registry.db.session import ReadSession
from geo_registry.errors import PaperNotMadeSo
from geo_registry.places.queries import NameRow
from geo_registry.vocabulary import (
    CasePaper,
    CaseStep,
    CommentOutcome,
    DocumentKind,
    Duty,
    DutyState,
    LineState,
    NameKind,
    PaperFormat,
)

MEDIA_TYPES: Mapping[PaperFormat, str] = {
    PaperFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    PaperFormat.PDF: "application/pdf",
    PaperFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMATS: Mapping[CasePaper, Sequence[PaperFormat]] = {
    CasePaper.APPLICATION: (PaperFormat.DOCX,),
    CasePaper.OPINIONS: (PaperFormat.DOCX,),
    CasePaper.FILING_FORM: (PaperFormat.XLSX, PaperFormat.DOCX),
    CasePaper.FILING_REPORT: (PaperFormat.DOCX,),
    CasePaper.ANNOUNCEMENT: (PaperFormat.PDF, PaperFormat.DOCX, PaperFormat.XLSX),
}
"""How each is made, the usual format first."""


APPLIED_WITH = frozenset(
    {
        DocumentKind.PLAN,
        DocumentKind.ASSESSMENT,
        DocumentKind.EXPERTS,
        DocumentKind.OPINIONS,
        DocumentKind.HEARING,
        DocumentKind.EVIDENCE,
        DocumentKind.OTHER,
    }
)
"""What an application is handed in with (art. 11); the others come of the case later."""
PAST = frozenset({NameKind.STANDARD.value, NameKind.FORMER.value, NameKind.HISTORICAL.value})
"""Names that tell a place's history."""


@dataclass(frozen=True, slots=True)
class Made:
    """A paper as a file."""

    file_name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Material:
    """What papers are made from: all that is told of a case."""

    case: CaseRow
    lines: Sequence[LineRow]
    steps: Sequence[StepRow]
    documents: Sequence[DocumentRow]
    dues: Sequence[Due]
    consultations: Sequence[tuple[ConsultationRow, Sequence[CommentRow]]]


def require_format(paper: CasePaper, wanted: PaperFormat) -> None:
    """Raise where a paper isn't made in a format.

    Raises
    ------
    PaperNotMadeSo
        It isn't.
    """
    if wanted not in FORMATS[paper]:
        _refuse(paper, wanted, "没有这种格式", "there is no such format of it")


def announced_as(announced: Announced, wanted: PaperFormat, name: str, locale: str) -> Made:
    """An announcement in one of its formats.

    Raises
    ------
    PaperFontMissing
        It is to be a PDF, and there is no Chinese face.
    """
    makers: Mapping[PaperFormat, Callable[[Announced, str], bytes]] = {
        PaperFormat.DOCX: announcement_docx,
        PaperFormat.PDF: announcement_pdf,
        PaperFormat.XLSX: annex_xlsx,
    }
    return _made(makers[wanted](announced, locale), name, CasePaper.ANNOUNCEMENT, wanted)


def made_of(
    session: ReadSession, material: Material, paper: CasePaper, wanted: PaperFormat, *, today: date, locale: str
) -> Made:
    """A paper of a case, as it would be made now.

    Raises
    ------
    PaperNotMadeSo
        It isn't made in that format, or the case isn't there yet.
    PaperFontMissing
        As `announced_as`.
    """
    require_format(paper, wanted)
    case = material.case
    announced = announcing.announced_of(session, case, material.lines, material.dues)
    if paper is CasePaper.ANNOUNCEMENT:
        return announced_as(announced, wanted, case.number, locale)
    if paper is CasePaper.APPLICATION:
        content = application_docx(_application(session, material, announced))
    elif paper is CasePaper.OPINIONS:
        content = opinions_report_docx(_opinions(session, material, announced, wanted))
    else:
        if case.approved_on is None:
            _refuse(paper, wanted, "事项尚未批准", "the case isn't approved")
        filing = _filing(session, material, announced, today)
        if paper is CasePaper.FILING_REPORT:
            content = filing_report_docx(filing)
        else:
            content = filing_form_xlsx(filing) if wanted is PaperFormat.XLSX else filing_form_docx(filing)
    return _made(content, case.number, paper, wanted)


def _made(content: bytes, name: str, paper: CasePaper, wanted: PaperFormat) -> Made:
    return Made(f"{paper.zh}-{name}.{wanted.value}", MEDIA_TYPES[wanted], content)


def _refuse(paper: CasePaper, wanted: PaperFormat, zh: str, en: str) -> None:
    formats = ", ".join(each.value for each in FORMATS[paper])
    raise PaperNotMadeSo(
        paper_zh=paper.zh, paper_en=paper.en, format=wanted.value, reason_zh=zh, reason_en=en, formats=formats
    )


def _application(session: ReadSession, material: Material, announced: Announced) -> ApplicationDraft:
    case = material.case
    submitted = [step.on for step in material.steps if step.step is CaseStep.SUBMIT]
    return ApplicationDraft(
        applicant=case.applicant or case.division_name,
        addressee=announcing.office_of(session, case),
        names=announced.names,
        plan=case.plan,
        reasons=case.reasons,
        reports=[each.title for each in material.documents if each.kind in APPLIED_WITH],
        applied_on=submitted[-1] if submitted else None,
        synthetic=case.synthetic,
    )


def _opinions(session: ReadSession, material: Material, announced: Announced, wanted: PaperFormat) -> OpinionsDraft:
    if not material.consultations:
        _refuse(CasePaper.OPINIONS, wanted, "事项没有公示或征集", "the case has no consultation")
    opinions = [
        Opinion(
            text=comment.said,
            outcome=comment.outcome.zh if comment.outcome is not CommentOutcome.RECEIVED else "",
            answer=comment.answer,
            proposed=comment.proposed_name,
        )
        for _, comments in material.consultations
        for comment in comments
    ]
    asked = [row for row, _ in material.consultations]
    # Of several consultations, a name as it was put to the public last.
    put = {each.name: each for row in asked for each in announcing.from_public(row.names)}
    return OpinionsDraft(
        office=announcing.office_of(session, material.case),
        names=[*put.values()],
        changes=changes_since([*put.values()], announced.names),
        opened_on=min(row.opened_on for row in asked),
        closed_on=max(row.closed_on or row.closes_on for row in asked),
        opinions=opinions,
        ways=list(dict.fromkeys(row.kind.zh for row in asked)),
        synthetic=material.case.synthetic,
    )


def _filing(session: ReadSession, material: Material, announced: Announced, today: date) -> FilingDraft:
    case = material.case
    sent = [step for step in material.steps if step.step is CaseStep.FILE]
    returned = [step for step in material.steps if step.step is CaseStep.FILING_RETURNED]
    due = next((each for each in material.dues if each.duty is Duty.FILING), None)
    on = sent[-1].on if sent and case.filing is not DutyState.RETURNED else None
    late = due is not None and due.late_by(on or today) > 0
    return FilingDraft(
        announced=announced,
        sender=announcing.body_of(session, case),
        receiver=announcing.receiver_of(session, case),
        number=sent[-1].number if on is not None else "",
        sent_on=on,
        cards=_cards(session, material),
        papers=[(each.kind, each.title) for kind in PAPERS for each in material.documents if each.kind is kind],
        late_because=(sent[-1].note if on is not None else "") or ("（请填写逾期原因）" if late else ""),
        returned_because=returned[-1].note if returned else "",
    )


def _cards(session: ReadSession, material: Material) -> Sequence[Card]:
    """What the card of each name asks for beside its announcement, as far as the case and the registry tell it."""
    lines = [line for line in material.lines if line.state is not LineState.STRUCK]
    known = announcing.known_of(session, lines)
    held = announcing.held_of(lines, known)
    handled = [step.by for step in material.steps if step.step is CaseStep.HANDLE]
    return [
        _card(
            line,
            held.get(line.id),
            known.get(line.place, ()) if line.place is not None else (),
            source=material.case.approval_number,
            registrar=handled[-1] if handled else "",
        )
        for line in lines
    ]


def _card(line: LineRow, held: NameRow | None, names: Sequence[NameRow], *, source: str, registrar: str) -> Card:
    begins, ends = line.ends or (None, None)

    def called(kind: NameKind) -> Sequence[str]:
        return [each.name for each in names if each.kind == kind.value and each.valid_to is None]

    earlier = [each for each in names if each.kind in PAST and each.name != line.name and not _in_use(each)]
    return Card(
        aliases=[*dict.fromkeys((*called(NameKind.ALIAS), *line.aliases))],
        short="、".join(called(NameKind.SHORT)),
        on_maps="、".join(called(NameKind.MAP)),
        used_since=held.valid_from.label("zh") if held is not None and held.valid_from is not None else "",
        begins=begins,
        ends=ends,
        history="；".join(map(_told_of, reversed(earlier))),
        source=source,
        registrar=registrar,
    )


def _in_use(name: NameRow) -> bool:
    """Whether it is a standard name that nothing ended: that of a later decision is no history."""
    return name.kind == NameKind.STANDARD.value and name.valid_to is None


def _told_of(name: NameRow) -> str:
    """A name of the past with its period: ``1958年—1981年称“前进路”``."""
    begun, over = (each.label("zh") if each is not None else "" for each in (name.valid_from, name.valid_to))
    when = f"{begun}—{over}" if begun and over else f"{begun}起" if begun else f"{over}以前" if over else "曾"
    return f"{when}称“{name.name}”"
