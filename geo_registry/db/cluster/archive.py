"""Save a database to one file, and bring it back without ever losing the one that is there.

Works on the embedded cluster and on a server elsewhere alike. The file is `pg_dump`'s custom format: compressed, read
by `pg_restore` of the same or a newer version of PostgreSQL.
"""

import contextlib
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import NoReturn

import psycopg2
from psycopg2 import sql

from geo_registry.clock import now
from geo_registry.db.cluster.installations import find, with_tool
from geo_registry.db.cluster.lifecycle import DatabaseUrls
from geo_registry.db.cluster.os_user import Finished, run
from geo_registry.db.cluster.provision import connect_arguments, connected, create_database, in_database
from geo_registry.errors import BackupFailed, BackupUnusable, NotABackup, RestoreFailed, RestoreForbidden

MAINTENANCE = "postgres"
"""The database to be in while another one is made, renamed or dropped."""
REVISIONS = "alembic_version"
"""The table that every migrated registry has: what makes an archive one of ours."""
_MAGIC = b"PGDMP"
"""How `pg_dump`'s custom format begins."""
_RESTORE_JOBS = 2
"""Indexes are built side by side; more would starve the service that still runs on the old database."""
_REFUSED = psycopg2.errors.InsufficientPrivilege


@dataclass(frozen=True)
class Progress:
    """How far a backup or a restore is."""

    done: int
    total: int
    doing: str


Report = Callable[[Progress], None]


def backup(urls: DatabaseUrls, file: Path, *, report: Report | None = None) -> int:
    """Write the database to a file; returns its size in bytes.

    The file appears, and replaces an older one, only when it is whole. Readers and writers go on meanwhile: it holds
    the state of the moment at which it began.

    Parameters
    ----------
    urls
        The database; its superuser writes it where there is one, else the owner.
    file
        Where to, in a folder that exists; what it replaces can only be a backup.
    report
        Told how many tables are written.

    Raises
    ------
    BackupUnusable
        The path is a folder, lies in none, or is a file of another kind.
    BackupFailed
        No room, no right, or the server went away.
    PostgresToolMissing
        There is no `pg_dump` as new as the server.
    """
    _check_target(file)
    url = urls.superuser_url or urls.owner_url
    part = file.with_name(f".{file.name}.part")
    try:
        major, tables = _major_and_tables(url)
        part.touch(mode=0o600)
        tool = with_tool(find(), "pg_dump", major)
        command: list[str | Path] = [tool, "--format=custom", "--verbose", f"--file={part}", *_connection(url)]
        _run(command, url, _counting(report, "dumping contents of table ", tables))
        _to_disk(part)
        size = part.stat().st_size
        part.replace(file)
    except (OSError, psycopg2.Error, _ToolFailed) as error:
        raise BackupFailed(file=file, reason=_reason(error)) from error
    finally:
        part.unlink(missing_ok=True)
    return size


