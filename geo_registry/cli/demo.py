"""`geo-registry demo …`: the demonstration registry of Jinhua, in and out."""

from typing import TYPE_CHECKING, Annotated

import typer

from geo_registry.cli import console
from geo_registry.cli.console import AsJson

if TYPE_CHECKING:
    from geo_registry.demo.service import Loaded

app = typer.Typer(
    help="示例数据 · the demonstration registry: Jinhua's names and counts on a made-up landscape.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ROWS = {
    "divisions": ("区划", "divisions"),
    "successions": ("区划沿革", "successions of divisions"),
    "roads": ("道路", "roads"),
    "facilities": ("设施", "facilities"),
    "population": ("人口点", "demand points"),
    "places": ("地名", "places"),
}


@app.command()
def load(as_json: AsJson = False) -> None:
    """Load the demonstration into an empty registry; where it is loaded already, nothing changes.

    To try it beside a registry of your own, set GEO_DATA_DIR to another folder.

    Example: geo-registry demo load
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.demo import service

    with console.registry() as database, console.progress_bar() as progress:
        done = service.load(database, actor=local_operator(), progress=progress)
    if as_json:
        console.print_json(done.as_json())
        return
    tell_loaded(done)


def tell_loaded(done: "Loaded") -> None:
    """What loading did, for people."""
    if done.already:
        console.say("示例数据已在库中，没有改动", "the demonstration is there already; nothing was changed")
        return
    console.show((console.word(*ROWS[kind]), rows) for kind, rows in done.rows.items())
    console.show([(console.word("秒", "seconds"), round(sum(done.seconds.values()), 1))])


@app.command()
def clear(
    yes: Annotated[
        bool, typer.Option("--yes", help="Don't ask: the demonstration can't be brought back as it was.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take the demonstration out again, with its history and the runs that it answered; other data stay.

    Example: geo-registry demo clear --yes
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.db.session import Database
    from geo_registry.db.startup import database_urls
    from geo_registry.demo import service
    from geo_registry.errors import ClearUnconfirmed
    from geo_registry.settings import get_settings
    from geo_registry.vocabulary import Way

    if not yes:
        console.confirm(
            "示例数据连同历史和用它得出的分析结果都将删除，示例账号将停用。继续？",
            "The demonstration is deleted, with its history and the runs that it answered; its accounts are closed. Go on?",
            unconfirmed=ClearUnconfirmed(),
            as_json=as_json,
        )
    with console.registry():
        # It is running and migrated; records are deleted by its owner alone.
        owner = Database.connect(database_urls(get_settings()).owner_url, way=Way.COMMAND)
        try:
            with console.progress_bar() as progress:
                done = service.clear(owner, actor=local_operator(), progress=progress)
        finally:
            owner.dispose()
    if as_json:
        console.print_json(done.as_json())
    elif done.rows:
        console.show(done.rows.items())
    else:
        console.say("库中没有示例数据", "there is no demonstration in the registry")
