"""`/api/v1/audit`: who did what, when, from where and why."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api.deps import MAX_FID, CurrentActor, ListerDep, PageParam, ReadDb
from api.problems import WHO_MAY, answers
from api.schemas.audit import AuditEntryOut, AuditEntryToldOut
from api.schemas.shared import Items
from api.tags import TAGGED, ShowerDep, version_of
from geo_registry.accounts import service
from geo_registry.accounts.audit import EntryQuery
from geo_registry.errors import AuditEntryUnknown, CursorInvalid
from geo_registry.vocabulary import Operation, Way

router = APIRouter(prefix="/audit", tags=["audit"])


@router.get("", summary="List entries of the audit", responses=answers(CursorInvalid, *WHO_MAY))
def read_audit(
    *,
    db: ReadDb,
    actor: CurrentActor,
    page: PageParam,
    lister: ListerDep,
    who: Annotated[str, Query(description="Only what this login name did", max_length=60)] = "",
    verb: Annotated[str, Query(description="Only this verb (docs/access.md)", max_length=60)] = "",
    table: Annotated[str, Query(description="Only entries about this table", max_length=60)] = "",
    record: Annotated[UUID | None, Query(description="Only entries about the record with this id")] = None,
    operation: Annotated[Operation | None, Query(description="Only these")] = None,
    way: Annotated[Way | None, Query(description="Only by this way")] = None,
    since: Annotated[datetime | None, Query(description="From this moment on")] = None,
    until: Annotated[datetime | None, Query(description="Before this moment")] = None,
) -> Items[AuditEntryOut]:
    """What was written, and who read what is private: the newest first."""
    query = EntryQuery(
        actor=who, verb=verb, table=table, record=record, operation=operation, way=way, since=since, until=until
    )
    return Items(**lister.page(service.read_audit(db, query, page, actor=actor), AuditEntryOut.of))


@router.get(
    "/{entry}",
    summary="One entry of the audit",
    response_model=AuditEntryToldOut,
    responses={**TAGGED, **answers(AuditEntryUnknown, *WHO_MAY)},
)
def read_entry(
    db: ReadDb,
    actor: CurrentActor,
    entry: Annotated[int, Path(ge=1, le=MAX_FID, description="Its number")],
    shower: ShowerDep,
) -> AuditEntryToldOut | Response:
    """An entry with what its rows said before and after, held against the digests that were written then."""
    shown = AuditEntryToldOut.told(service.read_entry(db, entry, actor=actor))
    return shower.show(version_of(shown), lambda: shown)
