"""Where the server's socket lies: beside the data, or, where that path is too long, in a short private folder."""

import contextlib
import hashlib
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

from geo_registry.db.cluster.os_user import OsUser, give
from geo_registry.db.cluster.postmaster import socket_in
from geo_registry.errors import ClusterForbidden, ClusterSocketPath

MAX_SOCKET_BYTES = 107
"""What `sockaddr_un.sun_path` holds besides its final zero."""
_PRIVATE = 0o700
_READ_OTHERWISE = b',"\n'
_SHORT = Path("/tmp")  # noqa: S108  # the folder made in it is checked to be ours alone


def fingerprint(path: Path) -> str:
    """A short name for a path, the same whenever it is asked."""
    return hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:12]


def choose(directory: Path, user: OsUser, *, short: Path = _SHORT) -> Path:
    """A folder, owned by `user` and closed to others, that a socket can be bound in.

    Parameters
    ----------
    directory
        The data directory; the first choice lies beside it.
    user
        Who runs the server.
    short
        Where the last choice is made.

    Raises
    ------
    ClusterSocketPath
        Every choice is too long, belongs to someone else, or lies on a file system without sockets.
    """
    tried = []
    for parts in _candidates(directory, user, short):
        reason = _unfit(parts, user)
        if reason is None:
            return parts[-1]
        tried.append(f"{parts[-1]}: {reason}")
    raise ClusterSocketPath(tried="; ".join(tried))


def discard(directory: Path, user: OsUser) -> None:
    """Remove the folders that were made for this cluster's sockets, as far as they are empty."""
    for parts in _candidates(directory, user, _SHORT):
        with contextlib.suppress(OSError):
            for part in reversed(parts):
                part.rmdir()


def _candidates(directory: Path, user: OsUser, short: Path) -> Iterator[tuple[Path, ...]]:
    """Folders in the order of preference, each with those above it that are ours to make."""
    yield (directory.parent / "socket",)
    name = fingerprint(directory)
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and user.is_caller:
        ours = Path(runtime) / "geo-registry"
        yield ours, ours / name
    ours = short / f"geo-registry-{user.uid}"
    yield ours, ours / name


def _unfit(parts: tuple[Path, ...], user: OsUser) -> str | None:
    """Make the folders; why the last can't hold the socket, or None when it can."""
    path = os.fsencode(socket_in(parts[-1]))
    if len(path) > MAX_SOCKET_BYTES:
        return f"{len(path)} bytes"
    if any(letter in path for letter in _READ_OTHERWISE):
        return "a comma, quote or line break separates folders for libpq and the server"
    try:
        for part in parts:
            if not _is_private(part, user):
                return "belongs to someone else"
        _try_binding(parts[-1])
    except OSError as error:
        return error.strerror or str(error)
    except ClusterForbidden as error:
        return str(error.details["reason"])
    return None


def _is_private(folder: Path, user: OsUser) -> bool:
    """Make the folder for `user` alone; False when someone else was there first, as anyone may be in /tmp."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(_PRIVATE)
        give(folder, user)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user.uid:
        return False
    if stat.S_IMODE(found.st_mode) != _PRIVATE:
        folder.chmod(_PRIVATE)
    return True


def _try_binding(folder: Path) -> None:
    """Some mounted folders (shared with a host, on network drives) take files but no sockets."""
    probe = folder / f".s{os.getpid()}"
    probe.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(os.fspath(probe))
    probe.unlink()
