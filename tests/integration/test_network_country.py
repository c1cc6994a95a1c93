"""The network out of the database: which roads are taken, and how much of a real country's hangs together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import from_wkb

from geo_registry.db.session import Database, WriteSession
from geo_registry.exchange.inputs import ImportCommand
from geo_registry.exchange.service import import_file
from geo_registry.network import queries, service
from geo_registry.network.access import CLASS_DRIVE_SPEED_KMH
from geo_registry.vocabulary import DatasetKind, TravelMode
from tests.factories import make_dataset, operator
from tests.integration.imports import ask

PUBLISHED_SHARE = 0.938
"""Of all vertices of Liechtenstein's roads and tracks, those in the largest component."""


def test_roads_of_the_newest_date_are_taken_else_those_first_imported_last(session: WriteSession) -> None:
    first = make_dataset(session, DatasetKind.ROADS, key="first")
    assert queries.roads(session, None).key == "first"
    make_dataset(session, DatasetKind.ROADS, key="second")
    first.licence = "imported again"
    session.flush()
    assert queries.roads(session, None).key == "second"
    make_dataset(session, DatasetKind.ROADS, key="newest", as_of=date(2026, 1, 1))
    make_dataset(session, DatasetKind.ROADS, key="older", as_of=date(2020, 1, 1))
    make_dataset(session, DatasetKind.ROADS, key="undated")
    assert queries.roads(session, None).key == "newest"
    assert queries.roads(session, "first").key == "first"


@dataclass(frozen=True)
class Country:
    """The registry with a whole small country's roads in it."""

    database: Database
    data_path: Path

    def described(self, mode: TravelMode) -> dict[str, object]:
        with self.database.read() as session:
            roads = queries.roads(session, None)
            return service.describe(service.load_network(session, self.data_path, roads, mode))

    def vertices_by_component(self, roads: str, blocked: str) -> Sequence[int]:
        """How many vertices hang together, by scipy and on the lines themselves; the most first.

        A barrier ends every piece of a line that leads to it.
        """
        lines = ask(self.database, f"SELECT ST_AsBinary(geom) FROM road_segment WHERE {roads}")
        barriers = ask(self.database, f"SELECT ST_X(geom), ST_Y(geom) FROM road_barrier WHERE {blocked}")
        closed = {tuple(row) for row in barriers}
        number: dict[object, int] = {}
        pairs = []
        for at, (line,) in enumerate(lines):
            assert isinstance(line, memoryview)
            for step, piece in enumerate(pairwise(from_wkb(bytes(line)).coords)):
                ends = [(place, at, step) if place in closed else place for place in piece]
                pairs.append([number.setdefault(end, len(number)) for end in ends])
        tails, heads = zip(*pairs, strict=True)
        graph = coo_array((np.ones(len(pairs)), (tails, heads)), shape=(len(number), len(number)))
        _, component = connected_components(graph, directed=False)
        return sorted(np.bincount(component).tolist(), reverse=True)


@pytest.fixture
def country(database: Database, shared_data: Path, tmp_path: Path) -> Country:
    path = shared_data / "osm" / "liechtenstein-2013-08-03.osm.pbf"
    report = import_file(database, ImportCommand(kind=DatasetKind.ROADS, path=path), actor=operator())
    assert (report.created, report.refused) == (2_752, 0)
    return Country(database, tmp_path)


def test_real_country_hangs_together_as_it_is_known_to(country: Country) -> None:
    classes = ", ".join(f"'{word}'" for word in (*CLASS_DRIVE_SPEED_KMH, "track"))
    vertices = country.vertices_by_component(f"highway IN ({classes})", "false")
    assert vertices[0] / sum(vertices) == pytest.approx(PUBLISHED_SHARE, abs=0.0005)


@pytest.mark.parametrize("mode", TravelMode)
def test_network_of_a_real_country_tells_how_much_hangs_together(country: Country, mode: TravelMode) -> None:
    described = country.described(mode)
    column = "foot" if mode is TravelMode.WALK else "motor"
    vertices = country.vertices_by_component(column, f"{column}_blocked")
    assert described["components"] == len(vertices)

    nodes, outside, share = (described[key] for key in ("nodes", "nodes_outside_largest", "largest_component_share"))
    assert isinstance(nodes, int)
    assert isinstance(outside, int)
    assert share == pytest.approx(1 - outside / nodes, abs=1e-6)
    # Tracks are closed to cars here, which leaves out most of what hangs together in itself only.
    assert share == pytest.approx(0.975, abs=0.01)
    assert 2 * (len(vertices) - 1) <= outside <= sum(vertices[1:])
