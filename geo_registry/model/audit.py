"""Who did what, when, from where and why: entries that are only added to, and the seals that chain them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Base, one_of
from geo_registry.vocabulary import Operation, Way


class AuditEntry(Base):
    """What one statement wrote to one table, that somebody read what is private, or was refused who tried to sign in.

    `transaction` is PostgreSQL's number of it. `records` are the ids of the rows where they are at most a hundred, in
    order; then `before` and `after` are digests of all that these rows said, empty for rows that weren't there and for
    what is secret. The rows themselves stand in the history twin and in the table.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint(one_of("operation", Operation), name="operation_known"),
        CheckConstraint(one_of("way", Way), name="way_known"),
        Index("ix_audit_entry_actor_id", "actor", "id"),
        Index("ix_audit_entry_at", "at", postgresql_using="brin"),
        Index("ix_audit_entry_records", "records", postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    transaction: Mapped[int] = mapped_column(index=True)
    actor: Mapped[str]
    address: Mapped[str]
    way: Mapped[str | None]
    why: Mapped[str | None]
    verb: Mapped[str | None]
    operation: Mapped[str]
    table_name: Mapped[str]
    rows: Mapped[int]
    records: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    before: Mapped[bytes | None] = mapped_column(LargeBinary)
    after: Mapped[bytes | None] = mapped_column(LargeBinary)


class AuditSeal(Base):
    """An entry's place in the chain: `digest` is of the digest before it and of all that the entry says.

    Every entry of a transaction older than `horizon` had its seal by then.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (CheckConstraint("octet_length(digest) = 32", name="digest_whole"),)

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    horizon: Mapped[int]
