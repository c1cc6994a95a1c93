"""`/facilities/{id}/contacts/…`: what the office does about whom to call, from the facility's record.

The record shows contacts masked. Each number is asked for by itself, which the audit notes.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, reading, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import Filled, Typed, admin_page, as_id, go_and_say, sign_in_first
from api.web.records import record_id, record_page
from geo_registry.accounts.policy import Verb
from geo_registry.db.revisions import WHICHEVER, Seen
from geo_registry.errors import (
    ContactUnknown,
    DomainError,
    Forbidden,
    NotFound,
    RecordChanged,
    Unauthenticated,
    VersionNeeded,
)
from geo_registry.facilities import service
from geo_registry.facilities.contacts import ContactGiven

router = APIRouter(prefix="/facilities/{facility}/contacts/{contact}", include_in_schema=False)

FacilityText = Annotated[str, Path(max_length=100)]
ContactText = Annotated[str, Path(max_length=100)]


@router.post("")
@does(Verb.SET_CONTACT)
def set_contact_form(
    request: Request,
    facility: FacilityText,
    contact: ContactText,
    *,
    person: Typed = "",
    post: Typed = "",
    phone: Typed = "",
    seen: Typed = "",
    csrf: Typed = "",
) -> Response:
    """Add the contact of that id, or change it where it is the version that was seen."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    where, which = record_id(facility), _id(contact)
    try:
        with writing(request, why="contact") as db:
            given = ContactGiven(person=person, phone=phone, post=post)
            version = Seen(frozenset({seen})) if seen else None
            service.set_contact(db, where, which, given, seen=version, actor=visitor.actor)
    except (Forbidden, Unauthenticated, NotFound):
        raise
    except DomainError as refused:
        outdated = isinstance(refused, RecordChanged | VersionNeeded)
        values = {"person": person, "post": post, "phone": phone} | ({} if outdated else {"seen": seen})
        filled = Filled("contact", values, refused)
        with reading(request) as db:
            # What it says by now, whose version the form then carries: whoever saves again has seen it.
            whole = service.see_contact(db, where, which, actor=visitor.actor) if outdated else None
            return record_page(request, db, where, whole=whole, filled=filled, kept_as=which)
    return _back(request, where, "contact-kept")


@router.post("/see")
def see_contact_form(request: Request, facility: FacilityText, contact: ContactText, *, csrf: Typed = "") -> Response:
    """The record with one contact whole, and the form to change it; the audit notes who saw it."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    where = record_id(facility)
    with reading(request) as db:
        found = service.see_contact(db, where, _id(contact), actor=visitor.actor)
        return record_page(request, db, where, whole=found)


@router.get("/erase")
def erase_contact_page(request: Request, facility: FacilityText, contact: ContactText) -> Response:
    """Whether it is really to be erased, for who has no scripts; others are asked on the record."""
    return sign_in_first(request) or _ask(request, record_id(facility), _id(contact))


@router.post("/erase")
@does(Verb.ERASE_CONTACT)
def erase_contact_form(request: Request, facility: FacilityText, contact: ContactText, *, csrf: Typed = "") -> Response:
    """Take it out for good, whatever it says by now."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    where = record_id(facility)
    with writing(request, why="contact") as db:
        service.erase_contact(db, where, _id(contact), seen=WHICHEVER, actor=visitor.actor)
    return _back(request, where, "contact-erased")


def _ask(request: Request, facility: UUID, contact: UUID) -> Response:
    with reading(request) as db:
        found = service.contact_to_erase(db, facility, contact, actor=visitor_of(request).actor)
        row = service.get_facility(db, facility)
    return admin_page(request, "erase-contact.html", facility=row, contact=found)


def _id(text: str) -> UUID:
    return as_id(text, ContactUnknown(contact=text))


def _back(request: Request, facility: UUID, done: str) -> Response:
    return go_and_say(request, f"/facilities/{facility}#contacts", done)
