"""`/facilities`: everything on the map as a list, to be narrowed, put in order and sent to somebody by its address."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import BeforeValidator
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.deps import ReadDb, decode_cursor, encode_cursor, settings_of
from api.web.plan import zone_choices
from api.web.preferences import preferences_of
from api.web.rendering import page
from api.web.words import KINDS_ON_MAPS, STATUS_TONES, MarkedKind
from geo_registry.db.paging import Listing, Page
from geo_registry.db.session import ReadSession
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import DivisionRow, names_of
from geo_registry.divisions.rules import codes_above, contains, home_code, prefix_of
from geo_registry.errors import SearchEmpty, SearchTooLong
from geo_registry.facilities import service
from geo_registry.facilities.queries import FacilityOrder, FacilityQuery, FacilityRow
from geo_registry.search.inputs import Question
from geo_registry.search.service import facilities_called
from geo_registry.vocabulary import FacilityKind, FacilityStatus, PositionQuality

ROWS = 50

EVERY = "every"
NOT_CLOSED = tuple(status for status in FacilityStatus if status is not FacilityStatus.CLOSED)
"""What is listed unless somebody asks otherwise, as in the numbers of the first page."""

UNCHOSEN = BeforeValidator(lambda written: written or None)
"""A form sends also what nobody chose, as nothing."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list."""

    facility: FacilityRow
    kind: MarkedKind
    where: str
    """The divisions that it stands in, below the registry's own."""
    status: FacilityStatus
    tone: str
    synthetic: bool


@router.get("/facilities")
def facility_list(
    *,
    request: Request,
    db: ReadDb,
    q: Annotated[str, Query(max_length=10_000)] = "",
    division: Annotated[str, Query(max_length=12)] = "",
    kind: Annotated[FacilityKind | None, UNCHOSEN] = None,
    status: Annotated[FacilityStatus | Literal["every"] | None, UNCHOSEN] = None,
    sort: Literal["name", "kind"] = "name",
    after: Annotated[str, Query(max_length=64)] = "",
    count: bool = False,
) -> HTMLResponse:
    """The facilities that are asked for, a page at a time."""
    own = home_code(settings_of(request).home_division)
    place = divisions.get_division(db, division) if division else None
    query = FacilityQuery(
        kinds=(kind,) if kind else (),
        statuses=_statuses(status),
        division=place.code if place is not None else None,
        order=FacilityOrder(sort),
    )
    refusal = None
    if q.strip():
        try:
            query = replace(query, among=facilities_called(Question.parse(q, limit=ROWS)))
        except (SearchEmpty, SearchTooLong) as error:
            refusal = error
    asked = Page(after=decode_cursor(after) if after else 0, limit=ROWS)
    found = Listing(rows=[], next_after=None) if refusal else service.list_facilities(db, query, asked)
    whole = found.next_after is None and not after and not refusal
    return page(
        request,
        "facilities.html",
        status=HTTPStatus.BAD_REQUEST if refusal else HTTPStatus.OK,
        rows=_listed(db, found.rows, own),
        following=encode_cursor(found.next_after) if found.next_after is not None else None,
        total=len(found.rows) if whole else service.count_facilities(db, query) if count and not refusal else None,
        refusal=refusal,
        asked={"q": q, "kind": kind or "", "status": status or "", "sort": sort, "after": after},
        place=place,
        prefix=prefix_of(place.code) if place is not None else "",
        path=divisions.path_of(db, place.code) if place is not None else [],
        zones=_zones(db, place),
        kinds=[(each.value, each.label(preferences_of(request).locale)) for each in FacilityKind],
        statuses=[(each.value, each.label(preferences_of(request).locale)) for each in FacilityStatus],
        every=EVERY,
        narrowed=bool(q.strip() or place or kind or status),
        data=None if query.among is not None else _data(query),
    )


def _statuses(asked: FacilityStatus | Literal["every"] | None) -> tuple[FacilityStatus, ...]:
    if isinstance(asked, FacilityStatus):
        return (asked,)
    return () if asked == EVERY else NOT_CLOSED


def _listed(db: ReadSession, rows: Sequence[FacilityRow], own: str) -> Sequence[Listed]:
    codes = {row.division_code for row in rows if row.division_code is not None}
    names = names_of(db, {each for code in codes for each in (*codes_above(code), code)})
    where = {
        code: " ".join(
            names[each].name
            for each in (*codes_above(code), code)
            if each in names and not (own and contains(each, own))
        )
        for code in codes
    }
    return [
        Listed(
            facility=row,
            kind=KINDS_ON_MAPS[row.kind],
            where=where.get(row.division_code or "", ""),
            status=FacilityStatus.of(row.status),
            tone=STATUS_TONES[row.status],
            synthetic=row.position_quality == PositionQuality.SYNTHETIC.value,
        )
        for row in rows
    ]


def _zones(db: ReadSession, place: DivisionRow | None) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """Counties with their townships to choose from; a division that isn't among them, but is asked for, comes first."""
    zones = zone_choices(db)
    if place is None or any(prefix_of(place.code) == code for _, inside in zones for code, _ in inside):
        return zones
    return [(place.name, [(prefix_of(place.code), place.name)]), *zones]


def _data(query: FacilityQuery) -> str:
    """The same facilities as the API lists them."""
    asked = [
        *(("kind", kind.value) for kind in query.kinds),
        *(("status", status.value) for status in query.statuses),
        *([("division", query.division)] if query.division else []),
    ]
    return f"/api/v1/facilities?{urlencode(asked)}"
