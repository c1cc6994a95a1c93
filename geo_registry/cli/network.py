"""`geo-registry network …`: the graph that is compiled from roads."""

from typing import Annotated

import typer

from geo_registry.cli import console
from geo_registry.cli.console import AsJson
from geo_registry.vocabulary import TravelMode

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
    _show(roads, mode, as_json=as_json, rebuild=True)


@app.command()
def info(roads: Roads = None, mode: Mode = TravelMode.WALK, as_json: AsJson = False) -> None:
    """Say what the graph is made of: nodes, edges, components, and how much hangs together.

    Example: geo-registry network info --json
    """
    _show(roads, mode, as_json=as_json, rebuild=False)


def _show(roads: str | None, mode: TravelMode, *, as_json: bool, rebuild: bool) -> None:
    from geo_registry.accounts.actors import local_operator
    from geo_registry.network import queries, service
    from geo_registry.settings import get_settings

    with console.registry() as database, console.progress_bar() as progress, database.read() as session:
        found, data_path = queries.roads(session, roads), get_settings().data_path
        if rebuild:
            network = service.build_network(session, data_path, found, mode, actor=local_operator(), progress=progress)
        else:
            network = service.load_network(session, data_path, found, mode, progress=progress)
    described = service.describe(network)
    if as_json:
        console.print_json(described)
        return
    described["mode"] = mode.label(console.locale())
    console.show((console.word(*LABELS[item]), value) for item, value in described.items())
