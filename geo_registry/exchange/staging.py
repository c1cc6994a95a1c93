"""The SQL of an import: rows wait in a temporary table, are settled there set by set, and only changes are written."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    FromClause,
    Index,
    MetaData,
    SmallInteger,
    Table,
    Text,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine, UserDefinedType

from geo_registry.db.copying import Value, copy_rows
from geo_registry.db.session import WriteSession
from geo_registry.exchange.problems import Problem, ProblemCode
from geo_registry.places.periods import Dated, columns_of

WAITING, REFUSED, COLLAPSED = 0, 1, 2
"""What becomes of a staged row: it will be written, it was refused, it is the same as an earlier one."""


class StagedGeometry(UserDefinedType[str]):
    """A geometry of any type, handed through untouched: GeoAlchemy's type would wrap it in conversions."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The column's type."""
        return "geometry"


def staged_table(name: str, columns: Mapping[str, TypeEngine[Any]]) -> Table:
    """A temporary table for rows on their way, with the row's number, its state, and `columns`."""
    return Table(
        name,
        MetaData(),
        Column("number", BigInteger, nullable=False),
        Column("state", SmallInteger, nullable=False, server_default=text(str(WAITING))),
        *[Column(column, kind) for column, kind in columns.items()],
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )


PROBLEMS = Table(
    "import_problem",
    MetaData(),
    Column("number", BigInteger, nullable=False),
    Column("column_name", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
"""What was found wrong, on disk like the rows: a million problems need no more memory than one."""


def staged_date(when: Dated | None) -> tuple[str | None, str]:
    """A date as it is staged: the day in ISO's form, and how exactly it is known."""
    day, precision = columns_of(when)
    return (day.isoformat() if day is not None else None, precision)


def create(session: WriteSession, *tables: Table) -> None:
    """Make the temporary tables anew."""
    for table in tables:
        session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{table.name}"))
        table.create(session.connection())


def copy(session: WriteSession, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Stream rows into a temporary table."""
    copy_rows(session, table.name, columns, rows)


def copy_problems(session: WriteSession, problems: Iterable[Problem]) -> None:
    """Put problems aside for the report."""
    rows = (
        (one.row, one.column, storable(one.value), one.code.value, json.dumps(one.details, ensure_ascii=False))
        for one in problems
    )
    copy_rows(session, PROBLEMS.name, [column.name for column in PROBLEMS.columns], rows)


def storable(value: str) -> str:
    """A text as a report can quote it: what a database can't hold is shown by a mark."""
    return value.replace("\x00", "␀").encode("utf-8", "replace").decode("utf-8")


def prepare(session: WriteSession, staged: Table, keys: Sequence[str]) -> None:
    """Ready the staged rows for what follows: an index on their keys, and statistics.

    The index isn't for speed but against disaster: the planner thinks that a dataset which is being filled for the
    first time is nearly empty, and without one would read all staged rows for each of its rows.
    """
    Index(f"ix_{staged.name}", *[staged.c[key] for key in keys]).create(session.connection())
    session.execute(text(f"ANALYZE pg_temp.{staged.name}"))


def count_states(session: WriteSession, staged: Table) -> Counter[int]:
    """How many staged rows are in each state."""
    question = select(staged.c.state, func.count().label("found")).group_by(staged.c.state)
    return Counter({row.state: row.found for row in session.execute(question)})


def tell(
    session: WriteSession,
    rows: FromClause,
    code: ProblemCode,
    *,
    number: ColumnElement[int],
    column: str = "",
    value: ColumnElement[str] | None = None,
    details: ColumnElement[Any] | None = None,
    where: ColumnElement[bool] | None = None,
) -> None:
    """Note a problem for every row of `rows` that fulfils `where`."""
    question = select(
        number,
        literal(column, Text),
        cast(func.coalesce(value, "") if value is not None else literal(""), Text),
        literal(code.value, Text),
        details if details is not None else cast(literal("{}"), JSONB),
    ).select_from(rows)
    if where is not None:
        question = question.where(where)
    session.execute(insert(PROBLEMS).from_select([column.name for column in PROBLEMS.columns], question))


def collapse(session: WriteSession, staged: Table, keys: Sequence[str], content: Sequence[str], *, warn: bool) -> None:
    """Of rows with the same key the first stays: identical ones collapse into it, others are refused.

    Parameters
    ----------
    keys, content
        The columns that identify a row, and those that must agree.
    warn
        Whether a collapsed row is worth a warning.
    """
    repeated = select(staged.c[keys[0]]).group_by(*[staged.c[key] for key in keys]).having(func.count() > 1)
    if session.execute(repeated.limit(1)).first() is None:
        return
    ranked = select(
        staged.c.number,
        *[staged.c[key] for key in keys],
        func.first_value(staged.c.number)
        .over(partition_by=[staged.c[key] for key in keys], order_by=staged.c.number)
        .label("first"),
        func.row_number().over(partition_by=[staged.c[key] for key in keys], order_by=staged.c.number).label("place"),
    ).where(staged.c.state == WAITING)
    duplicates = ranked.subquery("ranked")
    first = staged.alias("first_row")
    same = and_(*[staged.c[name].is_not_distinct_from(first.c[name]) for name in content])
    later = and_(
        duplicates.c.place > 1,
        staged.c.number == duplicates.c.number,
        first.c.number == duplicates.c.first,
        *[staged.c[key] == duplicates.c[key] for key in keys],
        *[first.c[key] == duplicates.c[key] for key in keys],
    )
    session.execute(update(staged).where(later).values(state=case((same, COLLAPSED), else_=REFUSED)))
    # The states are set; what is told follows from them.
    again = (
        select(staged.c.number, staged.c.state, func.min(first.c.number).label("first"))
        .select_from(staged)
        .join(first, and_(first.c.state == WAITING, *[staged.c[key] == first.c[key] for key in keys]))
        .where(staged.c.state != WAITING)
        .group_by(staged.c.number, staged.c.state)
        .subquery("again")
    )
    details = func.jsonb_build_object("first", cast(again.c.first, Text))
    tell(
        session, again, ProblemCode.CONFLICTING, number=again.c.number, details=details, where=again.c.state == REFUSED
    )
    if warn:
        where = again.c.state == COLLAPSED
        tell(session, again, ProblemCode.COLLAPSED, number=again.c.number, details=details, where=where)


def update_changed(
    session: WriteSession,
    target: Table,
    staged: Table,
    *,
    on: ColumnElement[bool],
    values: Mapping[str, ColumnElement[Any]],
) -> int:
    """Write the rows that are there already and say something else now; tells how many.

    Rows that say the same are left alone, and so is their history.
    """
    if not values:
        return 0
    differs = or_(*[target.c[name].is_distinct_from(value) for name, value in values.items()])
    statement = update(target).where(on, staged.c.state == WAITING, differs).values(dict(values))
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def insert_new(
    session: WriteSession,
    target: Table,
    staged: Table,
    *,
    on: ColumnElement[bool],
    values: Mapping[str, ColumnElement[Any]],
    where: ColumnElement[bool] | None = None,
) -> int:
    """Write the rows that are not there yet, in the file's order; tells how many."""
    there = select(literal(1)).select_from(target).where(on).correlate(staged).exists()
    question = select(*values.values()).where(staged.c.state == WAITING, ~there).order_by(staged.c.number)
    if where is not None:
        question = question.where(where)
    statement = insert(target).from_select(list(values), question)
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