def restore(
    urls: DatabaseUrls,
    file: Path,
    *,
    report: Report | None = None,
    prepare: Callable[[DatabaseUrls], None] | None = None,
) -> None:
    """Replace the database by what a backup holds.

    It is restored beside the old one, which serves on until the new one is whole; then they change names in one
    transaction, and the old one is dropped. Whatever fails before that leaves everything as it was.

    Parameters
    ----------
    urls
        The database to replace. The role that does it (the superuser where there is one, else the owner) must be
        allowed to create databases and PostGIS.
    file
        What `backup` wrote.
    report
        Told how many of the archive's entries are restored.
    prepare
        Called with the restored database before it takes the old one's place, to migrate it; what it raises
        ends the restore.

    Raises
    ------
    NotABackup
        The file is missing, cut off, or something else.
    RestoreForbidden
        The role may not do it.
    RestoreFailed
        The server refused something, or went away.
    PostgresToolMissing
        There is no `pg_restore` as new as the server.
    """
    url = urls.superuser_url or urls.owner_url
    old = connect_arguments(url)["dbname"]
    new = f"{old}_restore_{now().astimezone(UTC):%Y%m%d%H%M%S}"
    restored = DatabaseUrls(
        owner_url=in_database(urls.owner_url, new),
        app_url=in_database(urls.app_url, new),
        superuser_url=in_database(url, new) if urls.superuser_url else None,
    )
    try:
        major, _ = _major_and_tables(url)
        tool = with_tool(find(), "pg_restore", major)
        entries = _entries(tool, file)
        _leave_no_older_attempt(url, old)
        create_database(in_database(url, MAINTENANCE), new)
        try:
            _fill(tool, file, in_database(url, new), _counting(report, r"(?:processing|finished) item \d+ ", entries))
            if prepare is not None:
                prepare(restored)
            _swap(url, old=old, new=new)
        except BaseException:
            _drop(url, new)
            raise
    except _REFUSED as error:
        raise RestoreForbidden(role=connect_arguments(url).get("user", "")) from error
    except (OSError, psycopg2.Error, _ToolFailed) as error:
        raise RestoreFailed(file=file, reason=_reason(error)) from error


def psql(url: str, arguments: Sequence[str] = ()) -> NoReturn:
    """Become `psql` on that database: the process is replaced, so the terminal is psql's alone.

    Raises
    ------
    PostgresToolMissing
        It isn't installed.
    """
    major, _ = _major_and_tables(url)
    tool = with_tool(find(), "psql", major)
    command = [os.fspath(tool), *_connection(url), *arguments]
    os.execve(tool, command, _environment(url))  # noqa: S606  # no shell is wanted


def _check_target(file: Path) -> None:
    if file.is_dir():
        raise BackupUnusable(file=file, reason_zh="它是一个文件夹", reason_en="it is a folder")
    if not file.parent.is_dir():
        raise BackupUnusable(file=file, reason_zh="没有这个文件夹", reason_en="there is no such folder")
    if file.exists() and not _is_archive(file):
        raise BackupUnusable(
            file=file,
            reason_zh="那里已有另一个文件，不是备份",
            reason_en="another file is there, which is not a backup",
        )


def _is_archive(file: Path) -> bool:
    try:
        with file.open("rb") as handle:
            return handle.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


class _ToolFailed(Exception):
    """A client program's last words; never leaves this module."""


def _major_and_tables(url: str) -> tuple[int, int]:
    """The server's major version, and how many tables the database has."""
    with connected(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        )
        return connection.server_version // 10_000, int(cursor.fetchone()[0])


def _connection(url: str) -> list[str]:
    """The options that lead a client program there; the password goes by the environment, where nobody reads it."""
    named = {"host": "--host", "port": "--port", "user": "--username", "dbname": "--dbname"}
    arguments = connect_arguments(url)
    return ["--no-password", *(f"{option}={arguments[name]}" for name, option in named.items() if name in arguments)]


