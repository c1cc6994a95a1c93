"""All pairs of a facility and a node within 1,200 m, for 1,000 facilities: ours beside scipy and pandana.

Ours twice: in nodes, as the peers answer, and in points with their access legs, as a coverage run asks.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra

from benchmarks import peers
from benchmarks.graphs import FACILITIES, MEASURED_SIZES, SIZES, EdgeList, edge_list, facility_nodes, street_graph
from benchmarks.nearest import insist, node_seeds, undirected
from benchmarks.report import Report, Row, publish
from benchmarks.timing import Series, interleaved, ratio, timed
from geo_registry.network.graph import Graph
from geo_registry.network.kernels import NodeCatchments, PointCatchments, Seeds, catchment_points, catchments
from geo_registry.network.snap import Snapped

ROUNDS = 15
PANDANA_ROUNDS = 9
PANDANA_PROMISE = 20.0

LIMIT_DM = 12_000

OURS, OURS_POINTS = "ours, nodes", "ours, points"

SCIPY_FACILITIES = 20
"""Scipy answers with a full row of nodes for every facility, 8 MB each at a million: it is asked of few."""


def in_order(
    source: npt.NDArray[np.int64], node: npt.NDArray[np.int64], cost: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Pairs as rows of (source, node, cost), sorted, so that two answers can be compared."""
    order = np.lexsort((node, source))
    return np.column_stack((source[order], node[order], cost[order]))


def pairs_of(found: NodeCatchments) -> npt.NDArray[np.int64]:
    """Our answer as sorted rows of (position of the facility, node, cost in decimetres)."""
    source = np.repeat(np.arange(found.ptr.size - 1), np.diff(found.ptr))
    return in_order(source, found.node.astype(np.int64), found.cost.astype(np.int64))


def pairs_at(found: PointCatchments) -> npt.NDArray[np.int64]:
    """The same of points that are numbered as the nodes that they lie at."""
    return pairs_of(NodeCatchments(found.ptr, found.point, found.cost))


