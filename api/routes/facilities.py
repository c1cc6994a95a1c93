"""`/api/v1/facilities`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.deps import (
    MAX_FID,
    Asker,
    BBoxParam,
    CurrentActor,
    ListerDep,
    PageParam,
    ReadDb,
    ThenParam,
    WriteDb,
    base_url,
    does,
)
from api.once import HEADERS, MAY_REFUSE, Made, OnceDep
from api.problems import WHO_MAY, BodyTooLarge, MediaTypeRefused, answers
from api.schemas.facilities import FacilityFeatureOut, FacilityOut
from api.schemas.revisions import RevisionOut
from api.schemas.shared import Items
from api.tags import TAGGED, VERSIONED, IfMatch, ShowerDep, etag
from geo_registry.accounts.policy import Verb
from geo_registry.errors import (
    BBoxInvalid,
    BodyMalformed,
    CursorInvalid,
    DivisionCodeInvalid,
    DivisionUnknown,
    FacilityUnknown,
    FacilityUnsound,
    FilterFailed,
    FilterMistyped,
    FilterProperty,
    FilterSyntax,
    FilterUnsupported,
    MomentInvalid,
    NotRecordedThen,
    NotYourKind,
    RevisionUnknown,
)
from geo_registry.facilities import service
from geo_registry.facilities.inputs import FacilityChange, NewFacility, Restoration
from geo_registry.facilities.queries import FacilityQuery
from geo_registry.vocabulary import FacilityKind, FacilityStatus

router = APIRouter(prefix="/facilities", tags=["facilities"])

FacilityId = Annotated[UUID, Path(description="Its id")]

CHANGING = (
    BodyMalformed,
    BodyTooLarge,
    MediaTypeRefused,
    FacilityUnknown,
    FacilityUnsound,
    *VERSIONED,
    *WHO_MAY,
    NotYourKind,
)
"""What whoever changes a facility may be answered."""


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
        MomentInvalid,
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
    then: ThenParam,
) -> Items[FacilityOut]:
    """Facilities of every kind, by keyset in the order that they were registered.

    `datetime` with a moment lists what the registry held then; with a date, those that stood on it, as the registry
    knew them at its end, what it learnt later included.
    """
    on = then.day if then is not None else None
    query = FacilityQuery(
        kinds=tuple(kind or ()),
        statuses=tuple(status or ()),
        division=division,
        bbox=bbox,
        where=where,
        on=on,
        at=then.at if then is not None and on is None else None,
    )
    return Items(**lister.page(service.list_facilities(db, query, page), FacilityOut.of))


class GeoJsonResponse(JSONResponse):
    """JSON that says it is GeoJSON (RFC 7946)."""

    media_type = "application/geo+json"


@router.get(
    "/{facility}.geojson",
    summary="One facility as GeoJSON",
    response_class=GeoJsonResponse,
    response_model=FacilityFeatureOut,
    responses={**TAGGED, **answers(FacilityUnknown, MomentInvalid, NotRecordedThen)},
)
def get_facility_geojson(
    db: ReadDb, facility: FacilityId, then: ThenParam, shower: ShowerDep
) -> FacilityFeatureOut | Response:
    """A facility by its id, now or as the registry held it then, as a feature that a GIS opens."""
    row = service.get_facility(db, facility, at=then.at if then is not None else None)
    return shower.show(row.version, lambda: FacilityFeatureOut.of(row))


@router.get(
    "/{facility}",
    summary="One facility",
    response_model=FacilityOut,
    responses={**TAGGED, **answers(FacilityUnknown, MomentInvalid, NotRecordedThen)},
)
def get_facility(db: ReadDb, facility: FacilityId, then: ThenParam, shower: ShowerDep) -> FacilityOut | Response:
    """A facility by its id, now or as the registry held it then."""
    row = service.get_facility(db, facility, at=then.at if then is not None else None)
    return shower.show(row.version, lambda: FacilityOut.of(row))


@router.post(
    "",
    summary="Register a facility",
    status_code=201,
    response_model=FacilityOut,
    responses={
        201: {"headers": {**HEADERS, **TAGGED[200]["headers"]}},
        **answers(
            BodyMalformed,
            BodyTooLarge,
            MediaTypeRefused,
            DivisionCodeInvalid,
            DivisionUnknown,
            FacilityUnsound,
            *MAY_REFUSE,
            *WHO_MAY,
            NotYourKind,
            has_body=True,
        ),
    },
)
@does(Verb.REGISTER_FACILITY)
def register_facility(db: WriteDb, once: OnceDep, new: NewFacility, actor: CurrentActor, request: Request) -> Response:
    """Register a facility at a point. It belongs to the division that it stands in, or to the one that is given."""

    def make() -> Made:
        row = service.register_facility(db, new, actor=actor)
        location = f"{base_url(request)}/api/v1/facilities/{row.id}"
        return Made(FacilityOut.of(row), location=location, headers={"ETag": etag(row.version)})

    return once.make(make, allow=lambda: service.require_registering(db, new, actor=actor))


@router.patch(
    "/{facility}",
    summary="Change a facility",
    responses={200: TAGGED[200], **answers(*CHANGING, has_body=True)},
)
@does(Verb.CHANGE_FACILITY)
def change_facility(
    *,
    db: WriteDb,
    facility: FacilityId,
    change: FacilityChange,
    seen: IfMatch,
    actor: CurrentActor,
    response: Response,
) -> FacilityOut:
    """Change what is told of a facility. Members that aren't sent stay as they are; null empties a field (RFC 7396)."""
    row = service.change_facility(db, facility, change, seen=seen, actor=actor)
    response.headers["ETag"] = etag(row.version)
    return FacilityOut.of(row)


@router.get(
    "/{facility}/revisions",
    summary="A facility's revisions",
    responses=answers(CursorInvalid, FacilityUnknown),
)
def list_facility_revisions(
    db: ReadDb, facility: FacilityId, page: PageParam, lister: ListerDep, actor: Asker
) -> Items[RevisionOut]:
    """Every time that it was written, the newest first: when, what changed; by whom and why, for who may see that."""
    return Items(**lister.page(service.revisions_for(actor, db, facility, page), RevisionOut.of))


@router.post(
    "/{facility}/revisions/{number}/restore",
    summary="Restore a facility's older revision",
    responses={200: TAGGED[200], **answers(*CHANGING, RevisionUnknown, has_body=True)},
)
@does(Verb.RESTORE_FACILITY)
def restore_facility(
    *,
    db: WriteDb,
    facility: FacilityId,
    number: Annotated[int, Path(description="The revision that is to be the newest one", ge=1, le=MAX_FID)],
    restoration: Restoration,
    seen: IfMatch,
    actor: CurrentActor,
    response: Response,
) -> FacilityOut:
    """Make what an older revision says the newest one, as a new revision, by the rules of any change."""
    row = service.restore_facility(db, facility, number, seen=seen, why=restoration.why, actor=actor)
    response.headers["ETag"] = etag(row.version)
    return FacilityOut.of(row)
