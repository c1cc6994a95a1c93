"""Peers that the product doesn't depend on: their environment, and a process of theirs that answers.

Pandana is AGPL. It is installed from `requirements.lock` into ``.data/bench-venv``, is never imported by anything of
ours, and gets its arrays through files.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from benchmarks.graphs import EdgeList
from geo_registry.settings import CHECKOUT

ENVIRONMENT = CHECKOUT / ".data" / "bench-venv"
LOCK = Path(__file__).with_name("requirements.lock")
WORKER = Path(__file__).with_name("pandana_worker.py")


class PeerUnavailable(Exception):
    """A peer can't be measured here; why, and what would help."""


def ensure_environment() -> Path:
    """The interpreter of the peers' environment, which is made or brought up to the lock first.

    Raises
    ------
    PeerUnavailable
        uv isn't there, or the packages can't be had.
    """
    python = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / "lock.sha256"
    wanted = sha256(LOCK.read_bytes()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    installed = CHECKOUT / ".tools" / "uv" / "bin" / "uv"
    uv = str(installed) if installed.exists() else shutil.which("uv")
    if uv is None:
        raise PeerUnavailable("the peers' environment takes uv: run `make up` once, or put uv on the PATH")
    for command in (
        [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(ENVIRONMENT)],
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(LOCK)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PeerUnavailable(f"{' '.join(command[:3])} failed: {done.stderr.strip()}")
    stamp.write_text(wanted)
    return python


class Pandana:
    """A running `pandana_worker` over one folder of arrays; every verb says the seconds that it took there."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process = process
        self._folder = folder

    def ask(self, verb: str, **values: float) -> float:
        """Have the worker do `verb`; what it measured.

        Raises
        ------
        PeerUnavailable
            The worker has died.
        """
        asked, answers = _pipes(self._process)
        asked.write(json.dumps({"verb": verb, **values}) + "\n")
        asked.flush()
        answer = answers.readline()
        if not answer:
            raise PeerUnavailable(f"pandana ended with {self._process.wait()} while asked for {verb!r}")
        return float(json.loads(answer))

    def array(self, name: str) -> npt.NDArray[np.float64]:
        """An array that a verb has left."""
        found: npt.NDArray[np.float64] = np.load(self._folder / f"{name}.npy")
        return found


def _pipes(process: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def write_arrays(folder: Path, edges: EdgeList, facilities: npt.NDArray[np.int32]) -> None:
    """Put a network where the worker reads it."""
    for name in ("lon", "lat", "start", "end", "length_dm"):
        np.save(folder / f"{name}.npy", getattr(edges, name))
    np.save(folder / "facilities.npy", facilities.astype(np.int64))


@contextmanager
def pandana(folder: Path) -> Iterator[Pandana]:
    """A pandana process over the arrays in `folder`, ended at the end.

    Raises
    ------
    PeerUnavailable
        Its environment can't be made.
    """
    python = ensure_environment()
    log = folder / "pandana.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [python, WORKER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            yield Pandana(process, folder)
        finally:
            process.kill()
