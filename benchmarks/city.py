"""A whole city run: load the graph, snap, nearest, catchments, zones; warm in one process, cold in a new one.

100,000 demand points in 3,300 villages, 146 townships and 9 counties of one city, 1,000 facilities, ten minutes on foot.
The peer does the same but the catchments with scipy and shapely: its graph and its index of roads are kept in memory,
ours are mapped from the disk at every run.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.graphs import FACILITIES, MEASURED_SIZES, SIZES, edge_list, street_graph
from benchmarks.nearest import insist, undirected
from benchmarks.report import Report, Row, publish
from benchmarks.timing import Measured, Series, interleaved, ratio, timed
from geo_registry.coverage.evaluate import evaluate
from geo_registry.coverage.reach import NO_ZONE, by_zone, totals
from geo_registry.network import store
from geo_registry.network.graph import Graph

ROUNDS = 9
COLD_ROUNDS = 5
POINTS = 100_000
VILLAGES, TOWNSHIPS, COUNTIES = 3_300, 146, 9
LIMIT_DM = 6_666
SNAP_LIMIT_M = 500.0
SEED = 20_261_123
GEOD = Geod(a=6378137.0, rf=298.257222101)

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class City:
    """What a run is asked of; positions in degrees, every point in a village."""

    lon: Floats
    lat: Floats
    people: Floats
    zone: Longs
    parent: Longs
    facility_lon: Floats
    facility_lat: Floats


def city_on(graph: Graph) -> City:
    """People and facilities at random over the graph's extent; zones nest as those of a Chinese city do."""
    rng = np.random.default_rng(SEED)
    west, east = graph.node_lon.min(), graph.node_lon.max()
    south, north = graph.node_lat.min(), graph.node_lat.max()
    counties = 1 + np.arange(COUNTIES)
    townships = 1 + COUNTIES + np.arange(TOWNSHIPS)
    parent = np.concatenate(
        (
            [NO_ZONE],
            np.zeros(COUNTIES),
            counties[np.arange(TOWNSHIPS) % COUNTIES],
            townships[np.arange(VILLAGES) % TOWNSHIPS],
        )
    ).astype(np.int64)
    first_village = 1 + COUNTIES + TOWNSHIPS
    return City(
        lon=rng.uniform(west, east, POINTS),
        lat=rng.uniform(south, north, POINTS),
        people=rng.integers(0, 400, POINTS).astype(np.float64),
        zone=first_village + rng.integers(0, VILLAGES, POINTS),
        parent=parent,
        facility_lon=rng.uniform(west, east, FACILITIES),
        facility_lat=rng.uniform(south, north, FACILITIES),
    )


def run(folder: Path, city: City) -> tuple[float, float]:
    """Our whole run, from the folder on disk to the sums by zone; people and covered people."""
    kept = store.load(folder)
    insist(kept is not None, "the graph was not kept")
    assert kept is not None
    found = evaluate(
        kept.graph,
        demand_lon=city.lon,
        demand_lat=city.lat,
        people=city.people,
        facility_lon=city.facility_lon,
        facility_lat=city.facility_lat,
        limit_cost=LIMIT_DM,
        snap_limit_m=SNAP_LIMIT_M,
    )
    zones = by_zone(city.people, found.states, city.zone, city.parent)
    whole = totals(city.people, found.states, city.zone)
    insist(zones.covered[0] == whole.covered, "zones don't add up")
    return whole.demand, whole.covered


