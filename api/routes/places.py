"""`/api/v1/places`: places with their names, extents and relations, through time."""

from collections.abc import Mapping
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
from api.once import HEADERS, MAY_REFUSE, Made, OnceDep
from api.problems import WHO_MAY, BodyTooLarge, MediaTypeRefused, answers
from api.schemas.places import ExtentOut, PlaceNameOut, PlaceOut, PlaceToldOut, RelationOut
from api.schemas.revisions import RevisionOut
from api.schemas.shared import Items
from api.tags import TAGGED, VERSIONED, IfMatch, ShowerDep, etag, version_of
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service as cases
from geo_registry.errors import (
    AlreadyExists,
    BBoxInvalid,
    BodyMalformed,
    ByCaseAlone,
    CursorInvalid,
    DivisionCodeInvalid,
    DivisionUnknown,
    MomentInvalid,
    NotRecordedThen,
    NotThereThen,
    PeriodsOverlap,
    PlaceExtentUnknown,
    PlaceNameUnknown,
    PlaceRelationUnknown,
    PlaceUnknown,
    PlaceUnsound,
    SpellingInvalid,
)
from geo_registry.places import service
from geo_registry.places.inputs import (
    ExtentTold,
    NameCorrection,
    NameTold,
    NewPlace,
    NewRelation,
    PlaceCorrection,
    PlaceWithdrawal,
)
from geo_registry.places.queries import PlaceQuery
from geo_registry.vocabulary import PlaceClass, PlaceState

router = APIRouter(prefix="/places", tags=["places"])

PlaceId = Annotated[UUID, Path(description="Its id")]
ExtentId = Annotated[UUID, Path(description="The extent's id")]
NameId = Annotated[UUID, Path(description="The name's id")]

WRITING = (BodyMalformed, BodyTooLarge, MediaTypeRefused, PlaceUnknown, PlaceUnsound, *WHO_MAY)
"""What whoever writes of a place may be answered."""
MAKING = (*WRITING, *MAY_REFUSE)
"""What whoever adds to it may be answered."""
MADE: Mapping[int | str, dict[str, Any]] = {201: {"headers": {**HEADERS, **TAGGED[200]["headers"]}}}


@router.get(
    "", summary="List places", responses=answers(CursorInvalid, BBoxInvalid, DivisionCodeInvalid, MomentInvalid)
)
def list_places(
    *,
    db: ReadDb,
    page: PageParam,
    lister: ListerDep,
    bbox: BBoxParam,
    of_class: Annotated[
        list[PlaceClass] | None, Query(alias="class", description="Only these classes; repeatable")
    ] = None,
    state: Annotated[list[PlaceState] | None, Query(description="Only these; repeatable")] = None,
    division: Annotated[
        str | None,
        Query(description="In this division (code, or its first digits) or below", max_length=12, examples=["330702"]),
    ] = None,
    name: Annotated[
        str | None, Query(description="Exactly one of its names, of whatever kind and period", max_length=100)
    ] = None,
    dataset: Annotated[
        UUID | None, Query(description="Those that were taken over with this dataset, by its id")
    ] = None,
    then: ThenParam,
) -> Items[PlaceOut]:
    """Places of every class, by keyset in the order that they were registered.

    `datetime` with a date lists the places that were there on it, by what the registry knows now: under the name that
    each bore, where it reached then. What isn't known of that day is said in `unknown_then`; divisions, states and
    details are those of now. With a moment, what the registry held then.
    """
    on, at = day_or_moment(then)
    query = PlaceQuery(
        classes=tuple(of_class or ()),
        states=tuple(state or ()),
        division=division,
        bbox=bbox,
        name=name,
        on=on,
        at=at,
        dataset=dataset,
    )
    return Items(**lister.page(service.list_places(db, query, page), PlaceOut.of))


@router.get(
    "/{place}",
    summary="One place",
    response_model=PlaceToldOut,
    responses={**TAGGED, **answers(PlaceUnknown, MomentInvalid, NotRecordedThen, NotThereThen)},
)
def get_place(db: ReadDb, place: PlaceId, then: ThenParam, shower: ShowerDep) -> PlaceToldOut | Response:
    """A place with all its names, extents and relations, each with its period.

    `datetime` is read as in the list: with a date the place is told under the name that it bore on it, where it reached
    then; with a moment, as the registry held it then.

    Its tag is that of its own record, which `PATCH` asks for; names have tags of their own.
    """
    on, at = day_or_moment(then)
    told = service.tell_place(db, place, at=at, on=on)
    return shower.show(told.place.version, lambda: PlaceToldOut.told(told), settled=False)


