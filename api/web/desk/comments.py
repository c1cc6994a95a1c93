"""`/desk/consultations/{id}`: what the public said, with who said it, for whoever answers; the audit notes who read it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, reading, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import (
    EMPTY,
    Filled,
    admin_page,
    as_id,
    asked_page,
    following,
    go_and_say,
    seen_typed,
    sign_in_first,
)
from api.web.desk.frame import DESK, labels, read_form
from api.web.preferences import preferences_of
from geo_registry.accounts import policy
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service
from geo_registry.cases.inputs import MOST_COMMENT, CommentAnswer
from geo_registry.errors import CommentUnknown, ConsultationUnknown, DomainError, Forbidden, Unauthenticated
from geo_registry.vocabulary import CommentOutcome

router = APIRouter(include_in_schema=False)


@router.get("/desk/consultations/{consultation}")
def comments_page(request: Request, consultation: str, after: Annotated[str, Query(max_length=64)] = "") -> Response:
    """What was said in a consultation, a page at a time."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    return _show(request, _id(consultation), after=after)


@router.post("/desk/consultations/{consultation}/comments/{comment}/answer")
@does(Verb.ANSWER_COMMENT)
def answer_comment_form(
    *,
    request: Request,
    consultation: str,
    comment: str,
    csrf: Annotated[str, Form(max_length=1_000)] = "",
    seen: Annotated[str, Form(max_length=1_000)] = "",
    outcome: Annotated[str, Form(max_length=100)] = "",
    answer: Annotated[str, Form(max_length=MOST_COMMENT * 4)] = "",
) -> Response:
    """Say what became of what somebody said, and answer it."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    known = _id(consultation)
    try:
        with writing(request) as db:
            said = read_form(CommentAnswer, outcome=outcome, answer=answer.replace("\r\n", "\n").strip())
            service.answer_comment(db, known, _comment_id(comment), said, seen=seen_typed(seen), actor=visitor.actor)
    except (Forbidden, Unauthenticated, ConsultationUnknown, CommentUnknown):
        raise
    except DomainError as refused:
        return _show(
            request, known, filled=Filled(f"answer-{comment}", {"outcome": outcome, "answer": answer}, refused)
        )
    return go_and_say(request, f"{DESK}/consultations/{known}", "answered")


def _show(request: Request, consultation: UUID, *, after: str = "", filled: Filled = EMPTY) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    with reading(request) as db:
        row = service.get_consultation(db, consultation)
        found = service.list_comments(db, consultation, asked_page(after), actor=actor)
    return admin_page(
        request,
        "desk-comments.html",
        filled=filled,
        row=row,
        comments=found.rows,
        proposed=service.proposed_of(found.rows),
        after=after,
        following=following(found.next_after),
        labels=labels(locale),
        outcomes=[(each.value, each.label(locale)) for each in CommentOutcome if each is not CommentOutcome.RECEIVED],
        received=CommentOutcome.RECEIVED,
        most=MOST_COMMENT,
        may_answer=policy.refusal(actor, Verb.ANSWER_COMMENT, division=row.division_code) is None,
    )


def _id(text: str) -> UUID:
    return as_id(text, ConsultationUnknown(consultation=text))


def _comment_id(text: str) -> UUID:
    return as_id(text, CommentUnknown(comment=text))
