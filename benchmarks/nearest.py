"""The nearest of 1,000 facilities from every node: ours beside scipy and pandana."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from benchmarks import peers
from benchmarks.graphs import (
    FACILITIES,
    MEASURED_SIZES,
    SIZES,
    EdgeList,
    edge_list,
    facility_nodes,
    shuffled,
    street_graph,
)
from benchmarks.report import Report, Row, publish
from benchmarks.timing import Series, interleaved, ratio, timed
from geo_registry.network.graph import Graph
from geo_registry.network.kernels import UNREACHABLE_COST, NodeNearest, Seeds, nearest

ROUNDS = 15
PANDANA_ROUNDS = {"1k": 5, "100k": 5, "1m": 3}
"""Pandana takes half a minute for a million nodes."""

SCIPY_PROMISE = 2.5
PANDANA_PROMISE = 50.0
PROMISED_SIZE = "1m"


def node_seeds(nodes: npt.NDArray[np.int32]) -> Seeds:
    """Facilities that lie right on nodes."""
    return Seeds(ptr=np.arange(nodes.size + 1), node=nodes, cost=np.zeros_like(nodes))


def undirected(edges: EdgeList) -> csr_matrix:
    """The edges as scipy takes them, both ways; made outside the measured time."""
    nodes = edges.lon.size
    weight = np.concatenate((edges.length_dm, edges.length_dm)).astype(np.float64)
    ends = np.concatenate((edges.start, edges.end)), np.concatenate((edges.end, edges.start))
    return csr_matrix((weight, ends), shape=(nodes, nodes))


class _Last:
    """Keeps what a measured call answered."""

    ours: NodeNearest
    ordered: npt.NDArray[np.float64]
    unordered: npt.NDArray[np.float64]


def measure(size: str, *, with_pandana: bool) -> tuple[list[Row], list[str]]:
    """The rows of one size, and what was found equal."""
    graph = street_graph(SIZES[size])
    edges = edge_list(graph)
    random_edges, number = shuffled(edges)
    facilities = facility_nodes(graph)
    seeds = node_seeds(facilities)
    ordered, unordered = undirected(edges), undirected(random_edges)
    last = _Last()

    def ours() -> None:
        last.ours = nearest(graph, seeds)

    def scipy_ordered() -> None:
        last.ordered = dijkstra(ordered, indices=facilities, min_only=True)

    def scipy_unordered() -> None:
        last.unordered = dijkstra(unordered, indices=number[facilities], min_only=True)

    names = ("ours", "scipy dijkstra(min_only), our order", "scipy dijkstra(min_only), random order")
    cases = {names[0]: timed(ours), names[1]: timed(scipy_ordered), names[2]: timed(scipy_unordered)}
    found = interleaved(cases, ROUNDS)
    mine = found[names[0]]
    promised = SCIPY_PROMISE if size == PROMISED_SIZE else None
    rows = [Row(names[0], size, mine, note=f"{graph.nodes:,} nodes, {graph.edges:,} edges")]
    rows += [Row(name, size, found[name], ratio(found[name], mine), promised) for name in names[1:]]
    expected = np.where(np.isinf(last.ordered), UNREACHABLE_COST, last.ordered)
    insist(np.array_equal(last.ours.cost, expected), "our costs differ from scipy's")
    insist(np.array_equal(last.ordered, last.unordered[number]), "scipy's costs depend on the order of nodes")
    checks = [f"{size}: our costs equal scipy's at all {graph.nodes:,} nodes"]
    if with_pandana:
        more_rows, check = _beside_pandana(size, graph, edges, seeds, facilities)
        rows += more_rows
        checks.append(check)
    return rows, checks


def _beside_pandana(
    size: str, graph: Graph, edges: EdgeList, seeds: Seeds, facilities: npt.NDArray[np.int32]
) -> tuple[list[Row], str]:
    ours = nearest(graph, seeds)
    there = ours.cost != UNREACHABLE_COST
    # Pandana searches all that lies within the limit it is given: the least that serves is told it.
    farthest_dm = int(ours.cost[there].max())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        peers.write_arrays(folder, edges, facilities)
        peer = stack.enter_context(peers.pandana(folder))
        peer.ask("build")
        placed = peer.ask("place", far=farthest_dm + 1.0)
        cases = {"ours": timed(lambda: nearest(graph, seeds)), "theirs": lambda: peer.ask("nearest")}
        found = interleaved(cases, PANDANA_ROUNDS[size], warm_up=0 if size == "1m" else 1)
        theirs = peer.array("nearest")
    insist(np.array_equal(ours.cost[there], theirs[there]), "our costs differ from pandana's")
    return [
        Row(
            "pandana nearest_pois",
            size,
            found["theirs"],
            ratio(found["theirs"], found["ours"]),
            PANDANA_PROMISE if size == PROMISED_SIZE else None,
            note="facilities placed before",
        ),
        Row("pandana set_pois, once a set of facilities", size, Series((placed,))),
    ], f"{size}: our costs equal pandana's at all {int(there.sum()):,} nodes with a way"


def insist(equal: bool, otherwise: str) -> None:  # noqa: FBT001
    """A benchmark of a wrong answer is worth nothing."""
    if not equal:
        raise SystemExit(otherwise)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and publish; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nearest", description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(MEASURED_SIZES))
    parser.add_argument("--no-pandana", action="store_true", help="leave out the slowest peer")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    checks: list[str] = []
    for size in options.sizes:
        measured, found = measure(size, with_pandana=not options.no_pandana)
        rows += measured
        checks += found
    reached = PROMISED_SIZE in options.sizes
    promises = {
        f"scipy at {PROMISED_SIZE} >= {SCIPY_PROMISE:g}": reached,
        f"pandana at {PROMISED_SIZE} >= {PANDANA_PROMISE:g}": reached and not options.no_pandana,
    }
    title = f"The nearest of {FACILITIES:,} facilities from every node"
    not_measured = [promise for promise, measured in promises.items() if not measured]
    return 0 if publish(Report("nearest", title, rows, checks, not_measured)) else 1


if __name__ == "__main__":
    sys.exit(main())