def at_nodes(graph: Graph, nodes: npt.NDArray[np.int32]) -> Snapped:
    """Points right at nodes, as snapping would place them: at the end of an edge, without an access leg."""
    edge = graph.outward.edge[graph.outward.ptr[nodes]]
    at_start = graph.edge_from[edge] == nodes
    nothing = np.zeros_like(edge)
    length, cost = graph.edge_length_dm[edge], graph.edge_cost[edge]
    return Snapped(
        edge=edge,
        lon=graph.node_lon[nodes],
        lat=graph.node_lat[nodes],
        access_dm=nothing,
        from_dm=np.where(at_start, nothing, length),
        to_dm=np.where(at_start, length, nothing),
        access_cost=nothing,
        from_cost=np.where(at_start, nothing, cost),
        to_cost=np.where(at_start, cost, nothing),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What everybody is asked: the nodes within the limit of facilities that lie at nodes, and the same as points."""

    graph: Graph
    edges: EdgeList
    facilities: npt.NDArray[np.int32]
    seeds: Seeds
    points: Snapped
    facility_points: Snapped

    @classmethod
    def of(cls, size: str) -> Self:
        """The question at a size."""
        graph = street_graph(SIZES[size])
        facilities = facility_nodes(graph)
        return cls(
            graph=graph,
            edges=edge_list(graph),
            facilities=facilities,
            seeds=node_seeds(facilities),
            points=at_nodes(graph, np.arange(graph.nodes, dtype=np.int32)),
            facility_points=at_nodes(graph, facilities),
        )

    def nodes_within(self) -> NodeCatchments:
        """Our answer in nodes."""
        return catchments(self.graph, self.seeds, LIMIT_DM)

    def points_within(self) -> PointCatchments:
        """Our answer in points, as a coverage run asks: points are put at their edges each time."""
        return catchment_points(self.graph, self.points, self.facility_points, LIMIT_DM)


def measure(size: str, *, with_pandana: bool) -> tuple[list[Row], list[str]]:
    """The rows of one size, and what was found equal."""
    asked = Asked.of(size)
    graph = asked.graph
    matrix = undirected(asked.edges)
    few = asked.facilities[:SCIPY_FACILITIES]
    cases = {
        "nodes": timed(asked.nodes_within),
        "points": timed(asked.points_within),
        "scipy": timed(lambda: dijkstra(matrix, indices=few, limit=LIMIT_DM)),
    }
    found = interleaved(cases, ROUNDS)
    scale = asked.facilities.size / few.size
    theirs = Series(tuple(seconds * scale for seconds in found["scipy"].seconds))
    ours = pairs_of(asked.nodes_within())
    rows = [
        Row(OURS, size, found["nodes"], note=f"{graph.nodes:,} nodes, {len(ours):,} pairs"),
        Row(OURS_POINTS, size, found["points"], note="as a run asks: a point at every node"),
        Row(
            "scipy dijkstra(limit), our order",
            size,
            theirs,
            ratio(theirs, found["nodes"]),
            note=f"{few.size} facilities, times {scale:.0f}",
        ),
    ]
    costs = dijkstra(matrix, indices=few, limit=LIMIT_DM)
    source, node = np.nonzero(costs <= LIMIT_DM)
    expected = in_order(source, node, costs[source, node].astype(np.int64))
    insist(np.array_equal(ours[ours[:, 0] < few.size], expected), "our pairs differ from scipy's")
    insist(np.array_equal(ours, pairs_at(asked.points_within())), "points at nodes differ from the nodes")
    checks = [
        f"{size}: our pairs and costs equal scipy's for {few.size} facilities ({len(expected):,} pairs)",
        f"{size}: our pairs and costs of points at nodes equal those of the nodes ({len(ours):,} pairs)",
    ]
    if with_pandana:
        more_rows, check = _beside_pandana(size, asked, ours)
        rows += more_rows
        checks.append(check)
    return rows, checks


def _beside_pandana(size: str, asked: Asked, ours: npt.NDArray[np.int64]) -> tuple[list[Row], str]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        peers.write_arrays(folder, asked.edges, asked.facilities)
        peer = stack.enter_context(peers.pandana(folder))
        peer.ask("build")
        cases = {
            "nodes": timed(asked.nodes_within),
            "points": timed(asked.points_within),
            "theirs": lambda: peer.ask("catchments", limit=LIMIT_DM),
        }
        found = interleaved(cases, PANDANA_ROUNDS)
        source, node, cost = (peer.array(name).astype(np.int64) for name in ("source", "node", "cost"))
    # Pandana names sources by their node: back to their position.
    position = np.empty(asked.graph.nodes, np.int64)
    position[asked.facilities] = np.arange(asked.facilities.size)
    insist(np.array_equal(ours, in_order(position[source], node, cost)), "our pairs differ from pandana's")
    theirs = found["theirs"]
    promised = PANDANA_PROMISE if size in MEASURED_SIZES else None
    rows = [
        Row(
            "pandana nodes_in_range",
            size,
            theirs,
            ratio(theirs, found["nodes"]),
            promised,
            note="several threads",
        ),
        Row(
            "the same beside our points",
            size,
            theirs,
            ratio(theirs, found["points"]),
            note="its points are its nodes; ours are placed in the time",
        ),
    ]
    return rows, f"{size}: our pairs and costs equal pandana's ({len(ours):,} pairs)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and publish; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.catchments", description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(MEASURED_SIZES))
    parser.add_argument("--no-pandana", action="store_true", help="leave out the peer that takes an environment")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    checks: list[str] = []
    for size in options.sizes:
        measured, found = measure(size, with_pandana=not options.no_pandana)
        rows += measured
        checks += found
    title = f"All pairs of a facility and a node within {LIMIT_DM // 10:,} m, {FACILITIES:,} facilities"
    not_measured = [f"pandana >= {PANDANA_PROMISE:g}"] if options.no_pandana else []
    return 0 if publish(Report("catchments", title, rows, checks, not_measured)) else 1


if __name__ == "__main__":
    sys.exit(main())
