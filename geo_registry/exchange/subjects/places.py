"""Place names that exist, taken over: places of every class with all their names, periods, meanings, sources and extents."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Date, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from geo_registry.cases import taking_over
from geo_registry.db.copying import Value
from geo_registry.db.session import WriteSession
from geo_registry.errors import PositionsUnmapped
from geo_registry.exchange import placing, staging
from geo_registry.exchange.batch import Batch
from geo_registry.exchange.fit import PositionCheck
from geo_registry.exchange.identity import digest
from geo_registry.exchange.inputs import DatasetFacts
from geo_registry.exchange.mapping import Positions
from geo_registry.exchange.place_words import national_code
from geo_registry.exchange.plan import Plan
from geo_registry.exchange.source import Chunk
from geo_registry.exchange.subjects import place_checks
from geo_registry.exchange.subjects.place_rows import details_of, read_rows
from geo_registry.exchange.subjects.place_shapes import place_shapes
from geo_registry.exchange.subjects.place_writing import Writer
from geo_registry.exchange.subjects.points import division_column, divisions_of, qualities, source_id
from geo_registry.exchange.subjects.subject import Written, needs
from geo_registry.geo.crs import Crs
from geo_registry.jobs.progress import Progress
from geo_registry.places.turning import today
from geo_registry.vocabulary import DatasetKind

POSITIONED = ("geometry", "from_lon", "division")
"""Fields beside a layer and two columns that tell where a place is."""


class Places:
    """Place names on their way in: one row a place, with other names in cells of its own, or one row a name."""

    kind = DatasetKind.PLACES
    fitting = ("Point", "LineString", "Polygon")
    keys = ("source_id", "entry")
    copied = (
        "number",
        "source_id",
        "entry",
        "class",
        "name",
        "place_state",
        "national_code",
        "begun_on",
        "begun_precision",
        "ended_on",
        "ended_precision",
        "source",
        "detail",
        "names",
        "division_code",
        "division_name",
        "position_quality",
        "geom",
    )

    def __init__(self) -> None:
        self.staged = staging.staged_table(
            "import_row",
            {
                "source_id": Text(),
                # Empty for the row of a place; else what tells one of its names from another.
                "entry": Text(),
                "class": Text(),
                "name": Text(),
                "place_state": Text(),
                "national_code": Text(),
                "begun_on": Date(),
                "begun_precision": Text(),
                "ended_on": Date(),
                "ended_precision": Text(),
                "source": Text(),
                "detail": JSONB(),
                "names": JSONB(),
                **placing.COLUMNS,
                "placed_id": Uuid(),
                "place_id": Uuid(),
                "fate": SmallInteger(),
            },
        )
        self._fit = PositionCheck()
        self._today = today()
        self._columns: Mapping[str, str] = {}

    def check(self, plan: Plan, columns: Sequence[str]) -> None:
        """Rows have a name; of a file of places also a class, and they are somewhere; those of one name say whose it is."""
        needs(plan, columns, "name")
        filled = {*plan.columns, *plan.constants}
        if "name_kind" in filled:
            needs(plan, columns, "source_id")
        else:
            needs(plan, columns, "class")
            if plan.positions is Positions.NONE and filled.isdisjoint(POSITIONED):
                raise PositionsUnmapped(known=", ".join(columns))
        self._columns = plan.columns

    def rows(self, batch: Batch, plan: Plan, crs: Crs) -> Sequence[Sequence[Value]]:
        """The batch's good rows as they are staged."""
        shapes = place_shapes(batch, plan, crs, self._fit)
        rows = read_rows(batch, today=self._today)
        details = details_of(batch, plan, rows)
        codes, division_names = divisions_of(batch)
        national = batch.get("national_code", national_code)
        ids = _ids(batch, national, shapes.written)
        quality = qualities(batch, shapes.approximate)
        return [
            (
                batch.numbers[at],
                ids[at],
                row.entry,
                row.place_class.value if row.place_class is not None else None,
                row.own.name,
                row.state.value if row.state is not None else None,
                national[at],
                *staging.staged_date(row.begun_on),
                *staging.staged_date(row.ended_on),
                row.own.source,
                json.dumps(details[at], ensure_ascii=False),
                json.dumps([each.as_json() for each in row.names], ensure_ascii=False),
                codes[at],
                division_names[at],
                quality[at],
                shapes.written[at] if row.is_place else None,
            )
            for at, row in enumerate(rows)
            if row is not None and at not in batch.refused
        ]

    def facts(self, told: DatasetFacts) -> DatasetFacts:
        """Nothing more is known of the dataset."""
        return told

    def settle(self, session: WriteSession, plan: Plan, dataset: UUID) -> Written:
        """Bring the staged rows into the registry.

        What a person corrected or decided on since stays, and an empty cell says nothing.
        """
        staged = self.staged
        content = [name for name in self.copied if name not in {"number", "position_quality"}]
        staging.collapse(session, staged, self.keys, content, warn=False)
        placing.name_divisions(session, staged, column=division_column(plan), lenient="division" in plan.proposed)
        written = Writer(session, staged, plan, dataset).write()
        if written.created or written.updated:
            # What is taken over is a case too, one for the dataset; it raises no due dates (ADR 0077).
            taking_over.record_dataset(session, dataset)
        return written

    def afterwards(self, session: WriteSession, progress: Progress) -> None:
        """Check the names that were taken against all others and one another; nothing is refused by that."""
        place_checks.tell_findings(session, self._columns.get("name", "name"), progress)

    def beside(self, session: WriteSession, chunk: Chunk) -> None:
        """Nothing."""

    def counts(self) -> Mapping[str, int]:
        """Nothing."""
        return {}


def _ids(batch: Batch, national: Sequence[str | None], shapes: Sequence[str | None]) -> Sequence[str | None]:
    """The places' ids within the dataset: as mapped, else the national code, else a digest of what identifies a place."""
    if batch.has("source_id"):
        return batch.required("source_id", source_id)
    parts = zip(batch.raw("class"), batch.raw("name"), batch.raw("division"), shapes, strict=True)
    return [code or digest(each) for code, each in zip(national, parts, strict=True)]
