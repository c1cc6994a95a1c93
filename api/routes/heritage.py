"""`/api/v1/heritage`: names on protection lists (地名保护名录), and what is told of them (地名管理条例 art. 25)."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.deps import (
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
from api.once import HEADERS, MAY_REFUSE, Made, Once, OnceDep
from api.problems import WHO_MAY, BodyTooLarge, MediaTypeRefused, answers
from api.schemas.heritage import HeritageOut, HeritageToldOut
from api.schemas.revisions import RevisionOut
from api.schemas.shared import Items
from api.tags import TAGGED, VERSIONED, IfMatch, ShowerDep, etag
from geo_registry.accounts.policy import Verb
from geo_registry.errors import (
    AlreadyExists,
    BBoxInvalid,
    BodyMalformed,
    CursorInvalid,
    DivisionCodeInvalid,
    DivisionUnknown,
    HeritagePartUnknown,
    HeritageStands,
    HeritageUnknown,
    HeritageUnsound,
    MomentInvalid,
    NotRecordedThen,
    NotThereThen,
    PictureRefused,
    PlaceUnknown,
)
from geo_registry.facilities.inputs import Restoration
from geo_registry.heritage import service
from geo_registry.heritage.inputs import (
    Delisting,
    Enlistment,
    HeritageChange,
    NewEvidence,
    NewHeritage,
    NewMeasure,
    NewPicture,
    NewStory,
)
from geo_registry.heritage.queries import PUBLIC, HeritageQuery
from geo_registry.heritage.service import HeritageTold
from geo_registry.vocabulary import HeritageKind, HeritageLevel, HeritagePart, HeritageStatus

router = APIRouter(prefix="/heritage", tags=["places"])

HeritageId = Annotated[UUID, Path(description="Its id")]

WRITING = (BodyMalformed, BodyTooLarge, MediaTypeRefused, *WHO_MAY)
CHANGING = (*WRITING, *VERSIONED, HeritageUnknown, HeritageUnsound)
ADDING = (*WRITING, *MAY_REFUSE, HeritageUnknown)
OF_PLACES = (DivisionCodeInvalid, DivisionUnknown, PlaceUnknown)
MADE: Mapping[int | str, dict[str, Any]] = {201: {"headers": {**HEADERS, **TAGGED[200]["headers"]}}}


@router.get(
    "",
    summary="List heritage names",
    responses=answers(CursorInvalid, BBoxInvalid, DivisionCodeInvalid, MomentInvalid, *WHO_MAY),
)
def list_heritage(
    *,
    db: ReadDb,
    page: PageParam,
    lister: ListerDep,
    bbox: BBoxParam,
    actor: Asker,
    level: Annotated[list[HeritageLevel] | None, Query(description="On lists of these levels")] = None,
    kind: Annotated[list[HeritageKind] | None, Query(description="Of these kinds")] = None,
    status: Annotated[
        list[HeritageStatus] | None,
        Query(description="As they stand; left out, those that are listed. What is proposed the office sees alone"),
    ] = None,
    division: Annotated[
        str | None,
        Query(description="Of this division (code, or its first digits) or below", max_length=12, examples=["330702"]),
    ] = None,
    then: ThenParam,
) -> Items[HeritageOut]:
    """Names on protection lists, by keyset in the order that they were registered.

    `datetime` with a date lists those that were listed on it; with a moment, what the registry held then.
    """
    on, at = day_or_moment(then)
    query = HeritageQuery(
        levels=tuple(level or ()),
        kinds=tuple(kind or ()),
        statuses=tuple(status or PUBLIC),
        division=division,
        bbox=bbox,
        on=on,
        at=at,
    )
    return Items(**lister.page(service.list_heritage(actor, db, query, page), HeritageOut.of))


@router.get(
    "/{heritage}",
    summary="One heritage name",
    response_model=HeritageToldOut,
    responses={**TAGGED, **answers(HeritageUnknown, MomentInvalid, NotRecordedThen, NotThereThen)},
)
def get_heritage(
    db: ReadDb, heritage: HeritageId, then: ThenParam, actor: Asker, shower: ShowerDep
) -> HeritageToldOut | Response:
    """A name with its evidence, stories, pictures and measures, and which criteria of its kind it meets.

    `datetime` is read as in the list. Its tag is that of its own record.
    """
    on, at = day_or_moment(then)
    told = service.tell_heritage(actor, db, heritage, at=at, on=on)
    return shower.show(told.heritage.version, lambda: HeritageToldOut.told(told), settled=False)


@router.post(
    "",
    summary="Propose a heritage name",
    status_code=201,
    response_model=HeritageToldOut,
    responses={**MADE, **answers(*WRITING, *MAY_REFUSE, *OF_PLACES, HeritageUnsound, AlreadyExists, has_body=True)},
)
@does(Verb.PROPOSE_HERITAGE)
def propose_heritage(db: WriteDb, once: OnceDep, new: NewHeritage, actor: CurrentActor, request: Request) -> Response:
    """Propose a name for a protection list: one of a place's names, or of what is gone; a signer puts it on the list."""
    return _made(
        once,
        request,
        lambda: service.propose_heritage(db, new, actor=actor),
        lambda: service.require_proposing(db, new, actor=actor),
    )


