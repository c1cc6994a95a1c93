"""`/desk/cases/{id}`: one case: where it stands and by when, one next step, its names on a map and in a table, papers, history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.deps import reading, settings_of
from api.visitors import visitor_of
from api.web.admin.frame import EMPTY, Filled, admin_page, said_together, sign_in_first
from api.web.desk.drawn import opens_on
from api.web.desk.findings import CHECKED_AT_ONCE, Checked, checked_of
from api.web.desk.frame import DESK, case_id, days_left, labels, systems
from api.web.desk.inbox import waiting
from api.web.desk.offered import StepForm, may_edit, step_form
from api.web.maps import chart
from api.web.preferences import preferences_of
from api.web.translation import catalogue
from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.cases import announcing, service
from geo_registry.cases import writing as office
from geo_registry.cases.announced import Announced
from geo_registry.cases.inputs import MOST_LINES
from geo_registry.cases.queries import CaseQuery, CaseRow, LineRow, StepRow
from geo_registry.cases.service import CaseTold
from geo_registry.cases.terms import Due
from geo_registry.cases.wording import described, lead, quantity
from geo_registry.exchange.case_names import NamesRead
from geo_registry.places.romanisation.engine import romanise
from geo_registry.settings import Settings
from geo_registry.vocabulary import (
    AMENDABLE,
    Approver,
    CaseOrigin,
    CasePaper,
    CaseState,
    CaseStep,
    ConsultationKind,
    DocumentKind,
    Duty,
    DutyState,
    LineState,
    PaperFormat,
    Severity,
)

AT_ONCE = 50
"""Names a page of the table."""
BESIDE = 30
"""Cases of the inbox that stand beside a case."""
DRAFTED = 12
"""Names of a draft that are shown before it is opened."""

STAGES = (
    CaseStep.SUBMIT,
    CaseStep.CHECK,
    CaseStep.CONSULT,
    CaseStep.HANDLE,
    CaseStep.REVIEW,
    CaseStep.SIGN,
    CaseStep.APPROVE,
)
"""The stages of a decision, by the step that each is done with."""
UNDONE: Mapping[CaseStep, tuple[CaseStep, ...]] = {
    CaseStep.RETURN: STAGES,
    CaseStep.SEND_BACK: (CaseStep.HANDLE, CaseStep.REVIEW, CaseStep.SIGN),
}
"""What a step back takes back."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the line that a case goes along."""

    label: str
    state: str
    """`done`, `now`, `late`, or empty where it is still to come."""
    on: date | None = None
    number: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class DutyShown:
    """What has to be done after the approval: by when, how many days there are, and which article says so."""

    due: Due
    label: str
    state: str
    tone: str
    left: int | None
    late: int
    term: str
    cited: str
    certain: bool
    returned: str = ""
    """Why it came back, as long as it wasn't sent again."""


@dataclass(frozen=True, slots=True)
class LineShown:
    """A name as a row of the table."""

    row: LineRow
    romanized: str
    ends: str
    size: str
    findings: int | None
    """How many count; None where that isn't known yet."""


