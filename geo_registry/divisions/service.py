"""What can be asked of the divisions."""

from collections.abc import Sequence
from datetime import datetime

from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.revisions import Revision, Seen, require_seen, without_author
from geo_registry.db.session import ReadSession, WriteSession, say_why
from geo_registry.divisions import queries
from geo_registry.divisions.queries import DivisionName, DivisionQuery, DivisionRow, names_of
from geo_registry.divisions.rules import codes_above, normalised
from geo_registry.errors import (
    DivisionAmbiguous,
    DivisionCodeInvalid,
    DivisionUnknown,
    Forbidden,
    NotRecordedThen,
    Unauthenticated,
)


def list_divisions(session: ReadSession, query: DivisionQuery, page: Page) -> Listing[DivisionRow]:
    """One page of the divisions that are asked for, in the order that they were registered.

    Raises
    ------
    DivisionCodeInvalid
        `within` or `parent` isn't a code.
    """
    rows = queries.rows_matching(session, query, after=page.after, limit=page.limit + 1)
    return listing(rows, page, lambda row: row.fid)


def get_division(
    session: ReadSession, code: str, *, vintage: int | None = None, at: datetime | None = None
) -> DivisionRow:
    """The division of a code (twelve digits or its first), of `vintage` or its newest; now, or as held at a moment.

    Raises
    ------
    DivisionCodeInvalid
        It isn't a code.
    DivisionUnknown
        None is registered.
    NotRecordedThen
        The registry didn't hold it at that moment.
    """
    whole = normalised(code)
    found = queries.rows_with_code(session, whole, vintage=vintage, at=at)
    if not found and at is not None and queries.was_ever(session, whole, vintage=vintage):
        raise NotRecordedThen(moment=at.isoformat())
    if not found:
        raise DivisionUnknown(text=code if vintage is None else f"{code} ({vintage})")
    return found[0]


def list_revisions(session: ReadSession, code: str, page: Page, *, vintage: int | None = None) -> Listing[Revision]:
    """A division's revisions, the newest first, without their authors and reasons; `page.after` counts downwards.

    Raises
    ------
    DivisionCodeInvalid, DivisionUnknown
        As `get_division`.
    """
    row = get_division(session, code, vintage=vintage)
    found = queries.revisions_of(session, row.id, after=page.after, limit=page.limit + 1)
    return listing([without_author(each) for each in found], page, lambda each: each.number)


def list_revisions_with_authors(
    session: ReadSession, code: str, page: Page, *, actor: Actor, vintage: int | None = None
) -> Listing[Revision]:
    """As `list_revisions`, with who made them and why.

    Raises
    ------
    DivisionCodeInvalid, DivisionUnknown
        As `get_division`.
    Forbidden, Unauthenticated
        The actor isn't told, in that division.
    """
    row = get_division(session, code, vintage=vintage)
    policy.require(actor, Verb.SEE_DIVISION_AUTHORS, division=row.code)
    found = queries.revisions_of(session, row.id, after=page.after, limit=page.limit + 1)
    return listing(found, page, lambda each: each.number)


def revisions_for(
    asker: Actor, session: ReadSession, code: str, page: Page, *, vintage: int | None = None
) -> Listing[Revision]:
    """A division's revisions as whoever asks may see them: with their authors and reasons, or without.

    Raises
    ------
    DivisionCodeInvalid, DivisionUnknown
        As `get_division`.
    """
    try:
        return list_revisions_with_authors(session, code, page, actor=asker, vintage=vintage)
    except (Forbidden, Unauthenticated):
        return list_revisions(session, code, page, vintage=vintage)


def restore_division(
    session: WriteSession,
    code: str,
    number: int,
    *,
    seen: Seen | None,
    why: str,
    actor: Actor,
    vintage: int | None = None,
) -> DivisionRow:
    """Make what an older revision says of a division its newest one: its name, its area, how well that is known.

    Parameters
    ----------
    seen
        The versions that it is based on.

    Raises
    ------
    DivisionCodeInvalid, DivisionUnknown
        As `get_division`.
    Forbidden
        The actor may not, in that division.
    VersionNeeded, RecordChanged
        Nothing says which version was seen, or it is another by now.
    RevisionUnknown
        It has no such revision.
    """
    row = get_division(session, code, vintage=vintage)
    policy.require(actor, Verb.RESTORE_DIVISION, division=row.code)
    present = queries.division_to_change(session, row.id)
    if present is None:
        raise DivisionUnknown(text=code)
    require_seen(seen, present.row.version)
    past = queries.past_of(session, row.id, number)
    say_why(session, why)
    for name, value in past.items():
        setattr(present.record, name, value)
    session.flush()
    return queries.row_with_id(session, row.id)


def resolve(session: ReadSession, text: str, *, vintage: int | None = None) -> DivisionRow:
    """The division that a person means by a code or by its exact name.

    Raises
    ------
    DivisionUnknown
        None has that code or name.
    DivisionAmbiguous
        Several have that name; the error lists their codes.
    """
    try:
        code = normalised(text)
    except DivisionCodeInvalid:
        found = queries.rows_called(session, text.strip(), vintage=vintage)
    else:
        found = queries.rows_with_code(session, code, vintage=vintage)[:1]
    if not found:
        raise DivisionUnknown(text=text)
    if len({row.code for row in found}) > 1:
        raise DivisionAmbiguous(
            text=text, candidates=", ".join(f"{row.code} {row.parent_name or ''}{row.name}" for row in found)
        )
    return found[0]


def path_of(session: ReadSession, code: str) -> Sequence[DivisionName]:
    """The divisions that a division lies in, from the province down; those that aren't registered are left out."""
    above = codes_above(code)
    found = names_of(session, above)
    return [found[each] for each in above if each in found]
