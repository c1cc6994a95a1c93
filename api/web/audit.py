"""`/admin/audit`: who did what, to be read and narrowed; `/admin/audit/{entry}`: what it said before and after."""

from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query
from pydantic import BeforeValidator
from starlette.requests import Request
from starlette.responses import Response

from api.deps import MAX_FID, CurrentActor, ReadDb, settings_of
from api.web.admin.frame import admin_page, asked_page, following, sign_in_first
from api.web.preferences import preferences_of
from geo_registry.accounts import service
from geo_registry.accounts.audit import EntryQuery
from geo_registry.accounts.policy import Verb
from geo_registry.accounts.recorded import RecordedTable, field_called, reason_beside, reason_called, table_called
from geo_registry.vocabulary import Operation, Way

MOST_SHOWN = 400
"""Characters of what a column said that a page shows; a long road's course is longer."""

UNCHOSEN = BeforeValidator(lambda written: written.strip() or None if isinstance(written, str) else written)
"""A form sends also what nobody chose, as nothing."""

router = APIRouter(include_in_schema=False)

Typed = Annotated[str, Query(max_length=60)]


@router.get("/admin/audit")
def audit_list(
    *,
    request: Request,
    db: ReadDb,
    actor: CurrentActor,
    who: Typed = "",
    verb: Annotated[Verb | None, UNCHOSEN, Query()] = None,
    table: Typed = "",
    record: Annotated[UUID | None, UNCHOSEN, Query()] = None,
    operation: Annotated[Operation | None, UNCHOSEN, Query()] = None,
    way: Annotated[Way | None, UNCHOSEN, Query()] = None,
    since: Annotated[date | None, UNCHOSEN, Query()] = None,
    until: Annotated[date | None, UNCHOSEN, Query()] = None,
    after: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Entries of the audit, the newest first, a page at a time."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    zone, locale = settings_of(request).zone, preferences_of(request).locale
    query = EntryQuery(
        actor=who.strip(),
        verb=verb.value if verb else "",
        table=table.strip(),
        record=record,
        operation=operation,
        way=way,
        since=_midnight(since, zone) if since else None,
        until=_midnight(until + timedelta(days=1), zone) if until else None,
    )
    found = service.read_audit(db, query, asked_page(after), actor=actor)
    return admin_page(
        request,
        "audit.html",
        rows=found.rows,
        following=following(found.next_after),
        asked={
            "who": who,
            "verb": verb or "",
            "table": table,
            "record": record or "",
            "operation": operation or "",
            "way": way or "",
            "since": since or "",
            "until": until or "",
            "after": after,
        },
        narrowed=query != EntryQuery(),
        verbs=[(each.value, each.label(locale)) for each in Verb],
        operations=[(each.value, each.label(locale)) for each in Operation],
        ways=[(each.value, each.label(locale)) for each in Way],
        tables=_tables(table.strip(), locale),
        called=_called(locale),
        table_called=table_called,
        reason_beside=reason_beside,
    )


@router.get("/admin/audit/{entry}")
def audit_entry(
    request: Request, db: ReadDb, actor: CurrentActor, entry: Annotated[int, Path(ge=1, le=MAX_FID)]
) -> Response:
    """One entry, with what its rows said before and after."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    told = service.read_entry(db, entry, actor=actor)
    return admin_page(
        request,
        "audit-entry.html",
        entry=told.entry,
        changes=told.changes,
        proven=told.proven,
        most=MOST_SHOWN,
        called=_called(preferences_of(request).locale),
        table_called=table_called,
        field_called=field_called,
        reason_called=reason_called,
    )


def _tables(asked: str, locale: str) -> list[tuple[str, str]]:
    """What entries can be narrowed to; an address may name another table as well, by its own name."""
    known = [(each.value, each.label(locale)) for each in RecordedTable]
    return known if not asked or asked in {key for key, _ in known} else [*known, (asked, asked)]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)


def _called(locale: str) -> dict[str, str]:
    """Verbs, ways and operations by their keys, as readers call them."""
    return {each.value: each.label(locale) for words in (Verb, Way, Operation) for each in words}
