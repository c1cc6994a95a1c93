"""`/api/v1/divisions`."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api.deps import MAX_FID, Asker, BBoxParam, CurrentActor, ListerDep, PageParam, ReadDb, ThenParam, WriteDb, does
from api.problems import WHO_MAY, BodyTooLarge, MediaTypeRefused, answers
from api.schemas.divisions import DivisionOut
from api.schemas.revisions import RevisionOut
from api.schemas.shared import Items
from api.tags import TAGGED, VERSIONED, IfMatch, ShowerDep, etag
from geo_registry.accounts.policy import Verb
from geo_registry.divisions import service
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
)
from geo_registry.facilities.inputs import Restoration
from geo_registry.vocabulary import DivisionLevel

router = APIRouter(prefix="/divisions", tags=["divisions"])


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
