"""OpenStreetMap files (`.osm.pbf`, `.osm`): ways that are roads, and the barriers that lie on them."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import osmium.filter
import osmium.geom
import osmium.osm
import shapely

from geo_registry.errors import FileBroken, FileEmpty
from geo_registry.exchange.converters import RawValue
from geo_registry.exchange.source import CHUNK_ROWS, Ragged, Scan, Shapes, as_value, see_that_it_is_there
from geo_registry.filters.expression import Value, ValueType
from geo_registry.geo import crs
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.network.access import READ_KEYS, Barrier, RoadAttributes, barrier_from_tags, road_from_tags

TYPES: Mapping[str, ValueType] = {
    "source_id": ValueType.TEXT,
    "name": ValueType.TEXT,
    "highway": ValueType.TEXT,
    "oneway": ValueType.NUMBER,
    "maxspeed_kmh": ValueType.NUMBER,
    "foot": ValueType.BOOLEAN,
    "motor": ValueType.BOOLEAN,
}
"""The columns that ways come with: their tags as the network reads them."""

BIG_FILE_BYTES = 500 << 20
"""From this size on the places of nodes are kept in a file: in memory they would take some gigabytes."""


@dataclass(frozen=True, slots=True)
class OsmBarrier:
    """A barrier node that lies on a road; degrees, WGS 84."""

    source_id: str
    barrier: Barrier
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class OsmChunk:
    """Some ways that are roads, and the barriers that were first met on them."""

    numbers: Sequence[int]
    ids: Sequence[str]
    roads: Sequence[RoadAttributes]
    wkb: Sequence[str]
    """Lines as hexadecimal WKB."""
    barriers: Sequence[OsmBarrier]
    incomplete: Mapping[int, int]
    """Nodes that the file doesn't hold, by row number."""
    ragged: Sequence[Ragged] = ()

    def column(self, name: str) -> Sequence[RawValue]:
        """A column's values."""
        if name == "source_id":
            return self.ids
        return [getattr(road, name) for road in self.roads]

    def typed(self, name: str) -> Sequence[Value]:
        """A column's values; None where they are empty."""
        return [as_value(value) for value in self.column(name)]

    def shapes(self) -> Shapes | None:
        """The ways' lines."""
        shapes: Shapes = shapely.from_wkb(np.array(self.wkb, dtype=object))
        return shapes


class OsmSource:
    """A file of OpenStreetMap's.

    Raises
    ------
    FileUnreadable
        It isn't there.
    """

    columns = tuple(TYPES)
    encoding = "utf-8"
    licence = "© OpenStreetMap contributors, ODbL 1.0"
    has_shapes = True
    columns_are_fields = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self.crs = crs.epsg(4326)
        see_that_it_is_there(path)
        if path.stat().st_size == 0:
            raise FileEmpty(path=path)

    def sample(self) -> Mapping[str, Sequence[RawValue]]:
        """Nothing: the columns are those of the network."""
        return {name: [] for name in self.columns}

    def scan(self, typed: Sequence[str], progress: Progress = unheard) -> Scan:
        """Nothing is known before the file is read; whether it is whole shows at its end."""
        del progress
        return Scan(rows=None, types={name: TYPES[name] for name in typed})

    def chunks(self) -> Iterator[OsmChunk]:
        """All roads in chunks.

        Raises
        ------
        FileBroken
            The file is broken off or isn't OpenStreetMap's.
        FileEmpty
            It has no roads.
        """
        number = 0
        with tempfile.TemporaryDirectory(prefix="geo-registry-") as folder:
            for chunk in _Reading(self._path, Path(folder)).chunks():
                number += len(chunk.numbers)
                yield chunk
        if number == 0:
            raise FileEmpty(path=self._path)


class _Reading:
    """One pass over the file: nodes come before the ways that use them."""

    def __init__(self, path: Path, folder: Path) -> None:
        self._path = path
        big = path.stat().st_size >= BIG_FILE_BYTES
        storage = f"sparse_file_array,{folder / 'nodes'}" if big else "flex_mem"
        entities = osmium.osm.NODE | osmium.osm.WAY
        self._objects = (
            osmium.FileProcessor(os.fspath(path), entities)
            .with_locations(storage)
            # The rest is dropped before Python sees it.
            .with_filter(osmium.filter.KeyFilter(*READ_KEYS))
        )
        self._lines = osmium.geom.WKBFactory()
        self._barriers: dict[int, OsmBarrier] = {}
        self._number = 0
        self._begin()

    def _begin(self) -> None:
        self._ids: list[str] = []
        self._numbers: list[int] = []
        self._roads: list[RoadAttributes] = []
        self._wkb: list[str] = []
        self._met: list[OsmBarrier] = []
        self._incomplete: dict[int, int] = {}

    def chunks(self) -> Iterator[OsmChunk]:
        try:
            for one in self._objects:
                if isinstance(one, osmium.osm.Node):
                    self._take_node(one)
                elif isinstance(one, osmium.osm.Way):
                    self._take_way(one)
                    if len(self._ids) >= CHUNK_ROWS:
                        yield self._chunk()
        except RuntimeError as error:
            raise FileBroken(path=self._path, reason=str(error)) from error
        if self._ids:
            yield self._chunk()

    def _chunk(self) -> OsmChunk:
        chunk = OsmChunk(self._numbers, self._ids, self._roads, self._wkb, self._met, self._incomplete)
        self._begin()
        return chunk

    def _take_node(self, node: Any) -> None:
        barrier = barrier_from_tags(dict(node.tags))
        if barrier is not None and node.location.valid():
            self._barriers[node.id] = OsmBarrier(f"node/{node.id}", barrier, node.location.lon, node.location.lat)

    def _take_way(self, way: Any) -> None:
        road = road_from_tags(dict(way.tags))
        if road is None:
            return
        references = [node.ref for node in way.nodes]
        for reference in references:
            met = self._barriers.pop(reference, None)
            if met is not None:
                self._met.append(met)
        try:
            self._add(f"way/{way.id}", road, self._lines.create_linestring(way))
        except osmium.InvalidLocationError:
            self._take_what_is_there(way, road)
        except RuntimeError:
            # Fewer than two different places: a way of one node is no line.
            self._number += 1

    def _take_what_is_there(self, way: Any, road: RoadAttributes) -> None:
        """A way at the edge of an extract: the runs of nodes that the file holds, each a line of its own."""
        runs: list[list[tuple[float, float]]] = [[]]
        missing = 0
        for node in way.nodes:
            if node.location.valid():
                runs[-1].append((node.location.lon, node.location.lat))
            else:
                missing += 1
                runs.append([])
        lines = [run for run in runs if any(one != other for one, other in pairwise(run))]
        for at, run in enumerate(lines, start=1):
            source_id = f"way/{way.id}" if len(lines) == 1 else f"way/{way.id}#{at}"
            self._add(source_id, road, shapely.to_wkb(shapely.LineString(run), hex=True))
            self._incomplete[self._number] = missing

    def _add(self, source_id: str, road: RoadAttributes, wkb: str) -> None:
        self._number += 1
        self._numbers.append(self._number)
        self._ids.append(source_id)
        self._roads.append(road)
        self._wkb.append(wkb)
