"""The audit over the wire."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from geo_registry.accounts.audit import Change, EntryRow, FieldChange, Told
from geo_registry.vocabulary import Operation, Way


class AuditEntryOut(BaseModel):
    """What one statement wrote to one table, or that somebody read what is private."""

    id: int
    at: Annotated[datetime, Field(description="When its transaction began")]
    actor: Annotated[str, Field(description="A login name, or who acts without an account")]
    address: Annotated[str, Field(description="Where it was asked from; empty at the machine itself")]
    way: Way | None
    why: str | None
    verb: Annotated[str | None, Field(description="As docs/access.md calls it, where it is known")]
    operation: Operation
    table: str
    rows: int
    records: Annotated[list[UUID] | None, Field(description="The ids of the rows, where they are at most a hundred")]
    before: Annotated[str | None, Field(description="SHA-256 of what the rows said before, hexadecimal")]
    after: Annotated[str | None, Field(description="And after")]
    sealed: Annotated[int | None, Field(description="Its place in the chain; null for a moment after it was written")]

    @classmethod
    def of(cls, row: EntryRow) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            at=row.at,
            actor=row.actor,
            address=row.address,
            way=Way.of(row.way) if row.way is not None else None,
            why=row.why,
            verb=row.verb,
            operation=Operation.of(row.operation),
            table=row.table_name,
            rows=row.rows,
            records=list(row.records) if row.records is not None else None,
            before=row.before.hex() if row.before is not None else None,
            after=row.after.hex() if row.after is not None else None,
            sealed=row.sealed,
        )


class FieldChangeOut(BaseModel):
    """What a column said before and after."""

    column: str
    before: str | None
    after: str | None
    hidden: Annotated[bool, Field(description="It is personal: that it changed is told, not what it said")]

    @classmethod
    def of(cls, change: FieldChange) -> Self:
        """A change as it is sent."""
        return cls(column=change.column, before=change.before, after=change.after, hidden=change.hidden)


class RecordChangeOut(BaseModel):
    """What became of one record."""

    record: UUID
    fields: list[FieldChangeOut]

    @classmethod
    def of(cls, change: Change) -> Self:
        """A change as it is sent."""
        return cls(record=change.record, fields=[FieldChangeOut.of(each) for each in change.fields])


class AuditEntryToldOut(AuditEntryOut):
    """An entry with what its rows said before and after."""

    changes: list[RecordChangeOut] = []
    proven: Annotated[
        bool | None,
        Field(
            description="Whether the rows give the digests that were written; null where there is nothing to compare"
        ),
    ] = None

    @classmethod
    def told(cls, told: Told) -> Self:
        """An entry as it is sent."""
        whole = cls.of(told.entry)
        whole.changes = [RecordChangeOut.of(each) for each in told.changes]
        whole.proven = told.proven
        return whole
