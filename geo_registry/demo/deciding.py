"""The demonstration's cases, opened and brought along by the verbs that anybody's are; by whom, its sign-ins say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from geo_registry.accounts.actors import Actor, local_operator
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service, writing
from geo_registry.cases.inputs import LineClearing, NewCase, NewComment, taking_of
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import WriteSession, sign
from geo_registry.demo.cases import APPLICANT, BODY, EXAMPLES, REASONS, Example, Name, Step
from geo_registry.demo.datasets import KEY
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.model import Dataset, Place
from geo_registry.places import service as places
from geo_registry.places.inputs import PlaceCorrection
from geo_registry.search import keeping
from geo_registry.vocabulary import CaseStep, DatasetKind, PlaceState

WHY = "demo load"
CLEARED = "示例：经核，不影响识别"

APPLIES, HANDLES, SIGNS = "demo-township", "demo-registrar", "demo-signer"
BY: Mapping[CaseStep, tuple[str, Any]] = {
    **dict.fromkeys((CaseStep.SUBMIT, CaseStep.WITHDRAW), (APPLIES, service.submit)),
    **dict.fromkeys(
        (CaseStep.CHECK, CaseStep.RETURN, CaseStep.CONSULT, CaseStep.CONCLUDE, CaseStep.HANDLE),
        (HANDLES, service.handle),
    ),
    **dict.fromkeys((CaseStep.REVIEW, CaseStep.SIGN, CaseStep.SEND_BACK), (SIGNS, service.sign)),
    **dict.fromkeys((CaseStep.APPROVE, CaseStep.REJECT), (SIGNS, service.decide)),
    **dict.fromkeys(
        (CaseStep.FILE, CaseStep.FILED, CaseStep.FILING_RETURNED, CaseStep.ANNOUNCE, CaseStep.CORRECT),
        (HANDLES, service.follow_up),
    ),
}
"""Who takes a step, and by which verb."""


def decide(session: WriteSession, *, actor: Actor, progress: Progress = unheard) -> int:
    """Write all of the cases, in the unit of work that registered the places; how many."""
    keeping.make_now(session)
    for done, example in enumerate(EXAMPLES):
        progress("cases", done, len(EXAMPLES))
        _write(session, example)
    sign(session, actor=actor, why=WHY, verb=Verb.LOAD_DEMO.value)
    return len(EXAMPLES)


def _as(login: str) -> Actor:
    """Whoever of the demonstration does it; that they may is the loading's right."""
    return replace(local_operator(), name=login)


def _write(session: WriteSession, example: Example) -> None:
    today = writing.today()
    sign(session, actor=_as(APPLIES), why=WHY, verb=Verb.LOAD_DEMO.value)
    new = NewCase.model_validate(
        {
            "kind": example.kind,
            "title": example.title,
            "division": example.division,
            "applicant": APPLICANT,
            "plan": example.plan or f"{example.title}，方案见附图。",
            "reasons": REASONS,
            "approver": "government",
            "approving_body": BODY,
            "names": [_line(session, name) for name in example.names],
        }
    )
    case = service.open_case(session, new, actor=_as(APPLIES), synthetic=True).case.id
    for step in example.steps:
        _take(session, case, step, today)


def _line(session: WriteSession, name: Name) -> dict[str, object]:
    line: dict[str, object] = {
        "action": name.action,
        "detail": dict(name.detail),
        "meaning": name.meaning,
        "absorbs": [_called(session, each) for each in name.absorbs],
        "splits": [_called(session, each) for each in name.splits],
    }
    if name.name:
        line["name"] = name.name
    if name.of:
        return line | {"place": _called(session, name.of)}
    vertices = [list(vertex) for vertex in name.at]
    shape = (
        {"type": "LineString", "coordinates": vertices}
        if len(vertices) > 1
        else {"type": "Point", "coordinates": vertices[0]}
    )
    return line | {"class": name.place_class, "geometry": shape}


def _called(session: WriteSession, name: str) -> UUID:
    """The place of the demonstration that is called so."""
    own = select(Dataset.id).where(Dataset.key == KEY, Dataset.kind == DatasetKind.PLACES.value)
    question = select(Place.id).where(
        Place.standard_name == name, Place.dataset_id.in_(own), Place.state != PlaceState.ABOLISHED.value
    )
    return session.scalars(question.order_by(Place.fid).limit(1)).one()


def _take(session: WriteSession, case: UUID, step: Step, today: date) -> None:
    login, verb = BY[step.step]
    actor = _as(login)
    sign(session, actor=actor, why=WHY, verb=Verb.LOAD_DEMO.value)
    if step.step is CaseStep.HANDLE:
        _settle(session, case, actor)
    for name, detail in step.mends.items():
        mended = PlaceCorrection(detail=dict(detail), why=step.note)
        places.correct_place(session, _called(session, name), mended, seen=WHICHEVER, actor=actor)
    told: dict[str, object] = {
        "on": today - timedelta(days=step.days_ago),
        "number": step.number,
        "note": step.note,
    }
    if step.until_days is not None:
        told["until"] = today + timedelta(days=step.until_days)
    done = verb(session, case, step.step, taking_of(step.step).model_validate(told), seen=WHICHEVER, actor=actor)
    for said in step.said:
        service.comment(session, done.consultations[-1].id, NewComment(said=said), actor=actor)
    if step.step is CaseStep.APPROVE:
        _adopt(session, done)
        # Of those that come after it is asked whether they are called alike.
        keeping.make_now(session)


def _settle(session: WriteSession, case: UUID, actor: Actor) -> None:
    """Let the names stand, each for a reason, as an office would."""
    for line, findings in service.check_case(session, case, actor=actor).items():
        for code, other in dict.fromkeys((each.finding.code, each.other) for each in findings if each.counts):
            settling = LineClearing(code=code, collides_name=other, reason=CLEARED)
            service.clear_finding(session, case, line, settling, actor=actor)


def _adopt(session: WriteSession, told: service.CaseTold) -> None:
    """The places that the case made are the demonstration's, so that they go with it."""
    dataset = session.scalars(
        select(Dataset.id).where(Dataset.key == KEY, Dataset.kind == DatasetKind.PLACES.value)
    ).one()
    for line in told.lines:
        place = session.get(Place, line.place) if line.place is not None else None
        if place is not None and place.dataset_id is None:
            place.dataset_id, place.source_id = dataset, f"{told.case.number}/{line.position}"
    session.flush()