@router.patch(
    "/{heritage}",
    summary="Correct a heritage name",
    responses={200: TAGGED[200], **answers(*CHANGING, AlreadyExists, has_body=True)},
)
@does(Verb.CHANGE_HERITAGE)
def change_heritage(
    *,
    db: WriteDb,
    heritage: HeritageId,
    change: HeritageChange,
    seen: IfMatch,
    actor: CurrentActor,
    response: Response,
) -> HeritageToldOut:
    """Correct what is told of it, with the reason; never its characters, nor how it stands."""
    return _shown(response, service.change_heritage(db, heritage, change, seen=seen, actor=actor))


@router.post(
    "/{heritage}/list",
    summary="Put a heritage name on its list",
    responses={200: TAGGED[200], **answers(*CHANGING, HeritageStands, AlreadyExists, has_body=True)},
)
@does(Verb.ENLIST_HERITAGE)
def enlist_heritage(
    *,
    db: WriteDb,
    heritage: HeritageId,
    enlistment: Enlistment,
    seen: IfMatch,
    actor: CurrentActor,
    response: Response,
) -> HeritageToldOut:
    """Put it on its list by a document; from then on a renaming needs protective measures first."""
    return _shown(response, service.enlist_heritage(db, heritage, enlistment, seen=seen, actor=actor))


@router.post(
    "/{heritage}/delist",
    summary="Take a heritage name off its list",
    responses={200: TAGGED[200], **answers(*CHANGING, HeritageStands, has_body=True)},
)
@does(Verb.DELIST_HERITAGE)
def delist_heritage(
    *,
    db: WriteDb,
    heritage: HeritageId,
    delisting: Delisting,
    seen: IfMatch,
    actor: CurrentActor,
    response: Response,
) -> HeritageToldOut:
    """Take it off its list, with the document and the reason; what is told of it stays."""
    return _shown(response, service.delist_heritage(db, heritage, delisting, seen=seen, actor=actor))


@router.post(
    "/{heritage}/evidence",
    summary="Add evidence of a heritage name",
    status_code=201,
    response_model=HeritageToldOut,
    responses={**MADE, **answers(*ADDING, has_body=True)},
)
@does(Verb.ADD_HERITAGE_EVIDENCE)
def add_heritage_evidence(
    *, db: WriteDb, once: OnceDep, heritage: HeritageId, new: NewEvidence, actor: CurrentActor, request: Request
) -> Response:
    """Tell what bears out what is told of it: what it is, its date, where it is kept, and which criteria it bears out."""
    return _made(
        once,
        request,
        lambda: service.add_evidence(db, heritage, new, actor=actor),
        lambda: service.require_adding_evidence(db, heritage, actor=actor),
    )


