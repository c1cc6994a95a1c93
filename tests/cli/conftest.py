"""The command line as its user has it: a process of its own, on a registry of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(sys.executable).with_name("geo-registry")


@dataclass(frozen=True)
class Finished:
    """What a command left: its exit code and what it printed."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


@dataclass(frozen=True)
class Registry:
    """A registry in a folder of its own."""

    data_dir: Path

    def __call__(self, *arguments: str | Path, largest_file_bytes: int | None = None, **environment: str) -> Finished:
        """What `geo-registry` with the arguments leaves; with a limit, as on a disk that is full."""
        limit = () if largest_file_bytes is None else ("prlimit", f"--fsize={largest_file_bytes}")
        variables = {name: value for name, value in os.environ.items() if not name.startswith("GEO_")}
        done = subprocess.run(
            [*limit, PROGRAM, *arguments],
            env={**variables, "GEO_DATA_DIR": str(self.data_dir), **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def empty() -> Iterator[Path]:
    """The folder of an empty registry that is stopped, to be copied: to make a database takes ten times as long."""
    folder = _folder()
    made = Registry(folder)
    assert made("db", "start").code == 0
    assert made("users", "list").code == 0  # Whatever is asked first brings it up to date.
    assert made("db", "stop").code == 0
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def registry(empty: Path) -> Iterator[Registry]:
    """An empty registry with its own embedded database, stopped and removed at the end."""
    folder = _folder()
    subprocess.run(["cp", "-a", f"{empty}/.", folder], check=True)
    made = Registry(folder)
    yield made
    made("db", "stop")
    shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    """A folder that the database's own user may enter too."""
    folder = Path(tempfile.mkdtemp(prefix="geo-registry-test-"))
    folder.chmod(0o755)
    return folder
