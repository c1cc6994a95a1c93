"""`/api/v1/divisions`."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.deps import BBoxParam, ListerDep, PageParam, ReadDb
from api.problems import answers
from api.schemas.divisions import DivisionOut
from api.schemas.shared import Items
from geo_registry.divisions import service
from geo_registry.divisions.queries import DivisionQuery
from geo_registry.errors import BBoxInvalid, CursorInvalid, DivisionCodeInvalid, DivisionUnknown
from geo_registry.vocabulary import DivisionLevel

router = APIRouter(prefix="/divisions", tags=["divisions"])


@router.get(
    "",
    summary="List divisions",
    responses=answers(CursorInvalid, BBoxInvalid, DivisionCodeInvalid),
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
    )
    return Items(**lister.page(service.list_divisions(db, query, page), DivisionOut.of))


@router.get("/{code}", summary="One division", responses=answers(DivisionCodeInvalid, DivisionUnknown))
def get_division(
    db: ReadDb,
    code: Annotated[str, Path(description="Twelve digits, or the first 2, 4, 6 or 9", examples=["330702"])],
    vintage: Annotated[int | None, Query(description="The year of the code list; else the newest")] = None,
) -> DivisionOut:
    """A division by its code."""
    return DivisionOut.of(service.get_division(db, code, vintage=vintage))
