"""The declarative base: naming of constraints, and the columns that every business table shares."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Identity, MetaData, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from geo_registry.vocabulary import Word

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table of the registry is declared on."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: TIMESTAMP(timezone=True),
        UUID: Uuid,
        # None is SQL's NULL, not JSON's null: constraints ask for the former.
        dict[str, object]: JSONB(none_as_null=True),
        dict[str, float]: JSONB(none_as_null=True),
        int: BigInteger,
    }


class Identified:
    """The two ids of a record (ADR 0006).

    `id` is global, made by the server or by an offline client and never reused; `fid` counts up and serves
    keyset paging and vector-tile feature ids. `recorded_at` is when the registry first knew of the record;
    what it said before a later change stands in the table's history twin.
    """

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    fid: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.transaction_timestamp())


WHO = text("coalesce(nullif(current_setting('geo.actor', true), ''), session_user::text)")
WHY = text("nullif(current_setting('geo.why', true), '')")


class Attributed:
    """Who registered a record, and why; who changed it since stands in its history twin.

    Both are empty for what was registered before this was kept.
    """

    recorded_by: Mapped[str | None] = mapped_column(server_default=WHO)
    recorded_why: Mapped[str | None] = mapped_column(server_default=WHY)


def one_of(column: str, words: Iterable[Word]) -> str:
    """The body of a CHECK that `column` holds a word of the vocabulary."""
    keys = ", ".join(f"'{word.value}'" for word in words)
    return f"{column} IN ({keys})"
