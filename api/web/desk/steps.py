"""The steps of a case as forms: what each asks for, who may take it, and that it is taken."""

from collections.abc import Callable, Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import Filled, go_and_say, seen_typed
from api.web.desk.case import show_case
from api.web.desk.frame import DESK, NOT_AT_A_FORM, case_id, given, read_form, told_to_change, why_typed, wrong
from api.web.desk.offered import OFFERED, Asks
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service
from geo_registry.cases.inputs import Announcing, CaseChange, Consulting, Correcting, Filed, Sending, Taking
from geo_registry.cases.service import CaseTold
from geo_registry.errors import DomainError
from geo_registry.places.inputs import MOST_TEXT_CHARACTERS
from geo_registry.vocabulary import CaseStep

router = APIRouter(include_in_schema=False)


class StepTyped(BaseModel):
    """A form of a step as it was sent; which of its fields there are, the step says (`offered.OFFERED`)."""

    csrf: Annotated[str, Field(max_length=1_000)] = ""
    seen: Annotated[str, Field(max_length=1_000)] = ""
    step: Annotated[str, Field(max_length=100)] = ""
    on: Annotated[str, Field(max_length=100)] = ""
    until: Annotated[str, Field(max_length=100)] = ""
    number: Annotated[str, Field(max_length=1_000)] = ""
    note: Annotated[str, Field(max_length=MOST_TEXT_CHARACTERS)] = ""
    kind: Annotated[str, Field(max_length=100)] = ""
    title: Annotated[str, Field(max_length=1_000)] = ""
    office: Annotated[str, Field(max_length=1_000)] = ""
    body: Annotated[str, Field(max_length=MOST_TEXT_CHARACTERS)] = ""
    codes: Annotated[str, Field(max_length=100_000)] = ""


class CaseTyped(BaseModel):
    """The form of what a case says, as it was sent."""

    csrf: Annotated[str, Field(max_length=1_000)] = ""
    seen: Annotated[str, Field(max_length=1_000)] = ""
    title: Annotated[str, Field(max_length=1_000)] = ""
    applicant: Annotated[str, Field(max_length=1_000)] = ""
    plan: Annotated[str, Field(max_length=MOST_TEXT_CHARACTERS)] = ""
    reasons: Annotated[str, Field(max_length=MOST_TEXT_CHARACTERS)] = ""
    approver: Annotated[str, Field(max_length=100)] = ""
    approving_body: Annotated[str, Field(max_length=1_000)] = ""
    why: Annotated[str, Field(max_length=1_000)] = ""


Sent = Annotated[StepTyped, Form()]


Take = Callable[..., CaseTold]
"""A verb of the service that takes a step, and tells the case after it."""


@router.post("/desk/cases/{case}/submit")
@does(Verb.SUBMIT_CASE)
def submit_case_form(request: Request, case: str, sent: Sent) -> Response:
    """Submit a case, or withdraw it."""
    refuse_foreign_form(request, visitor_of(request), sent.csrf)
    return _take(request, case, sent, Verb.SUBMIT_CASE, service.submit)


@router.post("/desk/cases/{case}/handle")
@does(Verb.HANDLE_CASE)
def handle_case_form(request: Request, case: str, sent: Sent) -> Response:
    """Take a case on, return it, open or conclude a consultation, say that it is handled."""
    refuse_foreign_form(request, visitor_of(request), sent.csrf)
    return _take(request, case, sent, Verb.HANDLE_CASE, service.handle)


@router.post("/desk/cases/{case}/sign")
@does(Verb.SIGN_CASE)
def sign_case_form(request: Request, case: str, sent: Sent) -> Response:
    """Review a case, sign it, or send it back."""
    refuse_foreign_form(request, visitor_of(request), sent.csrf)
    return _take(request, case, sent, Verb.SIGN_CASE, service.sign)


@router.post("/desk/cases/{case}/decide")
@does(Verb.DECIDE_CASE)
def decide_case_form(request: Request, case: str, sent: Sent) -> Response:
    """Enter what was decided."""
    refuse_foreign_form(request, visitor_of(request), sent.csrf)
    return _take(request, case, sent, Verb.DECIDE_CASE, service.decide)


