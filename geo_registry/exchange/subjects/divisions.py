"""Divisions: their codes and names in one or several vintages, with or without boundaries."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy import (
    ColumnElement,
    SmallInteger,
    Table,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased

from geo_registry.db.copying import Value
from geo_registry.db.session import WriteSession
from geo_registry.divisions.rules import CODE_DIGITS, DIGITS_OF_LEVEL, level_of, parent_code_of
from geo_registry.errors import VintageMissing
from geo_registry.exchange import staging
from geo_registry.exchange.batch import Batch
from geo_registry.exchange.converters import division_code, required_text, word_of, year
from geo_registry.exchange.fit import PositionCheck
from geo_registry.exchange.inputs import DatasetFacts
from geo_registry.exchange.mapping import Positions
from geo_registry.exchange.plan import Plan
from geo_registry.exchange.positions import (
    Area,
    area_of,
    bad_shapes,
    ewkb,
    numbers,
    points_from_columns,
    shapes_to_storage,
)
from geo_registry.exchange.problems import ProblemCode, Refused
from geo_registry.exchange.source import Chunk, Shapes
from geo_registry.exchange.staging import COLLAPSED, REFUSED, WAITING, StagedGeometry
from geo_registry.exchange.subjects.points import qualities
from geo_registry.exchange.subjects.subject import Written, needs
from geo_registry.geo.crs import Crs
from geo_registry.jobs.progress import Progress
from geo_registry.model import Division
from geo_registry.vocabulary import DatasetKind, DivisionLevel

_TARGET = Division.metadata.tables[Division.__tablename__]


DIGITS_ABOVE: Mapping[DivisionLevel, int] = {
    lower: DIGITS_OF_LEVEL[upper] for upper, lower in pairwise(DIGITS_OF_LEVEL)
}
"""How many digits of its code a division of the level shares with the one above it."""


class Divisions:
    """Divisions on their way in; they are known by code and vintage, whichever file named them first."""

    kind = DatasetKind.DIVISIONS
    fitting = ("Polygon", "Point")
    keys = ("code", "vintage")
    copied = ("number", "code", "vintage", "level", "name", "parent_code", "geom", "point", "position_quality")

    def __init__(self) -> None:
        self.staged = staging.staged_table(
            "import_row",
            {
                "code": Text(),
                "vintage": SmallInteger(),
                "level": Text(),
                "name": Text(),
                "parent_code": Text(),
                "geom": StagedGeometry(),
                "point": StagedGeometry(),
                "position_quality": Text(),
            },
        )
        self._fit = PositionCheck()

    def check(self, plan: Plan, columns: Sequence[str]) -> None:
        """Rows have a code, a name and a vintage."""
        needs(plan, columns, "code", "name")
        if "vintage" not in plan.columns and "vintage" not in plan.constants:
            raise VintageMissing

    def rows(self, batch: Batch, plan: Plan, crs: Crs) -> Sequence[Sequence[Value]]:
        """The batch's good rows as they are staged."""
        codes = batch.required("code", division_code)
        names = batch.required("name", required_text)
        vintages = batch.required("vintage", year)
        parents = batch.get("parent_code", division_code) if batch.has("parent_code") else [None] * len(batch)
        _levels_agree(batch, codes)
        areas = self._areas(batch, plan, crs)
        polygons = ewkb(np.array([area.multi_polygon for area in areas], dtype=object))
        points = ewkb(np.array([area.point for area in areas], dtype=object))
        quality = qualities(batch, [point is not None for point in points])
        staged: list[Sequence[Value]] = []
        for at, code in enumerate(codes):
            if code is None or at in batch.refused:
                continue
            staged.append(
                (
                    batch.numbers[at],
                    code,
                    vintages[at],
                    level_of(code).value,
                    names[at],
                    parents[at] or parent_code_of(code),
                    polygons[at],
                    points[at],
                    quality[at],
                )
            )
        return staged

    def _areas(self, batch: Batch, plan: Plan, crs: Crs) -> Sequence[Area]:
        shapes = batch.shapes()
        if plan.positions is Positions.COLUMNS:
            return self._points(batch, plan, crs)
        if shapes is None:
            return [Area()] * len(batch)
        if plan.positions is Positions.CENTROID:
            shapes = shapely.centroid(shapes)
        moved = self._checked(batch, shapes, crs)
        areas: list[Area] = []
        for at, shape in enumerate(moved):
            try:
                area = area_of(shape)
            except Refused as refusal:
                batch.tell(at, "", None, refusal.code, refusal.details)
                area = Area()
            if area.repaired:
                batch.tell(at, "", None, ProblemCode.GEOMETRY_REPAIRED, {"reason": area.repaired})
            areas.append(area)
        return areas

    def _checked(self, batch: Batch, shapes: Shapes, crs: Crs) -> Shapes:
        moved = shapes_to_storage(shapes, crs)
        bad, bounds = bad_shapes(moved)
        there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        before = shapely.bounds(shapes)
        self._fit.look(
            batch, crs, there=there, bad=bad, x=before[:, 0], y=before[:, 1], lon=bounds[:, 0], lat=bounds[:, 1]
        )
        return moved

    def _points(self, batch: Batch, plan: Plan, crs: Crs) -> Sequence[Area]:
        (x, wrong_x), (y, wrong_y) = numbers(batch.column(plan.lon)), numbers(batch.column(plan.lat))
        for column, wrong in ((plan.lon, wrong_x), (plan.lat, wrong_y)):
            for at, code in wrong.items():
                batch.tell(at, column, batch.column(column)[at], code)
        points = points_from_columns(x, y, crs)
        self._fit.look(batch, crs, there=points.there, bad=points.bad, x=x, y=y, lon=points.lon, lat=points.lat)
        good = points.there & ~points.bad
        return [
            Area(point=shapely.Point(lon, lat)) if keep else Area()
            for lon, lat, keep in zip(points.lon.tolist(), points.lat.tolist(), good.tolist(), strict=True)
        ]

    def facts(self, told: DatasetFacts) -> DatasetFacts:
        """Nothing more is known of the dataset."""
        return told

    def settle(self, session: WriteSession, plan: Plan, dataset: UUID) -> Written:
        """Bring the staged rows into the registry, from the provinces down so that parents are there first."""
        staged = self.staged
        staging.collapse(session, staged, self.keys, ["name", "parent_code", "geom", "point"], warn=False)
        created = updated = 0
        states = staging.count_states(session, staged)
        on = and_(_TARGET.c.code == cast(staged.c.code, _TARGET.c.code.type), _TARGET.c.vintage == staged.c.vintage)
        above = aliased(Division)
        parent: ColumnElement[Any] = (
            select(above.id)
            .where(above.code == cast(staged.c.parent_code, _TARGET.c.code.type), above.vintage == staged.c.vintage)
            .correlate(staged)
            .scalar_subquery()
        )
        for level in DivisionLevel:
            of_level = staged.c.level == level.value
            updated += staging.update_changed(
                session, _TARGET, staged, on=and_(on, of_level), values=_changes(staged, plan, parent)
            )
            plain = ("code", "vintage", "level", "name", "geom", "point", "position_quality")
            values: dict[str, ColumnElement[Any]] = {name: staged.c[name] for name in plain}
            values |= {"parent_id": parent, "dataset_id": literal(dataset, _TARGET.c.dataset_id.type)}
            created += staging.insert_new(session, _TARGET, staged, on=on, values=values, where=of_level)
        self._adopt(session)
        self._tell_orphans(session)
        return Written(
            created=created,
            updated=updated,
            unchanged=states[WAITING] - created - updated + states[COLLAPSED],
            refused=states[REFUSED],
        )

    def _adopt(self, session: WriteSession) -> None:
        """Divisions of earlier imports whose parent came only now get it."""
        parent = _TARGET.alias("parent")
        vintages = select(self.staged.c.vintage).distinct()
        for level, digits in DIGITS_ABOVE.items():
            code = func.rpad(func.left(cast(_TARGET.c.code, Text), digits), CODE_DIGITS, "0")
            session.execute(
                update(_TARGET)
                .where(
                    _TARGET.c.level == level.value,
                    _TARGET.c.parent_id.is_(None),
                    _TARGET.c.vintage.in_(vintages),
                    parent.c.code == cast(code, _TARGET.c.code.type),
                    parent.c.vintage == _TARGET.c.vintage,
                    parent.c.id != _TARGET.c.id,
                )
                .values(parent_id=parent.c.id)
            )

    def _tell_orphans(self, session: WriteSession) -> None:
        staged = self.staged
        missing = (
            select(staged.c.number, staged.c.parent_code)
            .where(
                staged.c.state == WAITING,
                staged.c.parent_code.is_not(None),
                ~exists().where(
                    Division.code == cast(staged.c.parent_code, _TARGET.c.code.type),
                    Division.vintage == staged.c.vintage,
                ),
            )
            .subquery("missing")
        )
        staging.tell(session, missing, ProblemCode.PARENT_MISSING, number=missing.c.number, value=missing.c.parent_code)

    def afterwards(self, session: WriteSession, progress: Progress) -> None:
        """Nothing."""

    def beside(self, session: WriteSession, chunk: Chunk) -> None:
        """Nothing."""

    def counts(self) -> Mapping[str, int]:
        """Nothing."""
        return {}


