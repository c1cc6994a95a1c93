"""`/api/v1/built-up-areas`: within what names of streets, and of estates, are told apart (地名管理条例 art. 9)."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

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
    day_or_moment,
    does,
)
from api.once import HEADERS, MAY_REFUSE, Made, OnceDep
from api.problems import WHO_MAY, BodyTooLarge, MediaTypeRefused, answers
from api.schemas.built_up import AreaOut, AreaToldOut
from api.schemas.revisions import RevisionOut
from api.schemas.shared import Items
from api.tags import TAGGED, VERSIONED, IfMatch, ShowerDep, etag
from geo_registry.accounts.policy import Verb
from geo_registry.built_up import service
from geo_registry.built_up.inputs import AreaChange, AreaEnd, NewArea
from geo_registry.built_up.queries import AreaQuery
from geo_registry.errors import (
    AlreadyExists,
    BBoxInvalid,
    BodyMalformed,
    BuiltUpAreaUnknown,
    BuiltUpAreaUnsound,
    CursorInvalid,
    DivisionCodeInvalid,
    DivisionUnknown,
    MomentInvalid,
    NotRecordedThen,
    NotThereThen,
    RevisionUnknown,
)
from geo_registry.facilities.inputs import Restoration

router = APIRouter(prefix="/built-up-areas", tags=["places"])

AreaId = Annotated[UUID, Path(description="Its id")]

WRITING = (BodyMalformed, BodyTooLarge, MediaTypeRefused, BuiltUpAreaUnsound, *WHO_MAY)
CHANGING = (*WRITING, *VERSIONED, BuiltUpAreaUnknown)
OF_DIVISIONS = (DivisionCodeInvalid, DivisionUnknown)
MADE: Mapping[int | str, dict[str, Any]] = {201: {"headers": {**HEADERS, **TAGGED[200]["headers"]}}}


@router.get(
    "",
    summary="List built-up areas",
    responses=answers(CursorInvalid, BBoxInvalid, DivisionCodeInvalid, MomentInvalid),
)
def list_built_up_areas(
    *,
    db: ReadDb,
    page: PageParam,
    lister: ListerDep,
    bbox: BBoxParam,
    division: Annotated[
        str | None,
        Query(description="Of this division (code, or its first digits) or below", max_length=12, examples=["330702"]),
    ] = None,
    in_force: Annotated[
        bool | None, Query(description="Only those that the rules read, or only those that have ended; left out, both")
    ] = None,
    then: ThenParam,
) -> Items[AreaOut]:
    """Built-up areas by keyset in the order that they were registered.

    `datetime` with a date lists those that there were on it, as far as they reached then; with a moment, what the registry
    held then.
    """
    on, at = day_or_moment(then)
    query = AreaQuery(division=division, bbox=bbox, in_force=in_force, on=on, at=at)
    return Items(**lister.page(service.list_areas(db, query, page), AreaOut.row))


@router.get(
    "/{area}",
    summary="One built-up area",
    response_model=AreaToldOut,
    responses={**TAGGED, **answers(BuiltUpAreaUnknown, MomentInvalid, NotRecordedThen, NotThereThen)},
)
def get_built_up_area(db: ReadDb, area: AreaId, then: ThenParam, shower: ShowerDep) -> AreaToldOut | Response:
    """A built-up area with its earlier extents, and what a person looks at of it: overlaps, and what lies beyond its division.

    `datetime` is read as in the list. Its tag is that of its own record.
    """
    on, at = day_or_moment(then)
    told = service.tell_area(db, area, at=at, on=on)
    return shower.show(told.area.version, lambda: AreaToldOut.told(told), settled=False)


@router.post(
    "",
    summary="Register a built-up area",
    status_code=201,
    response_model=AreaToldOut,
    responses={**MADE, **answers(*WRITING, *MAY_REFUSE, *OF_DIVISIONS, AlreadyExists, has_body=True)},
)
@does(Verb.REGISTER_AREA)
def register_built_up_area(db: WriteDb, once: OnceDep, new: NewArea, actor: CurrentActor, request: Request) -> Response:
    """Register an area, drawn as a polygon or made of divisions; from now on the names in it are told apart within it."""

    def make() -> Made:
        told = service.register_area(db, new, actor=actor)
        location = f"{base_url(request)}/api/v1/built-up-areas/{told.area.id}"
        return Made(AreaToldOut.told(told), location=location, headers={"ETag": etag(told.area.version)})

    return once.make(make, allow=lambda: service.require_registering(db, new, actor=actor))


@router.patch(
    "/{area}",
    summary="Change a built-up area",
    responses={200: TAGGED[200], **answers(*CHANGING, *OF_DIVISIONS, has_body=True)},
)
@does(Verb.CHANGE_AREA)
def change_built_up_area(
    *, db: WriteDb, area: AreaId, change: AreaChange, seen: IfMatch, actor: CurrentActor, response: Response
) -> AreaToldOut:
    """Correct what is told of it; or, with `since`, have it reach otherwise from that day on, which keeps what was before."""
    return _shown(response, service.change_area(db, area, change, seen=seen, actor=actor))


@router.post(
    "/{area}/end",
    summary="End a built-up area",
    responses={200: TAGGED[200], **answers(*CHANGING, has_body=True)},
)
@does(Verb.END_AREA)
def end_built_up_area(
    *, db: WriteDb, area: AreaId, end: AreaEnd, seen: IfMatch, actor: CurrentActor, response: Response
) -> AreaToldOut:
    """End it on a day, with the reason; what it was stays, and restoring an older revision has it again."""
    return _shown(response, service.end_area(db, area, end, seen=seen, actor=actor))


@router.get(
    "/{area}/revisions",
    summary="A built-up area's revisions",
    responses=answers(CursorInvalid, BuiltUpAreaUnknown),
)
def list_built_up_area_revisions(
    db: ReadDb, area: AreaId, page: PageParam, lister: ListerDep, actor: Asker
) -> Items[RevisionOut]:
    """Every time that its record was written, the newest first: when, what changed; by whom and why, for who may see that."""
    return Items(**lister.page(service.revisions_for(actor, db, area, page), RevisionOut.of))


@router.post(
    "/{area}/revisions/{number}/restore",
    summary="Restore a built-up area's older revision",
    responses={200: TAGGED[200], **answers(*CHANGING, RevisionUnknown, has_body=True)},
)
@does(Verb.RESTORE_AREA)
def restore_built_up_area(
    *,
    db: WriteDb,
    area: AreaId,
    number: Annotated[int, Path(description="The revision that is to be the newest one", ge=1, le=MAX_FID)],
    restoration: Restoration,
    seen: IfMatch,
    actor: CurrentActor,
    response: Response,
) -> AreaToldOut:
    """Make what an older revision says the newest one, as a new revision; growing and ending are undone by that."""
    return _shown(response, service.restore_area(db, area, number, seen=seen, why=restoration.why, actor=actor))


def _shown(response: Response, told: service.AreaTold) -> AreaToldOut:
    response.headers["ETag"] = etag(told.area.version)
    return AreaToldOut.told(told)
