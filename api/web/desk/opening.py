"""The form that opens a case: about nothing yet, about a place, or with a table of names."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, UploadFile
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, reading, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import EMPTY, Filled, admin_page, as_id, go_and_say, said_together, sign_in_first
from api.web.desk.case import show_case
from api.web.desk.frame import DESK, given, labels, read_form, sent_table, systems, wrong
from api.web.names import UNCHOSEN, offered_divisions
from api.web.preferences import preferences_of
from geo_registry.accounts import policy
from geo_registry.accounts.actors import WHOLE_REGISTRY, Actor
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service
from geo_registry.cases.announced import ACTION_OF
from geo_registry.cases.inputs import NewCase
from geo_registry.db.session import ReadSession
from geo_registry.divisions.rules import DIGITS_OF_LEVEL, prefix_of
from geo_registry.divisions.service import resolve
from geo_registry.errors import (
    DomainError,
    Forbidden,
    Unauthenticated,
)
from geo_registry.exchange import service as exchange
from geo_registry.exchange.case_names import NamesRead
from geo_registry.places import service as places
from geo_registry.places.inputs import MOST_TEXT_CHARACTERS
from geo_registry.places.queries import PlaceRow
from geo_registry.vocabulary import (
    Approver,
    CaseKind,
    DivisionLevel,
    NameAction,
    PlaceClass,
)

COUNTY = DIGITS_OF_LEVEL[DivisionLevel.COUNTY]

router = APIRouter(include_in_schema=False)


class NewCaseTyped(BaseModel):
    """The form that opens a case, as it was sent."""

    csrf: Annotated[str, Field(max_length=1_000)] = ""
    kind: Annotated[str, Field(max_length=100)] = ""
    title: Annotated[str, Field(max_length=1_000)] = ""
    division: Annotated[str, Field(max_length=100)] = ""
    applicant: Annotated[str, Field(max_length=1_000)] = ""
    plan: Annotated[str, Field(max_length=MOST_TEXT_CHARACTERS)] = ""
    reasons: Annotated[str, Field(max_length=MOST_TEXT_CHARACTERS)] = ""
    approver: Annotated[str, Field(max_length=100)] = ""
    approving_body: Annotated[str, Field(max_length=1_000)] = ""
    place: Annotated[str, Field(max_length=100)] = ""
    name: Annotated[str, Field(max_length=1_000)] = ""
    place_class: Annotated[str, Field(max_length=100)] = ""
    crs: Annotated[str, Field(max_length=100)] = "auto"
    skip: Annotated[str, Field(max_length=100)] = ""
    file: UploadFile | None = None
    """A table with its names, in the place of the first one."""


@router.get("/desk/new")
def new_case_page(
    *,
    request: Request,
    place: Annotated[str, Query(max_length=100)] = "",
    kind: Annotated[CaseKind | None, UNCHOSEN] = None,
) -> Response:
    """The form that opens a case; with `place` it is about that place."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    return _form(request, place=place, kind=kind)


@router.post("/desk/new")
@does(Verb.OPEN_CASE)
def open_case_form(request: Request, asked: Annotated[NewCaseTyped, Form()]) -> Response:
    """Open a case, and go to it."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, asked.csrf)
    tabled = asked.file is not None and bool(asked.file.filename)
    values = asked.model_dump(exclude={"csrf", "file"}) | {"table": "yes" if tabled else ""}
    read: NamesRead | None = None
    try:
        with writing(request) as db:
            new = read_form(NewCase, **_case_typed(db, values))
            if tabled:
                content, name = sent_table(asked.file)
                taken = exchange.open_case_from_sent(
                    db, new, content, name, actor=visitor.actor, crs=asked.crs or "auto", skip=bool(asked.skip)
                )
                told, read = taken.required(), taken.read
            else:
                told = service.open_case(db, new, actor=visitor.actor)
    except (Forbidden, Unauthenticated):
        raise
    except DomainError as refused:
        return _form(request, place=asked.place, filled=Filled("open", values, refused))
    if read is not None and read.problems:
        return show_case(request, told.case.id, read=read)
    return go_and_say(request, f"{DESK}/cases/{told.case.id}", "opened")


def _form(request: Request, *, place: str = "", kind: CaseKind | None = None, filled: Filled = EMPTY) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    with reading(request) as db:
        about = places.get_place(db, _uuid(place)) if place else None
        offered = offered_divisions(db, actor)
    return admin_page(
        request,
        "desk-new.html",
        filled=filled,
        labels=labels(locale),
        systems=systems(locale),
        about=about,
        about_class=PlaceClass.of(about.place_class).label(locale) if about else "",
        kind=(kind or (CaseKind.RENAMING if about else CaseKind.NAMING)).value,
        division=_default_division(actor, about),
        offered=offered,
        kinds=[(each.value, each.label(locale)) for each in CaseKind],
        approvers=[(each.value, each.label(locale)) for each in Approver],
        classes=[(each.value, each.label(locale)) for each in PlaceClass],
        may_open=policy.may_somewhere(actor, Verb.OPEN_CASE),
        roles=said_together([each.label(locale) for each in policy.TABLE[Verb.OPEN_CASE].roles], locale),
    )


def _default_division(actor: Actor, about: PlaceRow | None) -> str:
    """The only division that somebody may open cases in; else the county of the place that it is about."""
    roles = policy.TABLE[Verb.OPEN_CASE].roles
    own = {grant.division for grant in actor.in_force if grant.role in roles} - {WHOLE_REGISTRY}
    if len(own) == 1:
        return next(iter(own))
    if about is not None and about.division_code is not None:
        return prefix_of(about.division_code)[:COUNTY]
    return ""


def _case_typed(db: ReadSession, values: Mapping[str, str]) -> Mapping[str, object]:
    """A case as the form says it: with its first name, where there is one.

    Raises
    ------
    DivisionUnknown, DivisionAmbiguous, CaseUnsound
        Nothing of it says which division.
    """
    said: dict[str, object] = {**given(values)}
    place, name, place_class, *_ = (
        said.pop(key, None) for key in ("place", "name", "place_class", "crs", "skip", "table")
    )
    division = str(said.get("division", ""))
    if not division:
        raise wrong("division", "请填写所在区划", "say whose division it is")
    if any(each.isalpha() for each in division):
        said["division"] = resolve(db, division).code
    kind = next((each for each in CaseKind if each.value == said.get("kind")), CaseKind.NAMING)
    if place:
        action = ACTION_OF[kind] if kind is not CaseKind.NAMING else NameAction.RENAME
        said["names"] = [{"action": action, "place": place, **({"name": name} if name else {})}]
    elif name:
        said["names"] = [{"name": name, "class": place_class}]
    return said


def _uuid(text: str) -> UUID:
    return as_id(text, wrong("place", "不是地名的编号", "it is no place's id"))
