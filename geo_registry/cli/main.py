"""The command line's entry: every command of `geo-registry`."""

import sys

from typer import Typer

from geo_registry.cli import console
from geo_registry.errors import DomainError

app = Typer(
    name="geo-registry",
    help="地名与民政设施登记系统 · a registry of place names and civil-affairs facilities on PostGIS.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def geo_registry() -> None:
    """Every command has `--help` with an example, `--json`, and exit code 0 fine / 1 refused / 2 wrong use."""


def run() -> None:
    """Run the command that was asked for; a refusal is printed, never a traceback."""
    try:
        app()
    except DomainError as error:
        sys.exit(console.refuse(error, as_json="--json" in sys.argv))
