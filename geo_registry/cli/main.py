"""The command line's entry: every command of `geo-registry`."""

import sys
import traceback
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile

from typer import Abort, Typer
from typer._click.exceptions import NoArgsIsHelpError, UsageError  # Typer's own click, which has no public name

from geo_registry.cli import (
    announcements,
    audit,
    cases,
    console,
    consultations,
    coverage,
    database,
    demo,
    divisions,
    filings,
    heritage,
    imports,
    jobs,
    names,
    network,
    search,
    serving,
    tokens,
    users,
)
from geo_registry.cli.misuse import misused
from geo_registry.errors import CommandCrashed, DomainError

app = Typer(
    name="geo-registry",
    help="地名与民政设施登记系统 · a registry of place names and civil-affairs facilities on PostGIS.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("up")(serving.up)
app.command("serve")(serving.serve)
app.command("worker")(serving.worker)
app.command("migrate")(database.migrate_schema)
app.command("status")(database.registry_status)
app.command("search")(search.search_names)
app.add_typer(database.app, name="db")
app.add_typer(demo.app, name="demo")
app.add_typer(imports.app, name="import")
app.add_typer(names.app, name="names")
app.add_typer(cases.app, name="cases")
app.add_typer(filings.app, name="filings")
app.add_typer(announcements.app, name="announcements")
app.add_typer(consultations.app, name="consultations")
app.add_typer(divisions.app, name="divisions")
app.add_typer(heritage.app, name="heritage")
app.add_typer(network.app, name="network")
app.add_typer(coverage.app, name="coverage")
app.add_typer(users.app, name="users")
app.add_typer(tokens.app, name="tokens")
app.add_typer(jobs.app, name="jobs")
app.add_typer(audit.app, name="audit")

INTERRUPTED = 130
"""What a shell expects of a command that Ctrl-C ended."""


@app.callback()
def geo_registry() -> None:
    """Every command has `--help` with an example, `--json` (but `db psql`), and exit code 0 fine / 1 refused / 2 wrong use."""


def run() -> None:
    """Run the command that was asked for; a refusal is printed, never a traceback."""
    as_json = "--json" in sys.argv
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except DomainError as error:
        sys.exit(console.refuse(error, as_json=as_json))
    except NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except UsageError as error:
        if error.ctx and not as_json:
            console.errors.print(error.ctx.get_usage(), markup=False)
        sys.exit(console.refuse(misused(error), as_json=as_json))
    except (Abort, KeyboardInterrupt):
        console.say("已中止；未完成的改动已撤销。", "Interrupted; what was not finished was undone.")
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the top of the command line: what nobody foresaw is kept for who mends it
        sys.exit(console.refuse(CommandCrashed(what=type(error).__name__, log=_kept(error)), as_json=as_json))


def _kept(error: Exception) -> Path:
    """Where the whole story of a crash was written."""
    with NamedTemporaryFile("w", prefix="geo-registry-crash-", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.write(f"{version('geo-registry')} {sys.argv[1:]}\n")
        traceback.print_exception(error, file=file)
    return Path(file.name)
