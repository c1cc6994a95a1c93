"""`/api/v1/facilities/{id}/contacts`: whom to call at a facility, masked for whoever has no reason to."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.responses import Response

from api.deps import CurrentActor, ReadDb, WriteDb, does
from api.problems import WHO_MAY, BodyTooLarge, MediaTypeRefused, answers
from api.schemas.contacts import ContactBody, ContactOut, ContactsOut
from api.tags import TAGGED, VERSIONED, IfMatch, ShowerDep, etag
from geo_registry.accounts.policy import Verb
from geo_registry.errors import BodyMalformed, ContactInvalid, ContactUnknown, FacilityUnknown, NotYourKind
from geo_registry.facilities import service

router = APIRouter(prefix="/facilities/{facility}/contacts", tags=["facilities"])

FacilityId = Annotated[UUID, Path(description="The facility's id")]
ContactId = Annotated[UUID, Path(description="The contact's id; whoever adds one makes it")]


@router.get("", summary="Whom to call at a facility", responses=answers(FacilityUnknown, *WHO_MAY))
def list_contacts(db: ReadDb, actor: CurrentActor, facility: FacilityId) -> ContactsOut:
    """A facility's contacts: whole for who keeps it, else masked; nothing without an account."""
    return ContactsOut(items=[ContactOut.of(each) for each in service.list_contacts(db, facility, actor=actor)])


CHANGING = (FacilityUnknown, ContactUnknown, *VERSIONED, *WHO_MAY, NotYourKind)


@router.get(
    "/{contact}",
    summary="One contact whole",
    response_model=ContactOut,
    responses={**TAGGED, **answers(FacilityUnknown, ContactUnknown, *WHO_MAY, NotYourKind)},
)
def see_contact(
    db: ReadDb, actor: CurrentActor, facility: FacilityId, contact: ContactId, shower: ShowerDep
) -> ContactOut | Response:
    """A contact with its number; that you saw it is written down."""
    found = service.see_contact(db, facility, contact, actor=actor)
    return shower.show(found.version, lambda: ContactOut.of(found))


@router.put(
    "/{contact}",
    summary="Add or change a contact",
    responses={
        200: TAGGED[200],
        **answers(BodyMalformed, BodyTooLarge, MediaTypeRefused, ContactInvalid, *CHANGING, has_body=True),
    },
)
@does(Verb.SET_CONTACT)
def set_contact(
    *,
    db: WriteDb,
    actor: CurrentActor,
    facility: FacilityId,
    contact: ContactId,
    body: ContactBody,
    seen: IfMatch,
    response: Response,
) -> ContactOut:
    """Add a contact, or, with `If-Match`, change the one that has the id; sent again, it is the same contact."""
    kept = service.set_contact(db, facility, contact, body.given(), seen=seen, actor=actor)
    response.headers["ETag"] = etag(kept.version)
    return ContactOut.of(kept)


@router.delete("/{contact}", summary="Erase a contact", status_code=204, responses=answers(*CHANGING))
@does(Verb.ERASE_CONTACT)
def erase_contact(db: WriteDb, actor: CurrentActor, facility: FacilityId, contact: ContactId, seen: IfMatch) -> None:
    """Take a contact out for good, with all its history; the audit keeps that you did, and nothing of what it said."""
    service.erase_contact(db, facility, contact, seen=seen, actor=actor)
