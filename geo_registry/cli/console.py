"""What the commands share: where they print, how they show progress, how they refuse."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from geo_registry.errors import BadInput, BadQuery, DomainError, SettingsInvalid
from geo_registry.jobs.progress import Progress as Listener
from geo_registry.settings import Settings, get_settings

if TYPE_CHECKING:
    from geo_registry.db.cluster import Notice
    from geo_registry.db.session import Database

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]

LINE_EVERY_S = 5.0
"""Between two lines of progress where nothing can be drawn."""
QUIET_S = 2.0
"""Nothing is drawn for what is over sooner than this, in seconds."""

# Names and columns hold brackets and colons: nothing that is printed is markup.
errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)
output = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)


def print_json(result: object) -> None:
    """One JSON document on stdout; dates and ids as their text, bytes of a name that are no text as JSON's escapes."""
    text = json.dumps(result, ensure_ascii=False, default=str)
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode() + "\n")


@contextmanager
def registry() -> Iterator["Database"]:
    """The registry's database for one command, started, migrated and closed; what takes long is said on stderr."""
    from geo_registry.db.startup import open_database
    from geo_registry.search import keeping
    from geo_registry.unnamed import standing
    from geo_registry.vocabulary import Way

    keeping.install()
    standing.install()
    database = open_database(get_settings(), tell=tell, way=Way.COMMAND)
    try:
        yield database
    finally:
        database.dispose()


def locale() -> str:
    """The language of the settings; the default where they can't be read, which is said in some language too."""
    try:
        return get_settings().locale
    except SettingsInvalid:
        return str(Settings.model_fields["locale"].default)


def tell(notice: "Notice") -> None:
    """Print what the embedded cluster has to say."""
    errors.print(notice.message(locale()), markup=False)


def word(zh: str, en: str) -> str:
    """What people read, in the language of the settings."""
    return en if locale() == "en" else zh


def say(zh: str, en: str) -> None:
    """A line for people, on stderr, in the language of the settings."""
    errors.print(word(zh, en), markup=False)


def confirm(zh: str, en: str, *, unconfirmed: DomainError, as_json: bool) -> None:
    """Ask a person before something is done that can't be undone; who doesn't agree ends the command, and nothing is done.

    Raises
    ------
    DomainError
        `unconfirmed`: there is nobody to ask, or whoever asks for JSON is a program.
    """
    if as_json or not sys.stdin.isatty():
        raise unconfirmed
    typer.confirm(word(zh, en), abort=True, err=True)


def show(facts: Iterable[tuple[str, object]]) -> None:
    """Facts on stdout, one a line; a terminal of any width shows them whole."""
    for item, value in facts:
        output.print(f"{item}: {_shown(value)}", markup=False)


def _shown(value: object) -> str:
    """A value as people write it; a moment in the registry's time zone, to the second."""
    match value:
        case None | "":
            return "–"
        case bool():
            return word("是" if value else "否", "yes" if value else "no")
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.4f}".rstrip("0").rstrip(".")
        case datetime():
            return value.astimezone(get_settings().zone).isoformat(" ", "seconds")
        case _:
            return str(value)


def refuse(error: DomainError, *, as_json: bool) -> int:
    """Print what was refused and what to do, and give the exit code.

    With `--json` on stdout in the language of the settings, with both languages beside it; else in both on stderr.

    Returns
    -------
    int
        2 for a wrong use (a question that can't be asked so), 1 for everything else.
    """
    locales = ("en", "zh-CN") if locale() == "en" else ("zh-CN", "en")
    if as_json:
        print_json(
            {
                "error": {
                    "code": error.code,
                    "message": error.message(locales[0]),
                    "hint": error.hint(locales[0]),
                    "messages": {each: error.message(each) for each in locales},
                    "hints": {each: error.hint(each) for each in locales},
                }
            }
        )
    else:
        for each in locales:
            errors.print(f"{error.code}: {error.message(each)}", markup=False)
            if error.hint(each):
                errors.print(f"  → {error.hint(each)}", markup=False)
    return 2 if isinstance(error, BadQuery) and not isinstance(error, BadInput) else 1


@contextmanager
def progress_bar() -> Iterator[Listener]:
    """A listener that draws a bar on stderr once the work has gone on for two seconds; where no terminal is, a line now and then."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=errors, transient=True)
    tasks: dict[str, TaskID] = {}
    began = told = monotonic()

    def listen(step: str, done: int, total: int | None = None) -> None:
        nonlocal told
        if monotonic() - began < QUIET_S:
            return
        if not errors.is_terminal:
            if monotonic() - told > LINE_EVERY_S:
                told = monotonic()
                of = f" / {total:,}" if total else ""
                errors.print(f"{step} {done:,}{of} ({told - began:.0f} s)", markup=False)
            return
        if not bar.live.is_started:
            bar.start()
        if step not in tasks:
            tasks[step] = bar.add_task(step, total=total)
        bar.update(tasks[step], completed=done, total=total)

    try:
        yield listen
    finally:
        if bar.live.is_started:
            bar.stop()
