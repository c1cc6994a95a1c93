"""`/api/v1/unnamed/…`: roads that have no name (乡村著名行动), found, decided on, carried to the field."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from api.deps import (
    BBoxParam,
    CurrentActor,
    LangParam,
    ListerDep,
    PageParam,
    ReadDb,
    WriteDb,
    base_url,
    does,
    settings_of,
)
from api.languages import locale_of, say_language
from api.once import HEADERS, MAY_REFUSE, Made, OnceDep
from api.problems import WHO_MAY, BodyTooLarge, MediaTypeRefused, answers
from api.schemas.cases import CaseToldOut
from api.schemas.names import OrderedOut
from api.schemas.shared import Items
from api.schemas.unnamed import (
    DecidedOut,
    DecisionsBody,
    DivisionProgressOut,
    LaneOut,
    LaneProgressOut,
    LanesOut,
    LaneToldOut,
    RefusalOut,
    SignsOut,
    WishOut,
)
from api.tags import TAGGED, VERSIONED, IfMatch, ShowerDep, etag
from geo_registry.accounts.policy import Verb
from geo_registry.errors import (
    BBoxInvalid,
    BodyMalformed,
    CaseElsewhere,
    CaseTooLarge,
    CursorInvalid,
    DatasetUnknown,
    DivisionCodeInvalid,
    DivisionUnknown,
    FontMissing,
    LaneSettled,
    LaneUnknown,
    LaneUnsound,
)
from geo_registry.exchange.lane_files import MEDIA_TYPES, FieldFormat, content_of
from geo_registry.unnamed import service
from geo_registry.unnamed.inputs import Batch, Decision, NewLanes, NewSearch, NewWish
from geo_registry.unnamed.queries import LaneQuery
from geo_registry.vocabulary import LaneStatus

router = APIRouter(prefix="/unnamed", tags=["names"])

LaneId = Annotated[UUID, Path(description="Its id")]
Division = Annotated[
    str | None,
    Query(description="Of this division (code, or its first digits) and below", max_length=12, examples=["330702001"]),
]
WRITING = (BodyMalformed, BodyTooLarge, MediaTypeRefused, LaneUnsound, *WHO_MAY)
MADE: Mapping[int | str, dict[str, Any]] = {201: {"headers": HEADERS}}


@router.get(
    "/lanes",
    summary="List roads without a name",
    responses=answers(CursorInvalid, BBoxInvalid, DivisionCodeInvalid, *WHO_MAY),
)
def list_lanes(
    *,
    request: Request,
    response: Response,
    db: ReadDb,
    page: PageParam,
    lister: ListerDep,
    actor: CurrentActor,
    bbox: BBoxParam,
    division: Division = None,
    status: Annotated[LaneStatus | None, Query(description="Only those that have come so far")] = None,
    name: Annotated[str | None, Query(description="Only those that this name is proposed for", max_length=100)] = None,
) -> Items[LaneOut]:
    """Lanes that no name covers, as the searches found them, as somebody drew them or had them in a file."""
    query = LaneQuery(division=division, status=status, bbox=bbox, name=name)
    found = service.list_lanes(db, query, page, actor=actor)
    locale = say_language(request, response)
    return Items(**lister.page(found, lambda row: LaneOut.row(row, locale=locale)))


@router.get(
    "/lanes/{lane}",
    summary="One road without a name",
    response_model=LaneToldOut,
    responses={**TAGGED, **answers(LaneUnknown, *WHO_MAY)},
)
def get_lane(
    db: ReadDb, lane: LaneId, actor: CurrentActor, request: Request, shower: ShowerDep
) -> LaneToldOut | Response:
    """A lane with names for it: from what lies around and from what people wish, those that no rule forbids first."""
    told = service.tell_lane(db, lane, actor=actor)
    locale = locale_of(request)
    return shower.show(told.lane.version, lambda: LaneToldOut.told(told, locale=locale), settled=False)


@router.post(
    "/lanes",
    summary="Add roads without a name",
    status_code=201,
    response_model=LanesOut,
    responses={**MADE, **answers(*WRITING, *MAY_REFUSE, DivisionUnknown, DivisionCodeInvalid, has_body=True)},
)
@does(Verb.ADD_LANES)
def add_lanes(db: WriteDb, once: OnceDep, new: NewLanes, actor: CurrentActor, request: Request) -> Response:
    """Add lanes that were drawn, or are in a file: a FeatureCollection of lines; each lies where its middle does."""
    locale = locale_of(request)

    def make() -> Made:
        added = service.add_lanes(db, new, actor=actor)
        location = f"{base_url(request)}/api/v1/unnamed/lanes/{added[0].id}"
        return Made(LanesOut(items=[LaneOut.row(row, locale=locale) for row in added]), location=location)

    return once.make(make, allow=lambda: service.require_adding(db, new, actor=actor))


@router.patch(
    "/lanes/{lane}",
    summary="Decide on a road without a name",
    responses={200: TAGGED[200], **answers(*WRITING, *VERSIONED, LaneUnknown, LaneSettled, has_body=True)},
)
@does(Verb.DECIDE_LANES)
def decide_lane(
    *,
    db: WriteDb,
    lane: LaneId,
    decision: Decision,
    seen: IfMatch,
    actor: CurrentActor,
    request: Request,
    response: Response,
) -> LaneOut:
    """Propose a name for it, drop it with the reason, or have it looked at anew. No name takes effect by that: a case does it."""
    row = service.decide_lane(db, lane, decision, seen=seen, actor=actor)
    response.headers["ETag"] = etag(row.version)
    return LaneOut.row(row, locale=locale_of(request))


@router.post(
    "/decisions",
    summary="Decide on many roads without a name",
    responses=answers(*WRITING, has_body=True),
)
@does(Verb.DECIDE_LANES)
def decide_lanes(db: WriteDb, body: DecisionsBody, actor: CurrentActor, request: Request) -> DecidedOut:
    """Decide on each, of the version that was seen: what can't be taken is told, the others are."""
    decided, refused = service.decide_lanes(db, body.decisions, actor=actor)
    locale = locale_of(request)
    return DecidedOut(
        decided=[LaneOut.row(row, locale=locale) for row in decided],
        refused=[RefusalOut.of(each, locale=locale) for each in refused],
    )


