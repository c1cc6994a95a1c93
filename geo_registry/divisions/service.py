"""What can be asked of the divisions."""

from collections.abc import Sequence

from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.session import ReadSession
from geo_registry.divisions import queries
from geo_registry.divisions.queries import DivisionName, DivisionQuery, DivisionRow, names_of
from geo_registry.divisions.rules import codes_above, normalised
from geo_registry.errors import DivisionAmbiguous, DivisionCodeInvalid, DivisionUnknown


def list_divisions(session: ReadSession, query: DivisionQuery, page: Page) -> Listing[DivisionRow]:
    """One page of the divisions that are asked for, in the order that they were registered.

    Raises
    ------
    DivisionCodeInvalid
        `within` or `parent` isn't a code.
    """
    rows = queries.rows_matching(session, query, after=page.after, limit=page.limit + 1)
    return listing(rows, page, lambda row: row.fid)


def get_division(session: ReadSession, code: str, *, vintage: int | None = None) -> DivisionRow:
    """The division of a code (twelve digits or its first), of `vintage` or its newest.

    Raises
    ------
    DivisionCodeInvalid
        It isn't a code.
    DivisionUnknown
        None is registered.
    """
    found = queries.rows_with_code(session, normalised(code), vintage=vintage)
    if not found:
        raise DivisionUnknown(text=code if vintage is None else f"{code} ({vintage})")
    return found[0]


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