@router.post(
    "/{heritage}/stories",
    summary="Add a story of a heritage name",
    status_code=201,
    response_model=HeritageToldOut,
    responses={**MADE, **answers(*ADDING, has_body=True)},
)
@does(Verb.ADD_HERITAGE_STORY)
def add_heritage_story(
    *, db: WriteDb, once: OnceDep, heritage: HeritageId, new: NewStory, actor: CurrentActor, request: Request
) -> Response:
    """Tell a story of it, with its source."""
    return _made(
        once,
        request,
        lambda: service.add_story(db, heritage, new, actor=actor),
        lambda: service.require_adding_story(db, heritage, actor=actor),
    )


@router.post(
    "/{heritage}/pictures",
    summary="Add a picture of a heritage name",
    status_code=201,
    response_model=HeritageToldOut,
    responses={**MADE, **answers(*ADDING, PictureRefused, has_body=True)},
)
@does(Verb.ADD_HERITAGE_PICTURE)
def add_heritage_picture(
    *, db: WriteDb, once: OnceDep, heritage: HeritageId, new: NewPicture, actor: CurrentActor, request: Request
) -> Response:
    """Add a picture, with whose it is and by what right it is shown; where and by whom it was taken is cut out of its file."""
    return _made(
        once,
        request,
        lambda: service.add_picture(db, heritage, new, actor=actor),
        lambda: service.require_adding_picture(db, heritage, actor=actor),
    )


@router.post(
    "/{heritage}/measures",
    summary="Record a protective measure",
    status_code=201,
    response_model=HeritageToldOut,
    responses={**MADE, **answers(*ADDING, HeritageUnsound, has_body=True)},
)
@does(Verb.ADD_HERITAGE_MEASURE)
def add_heritage_measure(
    *, db: WriteDb, once: OnceDep, heritage: HeritageId, new: NewMeasure, actor: CurrentActor, request: Request
) -> Response:
    """Record a measure that was decided on; without one before a renaming a listed name isn't changed (art. 25)."""
    return _made(
        once,
        request,
        lambda: service.add_measure(db, heritage, new, actor=actor),
        lambda: service.require_adding_measure(db, heritage, actor=actor),
    )


@router.post(
    "/{heritage}/{part}/{item}/withdraw",
    summary="Withdraw something that was told of a heritage name",
    responses={200: TAGGED[200], **answers(*WRITING, HeritageUnknown, HeritagePartUnknown, has_body=True)},
)
@does(Verb.WITHDRAW_HERITAGE_PART)
def withdraw_heritage_part(
    *,
    db: WriteDb,
    heritage: HeritageId,
    part: Annotated[HeritagePart, Path(description="What it is")],
    item: Annotated[UUID, Path(description="Its own id")],
    withdrawal: Restoration,
    actor: CurrentActor,
    response: Response,
) -> HeritageToldOut:
    """Take back evidence, a story, a picture or a measure that was told by mistake, with the reason."""
    return _shown(response, service.withdraw_part(db, heritage, part, item, withdrawal.why, actor=actor))


@router.get(
    "/{heritage}/revisions",
    summary="A heritage name's revisions",
    responses=answers(CursorInvalid, HeritageUnknown),
)
def list_heritage_revisions(
    db: ReadDb, heritage: HeritageId, page: PageParam, lister: ListerDep, actor: Asker
) -> Items[RevisionOut]:
    """Every time that its record was written, the newest first: when, what changed; by whom and why, for who may see that."""
    return Items(**lister.page(service.revisions_for(actor, db, heritage, page), RevisionOut.of))


def _made(once: Once, request: Request, make: Callable[[], HeritageTold], allow: Callable[[], None]) -> Response:
    def made() -> Made:
        told = make()
        location = f"{base_url(request)}/api/v1/heritage/{told.heritage.id}"
        return Made(HeritageToldOut.told(told), location=location, headers={"ETag": etag(told.heritage.version)})

    return once.make(made, allow=allow)


def _shown(response: Response, told: HeritageTold) -> HeritageToldOut:
    response.headers["ETag"] = etag(told.heritage.version)
    return HeritageToldOut.told(told)
