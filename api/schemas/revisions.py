"""Revisions of records over the wire."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from geo_registry.db.revisions import Change, Revision


class ChangeOut(BaseModel):
    """A field that a revision changed."""

    field: Annotated[str, Field(examples=["name", "detail.beds"])]
    before: Annotated[object, Field(description="Null where it was empty, or wasn't there")]
    after: object

    @classmethod
    def of(cls, change: Change) -> Self:
        """A change as it is sent."""
        return cls(field=change.field, before=change.before, after=change.after)


class RevisionOut(BaseModel):
    """One time that a record was written."""

    number: Annotated[int, Field(description="From 1, the registration")]
    since: Annotated[datetime, Field(description="When the record became so")]
    by: Annotated[str | None, Field(description="Who wrote it; null for who isn't told, and where it isn't known")]
    why: Annotated[str | None, Field(description="The reason that was given, may be empty; null for who isn't told")]
    changes: list[ChangeOut]

    @classmethod
    def of(cls, revision: Revision) -> Self:
        """A revision as it is sent."""
        return cls(
            number=revision.number,
            since=revision.since,
            by=revision.by,
            why=revision.why,
            changes=[ChangeOut.of(each) for each in revision.changes],
        )
