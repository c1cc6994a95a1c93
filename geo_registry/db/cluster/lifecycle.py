"""Make, start, find and stop the private cluster of one registry.

The server outlives the command that started it: it runs in a session of its own, and the next command finds it.
"""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import psycopg2

from geo_registry.db.cluster import files, postmaster, sockets, tuning
from geo_registry.db.cluster.installations import Installation, choose, find, for_major
from geo_registry.db.cluster.notices import Notice, Tell, log_notice
from geo_registry.db.cluster.os_user import (
    ROOT_UID,
    Finished,
    OsUser,
    Patience,
    can_enter,
    cluster_user,
    forbidden,
    give,
    run,
)
from geo_registry.db.cluster.postmaster import SUPERUSER, Postmaster
from geo_registry.db.cluster.provision import (
    APP,
    DATABASE,
    OWNER,
    PROVISIONING,
    check_database,
    connected,
    provision,
)
from geo_registry.errors import (
    ClusterBusy,
    ClusterDiskFull,
    ClusterInitFailed,
    ClusterOrphans,
    ClusterStartFailed,
    ClusterStopFailed,
)
from geo_registry.settings import SYNC_DRIVER

FALLBACK = Path("/var/lib/geo-registry")
"""Where a cluster lies that root made for a registry in a place that no other user can enter."""
NEEDED_MB = 120
"""What a new cluster takes: 40 MB of catalogues, 30 MB of databases, a first segment of log, room to move."""
START_TIMEOUT_S = 900
"""Recovery after a crash replays up to `max_wal_size` of log, minutes on a slow disk."""
STOP_TIMEOUT_S = 300
"""A fast stop writes what lies in the buffers."""
LOCK_TIMEOUT_S = 1000
"""Longer than the longest start that another process may be busy with."""
SAY_SO_AFTER_S = 3.0
"""When whoever waits wants to know what for."""
ORPHANS_TIMEOUT_S = 20
"""A killed server's processes notice its death when they next wait for something."""
_POLL_S = 0.05
_UNFINISHED = ".postgres-new-"
_NO_SPACE = "No space left on device"
_STILL_HELD = "shared memory block"


@dataclass(frozen=True)
class DatabaseUrls:
    """One database under its roles, as SQLAlchemy URLs."""

    owner_url: str
    app_url: str
    superuser_url: str | None
    """None where the product isn't given one: a server elsewhere."""


@dataclass(frozen=True)
class ClusterUrls(DatabaseUrls):
    """The embedded database; every URL leads through the server's unix socket."""

    superuser_url: str
    started: bool
    """Whether this very call started the server: then it is the caller's to stop."""
    directory: Path
    """The data directory."""


@dataclass(frozen=True)
class ClusterStatus:
    """What there is of an embedded cluster, running or not."""

    directory: Path
    major: int | None
    """The major version of PostgreSQL that made it; None while there is none."""
    running: bool
    pid: int | None
    started_at: datetime | None
    socket_folder: Path | None
    log_folder: Path


def cluster_directory(data_path: Path) -> Path:
    """The data directory of the registry that is kept in `data_path`, made or to be made.

    It lies in `data_path`, except when root's stand-in can't get there (under ``/root``, below a folder closed to
    others): then under `FALLBACK`, by a hash of the path. One that exists is found again whoever asks.

    Raises
    ------
    ClusterForbidden
        The caller can't even look.
    """
    beside = data_path.absolute() / "postgres"
    fallback = FALLBACK / sockets.fingerprint(data_path) / "postgres"
    try:
        if beside.exists():
            return beside
        if fallback.exists():
            return fallback
    except PermissionError as error:
        raise forbidden(beside, error) from error
    if os.geteuid() != ROOT_UID or can_enter(cluster_user(beside), _nearest_existing(data_path.absolute())):
        return beside
    return fallback


def ensure_running(
    data_path: Path,
    *,
    durability: bool = True,
    tell: Tell = log_notice,
    installations: Sequence[Installation] | None = None,
) -> ClusterUrls:
    """Have the registry's own database server up, whatever that takes: make, start, provision, or just find it.

    Safe when several processes call it at once: one works, the others wait. Costs milliseconds when it is up.

    Parameters
    ----------
    data_path
        The registry's folder; made when missing.
    durability
        False for the tests' cluster: faster, and lost when the machine crashes. Counts from the next start on.
    tell
        Takes notices about what takes long, and about a directory that lies elsewhere.
    installations
        The servers to choose from; those found on this machine when left out.

    Raises
    ------
    PostgresMissing, PostgresTooOld, PostgresExtensionMissing, PostgisTooOld, ClusterOfOtherVersion
        What is installed won't do.
    ClusterForeign, ClusterForbidden, ClusterUserMissing, ClusterSocketPath
        The folder won't do.
    ClusterDiskFull, ClusterInitFailed, ClusterStartFailed, ClusterOrphans, ClusterBusy, DatabaseEncoding
        It was tried, and failed.
    """
    data_path = data_path.absolute()
    _make_folder(data_path)
    directory = cluster_directory(data_path)
    found = _answering(directory)
    if found:
        return _urls(directory, found, started=False)
    with _lock(data_path, tell):
        directory = cluster_directory(data_path)
        found = _answering(directory)
        if found:
            return _urls(directory, found, started=False)
        return _bring_up(directory, data_path, durability, tell, installations)


