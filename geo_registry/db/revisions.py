"""The versions of one record: every one that it had, what changed between them, and which one a writer has seen.

A record's first version is the one that was registered, and every statement that changed the row made another one, so
a revision's number is one more than the rows that the history twin holds from before it. Numbers follow the order of
writing, which a row's lock makes one; moments are those at which transactions began (ADR 0048).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Text, and_, case, func, literal, null, or_, select, union_all
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import aliased

from geo_registry.db.base import Base
from geo_registry.db.history import twin_of
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.session import ReadSession
from geo_registry.errors import RecordChanged, VersionNeeded

Model = TypeVar("Model", bound=Base)

LAST = 2**63 - 1
"""Where the present row stands among those of its twin: behind all of them."""

TAG_CHARACTERS = 32
"""Of a digest in hexadecimal: 128 bits, so that no two versions of a record are taken for one."""


@dataclass(frozen=True, slots=True)
class Versions(Generic[Model]):
    """Every version of one record, or of each of several, for a `select()`.

    Attributes
    ----------
    rows
        The versions, to be used in the model's place.
    number
        Of the revision that made it, from 1 for each record.
    since, until
        From when to when it was in force; `until` is null for the present one.
    by, why
        Who made it, and the reason that they gave; null where that wasn't kept.
    recorded_at
        When the record was registered.
    """

    rows: type[Model]
    number: ColumnElement[int]
    since: ColumnElement[datetime]
    until: ColumnElement[datetime]
    by: ColumnElement[str]
    why: ColumnElement[str]
    recorded_at: ColumnElement[datetime]

    def at(self, moment: datetime) -> ColumnElement[bool]:
        """Whether a version was in force at a moment, or is a later one: the first of those is the one of the moment."""
        return and_(or_(self.until.is_(None), self.until > moment), self.recorded_at <= moment)


def versions_of(model: type[Model], record: UUID, *, by: str = "id") -> Versions[Model]:
    """Every version of the record of that id; each is found by the index of its id.

    With another column for `by`, of every record that refers to `record` with it. Generated columns of replaced rows
    are empty.
    """
    table, twin = model.metadata.tables[model.__tablename__], twin_of(model)
    past = select(
        twin.c.history_id.cast(BigInteger).label("place"),
        twin.c.replaced_at.cast(TIMESTAMP(timezone=True)).label("until"),
        twin.c.replaced_by.cast(Text).label("ended_by"),
        twin.c.why.cast(Text).label("ended_why"),
        *[
            twin.c[column.name] if column.computed is None else null().cast(column.type).label(column.name)
            for column in table.columns
        ],
    ).where(twin.c[by] == record)
    present = select(
        literal(LAST, BigInteger).label("place"),
        null().cast(TIMESTAMP(timezone=True)).label("until"),
        null().cast(Text).label("ended_by"),
        null().cast(Text).label("ended_why"),
        *table.columns,
    ).where(table.c[by] == record)
    every = union_all(past, present).subquery("every")

    def before(column: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.lag(column).over(partition_by=every.c.id, order_by=every.c.place)

    def of_the_first(name: str) -> ColumnElement[Any]:
        return every.c[name] if name in every.c else null().cast(Text)

    is_first = before(every.c.place).is_(None)
    numbered = select(
        *every.c,
        func.row_number().over(partition_by=every.c.id, order_by=every.c.place).label("number"),
        case((is_first, every.c.recorded_at), else_=before(every.c.until)).label("since"),
        case((is_first, of_the_first("recorded_by")), else_=before(every.c.ended_by)).label("by"),
        case((is_first, of_the_first("recorded_why")), else_=before(every.c.ended_why)).label("reason"),
    ).subquery()
    return Versions(
        rows=aliased(model, numbered, adapt_on_names=True),
        number=numbered.c.number,
        since=numbered.c.since,
        until=numbered.c.until,
        by=numbered.c.by,
        why=numbered.c.reason,
        recorded_at=numbered.c.recorded_at,
    )


def revision_number(model: type[Model]) -> ColumnElement[int]:
    """The number of the present revision of a row of `model`, for a `select()` from it."""
    table, twin = model.metadata.tables[model.__tablename__], twin_of(model)
    # The twin has its table's name: as an alias it is told from it.
    replaced = twin.alias("replaced")
    count = select(func.count()).select_from(replaced).where(replaced.c.id == table.c.id)
    return count.correlate(table).scalar_subquery() + 1


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a revision changed, and its values before and after, as JSON has them."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision of a record: when and by whom it was made, why, and what it changed; the first one changed nothing.

    `by` is None where that wasn't kept, or who asks isn't told; `why` where who asks isn't told.
    """

    number: int
    since: datetime
    by: str | None
    why: str | None
    changes: Sequence[Change]