@router.post("/desk/cases/{case}/follow-up")
@does(Verb.FOLLOW_UP_CASE)
def follow_up_case_form(request: Request, case: str, sent: Sent) -> Response:
    """File a case, announce it, and enter what comes of either."""
    refuse_foreign_form(request, visitor_of(request), sent.csrf)
    return _take(request, case, sent, Verb.FOLLOW_UP_CASE, service.follow_up)


@router.post("/desk/cases/{case}/change")
@does(Verb.CHANGE_CASE)
def change_case_form(request: Request, case: str, sent: Annotated[CaseTyped, Form()]) -> Response:
    """Change what a case says."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, sent.csrf)
    known = case_id(case)
    values = sent.model_dump(exclude={"csrf", "seen"})
    try:
        with writing(request) as db:
            present = told_to_change(db, known, Verb.CHANGE_CASE, visitor.actor).case
            told = {name: text.replace("\r\n", "\n").strip() for name, text in values.items()}
            changed = {
                name: text or ("" if name != "approver" else None)
                for name, text in told.items()
                if name != "why" and text != str(getattr(present, name))
            }
            change = read_form(CaseChange, **changed, why=why_typed(told["why"], present.state))
            service.change_case(db, known, change, seen=seen_typed(sent.seen), actor=visitor.actor)
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        return show_case(request, known, filled=Filled("change", values, refused))
    return go_and_say(request, f"{DESK}/cases/{known}", "changed")


def _take(request: Request, case: str, sent: StepTyped, verb: Verb, take: Take) -> Response:
    known = case_id(case)
    values = sent.model_dump(exclude={"csrf", "seen", "step"})
    step = next((each for each in CaseStep if each.value == sent.step), None)
    form = f"step-{sent.step}"
    actor = visitor_of(request).actor
    try:
        with writing(request) as db:
            told = told_to_change(db, known, verb, actor)
            if step is None or verb not in OFFERED[step].verbs:
                raise wrong("step", "没有这个步骤", "there is no such step")
            taking = _taking(step, OFFERED[step], values, told)
            take(db, known, step, taking, seen=seen_typed(sent.seen), actor=actor)
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        return show_case(request, known, filled=Filled(form, values, refused))
    return go_and_say(request, f"{DESK}/cases/{known}", sent.step)


def _taking(step: CaseStep, asks: Asks, values: Mapping[str, str], told: CaseTold) -> Taking:
    """What a form says of a step, as its verb takes it.

    Raises
    ------
    CaseUnsound
        It isn't what the step asks for.
    """
    said: dict[str, object] = {name: text for name, text in given(values).items() if name in asks.fields}
    if "codes" in said:
        said["codes"] = _codes(str(said["codes"]), told)
    model: type[Taking] = MODELS.get(step, Sending if asks.why else Taking)
    if asks.why:
        said.setdefault("note", "")
    return read_form(model, **said)


MODELS: Mapping[CaseStep, type[Taking]] = {
    CaseStep.CONSULT: Consulting,
    CaseStep.ANNOUNCE: Announcing,
    CaseStep.CORRECT: Correcting,
    CaseStep.FILED: Filed,
}


def _codes(text: str, told: CaseTold) -> Mapping[UUID, str]:
    """The national codes that a receipt brings: a name and its code a line.

    Raises
    ------
    CaseUnsound
        A line isn't that, or the case has no such name.
    """
    by_name = {line.name: line.id for line in told.lines}
    found: dict[UUID, str] = {}
    for line in text.splitlines():
        name, _, code = line.strip().rpartition(" ")
        if not line.strip():
            continue
        if name.strip() not in by_name:
            raise wrong(
                "codes",
                f"没有名称“{name.strip()}”：每行写名称、空格、20位代码",
                f"there is no name {name.strip()}: a line holds a name, a blank, the code",
            )
        found[by_name[name.strip()]] = code
    return found