def _changes(staged: Table, plan: Plan, parent: ColumnElement[Any]) -> dict[str, ColumnElement[Any]]:
    """What a division that is there gets: a list without boundaries leaves them as they are, and the other way round."""
    changes: dict[str, ColumnElement[Any]] = {
        "name": staged.c.name,
        "parent_id": func.coalesce(parent, _TARGET.c.parent_id),
    }
    if plan.positions is not Positions.NONE:
        somewhere = or_(staged.c.geom.is_not(None), staged.c.point.is_not(None))
        changes |= {
            "geom": func.coalesce(staged.c.geom, _TARGET.c.geom, type_=StagedGeometry()),
            "point": func.coalesce(staged.c.point, _TARGET.c.point, type_=StagedGeometry()),
            "position_quality": case((somewhere, staged.c.position_quality), else_=_TARGET.c.position_quality),
        }
    return changes


def _levels_agree(batch: Batch, codes: Sequence[str | None]) -> None:
    """A level that the file says must be the one that the code says."""
    if not batch.has("level"):
        return
    said = batch.get("level", word_of(DivisionLevel))
    for at, (level, code) in enumerate(zip(said, codes, strict=True)):
        if level is not None and code is not None and level is not level_of(code):
            details = {"code": code, "level": level_of(code).value}
            batch.tell(at, "level", batch.raw("level")[at], ProblemCode.LEVEL_CONTRADICTS, details)