@router.get("/desk/cases/{case}")
def case_page(
    *,
    request: Request,
    case: str,
    page: Annotated[int, Query(ge=1, le=MOST_LINES)] = 1,
    find: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """One case."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    return show_case(request, case_id(case), page=page, find=find.strip())


@router.get("/desk/cases/{case}/map.json")
def case_map(request: Request, case: str) -> Response:
    """What a case's map shows: each name with its extent."""
    actor = visitor_of(request).actor
    with reading(request) as db:
        told = service.tell_case(db, case_id(case), actor=actor)
    features = [
        {
            "type": "Feature",
            "geometry": line.geometry,
            "properties": {"line": str(line.id), "name": line.name, "state": line.state.value},
        }
        for line in told.lines
        if line.geometry is not None
    ]
    return JSONResponse(
        {"type": "FeatureCollection", "features": features}, headers={"Cache-Control": "private, no-store"}
    )


def show_case(
    request: Request,
    case: UUID,
    *,
    page: int = 1,
    find: str = "",
    filled: Filled = EMPTY,
    read: NamesRead | None = None,
) -> Response:
    """The page of a case, with a form of it as it was refused, or with what a table that was taken says of its rows."""
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    settings = settings_of(request)
    today = office.today()
    with reading(request) as db:
        told = service.tell_case(db, case, actor=actor)
        row = told.case
        beside, _ = service.inbox(db, CaseQuery(open=True), actor=actor, limit=BESIDE)
        small = len(told.lines) <= CHECKED_AT_ONCE
        checked = (
            checked_of(db, told, service.check_case(db, case, actor=actor), locale)
            if small and row.state not in {CaseState.APPROVED, CaseState.REJECTED, CaseState.WITHDRAWN}
            else None
        )
        forms = [step_form(step, row.state, row.division_code, actor, locale) for step in told.open_steps]
        first = _first(forms, told, actor, settings)
        drafting = any(each.step in {CaseStep.ANNOUNCE, CaseStep.CORRECT} and each.may for each in forms)
        draft, flaws = service.draft_announcement(db, case, actor=actor) if drafting else (None, ())
        approved_by = announcing.body_of(db, row)
        drawn = chart(db, settings, around=opens_on(db, told.lines, row.division_code))
    lines = [line for line in told.lines if not find or find in line.name or find in (line.place_name or "")]
    shown = lines[(page - 1) * AT_ONCE : page * AT_ONCE]
    _ = catalogue(locale).gettext
    return admin_page(
        request,
        "desk-case.html",
        filled=filled,
        told=told,
        case=row,
        beside=waiting(beside),
        stages=_stages(told, locale),
        duties=[_duty(due, today, locale, told.steps) for due in told.dues],
        is_draft=row.state is CaseState.DRAFT,
        first=first,
        others=[each for each in forms if each.may and each is not first],
        unplaced=filled.refused is not None
        and filled.name.startswith("step-")
        and filled.name not in {each.name for each in forms if each.may},
        awaited=next((each for each in forms if not each.may), None) if first is None else None,
        own_case=_signs_ones_own(told, actor, settings),
        due=days_left(row.due_on, today),
        lines=[_line(line, checked, locale) for line in shown],
        matching=len(lines),
        page_number=page,
        pages_of_names=max(1, -(-len(lines) // AT_ONCE)),
        find=find,
        checked=checked,
        checks=row.state not in {CaseState.APPROVED, CaseState.REJECTED, CaseState.WITHDRAWN} and bool(told.lines),
        draft=_drafted(draft, locale) if draft is not None else None,
        corrects=any(each.step is CaseStep.CORRECT for each in forms),
        flaws=flaws,
        error=Severity.ERROR,
        chart=drawn,
        labels=labels(locale),
        approved_by=approved_by,
        today=today,
        seen=row.version,
        struck=LineState.STRUCK,
        may_edit=may_edit(row, actor),
        may_clear=policy.refusal(actor, Verb.CLEAR_CASE_FINDING, division=row.division_code) is None,
        may_attach=policy.refusal(actor, Verb.ATTACH_DOCUMENT, division=row.division_code) is None,
        may_withdraw_papers=row.is_open and row.state is not CaseState.APPROVED,
        may_enter_codes=row.state is CaseState.APPROVED
        and policy.refusal(actor, Verb.FOLLOW_UP_CASE, division=row.division_code) is None,
        amendable=_amendable(told, actor),
        notices=told.notices,
        may_hear=policy.refusal(actor, Verb.LIST_COMMENTS, division=row.division_code) is None,
        papers=[(each.value, each.label(locale)) for each in DocumentKind],
        approvers=[(each.value, each.label(locale)) for each in Approver],
        consultation_kinds=[(each.value, each.label(locale)) for each in ConsultationKind],
        back=f"{DESK}/cases/{case}",
        read=read,
        systems=systems(locale),
        waits_for=_waits_for(forms, locale),
        made=_made(told, actor, locale) if row.origin is CaseOrigin.APPLICATION else (),
        said_together=lambda words: said_together([each.label(locale) for each in words], locale),
    )


def _first(forms: Sequence[StepForm], told: CaseTold, actor: Actor, settings: Settings) -> StepForm | None:
    """The step that leads on, where whoever looks may take it; None where they can only step back, or nothing."""
    own = _signs_ones_own(told, actor, settings)
    may = [
        each
        for each in forms
        if each.may and not each.grave and not (own and each.step in {CaseStep.REVIEW, CaseStep.SIGN})
    ]
    leading = [each for each in may if each.step not in {CaseStep.CONSULT, CaseStep.CORRECT}]
    return next(iter(leading), None)


def _signs_ones_own(told: CaseTold, actor: Actor, settings: Settings) -> bool:
    """Whether whoever looks took a step of the case, so that somebody else has to take the next one."""
    taken = {step.step: step.by for step in told.steps}
    return any(
        step in told.open_steps and taken.get(before) == actor.name
        for before, step in office.kept_apart(settings.case_apart)
    )


def _amendable(told: CaseTold, actor: Actor) -> Sequence[tuple[CaseStep, date, str]]:
    """The steps whose date or number whoever looks may have right, with what is known of each now."""
    if policy.refusal(actor, Verb.SIGN_CASE, division=told.case.division_code) is not None:
        return ()
    known = ((step, service.entered_of(told, step)) for step in AMENDABLE)
    return [(step, *present) for step, present in known if present is not None]


def _waits_for(forms: Sequence[StepForm], locale: str) -> str:
    """Who may take the step that leads on, in words; empty where nothing does."""
    if not forms:
        return ""
    roles = policy.TABLE[forms[0].verb].roles
    return ("、" if locale.startswith("zh") else ", ").join(role.label(locale) for role in roles)


MADE: Mapping[CasePaper, tuple[PaperFormat, ...]] = {
    CasePaper.APPLICATION: (PaperFormat.DOCX,),
    CasePaper.OPINIONS: (PaperFormat.DOCX,),
    CasePaper.FILING_FORM: (PaperFormat.XLSX, PaperFormat.DOCX),
    CasePaper.FILING_REPORT: (PaperFormat.DOCX,),
    CasePaper.ANNOUNCEMENT: (PaperFormat.DOCX, PaperFormat.PDF),
}
"""The papers that are made from a case, in the formats that offices take them in."""


def _made(told: CaseTold, actor: Actor, locale: str) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """The papers that can be made from a case as it stands, each with its formats and where each is."""
    row = told.case
    hears = bool(told.consultations) and policy.refusal(actor, Verb.LIST_COMMENTS, division=row.division_code) is None
    there = {
        CasePaper.APPLICATION: True,
        CasePaper.OPINIONS: hears,
        CasePaper.FILING_FORM: row.approved_on is not None,
        CasePaper.FILING_REPORT: row.approved_on is not None,
        CasePaper.ANNOUNCEMENT: bool(told.lines),
    }
    return [
        (
            paper.label(locale),
            [
                (each.value.upper(), f"/api/v1/cases/{row.id}/papers/{paper.value}?format={each.value}")
                for each in MADE[paper]
            ],
        )
        for paper in CasePaper
        if there[paper]
    ]


def _stages(told: CaseTold, locale: str) -> Sequence[Stage]:
    """The line that a case goes along, with what is done of it."""
    _ = catalogue(locale).gettext
    if told.case.origin is CaseOrigin.TAKEN_OVER:
        return _decided_before(told.case, locale)
    done = _done(told.steps)
    words = {
        CaseStep.SUBMIT: _("申请"),
        CaseStep.CHECK: _("受理"),
        CaseStep.CONSULT: _("公示"),
        CaseStep.HANDLE: _("承办"),
        CaseStep.REVIEW: _("审核"),
        CaseStep.SIGN: _("签发"),
        CaseStep.APPROVE: _("批准"),
    }
    ended = told.case.state in {CaseState.REJECTED, CaseState.WITHDRAWN}
    # A case needn't be put before the public: where it wasn't, the line has no such stage.
    line = [step for step in STAGES if step is not CaseStep.CONSULT or step in done]
    consulting = told.case.state is CaseState.CONSULTING
    now = next((step for step in line if step not in done), None) if not ended else None
    stages = []
    for step in line:
        taken = done.get(step)
        state = "done" if taken is not None else "now" if step is now and not consulting else ""
        if consulting and step is CaseStep.CONSULT:
            state = "now"
        stages.append(
            Stage(
                words[step],
                state,
                taken.on if taken else None,
                taken.number if taken else "",
                taken.by if taken else "",
            )
        )
    if ended:
        last = told.steps[-1] if told.steps else None
        stages.append(
            Stage(told.case.state.label(locale), "late", last.on if last else None, "", last.by if last else "")
        )
    return stages


def _decided_before(row: CaseRow, locale: str) -> Sequence[Stage]:
    """What is known of a case that was decided on before it came here."""
    _ = catalogue(locale).gettext
    number = row.approval_number or _("批准文号不详")
    stages = [Stage(_("批准") if row.approved_on else _("批准日期不详"), "done", row.approved_on, number)]
    if row.filed_on is not None:
        stages.append(Stage(_("备案"), "done", row.filed_on, row.filing_number))
    if row.announced_on is not None:
        stages.append(Stage(_("公告"), "done", row.announced_on))
    return stages


def _done(steps: Iterable[StepRow]) -> Mapping[CaseStep, StepRow]:
    """The stages that are behind a case: of each the step that it was done with last."""
    done: dict[CaseStep, StepRow] = {}
    for step in steps:
        for undone in UNDONE.get(step.step, ()):
            done.pop(undone, None)
        if step.step in STAGES:
            done[step.step] = step
    return done


def _duty(due: Due, today: date, locale: str, steps: Sequence[StepRow]) -> DutyShown:
    returned = [each.note for each in steps if each.step is CaseStep.FILING_RETURNED]
    late = due.late_by(today)
    left = days_left(due.last_day, today) if due.done_on is None else None
    english = locale.startswith("en")
    term, cited = "", ""
    if due.term is not None:
        counts, starts = due.term.counts.label(locale), due.term.starts.label(locale)
        term = f"{due.term.days} {counts} from {starts}" if english else f"自{starts}起 {due.term.days} 个{counts}"
        cited = due.term.basis.cited
    done = due.done_on is not None
    return DutyShown(
        due,
        {Duty.FILING: "备案", Duty.ANNOUNCEMENT: "公告"}[due.duty] if not english else due.duty.en,
        due.state.label(locale),
        "good" if done else "bad" if late else "warn" if left is not None and left <= SOON else "plain",
        left,
        late,
        term,
        cited,
        due.certain,
        returned[-1] if returned and due.state is DutyState.RETURNED else "",
    )


SOON = 5
"""Days before the last one from which on a duty is marked."""


def _line(line: LineRow, checked: Checked | None, locale: str) -> LineShown:
    def said(key: str) -> str:
        value = line.detail.get(key)
        return value if isinstance(value, str) else ""

    ends = " – ".join(each for each in (said("begins_at"), said("ends_at")) if each)
    english = locale.startswith("en")
    metres = [quantity(line.detail.get(key), locale) for key in ("length_m", "width_m")]
    size = " × ".join(each or "?" for each in metres) if any(metres) else quantity(line.detail.get("area_m2"), locale)
    return LineShown(
        line,
        line.romanized or romanise(line.name, line.place_class).romanized,
        ends,
        f"{size} {'m' if english else '米'}"
        if any(metres)
        else f"{size} {'m²' if english else '平方米'}"
        if size
        else "",
        checked.by_line.get(str(line.id), 0) if checked is not None else None,
    )


@dataclass(frozen=True, slots=True)
class Drafted:
    """An announcement as it would be made now."""

    announced: Announced
    lead: str
    sentences: Sequence[tuple[str, str, str]]
    """Name, romanised form, what is said of it."""
    more: int


def _drafted(announced: Announced, locale: str) -> Drafted:
    names = announced.names[:DRAFTED]
    return Drafted(
        announced,
        lead(announced, locale),
        [(each.name, each.romanized, described(each, locale)) for each in names],
        len(announced.names) - len(names),
    )
