"""What can be asked of the facilities, and what can be done with them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy.exc import DataError

from geo_registry import clock
from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.revisions import Revision, Seen, require_seen, without_author
from geo_registry.db.session import PrivateRead, ReadSession, WriteSession, read_as, say_why
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import DivisionRow
from geo_registry.divisions.rules import contains
from geo_registry.errors import (
    ContactUnknown,
    FacilityUnknown,
    FacilityUnsound,
    FilterFailed,
    Forbidden,
    NotRecordedThen,
    Unauthenticated,
)
from geo_registry.facilities import queries
from geo_registry.facilities.contacts import Contact, ContactGiven
from geo_registry.facilities.inputs import FacilityChange, NewFacility
from geo_registry.facilities.queries import FacilityQuery, FacilityRow
from geo_registry.facilities.rules import Breach, breaches, with_capacity
from geo_registry.model import Facility, FacilityContact
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.settings import get_settings
from geo_registry.vocabulary import FacilityKind, FacilityStatus


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


def get_facility(session: ReadSession, facility: UUID, *, at: datetime | None = None) -> FacilityRow:
    """One facility, now or as the registry held it at a moment.

    Raises
    ------
    FacilityUnknown
        There is none of that id.
    NotRecordedThen
        The registry didn't hold it at that moment.
    """
    found = queries.row_with_id(session, facility, at=at)
    if found is None and at is not None and queries.was_ever(session, facility):
        raise NotRecordedThen(moment=at.isoformat())
    if found is None:
        raise FacilityUnknown(facility=facility)
    return found


def list_revisions(session: ReadSession, facility: UUID, page: Page) -> Listing[Revision]:
    """A facility's revisions, the newest first, without their authors and reasons; `page.after` counts downwards.

    Raises
    ------
    FacilityUnknown
        There is none of that id.
    """
    get_facility(session, facility)
    found = queries.revisions_of(session, facility, after=page.after, limit=page.limit + 1)
    return listing([without_author(each) for each in found], page, lambda each: each.number)


def list_revisions_with_authors(session: ReadSession, facility: UUID, page: Page, *, actor: Actor) -> Listing[Revision]:
    """As `list_revisions`, with who made them and why.

    Raises
    ------
    FacilityUnknown
        There is none of that id.
    Forbidden, Unauthenticated
        The actor isn't told, in that division or for that kind.
    """
    row = get_facility(session, facility)
    policy.require(actor, Verb.SEE_AUTHORS, **_concerned(row))
    found = queries.revisions_of(session, facility, after=page.after, limit=page.limit + 1)
    return listing(found, page, lambda each: each.number)


def revisions_for(asker: Actor, session: ReadSession, facility: UUID, page: Page) -> Listing[Revision]:
    """A facility's revisions as whoever asks may see them: with their authors and reasons, or without.

    Raises
    ------
    FacilityUnknown
        There is none of that id.
    """
    try:
        return list_revisions_with_authors(session, facility, page, actor=asker)
    except (Forbidden, Unauthenticated):
        return list_revisions(session, facility, page)


def require_registering(session: ReadSession, new: NewFacility, *, actor: Actor) -> None:
    """Raise unless the actor may register a facility: asked again before an answer is given again.

    Raises
    ------
    Forbidden, DivisionUnknown, DivisionCodeInvalid, FacilityUnsound
        As `register_facility`.
    """
    division = _division_of(session, new)
    policy.require(actor, Verb.REGISTER_FACILITY, division=division.code if division else None, kind=new.kind)


def register_facility(session: WriteSession, new: NewFacility, *, actor: Actor) -> FacilityRow:
    """Register a facility; without a division that is given, it belongs to the one whose area it stands in.

    Raises
    ------
    Forbidden
        The actor may not, in that division or for that kind.
    DivisionUnknown, DivisionCodeInvalid
        The division that is given isn't registered.
    FacilityUnsound
        It would break the rules of facilities, or stand in another division than it is said to.
    """
    division = _division_of(session, new)
    policy.require(actor, Verb.REGISTER_FACILITY, division=division.code if division else None, kind=new.kind)
    say_why(session, new.why)
    record = Facility(
        kind=new.kind.value,
        name=new.name,
        division_id=division.id if division else None,
        address=new.address,
        geom=from_shape(Point(new.geometry.coordinates), srid=STORAGE_SRID),
        status=new.status.value,
        opened_on=new.opened_on,
        closed_on=new.closed_on,
        capacity=new.capacity,
        detail={},
    )
    _refuse_unsound(record)
    session.add(record)
    session.flush()
    return get_facility(session, record.id)


def change_facility(
    session: WriteSession, facility: UUID, change: FacilityChange, *, seen: Seen | None, actor: Actor
) -> FacilityRow:
    """Change what is told of a facility; what comes out the same makes no revision.

    Parameters
    ----------
    seen
        The versions that the change is based on.

    Raises
    ------
    FacilityUnknown
        There is none of that id.
    Forbidden
        The actor may not, in its division or for its kind.
    VersionNeeded, RecordChanged
        Nothing says which version was seen, or it is another by now.
    FacilityUnsound
        It would break the rules of facilities.
    """
    row = get_facility(session, facility)
    policy.require(actor, Verb.CHANGE_FACILITY, **_concerned(row))
    present = queries.facility_to_change(session, facility)
    # It may have come to another division while its lock was waited for.
    policy.require(actor, Verb.CHANGE_FACILITY, **_concerned(present.row))
    require_seen(seen, present.row.version)
    values = dict(change.values())
    if "confirmed_on" in values:
        values["confirmed_by"] = actor.name if values["confirmed_on"] is not None else None
    if "capacity" in values:
        values["detail"] = with_capacity(FacilityKind.of(present.row.kind), present.row.detail, values["capacity"])
    return _write(session, present.record, values, why=change.why)


def restore_facility(
    session: WriteSession, facility: UUID, number: int, *, seen: Seen | None, why: str, actor: Actor
) -> FacilityRow:
    """Make what an older revision says of a facility its newest one, by the rules of any change.

    Raises
    ------
    FacilityUnknown, RevisionUnknown
        There is none of that id, or it has no such revision.
    Forbidden
        The actor may not, in its division or for its kind, as it is or as it would be.
    VersionNeeded, RecordChanged, FacilityUnsound
        As `change_facility`.
    """
    row = get_facility(session, facility)
    policy.require(actor, Verb.RESTORE_FACILITY, **_concerned(row))
    present = queries.facility_to_change(session, facility)
    # It may have come to another division while its lock was waited for.
    policy.require(actor, Verb.RESTORE_FACILITY, **_concerned(present.row))
    require_seen(seen, present.row.version)
    past = queries.past_of(session, facility, number)
    policy.require(actor, Verb.RESTORE_FACILITY, division=past.division_code, kind=FacilityKind.of(past.values["kind"]))
    return _write(session, present.record, past.values, why=why)


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
    if policy.refusal(actor, Verb.SEE_CONTACT, **_concerned(get_facility(session, facility))) is not None:
        with read_as(session, policy.reader(actor, Verb.LIST_CONTACTS)):
            return queries.masked_contacts_of(session, facility)
    with read_as(session, policy.reader(actor, Verb.SEE_CONTACT)):
        found = queries.contacts_of(session, facility)
    _note(session, actor, Verb.LIST_CONTACTS, found)
    return found


def list_masked_contacts(session: ReadSession, facility: UUID, *, actor: Actor) -> Sequence[Contact]:
    """Whom to call at a facility, masked for everybody who may see that there is somebody: what a page begins with.

    Raises
    ------
    Forbidden
        The actor may not see that there is anybody.
    FacilityUnknown
        There is no such facility.
    """
    policy.require(actor, Verb.LIST_CONTACTS)
    get_facility(session, facility)
    with read_as(session, policy.reader(actor, Verb.LIST_CONTACTS)):
        return queries.masked_contacts_of(session, facility)


def contacts_for(asker: Actor, session: ReadSession, facility: UUID) -> Sequence[Contact] | None:
    """A facility's contacts, masked; None where whoever asks may not see that there is anybody.

    Raises
    ------
    FacilityUnknown
        There is no such facility.
    """
    try:
        return list_masked_contacts(session, facility, actor=asker)
    except (Forbidden, Unauthenticated):
        return None


def see_contact(session: ReadSession, facility: UUID, contact: UUID, *, actor: Actor) -> Contact:
    """One contact whole; the audit notes who saw it.

    Raises
    ------
    Forbidden
        The actor may not, there or for that kind.
    FacilityUnknown, ContactUnknown
        There is no such facility, or no such contact of it.
    """
    policy.require(actor, Verb.SEE_CONTACT, **_concerned(get_facility(session, facility)))
    with read_as(session, policy.reader(actor, Verb.SEE_CONTACT)):
        found = _contact(session, facility, contact)
    _note(session, actor, Verb.SEE_CONTACT, [found])
    return found


def set_contact(
    session: WriteSession, facility: UUID, contact: UUID, given: ContactGiven, *, seen: Seen | None, actor: Actor
) -> Contact:
    """Add a contact to a facility, or change it: the same id is the same contact, and said again it is left as it is.

    Parameters
    ----------
    seen
        The versions that a change is based on.

    Raises
    ------
    Forbidden
        The actor may not, there or for that kind.
    FacilityUnknown
        There is no such facility.
    ContactUnknown
        It is a contact of another facility, or one was seen that isn't there.
    VersionNeeded, RecordChanged
        Nothing says which version was seen, or it is another by now.
    """
    policy.require(actor, Verb.SET_CONTACT, **_concerned(get_facility(session, facility)))
    kept, given = queries.contact_to_change(session, contact), given.stripped
    if (kept is None and seen is not None) or (kept is not None and kept.facility_id != facility):
        raise ContactUnknown(contact=contact)
    if kept is None:
        kept = FacilityContact(id=contact, facility_id=facility)
        session.add(kept)
    elif (kept.person, kept.post, kept.phone) != (given.person, given.post, given.phone):
        require_seen(seen, queries.as_contact(kept).version)
    kept.person, kept.post, kept.phone = given.person, given.post, given.phone
    session.flush()
    return queries.as_contact(kept)


def contact_to_erase(session: ReadSession, facility: UUID, contact: UUID, *, actor: Actor) -> Contact:
    """A contact, masked, that the actor may erase: what is asked about before it is done.

    Raises
    ------
    Forbidden, FacilityUnknown, ContactUnknown
        As `erase_contact`.
    """
    policy.require(actor, Verb.ERASE_CONTACT, **_concerned(get_facility(session, facility)))
    with read_as(session, policy.reader(actor, Verb.ERASE_CONTACT)):
        return _the(contact, queries.masked_contacts_of(session, facility))


def erase_contact(session: WriteSession, facility: UUID, contact: UUID, *, seen: Seen | None, actor: Actor) -> None:
    """Take a contact out for good, with all its history; the audit keeps that it was done, and nothing of what it said.

    Raises
    ------
    Forbidden
        The actor may not, there or for that kind.
    FacilityUnknown, ContactUnknown
        There is no such facility, or no such contact of it.
    VersionNeeded, RecordChanged
        As `set_contact`.
    """
    policy.require(actor, Verb.ERASE_CONTACT, **_concerned(get_facility(session, facility)))
    kept = queries.contact_to_change(session, contact)
    if kept is None or kept.facility_id != facility:
        raise ContactUnknown(contact=contact)
    require_seen(seen, queries.as_contact(kept).version)
    queries.erase_contact(session, contact)


class _Concerned(TypedDict):
    division: str | None
    kind: FacilityKind


def _concerned(row: FacilityRow) -> _Concerned:
    """What the policy has to know of a facility."""
    return {"division": row.division_code, "kind": FacilityKind.of(row.kind)}


def _write(session: WriteSession, record: Facility, values: Mapping[str, Any], *, why: str) -> FacilityRow:
    say_why(session, why)
    for name, value in values.items():
        setattr(record, name, value)
    _refuse_unsound(record)
    session.flush()
    return get_facility(session, record.id)


def _refuse_unsound(record: Facility) -> None:
    found = list(
        breaches(
            kind=FacilityKind.of(record.kind),
            status=FacilityStatus.of(record.status),
            opened_on=record.opened_on,
            closed_on=record.closed_on,
            capacity=record.capacity,
            detail=record.detail,
        )
    )
    if record.confirmed_on is not None and record.confirmed_on > clock.today(get_settings().zone):
        found.append(Breach("confirmed_on", "晚于今天", "after today"))
    if found:
        raise FacilityUnsound(**_told(found))


def _told(found: Sequence[Breach]) -> dict[str, str]:
    return {
        "problems_zh": "; ".join(f"{each.field}: {each.zh}" for each in found),
        "problems_en": "; ".join(f"{each.field}: {each.en}" for each in found),
    }


def _division_of(session: ReadSession, new: NewFacility) -> DivisionRow | None:
    """The division that a new facility belongs to: the more detailed one of what is said and where it stands."""
    stands_in = queries.division_at(session, *new.geometry.coordinates)
    if new.division is None:
        return divisions.get_division(session, stands_in) if stands_in is not None else None
    said = divisions.get_division(session, new.division)
    if stands_in is None or contains(stands_in, said.code):
        return said
    if contains(said.code, stands_in):
        return divisions.get_division(session, stands_in)
    raise FacilityUnsound(
        **_told([Breach("division", f"位置在 {stands_in} 境内", f"its position lies in {stands_in}")])
    )


def _contact(session: ReadSession, facility: UUID, contact: UUID) -> Contact:
    return _the(contact, queries.contacts_of(session, facility))


def _the(contact: UUID, contacts: Sequence[Contact]) -> Contact:
    found = next((each for each in contacts if each.id == contact), None)
    if found is None:
        raise ContactUnknown(contact=contact)
    return found


def _note(session: ReadSession, actor: Actor, verb: Verb, seen: Sequence[Contact]) -> None:
    if seen:
        records = [contact.id for contact in seen]
        session.note(
            PrivateRead(actor, FacilityContact.__tablename__, rows=len(seen), records=records, verb=verb.value)
        )
