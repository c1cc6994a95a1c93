"""`/api/v1/population`."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import BBoxParam, ListerDep, PageParam, ReadDb, ThenParam
from api.problems import answers
from api.schemas.population import DemandPointOut
from api.schemas.shared import Items
from geo_registry.coverage import queries
from geo_registry.errors import BBoxInvalid, CursorInvalid, DivisionCodeInvalid, MomentInvalid

router = APIRouter(prefix="/population", tags=["population"])


@router.get(
    "",
    summary="List demand points",
    responses=answers(CursorInvalid, BBoxInvalid, DivisionCodeInvalid, MomentInvalid),
)
def list_population(
    *,
    db: ReadDb,
    page: PageParam,
    lister: ListerDep,
    bbox: BBoxParam,
    dataset: Annotated[str | None, Query(description="Only this dataset (its key)", max_length=200)] = None,
    division: Annotated[
        str | None,
        Query(description="In this division (code, or its first digits) or below", max_length=12, examples=["330702"]),
    ] = None,
    then: ThenParam,
) -> Items[DemandPointOut]:
    """Where people are and how many of each group; every point says whom its source counts, and of which date."""
    at = then.at if then is not None else None
    found = queries.list_population(db, page, dataset_key=dataset, division=division, bbox=bbox, at=at)
    return Items(**lister.page(found, DemandPointOut.of))
