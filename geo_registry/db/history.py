"""Reading history: the rows of a table as they stood at a moment."""

from datetime import datetime
from functools import cache
from typing import TypeVar

from sqlalchemy import Column, MetaData, Table, null, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from geo_registry.db.base import Base

Model = TypeVar("Model", bound=Base)

HISTORY_SCHEMA = "history"


@cache
def twin_of(model: type[Base]) -> Table:
    """The history twin of a model's table: its stored columns, and when, by whom and how each row was replaced.

    The same one each time: a statement over another table object would be compiled anew for every question.
    """
    table = model.metadata.tables[model.__tablename__]
    kept = [Column(column.name, column.type) for column in table.columns if column.computed is None]
    return Table(
        table.name,
        MetaData(),
        Column("history_id"),
        Column("replaced_at"),
        Column("replaced_by"),
        Column("why"),
        Column("operation"),
        *kept,
        schema=HISTORY_SCHEMA,
    )


def as_of(model: type[Model], moment: datetime, *, or_first_known: bool = False) -> type[Model]:
    """An alias of `model` whose rows are those that the registry held at `moment`.

    Parameters
    ----------
    model
        A model with a history twin.
    moment
        Timezone-aware.
    or_first_known
        Keep what the registry only learnt later, as it first learnt it: for questions about the world at a past
        date ("which facilities stood in 2020"), where the record's own dates decide.

    Returns
    -------
    type
        To be used in `select()` in the model's place. Generated columns of replaced rows are empty.
    """
    table = model.metadata.tables[model.__tablename__]
    twin = twin_of(model)
    replaced_later = twin.c.replaced_at > moment
    then = (
        select(
            *[
                twin.c[column.name] if column.computed is None else null().cast(column.type).label(column.name)
                for column in table.columns
            ]
        )
        .where(replaced_later)
        .ext(distinct_on(twin.c.id))
        .order_by(twin.c.id, twin.c.history_id)
    )
    # A join, not NOT EXISTS: the alias that is made below would reach into a correlated subquery.
    changed = select(twin.c.id).where(replaced_later).distinct().subquery("changed")
    present = table.alias("present")
    still = (
        select(*present.columns)
        .outerjoin_from(present, changed, changed.c.id == present.c.id)
        .where(changed.c.id.is_(None))
    )
    if not or_first_known:
        then = then.where(twin.c.recorded_at <= moment)
        still = still.where(present.c.recorded_at <= moment)
    rows = union_all(select(then.subquery()), still).subquery()
    return aliased(model, rows, adapt_on_names=True)
