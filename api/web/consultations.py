"""`/consultations`: what the public is asked; what anybody says to it, and what became of that."""

import re
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from api.deps import ReadDb, does, reading, settings_of, writing
from api.visitors import FORM, cookie_name, refuse_foreign_form, visitor_of
from api.web.admin.frame import EMPTY, Filled, admin_page, as_id, asked_page, following, go_and_say
from api.web.announcements import UNPLACED, box_around, division_asked, points_of
from api.web.desk.frame import given, labels, read_form, wrong
from api.web.maps import chart
from api.web.preferences import ELDER, preferences_of
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service
from geo_registry.cases import writing as office
from geo_registry.cases.announcing import from_public
from geo_registry.cases.inputs import MOST_COMMENT, MOST_PERSON, MOST_PROPOSED, NewComment
from geo_registry.cases.queries import Answered
from geo_registry.cases.wording import described
from geo_registry.db.paging import Page
from geo_registry.errors import CommentUnknown, ConsultationUnknown, DomainError, Forbidden, Unauthenticated
from geo_registry.vocabulary import ConsultationKind

OPEN_AT_ONCE = 200
NUMBER = re.compile(r"[0-9]{10}")
SAID = "said-"
"""What a page is told that says once by which number an answer can be asked for."""

router = APIRouter(include_in_schema=False)


class CommentTyped(BaseModel):
    """The form of an opinion, as it was sent."""

    csrf: Annotated[str, Field(max_length=1_000)] = ""
    said: Annotated[str, Field(max_length=MOST_COMMENT * 4)] = ""
    proposed_name: Annotated[str, Field(max_length=1_000)] = ""
    person: Annotated[str, Field(max_length=1_000)] = ""
    reach: Annotated[str, Field(max_length=1_000)] = ""


@router.get("/consultations")
def consultations_page(
    *,
    request: Request,
    db: ReadDb,
    division: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """What the public is asked now, and what it was asked before."""
    filled = EMPTY
    within = None
    try:
        within = division_asked(db, division)
    except UNPLACED as refused:
        filled = Filled("filter", {"division": division}, refused)
    now = service.list_consultations(db, Page(limit=OPEN_AT_ONCE), open_now=True, division=within)
    over = service.list_consultations(db, asked_page(after), open_now=False, division=within)
    return admin_page(
        request,
        "consultations.html",
        filled=filled,
        now=sorted(now.rows, key=lambda row: row.closes_on),
        over=over.rows,
        asked={"division": division, "after": after},
        following=following(over.next_after),
        today=office.today(),
    )


@router.get("/consultations/{consultation}")
def consultation_page(request: Request, consultation: str) -> Response:
    """What the public is, or was, asked, with the form to say something."""
    return _show(request, _id(consultation))


@router.post("/consultations/{consultation}/comments")
@does(Verb.COMMENT)
def comment_form(request: Request, consultation: str, sent: Annotated[CommentTyped, Form()]) -> Response:
    """Say something; the page tells once by which number the answer can be asked for."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, sent.csrf)
    known = _id(consultation)
    values = sent.model_dump(exclude={"csrf"})
    try:
        new = read_form(NewComment, **{"said": "", **given(values)})
        with writing(request) as db:
            number = service.comment(db, known, new, actor=visitor.actor)
    except (Forbidden, Unauthenticated, ConsultationUnknown):
        raise
    except DomainError as refused:
        return _show(request, known, filled=Filled("comment", values, refused))
    if visitor.signed_in or request.cookies.get(cookie_name(request, FORM)):
        return go_and_say(request, f"/consultations/{known}", f"{SAID}{number}")
    # A browser that keeps nothing would be told nothing on the next page.
    return _show(request, known, number=number)


@router.post("/consultations/{consultation}/answer")
def comment_answer_form(
    request: Request,
    consultation: str,
    csrf: Annotated[str, Form(max_length=1_000)] = "",
    number: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """What became of what somebody said, by its number: which is in no address, and so in nobody's log."""
    refuse_foreign_form(request, visitor_of(request), csrf)
    known = _id(consultation)
    try:
        typed = "".join(number.split())
        if NUMBER.fullmatch(typed) is None:
            raise wrong(
                "number", "编号是 10 位数字，提交意见时显示", "the number has ten digits; it was shown when it was sent"
            )
        with reading(request) as db:
            answered = service.answered(db, typed)
            if answered.consultation != known:
                raise CommentUnknown(comment=typed)
    except DomainError as refused:
        return _show(request, known, filled=Filled("answer", {"number": number}, refused))
    return _show(request, known, answered=answered)


def _show(
    request: Request,
    consultation: UUID,
    *,
    filled: Filled = EMPTY,
    number: str = "",
    answered: Answered | None = None,
) -> Response:
    wanted = preferences_of(request)
    locale = wanted.locale
    with reading(request) as db:
        row = service.get_consultation(db, consultation)
        names = from_public(row.names)
        box = box_around(names)
        made = chart(db, settings_of(request), around=box) if box is not None and wanted.view != ELDER else None
    return admin_page(
        request,
        "consultation.html",
        filled=filled,
        status=HTTPStatus.CREATED if number else 0,
        row=row,
        names=[(each, described(each, locale)) for each in names],
        is_open=row.is_open(office.today()),
        left=(row.closes_on - office.today()).days,
        ended=row.closed_on or row.closes_on,
        number=number,
        said=SAID,
        answered=answered,
        drawn=points_of(names),
        chart=made,
        labels=labels(locale),
        most=MOST_COMMENT,
        most_person=MOST_PERSON,
        most_proposed=MOST_PROPOSED,
        calls=row.kind is ConsultationKind.CALL,
    )


def _id(text: str) -> UUID:
    return as_id(text, ConsultationUnknown(consultation=text))