def stop(data_path: Path, *, tell: Tell = log_notice) -> bool:
    """Stop the registry's server, without waiting for its clients; whether there was one to stop.

    Raises
    ------
    ClusterStopFailed
        It is still running after `STOP_TIMEOUT_S`.
    """
    directory = cluster_directory(data_path)
    if not directory.exists():
        return False
    # The registry's folder may be gone while its cluster lies elsewhere; the lock needs it.
    _make_folder(data_path)
    with _lock(data_path, tell):
        found = _running(directory)
        if found is None:
            return False
        _stop(found, directory)
        return True


def remove(data_path: Path, *, tell: Tell = log_notice) -> bool:
    """Stop the registry's server and delete its data for good; whether there was any.

    Raises
    ------
    ClusterForeign
        The folder holds something that isn't ours to delete.
    ClusterForbidden, ClusterStopFailed
    """
    directory = cluster_directory(data_path)
    if _major_of(directory) is None:
        return False
    user = cluster_user(directory)
    stop(data_path, tell=tell)
    try:
        shutil.rmtree(directory)
    except PermissionError as error:
        raise forbidden(directory, error) from error
    sockets.discard(directory, user)
    if directory.parent != data_path.absolute():
        shutil.rmtree(directory.parent, ignore_errors=True)
    return True


def status(data_path: Path) -> ClusterStatus:
    """What there is, without starting anything.

    Raises
    ------
    ClusterForeign, ClusterForbidden
        The folder holds something else, or belongs to another user.
    """
    directory = cluster_directory(data_path)
    major = _major_of(directory)
    found = _running(directory) if major is not None else None
    return ClusterStatus(
        directory=directory,
        major=major,
        running=found is not None,
        pid=found.pid if found else None,
        started_at=found.started_at if found else None,
        socket_folder=found.socket_folder if found else None,
        log_folder=directory / "log",
    )


def _bring_up(
    directory: Path,
    data_path: Path,
    durability: bool,  # noqa: FBT001  # passed on
    tell: Tell,
    installations: Sequence[Installation] | None,
) -> ClusterUrls:
    """Everything that isn't the short way; the caller holds the lock."""
    user = cluster_user(directory)
    major = _major_of(directory)
    found = _running(directory) if major is not None else None
    if found is not None:
        found = _wait_until_it_answers(found, directory, tell)
    started = found is None
    if found is None:
        installed = find() if installations is None else installations
        if major is None:
            server = choose(installed)
            _say_where(directory, data_path, tell)
            _initialise(directory, server, user, durability=durability, tell=tell)
        else:
            server = for_major(installed, major, directory)
        found = _start(directory, server, user, durability=durability, tell=tell)
    urls = _urls(directory, found, started=started)
    _provision(urls, user)
    return urls


# Finding it.


def _answering(directory: Path) -> Postmaster | None:
    """The server, if it is up and has all that it should have."""
    try:
        found = postmaster.read(directory)
        complete = files.provisioned(directory) == PROVISIONING
    except PermissionError as error:
        raise forbidden(directory, error) from error
    return found if found and complete and found.answers else None


def _running(directory: Path) -> Postmaster | None:
    try:
        return postmaster.running(directory)
    except PermissionError as error:
        raise forbidden(directory, error) from error


def _major_of(directory: Path) -> int | None:
    try:
        return files.major_of(directory)
    except PermissionError as error:
        raise forbidden(directory, error) from error


def _wait_until_it_answers(found: Postmaster, directory: Path, tell: Tell) -> Postmaster | None:
    """A server that someone else is just starting or stopping; None when it went away, or had to be stopped.

    A server whose socket was cleared away (a session's runtime folder goes when its user signs out) can't be reached
    by anybody any more: it is stopped, to be started with a new one.
    """
    began = time.monotonic()
    told = False
    latest: Postmaster | None = found
    while latest and not latest.answers:
        waited = time.monotonic() - began
        if latest.ready and not latest.socket.exists():
            _stop(latest, directory)
            return None
        if waited > START_TIMEOUT_S:
            raise ClusterStartFailed(reason=f"no answer within {START_TIMEOUT_S} s", log=directory / "log")
        if waited > SAY_SO_AFTER_S and not told:
            told = True
            tell(_STARTING)
        time.sleep(_POLL_S)
        latest = postmaster.running(directory)
    return latest


