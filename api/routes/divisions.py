"""`/api/v1/divisions`, and `/api/v1/successions`: what became of them."""

from typing import Annotated
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
    does,
)
from api.once import HEADERS, MAY_REFUSE, Made, OnceDep
from api.problems import WHO_MAY, BodyTooLarge, MediaTypeRefused, answers
from api.schemas.divisions import DivisionOut
from api.schemas.revisions import RevisionOut
from api.schemas.shared import Items
from api.schemas.successions import LineageOut, SuccessionOut
from api.tags import TAGGED, VERSIONED, IfMatch, ShowerDep, etag, version_of
from geo_registry.accounts.policy import Verb
from geo_registry.divisions import service
from geo_registry.divisions.inputs import NewSuccession, SuccessionWithdrawal
from geo_registry.divisions.queries import DivisionQuery
from geo_registry.errors import (
    BBoxInvalid,
    BodyMalformed,
    CursorInvalid,
    DivisionCodeInvalid,
    DivisionUnknown,
    MomentInvalid,
    NotRecordedThen,
    NotYourKind,
    RevisionUnknown,
    SuccessionRecorded,
    SuccessionUnknown,
    SuccessionUnsound,
    SuccessionWithdrawn,
)
from geo_registry.facilities.inputs import Restoration
from geo_registry.vocabulary import DivisionLevel

router = APIRouter(prefix="/divisions", tags=["divisions"])
successions = APIRouter(prefix="/successions", tags=["divisions"])


@router.get(
    "",
    summary="List divisions",
    responses=answers(CursorInvalid, BBoxInvalid, DivisionCodeInvalid, MomentInvalid),
)
def list_divisions(
    *,
    db: ReadDb,
    page: PageParam,
    lister: ListerDep,
    bbox: BBoxParam,
    level: Annotated[DivisionLevel | None, Query(description="Only this level")] = None,
    parent: Annotated[
        str | None, Query(description="Only those directly below this division (code)", max_length=12)
    ] = None,
    within: Annotated[
        str | None,
        Query(description="This division (code, or its first digits) and all below", max_length=12, examples=["3307"]),
    ] = None,
    vintage: Annotated[int | None, Query(description="The year of the code list; else the newest")] = None,
    every_vintage: Annotated[bool, Query(description="All vintages side by side")] = False,
    name: Annotated[str | None, Query(description="Part of the name", min_length=1, max_length=100)] = None,
    geometry: Annotated[bool, Query(description="With areas or approximate points")] = True,
    then: ThenParam,
) -> Items[DivisionOut]:
    """Administrative divisions of five levels, by keyset in the order that they were registered."""
    query = DivisionQuery(
        level=level,
        parent=parent,
        within=within,
        vintage=vintage,
        every_vintage=every_vintage,
        name=name,
        bbox=bbox,
        with_geometry=geometry,
        at=then.at if then is not None else None,
    )
    return Items(**lister.page(service.list_divisions(db, query, page), DivisionOut.of))


Code = Annotated[str, Path(description="Twelve digits, or the first 2, 4, 6 or 9", examples=["330702"])]
Vintage = Annotated[int | None, Query(description="The year of the code list; else the newest")]


@router.get(
    "/{code}",
    summary="One division",
    response_model=DivisionOut,
    responses={**TAGGED, **answers(DivisionCodeInvalid, DivisionUnknown, MomentInvalid, NotRecordedThen)},
)
def get_division(
    *, db: ReadDb, code: Code, vintage: Vintage = None, then: ThenParam, shower: ShowerDep
) -> DivisionOut | Response:
    """A division by its code, now or as the registry held it then."""
    row = service.get_division(db, code, vintage=vintage, at=then.at if then is not None else None)
    return shower.show(row.version, lambda: DivisionOut.of(row))


@router.get(
    "/{code}/revisions",
    summary="A division's revisions",
    responses=answers(CursorInvalid, DivisionCodeInvalid, DivisionUnknown),
)
def list_division_revisions(
    *, db: ReadDb, code: Code, vintage: Vintage = None, page: PageParam, lister: ListerDep, actor: Asker
) -> Items[RevisionOut]:
    """Every time that it was written, the newest first: when, what changed; by whom and why, for who may see that."""
    found = service.revisions_for(actor, db, code, page, vintage=vintage)
    return Items(**lister.page(found, RevisionOut.of))


