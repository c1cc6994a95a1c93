"""`/api/v1/facilities`."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.responses import JSONResponse

from api.deps import BBoxParam, ListerDep, PageParam, ReadDb
from api.problems import answers
from api.schemas.facilities import FacilityFeatureOut, FacilityOut
from api.schemas.shared import Items
from geo_registry.errors import (
    BBoxInvalid,
    CursorInvalid,
    DivisionCodeInvalid,
    FacilityUnknown,
    FilterFailed,
    FilterMistyped,
    FilterProperty,
    FilterSyntax,
    FilterUnsupported,
)
from geo_registry.facilities import service
from geo_registry.facilities.queries import FacilityQuery
from geo_registry.vocabulary import FacilityKind, FacilityStatus

router = APIRouter(prefix="/facilities", tags=["facilities"])


@router.get(
    "",
    summary="List facilities",
    responses=answers(
        CursorInvalid,
        BBoxInvalid,
        DivisionCodeInvalid,
        FilterSyntax,
        FilterProperty,
        FilterMistyped,
        FilterUnsupported,
        FilterFailed,
    ),
)
def list_facilities(
    *,
    db: ReadDb,
    page: PageParam,
    lister: ListerDep,
    bbox: BBoxParam,
    kind: Annotated[list[FacilityKind] | None, Query(description="Only these kinds; repeatable")] = None,
    status: Annotated[list[FacilityStatus] | None, Query(description="Only these; repeatable")] = None,
    division: Annotated[
        str | None,
        Query(description="In this division (code, or its first digits) or below", max_length=12, examples=["330702"]),
    ] = None,
    where: Annotated[
        str | None,
        Query(
            alias="filter",
            description="CQL2 text over the facilities' fields",
            max_length=4_000,
            examples=["nursing_beds > 0"],
        ),
    ] = None,
    on: Annotated[
        date | None,
        Query(alias="datetime", description="Those that stood on this date, as the registry knew them at its end"),
    ] = None,
) -> Items[FacilityOut]:
    """Facilities of every kind, by keyset in the order that they were registered."""
    query = FacilityQuery(
        kinds=tuple(kind or ()), statuses=tuple(status or ()), division=division, bbox=bbox, where=where, on=on
    )
    return Items(**lister.page(service.list_facilities(db, query, page), FacilityOut.of))


class GeoJsonResponse(JSONResponse):
    """JSON that says it is GeoJSON (RFC 7946)."""

    media_type = "application/geo+json"


@router.get(
    "/{facility}.geojson",
    summary="One facility as GeoJSON",
    response_class=GeoJsonResponse,
    responses=answers(FacilityUnknown),
)
def get_facility_geojson(db: ReadDb, facility: Annotated[UUID, Path(description="Its id")]) -> FacilityFeatureOut:
    """A facility by its id, as a feature that a GIS opens."""
    return FacilityFeatureOut.of(service.get_facility(db, facility))


@router.get("/{facility}", summary="One facility", responses=answers(FacilityUnknown))
def get_facility(db: ReadDb, facility: Annotated[UUID, Path(description="Its id")]) -> FacilityOut:
    """A facility by its id."""
    return FacilityOut.of(service.get_facility(db, facility))