def without_author(revision: Revision) -> Revision:
    """A revision as everybody may see it: not who made it, nor why, which may name people too."""
    return replace(revision, by=None, why=None)


def as_revisions(
    rows: Sequence[Mapping[str, Any]], compared: Callable[[Mapping[str, Any]], Mapping[str, object]], limit: int
) -> Sequence[Revision]:
    """At most `limit` of the versions of a record as its revisions; the newest first, the next one after them too.

    Parameters
    ----------
    rows
        With `number`, `since`, `by` and `why`.
    compared
        What is compared of a version, as JSON has it.
    """
    return [
        Revision(
            number=row["number"],
            since=row["since"],
            by=row["by"],
            why=row["why"] or "",
            changes=changes_between(compared(before), compared(row)) if before is not None else (),
        )
        for row, before in zip(rows[:limit], [*rows[1:], None], strict=False)
    ]


def revisions_of_record(
    session: ReadSession,
    model: type[Base],
    record: UUID,
    names: Sequence[str],
    compared: Callable[[Mapping[str, Any]], Mapping[str, object]],
    *,
    after: int,
    limit: int,
) -> Sequence[Revision]:
    """At most `limit` revisions of a record by its own columns of those `names`, the newest first.

    `after` counts downwards, 0 begins; `compared` as `as_revisions` has it.
    """
    versions = versions_of(model, record)
    question = (
        select(
            *[getattr(versions.rows, name) for name in names],
            versions.number.label("number"),
            versions.since,
            versions.by,
            versions.why.label("why"),
        )
        .order_by(versions.number.desc())
        .limit(limit + 1)
    )
    if after:
        question = question.where(versions.number < after)
    return as_revisions([dict(row) for row in session.execute(question).mappings()], compared, limit)


def page_of(revisions: Sequence[Revision], page: Page) -> Listing[Revision]:
    """One page of all the revisions of a record, which begin with the newest; `page.after` counts downwards, 0 begins."""
    rest = [each for each in revisions if not page.after or each.number < page.after]
    return listing(rest[: page.limit + 1], page, lambda each: each.number)


def changes_between(before: Mapping[str, object], after: Mapping[str, object]) -> Sequence[Change]:
    """The fields whose values differ, in the order of `after`; a field that one of the two lacks is null there."""
    fields = [*after, *(field for field in before if field not in after)]
    return [
        Change(field, before.get(field), after.get(field)) for field in fields if before.get(field) != after.get(field)
    ]


def version_of(record: UUID, *shown: object) -> str:
    """A word for a version of a record: another one for another record, and whenever something of `shown` differs."""
    return digest_of("\x1f".join([record.hex, *(repr(each) for each in shown)]))


def digest_of(said: str) -> str:
    """The word that stands for all that a version says."""
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:TAG_CHARACTERS]


@dataclass(frozen=True, slots=True)
class Seen:
    """The versions of a record that whoever writes has seen; None for whichever it is."""

    versions: frozenset[str] | None


WHICHEVER = Seen(None)
"""Of who writes whatever the record is by now: it has to be said."""


def require_seen(seen: Seen | None, version: str) -> None:
    """Raise unless the writer has seen the version that a record, locked by now, is of.

    Raises
    ------
    VersionNeeded
        Nothing says which version was seen.
    RecordChanged
        It is another one.
    """
    if seen is None:
        raise VersionNeeded
    if seen.versions is not None and version not in seen.versions:
        raise RecordChanged(version=version)
