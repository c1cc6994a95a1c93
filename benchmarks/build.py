"""Making a network ready to ask: time and peak memory of ours, scipy's matrix and pandana's contraction.

Every case runs in a process of its own. Ours starts from roads as they are drawn and ends with everything that
questions need: nodes found, geodesic lengths, Hilbert order, arcs, components, the snapping grid. The peers get nodes,
edges and lengths ready-made.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.graphs import MEASURED_SIZES, SIZES, EdgeList, edge_list, facility_nodes, street_roads
from benchmarks.report import Report, Row, publish
from benchmarks.timing import Series
from geo_registry.settings import CHECKOUT

ROUNDS = {"1k": 1, "100k": 5, "1m": 3}

ROADS, KEPT = "roads.npz", "kept"


@dataclass(frozen=True, slots=True)
class Built:
    """What one case took; `before_mb` is the process's peak before it began, imports and input included."""

    seconds: float
    before_mb: float
    peak_mb: float


def _peak_mb() -> float:
    """The most memory that this process has had; `getrusage` would count what its parent had when it was started."""
    with Path("/proc/self/status").open() as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def _measured(work: Callable[[], object]) -> Built:
    before_mb = _peak_mb()
    began = perf_counter()
    kept = work()
    seconds = perf_counter() - began
    peak_mb = _peak_mb()
    del kept
    return Built(seconds, before_mb, peak_mb)


def _prepare(folder: Path, size: str) -> None:
    """Write the roads, the peers' edges and a kept graph."""
    from benchmarks.peers import write_arrays  # noqa: PLC0415
    from geo_registry.network import store  # noqa: PLC0415
    from geo_registry.network.graph import compile_graph, no_barriers  # noqa: PLC0415
    from geo_registry.vocabulary import TravelMode  # noqa: PLC0415

    roads = street_roads(SIZES[size])
    np.savez(folder / ROADS, **{column.name: getattr(roads, column.name) for column in fields(roads)})
    graph = compile_graph(roads, no_barriers(), TravelMode.WALK)
    write_arrays(folder, edge_list(graph), facility_nodes(graph))
    store.save(graph, folder / KEPT)


def _ours(folder: Path) -> Built:
    from geo_registry.network.graph import RoadLines, compile_graph, no_barriers  # noqa: PLC0415
    from geo_registry.vocabulary import TravelMode  # noqa: PLC0415

    with np.load(folder / ROADS) as arrays:
        roads = RoadLines(**arrays)
    return _measured(lambda: compile_graph(roads, no_barriers(), TravelMode.WALK))


def _kept(folder: Path) -> Built:
    from geo_registry.network import store  # noqa: PLC0415

    return _measured(lambda: store.load(folder / KEPT))


def _scipy(folder: Path) -> Built:
    from benchmarks.nearest import undirected  # noqa: PLC0415

    edges = EdgeList(*(np.load(folder / f"{column.name}.npy") for column in fields(EdgeList)))
    return _measured(lambda: undirected(edges))


CASES: dict[str, Callable[[Path], Built]] = {"ours": _ours, "kept": _kept, "scipy": _scipy}

NAMES = {
    "ours": "ours, from roads",
    "kept": "ours, mapped from disk",
    "scipy": "scipy csr_matrix, from edges",
    "pandana": "pandana Network, from edges",
}


def _in_own_process(*arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.build", *arguments], cwd=CHECKOUT, check=True, capture_output=True, text=True
    ).stdout


def _pandana(folder: Path) -> Built:
    from benchmarks import peers  # noqa: PLC0415

    with peers.pandana(folder) as peer:
        before_mb = peer.ask("peak_mb")
        seconds = peer.ask("build")
        return Built(seconds, before_mb, peer.ask("peak_mb"))


def measure(size: str, *, with_pandana: bool) -> list[Row]:
    """The rows of one size: all cases in turn, round by round."""
    names = [name for name in NAMES if name != "pandana" or with_pandana]
    built: dict[str, list[Built]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as scratch:
        _in_own_process("--prepare", size, "--folder", scratch)
        for _ in range(ROUNDS[size]):
            for name in names:
                if name == "pandana":
                    built[name].append(_pandana(Path(scratch)))
                else:
                    built[name].append(Built(**json.loads(_in_own_process("--case", name, "--folder", scratch))))
    return [
        Row(
            NAMES[name],
            size,
            Series(tuple(one.seconds for one in took)),
            note=f"peak {max(one.peak_mb for one in took):,.0f} MB, of these {took[0].before_mb:,.0f} before",
        )
        for name, took in built.items()
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and publish; nothing is promised, so always 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.build", description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(MEASURED_SIZES))
    parser.add_argument("--no-pandana", action="store_true", help="leave out the slowest peer")
    parser.add_argument("--prepare", choices=SIZES, help=argparse.SUPPRESS)
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.prepare:
        _prepare(options.folder, options.prepare)
        return 0
    if options.case:
        print(json.dumps(asdict(CASES[options.case](options.folder))))
        return 0
    rows = [row for size in options.sizes for row in measure(size, with_pandana=not options.no_pandana)]
    publish(Report("build", "Making a network ready to ask", rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