_WAITING = Notice(
    zh="另一个进程正在启动数据库，等待中……",
    en="another process is starting the database; waiting…",
)
_STARTING = Notice(
    zh="数据库正在启动（上次没有正常停止时需要先恢复）……",
    en="the database is starting (after a crash it recovers first)…",
)


def _urls(directory: Path, found: Postmaster, *, started: bool) -> ClusterUrls:
    host = quote(os.fsencode(found.socket_folder), safe="")

    def url(role: str, database: str) -> str:
        return f"{SYNC_DRIVER}://{role}@/{database}?host={host}&port={postmaster.PORT}"

    return ClusterUrls(
        owner_url=url(OWNER, DATABASE),
        app_url=url(APP, DATABASE),
        superuser_url=url(SUPERUSER, DATABASE),
        started=started,
        directory=directory,
    )


# Making it.


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise forbidden(folder, error) from error
    except OSError as error:
        if error.strerror == _NO_SPACE:
            raise _disk_full(folder) from error
        raise


def _say_where(directory: Path, data_path: Path, tell: Tell) -> None:
    if directory.parent != data_path:
        tell(
            Notice(
                zh=f"数据库用户进不了 {data_path}，数据库文件放在 {directory}",
                en=f"the database's user can't enter {data_path}: its files lie in {directory}",
            )
        )


def _initialise(directory: Path, server: Installation, user: OsUser, *, durability: bool, tell: Tell) -> None:
    """Make the data directory under another name, and give it its own when it is whole."""
    _make_folder(directory.parent)
    free_mb = shutil.disk_usage(directory.parent).free // tuning.MB
    if free_mb < NEEDED_MB:
        raise _disk_full(directory)
    tell(
        Notice(
            zh=f"正在 {directory} 建立数据库（PostgreSQL {server.major}）……",
            en=f"making the database in {directory} (PostgreSQL {server.major})…",
        )
    )
    for left_over in directory.parent.glob(f"{_UNFINISHED}*"):
        _clear_away(left_over)
    new: Path | None = None
    try:
        new = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=directory.parent))
        give(new, user)
        _initdb(new, directory, server, user, durability=durability)
        files.mark_as_ours(new, user)
        new.replace(directory)
    except OSError as error:
        if error.strerror == _NO_SPACE:
            raise _disk_full(directory) from error
        raise forbidden(directory, error, user) from error
    finally:
        if new is not None:
            _clear_away(new)


def _clear_away(folder: Path) -> None:
    """Remove an unfinished data directory, from under an `initdb` that outlived its killed starter if need be."""
    for _ in range(round(5 / _POLL_S)):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(_POLL_S)


def _initdb(new: Path, directory: Path, server: Installation, user: OsUser, *, durability: bool) -> None:
    finished = run(
        [
            server.program("initdb"),
            f"--pgdata={new}",
            f"--username={SUPERUSER}",
            "--auth=peer",
            "--encoding=UTF8",
            "--locale=C",
            "--lc-ctype=C.UTF-8",
            "--data-checksums",
            "--no-instructions",
            *([] if durability else ["--no-sync"]),
        ],
        user,
    )
    if finished.code == 0:
        return
    if _NO_SPACE in finished.output:
        raise _disk_full(directory)
    raise ClusterInitFailed(directory=directory, reason=_last_lines(finished.output))


def _provision(urls: ClusterUrls, user: OsUser) -> None:
    """Make what is missing inside, and look whether what is there will do."""
    try:
        if files.provisioned(urls.directory) != PROVISIONING:
            provision(urls.superuser_url.replace(f"/{DATABASE}?", f"/{SUPERUSER}?"))
            files.write_provisioned(urls.directory, PROVISIONING, user)
        elif urls.started:
            with connected(urls.superuser_url) as connection:
                check_database(connection)
    except psycopg2.errors.DiskFull as error:
        raise _disk_full(urls.directory) from error
    except psycopg2.OperationalError as error:
        if _NO_SPACE in str(error):
            raise _disk_full(urls.directory) from error
        raise ClusterStartFailed(reason=str(error).strip(), log=urls.directory / "log") from error


# Starting and stopping it.


def _start(directory: Path, server: Installation, user: OsUser, *, durability: bool, tell: Tell) -> Postmaster:
    socket_folder = sockets.choose(directory, user)
    settings = dict(tuning.settings(tuning.this_machine(directory), durability=durability))
    settings["unix_socket_directories"] = f'"{socket_folder}"'
    try:
        files.write_settings(directory, settings, user)
        files.write_access(directory, user)
        log = files.fresh_startup_log(directory, user)
        postmaster.disown_stale_pid(directory)
        postmaster.remove_stale_socket(socket_folder)
    except OSError as error:
        if error.strerror == _NO_SPACE:
            raise _disk_full(directory) from error
        raise forbidden(directory, error, user) from error
    give_up = time.monotonic() + ORPHANS_TIMEOUT_S
    while True:
        before = _log_sizes(directory)
        finished = _pg_ctl_start(directory, server, user, log, tell)
        found = postmaster.running(directory)
        if finished.code == 0 and found:
            return found
        said = _said(directory, before, finished)
        if _STILL_HELD not in said or time.monotonic() > give_up:
            raise _start_error(directory, said)
        _end_orphans(directory)


