"""Built-up areas on their way in: a layer of polygons, or a table that says of which divisions each is made."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

import shapely
from sqlalchemy import Date, Text
from sqlalchemy.dialects.postgresql import JSONB

from geo_registry.db.copying import Value
from geo_registry.db.session import WriteSession
from geo_registry.exchange import placing, staging
from geo_registry.exchange.area_words import division_codes
from geo_registry.exchange.batch import Batch
from geo_registry.exchange.converters import required_text, text
from geo_registry.exchange.fit import PositionCheck
from geo_registry.exchange.identity import digest
from geo_registry.exchange.inputs import DatasetFacts
from geo_registry.exchange.mapping import Positions
from geo_registry.exchange.place_words import dated
from geo_registry.exchange.plan import Plan
from geo_registry.exchange.positions import area_of, bad_shapes, ewkb, shape_of_text, shapes_to_storage
from geo_registry.exchange.problems import ProblemCode, Refused
from geo_registry.exchange.source import Chunk, Shapes
from geo_registry.exchange.subjects import area_writing
from geo_registry.exchange.subjects.points import division_column, divisions_of, qualities, source_id
from geo_registry.exchange.subjects.subject import Written, needs
from geo_registry.geo.crs import Crs
from geo_registry.jobs.progress import Progress
from geo_registry.places.periods import Dated
from geo_registry.vocabulary import DatasetKind

REACHED = ("geometry", "divisions")
"""Fields beside a layer's shapes that tell how far an area reaches."""


class BuiltUpAreas:
    """Built-up areas: a row each, or a row each of the periods in which one reached differently."""

    kind = DatasetKind.BUILT_UP_AREAS
    fitting = ("Polygon",)
    keys = ("source_id", "since")
    copied = (
        "number",
        "source_id",
        "since",
        "name",
        "source",
        "divisions",
        "valid_from",
        "from_precision",
        "valid_to",
        "to_precision",
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
                # What tells the periods of one area apart; empty where a row says none.
                "since": Text(),
                "name": Text(),
                "source": Text(),
                "divisions": JSONB(),
                "valid_from": Date(),
                "from_precision": Text(),
                "valid_to": Date(),
                "to_precision": Text(),
                **placing.COLUMNS,
            },
        )
        self._fit = PositionCheck()
        self._changed = False
        self._dataset: UUID

    def check(self, plan: Plan, columns: Sequence[str]) -> None:
        """Rows have a name, and say how far the area reaches."""
        needs(plan, columns, "name")
        filled = {*plan.columns, *plan.constants}
        if plan.positions is not Positions.SHAPE and filled.isdisjoint(REACHED):
            needs(plan, columns, "divisions")

    def rows(self, batch: Batch, plan: Plan, crs: Crs) -> Sequence[Sequence[Value]]:
        """The batch's good rows as they are staged."""
        names = batch.required("name", required_text)
        members = batch.get("divisions", division_codes)
        shapes = self._shapes(batch, plan, crs)
        since, until = batch.get("valid_from", dated), batch.get("valid_to", dated)
        for at in range(len(batch)):
            _refuse_unclear(batch, at, members[at], shapes[at])
            _refuse_backwards(batch, at, since[at], until[at])
        codes, called = divisions_of(batch)
        ids = self._ids(batch, names)
        sources = batch.get("source", text)
        quality = qualities(batch, [False] * len(batch))
        return [
            (
                batch.numbers[at],
                ids[at],
                str(since[at] or ""),
                name,
                sources[at],
                json.dumps(members[at]) if members[at] else None,
                *staging.staged_date(since[at]),
                *staging.staged_date(until[at]),
                codes[at],
                called[at],
                quality[at],
                shapes[at],
            )
            for at, name in enumerate(names)
            if name is not None and at not in batch.refused
        ]

    def _shapes(self, batch: Batch, plan: Plan, crs: Crs) -> Sequence[str | None]:
        """The rows' areas (EPSG:4490), hexadecimal EWKB: as a text writes them, else the layer's."""
        found = list(batch.get("geometry", shape_of_text))
        layer = batch.shapes() if plan.positions is Positions.SHAPE else None
        if layer is not None:
            found = [own if own is not None else drawn for own, drawn in zip(found, layer, strict=True)]
        shapes: Shapes = shapely.from_wkb([shapely.to_wkb(each) if each is not None else None for each in found])
        moved = shapes_to_storage(shapes, crs)
        there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        bad, bounds = bad_shapes(moved)
        before = shapely.bounds(shapes)
        self._fit.look(
            batch, crs, there=there, bad=bad, x=before[:, 0], y=before[:, 1], lon=bounds[:, 0], lat=bounds[:, 1]
        )
        areas = shapely.from_wkb([None] * len(batch))
        for at, shape in enumerate(moved):
            try:
                area = area_of(shape)
            except Refused as refusal:
                batch.tell(at, "", None, refusal.code, refusal.details)
                continue
            if area.point is not None:
                batch.tell(at, "", None, ProblemCode.GEOMETRY_UNFIT, {"found": "Point", "expected": "Polygon"})
            if area.repaired:
                batch.tell(at, "", None, ProblemCode.GEOMETRY_REPAIRED, {"reason": area.repaired})
            areas[at] = area.multi_polygon
        return ewkb(areas)

    def _ids(self, batch: Batch, names: Sequence[str | None]) -> Sequence[str | None]:
        """The areas' ids within the dataset: as mapped, else a digest of the name and what is said of the division."""
        if batch.has("source_id"):
            return batch.required("source_id", source_id)
        return [digest(each) for each in zip(names, batch.raw("division"), strict=True)]

    def facts(self, told: DatasetFacts) -> DatasetFacts:
        """Nothing more is known of the dataset."""
        return told

    def settle(self, session: WriteSession, plan: Plan, dataset: UUID) -> Written:
        """Bring the staged rows into the registry; what a person changed since an import stays."""
        content = [name for name in self.copied if name != "number"]
        staging.collapse(session, self.staged, self.keys, content, warn=False)
        placing.name_divisions(session, self.staged, column=division_column(plan), lenient="division" in plan.proposed)
        written = area_writing.write(session, self.staged, dataset)
        self._dataset = dataset
        self._changed = written.created + written.updated > 0
        return written

    def afterwards(self, session: WriteSession, progress: Progress) -> None:
        """Tell of overlaps and of what lies beyond its division; have all names checked anew, where areas are others."""
        progress("surroundings", 0, 1)
        area_writing.tell_concerns(session, self._dataset)
        if self._changed:
            area_writing.have_reviewed(session)
        progress("surroundings", 1, 1)

    def beside(self, session: WriteSession, chunk: Chunk) -> None:
        """Nothing."""

    def counts(self) -> Mapping[str, int]:
        """Nothing."""
        return {}


def _refuse_unclear(batch: Batch, at: int, members: Sequence[str] | None, shape: str | None) -> None:
    if at in batch.refused:
        return
    if members and shape is not None:
        batch.tell(at, "divisions", None, ProblemCode.EXTENT_TWICE)
    elif not members and shape is None:
        batch.tell(at, "divisions", None, ProblemCode.EXTENT_MISSING)


def _refuse_backwards(batch: Batch, at: int, begun: Dated | None, ended: Dated | None) -> None:
    if begun is not None and ended is not None and ended.day <= begun.day:
        details = {"begun": str(begun), "ended": str(ended)}
        batch.tell(at, "valid_to", batch.raw("valid_to")[at], ProblemCode.ENDS_BEFORE, details)
