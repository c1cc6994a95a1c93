"""Versions of tables: what tells that something in them changed."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Base


class TableVersion(Base):
    """One slot of a table's version; all slots of the table together are its version.

    Every statement that writes to the table renews one slot, by trigger. A transaction takes a slot that no other one
    holds, so that writers don't wait for each other; a commit always changes what the slots say together.
    """

    __tablename__ = "table_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    table_name: Mapped[str] = mapped_column(index=True)
    version: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