@router.post(
    "",
    summary="Register a place that exists",
    status_code=201,
    response_model=PlaceToldOut,
    responses={**MADE, **answers(*MAKING, DivisionCodeInvalid, DivisionUnknown, SpellingInvalid, has_body=True)},
)
@does(Verb.REGISTER_PLACE)
def register_place(db: WriteDb, once: OnceDep, new: NewPlace, actor: CurrentActor, request: Request) -> Response:
    """Take over a place that exists, with its standard name and its others. New names are decided on in cases.

    A case says that it was taken over, decided on by nobody knows whom; what is known is told at `/api/v1/cases/taken-over`.
    """

    def make() -> Made:
        told = cases.register_place(db, new, actor=actor)
        location = f"{base_url(request)}/api/v1/places/{told.place.id}"
        return Made(PlaceToldOut.told(told), location=location, headers={"ETag": etag(told.place.version)})

    return once.make(make, allow=lambda: service.require_registering(db, new, actor=actor))


@router.patch(
    "/{place}",
    summary="Correct a place",
    responses={200: TAGGED[200], **answers(*WRITING, *VERSIONED, DivisionCodeInvalid, DivisionUnknown, has_body=True)},
)
@does(Verb.CORRECT_PLACE)
def correct_place(
    *, db: WriteDb, place: PlaceId, change: PlaceCorrection, seen: IfMatch, actor: CurrentActor, response: Response
) -> PlaceOut:
    """Correct its division, its national code or its details, with the reason; a detail that is null is taken out."""
    row = service.correct_place(db, place, change, seen=seen, actor=actor)
    response.headers["ETag"] = etag(row.version)
    return PlaceOut.of(row)


@router.get("/{place}/revisions", summary="A place's revisions", responses=answers(CursorInvalid, PlaceUnknown))
def list_place_revisions(
    db: ReadDb, place: PlaceId, page: PageParam, lister: ListerDep, actor: Asker
) -> Items[RevisionOut]:
    """Every time that its record was written, the newest first: when, what changed; by whom and why, for who may see that."""
    return Items(**lister.page(service.revisions_for(actor, db, place, page), RevisionOut.of))


@router.post(
    "/{place}/names",
    summary="Add a name to a place",
    status_code=201,
    response_model=PlaceNameOut,
    responses={**MADE, **answers(*MAKING, PeriodsOverlap, SpellingInvalid, has_body=True)},
)
@does(Verb.ADD_PLACE_NAME)
def add_place_name(
    *, db: WriteDb, once: OnceDep, place: PlaceId, new: NameTold, actor: CurrentActor, request: Request
) -> Response:
    """Add a former name, an alias, a short or dialect name, or a standard name of the past with its period; with the reason."""

    def make() -> Made:
        row = service.add_name(db, place, new, actor=actor, why=new.why)
        location = f"{base_url(request)}/api/v1/places/{place}/names/{row.id}"
        return Made(PlaceNameOut.of(row), location=location, headers={"ETag": etag(row.version)})

    return once.make(make, allow=lambda: service.require_adding(db, place, actor=actor))


@router.get(
    "/{place}/names/{name}",
    summary="One name of a place",
    response_model=PlaceNameOut,
    responses={**TAGGED, **answers(PlaceUnknown, PlaceNameUnknown, MomentInvalid, NotRecordedThen)},
)
def get_place_name(
    db: ReadDb, place: PlaceId, name: NameId, then: ThenParam, shower: ShowerDep
) -> PlaceNameOut | Response:
    """A name of a place by its id, now or as the registry held it then."""
    row = service.get_name(db, place, name, at=then.at if then is not None else None)
    shown = PlaceNameOut.of(row)
    return shower.show(row.version if then is None else version_of(shown), lambda: shown)


@router.get(
    "/{place}/names/{name}/revisions",
    summary="A name's revisions",
    responses=answers(CursorInvalid, PlaceUnknown, PlaceNameUnknown),
)
def list_place_name_revisions(
    *, db: ReadDb, place: PlaceId, name: NameId, page: PageParam, lister: ListerDep, actor: Asker
) -> Items[RevisionOut]:
    """Every time that it was written, the newest first: when, what changed; by whom and why, for who may see that."""
    return Items(**lister.page(service.name_revisions_for(actor, db, place, name, page), RevisionOut.of))


