"""What can be asked of the facilities."""

from uuid import UUID

from sqlalchemy.exc import DataError

from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.session import ReadSession
from geo_registry.errors import FacilityUnknown, FilterFailed
from geo_registry.facilities import queries
from geo_registry.facilities.queries import FacilityQuery, FacilityRow


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
