"""The forms of a place's page: a name corrected, added, taken back and had again, by whoever keeps place names."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, reading, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import Filled, Typed, go_and_say, seen_typed
from api.web.places import place_id, place_page
from geo_registry.accounts.policy import Verb
from geo_registry.errors import (
    DomainError,
    Forbidden,
    PlaceExtentUnknown,
    PlaceNameUnknown,
    PlaceUnknown,
    PlaceUnsound,
    Unauthenticated,
)
from geo_registry.places import service
from geo_registry.places.inputs import MOST_TEXT_CHARACTERS, NameCorrection, NameTold, PlaceWithdrawal
from geo_registry.places.queries import NameRow
from geo_registry.validation import typed

Long = Annotated[str, Form(max_length=MOST_TEXT_CHARACTERS)]
NOT_AT_A_FORM = (Forbidden, Unauthenticated, PlaceUnknown, PlaceNameUnknown, PlaceExtentUnknown)
"""What is said on a page of its own: there is no form to show it at."""

router = APIRouter(include_in_schema=False)


@router.post("/places/{place}/names")
@does(Verb.ADD_PLACE_NAME)
def add_name_form(
    *,
    request: Request,
    place: str,
    csrf: Typed = "",
    name: Typed = "",
    kind: Typed = "",
    romanized: Typed = "",
    valid_from: Typed = "",
    valid_to: Typed = "",
    meaning: Long = "",
    origin: Long = "",
    source: Typed = "",
    why: Typed = "",
) -> Response:
    """Add a name that the place has, or had."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    known = place_id(place)
    values = {
        "name": name,
        "kind": kind,
        "romanized": romanized,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "meaning": meaning,
        "origin": origin,
        "source": source,
        "why": why,
    }
    try:
        new = typed(NameTold, PlaceUnsound, **{field: text.strip() for field, text in values.items() if text.strip()})
        with writing(request) as db:
            service.add_name(db, known, new, actor=visitor.actor, why=new.why)
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        return _again(request, known, Filled("add", values, refused))
    return go_and_say(request, f"/places/{known}", "added")


@router.post("/places/{place}/names/{name}/correct")
@does(Verb.CORRECT_PLACE)
def correct_name_form(
    *,
    request: Request,
    place: str,
    name: UUID,
    csrf: Typed = "",
    seen: Typed = "",
    romanized: Typed = "",
    transcribed: Typed = "",
    valid_from: Typed = "",
    valid_to: Typed = "",
    meaning: Long = "",
    origin: Long = "",
    source: Typed = "",
    why: Typed = "",
) -> Response:
    """Correct what is told of a name."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    known = place_id(place)
    values = {
        "romanized": romanized,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "meaning": meaning,
        "origin": origin,
        "source": source,
    }
    try:
        with writing(request) as db:
            told = _different(values, service.get_name(db, known, name))
            change = typed(NameCorrection, PlaceUnsound, why=why, transcribed=bool(transcribed), **told)
            service.correct_name(db, known, name, change, seen=seen_typed(seen), actor=visitor.actor)
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        return _again(
            request, known, Filled(f"correct-{name}", {**values, "transcribed": transcribed, "why": why}, refused)
        )
    return go_and_say(request, f"/places/{known}", "corrected")


@router.post("/places/{place}/names/{name}/withdraw")
@does(Verb.CORRECT_PLACE)
def withdraw_name_form(
    *, request: Request, place: str, name: UUID, csrf: Typed = "", seen: Typed = "", again: Typed = "", why: Typed = ""
) -> Response:
    """Take a name back, or have it again."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    known = place_id(place)
    try:
        with writing(request) as db:
            change = typed(NameCorrection, PlaceUnsound, withdrawn=not again, why=why)
            service.correct_name(db, known, name, change, seen=seen_typed(seen), actor=visitor.actor)
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        return _again(request, known, Filled(f"withdraw-{name}", {"why": why}, refused))
    return go_and_say(request, f"/places/{known}", "restored" if again else "withdrawn")


@router.post("/places/{place}/extents/{extent}/withdraw")
@does(Verb.CORRECT_PLACE)
def withdraw_extent_form(
    *, request: Request, place: str, extent: UUID, csrf: Typed = "", again: Typed = "", why: Typed = ""
) -> Response:
    """Take back how far the place was said to reach, or have it again."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    known = place_id(place)
    try:
        with writing(request) as db:
            said = typed(PlaceWithdrawal, PlaceUnsound, why=why)
            if again:
                service.restore_extent(db, known, extent, said.why, actor=visitor.actor)
            else:
                service.withdraw_extent(db, known, extent, said.why, actor=visitor.actor)
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        return _again(request, known, Filled(f"extent-{extent}", {"why": why}, refused))
    return go_and_say(request, f"/places/{known}", "extent-restored" if again else "extent-withdrawn")


def _again(request: Request, place: UUID, filled: Filled) -> Response:
    with reading(request) as db:
        return place_page(request, db, place, filled=filled)


def _different(values: Mapping[str, str], present: NameRow) -> Mapping[str, str | None]:
    """What a form says otherwise than it was shown."""
    shown = {
        "romanized": present.romanized or "",
        "valid_from": str(present.valid_from or ""),
        "valid_to": str(present.valid_to or ""),
        "meaning": present.meaning,
        "origin": present.origin,
        "source": present.source,
    }
    plain = {field: text.replace("\r\n", "\n").strip() for field, text in values.items()}
    return {field: text or None for field, text in plain.items() if text != shown[field]}
