"""Population: rows of people by group, at points."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import JSONB

from geo_registry.db.copying import Value
from geo_registry.db.session import WriteSession
from geo_registry.errors import MappingIncomplete, PopulationUndated
from geo_registry.exchange import placing, staging
from geo_registry.exchange.batch import Batch
from geo_registry.exchange.converters import day, people, word_of
from geo_registry.exchange.fit import PositionCheck
from geo_registry.exchange.inputs import DatasetFacts
from geo_registry.exchange.plan import POPULATION, Plan
from geo_registry.exchange.problems import ProblemCode
from geo_registry.exchange.source import Chunk
from geo_registry.exchange.subjects.points import (
    Keyed,
    division_column,
    division_then,
    divisions_of,
    ids_of,
    needs_places,
    points_of,
    qualities,
)
from geo_registry.exchange.subjects.subject import Written
from geo_registry.geo.crs import Crs
from geo_registry.jobs.progress import Progress
from geo_registry.model import DemandPoint
from geo_registry.vocabulary import DatasetKind, PopulationBasis

_TARGET = DemandPoint.metadata.tables[DemandPoint.__tablename__]


class Population:
    """Demand points on their way in."""

    kind = DatasetKind.POPULATION
    fitting = ("Point", "Polygon")
    keys = ("source_id",)
    copied = ("number", "source_id", "counts", "division_code", "division_name", "position_quality", "geom")

    def __init__(self) -> None:
        self.staged = staging.staged_table("import_row", {"source_id": Text(), "counts": JSONB(), **placing.COLUMNS})
        self._fit = PositionCheck()
        self._dates: set[date] = set()
        self._bases: set[PopulationBasis] = set()

    def check(self, plan: Plan, columns: Sequence[str]) -> None:
        """Some group is counted, and rows lie somewhere."""
        if not plan.group(POPULATION):
            raise MappingIncomplete(field=f"{POPULATION}.all", known=", ".join(columns))
        needs_places(plan, columns)

    def rows(self, batch: Batch, plan: Plan, crs: Crs) -> Sequence[Sequence[Value]]:
        """The batch's good rows as they are staged."""
        self._dates.update(found for found in batch.settled("date", batch.get("date", day)) if found is not None)
        self._bases.update(found for found in batch.get("basis", word_of(PopulationBasis)) if found is not None)
        points = points_of(batch, plan, crs, self._fit)
        codes, names = divisions_of(batch)
        ids = ids_of(batch, plan, batch.raw("division"))
        counts = _counts(batch, plan)
        quality = qualities(batch, points.approximate.tolist())
        staged = zip(batch.numbers, ids, counts, codes, names, quality, points.ewkb(), strict=True)
        return [row for at, row in enumerate(staged) if at not in batch.refused] if batch.refused else list(staged)

    def facts(self, told: DatasetFacts) -> DatasetFacts:
        """The one date and the one basis of the rows.

        Raises
        ------
        PopulationUndated
            One isn't said, or there are several.
        """
        dates = self._dates or ({told.as_of} if told.as_of else set())
        bases = self._bases or ({told.basis} if told.basis else set())
        missing = [word for word, found in ((("日期", "date"), dates), (("口径", "basis"), bases)) if len(found) != 1]
        if missing:
            raise PopulationUndated(
                missing_zh="、".join(zh for zh, _ in missing), missing_en=" and ".join(en for _, en in missing)
            )
        return replace(told, basis=bases.pop(), as_of=dates.pop())

    def settle(self, session: WriteSession, plan: Plan, dataset: UUID) -> Written:
        """Bring the staged rows into the registry."""
        staged = self.staged
        mapped = "source_id" in plan.columns
        staging.collapse(
            session, staged, self.keys, ["counts", "division_code", "division_name", "geom"], warn=not mapped
        )
        placing.place(session, staged, column=division_column(plan), lenient="division" in plan.proposed)
        if division_column(plan) is not None:
            placing.tell_containing(session, staged)
        placed = placing.division_by_position(session, staged)
        content = {name: staged.c[name] for name in ("counts", "position_quality", "geom")}
        return Keyed(session, _TARGET, staged, dataset).write(
            inserted={**content, "division_id": placed},
            updated={**content, "division_id": division_then(_TARGET, staged, placed)},
        )

    def afterwards(self, session: WriteSession, progress: Progress) -> None:
        """Nothing."""

    def beside(self, session: WriteSession, chunk: Chunk) -> None:
        """Nothing."""

    def counts(self) -> Mapping[str, int]:
        """Nothing."""
        return {}


def _counts(batch: Batch, plan: Plan) -> Sequence[str | None]:
    """Each row's people by group as JSON text; a row that counts nobody in any group is refused."""
    fields = plan.group(POPULATION)
    labels = [json.dumps(field.removeprefix(f"{POPULATION}."), ensure_ascii=False) for field in fields]
    columns = [batch.get(field, people) for field in fields]
    written: list[str | None] = []
    for at, row in enumerate(zip(*columns, strict=True)):
        parts = [f"{label}: {_number(value)}" for label, value in zip(labels, row, strict=True) if value is not None]
        if not parts and at not in batch.refused:
            batch.tell(at, fields[0], None, ProblemCode.REQUIRED)
        written.append(f"{{{', '.join(parts)}}}")
    return written


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
