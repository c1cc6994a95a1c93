"""Roads: from OpenStreetMap files, and from any layer of lines."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy import Boolean, SmallInteger, Table, Text
from sqlalchemy.sql import ColumnElement

from geo_registry.db.copying import Value
from geo_registry.db.session import WriteSession
from geo_registry.errors import LinesMissing
from geo_registry.exchange import staging
from geo_registry.exchange.batch import Batch
from geo_registry.exchange.converters import flag, text
from geo_registry.exchange.fit import PositionCheck
from geo_registry.exchange.identity import digest
from geo_registry.exchange.inputs import DatasetFacts
from geo_registry.exchange.mapping import Positions
from geo_registry.exchange.osm import OsmChunk
from geo_registry.exchange.plan import Plan
from geo_registry.exchange.positions import bad_shapes, ewkb, lines_of, point_ewkb, shapes_to_storage
from geo_registry.exchange.problems import ProblemCode, Refused
from geo_registry.exchange.road_words import oneway_word, road_class, speed_word
from geo_registry.exchange.source import Chunk, Shapes
from geo_registry.exchange.staging import StagedGeometry
from geo_registry.exchange.subjects.points import Keyed, qualities, source_id
from geo_registry.exchange.subjects.subject import Written, needs
from geo_registry.geo.crs import Crs
from geo_registry.jobs.progress import Progress
from geo_registry.model import RoadBarrier, RoadSegment
from geo_registry.network.access import RoadAttributes, road_from_tags
from geo_registry.vocabulary import DatasetKind

_TARGET = RoadSegment.metadata.tables[RoadSegment.__tablename__]
_BARRIERS = RoadBarrier.metadata.tables[RoadBarrier.__tablename__]

_CONTENT = ("name", "highway", "oneway", "foot", "motor", "maxspeed_kmh", "geom")


class Roads:
    """Roads and their barriers on their way in."""

    kind = DatasetKind.ROADS
    fitting = ("LineString",)
    keys = ("source_id",)
    copied = ("number", "source_id", *_CONTENT, "position_quality")

    def __init__(self) -> None:
        self.staged = staging.staged_table(
            "import_row",
            {
                "source_id": Text(),
                "name": Text(),
                "highway": Text(),
                "oneway": SmallInteger(),
                "foot": Boolean(),
                "motor": Boolean(),
                "maxspeed_kmh": SmallInteger(),
                "geom": StagedGeometry(),
                "position_quality": Text(),
            },
        )
        self._barriers: Table | None = None
        self._staged_barriers = 0
        self._fit = PositionCheck()

    def check(self, plan: Plan, columns: Sequence[str]) -> None:
        """Rows are lines of a class."""
        needs(plan, columns, "highway")
        if plan.positions is not Positions.SHAPE:
            raise LinesMissing

    def rows(self, batch: Batch, plan: Plan, crs: Crs) -> Sequence[Sequence[Value]]:  # noqa: ARG002 - the protocol's
        """The batch's good rows as they are staged; a line of several parts becomes several."""
        shapes = batch.shapes()
        if shapes is None:
            return []
        moved = self._checked(batch, shapes, crs)
        roads = self._attributes(batch)
        batch.skipped.update(at for at, road in enumerate(roads) if road is None and at not in batch.refused)
        quality = qualities(batch, [False] * len(batch))
        ids = batch.required("source_id", source_id) if batch.has("source_id") else _digests(shapes)
        if not batch.refused and bool((shapely.get_type_id(moved) == shapely.GeometryType.LINESTRING).all()):
            lengths = shapely.length(moved)
            if bool((lengths > 0).all()):
                return [
                    (number, found, *_written(road), line, trusted)
                    for number, found, road, line, trusted in zip(
                        batch.numbers, ids, roads, ewkb(moved), quality, strict=True
                    )
                    if road is not None
                ]
        return list(self._split(batch, ids, roads, moved, quality))

    def _checked(self, batch: Batch, shapes: Shapes, crs: Crs) -> Shapes:
        moved = shapes_to_storage(shapes, crs)
        bad, bounds = bad_shapes(moved)
        there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        before = shapely.bounds(shapes)
        self._fit.look(
            batch, crs, there=there, bad=bad, x=before[:, 0], y=before[:, 1], lon=bounds[:, 0], lat=bounds[:, 1]
        )
        return moved

    def _attributes(self, batch: Batch) -> Sequence[RoadAttributes | None]:
        if isinstance(batch.chunk, OsmChunk):
            for at, number in enumerate(batch.numbers):
                if number in batch.chunk.incomplete:
                    details = {"missing": str(batch.chunk.incomplete[number])}
                    batch.tell(at, "", None, ProblemCode.GEOMETRY_INCOMPLETE, details)
            return batch.kept(batch.chunk.roads)
        classes = batch.required("highway", road_class)
        names = batch.get("name", text)
        oneways = batch.get("oneway", oneway_word)
        speeds = batch.get("maxspeed_kmh", speed_word)
        feet, motors = batch.get("foot", flag), batch.get("motor", flag)
        return [
            None if found is None else _road(_tags(found, name, oneway=oneway, maxspeed=speed, foot=foot, motor=motor))
            for found, name, oneway, speed, foot, motor in zip(
                classes, names, oneways, speeds, feet, motors, strict=True
            )
        ]

    def _split(
        self,
        batch: Batch,
        ids: Sequence[str | None],
        roads: Sequence[RoadAttributes | None],
        moved: Shapes,
        quality: Sequence[str],
    ) -> Iterator[Sequence[Value]]:
        for at, road in enumerate(roads):
            if road is None or at in batch.refused:
                continue
            try:
                lines = lines_of(moved[at])
            except Refused as refusal:
                batch.tell(at, "", None, refusal.code, refusal.details)
                continue
            written = ewkb(np.array(lines, dtype=object))
            for part, line in enumerate(written, start=1):
                found = ids[at] if len(written) == 1 else f"{ids[at]}#{part}"
                yield (batch.numbers[at], found, *_written(road), line, quality[at])

    def facts(self, told: DatasetFacts) -> DatasetFacts:
        """Nothing more is known of the dataset."""
        return told

    def settle(self, session: WriteSession, plan: Plan, dataset: UUID) -> Written:
        """Bring the staged rows into the registry, barriers too."""
        staged = self.staged
        staging.collapse(session, staged, self.keys, _CONTENT, warn=False)
        content: dict[str, ColumnElement[Value]] = {name: staged.c[name] for name in _CONTENT}
        content["position_quality"] = staged.c.position_quality
        said = "position_quality" in {*plan.columns, *plan.constants}
        updated = content if said else {name: content[name] for name in _CONTENT}
        written = Keyed(session, _TARGET, staged, dataset).write(inserted=content, updated=updated)
        if self._barriers is not None:
            staging.prepare(session, self._barriers, self.keys)
            stops: dict[str, ColumnElement[Value]] = {
                name: self._barriers.c[name] for name in ("barrier", "foot_blocked", "motor_blocked", "geom")
            }
            Keyed(session, _BARRIERS, self._barriers, dataset).write(inserted=stops, updated=stops)
        return written

    def afterwards(self, session: WriteSession, progress: Progress) -> None:
        """Nothing."""

    def beside(self, session: WriteSession, chunk: Chunk) -> None:
        """Stage the barriers that were met on a chunk's roads."""
        if not isinstance(chunk, OsmChunk):
            return
        if self._barriers is None:
            self._barriers = staging.staged_table(
                "import_barrier",
                {
                    "source_id": Text(),
                    "barrier": Text(),
                    "foot_blocked": Boolean(),
                    "motor_blocked": Boolean(),
                    "geom": StagedGeometry(),
                },
            )
            staging.create(session, self._barriers)
        met = chunk.barriers
        points = point_ewkb(np.array([one.lon for one in met]), np.array([one.lat for one in met]))
        rows = [
            (0, one.source_id, one.barrier.kind, one.barrier.foot_blocked, one.barrier.motor_blocked, point)
            for one, point in zip(met, points, strict=True)
        ]
        columns = ("number", "source_id", "barrier", "foot_blocked", "motor_blocked", "geom")
        staging.copy(session, self._barriers, columns, rows)
        self._staged_barriers += len(rows)

    def counts(self) -> Mapping[str, int]:
        """How many barriers came with the roads."""
        return {"barriers": self._staged_barriers}


def _tags(
    highway: str, name: str | None, *, oneway: str | None, maxspeed: str | None, foot: bool | None, motor: bool | None
) -> tuple[tuple[str, str], ...]:
    tags = {"highway": highway, "name": name, "oneway": oneway, "maxspeed": maxspeed}
    for key, allowed in (("foot", foot), ("motor_vehicle", motor)):
        if allowed is not None:
            tags[key] = "yes" if allowed else "no"
    return tuple((key, value) for key, value in tags.items() if value is not None)


@lru_cache(maxsize=65_536)
def _road(tags: tuple[tuple[str, str], ...]) -> RoadAttributes | None:
    return road_from_tags(dict(tags))


def _written(road: RoadAttributes) -> tuple[Value, ...]:
    return (road.name or "", road.highway, road.oneway, road.foot, road.motor, road.maxspeed_kmh)


def _digests(shapes: Shapes) -> Sequence[str]:
    return [digest([written]) for written in shapely.to_wkb(shapes, hex=True).tolist()]