@router.post(
    "/{code}/revisions/{number}/restore",
    summary="Restore a division's older revision",
    responses={
        200: TAGGED[200],
        **answers(
            BodyMalformed,
            BodyTooLarge,
            MediaTypeRefused,
            DivisionCodeInvalid,
            DivisionUnknown,
            RevisionUnknown,
            *VERSIONED,
            *WHO_MAY,
            NotYourKind,
            has_body=True,
        ),
    },
)
@does(Verb.RESTORE_DIVISION)
def restore_division(
    *,
    db: WriteDb,
    code: Code,
    number: Annotated[int, Path(description="The revision that is to be the newest one", ge=1, le=MAX_FID)],
    vintage: Vintage = None,
    restoration: Restoration,
    seen: IfMatch,
    actor: CurrentActor,
    response: Response,
) -> DivisionOut:
    """Make what an older revision says of its name and its area the newest one, as a new revision."""
    row = service.restore_division(db, code, number, seen=seen, why=restoration.why, actor=actor, vintage=vintage)
    response.headers["ETag"] = etag(row.version)
    return DivisionOut.of(row)


@router.get(
    "/{code}/successions",
    summary="What a division came from and became",
    response_model=LineageOut,
    responses={**TAGGED, **answers(DivisionCodeInvalid, DivisionUnknown)},
)
def get_lineage(db: ReadDb, code: Code, shower: ShowerDep, vintage: Vintage = None) -> LineageOut | Response:
    """Every succession that leads to a division or on from it, over all vintages, and its present ones.

    Nothing is guessed: `fate` says whether what it became is certain, only supposed, several, or isn't recorded.
    """
    shown = LineageOut.of(service.lineage_of(db, code, vintage=vintage))
    return shower.show(version_of(shown), lambda: shown)


SuccessionId = Annotated[UUID, Path(description="Its id")]


@successions.get(
    "/{succession}",
    summary="One succession of divisions",
    response_model=SuccessionOut,
    responses={**TAGGED, **answers(SuccessionUnknown, MomentInvalid, NotRecordedThen)},
)
def get_succession(
    db: ReadDb, succession: SuccessionId, then: ThenParam, shower: ShowerDep
) -> SuccessionOut | Response:
    """What is recorded of two divisions, also where it was withdrawn; now or as the registry held it then."""
    found = service.get_succession(db, succession, at=then.at if then is not None else None)
    return shower.show(found.version, lambda: SuccessionOut.of_recorded(found))


@successions.get(
    "/{succession}/revisions",
    summary="A succession's revisions",
    responses=answers(CursorInvalid, SuccessionUnknown),
)
def list_succession_revisions(
    db: ReadDb, succession: SuccessionId, page: PageParam, lister: ListerDep, actor: Asker
) -> Items[RevisionOut]:
    """Every time that it was written, the newest first: when, what changed; by whom and why, for who may see that."""
    return Items(**lister.page(service.succession_revisions_for(actor, db, succession, page), RevisionOut.of))


@successions.post(
    "",
    summary="Record what became of a division",
    status_code=201,
    response_model=SuccessionOut,
    responses={
        201: {"headers": {**HEADERS, **TAGGED[200]["headers"]}},
        **answers(
            BodyMalformed,
            BodyTooLarge,
            MediaTypeRefused,
            DivisionCodeInvalid,
            DivisionUnknown,
            SuccessionUnsound,
            SuccessionRecorded,
            *MAY_REFUSE,
            *WHO_MAY,
            has_body=True,
        ),
    },
)
@does(Verb.RECORD_SUCCESSION)
def record_succession(
    db: WriteDb, once: OnceDep, new: NewSuccession, actor: CurrentActor, request: Request
) -> Response:
    """Record that a division became, or became part of, one of a later vintage, with its evidence and how sure it is."""

    def make() -> Made:
        found = service.record_succession(db, new, actor=actor)
        location = f"{base_url(request)}/api/v1/successions/{found.step.id}"
        return Made(SuccessionOut.of_recorded(found), location=location, headers={"ETag": etag(found.version)})

    return once.make(make, allow=lambda: service.require_recording(db, new, actor=actor))


@successions.post(
    "/{succession}/withdraw",
    summary="Withdraw what was recorded of a division",
    responses={
        200: TAGGED[200],
        **answers(
            BodyMalformed,
            BodyTooLarge,
            MediaTypeRefused,
            SuccessionUnknown,
            SuccessionWithdrawn,
            *VERSIONED,
            *WHO_MAY,
            has_body=True,
        ),
    },
)
@does(Verb.WITHDRAW_SUCCESSION)
def withdraw_succession(
    *,
    db: WriteDb,
    succession: SuccessionId,
    withdrawal: SuccessionWithdrawal,
    seen: IfMatch,
    actor: CurrentActor,
    response: Response,
) -> SuccessionOut:
    """Take back what was recorded: neither end tells of it any more; that it was recorded, and why not, is kept."""
    found = service.withdraw_succession(db, succession, seen=seen, why=withdrawal.why, actor=actor)
    response.headers["ETag"] = etag(found.version)
    return SuccessionOut.of_recorded(found)