def _pg_ctl_start(directory: Path, server: Installation, user: OsUser, log: Path, tell: Tell) -> Finished:
    command: list[str | Path] = [server.program("pg_ctl"), "start", "--wait", f"--timeout={START_TIMEOUT_S}"]
    command += [f"--pgdata={directory}", f"--log={log}"]
    return run(command, user, patience=Patience(SAY_SO_AFTER_S, lambda: tell(_STARTING)))


def _end_orphans(directory: Path) -> None:
    """Ask a killed server's processes to go, as it would have asked them itself."""
    for pid in postmaster.orphans(directory):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGQUIT)
    time.sleep(10 * _POLL_S)


def _start_error(directory: Path, said: str) -> Exception:
    if _NO_SPACE in said:
        return _disk_full(directory)
    if _STILL_HELD in said:
        pids = ", ".join(map(str, postmaster.orphans(directory))) or "?"
        return ClusterOrphans(directory=directory, pids=pids)
    return ClusterStartFailed(reason=_last_lines(said), log=directory / "log")


def _log_sizes(directory: Path) -> dict[Path, int]:
    return {path: path.stat().st_size for path in (directory / "log").glob("*.log")}


def _said(directory: Path, before: Mapping[Path, int], finished: Finished) -> str:
    """What the server said while it failed, before its log collector ran and after.

    Parameters
    ----------
    directory
        The data directory.
    before
        The logs with their sizes before the start: what stands there is old, unless the file shrank meanwhile.
    finished
        What `pg_ctl` said.
    """
    texts = [finished.output]
    for path, size in _log_sizes(directory).items():
        skipped = before.get(path, 0)
        with path.open("rb") as log:
            log.seek(skipped if size >= skipped else 0)
            texts.append(log.read().decode(errors="replace"))
    return "\n".join(texts)


_SAID_ANYWAY = (
    "waiting for server",
    "could not start server",
    "Examine the log",
    "log output",
    "shut down",
    "starting PostgreSQL",
)


def _last_lines(said: str, *, most: int = 3) -> str:
    """The last lines that say something about the cause, without the server's time stamps."""
    lines = [re.sub(r"^\S+ \S+ UTC \[\d+\] ", "", line).strip() for line in said.splitlines()]
    return " / ".join([line for line in lines if line and not any(words in line for words in _SAID_ANYWAY)][-most:])


def _stop(found: Postmaster, directory: Path) -> None:
    """A fast stop: clients are sent away, open transactions rolled back, the buffers written."""
    try:
        os.kill(found.pid, signal.SIGINT)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise forbidden(directory, error) from error
    give_up = time.monotonic() + STOP_TIMEOUT_S
    while postmaster.is_server_of(found.pid, directory):
        if time.monotonic() > give_up:
            raise ClusterStopFailed(pid=found.pid, waited_s=STOP_TIMEOUT_S, log=directory / "log")
        time.sleep(_POLL_S)


# What all of them need.


@contextlib.contextmanager
def _lock(data_path: Path, tell: Tell) -> Iterator[None]:
    """Let one process at a time make, start or stop the cluster; the kernel lets go when the holder dies."""
    file = data_path / "postgres.lock"
    try:
        # Reading is enough to lock, so that another user's file will do.
        handle = os.open(file, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except PermissionError as error:
        raise forbidden(file, error) from error
    except OSError as error:
        if error.strerror == _NO_SPACE:
            raise _disk_full(data_path) from error
        raise
    try:
        _wait_for_lock(handle, file, tell)
        yield
    finally:
        os.close(handle)


def _wait_for_lock(handle: int, file: Path, tell: Tell) -> None:
    began = time.monotonic()
    told = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = time.monotonic() - began
            if waited > LOCK_TIMEOUT_S:
                raise ClusterBusy(waited_s=LOCK_TIMEOUT_S, lock=file) from None
            if waited > SAY_SO_AFTER_S and not told:
                told = True
                tell(_WAITING)
            time.sleep(_POLL_S)
        else:
            return


def _nearest_existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _disk_full(path: Path) -> ClusterDiskFull:
    free = shutil.disk_usage(_nearest_existing(path)).free
    return ClusterDiskFull(path=path, free_mb=free // tuning.MB, needed_mb=NEEDED_MB)