@router.patch(
    "/{place}/names/{name}",
    summary="Correct a name of a place",
    responses={
        200: TAGGED[200],
        **answers(*WRITING, *VERSIONED, PlaceNameUnknown, ByCaseAlone, PeriodsOverlap, SpellingInvalid, has_body=True),
    },
)
@does(Verb.CORRECT_PLACE)
def correct_place_name(
    *,
    db: WriteDb,
    place: PlaceId,
    name: NameId,
    change: NameCorrection,
    seen: IfMatch,
    actor: CurrentActor,
    response: Response,
) -> PlaceNameOut:
    """Correct its romanisation, meaning, origin, source or period, with the reason; never its characters.

    The period of a standard name that was decided on, and the end of the one in force, a case decides on.
    `withdrawn` takes back what was told by mistake, and false has it again; by its id it can still be read. A name that
    was decided on, that is in force or is the only standard one isn't taken back.
    """
    row = service.correct_name(db, place, name, change, seen=seen, actor=actor)
    response.headers["ETag"] = etag(row.version)
    return PlaceNameOut.of(row)


@router.post(
    "/{place}/extents",
    summary="Say how far a place reached",
    status_code=201,
    response_model=ExtentOut,
    responses={**MADE, **answers(*MAKING, ByCaseAlone, PeriodsOverlap, has_body=True)},
)
@does(Verb.CORRECT_PLACE)
def set_place_extent(
    *, db: WriteDb, once: OnceDep, place: PlaceId, new: ExtentTold, actor: CurrentActor, request: Request
) -> Response:
    """Say how far it reached in a period, with the reason; the extent that was in force before ends when this one begins.

    With the beginning of the one in force it corrects that one. Where the name was decided on, another extent is an
    adjustment, which a case decides on. It lies in the place's division. What is told of a place of the demonstration stays marked as an example.
    """

    def make() -> Made:
        made = ExtentOut.of(service.set_extent(db, place, new, actor=actor))
        location = f"{base_url(request)}/api/v1/places/{place}"
        return Made(made, location=location, headers={"ETag": etag(version_of(made))})

    return once.make(make, allow=lambda: service.require_correcting(db, place, actor=actor))


@router.post(
    "/{place}/extents/{extent}/withdraw",
    summary="Take back how far a place was said to reach",
    status_code=204,
    responses=answers(*WRITING, PlaceExtentUnknown, has_body=True),
)
@does(Verb.CORRECT_PLACE)
def withdraw_place_extent(
    *, db: WriteDb, place: PlaceId, extent: ExtentId, withdrawal: PlaceWithdrawal, actor: CurrentActor
) -> None:
    """Take it back, with the reason; the extent that it ended holds on, and that it was said stays in the history."""
    service.withdraw_extent(db, place, extent, withdrawal.why, actor=actor)


@router.post(
    "/{place}/extents/{extent}/restore",
    summary="Have an extent again that was taken back",
    responses=answers(*WRITING, PlaceExtentUnknown, PeriodsOverlap, has_body=True),
)
@does(Verb.CORRECT_PLACE)
def restore_place_extent(
    *, db: WriteDb, place: PlaceId, extent: ExtentId, restoration: PlaceWithdrawal, actor: CurrentActor
) -> ExtentOut:
    """Have it again, with the reason, as if it were told now."""
    return ExtentOut.of(service.restore_extent(db, place, extent, restoration.why, actor=actor))


@router.post(
    "/{place}/relations",
    summary="Say what a place is to another",
    status_code=201,
    response_model=RelationOut,
    responses={**MADE, **answers(*MAKING, AlreadyExists, has_body=True)},
)
@does(Verb.RELATE_PLACES)
def relate_places(
    *, db: WriteDb, once: OnceDep, place: PlaceId, new: NewRelation, actor: CurrentActor, request: Request
) -> Response:
    """Say that it replaces another, was merged or split from it, is part of it or named after it, with the evidence."""

    def make() -> Made:
        made = RelationOut.of(service.relate_places(db, place, new, actor=actor))
        location = f"{base_url(request)}/api/v1/places/{place}"
        return Made(made, location=location, headers={"ETag": etag(version_of(made))})

    return once.make(make, allow=lambda: service.require_relating(db, place, actor=actor))


@router.post(
    "/{place}/relations/{relation}/withdraw",
    summary="Take back what was said of two places",
    status_code=204,
    responses=answers(*WRITING, PlaceRelationUnknown, has_body=True),
)
@does(Verb.RELATE_PLACES)
def withdraw_place_relation(
    *,
    db: WriteDb,
    place: PlaceId,
    relation: Annotated[UUID, Path(description="The relation's id")],
    withdrawal: PlaceWithdrawal,
    actor: CurrentActor,
) -> None:
    """Take it back, with the reason; that it was said stays in the history."""
    service.withdraw_relation(db, place, relation, withdrawal.why, actor=actor)