def _environment(url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    kept["LC_ALL"] = "C.UTF-8"
    arguments = connect_arguments(url)
    by_environment = {"password": "PGPASSWORD", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
    return kept | {variable: arguments[name] for name, variable in by_environment.items() if name in arguments}


def _run(command: Sequence[str | Path], url: str, line: Callable[[str], None]) -> None:
    """Run a client program, handing over each line that it says.

    Raises
    ------
    _ToolFailed
        With what it said last.
    """
    last: list[str] = []
    with subprocess.Popen(  # noqa: S603  # a list of our own programs and paths, and no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=_environment(url),
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            for said in process.stderr or ():
                line(said)
                if "error" in said or "FATAL" in said:
                    last = [*last, said.strip()][-3:]
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise _ToolFailed(" / ".join(last) or f"exit {process.returncode}")


def _counting(report: Report | None, pattern: str, total: int) -> Callable[[str], None]:
    """Makes progress of what a program says: each line like `pattern` is one of `total` things, its end says which."""
    done = 0

    def line(said: str) -> None:
        nonlocal done
        match = re.search(pattern, said)
        if report is not None and match:
            done += 1
            report(Progress(done=min(done, total), total=total, doing=said[match.end() :].strip()))

    return line


def _entries(tool: Path, file: Path) -> int:
    """How many entries the archive has, all of it read on the way.

    Raises
    ------
    NotABackup
    """
    if not file.is_file():
        raise NotABackup(file=file, reason="not found")
    listed = run([tool, "--list", file.absolute()])
    if listed.code:
        raise NotABackup(file=file, reason=_said(listed))
    lines = [line for line in listed.output.splitlines() if line and not line.startswith(";")]
    if not any(f" TABLE public {REVISIONS} " in line for line in lines):
        raise NotABackup(file=file, reason=f"no table {REVISIONS}")
    # The list stands at the head of the file; only turning all of it into SQL shows that the rest is there too.
    read = run([tool, "--file=/dev/null", file.absolute()])
    if read.code:
        raise NotABackup(file=file, reason=_said(read))
    return len(lines)


def _said(finished: Finished) -> str:
    return finished.output.strip().removeprefix("pg_restore: error: ")


def _fill(tool: Path, file: Path, url: str, line: Callable[[str], None]) -> None:
    command: list[str | Path] = [
        tool,
        "--exit-on-error",
        "--verbose",
        f"--jobs={_RESTORE_JOBS}",
        *_connection(url),
        file,
    ]
    _run(command, url, line)
    with connected(url) as connection, connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _leave_no_older_attempt(url: str, name: str) -> None:
    """Drop what a restore that was killed left behind."""
    with connected(in_database(url, MAINTENANCE)) as server, server.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ %s", (f"^{name}_restore_[0-9]{{14}}$",))
        for (left_over,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(left_over)))


def _swap(url: str, *, old: str, new: str) -> None:
    """Let the new database take the old one's name; nobody may be connected to either meanwhile."""
    replaced = f"{old}_replaced"
    names = {"old": sql.Identifier(old), "new": sql.Identifier(new), "replaced": sql.Identifier(replaced)}
    with connected(in_database(url, MAINTENANCE)) as server, server.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {replaced} WITH (FORCE)").format(**names))
        with _closed_to_all(server, old), _closed_to_all(server, new):
            cursor.execute(sql.SQL("BEGIN"))
            cursor.execute(sql.SQL("ALTER DATABASE {old} RENAME TO {replaced}").format(**names))
            cursor.execute(sql.SQL("ALTER DATABASE {new} RENAME TO {old}").format(**names))
            cursor.execute(sql.SQL("COMMIT"))
        cursor.execute(sql.SQL("DROP DATABASE {replaced} WITH (FORCE)").format(**names))


@contextlib.contextmanager
def _closed_to_all(server: psycopg2.extensions.connection, name: str) -> Iterator[None]:
    """Keep everyone out of a database; whatever name it has in the end, it is opened again."""
    with server.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname = %s", (name,))
        (oid,) = cursor.fetchone()
        cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
        try:
            cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datid = %s", (oid,))
            yield
        finally:
            cursor.execute("ROLLBACK")
            cursor.execute("SELECT datname FROM pg_database WHERE oid = %s", (oid,))
            (renamed,) = cursor.fetchone()
            cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(renamed)))


def _drop(url: str, name: str) -> None:
    """Remove a database that didn't come to be, if the server still answers."""
    with contextlib.suppress(psycopg2.Error), connected(in_database(url, MAINTENANCE)) as server:
        server.cursor().execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _to_disk(file: Path) -> None:
    with file.open("rb") as handle:
        os.fsync(handle.fileno())


def _reason(error: BaseException) -> str:
    """What went wrong, on one line."""
    return " ".join(str(error).split())
