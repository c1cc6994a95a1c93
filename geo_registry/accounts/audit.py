"""Reading the audit: who did what, and what the rows said before and after (ADR 0043).

An entry holds digests; the rows themselves stand once, in the table and in its history twin. So what is shown of them
can be held against what was written at the time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Table,
    Text,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from geo_registry.db.base import Base
from geo_registry.db.history import twin_of
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.session import ReadSession
from geo_registry.errors import AuditEntryUnknown
from geo_registry.model import AuditEntry, AuditSeal, FacilityContact
from geo_registry.vocabulary import Operation, Way

PERSONAL: Mapping[str, frozenset[str]] = {
    FacilityContact.__tablename__: frozenset({"person", "post", "phone", "digest_key"})
}
"""Columns that the audit shows to nobody, by table: who may see them sees them where they belong."""

WROTE_NOTHING = frozenset({Operation.READ.value, Operation.REFUSE.value})
"""Operations after which rows say what they said before."""

MOST_STEPS = 10
"""Changes of one record in one transaction that are told apart."""


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """Which entries are asked for; what is None or empty doesn't matter."""

    actor: str = ""
    verb: str = ""
    table: str = ""
    record: UUID | None = None
    """Beside `table` it also finds entries of more rows than an entry names."""
    operation: Operation | None = None
    way: Way | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Up to, and without, this moment."""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry as it is listed; `sealed` is its place in the chain, None for so long as it has none."""

    id: int
    at: datetime
    actor: str
    address: str
    way: str | None
    why: str | None
    verb: str | None
    operation: str
    table_name: str
    rows: int
    records: Sequence[UUID] | None
    transaction: int
    before: bytes | None
    after: bytes | None
    sealed: int | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What a column said before and after, as text; None where it said nothing."""

    column: str
    before: str | None
    after: str | None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one record."""

    record: UUID
    fields: Sequence[FieldChange]


@dataclass(frozen=True, slots=True)
class Told:
    """An entry with what its rows said.

    `proven` says whether that is what was written: False where the rows give other digests than the entry holds, None
    where there is nothing to compare (many rows, what is secret, what was erased, a read, a refusal).
    """

    entry: EntryRow
    changes: Sequence[Change]
    proven: bool | None


def entries(session: ReadSession, query: EntryQuery, page: Page) -> Listing[EntryRow]:
    """Entries, the newest first; `page.after` counts downwards, 0 begins."""
    question = _rows().where(*_asked(query)).order_by(AuditEntry.id.desc()).limit(page.limit + 1)
    if page.after:
        question = question.where(AuditEntry.id < page.after)
    return listing([_row(found) for found in session.execute(question)], page, lambda row: row.id)


def told(session: ReadSession, entry: int) -> Told:
    """One entry, with what its rows said before and after.

    Raises
    ------
    AuditEntryUnknown
        There is none of that number.
    """
    found = session.execute(_rows().where(AuditEntry.id == entry)).one_or_none()
    if found is None:
        raise AuditEntryUnknown(entry=entry)
    row = _row(found)
    if not row.records or row.operation in WROTE_NOTHING or row.table_name not in _twins():
        return Told(entry=row, changes=(), proven=None)
    before, after = _versions(session, row)
    return Told(entry=row, changes=_changes(row, before, after), proven=_proven(row, before, after))


@dataclass(frozen=True, slots=True)
class _Version:
    """What a row said: as its digest takes it, and column by column."""

    said: str
    columns: Mapping[str, str | None]


_Versions = Mapping[UUID, _Version]


def _rows() -> Any:
    seal = select(AuditSeal.position).where(AuditSeal.entry_id == AuditEntry.id).scalar_subquery().label("sealed")
    return select(*AuditEntry.__table__.columns, seal)


