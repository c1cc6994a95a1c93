"""What facilities and population share: a point, a division, an id within their dataset."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy import ColumnElement, Table, and_, case, func, literal, or_, select

from geo_registry.db.session import WriteSession
from geo_registry.divisions.rules import normalised
from geo_registry.errors import DivisionCodeInvalid, PositionsUnmapped
from geo_registry.exchange import staging
from geo_registry.exchange.batch import Batch
from geo_registry.exchange.converters import RawValue, text, word_of
from geo_registry.exchange.fit import PositionCheck
from geo_registry.exchange.identity import digest
from geo_registry.exchange.mapping import Positions
from geo_registry.exchange.plan import Plan
from geo_registry.exchange.positions import Points, centres_of, numbers, points_from_columns, points_from_shapes
from geo_registry.exchange.staging import COLLAPSED, REFUSED, WAITING
from geo_registry.exchange.subjects.subject import Written
from geo_registry.geo.crs import Crs
from geo_registry.geo.shifted import Degrees
from geo_registry.vocabulary import PositionQuality


def needs_places(plan: Plan, columns: Sequence[str]) -> None:
    """See that rows say where they lie: by a position, or by a column of their divisions.

    Raises
    ------
    PositionsUnmapped
        They don't; the error lists the file's `columns`.
    """
    if plan.positions is Positions.NONE and "division" not in plan.columns:
        raise PositionsUnmapped(known=", ".join(columns))


def source_id(value: RawValue) -> str | None:
    """An id as a text; a whole number in a column of floats loses its decimals."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return text(value)


def points_of(batch: Batch, plan: Plan, crs: Crs, check: PositionCheck) -> Points:
    """The rows' positions; one that can't be refuses its row.

    Raises
    ------
    CrsMisfit
        Most of them can't be: the coordinates are of another CRS.
    """
    shapes = batch.shapes()
    if plan.positions is Positions.COLUMNS:
        x, y = coordinates_of(batch, plan)
        points = points_from_columns(x, y, crs)
    elif shapes is not None:
        points = points_from_shapes(shapes, crs)
        x, y = centres_of(shapes)
    else:
        nowhere, nothing = np.zeros(len(batch)), np.zeros(len(batch), dtype=bool)
        return Points(lon=nowhere, lat=nowhere, there=nothing, bad=nothing, approximate=nothing)
    check.look(batch, crs, there=points.there, bad=points.bad, x=x, y=y, lon=points.lon, lat=points.lat)
    return points


def coordinates_of(batch: Batch, plan: Plan) -> tuple[Degrees, Degrees]:
    """The two columns of coordinates in the file's CRS, NaN where there is none; what isn't a number refuses its row."""
    (x, wrong_x), (y, wrong_y) = numbers(batch.column(plan.lon)), numbers(batch.column(plan.lat))
    for column, wrong in ((plan.lon, wrong_x), (plan.lat, wrong_y)):
        for at, code in wrong.items():
            batch.tell(at, column, batch.column(column)[at], code)
    return x, y


def qualities(batch: Batch, approximate: Sequence[bool]) -> Sequence[str]:
    """How far each position can be trusted: as the file says, else by whether it was derived from something larger."""
    derived = (PositionQuality.SOURCE.value, PositionQuality.APPROXIMATE.value)
    said = batch.get("position_quality", word_of(PositionQuality))
    return [
        derived[rough] if quality is None else quality.value for quality, rough in zip(said, approximate, strict=True)
    ]


def divisions_of(batch: Batch) -> tuple[Sequence[str | None], Sequence[str | None]]:
    """What rows say of their division: a twelve-digit code, or else a name."""
    said = batch.get("division", text)
    codes = [None if value is None else _code(value) for value in said]
    names = [value if code is None else None for value, code in zip(said, codes, strict=True)]
    return codes, names


def _code(said: str) -> str | None:
    try:
        return normalised(said)
    except DivisionCodeInvalid:
        return None


def ids_of(batch: Batch, plan: Plan, *identifying: Sequence[object]) -> Sequence[str | None]:
    """The rows' ids within their dataset: as mapped, or a digest of `identifying` columns and of the position."""
    if batch.has("source_id"):
        return batch.required("source_id", source_id)
    if plan.positions is Positions.COLUMNS:
        identifying = (*identifying, batch.column(plan.lon), batch.column(plan.lat))
    elif (shapes := batch.shapes()) is not None:
        identifying = (*identifying, shapely.to_wkb(shapes, hex=True).tolist())
    return [digest(parts) for parts in zip(*identifying, strict=True)]


class Keyed:
    """Writes staged rows into a table that is keyed by dataset and source id."""

    def __init__(self, session: WriteSession, target: Table, staged: Table, dataset: UUID) -> None:
        self._session = session
        self._target = target
        self._staged = staged
        self._dataset = dataset

    def write(self, inserted: Mapping[str, ColumnElement[Any]], updated: Mapping[str, ColumnElement[Any]]) -> Written:
        """Update what changed, insert what is new, leave the rest alone.

        Parameters
        ----------
        inserted, updated
            The target's columns with the staged expression that fills them, for new rows and for those there.
        """
        target, staged, session = self._target, self._staged, self._session
        on = and_(target.c.dataset_id == self._dataset, target.c.source_id == staged.c.source_id)
        states = staging.count_states(session, staged)
        waiting = states[WAITING]
        changed = staging.update_changed(session, target, staged, on=on, values=updated)
        dataset = literal(self._dataset, target.c.dataset_id.type)
        created = staging.insert_new(
            session, target, staged, on=on, values={"dataset_id": dataset, "source_id": staged.c.source_id, **inserted}
        )
        return Written(
            created=created,
            updated=changed,
            unchanged=waiting - created - changed + states[COLLAPSED],
            refused=states[REFUSED],
            # Every waiting row stands in the table by now; an anti-join would be planned blindly, without statistics.
            absent=self._rows() - waiting,
        )

    def _rows(self) -> int:
        """How many rows the dataset has now."""
        question = select(func.count()).where(self._target.c.dataset_id == self._dataset)
        return self._session.scalar(question) or 0


def division_column(plan: Plan) -> str | None:
    """What the report calls the column that names the division; None where none does."""
    named = "division" in plan.columns or "division" in plan.constants
    return plan.columns.get("division", "division") if named else None


def division_then(target: Table, staged: Table, placed: ColumnElement[Any]) -> ColumnElement[Any]:
    """The division that a row which is there gets.

    What the file names counts. What follows from the position (`placed`) counts where the row had none or has moved:
    a division that was set by hand stays.
    """
    stale = or_(target.c.division_id.is_(None), target.c.geom.is_distinct_from(staged.c.geom))
    return case(
        (staged.c.division_id.is_not(None), staged.c.division_id),
        (stale, func.coalesce(placed, target.c.division_id)),
        else_=target.c.division_id,
    )
