"""`geo-registry network …`: the graph that is compiled from roads."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from geo_registry.cli import console
from geo_registry.cli.console import AsJson
from geo_registry.vocabulary import TravelMode

if TYPE_CHECKING:
    from geo_registry.db.session import ReadSession
    from geo_registry.model import Dataset
    from geo_registry.network.service import Network

app = typer.Typer(help="路网 · the road network.", no_args_is_help=True, rich_markup_mode=None)

LABELS = {
    "roads": ("道路数据", "roads"),
    "mode": ("出行", "travel"),
    "nodes": ("节点", "nodes"),
    "edges": ("边", "edges"),
    "components": ("连通分量", "components"),
    "largest_component_share": ("最大分量占比", "share of the largest component"),
    "nodes_outside_largest": ("最大分量之外的节点", "nodes outside the largest component"),
    "km": ("总长 km", "length, km"),
    "digest": ("摘要", "digest"),
    "cached": ("取自磁盘", "found on disk"),
    "seconds": ("秒", "seconds"),
}
"""What people read for the keys of `network info --json`."""

Roads = Annotated[str | None, typer.Option(help="Key of the road dataset; else the newest.")]
Mode = Annotated[TravelMode, typer.Option(help="How people travel.")]


@app.command()
def build(roads: Roads = None, mode: Mode = TravelMode.WALK, as_json: AsJson = False) -> None:
    """Compile roads to a graph anew and keep it; runs on the same roads then find it.

    Example: geo-registry network build --mode walk
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.network import service
    from geo_registry.settings import get_settings

    with _dataset(roads) as (session, found), console.progress_bar() as progress:
        network = service.build_network(
            session, get_settings().data_path, found, mode, actor=local_operator(), progress=progress
        )
    _show(network, as_json=as_json)


@app.command()
def info(roads: Roads = None, mode: Mode = TravelMode.WALK, as_json: AsJson = False) -> None:
    """Say what the graph is made of: nodes, edges, components, and how much hangs together.

    Example: geo-registry network info --json
    """
    from geo_registry.network import service
    from geo_registry.settings import get_settings

    with _dataset(roads) as (session, found), console.progress_bar() as progress:
        network = service.load_network(session, get_settings().data_path, found, mode, progress=progress)
    _show(network, as_json=as_json)


@contextmanager
def _dataset(roads: str | None) -> Iterator[tuple["ReadSession", "Dataset"]]:
    """The road dataset that is meant, and the session that it was found in."""
    from geo_registry.network import queries

    with console.registry() as database, database.read() as session:
        yield session, queries.roads(session, roads)


def _show(network: "Network", *, as_json: bool) -> None:
    from geo_registry.network import service

    described = service.describe(network)
    if as_json:
        console.print_json(described)
        return
    described["mode"] = network.graph.mode.label(console.locale())
    console.show((console.word(*LABELS[item]), value) for item, value in described.items())
