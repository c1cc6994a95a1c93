"""What the product writes into a data directory: settings, who may connect, and a mark that it is ours."""

import os
from collections.abc import Mapping
from pathlib import Path

from geo_registry.db.cluster.os_user import OsUser, give
from geo_registry.errors import ClusterForeign

SETTINGS = "geo_registry.conf"
"""Written again at each start, so a change of ours takes effect; its presence marks the directory as ours."""
LOCAL_SETTINGS = "local.conf"
"""The operator's own settings, never written by us; what stands there wins."""
PROVISIONED = "geo_registry.provisioned"
"""Says which provisioning the cluster last completed."""
STARTUP_LOG = "log/startup.log"
"""What the server says before its log collector runs."""
ROLES = ("postgres", "geo_owner", "geo_app")
"""The roles that connect over the socket; the first one is the superuser that initdb made."""
_MAP = "geo_registry"
_HEAD = "# Written by geo-registry at each start: changes here are lost.\n"


def major_of(directory: Path) -> int | None:
    """The major version that made this data directory; None where there is none yet.

    Raises
    ------
    ClusterForeign
        The folder holds something else, or a data directory that this product didn't make.
    """
    try:
        names = sorted(os.listdir(directory))  # noqa: PTH208  # one call that says whether, and what
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise ClusterForeign(directory=directory, found=directory.name) from None
    if not names:
        return None
    if SETTINGS not in names or "PG_VERSION" not in names:
        few = 5
        raise ClusterForeign(directory=directory, found=", ".join(names[:few]) + ("…" if len(names) > few else ""))
    return int((directory / "PG_VERSION").read_text())


def write_settings(directory: Path, settings: Mapping[str, str], user: OsUser) -> None:
    """Write the settings file; `postgresql.conf` includes it from `mark_as_ours` on."""
    lines = [f"{name} = {_quoted(value)}" for name, value in settings.items()]
    _write(directory / SETTINGS, _HEAD + "\n".join(lines) + "\n", user)


def write_access(directory: Path, user: OsUser) -> None:
    """Write who may connect: over the socket only, as the system users who may read the data anyway."""
    lines = [f"local all {','.join(ROLES)} peer map={_MAP}"]
    # Replication connections (pg_basebackup) don't count as "all" databases.
    lines.append(f"local replication {ROLES[0]} peer map={_MAP}")
    _write(directory / "pg_hba.conf", _HEAD + "\n".join(lines) + "\n", user)
    maps = [f'{_MAP} "{name}" {role}' for name in dict.fromkeys((user.name, "root")) for role in ROLES]
    _write(directory / "pg_ident.conf", _HEAD + "\n".join(maps) + "\n", user)


def mark_as_ours(directory: Path, user: OsUser) -> None:
    """Make a fresh data directory read our settings, and the operator's after them."""
    with (directory / "postgresql.conf").open("a", encoding="utf-8") as handle:
        handle.write(f"\ninclude '{SETTINGS}'\ninclude_if_exists '{LOCAL_SETTINGS}'\n")
    _write(directory / SETTINGS, _HEAD, user)
    log = directory / "log"
    log.mkdir(0o700)
    give(log, user)


def fresh_startup_log(directory: Path, user: OsUser) -> Path:
    """An empty file for what the next start says."""
    log = directory / STARTUP_LOG
    if not log.parent.is_dir():
        log.parent.mkdir(0o700)
        give(log.parent, user)
    _write(log, "", user)
    return log


def provisioned(directory: Path) -> str:
    """The provisioning that this cluster completed; empty for none."""
    try:
        return (directory / PROVISIONED).read_text()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def write_provisioned(directory: Path, version: str, user: OsUser) -> None:
    """Note that provisioning `version` is complete."""
    _write(directory / PROVISIONED, version, user)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _write(path: Path, text: str, user: OsUser) -> None:
    """Replace a file at once, readable by `user` alone.

    Root writes into a folder that belongs to another user: the new name must not exist, so that a link laid there
    can't lead the write elsewhere.
    """
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        give(new, user)
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    new.replace(path)
