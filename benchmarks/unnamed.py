"""Roads without a name found in a network, joined into lanes by village, and told in words.

Of the roads of a synthetic network six in ten have no name; villages are squares of a kilometre and a half. Ours joins by the
straightest, never across a border, and says of each lane how it runs. The peer is what a GIS offers ready-made: shapely's
`line_merge`, which joins wherever only two lines meet, then a spatial join with the villages; it cuts no border, knows no
straightest and says no word. Both must find as many kilometres. Nothing is promised but that they do. Joining is told apart from
the words, which the peer doesn't have.
"""

import argparse
import sys
from collections.abc import Sequence
from time import perf_counter

import numpy as np
import shapely

from benchmarks.graphs import MEASURED_SIZES, SIZES, street_graph
from benchmarks.nearest import insist
from benchmarks.report import Report, Row, publish
from benchmarks.timing import Series, ratio
from geo_registry.network.graph import Graph
from geo_registry.unnamed.course import courses_of
from geo_registry.unnamed.lanes import Lanes, Roads, Shortest, edge_lines, find

ROUNDS = 3
UNNAMED_SHARE = 0.6
NAME_SEED = 17
VILLAGE_DEG = 0.015
AGREED_KM = 0.001
"""How far both totals may differ, of each other: the planar and the geodesic length of cut roads."""

NOTHING = np.empty(0, object)


def roads_of(graph: Graph) -> Roads:
    """Which roads have names: four in ten, at random."""
    named = np.random.default_rng(NAME_SEED).random(graph.edges) >= UNNAMED_SHARE
    return Roads(np.full(graph.edges, "residential"), named, np.ones(graph.edges, np.bool_))


def villages_around(graph: Graph) -> np.ndarray:
    """Squares that hold every road."""
    west, south = graph.shape_lon.min() - 0.001, graph.shape_lat.min() - 0.001
    columns = int((graph.shape_lon.max() - west) / VILLAGE_DEG) + 1
    rows = int((graph.shape_lat.max() - south) / VILLAGE_DEG) + 1
    x, y = np.meshgrid(west + np.arange(columns) * VILLAGE_DEG, south + np.arange(rows) * VILLAGE_DEG)
    return np.asarray(shapely.box(x.ravel(), y.ravel(), x.ravel() + VILLAGE_DEG, y.ravel() + VILLAGE_DEG))


def ours(graph: Graph, roads: Roads, villages: np.ndarray) -> Lanes:
    """Lanes, however short."""
    return find(graph, roads, zones=[villages], extents=NOTHING, limits=Shortest(shortest_m=0.0))


def peers(graph: Graph, roads: Roads, villages: np.ndarray) -> np.ndarray:
    """Lines merged, each with the village that its middle lies in."""
    lines = edge_lines(graph, np.flatnonzero(~roads.named))
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
    middles = shapely.line_interpolate_point(merged, 0.5, normalized=True)
    shapely.STRtree(villages).query(middles, predicate="intersects")
    return np.asarray(merged)


def measure(size: str) -> list[Row]:
    """The rows of one size: ours and the peer in turn, and whether they found as many kilometres."""
    graph = street_graph(SIZES[size])
    roads, villages = roads_of(graph), villages_around(graph)
    took: dict[str, list[float]] = {"lanes": [], "words": [], "peer": []}
    for _ in range(ROUNDS):
        began = perf_counter()
        lanes = ours(graph, roads, villages)
        took["lanes"].append(perf_counter() - began)
        courses_of(lanes.lines)
        took["words"].append(perf_counter() - began)
        began = perf_counter()
        merged = peers(graph, roads, villages)
        took["peer"].append(perf_counter() - began)
    open_km = graph.edge_length_dm[~roads.named].sum() / 10_000
    insist(
        abs(lanes.length_m.sum() / 1_000 - open_km) <= AGREED_KM * open_km,
        "the lanes are not all the roads without a name",
    )
    planar = shapely.length(lanes.lines).sum(), shapely.length(merged).sum()
    insist(abs(planar[0] - planar[1]) <= AGREED_KM * planar[1], "ours and the peer's lines are not as long")
    joined, told, peer = (Series(tuple(seconds)) for seconds in took.values())
    return [
        Row("ours: lanes by village", size, joined, note=f"{lanes.lines.size:,} lanes"),
        Row("ours: the same, told in words", size, told),
        Row("shapely line_merge, then villages", size, peer, ratio(peer, joined), note=f"{merged.size:,} lines"),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and publish; nothing is promised, so always 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.unnamed", description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(MEASURED_SIZES))
    options = parser.parse_args(arguments)
    publish(
        Report(
            "unnamed",
            "Roads without a name, joined into lanes",
            [row for size in options.sizes for row in measure(size)],
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
