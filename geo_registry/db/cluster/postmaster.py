"""Whether a server runs on a data directory, judged by what it left there and by what the kernel says."""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg2

PORT = 5432
"""No TCP port: part of the socket's name only, so every cluster may have the same."""
NEVER_A_PID = 2**22 + 1
"""One more than the largest process number that Linux gives."""
SUPERUSER = "postgres"
"""The role that initdb makes, and the database of the same name: both are there whatever else is."""
_NOT_NOW = "the database system is "
"""How a server begins to say that it is starting up, recovering or shutting down."""
_PROC = Path("/proc")


@dataclass(frozen=True)
class Postmaster:
    """A server as its `postmaster.pid` describes it."""

    pid: int
    started_at: datetime
    socket_folder: Path
    ready: bool

    @property
    def socket(self) -> Path:
        """The file that it listens on."""
        return socket_in(self.socket_folder)

    @property
    def answers(self) -> bool:
        """Whether it takes connections; two milliseconds.

        Only asking it tells: while it recovers from the death of one of its processes it listens as ever, and its pid
        file calls it ready. A refusal for another reason (no connection is free) is an answer.
        """
        if not self.ready:
            return False
        try:
            psycopg2.connect(
                host=os.fspath(self.socket_folder), port=PORT, user=SUPERUSER, dbname=SUPERUSER, connect_timeout=5
            ).close()
        except psycopg2.OperationalError as error:
            said = str(error)
            return "FATAL:" in said and _NOT_NOW not in said
        return True


def socket_in(folder: Path) -> Path:
    """The socket's file in a folder; libpq makes up the same name."""
    return folder / f".s.PGSQL.{PORT}"


def read(directory: Path) -> Postmaster | None:
    """What `postmaster.pid` says; None without one, or while it is still being written."""
    try:
        lines = (directory / "postmaster.pid").read_text().splitlines()
        return Postmaster(
            pid=abs(int(lines[0])),
            started_at=datetime.fromtimestamp(int(lines[2]), UTC),
            socket_folder=Path(lines[4]),
            ready=len(lines) > 7 and lines[7].strip() == "ready",
        )
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None


def running(directory: Path) -> Postmaster | None:
    """The server of this directory, if its process is alive and really is one."""
    found = read(directory)
    return found if found and is_server_of(found.pid, directory) else None


def is_server_of(pid: int, directory: Path) -> bool:
    """Whether that process is this directory's server.

    A process number alone says nothing: after a crash it may belong to anybody. A server works in its data directory;
    where the kernel hides that (root in a container reads nobody else's links), its command line must do. A dead one
    that nobody buried, as happens in containers without an init, has neither.
    """
    process = _PROC / str(pid)
    try:
        return (process / "cwd").readlink() == directory.resolve()
    except (FileNotFoundError, ProcessLookupError):
        return False
    except PermissionError:
        return _was_started_on(process, directory)


def _was_started_on(process: Path, directory: Path) -> bool:
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    if Path(os.fsdecode(words[0])).name not in {"postgres", "postmaster"}:
        return False
    folders = [Path(os.fsdecode(after)) for word, after in itertools.pairwise(words) if word == b"-D"]
    return any(folder.resolve() == directory.resolve() for folder in folders)


def disown_stale_pid(directory: Path) -> None:
    """Make the pid file of a dead server recognisable as such when its number now belongs to another process.

    PostgreSQL itself sees through a number that nobody has, but not through one that its own user's process got after
    a reboot. The file isn't deleted: its other lines name the shared memory by which a server notices that processes
    of a killed one still hold the data.
    """
    file = directory / "postmaster.pid"
    try:
        first, newline, rest = file.read_text().partition("\n")
    except FileNotFoundError:
        return
    if first.strip().lstrip("-").isdigit() and not is_server_of(abs(int(first)), directory):
        with file.open("r+") as handle:
            handle.write(f"{NEVER_A_PID}{newline}{rest}")
            handle.truncate()


def remove_stale_socket(folder: Path) -> None:
    """Remove a dead server's socket with its lock file, whose process number may be taken like the other one."""
    for name in (socket_in(folder), Path(f"{socket_in(folder)}.lock")):
        name.unlink(missing_ok=True)


def orphans(directory: Path) -> Iterator[int]:
    """Processes of a killed server that still work in the directory."""
    for process in _PROC.iterdir():
        if not process.name.isdigit():
            continue
        try:
            works_here = (process / "cwd").readlink() == directory.resolve()
            title = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if works_here and title.startswith(b"postgres: "):
            yield int(process.name)
