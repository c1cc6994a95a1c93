"""The system user that owns the cluster: the caller, or an unprivileged one when the caller is root.

PostgreSQL refuses to run as root. Instead of sudo, which bare machines and containers lack, a child process changes
its own ids before it becomes `initdb` or the server.
"""

import contextlib
import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo_registry.errors import ClusterForbidden, ClusterUserMissing

ROOT_UID = 0
UNPRIVILEGED = ("postgres", "nobody")
"""Who runs a cluster that root makes: the packages' own user, or, with a server installed by hand, anyone harmless."""


@dataclass(frozen=True)
class OsUser:
    """A system user as the kernel needs it: numbers for the ids, the name for PostgreSQL's peer map."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]

    @property
    def is_caller(self) -> bool:
        """Whether this process already runs as this user."""
        return self.uid == os.geteuid()


@dataclass(frozen=True)
class Finished:
    """What a program said, both its streams as one text, and its exit code."""

    output: str
    code: int


@dataclass(frozen=True)
class Patience:
    """Whom to tell, once, when a program takes longer than `seconds`."""

    seconds: float
    lost: Callable[[], None]


def user_of(uid: int) -> OsUser:
    """The user with this number.

    Raises
    ------
    ClusterUserMissing
        The number has no name on this system: neither initdb nor peer authentication work without one.
    """
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise ClusterUserMissing(reason=f"uid {uid}") from None
    return _from_entry(entry)


def caller() -> OsUser:
    """The user that this process runs as."""
    return user_of(os.geteuid())


def cluster_user(directory: Path) -> OsUser:
    """Who runs the cluster of `directory`: its owner if it exists, else the caller, or a stand-in for root.

    Raises
    ------
    ClusterUserMissing
        The caller is root and there is no unprivileged user, or the directory belongs to root.
    """
    if os.geteuid() != ROOT_UID:
        return caller()
    try:
        owner = directory.stat().st_uid
    except FileNotFoundError:
        return _stand_in_for_root()
    return _stand_in_for_root() if owner == ROOT_UID else user_of(owner)


def _stand_in_for_root() -> OsUser:
    for name in UNPRIVILEGED:
        try:
            return _from_entry(pwd.getpwnam(name))
        except KeyError:
            continue
    raise ClusterUserMissing(reason=", ".join(UNPRIVILEGED))


def _from_entry(entry: pwd.struct_passwd) -> OsUser:
    groups = tuple(os.getgrouplist(entry.pw_name, entry.pw_gid))
    return OsUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, groups=groups)


def name_of(uid: int) -> str:
    """The name of a user for a message; the number when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def run(command: Sequence[str | Path], user: OsUser | None = None, *, patience: Patience | None = None) -> Finished:
    """Run a program, in a session of its own, and wait for it.

    The session keeps the terminal's Ctrl-C from it; the environment is bare, since a caller's ``PGDATA``, ``PGHOST``
    or ``LC_ALL`` would lead it elsewhere; it starts in ``/``, which everyone can enter. When this process is
    interrupted meanwhile, the program and its children are killed.

    Parameters
    ----------
    command
        The program, by its path, and its arguments.
    user
        Who runs it, the caller when left out; another user only when the caller is root.
    patience
        Told once when the program takes long.

    Raises
    ------
    ClusterUserMissing
        The kernel doesn't let this process become that user (a container with a single uid).
    """
    become = None if user is None or user.is_caller else user
    try:
        process = subprocess.Popen(  # noqa: S603  # a list of our own programs and paths, and no shell
            [os.fspath(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": os.defpath + ":/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/"},
            start_new_session=True,
            user=become.uid if become else None,
            group=become.gid if become else None,
            extra_groups=become.groups if become else None,
            encoding="utf-8",
            errors="replace",
        )
    except PermissionError as error:
        if become is None:
            raise
        raise ClusterUserMissing(reason=f"{become.name}: {error.strerror}") from error
    with process:
        try:
            return Finished(output=_wait(process, patience), code=process.returncode)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise


def _wait(process: subprocess.Popen[str], patience: Patience | None) -> str:
    if patience is not None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=patience.seconds)[0]
        patience.lost()
    return process.communicate()[0]


def can_enter(user: OsUser, folder: Path) -> bool:
    """Whether `user` can reach what lies in `folder`, an existing one: every folder above it counts, and so do ACLs."""
    return user.is_caller or run(["/usr/bin/test", "-x", folder], user).code == 0


def give(path: Path, user: OsUser) -> None:
    """Hand a file or folder of ours over to `user`.

    Raises
    ------
    ClusterForbidden
        The file system doesn't know owners.
    """
    if user.is_caller:
        return
    try:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)
    except PermissionError as error:
        raise forbidden(path, error, user) from error


def forbidden(path: Path, error: OSError, user: OsUser | None = None) -> ClusterForbidden:
    """The error for a `path` that `user`, or the caller, may not use."""
    nearest = path
    while not os.access(nearest.parent, os.X_OK, effective_ids=True) or not nearest.exists():
        nearest = nearest.parent
    return ClusterForbidden(
        path=path,
        user=user.name if user else name_of(os.geteuid()),
        owner=name_of(nearest.stat().st_uid),
        reason=error.strerror,
    )
