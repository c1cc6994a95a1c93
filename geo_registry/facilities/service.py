"""What can be asked of the facilities."""

from collections.abc import Sequence
from typing import TypedDict
from uuid import UUID

from sqlalchemy.exc import DataError

from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.session import PrivateRead, ReadSession, WriteSession
from geo_registry.errors import ContactUnknown, FacilityUnknown, FilterFailed
from geo_registry.facilities import queries
from geo_registry.facilities.contacts import Contact, ContactGiven
from geo_registry.facilities.queries import FacilityQuery, FacilityRow
from geo_registry.model import FacilityContact
from geo_registry.vocabulary import FacilityKind


def list_facilities(session: ReadSession, query: FacilityQuery, page: Page) -> Listing[FacilityRow]:
    """One page of the facilities that are asked for, in the order that is asked for.

    Raises
    ------
    BadQuery
        The condition `where` can't be parsed, names an unknown field, or can't be computed.
    DivisionCodeInvalid
        `division` isn't a code.
    """
    try:
        rows = queries.rows_matching(session, query, after=page.after, limit=page.limit + 1)
    except DataError as error:
        # A number out of range: the one thing that only the rows can tell about a checked condition.
        raise FilterFailed(text=query.where or "", reason=str(error.orig).strip()) from error
    return listing(rows, page, lambda row: row.fid)


def count_facilities(session: ReadSession, query: FacilityQuery) -> int:
    """How many facilities there are of those that are asked for, now.

    Raises
    ------
    DivisionCodeInvalid
        `division` isn't a code.
    """
    return queries.count_matching(session, query)


def get_facility(session: ReadSession, facility: UUID) -> FacilityRow:
    """One facility.

    Raises
    ------
    FacilityUnknown
        There is none of that id.
    """
    found = queries.row_with_id(session, facility)
    if found is None:
        raise FacilityUnknown(facility=facility)
    return found


def list_contacts(session: ReadSession, facility: UUID, *, actor: Actor) -> Sequence[Contact]:
    """Whom to call at a facility: whole for who has to call there, else masked; the public is shown nothing.

    That somebody was shown them whole is noted in the audit.

    Raises
    ------
    Forbidden
        The actor may not see that there is anybody.
    FacilityUnknown
        There is no such facility.
    """
    policy.require(actor, Verb.LIST_CONTACTS)
    found = queries.contacts_of(session, facility)
    if policy.refusal(actor, Verb.SEE_CONTACT, **_where(session, facility)) is not None:
        return [contact.hidden for contact in found]
    _note(session, actor, Verb.LIST_CONTACTS, found)
    return found


def see_contact(session: ReadSession, facility: UUID, contact: UUID, *, actor: Actor) -> Contact:
    """One contact whole; the audit notes who saw it.

    Raises
    ------
    Forbidden
        The actor may not, there or for that kind.
    FacilityUnknown, ContactUnknown
        There is no such facility, or no such contact of it.
    """
    policy.require(actor, Verb.SEE_CONTACT, **_where(session, facility))
    found = _contact(session, facility, contact)
    _note(session, actor, Verb.SEE_CONTACT, [found])
    return found


def set_contact(session: WriteSession, facility: UUID, contact: UUID, given: ContactGiven, *, actor: Actor) -> Contact:
    """Add a contact to a facility, or change it: the same id is the same contact.

    Raises
    ------
    Forbidden
        The actor may not, there or for that kind.
    FacilityUnknown
        There is no such facility.
    ContactUnknown
        It is a contact of another facility.
    """
    policy.require(actor, Verb.SET_CONTACT, **_where(session, facility))
    kept, given = queries.contact_row(session, contact), given.stripped
    if kept is None:
        kept = FacilityContact(id=contact, facility_id=facility)
        session.add(kept)
    elif kept.facility_id != facility:
        raise ContactUnknown(contact=contact)
    kept.person, kept.post, kept.phone = given.person, given.post, given.phone
    session.flush()
    return Contact(id=contact, person=given.person, post=given.post, phone=given.phone)


def erase_contact(session: WriteSession, facility: UUID, contact: UUID, *, actor: Actor) -> None:
    """Take a contact out for good, with all its history; the audit keeps that it was done, and nothing of what it said.

    Raises
    ------
    Forbidden
        The actor may not, there or for that kind.
    FacilityUnknown, ContactUnknown
        There is no such facility, or no such contact of it.
    """
    policy.require(actor, Verb.ERASE_CONTACT, **_where(session, facility))
    queries.erase_contact(session, _contact(session, facility, contact).id)


class _Where(TypedDict):
    division: str | None
    kind: FacilityKind


def _where(session: ReadSession, facility: UUID) -> _Where:
    """Where a facility stands and what it is, as the policy asks."""
    found = get_facility(session, facility)
    return {"division": found.division_code, "kind": FacilityKind.of(found.kind)}


def _contact(session: ReadSession, facility: UUID, contact: UUID) -> Contact:
    found = next((each for each in queries.contacts_of(session, facility) if each.id == contact), None)
    if found is None:
        raise ContactUnknown(contact=contact)
    return found


def _note(session: ReadSession, actor: Actor, verb: Verb, seen: Sequence[Contact]) -> None:
    if seen:
        records = [contact.id for contact in seen]
        session.note(
            PrivateRead(actor, FacilityContact.__tablename__, rows=len(seen), records=records, verb=verb.value)
        )
