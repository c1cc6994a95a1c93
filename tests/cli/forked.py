"""Commands as processes of their own that share what every one of them would import first: most of a short command."""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

TIMEOUT_S = 120
_server = multiprocessing.get_context("forkserver")
# Of ours only what reads no setting when it is imported.
_server.set_forkserver_preload(
    [
        "geo_registry.accounts.service",
        "geo_registry.exchange.service",
        "geo_registry.search.keeping",
        "typer",
        "rich.table",
    ]
)


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str, str]:
    """The exit code of `geo-registry` with the arguments, and what it printed to its two outputs."""
    with TemporaryDirectory(prefix="geo-registry-command-") as folder:
        outputs = Path(folder, "out"), Path(folder, "err")
        process = _server.Process(target=_command, args=(arguments, dict(environment), *outputs))
        process.start()
        process.join(TIMEOUT_S)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(arguments)
        printed, said = (output.read_text("utf-8") for output in outputs)
        return process.exitcode, printed, said


def _command(arguments: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, path in ((0, Path(os.devnull)), (1, out), (2, err)):
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = ["geo-registry", *arguments]
    from geo_registry.cli.main import run  # noqa: PLC0415 - what it does when imported is the command's own

    run()
