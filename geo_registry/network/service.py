"""The verbs of the network: compile a dataset's roads for a mode, keep the graph, load it again."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from uuid import UUID

from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.session import ReadSession
from geo_registry.errors import NoRoads
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.model import Dataset
from geo_registry.network import queries, store
from geo_registry.network.graph import Graph, compile_graph
from geo_registry.vocabulary import TravelMode

COMPILER_SOURCES = ("access", "arrays", "compiled", "geodesic", "graph", "grid", "hilbert", "queries")
"""The modules of this package that decide what a graph of given roads is; a test finds one that is missing here."""


def compiler_version(folder: Path) -> str:
    """A hash of the compiler's sources in `folder` and of the format that graphs are kept in."""
    digest = sha256(f"{store.FORMAT}\n".encode())
    for name in COMPILER_SOURCES:
        digest.update((folder / f"{name}.py").read_bytes())
    return digest.hexdigest()


COMPILER = compiler_version(Path(__file__).parent)
"""Of this process: read with its code, not later, when the files may already be those of another version."""


@dataclass(frozen=True, slots=True)
class Network:
    """A graph and where it came from.

    `digest` is a sha256 of the graph's arrays; `cached` tells whether it was found on disk, `seconds` how long it took
    to have it, either way.
    """

    graph: Graph
    dataset_key: str
    licence: str
    content_version: UUID
    digest: str
    cached: bool
    seconds: float


def build_network(
    session: ReadSession,
    data_path: Path,
    roads: Dataset,
    mode: TravelMode,
    *,
    actor: Actor,
    progress: Progress = unheard,
) -> Network:
    """Compile a dataset's roads anew and keep the graph, in the place of what is there; see `load_network`.

    Raises
    ------
    Forbidden
        The actor may not.
    NoRoads, NetworkNotKept, RoadUnusable
        As `load_network`.
    """
    policy.require(actor, Verb.BUILD_NETWORK)
    return load_network(session, data_path, roads, mode, rebuild=True, progress=progress)


def load_network(
    session: ReadSession,
    data_path: Path,
    roads: Dataset,
    mode: TravelMode,
    *,
    rebuild: bool = False,
    progress: Progress = unheard,
) -> Network:
    """The graph of a dataset's roads for `mode`: from disk where these very roads were compiled before, else compiled.

    Parameters
    ----------
    data_path
        The registry's folder; graphs lie in ``network/`` by the roads' content version and the compiler's.
    rebuild
        Compile even if there is a graph on disk.

    Notes
    -----
    Once a graph is kept, those of the same dataset and mode that were compiled from other content, or by other rules,
    are removed.

    Raises
    ------
    NoRoads
        The mode may use none of the dataset's roads.
    NetworkNotKept
        There is no room, or no right, to keep the graph.
    RoadUnusable
        A road can't be on Earth.
    """
    began = perf_counter()
    family = _family(roads, mode)
    folder = data_path / store.FOLDER / f"{family}{_key(roads)}"
    kept = None if rebuild else store.load(folder)
    if kept is None:
        lines = queries.road_lines(session, roads, progress)
        progress("compile", 0, len(lines.road_fid))
        graph = compile_graph(lines, queries.barriers(session, roads), mode)
        if graph.edges == 0:
            raise NoRoads(key=roads.key, mode_zh=mode.zh, mode_en=mode.en)
        kept = store.save(graph, folder)
        store.drop_others(folder, family)
        progress("compile", len(lines.road_fid), len(lines.road_fid))
        cached = False
    else:
        cached = True
    return Network(
        graph=kept.graph,
        dataset_key=roads.key,
        licence=roads.licence,
        content_version=roads.content_version,
        digest=kept.digest,
        cached=cached,
        seconds=perf_counter() - began,
    )


def _family(roads: Dataset, mode: TravelMode) -> str:
    """How the names of all graphs of a dataset and a mode begin: of these one is kept."""
    return f"{mode.value}-{sha256(str(roads.id).encode()).hexdigest()[:12]}-"


def _key(roads: Dataset) -> str:
    """What one graph of its family is known by: the roads' content, and the rules that made it."""
    return sha256(f"{roads.content_version}|{COMPILER}".encode()).hexdigest()[:20]


def describe(network: Network) -> dict[str, object]:
    """What `network build` and `network info` print: the graph's size and how much of it hangs together.

    `components` counts weakly connected parts; `nodes_outside_largest` is what can't be reached from the largest.
    """
    graph = network.graph
    nodes = graph.component_nodes()
    return {
        "roads": network.dataset_key,
        "mode": graph.mode.value,
        "nodes": graph.nodes,
        "edges": graph.edges,
        "components": graph.components,
        "largest_component_share": round(graph.largest_component_share, 6),
        "nodes_outside_largest": int(graph.nodes - nodes.max(initial=0)),
        "km": round(float(graph.edge_length_dm.sum()) / 10_000, 1),
        "digest": network.digest,
        "cached": network.cached,
        "seconds": round(network.seconds, 3),
    }
