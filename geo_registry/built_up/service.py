"""What can be asked of built-up areas, and what can be done with them: one function a verb."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.built_up import queries
from geo_registry.built_up.inputs import AreaChange, AreaEnd, NewArea
from geo_registry.built_up.queries import AreaQuery, AreaRow, Concern, Reach
from geo_registry.built_up.writing import (
    add,
    division_of_new,
    extent_of,
    refuse_ended,
    refuse_unsound,
    rewrite,
)
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.revisions import Revision, Seen, require_seen, without_author
from geo_registry.db.session import ReadSession, WriteSession, say_why
from geo_registry.divisions import service as divisions
from geo_registry.errors import BuiltUpAreaUnknown, Forbidden, NotRecordedThen, NotThereThen, Unauthenticated
from geo_registry.model import BuiltUpArea, BuiltUpExtent
from geo_registry.places.periods import columns_of, overlap
from geo_registry.places.service import review_anew


@dataclass(frozen=True, slots=True)
class AreaTold:
    """All that is told of one built-up area."""

    area: AreaRow
    earlier: Sequence[Reach]
    """How far it reached before, the newest period first."""
    concerns: Sequence[Concern]


def list_areas(session: ReadSession, query: AreaQuery, page: Page) -> Listing[AreaRow]:
    """One page of the built-up areas that are asked for, in the order that they were registered.

    Raises
    ------
    DivisionCodeInvalid
        `division` isn't a code.
    """
    rows = queries.rows_matching(session, query, after=page.after, limit=page.limit + 1)
    return listing(rows, page, lambda row: row.fid)


def concerns_of(session: ReadSession, areas: Collection[UUID]) -> Mapping[UUID, Sequence[Concern]]:
    """What a person looks at of areas: which others they lie over, and how much lies outside their divisions."""
    return queries.concerns_of(session, areas)


def get_area(session: ReadSession, area: UUID, *, at: datetime | None = None, on: date | None = None) -> AreaRow:
    """One built-up area: now, as the registry held it at a moment, or as it was on a day, by what is known now.

    Raises
    ------
    BuiltUpAreaUnknown
        There is none of that id.
    NotRecordedThen
        The registry didn't hold it at that moment.
    NotThereThen
        There was none on that day, as far as that is known.
    """
    found = queries.row_with_id(session, area, at=at, on=on)
    if found is not None:
        return found
    if not queries.was_ever(session, area):
        raise BuiltUpAreaUnknown(area=area)
    if on is not None:
        raise NotThereThen(day=on.isoformat())
    raise NotRecordedThen(moment=at.isoformat() if at is not None else "")


def tell_area(session: ReadSession, area: UUID, *, at: datetime | None = None, on: date | None = None) -> AreaTold:
    """One built-up area with its earlier extents, and what a person looks at of it now.

    Raises
    ------
    BuiltUpAreaUnknown, NotRecordedThen, NotThereThen
        As `get_area`.
    """
    row = get_area(session, area, at=at, on=on)
    concerns = queries.concerns_of(session, [area]).get(area, ()) if at is None else ()
    return AreaTold(row, queries.earlier_of(session, area, at=at), concerns)


def list_revisions(session: ReadSession, area: UUID, page: Page) -> Listing[Revision]:
    """An area's revisions, the newest first, without their authors and reasons; `page.after` counts downwards.

    Raises
    ------
    BuiltUpAreaUnknown
        There is none of that id.
    """
    get_area(session, area)
    found = queries.revisions_of(session, area, after=page.after, limit=page.limit + 1)
    return listing([without_author(each) for each in found], page, lambda each: each.number)


def list_revisions_with_authors(session: ReadSession, area: UUID, page: Page, *, actor: Actor) -> Listing[Revision]:
    """As `list_revisions`, with who made them and why.

    Raises
    ------
    BuiltUpAreaUnknown
        There is none of that id.
    Forbidden, Unauthenticated
        The actor isn't told, in that division.
    """
    policy.require(actor, Verb.SEE_AREA_AUTHORS, division=get_area(session, area).division_code)
    found = queries.revisions_of(session, area, after=page.after, limit=page.limit + 1)
    return listing(found, page, lambda each: each.number)


def revisions_for(asker: Actor, session: ReadSession, area: UUID, page: Page) -> Listing[Revision]:
    """An area's revisions as whoever asks may see them.

    Raises
    ------
    BuiltUpAreaUnknown
        There is none of that id.
    """
    try:
        return list_revisions_with_authors(session, area, page, actor=asker)
    except (Forbidden, Unauthenticated):
        return list_revisions(session, area, page)


def require_registering(session: ReadSession, new: NewArea, *, actor: Actor) -> None:
    """Raise as `register_area` does of who may not, or may not any more."""
    division = division_of_new(session, new)
    policy.require(actor, Verb.REGISTER_AREA, division=division.code if division else None)


def register_area(session: WriteSession, new: NewArea, *, actor: Actor) -> AreaTold:
    """Register a built-up area; from now on the names in it are told apart within it, and all names are checked anew.

    Raises
    ------
    Forbidden
        The actor may not, in that division.
    DivisionUnknown, DivisionCodeInvalid
        The division that is given isn't registered.
    BuiltUpAreaUnsound
        A division that it is made of has no boundary, or it would begin in the future.
    AlreadyExists
        Another one has its key.
    """
    division = division_of_new(session, new)
    policy.require(actor, Verb.REGISTER_AREA, division=division.code if division else None)
    say_why(session, new.why)
    record = add(session, new, extent_of(session, new, new.valid_from), division)
    review_anew(session, ordered_by=actor.name)
    return tell_area(session, record.id)


def change_area(session: WriteSession, area: UUID, change: AreaChange, *, seen: Seen | None, actor: Actor) -> AreaTold:
    """Correct what is told of a built-up area; or have it reach otherwise from a day on (`since`), which keeps what was.

    Raises
    ------
    BuiltUpAreaUnknown, DivisionUnknown, DivisionCodeInvalid
        There is no such area, or no such division.
    Forbidden
        The actor may not, in its division or in the one that it is to belong to.
    VersionNeeded, RecordChanged
        Nothing says which version was seen, or it is another by now.
    BuiltUpAreaUnsound
        Its periods would lie across one another, begin in the future, or it has ended.
    """
    policy.require(actor, Verb.CHANGE_AREA, division=get_area(session, area).division_code)
    record = queries.area_to_change(session, area)
    present = get_area(session, area)
    # It may have come to another division while its lock was waited for.
    policy.require(actor, Verb.CHANGE_AREA, division=present.division_code)
    require_seen(seen, present.version)
    say_why(session, change.why)
    if "division" in change.model_fields_set:
        division = divisions.get_division(session, change.division) if change.division else None
        policy.require(actor, Verb.CHANGE_AREA, division=division.code if division else None)
        record.division_id = division.id if division else None
    # All of it is one revision.
    with session.no_autoflush:
        rewrite(session, record, change)
    review_anew(session, ordered_by=actor.name)
    return tell_area(session, area)


def end_area(session: WriteSession, area: UUID, end: AreaEnd, *, seen: Seen | None, actor: Actor) -> AreaTold:
    """End a built-up area on a day, as where it became part of another one; what it was stays.

    Raises
    ------
    BuiltUpAreaUnknown
        There is none of that id.
    Forbidden
        The actor may not, in its division.
    VersionNeeded, RecordChanged
        As `change_area`.
    BuiltUpAreaUnsound
        It has ended already, would end before it begins, or in the future.
    """
    policy.require(actor, Verb.END_AREA, division=get_area(session, area).division_code)
    record = queries.area_to_change(session, area)
    present = get_area(session, area)
    policy.require(actor, Verb.END_AREA, division=present.division_code)
    require_seen(seen, present.version)
    refuse_ended(record)
    say_why(session, end.why)
    record.valid_to, record.to_precision = columns_of(end.on)
    refuse_unsound(session, record)
    session.flush()
    review_anew(session, ordered_by=actor.name)
    return tell_area(session, area)


def restore_area(
    session: WriteSession, area: UUID, number: int, *, seen: Seen | None, why: str, actor: Actor
) -> AreaTold:
    """Make what an older revision says of an area its newest one: an end is undone by that, and so is growing.

    Earlier extents that lie before it hold with it: one that came of a growing which is undone is withdrawn.

    Raises
    ------
    BuiltUpAreaUnknown, RevisionUnknown
        There is none of that id, or it has no such revision.
    Forbidden
        The actor may not, in its division, as it is or as it would be.
    VersionNeeded, RecordChanged, BuiltUpAreaUnsound
        As `change_area`.
    """
    policy.require(actor, Verb.RESTORE_AREA, division=get_area(session, area).division_code)
    record = queries.area_to_change(session, area)
    present = get_area(session, area)
    policy.require(actor, Verb.RESTORE_AREA, division=present.division_code)
    require_seen(seen, present.version)
    past = queries.past_of(session, area, number)
    policy.require(actor, Verb.RESTORE_AREA, division=past.division_code)
    say_why(session, why)
    for name, value in past.values.items():
        setattr(record, name, value)
    _have_extents_before(session, record)
    session.flush()
    review_anew(session, ordered_by=actor.name)
    return tell_area(session, area)


def _have_extents_before(session: WriteSession, record: BuiltUpArea) -> None:
    """Have those earlier extents hold that end before an area's own begins; of two of one time the one that was said last."""
    held: list[BuiltUpExtent] = []
    for extent in sorted(queries.extents_of(session, record.id), key=lambda each: each.fid, reverse=True):
        before = record.valid_from is not None and extent.valid_to <= record.valid_from
        period = (extent.valid_from, extent.valid_to)
        if before and not any(overlap(period, (each.valid_from, each.valid_to)) for each in held):
            held.append(extent)
        elif not extent.withdrawn:
            extent.withdrawn = True
    # What is withdrawn makes room for what holds again: at no time there are two.
    session.flush()
    for extent in held:
        if extent.withdrawn:
            extent.withdrawn = False