class Peer:
    """The usual way: an STR tree of edges, one Dijkstra from all facilities at the nodes, sums by bincount."""

    def __init__(self, graph: Graph) -> None:
        self._edges = edge_list(graph)
        self._matrix: csr_array = undirected(self._edges)
        lines = shapely.linestrings(
            np.column_stack((graph.shape_lon, graph.shape_lat)),
            indices=np.repeat(np.arange(graph.edges), np.diff(graph.shape_ptr)),
        )
        self._lines = lines
        self._tree = shapely.STRtree(lines)
        self._graph = graph

    def _snap(self, lon: Floats, lat: Floats) -> tuple[Longs, Floats, Floats]:
        """Edge, metres from its start, metres of the access leg; in plain degrees, as an STR tree measures."""
        points = shapely.points(lon, lat)
        edge = self._tree.nearest(points)
        along = shapely.line_locate_point(self._lines[edge], points, normalized=True)
        place = shapely.get_coordinates(shapely.line_interpolate_point(self._lines[edge], along, normalized=True))
        away = np.asarray(GEOD.inv(lon, lat, place[:, 0], place[:, 1])[2])
        return edge, along * self._graph.edge_length_dm[edge] / 10, away

    def run(self, city: City) -> float:
        """Covered people, without catchments."""
        graph = self._graph
        at, along, away = self._snap(city.facility_lon, city.facility_lat)
        # A node of its own for all facilities, with an arc to both ends of each one's edge.
        length = graph.edge_length_dm[at] / 10
        ends = np.concatenate((graph.edge_from[at], graph.edge_to[at]))
        legs = np.concatenate((along + away, length - along + away)) * 10
        cheapest = np.full(graph.nodes, np.inf)
        np.minimum.at(cheapest, ends, legs)
        hub = np.flatnonzero(np.isfinite(cheapest))
        extended = csr_array(
            (
                np.concatenate((self._matrix.data, cheapest[hub])),
                np.concatenate((self._matrix.indices, hub)),
                np.concatenate((self._matrix.indptr, [len(self._matrix.data) + len(hub)])),
            ),
            shape=(graph.nodes + 1, graph.nodes + 1),
        )
        cost = dijkstra(extended, indices=[graph.nodes], min_only=True)
        edge, along, away = self._snap(city.lon, city.lat)
        length = graph.edge_length_dm[edge] / 10
        nearest = (
            np.minimum(cost[graph.edge_from[edge]] + along * 10, cost[graph.edge_to[edge]] + (length - along) * 10)
            + away * 10
        )
        covered = (nearest <= LIMIT_DM) & (away <= SNAP_LIMIT_M)
        sums = np.bincount(city.zone[covered], weights=city.people[covered], minlength=len(city.parent))
        return float(sums.sum())


COLD = """
import sys
from pathlib import Path
from time import perf_counter
began = perf_counter()
from benchmarks.city import City, np, run
with np.load(sys.argv[2]) as arrays:
    city = City(**arrays)
imported = perf_counter()
run(Path(sys.argv[1]), city)
print(imported - began, perf_counter() - imported)
"""


def cold(folder: Path, city: City) -> tuple[Series, Series]:
    """Seconds that a new process takes to import everything, and then for its first run."""
    handed = folder.parent / "city.npz"
    np.savez(handed, **{part.name: getattr(city, part.name) for part in fields(City)})
    command = [sys.executable, "-c", COLD, str(folder), str(handed)]
    pairs = []
    for _ in range(COLD_ROUNDS):
        done = subprocess.run(command, capture_output=True, check=True)
        pairs.append([float(part) for part in done.stdout.split()])
    imports, firsts = zip(*pairs, strict=True)
    return Series(tuple(imports)), Series(tuple(firsts))


def measure(size: str) -> tuple[list[Row], list[str]]:
    """The rows of one size, and what was found to agree."""
    graph = street_graph(SIZES[size])
    city = city_on(graph)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "graph"
        store.save(graph, folder)
        peer = Peer(graph)
        cases: dict[str, Measured] = {"ours": timed(lambda: run(folder, city)), "peer": timed(lambda: peer.run(city))}
        found = interleaved(cases, ROUNDS)
        imports, firsts = cold(folder, city)
        people, covered = run(folder, city)
        theirs = peer.run(city)
    insist(abs(covered - theirs) <= people / 1_000, f"covered people differ: {covered:,.0f} and {theirs:,.0f}")
    rows = [
        Row("ours, warm: load, snap, nearest, catchments, zones", size, found["ours"], note=f"{POINTS:,} points"),
        Row("ours, first run of a new process", size, firsts, note="kernels compiled before"),
        Row("importing the program, before that", size, imports),
        Row(
            "scipy and shapely, in memory, without catchments", size, found["peer"], ratio(found["peer"], found["ours"])
        ),
    ]
    far = abs(covered - theirs) / people
    answers = f"{size}: {covered:,.0f} of {people:,.0f} people covered"
    return rows, [f"{answers}; the peer, which snaps in plain degrees and rounds nothing, differs by {far:.3%}"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and publish; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(MEASURED_SIZES))
    parser.add_argument("--no-pandana", action="store_true", help="there is none in this one")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    checks: list[str] = []
    for size in options.sizes:
        more, said = measure(size)
        rows += more
        checks += said
    return 0 if publish(Report("city", "A whole city run", rows, checks)) else 1


if __name__ == "__main__":
    sys.exit(main())
