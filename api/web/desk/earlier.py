"""`/desk/taken-over`: the form that enters an earlier approval of a place's name, with what is known of it."""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, reading, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import EMPTY, Filled, admin_page, as_id, go_and_say, sign_in_first
from api.web.desk.frame import DESK, given, labels, read_form
from api.web.preferences import preferences_of
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service
from geo_registry.cases import writing as office
from geo_registry.cases.inputs import TakenOver
from geo_registry.divisions.rules import DIGITS_OF_LEVEL, prefix_of
from geo_registry.errors import DomainError, Forbidden, PlaceUnknown, Unauthenticated
from geo_registry.places import service as places
from geo_registry.places.queries import PlaceRow
from geo_registry.vocabulary import Approver, CaseKind, DivisionLevel, NameAction

COUNTY = DIGITS_OF_LEVEL[DivisionLevel.COUNTY]
OF_A_LINE = ("place", "action", "name", "former")

router = APIRouter(include_in_schema=False)


class TakenOverTyped(BaseModel):
    """The form, as it was sent."""

    csrf: Annotated[str, Field(max_length=1_000)] = ""
    place: Annotated[str, Field(max_length=100)] = ""
    kind: Annotated[str, Field(max_length=100)] = ""
    title: Annotated[str, Field(max_length=1_000)] = ""
    division: Annotated[str, Field(max_length=100)] = ""
    action: Annotated[str, Field(max_length=100)] = ""
    name: Annotated[str, Field(max_length=1_000)] = ""
    former: Annotated[str, Field(max_length=1_000)] = ""
    approver: Annotated[str, Field(max_length=100)] = ""
    approving_body: Annotated[str, Field(max_length=1_000)] = ""
    approved_on: Annotated[str, Field(max_length=100)] = ""
    approval_number: Annotated[str, Field(max_length=1_000)] = ""
    filed_on: Annotated[str, Field(max_length=100)] = ""
    filing_number: Annotated[str, Field(max_length=1_000)] = ""
    announced_on: Annotated[str, Field(max_length=100)] = ""


@router.get("/desk/taken-over")
def taken_over_page(*, request: Request, place: Annotated[str, Query(max_length=100)]) -> Response:
    """The form, for a place."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    about = _about(request, place)
    with reading(request) as db:
        service.require_taking_over_of(db, about.id, actor=visitor_of(request).actor)
    return _form(request, about)


@router.post("/desk/taken-over")
@does(Verb.TAKE_OVER_CASE)
def take_over_form(request: Request, asked: Annotated[TakenOverTyped, Form()]) -> Response:
    """Enter it, and go to the case that it is."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, asked.csrf)
    values = asked.model_dump(exclude={"csrf"})
    try:
        said: dict[str, object] = {**given(values)}
        line = {key: said.pop(key) for key in OF_A_LINE if key in said}
        taken = read_form(TakenOver, **said, names=[line])
        with writing(request) as db:
            told = service.take_over(db, taken, actor=visitor.actor)
    except (Forbidden, Unauthenticated):
        raise
    except DomainError as refused:
        return _form(request, _about(request, asked.place), filled=Filled("earlier", values, refused))
    return go_and_say(request, f"{DESK}/cases/{told.case.id}", "taken-over")


def _about(request: Request, place: str) -> PlaceRow:
    with reading(request) as db:
        return places.get_place(db, as_id(place, PlaceUnknown(place=place)))


def _form(request: Request, about: PlaceRow, *, filled: Filled = EMPTY) -> Response:
    locale = preferences_of(request).locale
    return admin_page(
        request,
        "desk-taken-over.html",
        filled=filled,
        labels=labels(locale),
        about=about,
        division=prefix_of(about.division_code)[:COUNTY] if about.division_code else "",
        kinds=[(each.value, each.label(locale)) for each in CaseKind],
        actions=[(each.value, each.label(locale)) for each in NameAction],
        approvers=[(each.value, each.label(locale)) for each in Approver],
        today=office.today(),
    )