def _row(found: Row[Any]) -> EntryRow:
    return EntryRow(**found._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def _asked(query: EntryQuery) -> list[ColumnElement[bool]]:
    given: list[ColumnElement[bool]] = []
    if query.actor:
        given.append(AuditEntry.actor == query.actor)
    if query.verb:
        given.append(AuditEntry.verb == query.verb)
    if query.table:
        given.append(AuditEntry.table_name == query.table)
    if query.operation is not None:
        given.append(AuditEntry.operation == query.operation.value)
    if query.way is not None:
        given.append(AuditEntry.way == query.way.value)
    if query.since is not None:
        given.append(AuditEntry.at >= query.since)
    if query.until is not None:
        given.append(AuditEntry.at < query.until)
    if query.record is not None:
        given.append(_concerns(query.record, query.table))
    return given


def _concerns(record: UUID, table: str) -> ColumnElement[bool]:
    """Whether an entry is about a record: it names it, or wrote many rows of its table when the record was written."""
    named = AuditEntry.records.contains([record])
    if table not in _twins():
        return named
    live, twin = _tables(table)
    moments = union_all(
        select(live.c.recorded_at).where(live.c.id == record), select(twin.c.replaced_at).where(twin.c.id == record)
    )
    return or_(named, and_(AuditEntry.records.is_(None), AuditEntry.at.in_(moments)))


@cache
def _twins() -> Mapping[str, type[Base]]:
    """The models whose history is whole, by their tables: what has a `recorded_at` and isn't a run."""
    models = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    return {
        name: model
        for name, model in models.items()
        if "recorded_at" in model.__table__.columns and not name.endswith("_run")
    }


def _tables(table: str) -> tuple[Table, Table]:
    model = _twins()[table]
    return model.metadata.tables[table], twin_of(model)


def _kept(of: FromClause, live: Table) -> list[ColumnElement[Any]]:
    """The columns that are told, in the order in which a digest takes them."""
    return [of.c[column.name] for column in sorted(live.columns, key=lambda each: each.name) if column.computed is None]


def _told(of: FromClause, live: Table) -> list[ColumnElement[Any]]:
    """A row as its digest takes it (`install_audit`), then its columns as text, a place as coordinates."""
    kept = _kept(of, live)
    parts = [literal(f"{column.name}=").concat(func.quote_literal(cast(column, Text))) for column in kept]
    shown = [
        (func.ST_AsText(column, 7) if isinstance(column.type, Geometry) else cast(column, Text)).label(
            f"said_{column.name}"
        )
        for column in kept
    ]
    return [of.c.id, func.concat_ws(func.chr(31), *parts).label("said"), *shown]


def _versions(session: ReadSession, entry: EntryRow) -> tuple[_Versions, _Versions]:
    """What the entry's rows said before it and after it, as far as it is still there."""
    live, twin = _tables(entry.table_name)
    ids = list(entry.records or ())
    step = func.row_number().over(partition_by=twin.c.id, order_by=twin.c.history_id).label("step")
    since = (
        select(step, twin.c.replaced_at, *_told(twin, live))
        .where(twin.c.id.in_(ids), twin.c.replaced_at >= entry.at)
        .subquery()
    )
    old: dict[UUID, list[Row[Any]]] = {each: [] for each in ids}
    for row in session.execute(select(since).where(since.c.step <= MOST_STEPS).order_by(since.c.step)):
        old[row.id].append(row)
    now = {row.id: row for row in session.execute(select(*_told(live, live)).where(live.c.id.in_(ids)))}
    before, after = {}, {}
    for record in ids:
        states = [*old[record], *([now[record]] if record in now else [])]
        at = 0 if entry.operation == Operation.INSERT.value else _step(session, entry, record)
        if entry.operation != Operation.INSERT.value and at < len(old[record]):
            before[record] = _version(states[at], live)
            at += 1
        if entry.operation != Operation.DELETE.value and at < len(states):
            after[record] = _version(states[at], live)
    return before, after


def _step(session: ReadSession, entry: EntryRow, record: UUID) -> int:
    """The how many-th change of a record in its transaction an entry is."""
    earlier = select(func.count()).where(
        AuditEntry.transaction == entry.transaction,
        AuditEntry.at == entry.at,
        AuditEntry.table_name == entry.table_name,
        AuditEntry.operation.in_([Operation.UPDATE.value, Operation.DELETE.value]),
        AuditEntry.records.contains([record]),
        AuditEntry.id < entry.id,
    )
    return session.scalar(earlier) or 0


def _version(row: Row[Any], live: Table) -> _Version:
    columns = {column.name: getattr(row, f"said_{column.name}") for column in _kept(live, live)}
    return _Version(said=row.said, columns=columns)


def _changes(entry: EntryRow, before: _Versions, after: _Versions) -> Sequence[Change]:
    hidden = PERSONAL.get(entry.table_name, frozenset())
    return [
        Change(record=record, fields=_fields(before.get(record), after.get(record), hidden))
        for record in entry.records or ()
    ]


def _fields(before: _Version | None, after: _Version | None, hidden: frozenset[str]) -> Sequence[FieldChange]:
    was = before.columns if before is not None else {}
    became = after.columns if after is not None else {}
    return [
        FieldChange(
            column=column,
            before=None if column in hidden else was.get(column),
            after=None if column in hidden else became.get(column),
            hidden=column in hidden,
        )
        for column in (was or became)
        if was.get(column) != became.get(column)
    ]


def _proven(entry: EntryRow, before: _Versions, after: _Versions) -> bool | None:
    pairs = [(held, found) for held, found in ((entry.before, before), (entry.after, after)) if held is not None]
    if not pairs or any(len(found) < entry.rows for _, found in pairs):
        return None
    return all(held == _digest(found) for held, found in pairs)


def _digest(versions: _Versions) -> bytes:
    return sha256(
        "\n".join(versions[record].said for record in sorted(versions, key=lambda each: each.int)).encode()
    ).digest()
