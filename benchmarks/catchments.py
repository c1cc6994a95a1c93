"""All pairs of a facility and a node within 1,200 m, for 1,000 facilities: ours beside scipy and pandana."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra

from benchmarks import peers
from benchmarks.graphs import FACILITIES, SIZES, EdgeList, edge_list, facility_nodes, street_graph
from benchmarks.nearest import insist, node_seeds, undirected
from benchmarks.report import Report, Row, publish
from benchmarks.timing import Series, interleaved, ratio, timed
from geo_registry.network.graph import Graph
from geo_registry.network.kernels import NodeCatchments, Seeds, catchments

ROUNDS = 15
PANDANA_ROUNDS = 9
PANDANA_PROMISE = 20.0

LIMIT_DM = 12_000

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


def measure(size: str, *, with_pandana: bool) -> tuple[list[Row], list[str]]:
    """The rows of one size, and what was found equal."""
    graph = street_graph(SIZES[size])
    edges = edge_list(graph)
    facilities = facility_nodes(graph)
    seeds = node_seeds(facilities)
    matrix = undirected(edges)
    few = facilities[:SCIPY_FACILITIES]
    cases = {
        "ours": timed(lambda: catchments(graph, seeds, LIMIT_DM)),
        "scipy": timed(lambda: dijkstra(matrix, indices=few, limit=LIMIT_DM)),
    }
    found = interleaved(cases, ROUNDS)
    scale = FACILITIES / SCIPY_FACILITIES
    theirs = Series(tuple(seconds * scale for seconds in found["scipy"].seconds))
    ours = pairs_of(catchments(graph, seeds, LIMIT_DM))
    rows = [
        Row("ours", size, found["ours"], note=f"{graph.nodes:,} nodes, {len(ours):,} pairs"),
        Row(
            "scipy dijkstra(limit), our order",
            size,
            theirs,
            ratio(theirs, found["ours"]),
            note=f"{SCIPY_FACILITIES} facilities, times {scale:.0f}",
        ),
    ]
    costs = dijkstra(matrix, indices=few, limit=LIMIT_DM)
    source, node = np.nonzero(costs <= LIMIT_DM)
    expected = in_order(source, node, costs[source, node].astype(np.int64))
    insist(np.array_equal(ours[ours[:, 0] < SCIPY_FACILITIES], expected), "our pairs differ from scipy's")
    checks = [f"{size}: our pairs and costs equal scipy's for {SCIPY_FACILITIES} facilities ({len(expected):,} pairs)"]
    if with_pandana:
        row, check = _beside_pandana(size, graph, edges, seeds, facilities, ours)
        rows.append(row)
        checks.append(check)
    return rows, checks


def _beside_pandana(  # noqa: PLR0917
    size: str,
    graph: Graph,
    edges: EdgeList,
    seeds: Seeds,
    facilities: npt.NDArray[np.int32],
    ours: npt.NDArray[np.int64],
) -> tuple[Row, str]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        peers.write_arrays(folder, edges, facilities)
        peer = stack.enter_context(peers.pandana(folder))
        peer.ask("build")
        cases = {
            "ours": timed(lambda: catchments(graph, seeds, LIMIT_DM)),
            "theirs": lambda: peer.ask("catchments", limit=LIMIT_DM),
        }
        found = interleaved(cases, PANDANA_ROUNDS)
        source, node, cost = (peer.array(name).astype(np.int64) for name in ("source", "node", "cost"))
    # Pandana names sources by their node: back to their position.
    position = np.empty(graph.nodes, np.int64)
    position[facilities] = np.arange(facilities.size)
    insist(np.array_equal(ours, in_order(position[source], node, cost)), "our pairs differ from pandana's")
    row = Row(
        "pandana nodes_in_range",
        size,
        found["theirs"],
        ratio(found["theirs"], found["ours"]),
        PANDANA_PROMISE,
        note="several threads",
    )
    return row, f"{size}: our pairs and costs equal pandana's ({len(ours):,} pairs)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and publish; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.catchments", description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--no-pandana", action="store_true", help="leave out the peer that takes an environment")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    checks: list[str] = []
    for size in options.sizes:
        measured, found = measure(size, with_pandana=not options.no_pandana)
        rows += measured
        checks += found
    title = f"All pairs of a facility and a node within {LIMIT_DM // 10:,} m, {FACILITIES:,} facilities"
    return 0 if publish(Report("catchments", title, rows, checks)) else 1


if __name__ == "__main__":
    sys.exit(main())