@router.post(
    "/searches",
    summary="Have roads without a name found",
    status_code=202,
    responses=answers(*WRITING, DivisionUnknown, DivisionCodeInvalid, DatasetUnknown, has_body=True),
)
@does(Verb.FIND_LANES)
def order_finding(db: WriteDb, search: NewSearch, actor: CurrentActor) -> OrderedOut:
    """Order a job that looks for lanes in a division; what people decided of those that were found before stays."""
    return OrderedOut(job=service.order_finding(db, search, actor=actor))


@router.post(
    "/batches",
    summary="File names of roads together",
    status_code=201,
    response_model=CaseToldOut,
    responses={
        **MADE,
        **answers(
            *WRITING,
            *MAY_REFUSE,
            DivisionUnknown,
            DivisionCodeInvalid,
            LaneUnknown,
            LaneUnsound,
            CaseElsewhere,
            CaseTooLarge,
            has_body=True,
        ),
    },
)
@does(Verb.OPEN_CASE)
def file_lanes(db: WriteDb, once: OnceDep, batch: Batch, actor: CurrentActor, request: Request) -> Response:
    """Open one case with the names that are proposed for lanes of a division; from then on they wait for its decision."""

    def make() -> Made:
        told = service.file_lanes(db, batch, actor=actor)
        location = f"{base_url(request)}/api/v1/cases/{told.case.id}"
        return Made(CaseToldOut.told(told), location=location)

    return once.make(make, allow=lambda: service.require_filing(db, batch, actor=actor))


@router.get("/progress", summary="How far divisions have come", responses=answers(DivisionCodeInvalid, *WHO_MAY))
def get_lane_progress(db: ReadDb, actor: CurrentActor, division: Division = None) -> LaneProgressOut:
    """Lanes and their length by village and town: found, proposed, filed, named."""
    return LaneProgressOut(
        items=[DivisionProgressOut.of(each) for each in service.progress_by_division(db, division, actor=actor)]
    )


@router.get("/signs", summary="List the signs that are planned", responses=answers(DivisionCodeInvalid, *WHO_MAY))
def list_signs(
    *, request: Request, response: Response, db: ReadDb, actor: CurrentActor, division: Division = None
) -> SignsOut:
    """Where signs are planned for roads that are filed or named: at their ends and junctions, one for 10 m, as GeoJSON."""
    locale = say_language(request, response)
    return SignsOut.of(service.list_signs(db, division, actor=actor), locale=locale)


@router.get("/wishes", summary="List wishes for names", responses=answers(CursorInvalid, DivisionCodeInvalid, *WHO_MAY))
def list_wishes(
    *, db: ReadDb, page: PageParam, lister: ListerDep, actor: CurrentActor, division: Division = None
) -> Items[WishOut]:
    """What people wish that lanes be called."""
    return Items(**lister.page(service.list_wishes(db, division, page, actor=actor), WishOut.of))


@router.post(
    "/wishes",
    summary="Enter a wish for a name",
    status_code=201,
    response_model=WishOut,
    responses={
        **MADE,
        **answers(*WRITING, *MAY_REFUSE, DivisionUnknown, DivisionCodeInvalid, LaneUnknown, has_body=True),
    },
)
@does(Verb.ADD_WISH)
def add_wish(db: WriteDb, once: OnceDep, new: NewWish, actor: CurrentActor, request: Request) -> Response:
    """Enter a name that people wish for a lane, or for some lane of their village; it is offered for it from then on."""
    location = f"{base_url(request)}/api/v1/unnamed/wishes"
    return once.make(
        lambda: Made(WishOut.of(service.add_wish(db, new, actor=actor)), location=location),
        allow=lambda: service.require_wishing(db, new, actor=actor),
    )


@router.get(
    "/table",
    summary="What a field team carries",
    response_class=Response,
    responses={
        200: {"content": {each: {} for each in MEDIA_TYPES.values()}},
        **answers(DivisionCodeInvalid, FontMissing, *WHO_MAY),
    },
)
def get_field_table(
    *,
    request: Request,
    db: ReadDb,
    actor: CurrentActor,
    division: Division = None,
    file: Annotated[
        FieldFormat, Query(alias="format", description="A workbook, a map with a list, or GeoJSON")
    ] = FieldFormat.XLSX,
    lang: LangParam = None,
) -> Response:
    """The lanes that aren't settled, with names for them: a page a village. The workbook comes back by /names/unnamed."""
    approval = settings_of(request).map_approval_number
    carried = service.carry(db, LaneQuery(division=division), actor=actor, approval=approval)
    locale = lang.value if lang is not None else locale_of(request)
    disposition = f'attachment; filename="unnamed-{division or "all"}.{file.value}"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(content_of(carried, file, locale), media_type=MEDIA_TYPES[file], headers=headers)
